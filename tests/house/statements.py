"""Every named statement of the store, and every call of one."""

import ast
import re
from dataclasses import dataclass

from tests.house.source import PACKAGE, ROOT, Function, functions

FOLDER = PACKAGE / "store" / "sql"
HEADER = re.compile(r"^-- (?P<name>[a-z0-9_]+) --$", re.MULTILINE)
RUNNERS = {"fetch_all", "fetch_one", "fetch_value", "execute", "copy_rows", "copy_octets", "copy_out"}


@dataclass(frozen=True)
class Statement:
    """A named statement; `line` is that of its header."""

    file: str
    name: str
    line: int
    text: str


@dataclass(frozen=True)
class Call:
    """A place that runs a statement by name."""

    statement: str | None
    function: str
    where: str
    is_own: bool


def find_statements() -> list[Statement]:
    """Every statement, in the order of its file."""
    found = []
    for path in sorted(FOLDER.glob("*.sql")):
        content = path.read_text(encoding="utf-8")
        headers = list(HEADER.finditer(content))
        ends = [header.start() for header in headers[1:]] + [len(content)]
        for header, end in zip(headers, ends, strict=True):
            line = content.count("\n", 0, header.start()) + 1
            text = content[header.end() : end].strip()
            found.append(Statement(str(path.relative_to(ROOT)), header["name"], line, text))
    return found


def find_calls() -> list[Call]:
    """Every call of `sql.<runner>(name, ...)` in the store; `statement` is None when the name is not written there."""
    found = []
    for function in functions("store"):
        if function.module.parent.name in {"reads", "writes"}:
            runs = [
                node
                for node in ast.walk(function.node)
                if isinstance(node, ast.Call) and _is_runner(node.func)
            ]
            names = [name for node in runs for name in _names(node, function)]
            found += [
                Call(name, function.name, function.where, _is_own(name, function, len(names)))
                for name in names
            ]
    return found


def _is_runner(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in RUNNERS
        and isinstance(node.value, ast.Name)
        and node.value.id == "sql"
    )


def _is_own(statement: str | None, function: Function, count: int) -> bool:
    """Whether the function bears the statement's name; one that runs several shares a word with each."""
    name = function.name.lstrip("_")
    if statement is None or count == 1:
        return statement == name
    return bool(set(statement.split("_")) & set(name.split("_")))


def _names(call: ast.Call, function: Function) -> list[str | None]:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return [first.value]
    if isinstance(first, ast.Name) and first.id in (looped := _looped(function)):
        return list(looped[first.id])
    return [None]


def _looped(function: Function) -> dict[str, list[str]]:
    """What a loop over words written out runs through: `for name in ("one", "two")`."""
    return {
        node.target.id: [word.value for word in node.iter.elts]
        for node in ast.walk(function.node)
        if isinstance(node, ast.For)
        and isinstance(node.target, ast.Name)
        and isinstance(node.iter, ast.Tuple)
        and all(isinstance(word, ast.Constant) and isinstance(word.value, str) for word in node.iter.elts)
    }
