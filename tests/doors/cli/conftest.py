"""The command line as a user has it: a process of its own, on the database of the test."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import safelaunch

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
