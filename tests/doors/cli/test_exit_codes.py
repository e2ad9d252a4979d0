"""The exit codes programs go by (design 8.4): each with its sentence on standard error and nothing on standard output."""

import os
import subprocess

import pytest

from safelaunch.config.command import COMMANDS
from tests.doors.cli.conftest import COMMAND, environment


def run(*arguments, **settings):
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**environment(), **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


NOBODY_LISTENS = "postgresql://postgres@127.0.0.1:1/safelaunch"


@pytest.mark.parametrize("arguments", [("campaign", "list"), ("worker",)])
def test_a_database_that_does_not_answer_is_3(arguments):
    answer = run(*arguments, SAFELAUNCH_DATABASE_URL=NOBODY_LISTENS)
    assert (answer.returncode, answer.stdout) == (3, "")
    assert "The database does not answer" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SAFELAUNCH_DATABASE_URL": "mysql://localhost/x"}, "is not a PostgreSQL address"),
        ({"SAFELAUNCH_SECRET_KEY": "short"}, "too short"),
        ({"SAFELAUNCH_CLOCK": "sundial"}, "SAFELAUNCH_CLOCK"),
    ],
)
def test_a_setting_that_cannot_be_read_is_2(settings, sentence):
    answer = run("doctor", **settings)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert sentence in answer.stderr


@pytest.mark.parametrize("arguments", [("fly",), ("campaign", "stop"), ("demo", "--data")])
def test_what_is_no_command_is_2(arguments):
    answer = run(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Error: " in answer.stderr


def test_help_is_0_and_needs_no_database():
    answer = run("--help", SAFELAUNCH_DATABASE_URL=NOBODY_LISTENS)
    assert answer.returncode == os.EX_OK
    assert all(name in answer.stdout for name in COMMANDS)
