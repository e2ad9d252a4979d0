"""`safelaunch smi tenancy`: displays that still hold an earlier occupier's data, why, and what would mend it."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import click

from safelaunch.domain.tenancy import Reason
from safelaunch.interfaces.cli.acting import as_person, party_seen_by
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import tenancy as service
from safelaunch.services.inventory import writing
from safelaunch.services.tenancy import DisplayTenancy, Remedy
from safelaunch.services.tenancy_report import as_object, write_csv
from safelaunch.store.reads import clock

_REMEDIES = 20


@click.command()
@click.option("--csv", "file", type=click.Path(path_type=Path), help="Write all of them to a CSV file.")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Displays to list."
)
@as_person
@as_json
@needs_database
def tenancy(*, file: Path | None, limit: int, person: str | None, as_json: bool) -> None:
    """List displays that may still show an earlier occupier's data, why, and the upgrades that would mend it.

    A line is one display and one fuel. That a display has cleared is never told, only derived from firmware and time.
    """
    at, party_id = clock.now(), party_seen_by(person)
    found = service.walk_displays(viewer_party_id=party_id, at=at)
    if file is not None:
        written = _write(file, found)
        if as_json:
            print_json({"written": written, "file": str(file)})
        say(f"Wrote {written:,} lines to {file}.")
        return
    listed = list(islice(found, limit + 1))
    shown, is_cut = listed[:limit], len(listed) > limit
    remedies = service.summarise(viewer_party_id=party_id, at=at)
    if as_json:
        print_json(
            {
                "remedies": [asdict(one) for one in remedies],
                "displays": [as_object(one) for one in shown],
                "has_more": is_cut,
            }
        )
        return
    if not shown:
        say("No display is known that may still show an earlier occupier's data.")
        return
    _print_remedies(remedies)
    print_table(
        title="Displays that may show an earlier occupier's data",
        columns=("Hub", "Display", "Fuel", "Recorded before", "Status", "What would mend it"),
        rows=[
            (
                *(str(one.hub_device_id), f"{one.display_type} {one.display_id}", one.fuel),
                *(
                    one.restricted_at,
                    _words(one.verdict.status),
                    as_object(one)["what_would_mend_it"] or one.verdict.words,
                ),
            )
            for one in shown
        ],
    )
    if is_cut:
        say(f"There are more than these {limit:,}; --csv FILE writes all.")


def _print_remedies(remedies: Sequence[Remedy]) -> None:
    print_table(
        title="What would mend most",
        columns=("Why", "Device", "From", "To", "Displays by fuel", "That wait for nothing else"),
        rows=[
            (
                *(_words(one.reason), f"{one.device_type} {one.model}".strip(), one.firmware_version),
                *(
                    " > ".join(one.versions) or _NO_VERSION[Reason(one.reason)],
                    one.waiting,
                    one.waiting_alone,
                ),
            )
            for one in remedies[:_REMEDIES]
        ],
    )
    if len(remedies) > _REMEDIES:
        say(f"There are {len(remedies) - _REMEDIES:,} more; --json gives all.")


_NO_VERSION = {
    Reason.TO_ASK: "a day",
    Reason.SOURCE_GONE: "SR 3.2 once more",
    Reason.FIRMWARE: "none on the CPL",
    Reason.FIRMWARE_UNKNOWN: "none on the CPL",
    Reason.SHOULD_HAVE_CLEARED: "",
}


def _words(code: str) -> str:
    return code.replace("_", " ").lower()


def _write(file: Path, found: Iterable[DisplayTenancy]) -> int:
    part = file.with_name(f"{file.name}.part")
    lines = 0
    try:
        with writing(file), part.open("w", encoding="utf-8", newline="") as sheet:
            for line in write_csv(found):
                sheet.write(line)
                lines += 1
        with writing(file):
            part.replace(file)
    finally:
        # Where the file could not be, nothing is left of it either.
        with suppress(OSError):
            part.unlink()
    return lines - 1
