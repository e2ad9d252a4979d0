"""Every door has an answer for every refusal: one table in `interfaces/<door>/errors.py`, `..._OF`.

A door's table may name a family once for all its members; the test asks what `answer` a member would get, and that
each table says something of the three families and never names what is not a problem.
"""

import importlib
import pkgutil

import pytest

import safelaunch
from safelaunch.domain.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Unreachable,
    Unreadable,
)
from tests.house.source import PACKAGE

DOORS = sorted(path.parent.name for path in (PACKAGE / "interfaces").glob("*/errors.py"))
FAMILIES = (Refused, Unreadable, Unreachable)
SPOKEN_TO_PEOPLE = (NotFound, Invalid, Conflict, Forbidden)


def every_problem() -> set[type[Problem]]:
    """Every class of problem in the package."""
    for entry in pkgutil.walk_packages(safelaunch.__path__, "safelaunch."):
        if ".migrations" not in entry.name and not entry.name.startswith("safelaunch.config"):
            importlib.import_module(entry.name)
    found, waiting = set(), [Problem]
    while waiting:
        kind = waiting.pop()
        found.add(kind)
        waiting += kind.__subclasses__()
    return {kind for kind in found if kind.__module__.startswith("safelaunch.")}


def table_of(door):
    """The one table of a door: HTTP statuses, exit codes, or tries of a job."""
    module = importlib.import_module(f"safelaunch.interfaces.{door}.errors")
    (table,) = [
        value for name, value in vars(module).items() if name.endswith("_OF") and isinstance(value, dict)
    ]
    return table


def test_the_doors_with_a_table_are_counted():
    print(f"doors with a table: {', '.join(DOORS) or 'none yet'}; {len(every_problem())} kinds of problem")
    for door in DOORS:
        assert table_of(door), door


@pytest.mark.parametrize("door", DOORS)
def test_a_door_answers_every_problem_there_is(door):
    table = table_of(door)
    unanswered = [
        kind.__qualname__
        for kind in every_problem() - {Problem}
        if not any(base in table for base in kind.__mro__ if base is not Problem)
    ]
    assert unanswered == [], f"{door} has no answer for {', '.join(sorted(unanswered))}"


@pytest.mark.parametrize("door", DOORS)
def test_a_doors_table_holds_problems_and_whole_numbers_only(door):
    table = table_of(door)
    assert all(issubclass(kind, Problem) for kind in table)
    assert all(type(status) is int and status > 0 for status in table.values())
    assert any(family in table for family in FAMILIES)


def test_every_problem_belongs_to_a_family_and_says_what_it_is():
    lost = [kind.__qualname__ for kind in every_problem() - {Problem} if not issubclass(kind, FAMILIES)]
    mute = [kind.__qualname__ for kind in every_problem() if not (kind.__doc__ or "").strip()]
    assert lost == []
    assert mute == []


def test_a_refusal_that_people_see_says_which_kind_of_no_it_is():
    vague = {
        kind.__qualname__
        for kind in every_problem() - {Refused}
        if kind.__module__.startswith(("safelaunch.domain", "safelaunch.services", "safelaunch.store.reads"))
        and issubclass(kind, Refused)
        and not issubclass(kind, SPOKEN_TO_PEOPLE)
    }
    assert vague == set()
