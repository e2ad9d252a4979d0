"""The page of commands, from the commands themselves: `python -m tests.house.cli_reference` writes it."""

import importlib
import importlib.util
from collections.abc import Iterator

import click

from tests.house.source import ROOT

PAGE = ROOT / "docs" / "cli.md"
PLACES = ("safelaunch.config.command", "safelaunch.interfaces.cli.commands", "safelaunch.interfaces.cli")
HEAD = """\
# Commands

Written from the commands by `make docs`; a house test fails when this page is out of date.

Exit codes: 0 done, 1 refused (the reason is on standard error), 2 usage, 3 unreachable, 4 verification failed.
"""


def find_command() -> click.Command | None:
    """The `safelaunch` command, or None while there is none."""
    for place in PLACES:
        if importlib.util.find_spec(place) is None:
            continue
        module = importlib.import_module(place)
        groups = [value for value in vars(module).values() if isinstance(value, click.Group)]
        named = [group for group in groups if group.name in {"safelaunch", "main", "cli"}]
        if named or len(groups) == 1:
            return (named or groups)[0]
    return None


def walk(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """A command and all below it, in the order of their names."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from walk(
                    below, click.Context(below, info_name=name, parent=context, terminal_width=100)
                )


def page(command: click.Command) -> str:
    """The whole page."""
    parts = [HEAD]
    for each, context in walk(command, click.Context(command, info_name="safelaunch", terminal_width=100)):
        parts.append(f"\n## {context.command_path}\n\n```text\n{each.get_help(context).strip()}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    found = find_command()
    if found is None:
        print("There is no safelaunch command yet; docs/cli.md was not written.")
    else:
        PAGE.write_text(page(found), encoding="utf-8")
        print(f"Wrote {PAGE.relative_to(ROOT)}.")
