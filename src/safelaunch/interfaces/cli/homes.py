"""`safelaunch smi device` and `smi home`: one Device and why it stands as it does, and a home by its meter point."""

from dataclasses import fields, is_dataclass
from typing import Any

import click

from safelaunch.domain.identifiers import Eui64
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.services import devices
from safelaunch.store.reads import clock
from safelaunch.store.reads.explanations import DeviceFacts


@click.command()
@click.argument("device_id")
@as_json
@needs_database
def device(*, device_id: str, as_json: bool) -> None:
    """Say what a Device is, how it stands and why, what its Supplier may do next, and what happened to it."""
    found = devices.explain_device(device_id=Eui64.parse(device_id), viewer_party_id=None, at=clock.now())
    if as_json:
        print_json(_as_json(found))
        return
    if found.device is not None:
        _print_facts(found.device)
    for sentence in (found.explanation.headline, *found.explanation.reasons):
        say(sentence)
    say(f"What would change it: {found.explanation.what_would_change_it}")
    for step in found.next_steps:
        say(f"Next: {step}")
    print_table(
        title="What happened",
        columns=("When", "What", "Detail"),
        rows=[(one.happened_at, one.what, one.detail) for one in found.happenings],
    )


def _print_facts(one: DeviceFacts) -> None:
    print_table(
        title=f"{one.device_type} {one.device_id}",
        columns=("What", "Is"),
        rows=(
            ("Status", one.smi_status.replace("_", " ").capitalize()),
            ("Model", f"{one.manufacturer} {one.model} hardware {one.hardware_version}"),
            ("Firmware", one.firmware_version),
            ("On the CPL", (one.cpl_status or "Not listed").title()),
            ("SMETS or CHTS", one.smets_chts_version),
            ("GBCS", one.gbcs_version),
            ("Meter point", one.mpxn),
            ("Supplier", one.supplier),
            ("Network operator", one.network_operator),
            ("Region", one.region),
            ("Commissioned", one.commissioned_on),
            ("Hub", str(one.hub_device_id or "in no home yet")),
        ),
    )


@click.command()
@click.argument("mpxn")
@as_json
@needs_database
def home(*, mpxn: str, as_json: bool) -> None:
    """List the Devices of the home that an MPAN or MPRN belongs to, as 8.2 does; 17 at most."""
    found = devices.list_home(mpxn=mpxn, viewer_party_id=None, at=clock.now())
    if as_json:
        print_json(_as_json(found))
        return
    print_table(
        title=f"The home of {mpxn}",
        columns=("Device ID", "Type", "Status", "Model", "Firmware", "On the CPL", "Meter point"),
        rows=[
            (
                str(one.device_id),
                one.device_type,
                one.smi_status.replace("_", " ").capitalize(),
                f"{one.manufacturer} {one.model}",
                one.firmware_version,
                (one.cpl_status or "").title(),
                one.mpxn,
            )
            for one in found.devices
        ],
    )


def _as_json(value: Any) -> Any:
    """Give a value's fields by name, with Device IDs in the field's form."""
    if isinstance(value, Eui64):
        return str(value)
    if is_dataclass(value):
        return {each.name: _as_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, list | tuple):
        return [_as_json(each) for each in value]
    return value
