"""`safelaunch cpl`: import, remove and list Central Products List entries."""

from dataclasses import asdict
from pathlib import Path

import click

from safelaunch.domain import calendar
from safelaunch.domain.people import Actor
from safelaunch.domain.smi import DeviceType
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.faults import acting_as, listing_faults
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import cpl as service
from safelaunch.store.reads import clock
from safelaunch.wire.cpl_file import LISTED

_TYPE = click.Choice(LISTED, case_sensitive=False)


@click.group()
def cpl() -> None:
    """Import, remove, list Central Products List entries."""


@cpl.command("list")
@click.option("--type", "device_type", type=_TYPE, help="Only entries of this type of Device.")
@as_json
@needs_database
def list_(*, device_type: str | None, as_json: bool) -> None:
    """List the Central Products List."""
    entries = service.list_entries(device_type=_type(device_type))
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
    """Enter the Device Models of a CSV file on the CPL: all of them, or none if any row is bad."""
    with listing_faults():
        imported = service.import_entries(path=file, actor=actor, at=clock.now())
    if as_json:
        print_json(asdict(imported))
    say(f"{imported.new:,} entries are new, {imported.changed:,} changed, {imported.unchanged:,} unchanged.")


@cpl.command()
@click.option("--type", "device_type", type=_TYPE, required=True, help="The type of Device.")
@click.option("--manufacturer", required=True, help="The manufacturer, as on the CPL.")
@click.option("--model", required=True, help="The model, as on the CPL.")
@click.option("--version", required=True, help="The firmware version.")
@click.option("--hardware", help="The hardware version, where there are several.")
@acting_as
@needs_database
def remove(
    *, device_type: str, manufacturer: str, model: str, version: str, hardware: str | None, actor: Actor
) -> None:
    """Withdraw an entry from the CPL."""
    removed = service.remove(
        name=service.ModelName(
            device_type=DeviceType(device_type),
            manufacturer=manufacturer,
            model=model,
            firmware_version=version,
            hardware_version=hardware,
        ),
        actor=actor,
        at=clock.now(),
    )
    say(f"{removed.entry.device_type} {manufacturer}/{model} {version} is withdrawn from the CPL.")
    if removed.device_count:
        say(
            f"{removed.device_count:,} Devices of the inventory are of this Device Model. They are not suspended: "
            "this release does not suspend Devices yet."
        )
