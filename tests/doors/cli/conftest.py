"""The command line as a user has it: a process of its own, or in this one, on the database of the test."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import safelaunch
from safelaunch.domain.people import Role
from safelaunch.interfaces.cli import terminal
from safelaunch.services import estates, people, timetable
from tests.doors.cli.duis_desk import Desk
from tests.doors.cli.running import Shell

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
COMMAND = [sys.executable, "-m", "safelaunch.config.command"]


def environment() -> dict[str, str]:
    source = str(Path(safelaunch.__file__).parents[1])
    return {**os.environ, "SAFELAUNCH_CLOCK": "wall", "PYTHONPATH": source, "COLUMNS": "200"}


@pytest.fixture
def run(database: None) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `safelaunch` with some arguments and give what it said and its exit code."""

    def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.delenv("SAFELAUNCH_PERSON", raising=False)
    # Both consoles are made when their module is read, before this test's streams exist.
    monkeypatch.setattr(terminal.out, "_file", None)
    monkeypatch.setattr(terminal.err, "_file", None)
    return Shell(capsys)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def monday(database: None) -> datetime:
    timetable.step_clock(to=MONDAY)
    return MONDAY


@pytest.fixture
def staffed(monday: datetime) -> datetime:
    for _ in estates.generate(hubs=600, seed=3, at=monday):
        pass
    people.create_person(name="Olivia", role=Role.OPERATOR, at=monday)
    people.create_person(name="Arthur", role=Role.APPROVER, at=monday)
    people.create_person(name="Sam", role=Role.SUPPLIER, party_name="Alder Energy", at=monday)
    return monday
