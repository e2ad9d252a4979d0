"""Tenancy epochs: begun by what Devices said, and what their displays can learn; one statement for any number of homes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.tenancy import ASKS_EVERY, DISPLAYS, Cause
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s, Moments, Texts
from safelaunch.store.reads.tenancy import GONE_CODES
from safelaunch.store.transactions import transaction_required

_DISPLAY_CODES = [kind.value for kind in sorted(DISPLAYS)]


@dataclass(frozen=True, slots=True)
class Restricted:
    """A Device that hides what was recorded before a moment, by its own word at `told_at` about the command of a number."""

    device_id: Eui64
    restricted_at: datetime
    number: int
    cause: Cause
    told_at: datetime


@dataclass(frozen=True, slots=True)
class _HomeRow:
    hub_device_id: Eui64


@transaction_required
def keep_moments(*, restricted: Sequence[Restricted], at: datetime) -> list[Eui64]:
    """This function will keep moments of ESMEs and GPFs that take the place of what was known, and give the hubs of their homes.

    Args:
        restricted: what Devices of any type said, each once; of others than ESME and GPF nothing is kept.
        at: now.
    """
    rows = sql.fetch_all(
        "keep_moments",
        _HomeRow,
        device_ids=Eui64s(one.device_id for one in restricted),
        moments=Moments(one.restricted_at for one in restricted),
        numbers=Bigints(one.number for one in restricted),
        causes=Texts(one.cause for one in restricted),
        told_at=Moments(one.told_at for one in restricted),
        at=at,
    )
    return [row.hub_device_id for row in rows]


@transaction_required
def begin_epochs(*, hub_device_ids: Collection[Eui64], at: datetime, look_at: datetime) -> None:
    """This function will begin epochs where the latest moment of some premises has moved on.

    Args:
        hub_device_ids: their hubs.
        at: when it is taken down.
        look_at: when the firmware of these homes is next looked at.
    """
    sql.execute("begin_epochs", hub_device_ids=Eui64s(hub_device_ids), at=at, look_at=look_at)


@transaction_required
def drop_replaced_sources(*, hub_device_ids: Collection[Eui64]) -> None:
    """This function will forget Devices that have left their home and whose place another has taken that was told too."""
    sql.execute("drop_replaced_sources", hub_device_ids=Eui64s(hub_device_ids))


@transaction_required
def mark_displays(*, hub_device_ids: Collection[Eui64]) -> None:
    """This function will note the displays of some homes that may hold data from before the moments kept there."""
    sql.execute(
        "mark_displays",
        hub_device_ids=Eui64s(hub_device_ids),
        display_types=_DISPLAY_CODES,
        gone=GONE_CODES,
    )


@transaction_required
def note_abilities(
    *, hub_device_ids: Collection[Eui64], able: Sequence[tuple[DeviceType, str]], at: datetime
) -> int:
    """This function will note which displays can learn of a change from now on, or no more, and give their number.

    Args:
        hub_device_ids: the homes.
        able: Device types and the GBCS versions that make them play their part.
        at: now.
    """
    return sql.execute(
        "note_abilities",
        hub_device_ids=Eui64s(hub_device_ids),
        able_types=Texts(kind for kind, _ in able),
        able_versions=Texts(version for _, version in able),
        asks_every=ASKS_EVERY,
        at=at,
    )


@transaction_required
def take_due_looks(*, at: datetime, limit: int) -> list[Eui64]:
    """This function will lock homes whose firmware is to be looked at by now, at most `limit`, and give their hubs."""
    return [row.hub_device_id for row in sql.fetch_all("take_due_looks", _HomeRow, at=at, limit=limit)]


@transaction_required
def set_next_looks(*, hub_device_ids: Collection[Eui64], next_at: datetime, at: datetime) -> None:
    """This function will say when homes are looked at again, and that those are not whose displays should all have cleared."""
    sql.execute(
        "set_next_looks",
        hub_device_ids=Eui64s(hub_device_ids),
        gone=GONE_CODES,
        asks_every=ASKS_EVERY,
        next_at=next_at,
        at=at,
    )
