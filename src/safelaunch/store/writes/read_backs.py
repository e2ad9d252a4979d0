"""Read-backs: what is owed by Devices whose answers were lost, taken within each Party's budget."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.read_backs import ReadBackPolicy
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s
from safelaunch.store.models import PartyReadBacks
from safelaunch.store.reads.people import find_party_id
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.gbcs.catalogue import MessageCode


@dataclass(frozen=True, slots=True)
class DueReadBack:
    """A lost answer whose Device is to be read back; `device_type` is None when that has left the inventory."""

    device_command_id: int
    service_request_id: int
    device_id: Eui64
    hub_device_id: Eui64
    network: str
    user_id: Eui64
    originator_counter: Decimal
    read_count: int
    device_type: str | None
    wait: timedelta
    attempts: int
    is_in_budget: bool


@dataclass(frozen=True, slots=True)
class NotedReadBack:
    """How often a lost answer has been read back, and when it is its turn again; None is never."""

    device_command_id: int
    read_count: int
    read_at: datetime | None


@transaction_required
def put_policy(*, party_name: str, policy: ReadBackPolicy) -> bool:
    """This function will keep a Party's policy, and say whether there is such a Party."""
    party_id = find_party_id(name=party_name)
    if party_id is None:
        return False
    PartyReadBacks.objects.update_or_create(
        party_id=party_id,
        defaults={
            "wait": policy.wait,
            "attempts": policy.attempts,
            "daily_budget": policy.daily_budget,
        },
    )
    return True


@transaction_required
def owe_read_backs(*, device_command_ids: Collection[int], house: ReadBackPolicy, at: datetime) -> None:
    """This function will note when the Devices of activations that timed out are to be read back.

    Args:
        device_command_ids: commands that timed out, of whatever kind.
        house: the policy of Parties that have stated none.
        at: when they timed out.
    """
    sql.execute(
        "owe_read_backs",
        device_command_ids=Bigints(device_command_ids),
        message_code=int(MessageCode.CS06_ACTIVATE_FIRMWARE),
        wait=house.wait,
        attempts=house.attempts,
        at=at,
    )


@transaction_required
def take_due_read_backs(
    *, at: datetime, day_start: datetime, policy: ReadBackPolicy, limit: int
) -> list[DueReadBack]:
    """This function will lock lost answers whose Devices are to be read back by now, at most `limit`.

    Args:
        at: now.
        day_start: from when read-backs count against the budget of the day.
        policy: of Parties that have stated none.
        limit: how many.
    """
    return sql.fetch_all(
        "take_due_read_backs",
        DueReadBack,
        at=at,
        day_start=day_start,
        wait=policy.wait,
        attempts=policy.attempts,
        daily_budget=policy.daily_budget,
        limit=limit,
    )


@transaction_required
def note_read_backs(*, noted: Sequence[NotedReadBack]) -> None:
    """This function will note what became of lost answers that were taken."""
    if noted:
        sql.execute(
            "note_read_backs",
            device_command_ids=Bigints(one.device_command_id for one in noted),
            read_counts=[one.read_count for one in noted],
            times=[one.read_at for one in noted],
        )


@transaction_required
def end_read_backs(*, device_ids: Collection[Eui64]) -> None:
    """This function will ask no more of Devices that have said their version."""
    if device_ids:
        sql.execute("end_read_backs", device_ids=Eui64s(device_ids))
