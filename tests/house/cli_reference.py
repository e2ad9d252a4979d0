"""The page of commands, from the commands themselves: `python -m tests.house.cli_reference` writes it."""

import importlib
import importlib.util
import os
from collections.abc import Iterator

import click
import django

from tests.house.source import ROOT

PAGE = ROOT / "docs" / "cli.md"
HEAD = """\
# Commands

Written from the commands by `make docs`; a house test fails when this page is out of date.

Exit codes: 0 done, 1 refused (the reason is on standard error), 2 usage, 3 unreachable, 4 verification failed.
"""


def find_command() -> click.Group | None:
    """The `safelaunch` command, or None while there is none."""
    if importlib.util.find_spec("safelaunch.config.command") is None:
        return None
    table = importlib.import_module("safelaunch.config.command").COMMANDS
    built: click.Group = importlib.import_module("safelaunch.interfaces.cli.main").group(table)
    return built


def top(command: click.Group) -> click.Context:
    """The context in which help is written: the same width everywhere."""
    return click.Context(command, info_name="safelaunch", terminal_width=100, **command.context_settings)


def walk(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """A command and all below it, in their own order; what has no module yet is left out."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = _load(command, context, name)
            if below is not None and not below.hidden:
                yield from walk(
                    below, click.Context(below, info_name=name, parent=context, terminal_width=100)
                )


def waiting(command: click.Group) -> list[str]:
    """Commands that are announced and have no module yet."""
    return [
        name for name in command.list_commands(top(command)) if _load(command, top(command), name) is None
    ]


def _load(command: click.Group, context: click.Context, name: str) -> click.Command | None:
    try:
        return command.get_command(context, name)
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("safelaunch."):
            raise
        return None


def page(command: click.Group) -> str:
    """The whole page."""
    parts = [HEAD]
    for each, context in walk(command, top(command)):
        parts.append(f"\n## {context.command_path}\n\n```text\n{each.get_help(context).strip()}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelaunch.config.settings")
    django.setup()
    found = find_command()
    if found is None:
        print("There is no safelaunch command yet; docs/cli.md was not written.")
    else:
        PAGE.write_text(page(found), encoding="utf-8")
        print(f"Wrote {PAGE.relative_to(ROOT)}.")
