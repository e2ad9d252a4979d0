"""Commands to Devices, what Devices said and their certificates, as values."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.device_commands import CommandState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import Network
from safelaunch.store import sql
from safelaunch.store.arrays import Eui64s
from safelaunch.store.models import DeviceCommand
from safelaunch.wire.gbcs.catalogue import MessageCode
from safelaunch.wire.smki_devices import KeyUse


@dataclass(frozen=True, slots=True)
class Route:
    """How a Device is reached; its GBCS version is None when its model is not on the CPL."""

    network: str
    gbcs_version: str | None


@dataclass(frozen=True, slots=True)
class DueCommand:
    """A command to be sent; `gbcs` has no MAC yet."""

    device_command_id: int
    service_request_id: int
    device_id: Eui64
    hub_device_id: Eui64
    gbcs: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UnjudgedMessage:
    """A message of a Device as it came."""

    number: int
    device_id: Eui64
    gbcs: bytes
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """A command as it stands.

    Attributes:
        execute_at: the time that the Device keeps, if it is to keep one.
        is_read_back: whether the DCC asks for itself, so that the answer is passed on to nobody.
        is_retry: whether the same was asked of the Device before, and the answer never came in time.
        is_overtaken: whether its Device has been heard about it already, or about a command that was made later.
    """

    device_command_id: int
    service_request_id: int
    state: CommandState
    execute_at: datetime | None
    is_read_back: bool
    is_retry: bool
    is_overtaken: bool


@dataclass(frozen=True, slots=True)
class _NetworkRow:
    network: str


@dataclass(frozen=True, slots=True)
class _CertificateRow:
    device_id: Eui64
    use: str
    der: bytes


def find_route(*, device_id: Eui64, hub_device_id: Eui64) -> Route | None:
    """This function will say how a Device behind a hub is reached, or nothing when it is not behind that hub."""
    return sql.fetch_one("find_route", Route, device_id=device_id, hub_device_id=hub_device_id)


def list_networks_due(*, at: datetime) -> list[Network]:
    """This function will list the networks whose commands are to be sent, or given up, by now."""
    return sorted(Network(row.network) for row in sql.fetch_all("list_networks_due", _NetworkRow, at=at))


def list_due_commands(*, network: Network, at: datetime, limit: int) -> list[DueCommand]:
    """This function will list commands of a network whose time has come, at most `limit`."""
    return sql.fetch_all("list_due_commands", DueCommand, network=network, at=at, limit=limit)


def next_command_due(*, network: Network, at: datetime) -> datetime | None:
    """This function will say when a network's open commands next want to be looked at, if there are any."""
    due_at: datetime | None = sql.fetch_value("next_command_due", network=network, at=at)
    return due_at


def list_networks_unjudged() -> list[Network]:
    """This function will list the networks whose Devices said something that has not been judged."""
    return sorted(Network(row.network) for row in sql.fetch_all("list_networks_unjudged", _NetworkRow))


def list_unjudged_messages(*, network: Network, limit: int) -> list[UnjudgedMessage]:
    """This function will list messages of a network that have not been judged, at most `limit`."""
    return sql.fetch_all("list_unjudged_messages", UnjudgedMessage, network=network, limit=limit)


def list_device_certificates(*, device_ids: Collection[Eui64]) -> dict[tuple[Eui64, KeyUse], bytes]:
    """This function will give the certificates of Devices that are kept here, in DER."""
    rows = sql.fetch_all("list_device_certificates", _CertificateRow, device_ids=Eui64s(device_ids))
    return {(row.device_id, KeyUse(row.use)): row.der for row in rows}


def list_gbcs(*, device_command_ids: Collection[int]) -> dict[int, bytes]:
    """This function will give commands as they were written, without their MACs, by number."""
    rows = DeviceCommand.objects.filter(pk__in=device_command_ids).values_list("pk", "gbcs")
    return {number: bytes(gbcs) for number, gbcs in rows}


def list_activated(*, device_command_ids: Collection[int]) -> list[Eui64]:
    """This function will list the Devices that those of some commands which activate firmware are for."""
    rows = DeviceCommand.objects.filter(
        pk__in=device_command_ids, message_code=MessageCode.CS06_ACTIVATE_FIRMWARE
    )
    return sorted(set(rows.values_list("device_id", flat=True)))
