"""The Central Products List as values."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.smi import DeviceType
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class CplFacts:
    """An entry of the CPL and the Device Model it is about; `image_hash` is hexadecimal, or empty."""

    device_model_id: int
    device_type: str
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    smets_chts_version: str
    gbcs_version: str
    image_hash: str
    predecessors: list[str]
    status: str
    added_at: datetime
    removed_at: datetime | None


def list_cpl_entries(*, device_type: DeviceType | None = None) -> list[CplFacts]:
    """This function will list the CPL, or its entries of one type of Device, by name and version."""
    return sql.fetch_all(
        "list_cpl_entries", CplFacts, device_type=device_type.value if device_type is not None else None
    )


def count_devices_of_model(*, device_model_id: int) -> int:
    """This function will count the Devices of the inventory that are of a Device Model."""
    return int(sql.fetch_value("count_devices_of_model", device_model_id=device_model_id))
