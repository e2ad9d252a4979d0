"""The requirement matrix tells the truth: every requirement is in it, and every test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.house.source import ROOT

MATRIX = ROOT / "docs" / "requirements.md"
ASKED = (*(f"R-0024-{number}" for number in range(1, 35)), *(f"R-TABASC-{number}" for number in range(1, 7)))
FACTS = ROOT.parent / "shared" / "domain.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def rows() -> dict[str, tuple[str, str]]:
    """By requirement, what proves it and what is missing."""
    found = {}
    for line in MATRIX.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| R-"):
            assert cells[0] not in found, f"{cells[0]} stands there twice."
            found[cells[0]] = (cells[2], cells[3])
    return found


@cache
def names_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_requirement_has_a_row():
    assert list(rows()) == list(ASKED)


def test_the_list_of_requirements_is_the_one_that_is_agreed():
    """Only where the agreed facts lie beside the project; the list above stands for them elsewhere."""
    if FACTS.is_file():
        agreed = re.findall(
            r"^\| (R-(?:0024|TABASC)-\d+) \|", FACTS.read_text(encoding="utf-8"), re.MULTILINE
        )
        assert sorted(agreed) == sorted(ASKED)


def test_every_test_that_is_named_exists():
    named = [(path, name) for proven, _ in rows().values() for path, name in TEST.findall(proven)]
    assert named
    lost = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or name not in names_in(ROOT / path)
    ]
    assert lost == []


def test_every_requirement_is_proven_or_says_what_is_missing():
    silent = [asked for asked, (proven, missing) in rows().items() if not TEST.search(proven) and not missing]
    assert silent == []
    loose = [asked for asked, (proven, _) in rows().items() if TEST.sub("", proven).strip(" ,")]
    assert loose == [], "What proves a requirement is named as `path::test`, and nothing else stands there."
