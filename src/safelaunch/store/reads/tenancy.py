"""Tenancy epochs of premises and what their displays may hold; with a Party, those of its homes and no others."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.tenancy import ASKS_EVERY, GONE
from safelaunch.store import sql
from safelaunch.store.arrays import Integers

GONE_CODES = [status.value for status in sorted(GONE)]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order of displays by fuel: hub, display, and the ESME or GPF."""

    hub_device_id: Eui64
    device_id: Eui64
    source_device_id: Eui64


START = Place(Eui64(0), Eui64(0), Eui64(0))
"""Before the first."""


@dataclass(frozen=True, slots=True)
class DisplayRow:
    """A display and one fuel; `source_model_id` is None when the ESME or GPF has left the home."""

    hub_device_id: Eui64
    device_id: Eui64
    source_device_id: Eui64
    epoch: int
    began_at: datetime
    source_type: str
    restricted_at: datetime
    cause: str
    told_at: datetime
    able_since: datetime | None
    device_type: str
    hub_model_id: int
    device_model_id: int
    source_model_id: int | None

    @property
    def place(self) -> Place:
        """This function will give where it stands in the order."""
        return Place(self.hub_device_id, self.device_id, self.source_device_id)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Displays by fuel that share the Device Models which have a part in it, and how many there are."""

    source_type: str
    hub_model_id: int
    device_model_id: int
    source_model_id: int | None
    line_count: int


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A Device Model, and one Active entry of its model and hardware, if there is any."""

    device_model_id: int
    device_type: str
    manufacturer: str
    model: str
    firmware_version: str
    gbcs_version: str | None
    listed_version: str | None
    listed_gbcs: str | None
    predecessors: list[str] | None


@dataclass(frozen=True, slots=True)
class _VersionRow:
    gbcs_version: str


def list_listed_gbcs() -> list[str]:
    """This function will list the GBCS versions that the CPL knows."""
    return [row.gbcs_version for row in sql.fetch_all("list_listed_gbcs", _VersionRow)]


def is_look_due(*, at: datetime) -> bool:
    """This function will say whether the firmware of a home is to be looked at by now."""
    return bool(sql.fetch_value("is_look_due", at=at))


def list_tenancy_displays(
    *,
    party_id: int | None,
    hub_device_id: Eui64 | None,
    after: Place,
    limit: int,
    at: datetime,
) -> list[DisplayRow]:
    """This function will list displays that may hold old data at a moment, or all displays of one home that had a change.

    Args:
        party_id: whose homes; None sees all.
        hub_device_id: one home, then also what should have cleared; None for all homes.
        after: from which place on.
        limit: how many at most.
        at: when.
    """
    return sql.fetch_all(
        "list_tenancy_displays",
        DisplayRow,
        party_id=party_id,
        hub_device_id=hub_device_id,
        after_hub=after.hub_device_id,
        after_display=after.device_id,
        after_source=after.source_device_id,
        limit=limit,
        at=at,
        gone=GONE_CODES,
        asks_every=ASKS_EVERY,
    )


def count_tenancy_displays(*, party_id: int | None, at: datetime) -> list[GroupRow]:
    """This function will count displays by fuel that may hold old data at a moment, by the Device Models of their homes."""
    return sql.fetch_all(
        "count_tenancy_displays",
        GroupRow,
        party_id=party_id,
        at=at,
        gone=GONE_CODES,
        asks_every=ASKS_EVERY,
    )


def list_tenancy_models(*, device_model_ids: Collection[int]) -> list[ModelRow]:
    """This function will give Device Models and what the CPL lists for their model and hardware."""
    return sql.fetch_all("list_tenancy_models", ModelRow, device_model_ids=Integers(device_model_ids))
