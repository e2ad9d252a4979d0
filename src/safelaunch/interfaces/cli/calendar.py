"""`safelaunch calendar`: tell what is planned for homes, see the coming weeks, write them as iCalendar."""

from dataclasses import asdict
from pathlib import Path

import click

from safelaunch.interfaces.cli.acting import actor_of, as_person, party_seen_by
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import as_json, err, print_json, print_table, say
from safelaunch.services import calendars
from safelaunch.store.reads import clock

_FILE = click.Path(path_type=Path)


@click.group("calendar")
def calendar() -> None:
    """What is planned for homes, and on which nights their hubs go."""


@calendar.command("import")
@click.argument("file", type=_FILE)
@click.option("--replace", "replaces", is_flag=True, help="What was told before and is not over gives way.")
@as_person
@as_json
@needs_database
def import_(*, file: Path, replaces: bool, person: str | None, as_json: bool) -> None:
    """Take plans from a CSV or XLSX of device_id, kind, planned_from, planned_until, note."""
    told = calendars.tell(file, replaces=replaces, actor=actor_of(person), at=clock.now())
    if as_json:
        print_json(asdict(told))
        return
    for fault in told.rejects:
        err.print(
            f"line {fault.line}, {fault.column} {fault.value!r}: {fault.reason}", markup=False, soft_wrap=True
        )
    say(
        f"Took {told.taken:,} plans; {told.gave_way:,} gave way and {len(told.rejects):,} rows were rejected. "
        "Hubs of homes that are busy are not sent meanwhile."
    )


@calendar.command()
@click.option(
    "--days", default=calendars.DAYS_AHEAD, show_default=True, type=click.IntRange(1, 366), help="Days ahead."
)
@as_person
@as_json
@needs_database
def show(*, days: int, person: str | None, as_json: bool) -> None:
    """Show the nights of hubs, those that wait for theirs and why, and what is planned for homes."""
    seen = calendars.look_ahead(party_id=party_seen_by(person), at=clock.now(), days=days)
    if as_json:
        print_json(asdict(seen))
        return
    print_table(
        title="Nights",
        columns=("Night", "Campaign", "Region", "Hubs"),
        rows=((one.night, one.reference, one.region, one.hub_count) for one in seen.nights),
    )
    print_table(
        title="Hubs that wait for a time of their own",
        columns=("Night", "Campaign", "Cause", "Because of", "Hubs"),
        rows=((one.night, one.reference, one.cause, one.planned_kind, one.hub_count) for one in seen.turns),
    )
    print_table(
        title="Planned for homes",
        columns=("Day", "Kind", "Homes"),
        rows=((one.day, one.kind, one.hub_count) for one in seen.planned),
    )


@calendar.command()
@click.argument("file", type=_FILE)
@as_person
@needs_database
def export(*, file: Path, person: str | None) -> None:
    """Write the coming weeks as an iCalendar file."""
    text = calendars.feed(party_id=party_seen_by(person), name="Safelaunch", at=clock.now())
    file.write_text(text, encoding="utf-8", newline="")
    say(f"Wrote {file.name}.")
