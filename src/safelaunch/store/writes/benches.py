"""The floors that benches compare with, and the ground they begin on; only ever in a scratch database."""

from collections.abc import Iterable
from datetime import datetime

from safelaunch.store import sql
from safelaunch.store.models import Campaign
from safelaunch.store.transactions import transaction_required


@transaction_required
def create_floors() -> None:
    """This function will make the bare tables that floors are written to."""
    for name in ("create_bare_hubs", "create_keyed_hubs", "create_bare_events", "create_bare_devices"):
        sql.execute(name)


@transaction_required
def append_bare_hubs(*, hub_count: int, planned_at: datetime) -> int:
    """This function will write as many hubs as a night holds into a bare table."""
    return sql.execute("append_bare_hubs", hub_count=hub_count, planned_at=planned_at)


@transaction_required
def append_keyed_hubs() -> int:
    """This function will write the hubs of the night into a table with a key."""
    return sql.execute("append_keyed_hubs")


@transaction_required
def append_bare_devices(*, device_count: int) -> int:
    """This function will write as many Devices as a suspension touches into a bare table."""
    return sql.execute("append_bare_devices", device_count=device_count)


@transaction_required
def empty_floors() -> None:
    """This function will make room for the next round."""
    for name in ("empty_bare_hubs", "empty_keyed_hubs", "empty_bare_devices"):
        sql.execute(name)


@transaction_required
def copy_bare_events(*, blocks: Iterable[bytes]) -> None:
    """This function will copy a batch, already in COPY's text form, into a bare table."""
    sql.copy_octets("copy_bare_events", blocks)


@transaction_required
def widen_capacity(*, share: float) -> None:
    """This function will let the networks carry a share of the fleet in one night."""
    sql.execute("widen_capacity", share=share)


@transaction_required
def begin_again() -> None:
    """This function will take every night back: rows, chunks, counts and jobs."""
    for name in ("begin_nights_again", "begin_turns_again"):
        sql.execute(name)
    Campaign.objects.update(last_planned_night=None)
