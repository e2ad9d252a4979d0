"""Changes of hubs' logs as they stand, what hubs told of their logs, and where a home is that nobody is in yet."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.device_standing import LogMatter
from safelaunch.domain.han_log import HEARD, LogKind, LogState
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.models import HubLogBackup

NEIGHBOURS = 200
"""Homes that are asked where a new one is."""


@dataclass(frozen=True, slots=True)
class _MatterRow:
    kind: str
    state: str
    due_at: datetime


def find_log_update(*, device_id: Eui64) -> LogMatter | None:
    """This function will give what was asked last of a hub's log for a Device, unless that is over."""
    row = sql.fetch_one(
        "find_log_update", _MatterRow, device_id=device_id, states=[state.value for state in HEARD]
    )
    if row is None:
        return None
    return LogMatter(LogKind(row.kind), LogState(row.state), row.due_at)


def find_log_backup(*, hub_device_id: Eui64) -> bytes | None:
    """This function will give what a hub told last of its log (the payload of its alert), or nothing."""
    row = HubLogBackup.objects.filter(pk=hub_device_id).first()
    return None if row is None else bytes(row.payload)


def next_log_update_due() -> datetime | None:
    """This function will say when the next change of a hub's log is over its time, if one is waited for."""
    due_at: datetime | None = sql.fetch_value("next_log_update_due")
    return due_at


def find_home_area(*, mpan: str, device_model_id: int) -> int | None:
    """This function will give the region of a home that nobody is in yet, or nothing when it has no neighbours.

    Args:
        mpan: of the home; its first two digits name the distributor, who serves one part of the country.
        device_model_id: of its hub; of several regions one that has such hubs goes first.
    """
    area_from, area_until = area_of(mpan)
    region_id: int | None = sql.fetch_value(
        "find_home_area",
        area_from=area_from,
        area_until=area_until,
        device_model_id=device_model_id,
        limit=NEIGHBOURS,
    )
    return region_id


def area_of(mpan: str, /) -> tuple[str, str]:
    """This function will give the bounds between which the MPANs of a distributor lie."""
    return mpan[:2], f"{int(mpan[:2]) + 1:02}"
