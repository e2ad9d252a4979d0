"""What is Suspended, why, and what a change of the CPL would do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.cpl import DeviceEffect
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.suspension import SUSPENDABLE
from safelaunch.store import sql

BUCKETS_OF_ARRIVALS = 1024
"""Parts for the alerts about Devices that arrived Suspended, by no act of this house."""


@dataclass(frozen=True, slots=True)
class TouchedGroup:
    """Devices of one Device Model that a change has one effect on, by those responsible; None stands for nobody."""

    device_model_id: int
    effect: str
    party_id: int | None
    other_party_id: int | None
    device_count: int


@dataclass(frozen=True, slots=True)
class HeldDevice:
    """A Device that is Suspended, and the Device Model whose suspension it fell under; by an unknown act, its own."""

    device_id: Eui64
    status_before: str | None
    commissioned_on: date | None
    cause: str | None
    suspended_at: datetime | None
    device_type: str
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str


@dataclass(frozen=True, slots=True)
class EpisodeView:
    """One episode of a Device; `ended_at` is empty while it is open."""

    suspended_at: datetime | None
    ended_at: datetime | None
    state: str
    status_before: str | None
    ended_because: str | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert about a Device, and whom it was raised to."""

    raised_at: datetime
    code: str
    user_id: Eui64
    party_id: int


Effects = Iterable[tuple[int, DeviceEffect]]
"""Effects on Device Models, by number; a Device Model may stand there with both."""


def count_touched(*, device_type: DeviceType, effects: Effects) -> list[TouchedGroup]:
    """This function will count what a change of the CPL would do to the Devices of one type.

    Args:
        device_type: what the Device Models are; a hub counts once.
        effects: what is counted: what each would be done to.
    """
    if device_type is DeviceType.CHF:
        return count_touched_hubs(effects=effects)
    if device_type is DeviceType.PPMID:
        return count_touched_displays(effects=effects)
    return count_touched_meters(effects=effects)


def count_touched_hubs(*, effects: Effects) -> list[TouchedGroup]:
    """This function will count hubs by pair of Suppliers."""
    return sql.fetch_all("count_touched_hubs", TouchedGroup, **_wanted(effects))


def count_touched_meters(*, effects: Effects) -> list[TouchedGroup]:
    """This function will count meters and switches by Supplier."""
    return sql.fetch_all("count_touched_meters", TouchedGroup, **_wanted(effects))


def count_touched_displays(*, effects: Effects) -> list[TouchedGroup]:
    """This function will count displays by the pair of Suppliers of their hub."""
    return sql.fetch_all("count_touched_displays", TouchedGroup, **_wanted(effects))


def _wanted(effects: Effects) -> dict[str, list[int] | list[str]]:
    pairs = list(effects)
    return {
        "device_model_ids": [device_model_id for device_model_id, _ in pairs],
        "effects": [effect.value for _, effect in pairs],
        "suspendable": [status.value for status in SUSPENDABLE],
    }


def list_home_suspensions(*, hub_device_id: Eui64) -> list[HeldDevice]:
    """This function will list the Suspended Devices of a home, the hub first."""
    return sql.fetch_all("list_home_suspensions", HeldDevice, hub_device_id=hub_device_id)


def list_suspension_history(*, device_id: Eui64) -> list[EpisodeView]:
    """This function will list the episodes of a Device, newest first."""
    return sql.fetch_all("list_suspension_history", EpisodeView, device_id=device_id)


def list_alerts_about(*, device_id: Eui64) -> list[AlertView]:
    """This function will list N28 and N29 about a Device, in order of time, however they are kept."""
    return sql.fetch_all("list_alerts_about", AlertView, device_id=device_id, buckets=BUCKETS_OF_ARRIVALS)
