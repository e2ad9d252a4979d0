"""What waits for Users, and where they receive it."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.deliveries import DeliveryState
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.models import OutgoingMessage, UserReceiver


@dataclass(frozen=True, slots=True)
class Head:
    """A message that may go now."""

    outgoing_message_id: int
    octets: bytes
    is_signed: bool
    refusals: int


def list_heads(*, user_id: Eui64, at: datetime, limit: int) -> list[Head]:
    """This function will list a User's messages that may go now, oldest first, one at most for each Device."""
    return sql.fetch_all("list_heads", Head, user_id=user_id, at=at, limit=limit)


@dataclass(frozen=True, slots=True)
class _UserRow:
    user_id: Eui64


def list_users_waiting(*, at: datetime) -> list[Eui64]:
    """This function will list the Users with an address for whom a message waits that may go now."""
    return [row.user_id for row in sql.fetch_all("list_users_waiting", _UserRow, at=at)]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a User receives, and how it last answered."""

    user_id: Eui64
    address: str
    failures: int
    next_try_at: datetime | None


def find_receiver(*, user_id: Eui64) -> Receiver | None:
    """This function will give a User's receiver, or nothing when no address is known."""
    found = UserReceiver.objects.filter(user_id=user_id).first()
    if found is None:
        return None
    return Receiver(
        user_id=found.user_id, address=found.address, failures=found.failures, next_try_at=found.next_try_at
    )


def is_waiting(*, service_request_id: int) -> bool:
    """This function will say whether a message about a request waits for its User."""
    return OutgoingMessage.objects.filter(
        service_request_id=service_request_id, state=DeliveryState.QUEUED
    ).exists()


@dataclass(frozen=True, slots=True)
class ReceiverFacts:
    """A User ID, its address and what waits for it."""

    user_id: Eui64
    party_name: str
    duis_version: str
    address: str | None
    failures: int | None
    next_try_at: datetime | None
    last_problem: str | None
    last_heard_at: datetime | None
    queued: int
    parked: int
    oldest_queued_at: datetime | None


def list_receivers() -> list[ReceiverFacts]:
    """This function will list every User ID with its address and what waits for it."""
    return sql.fetch_all("list_receivers", ReceiverFacts)


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message that nobody took."""

    outgoing_message_id: int
    user_id: Eui64
    device_id: Eui64 | None
    code: str
    settled_at: datetime
    last_problem: str | None


def list_parked_messages(*, user_id: Eui64 | None = None, limit: int = 100) -> list[ParkedMessage]:
    """This function will list parked messages, or those of one User, newest first."""
    return sql.fetch_all("list_parked_messages", ParkedMessage, user_id=user_id, limit=limit)
