"""What benches read of the scratch database."""

from dataclasses import dataclass

from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class InstructedHub:
    """A hub that waits for its network's reports."""

    network: str
    device_id: Eui64


@dataclass(frozen=True, slots=True)
class LargeModel:
    """What names a Device Model, its Devices, and the Devices of the whole inventory (hubs not among them)."""

    device_type: str
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    device_count: int
    fleet_count: int


@dataclass(frozen=True, slots=True)
class _Sampled:
    device_id: Eui64


def count_every_hub() -> int:
    """This function will count the hubs of the inventory one by one: the floor of publishing."""
    return int(sql.fetch_value("count_every_hub"))


def list_instructed_hubs() -> list[InstructedHub]:
    """This function will list the hubs handed over, by network and in the order they were handed over."""
    return sql.fetch_all("list_instructed_hubs", InstructedHub)


def count_alerts_raised() -> int:
    """This function will count the DCC Alerts raised."""
    return int(sql.fetch_value("count_alerts_raised"))


def count_miscounted_cells() -> int:
    """This function will count the cells of the roll-up by tranche that differ from a recount; 0 is expected."""
    return int(sql.fetch_value("count_miscounted_cells"))


def list_largest_models() -> list[LargeModel]:
    """This function will list the Active Device Models of electricity meters, the most common first."""
    return sql.fetch_all("list_largest_models", LargeModel)


def sample_devices(*, limit: int) -> list[Eui64]:
    """This function will give some Device IDs."""
    return [one.device_id for one in sql.fetch_all("sample_devices", _Sampled, limit=limit)]


def get_device_status(*, device_id: Eui64) -> str:
    """This function will look one Device up."""
    return str(sql.fetch_value("get_device_status", device_id=device_id))
