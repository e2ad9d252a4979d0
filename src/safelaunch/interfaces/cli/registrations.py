"""`safelaunch smi registrations`: state who is responsible for supply points from when, and show it."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from safelaunch.domain.people import Actor
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.faults import acting_as
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import registrations as service
from safelaunch.services.registrations import Taken
from safelaunch.store.reads import clock

_FILE = click.Path(path_type=Path)
_REJECTS = click.option(
    "--rejects", type=_FILE, help="Where to explain rejected rows; beside the file otherwise."
)
_SHOWN = 40


@click.group()
def registrations() -> None:
    """State from when Suppliers are responsible for supply points, and show it."""


@registrations.command("import")
@click.argument("file", type=_FILE)
@_REJECTS
@click.option("--preview", "is_preview", is_flag=True, help="Say what would change, and change nothing.")
@acting_as
@as_json
@needs_database
def import_(*, file: Path, rejects: Path | None, is_preview: bool, actor: Actor, as_json: bool) -> None:
    """Take registrations from a CSV or XLSX of mpxn, role, party, starts_at: good rows are kept, bad ones explained."""
    taken = service.import_registrations(
        path=file, rejects_path=rejects, is_preview=is_preview, actor=actor, at=clock.now()
    )
    if as_json:
        print_json(asdict(taken))
        return
    _print_transfers(taken)
    for sentence in _sentences(taken, is_preview=is_preview):
        say(sentence)


def _print_transfers(taken: Taken) -> None:
    if taken.transfers:
        print_table(
            title="Changes of Supplier",
            columns=("From", "Role", "Losing", "Gaining", "Supply points"),
            rows=(
                (one.on, one.role, one.losing, one.gaining, one.supply_points)
                for one in taken.transfers[:_SHOWN]
            ),
        )
    if len(taken.transfers) > _SHOWN:
        say(f"{len(taken.transfers) - _SHOWN:,} more lines are not shown; --json has all.")


def _sentences(taken: Taken, *, is_preview: bool) -> Iterator[str]:
    did = "Would take" if is_preview else "Took"
    yield (
        f"{did} {taken.new:,} new registrations and {taken.restated:,} stated anew; "
        f"{taken.unchanged:,} change nothing."
    )
    if taken.due_now:
        yield f"{taken.due_now:,} begin now or began before: the worker carries them out at once."
    if taken.touched.hubs:
        yield (
            f"As things stand this touches {taken.touched.hubs:,} hubs, {taken.touched.hubs_under_way:,} of them on "
            f"their way to new firmware, which goes on, and {taken.touched.open_commands:,} commands to Devices that "
            "are still to be done; those of a losing Supplier lapse with E4."
        )
    if taken.rejects_path is not None:
        yield f"{taken.rejected:,} rows were rejected; {taken.rejects_path} explains each."


@registrations.command()
@click.argument("mpxn")
@as_json
@needs_database
def show(*, mpxn: str, as_json: bool) -> None:
    """Show who was, is and will be responsible for a supply point."""
    found = service.show(mpxn=mpxn)
    at = clock.now()
    if as_json:
        print_json(
            {"mpxn": mpxn, "registrations": [{**asdict(one), "stands": one.stands(at=at)} for one in found]}
        )
        return
    print_table(
        title=f"Supply point {mpxn}",
        columns=("Role", "Party", "From", "Until", "Stands"),
        rows=(
            (
                one.role,
                one.party or service.NOBODY,
                "as far as is known" if one.starts_at == SINCE_EVER else one.starts_at,
                one.ends_at,
                one.stands(at=at).replace("_", " ").lower(),
            )
            for one in found
        ),
    )
