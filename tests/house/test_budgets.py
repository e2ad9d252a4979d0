"""Small enough to read: budgets of size and shape. A budget is raised only with a decision record."""

import ast
import statistics

import pytest

from tests.house.source import PACKAGE, ROOT, Function, functions, modules, report

MODULE_LINES = 400
FUNCTION_LINES = 60
FUNCTION_LINES_P90 = 35
PARAMETERS = 6
TEMPLATE_LINES = 150
POSITIONALS = 1
FRAMEWORK_SHAPED = {"to_python", "get_prep_value", "db_type", "from_db_value", "format", "emit"}
"""Methods whose parameters a framework decides."""
READ_AS_A_PHRASE = {
    "domain/calendar.py moment",  # moment(day, EVENING)
    "domain/calendar.py add_working_days",  # add_working_days(day, 10, ...)
    "domain/machine.py may",  # may(state, event): the table's two columns
    "domain/machine.py next",
    "domain/people.py require",  # require(actor, Act.STOP)
    "domain/tranches.py share_out",  # share_out(total, limits)
    "store/models/checks.py one_of",  # one_of("chunk", "state", ChunkState)
}
"""The few that are clearer unnamed; each was decided on its own."""


def test_no_module_is_longer_than_its_budget():
    counted = {path: path.read_text(encoding="utf-8").count("\n") for path in modules()}
    assert counted
    long = [f"{path.relative_to(ROOT)}: {lines}" for path, lines in counted.items() if lines > MODULE_LINES]
    assert long == [], report(long)


def test_no_function_is_longer_than_its_budget():
    long = [f"{f.where}: {f.lines} lines" for f in functions() if f.lines > FUNCTION_LINES]
    assert long == [], report(long)


def test_nine_functions_in_ten_are_short():
    sizes = [function.lines for function in functions()]
    assert statistics.quantiles(sizes, n=10)[-1] <= FUNCTION_LINES_P90


def test_no_function_takes_more_than_six_parameters():
    crowded = [
        f"{function.where}: {len(_parameters(function))} parameters"
        for function in functions()
        if len(_parameters(function)) > PARAMETERS
        and not function.decorators & {"option", "argument"}  # a command has the options people need
    ]
    assert crowded == [], report(crowded)


@pytest.mark.parametrize("floor", ["domain", "services", "store"])
def test_public_functions_name_their_arguments_at_the_call(floor):
    loose = {_key(function): function.where for function in _with_several_positionals(floor)}
    undecided = [where for key, where in loose.items() if key not in READ_AS_A_PHRASE]
    assert undecided == [], report(undecided)


def test_every_exception_to_naming_arguments_is_still_needed():
    used = {_key(function) for function in _with_several_positionals("domain", "services", "store")}
    assert READ_AS_A_PHRASE - used == set()


def test_no_template_is_longer_than_its_budget():
    templates = sorted(PACKAGE.rglob("*.html"))
    print(f"{len(templates)} templates")
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in templates
        if (lines := path.read_text(encoding="utf-8").count("\n")) > TEMPLATE_LINES
    ]
    assert long == [], report(long)


def _parameters(function: Function) -> list[ast.arg]:
    arguments = function.node.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [argument for argument in listed if argument.arg not in {"self", "cls"}]


def _may_stand_unnamed(function: Function) -> list[ast.arg]:
    # Positional-only parameters say by their slash that standing unnamed is what they are for.
    return [argument for argument in function.node.args.args if argument.arg not in {"self", "cls"}]


def _with_several_positionals(*floors: str) -> list[Function]:
    return [
        function
        for function in functions(*floors)
        if function.is_public
        and function.name not in FRAMEWORK_SHAPED
        and len(_may_stand_unnamed(function)) > POSITIONALS
    ]


def _key(function: Function) -> str:
    return f"{function.module.relative_to(PACKAGE)} {function.name}"
