"""`safelaunch cpl`: the Central Products List, and changing it by two people."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from safelaunch.domain import calendar
from safelaunch.domain.people import Actor
from safelaunch.domain.smi import DeviceType
from safelaunch.interfaces.cli.acting import actor_of, as_person
from safelaunch.interfaces.cli.cpl_view import show_history, show_preview, show_proposals
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.faults import acting_as, listing_faults
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import cpl as service
from safelaunch.services import cpl_changes
from safelaunch.services.cpl import Change
from safelaunch.store.reads import clock
from safelaunch.store.reads import cpl as reads
from safelaunch.wire.cpl_file import LISTED

_TYPE = click.Choice(LISTED, case_sensitive=False)
_number = click.argument("number", type=int)


def _of_change(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command what says which change is meant: a file, or the entry that is to go."""
    for option in (
        click.option("--hardware", help="Its hardware version, where there are several."),
        click.option("--version", help="Its firmware version."),
        click.option("--model", help="Its model, as on the CPL."),
        click.option("--manufacturer", help="Its manufacturer, as on the CPL."),
        click.option("--type", "device_type", type=_TYPE, help="The type of Device of the entry to remove."),
        click.argument("file", type=click.Path(path_type=Path), required=False),
    ):
        command = option(command)
    return command


@click.group()
def cpl() -> None:
    """See, preview and change the Central Products List."""


@cpl.command("list")
@click.option("--type", "device_type", type=_TYPE, help="Only entries of this type of Device.")
@as_json
@needs_database
def list_(*, device_type: str | None, as_json: bool) -> None:
    """List the Central Products List."""
    entries = service.list_entries(wanted=reads.Wanted(device_type=_type(device_type)))
    if as_json:
        print_json({"entries": [asdict(entry) for entry in entries]})
        return
    print_table(
        title="Central Products List",
        columns=(
            "Type",
            "Manufacturer",
            "Model",
            "Hardware",
            "Firmware",
            "Upgrade from",
            "Status",
            "Added",
            "Removed",
        ),
        rows=(
            (
                entry.device_type,
                entry.manufacturer,
                entry.model,
                entry.hardware_version,
                entry.firmware_version,
                " ".join(entry.predecessors),
                entry.status.title(),
                calendar.london_date(entry.added_at),
                calendar.london_date(entry.removed_at) if entry.removed_at else None,
            )
            for entry in entries
        ),
    )


def _type(name: str | None) -> DeviceType | None:
    return DeviceType(name) if name is not None else None


@cpl.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@acting_as
@as_json
@needs_database
def import_(*, file: Path, actor: Actor, as_json: bool) -> None:
    """Enter the Device Models of a CSV or XLSX file at once, while the inventory is empty.

    All of them are entered, or none if any row is bad. Once there are Devices, a change takes two people: see
    safelaunch cpl propose.
    """
    with listing_faults():
        change = service.read_file(file)
    imported = cpl_changes.import_at_once(change, actor=actor, at=clock.now())
    if as_json:
        print_json(asdict(imported))
    say(f"{imported.new:,} entries are new, {imported.changed:,} changed, {imported.unchanged:,} unchanged.")


@cpl.command()
@_of_change
@as_json
@needs_database
def preview(*, as_json: bool, **asked: Any) -> None:
    """Say what a file of entries, or the removal of one entry, would do to Devices; do nothing.

    Give a CSV or XLSX FILE, or name the entry to remove with the options.
    """
    seen = service.preview(_change(**asked))
    if as_json:
        print_json({"source": seen.source, "unchanged": seen.unchanged, **seen.consequences.as_json()})
        return
    show_preview(seen.consequences, source=seen.source)


@cpl.command()
@_of_change
@click.option("--because", required=True, help="Why, for the second person and the record.")
@as_person
@as_json
@needs_database
def propose(*, because: str, person: str | None, as_json: bool, **asked: Any) -> None:
    """Propose a file of entries, or the removal of one entry, with what it would do.

    Nothing changes until another person approves it.
    """
    change = _change(**asked)
    actor, at = actor_of(person), clock.now()
    seen = service.preview(change)
    proposal = cpl_changes.propose(change, because=because, actor=actor, at=at)
    if as_json:
        print_json(asdict(proposal))
    else:
        show_preview(seen.consequences, source=seen.source)
    say(
        f"This is proposal {proposal.cpl_proposal_id}. Another person applies it with "
        f"safelaunch cpl approve {proposal.cpl_proposal_id}, if it still does the same by then."
    )


@cpl.command()
@_number
@as_person
@as_json
@needs_database
def approve(*, number: int, person: str | None, as_json: bool) -> None:
    """Apply the proposal of another person, if its consequences have not changed."""
    proposal = cpl_changes.approve(cpl_proposal_id=number, actor=actor_of(person), at=clock.now())
    if as_json:
        print_json(asdict(proposal))
    say(f"Proposal {number} is applied: {proposal.source}.")


@cpl.command()
@_number
@as_person
@as_json
@needs_database
def decline(*, number: int, person: str | None, as_json: bool) -> None:
    """Put a proposal aside; nothing changes."""
    proposal = cpl_changes.decline(cpl_proposal_id=number, actor=actor_of(person), at=clock.now())
    if as_json:
        print_json(asdict(proposal))
    say(f"Proposal {number} is declined: {proposal.source}.")


@cpl.command()
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="At most so many."
)
@as_json
@needs_database
def proposals(*, limit: int, as_json: bool) -> None:
    """List proposed changes, newest first, with what became of them."""
    found = cpl_changes.list_proposals(limit=limit)
    if as_json:
        print_json({"proposals": [asdict(proposal) for proposal in found]})
    else:
        show_proposals(found)


@cpl.command()
@click.option("--type", "device_type", type=_TYPE, help="Only entries of this type of Device.")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="At most so many."
)
@as_json
@needs_database
def history(*, device_type: str | None, limit: int, as_json: bool) -> None:
    """List what happened to entries, newest first."""
    found = reads.list_cpl_history(device_type=_type(device_type), limit=limit)
    if as_json:
        print_json({"history": [asdict(one) for one in found]})
    else:
        show_history(found)


def _change(
    *,
    file: Path | None,
    device_type: str | None,
    manufacturer: str | None,
    model: str | None,
    version: str | None,
    hardware: str | None,
) -> Change:
    named = [device_type, manufacturer, model, version]
    if file is not None:
        if any(named) or hardware:
            raise click.UsageError("Give a file, or name an entry to remove with the options; not both.")
        with listing_faults():
            return service.read_file(file)
    if not (device_type and manufacturer and model and version):
        raise click.UsageError(
            "Give a file, or name the entry to remove with --type, --manufacturer, --model and --version."
        )
    return service.removal_of(
        service.ModelName(
            device_type=DeviceType(device_type),
            manufacturer=manufacturer,
            model=model,
            firmware_version=version,
            hardware_version=hardware,
        )
    )
