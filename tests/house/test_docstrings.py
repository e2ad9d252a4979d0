"""Every public function says what it will do, and every module and class what it is."""

import ast

import pytest

from tests.house.source import ROOT, functions, modules, report, tree

PROMISE = "This function will"


@pytest.mark.parametrize("floor", ["domain", "planning", "wire", "services", "store", "gateways"])
def test_public_functions_begin_by_saying_what_they_will_do(floor):
    silent = [
        function.where
        for function in functions(floor)
        if function.is_public
        and not function.decorators & {"override", "overload", "setter"}
        and PROMISE not in (ast.get_docstring(function.node) or "").partition("\n")[0]
    ]
    assert silent == [], report(silent)


def test_every_module_says_what_it_is():
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
    ]
    assert silent == [], report(silent)


def test_every_public_class_says_what_it_is():
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules()
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == [], report(silent)


def test_rule_modules_open_with_more_than_a_title():
    bare = [
        str(path.relative_to(ROOT))
        for path in modules("domain")
        if sum(isinstance(node, ast.FunctionDef) for node in tree(path).body) > 2
        and "\n" not in (ast.get_docstring(tree(path)) or "")
    ]
    assert bare == [], report(bare)


def test_comments_never_excuse_a_linter_without_a_reason():
    marks = ("# type: " + "ignore", "# no" + "qa")
    bare = []
    for path in modules():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for mark in marks:
                # What follows the codes has to be words.
                after = line.partition(mark)[2].lstrip(":[]ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789, ")
                code = after.split("]")[-1] if mark.endswith("ignore") else after
                if mark in line and len(code.strip(" -#")) < 4:
                    bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert bare == [], report(bare)
