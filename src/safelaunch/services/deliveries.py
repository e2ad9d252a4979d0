"""Pushing responses and alerts to Users (`domain.md` 13.3; the rules are those of `domain/deliveries.py`).

A message is queued in the transaction of whatever caused it, and one job for each User sends what waits. It is signed
once and kept before it first goes: whoever dies between sending and noting sends the same octets again, and nothing
else. One User's messages are sent by one worker, one after another; what became of them is noted for a few dozen at a
time. Users do not wait for each other.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from safelaunch.domain import deliveries as rules
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Invalid, NotFound, Refused, Unreachable
from safelaunch.gateways.delivery import Delivery
from safelaunch.services import wake_ups
from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import deliveries as reads
from safelaunch.store.reads import parties
from safelaunch.store.reads.deliveries import Head, ParkedMessage, Receiver, ReceiverFacts
from safelaunch.store.writes import deliveries as writes
from safelaunch.store.writes import parties as party_writes
from safelaunch.store.writes import record
from safelaunch.store.writes.deliveries import Outgoing
from safelaunch.wire.duis.responses.versions import LATEST, VERSIONS, require_version
from safelaunch.wire.duis.signing import Signer

RUN = 200
"""Messages sent by one job before it makes way for others."""

NOTED_TOGETHER = 50
"""Messages whose fate is noted at once: as many may be sent a second time by whoever comes after one that died."""

_SLACK = timedelta(seconds=1)
"""How far the queue's clock and this process's may differ; a job that comes early by less is not early."""


class NoSuchUser(NotFound):
    """Nobody has this User ID."""


class NotAnAddress(Invalid):
    """Messages cannot be sent there."""


class NothingParked(NotFound):
    """There is no such parked message."""


@transactions.transaction_required
def queue(*, messages: Sequence[Outgoing]) -> None:
    """This function will queue messages with whatever caused them, and have them sent once that is committed."""
    writes.queue(messages=messages)
    for user_id in dict.fromkeys(message.user_id for message in messages):
        _send_soon(user_id)


def spoken_by(version: str | None) -> str:
    """This function will give the DUIS version to write in: the one given, or the latest when that is not spoken here."""
    return version if version in VERSIONS else LATEST


@transactions.transaction_required
def queue_unless_waiting(*, message: Outgoing) -> bool:
    """This function will queue a message about a request unless one about it waits already, and say whether it did."""
    if message.service_request_id is not None and reads.is_waiting(
        service_request_id=message.service_request_id
    ):
        return False
    queue(messages=[message])
    return True


def _send_soon(user_id: Eui64) -> None:
    jobs.defer_once(Job.DELIVER, key=f"deliver-{user_id}", user_id=str(user_id))


def _send_later(user_id: Eui64, *, wait: timedelta, because: str) -> None:
    # What waits for later must not keep what is queued meanwhile from going at once.
    wake_ups.wake_later(
        Job.DELIVER,
        key=f"deliver-{user_id}",
        because=because,
        in_seconds=wait.total_seconds(),
        user_id=str(user_id),
    )


def deliver(*, user_id: Eui64, delivery: Delivery, signer: Signer, at: datetime) -> int:
    """This function will send what waits for a User, in order for each Device, and give the number delivered.

    Args:
        user_id: whose messages.
        delivery: the way to Users.
        signer: signs what was queued unsigned.
        at: the wall's time even where the house's clock is stepped, for receivers live in real time.
    """
    transactions.forbid()
    receiver = reads.find_receiver(user_id=user_id)
    if receiver is None:
        return 0
    if receiver.next_try_at is not None and receiver.next_try_at > at + _SLACK:
        with transactions.transaction():
            _send_later(user_id, wait=receiver.next_try_at - at, because="again")
        return 0
    delivered = 0
    # Of each Device the next message follows when the one before was taken, so there may be more than there were.
    while heads := reads.list_heads(user_id=user_id, at=at + _SLACK, limit=NOTED_TOGETHER):
        pushed = _push(_signed(heads, signer=signer), receiver=receiver, delivery=delivery)
        with transactions.transaction():
            _note(pushed, receiver=receiver, had_answered=delivered > 0, at=at)
            delivered += len(pushed.taken)
            if pushed.problem is not None:
                return delivered
            if delivered >= RUN:
                _send_soon(user_id)
                return delivered
    return delivered


def _signed(heads: Iterable[Head], *, signer: Signer) -> list[Head]:
    """Sign what was never sent, and keep it before it goes."""
    ready: list[Head] = []
    fresh: dict[int, bytes] = {}
    for head in heads:
        if not head.is_signed:
            fresh[head.outgoing_message_id] = signer.sign_written(head.octets)
        octets = fresh.get(head.outgoing_message_id, head.octets)
        ready.append(Head(head.outgoing_message_id, octets, is_signed=True, refusals=head.refusals))
    if fresh:
        with transactions.transaction():
            writes.note_signed(signed=fresh)
    return ready


@dataclass(slots=True)
class _Pushed:
    """What came of messages that were sent one after another; `problem` is why the last one was not answered."""

    taken: list[int] = field(default_factory=list)
    refused: list[tuple[Head, Refused]] = field(default_factory=list)
    problem: Unreachable | None = None


def _push(heads: Sequence[Head], *, receiver: Receiver, delivery: Delivery) -> _Pushed:
    """Send messages until one is not answered."""
    pushed = _Pushed()
    for head in heads:
        try:
            delivery.push(address=receiver.address, octets=head.octets)
        except Refused as problem:
            pushed.refused.append((head, problem))
        except Unreachable as problem:
            pushed.problem = problem
            break
        else:
            pushed.taken.append(head.outgoing_message_id)
    return pushed


@transactions.transaction_required
def _note(pushed: _Pushed, *, receiver: Receiver, had_answered: bool, at: datetime) -> None:
    writes.note_taken(outgoing_message_ids=pushed.taken, at=at)
    for head, problem in pushed.refused:
        _note_refused(head, user_id=receiver.user_id, problem=problem, at=at)
    if pushed.taken or pushed.refused:
        writes.note_heard(user_id=receiver.user_id, at=at)
        had_answered = True
    if pushed.problem is not None:
        _note_unreachable(receiver, had_answered=had_answered, problem=pushed.problem, at=at)


def _note_refused(head: Head, *, user_id: Eui64, problem: Refused, at: datetime) -> None:
    refusals = head.refusals + 1
    if rules.is_refused_for_good(refusals):
        writes.park(outgoing_message_id=head.outgoing_message_id, problem=str(problem), at=at)
        return
    wait = rules.wait_after(refusals, draw=random.random())
    writes.note_refused(
        outgoing_message_id=head.outgoing_message_id, next_try_at=at + wait, problem=str(problem)
    )
    _send_later(user_id, wait=wait, because=str(head.outgoing_message_id))


def _note_unreachable(receiver: Receiver, *, had_answered: bool, problem: Unreachable, at: datetime) -> None:
    failures = 1 if had_answered else receiver.failures + 1
    wait = rules.wait_after(failures, draw=random.random())
    writes.note_unreachable(user_id=receiver.user_id, next_try_at=at + wait, problem=str(problem))
    writes.park_stale_messages(
        user_id=receiver.user_id,
        before=rules.queued_too_long_before(at),
        problem=str(problem),
        at=at,
    )
    _send_later(receiver.user_id, wait=wait, because="again")


def set_receiver(
    *, user_id: Eui64, actor: Actor, at: datetime, address: str | None = None, duis_version: str | None = None
) -> None:
    """This function will set where a User ID receives, the DUIS version it speaks, or both.

    Args:
        user_id: whose.
        actor: who says so, for the record.
        at: when.
        address: http or https; None leaves it, and empty text removes it.
        duis_version: such as 5.1; None leaves it.

    Raises:
        NoSuchUser: nobody has this User ID.
        NotAnAddress, Invalid: the address or the version cannot be used.
    """
    if address:
        _require_address(address)
    if duis_version is not None:
        require_version(duis_version)
    with transactions.transaction():
        if parties.find_user(user_id=user_id) is None:
            raise NoSuchUser(f"Nobody has the User ID {user_id}; safelaunch delivery list shows all.")
        if duis_version is not None:
            party_writes.set_duis_version(user_id=user_id, duis_version=duis_version)
        if address:
            writes.put_receiver(user_id=user_id, address=address)
            _send_soon(user_id)
        elif address is not None:
            writes.remove_receiver(user_id=user_id)
        record.append(
            act="SET_RECEIVER",
            actor=actor.name,
            at=at,
            cause="Stated",
            detail={"user_id": str(user_id), "address": address, "duis_version": duis_version},
        )


def _require_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or not address.isprintable() or " " in address:
        raise NotAnAddress(
            f"{address[:200]!r} is not an address to send messages to; http://192.168.0.5:1880/smartdcc/duis is one."
        )


def replay(*, user_id: Eui64, actor: Actor, at: datetime, outgoing_message_id: int | None = None) -> int:
    """This function will have parked messages of a User sent again, one or all, and give their number.

    Raises:
        NothingParked: the User has none, or not that one.
    """
    with transactions.transaction():
        count = writes.replay_messages(user_id=user_id, outgoing_message_id=outgoing_message_id)
        if not count:
            raise NothingParked(
                f"No message for {user_id} is parked"
                + (f" under the number {outgoing_message_id}." if outgoing_message_id else ".")
            )
        record.append(
            act="REPLAY_DELIVERY",
            actor=actor.name,
            at=at,
            cause="Asked for",
            detail={"user_id": str(user_id), "message": outgoing_message_id, "messages": count},
        )
        _send_soon(user_id)
    return count


def list_receivers() -> list[ReceiverFacts]:
    """This function will list every User ID, where it receives, and what waits for it."""
    return reads.list_receivers()


def list_parked(*, user_id: Eui64 | None = None) -> list[ParkedMessage]:
    """This function will list messages that nobody took, newest first."""
    return reads.list_parked_messages(user_id=user_id)
