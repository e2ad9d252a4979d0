"""Lists of hubs as people give them to a command: in a file, one Device ID a line or between commas, or one by one."""

from pathlib import Path

import click

from safelaunch.domain.campaign_wishes import read_list
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable

hubs_argument = click.argument("hubs", nargs=-1, metavar="[DEVICE_ID]...")
list_option = click.option(
    "--list",
    "list_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of Device IDs, one a line or between commas.",
)


def hubs_of(hubs: tuple[str, ...], *, list_file: Path | None) -> list[Eui64]:
    """This function will read the hubs that were named, one by one and in a file.

    Raises:
        Invalid: a Device ID is none; Unreadable: the file cannot be read.
    """
    text = "\n".join(hubs)
    if list_file is not None:
        try:
            text += "\n" + list_file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise Unreadable(f"{list_file.name} cannot be read as text of Device IDs.") from error
    return read_list(text)
