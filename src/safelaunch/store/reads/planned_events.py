"""What is planned for homes, and the nights of hubs: the calendar of conflicts (R-0024-16)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.arrays import Eui64s


@dataclass(frozen=True, slots=True)
class _Home:
    device_id: Eui64
    hub_device_id: Eui64 | None


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """Homes for which something of a kind is planned on a day."""

    day: date
    kind: str
    hub_count: int


@dataclass(frozen=True, slots=True)
class HubNight:
    """Hubs that go in a night, by campaign and region."""

    night: date
    reference: str
    title: str
    region: str
    hub_count: int


@dataclass(frozen=True, slots=True)
class TurnNight:
    """Hubs with turns of their own that wait for a night, and why."""

    night: date
    reference: str
    cause: str
    planned_kind: str | None
    hub_count: int


def find_homes(*, device_ids: Iterable[Eui64], party_id: int) -> dict[Eui64, Eui64]:
    """This function will find, by Device ID, the hub of each home that a Party is responsible for; others are left out."""
    rows = sql.fetch_all("find_homes", _Home, device_ids=Eui64s(device_ids), party_id=party_id)
    return {row.device_id: row.hub_device_id for row in rows if row.hub_device_id is not None}


def list_planned_days(*, party_id: int | None, begins: datetime, ends: datetime) -> list[PlannedDay]:
    """This function will count the homes for which something is planned, day by day."""
    return sql.fetch_all("list_planned_days", PlannedDay, party_id=party_id, begins=begins, ends=ends)


def list_hub_nights(*, party_id: int | None, from_night: date, until_night: date) -> list[HubNight]:
    """This function will list the nights on which hubs go, from one on and before another."""
    return sql.fetch_all(
        "list_hub_nights", HubNight, party_id=party_id, from_night=from_night, until_night=until_night
    )


def list_turn_nights(*, party_id: int | None, at: datetime) -> list[TurnNight]:
    """This function will list for which nights hubs wait that have turns of their own."""
    return sql.fetch_all("list_turn_nights", TurnNight, party_id=party_id, at=at)
