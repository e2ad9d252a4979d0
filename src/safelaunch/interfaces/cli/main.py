"""The `safelaunch` command and how it reports problems."""

import sys
from importlib import import_module
from typing import Any

import click

from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.cli.errors import exit_code_of
from safelaunch.interfaces.cli.terminal import err

UNREACHABLE = 3
INTERRUPTED = 130

COMMANDS = {
    "demo": ("demo", "Run a whole campaign on a generated estate, to the end."),
    "up": ("up", "Start web, worker and simulated CSPs together."),
    "web": ("server", "Serve the portal and the CSPs' door."),
    "worker": ("server", "Run jobs."),
    "csp-simulator": ("server", "Run the three simulated CSP networks."),
    "migrate": ("server", "Bring the database to this release."),
    "doctor": ("server", "Show settings and check that everything answers."),
    "smi": ("smi", "Generate, import, export the inventory."),
    "cpl": ("cpl", "Import, remove, list Central Products List entries."),
    "campaign": ("campaign", "Create, publish, watch, stop and resume campaigns."),
    "user": ("user", "People and their one-time sign-in links."),
    "audit": ("audit", "Check the record."),
    "bench": ("bench", "Measure, as ratios to floors of the same run."),
}
"""Each command: the module that holds it, and its line of help."""


class _Commands(click.Group):
    """A group that loads a command's module only when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"safelaunch.interfaces.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="safelaunch")
def safelaunch() -> None:
    """Safe, evidence-gated firmware upgrades for Great Britain's smart metering estate."""


def main() -> None:
    """This function will run the command and end the process with the exit code of what happened."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """This function will run the command and give its exit code: 0 done, 1 refused, 2 usage, 3 unreachable, 4 not verified."""
    from django.db import OperationalError

    try:
        answer: Any = safelaunch.main(args=arguments, prog_name="safelaunch", standalone_mode=False)
    except click.exceptions.Abort:
        err.print("Interrupted.")
        return INTERRUPTED
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except Problem as problem:
        err.print(str(problem), style="red" if err.is_terminal else None, markup=False)
        return exit_code_of(problem)
    except OperationalError as error:
        err.print(f"The database does not answer: {error}".strip(), markup=False)
        return UNREACHABLE
    return answer if isinstance(answer, int) else 0
