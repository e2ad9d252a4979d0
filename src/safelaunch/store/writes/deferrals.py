"""Deferrals: made, proposed on, decided, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.deferrals import DEFERRAL, DeferralEvent, DeferralState, Proposed
from safelaunch.store import sql
from safelaunch.store.models import Deferral, DeferralFile
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that speaks for a deferral; `sha256` of its content in hexadecimal digits."""

    name: str
    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Expired:
    """A deferral that has expired, and how many hubs it held."""

    number: int
    hub_count: int


@transaction_required
def add(
    *,
    number: int,
    hub_count: int,
    held_until: date,
    decision_due_at: datetime,
    files: Sequence[EvidenceFile],
) -> None:
    """This function will keep a deferral of a wish, with the files that speak for it."""
    Deferral.objects.create(
        campaign_wish_id=number, hub_count=hub_count, held_until=held_until, decision_due_at=decision_due_at
    )
    DeferralFile.objects.bulk_create(
        DeferralFile(
            campaign_wish_id=number,
            name=file.name,
            media_type=file.media_type,
            sha256=file.sha256,
            content=file.content,
        )
        for file in files
    )


@transaction_required
def propose(*, number: int, proposed: Proposed, person_id: int, at: datetime) -> None:
    """This function will note what one person proposes to decide; an older proposal gives way."""
    Deferral.objects.filter(campaign_wish_id=number).update(
        proposed_decision=proposed.decision,
        proposed_reason=proposed.reason,
        direction=proposed.direction,
        proposed_by_id=person_id,
        proposed_at=at,
    )


@transaction_required
def decide(
    *, number: int, state: DeferralState, event: DeferralEvent, reason: str, person_id: int, at: datetime
) -> DeferralState:
    """This function will decide a deferral as was proposed, and give its new state."""
    target = DEFERRAL.next(state, event)
    Deferral.objects.filter(campaign_wish_id=number).update(
        state=target,
        reason=reason,
        decided_by_id=person_id,
        decided_at=at,
        proposed_decision=None,
        proposed_reason=None,
        proposed_at=None,
    )
    return target


@transaction_required
def appeal(*, number: int, state: DeferralState, why: str, decision_due_at: datetime) -> None:
    """This function will note an appeal, whose clock runs anew."""
    Deferral.objects.filter(campaign_wish_id=number).update(
        state=DEFERRAL.next(state, DeferralEvent.APPEAL), appeal=why, decision_due_at=decision_due_at
    )


@transaction_required
def withdraw(*, number: int, state: DeferralState, at: datetime) -> None:
    """This function will end a deferral that its Supplier withdraws."""
    Deferral.objects.filter(campaign_wish_id=number).update(
        state=DEFERRAL.next(state, DeferralEvent.WITHDRAW), ended_at=at
    )


@transaction_required
def expire_deferrals(*, today: date, at: datetime) -> list[Expired]:
    """This function will end the deferrals whose last day is over, and list them."""
    return sql.fetch_all(
        "expire_deferrals",
        Expired,
        from_states=DEFERRAL.sources(DeferralEvent.EXPIRE),
        to_state=DEFERRAL.target(DeferralEvent.EXPIRE),
        today=today,
        at=at,
    )
