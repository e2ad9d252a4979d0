"""The floors hold: every import contract of `pyproject.toml` is kept (ADR 0001)."""

import tomllib

from importlinter.api import read_configuration
from importlinter.cli import lint_imports

from tests.house.source import FLOORS, PACKAGE, ROOT


def test_every_import_contract_is_kept(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "src"))
    outcome = lint_imports(no_cache=True)
    assert outcome == 0, capsys.readouterr().out


def test_the_contracts_speak_of_every_floor_there_is():
    floors = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert floors == set(FLOORS)
    contracts = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert {floor.strip() for layer in layers for floor in layer.split("|")} == floors


def test_no_contract_is_softened_by_an_exception():
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    softened = [contract["name"] for contract in contracts if "ignore_imports" in contract]
    assert softened == []
