"""The `safelaunch` command and how it reports problems."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.cli.errors import exit_code_of
from safelaunch.interfaces.cli.terminal import err

UNREACHABLE = 3
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: the module that holds it, its name there, and its line of help."""

    module: str
    name: str
    help: str


class _Commands(click.Group):
    """A group that loads a command's module only when the command is asked for."""

    def __init__(self, table: dict[str, Entry]) -> None:
        """This function will keep the table of commands."""
        super().__init__(
            "safelaunch",
            help="Safe, evidence-gated firmware upgrades for Great Britain's smart metering estate.",
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """This function will name the commands."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """This function will load a command, or give None when there is none of this name."""
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(import_module(entry.module), entry.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """This function will list the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self._table.items()])


def group(table: dict[str, Entry]) -> click.Group:
    """This function will build the `safelaunch` command from a table of commands."""
    command = _Commands(table)
    return click.version_option(package_name="safelaunch")(command)


def run(arguments: list[str], *, table: dict[str, Entry]) -> int:
    """This function will run the command and give its exit code: 0 done, 1 refused, 2 usage, 3 unreachable, 4 not verified."""
    from django.db import OperationalError

    try:
        answer: Any = group(table).main(args=arguments, prog_name="safelaunch", standalone_mode=False)
    except click.exceptions.Abort:
        err.print("Interrupted.")
        return INTERRUPTED
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except Problem as problem:
        err.print(str(problem), style="red" if err.is_terminal else None, markup=False, soft_wrap=True)
        return exit_code_of(problem)
    except OperationalError as error:
        from safelaunch.services import installation

        err.print(installation.explain_failure(error), markup=False, soft_wrap=True)
        return UNREACHABLE
    return answer if isinstance(answer, int) else 0
