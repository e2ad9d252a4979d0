"""Messages to Users: queued with what caused them, settled one by one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from safelaunch.domain.deliveries import MACHINE, DeliveryEvent, DeliveryState
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s, Octets, Texts
from safelaunch.store.models import OutgoingMessage, UserReceiver
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to queue: compact canonical octets, signed already or to be signed before they first go.

    `code` is for people: the response code or the alert code. Messages of one `device_id` keep their order.
    """

    user_id: Eui64
    octets: bytes
    code: str
    device_id: Eui64 | None = None
    service_request_id: int | None = None
    is_signed: bool = False


@transaction_required
def queue(*, messages: Sequence[Outgoing]) -> None:
    """This function will queue messages in the order given; whoever calls it sees to it that they are sent."""
    if messages:
        sql.execute(
            "queue",
            user_ids=Eui64s(message.user_id for message in messages),
            device_ids=Texts(
                None if message.device_id is None else str(message.device_id) for message in messages
            ),
            service_request_ids=[message.service_request_id for message in messages],
            codes=Texts(message.code for message in messages),
            octets=Octets(message.octets for message in messages),
            are_signed=[message.is_signed for message in messages],
            state=MACHINE.initial,
        )


@transaction_required
def next_alert_numbers(*, count: int) -> list[int]:
    """This function will give as many numbers for alerts as are wanted, rising, none of them used before."""
    numbers: list[int] | None = sql.fetch_value("next_alert_numbers", count=count)
    return numbers or []


@transaction_required
def note_signed(*, signed: Mapping[int, bytes]) -> None:
    """This function will keep the signed octets of messages by their numbers; they never change afterwards."""
    if signed:
        sql.execute("note_signed", numbers=Bigints(signed), octets=Octets(signed.values()))


@transaction_required
def note_taken(*, outgoing_message_ids: Collection[int], at: datetime) -> None:
    """This function will note that a User took messages."""
    _waiting(*outgoing_message_ids).update(state=MACHINE.target(DeliveryEvent.TAKE), settled_at=at)


@transaction_required
def note_heard(*, user_id: Eui64, at: datetime) -> None:
    """This function will note that a User's receiver answers."""
    UserReceiver.objects.filter(user_id=user_id).update(
        failures=0, next_try_at=None, last_problem=None, last_heard_at=at
    )


@transaction_required
def note_refused(*, outgoing_message_id: int, next_try_at: datetime, problem: str) -> None:
    """This function will note that a User would not have a message, and when it is offered again."""
    _waiting(outgoing_message_id).update(
        refusals=F("refusals") + 1, next_try_at=next_try_at, last_problem=problem
    )


@transaction_required
def park(*, outgoing_message_id: int, problem: str, at: datetime) -> None:
    """This function will lay a message aside for a person to look at."""
    _waiting(outgoing_message_id).update(
        state=MACHINE.target(DeliveryEvent.PARK),
        refusals=F("refusals") + 1,
        settled_at=at,
        last_problem=problem,
    )


@transaction_required
def park_stale_messages(*, user_id: Eui64, before: datetime, problem: str, at: datetime) -> int:
    """This function will lay aside what was queued before a moment and never taken, and give its number."""
    return sql.execute("park_stale_messages", user_id=user_id, before=before, problem=problem, at=at)


@transaction_required
def replay_messages(*, user_id: Eui64, outgoing_message_id: int | None) -> int:
    """This function will queue parked messages of a User again, one or all, and give their number."""
    return sql.execute("replay_messages", user_id=user_id, outgoing_message_id=outgoing_message_id)


@transaction_required
def note_unreachable(*, user_id: Eui64, next_try_at: datetime, problem: str) -> None:
    """This function will note that a User's receiver did not answer, and when it is tried again."""
    UserReceiver.objects.filter(user_id=user_id).update(
        failures=F("failures") + 1, next_try_at=next_try_at, last_problem=problem
    )


@transaction_required
def put_receiver(*, user_id: Eui64, address: str) -> None:
    """This function will set where a User receives; a new address begins without failures."""
    UserReceiver.objects.update_or_create(
        user_id=user_id,
        defaults={"address": address, "failures": 0, "next_try_at": None, "last_problem": None},
    )


@transaction_required
def remove_receiver(*, user_id: Eui64) -> bool:
    """This function will forget where a User receives; its messages wait until an address is set again."""
    count, _ = UserReceiver.objects.filter(user_id=user_id).delete()
    return bool(count)


def _waiting(*outgoing_message_ids: int) -> QuerySet[OutgoingMessage]:
    return OutgoingMessage.objects.filter(
        outgoing_message_id__in=outgoing_message_ids, state=DeliveryState.QUEUED
    )
