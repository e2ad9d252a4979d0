"""Every command is documented, in its own help and on the page."""

import click
import pytest

from tests.house.cli_reference import PAGE, find_command, page, top, waiting, walk
from tests.house.source import PACKAGE

COMMAND = find_command()
BELOW = [] if COMMAND is None else list(walk(COMMAND, top(COMMAND)))


def test_the_command_is_found_as_soon_as_its_module_exists():
    print(f"{len(BELOW)} commands; announced without a module: {waiting(COMMAND) if COMMAND else 'none'}")
    assert (COMMAND is not None) == (PACKAGE / "config" / "command.py").exists()


@pytest.mark.skipif(COMMAND is None, reason="there is no command yet")
def test_the_page_of_commands_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(COMMAND), (
        "docs/cli.md is out of date; make docs writes it."
    )


@pytest.mark.parametrize(("command", "context"), BELOW, ids=[context.command_path for _, context in BELOW])
def test_every_command_and_every_option_says_what_it_is_for(command, context):
    assert (command.help or "").strip(), context.command_path
    mute = [
        option.name
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden and not (option.help or "").strip()
    ]
    assert mute == [], f"{context.command_path}: {', '.join(mute)}"
