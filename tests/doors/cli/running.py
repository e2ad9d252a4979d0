"""The command line in this process: what it answers, and what it writes where."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from safelaunch.config.command import COMMANDS
from safelaunch.interfaces.cli.main import run


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """Runs commands as somebody, and gives what each printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Answer:
        self._capsys.readouterr()
        code = run(list(arguments), table=COMMANDS)
        written = self._capsys.readouterr()
        return Answer(code, written.out, written.err)
