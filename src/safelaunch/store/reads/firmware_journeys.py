"""What is due of firmware on its way to Devices."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.smi import Network
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class HubKind:
    """What decides whether a hub passes images on; its GBCS version is None when the CPL never listed its firmware."""

    hub_gbcs_version: str | None
    network: str


@dataclass(frozen=True, slots=True)
class _NetworkRow:
    network: str


def list_networks_with_firmware() -> list[Network]:
    """This function will list the networks for whose Devices an image waits to be sent."""
    rows = sql.fetch_all("list_networks_with_firmware", _NetworkRow)
    return sorted(Network(row.network) for row in rows)


def is_firmware_due(*, at: datetime) -> bool:
    """This function will say whether a clock of a journey has run out by now, or a Device waits for its hub."""
    return bool(sql.fetch_value("is_firmware_due", at=at))


def list_waiting_hub_kinds() -> list[HubKind]:
    """This function will list of what kinds the hubs are that firmware waits for; a handful."""
    return sql.fetch_all("list_waiting_hub_kinds", HubKind)
