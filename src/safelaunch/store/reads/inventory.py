"""What the inventory holds, and what an import has staged."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.smi import DeviceType, Region, SmiStatus
from safelaunch.store import sql
from safelaunch.wire.smi_rows import Reject, SmiRow

_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_MEANS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def is_inventory_empty() -> bool:
    """This function will say whether no hub and no Party is known yet."""
    return bool(sql.fetch_value("is_inventory_empty"))


def is_fleet_empty() -> bool:
    """This function will say whether no Device is known yet."""
    return bool(sql.fetch_value("is_fleet_empty"))


@dataclass(frozen=True, slots=True)
class Staged:
    """The good rows of a file: hubs, GPFs listed apart from their hubs, and other Devices."""

    hubs: int
    gpfs: int
    devices: int


def count_smi_staged() -> Staged:
    """This function will count the good rows that are staged."""
    staged = sql.fetch_one("count_smi_staged", Staged)
    return staged or Staged(hubs=0, gpfs=0, devices=0)


def copy_out_smi_rejects() -> Iterator[Reject]:
    """This function will stream the rejected rows of the present import, in the order of the file."""
    for octets in sql.copy_out("copy_out_smi_rejects"):
        line, column, value, reason = _fields(octets)
        yield Reject(line=int(line or 0), column=column or "", value=value or "", reason=reason or "")


def copy_out_inventory() -> Iterator[SmiRow]:
    """This function will stream every Device: each hub, then the Devices behind it, in order of Device IDs."""
    for line, octets in enumerate(sql.copy_out("copy_out_inventory"), start=1):
        fields = _fields(octets)
        device_id, device_type, status, manufacturer, model, hardware_version = map(str, fields[:6])
        region, commissioned_on = fields[9], fields[13]
        yield SmiRow(
            line=line,
            device_id=device_id,
            device_type=DeviceType(device_type),
            status=SmiStatus(status),
            manufacturer=manufacturer,
            model=model,
            hardware_version=hardware_version,
            firmware_version=fields[6],
            hub_device_id=fields[7],
            gpf_device_id=fields[8],
            region=Region(region) if region else None,
            mpxn=fields[10],
            responsible_party=fields[11],
            network_party=fields[12],
            commissioned_on=date.fromisoformat(commissioned_on) if commissioned_on else None,
        )


def _fields(octets: bytes) -> list[str | None]:
    """Read one row of COPY's text form."""
    fields = octets.rstrip(b"\n").split(b"\t")
    if b"\\" not in octets:
        return [field.decode() for field in fields]
    return [None if field == rb"\N" else _ESCAPE.sub(_meant, field).decode() for field in fields]


def _meant(escape: re.Match[bytes]) -> bytes:
    return _MEANS.get(escape[1], escape[1])


def count_devices_kept() -> int:
    """This function will count the Devices of the inventory, hubs among them; a hub's GPF is not counted apart."""
    return int(sql.fetch_value("count_devices_kept"))


@dataclass(frozen=True, slots=True)
class HubTotal:
    """Hubs of one region and status."""

    region: str
    smi_status: str
    hub_count: int


def list_hub_totals(*, party_id: int | None = None) -> list[HubTotal]:
    """This function will count hubs, or a Party's, by region and status, from the portfolio roll-up."""
    return sql.fetch_all("list_hub_totals", HubTotal, party_id=party_id)


@dataclass(frozen=True, slots=True)
class DeviceTotal:
    """Devices of one type and status."""

    device_type: str
    smi_status: str
    device_count: int


def list_device_totals(*, party_id: int | None = None) -> list[DeviceTotal]:
    """This function will count the Devices behind hubs, or a Party's, by type and status, over the whole inventory."""
    return sql.fetch_all("list_device_totals", DeviceTotal, party_id=party_id)


@dataclass(frozen=True, slots=True)
class Load:
    """One load of the inventory."""

    source: str
    seed: int | None
    hub_count: int
    device_count: int
    reject_count: int
    loaded_at: datetime


def list_smi_loads(*, limit: int) -> list[Load]:
    """This function will list the latest loads, newest first."""
    return sql.fetch_all("list_smi_loads", Load, limit=limit)
