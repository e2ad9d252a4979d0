"""Deferrals: asked for, held at once, decided by two people, appealed, withdrawn, expired (`domain/deferrals.py`).

The hold is a turn of the hub's own: the same statements that choose hubs for a night and hand them over refuse it
(`services/own_turns.py`). Every step is noted in the record in the transaction that makes it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain import calendar, people
from safelaunch.domain import campaign_wishes as wish_rules
from safelaunch.domain import deferrals as rules
from safelaunch.domain.campaign_wishes import WishKind
from safelaunch.domain.deferrals import Decision, DeferralState, Proposed
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.own_turns import TurnCause
from safelaunch.domain.people import Act, Actor
from safelaunch.domain.refusals import Forbidden, Invalid
from safelaunch.planning import bank_holidays
from safelaunch.services import wishes
from safelaunch.services.wishes import TakenDown
from safelaunch.store import transactions
from safelaunch.store.reads import campaigns
from safelaunch.store.reads import deferrals as reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.reads.deferrals import DeferralView
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import deferrals as writes
from safelaunch.store.writes import own_turns, record
from safelaunch.store.writes.campaign_wishes import Wish
from safelaunch.store.writes.deferrals import EvidenceFile


@dataclass(frozen=True, slots=True)
class Asked:
    """What a Supplier gives with a deferral: why, which duty is at risk, until when, and files as (name, type, content)."""

    grounds: str
    duty: str | None = None
    until: date | None = None
    files: Sequence[tuple[str, str, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A deferral that was taken down: its number, what became of each hub, and the last day of its hold."""

    taken: TakenDown
    held_until: date

    @property
    def number(self) -> int:
        """This function will give its number."""
        return self.taken.campaign_wish_id


def request(*, reference: str, device_ids: Sequence[Eui64], asked: Asked, actor: Actor, at: datetime) -> Made:
    """This function will take a deferral down for a Supplier; its hubs are held when this returns.

    Raises:
        Forbidden, NoSuchCampaign, NotTaken; Invalid without grounds or with too many or too large files.
    """
    people.require(actor, Act.CHOOSE)
    with transactions.transaction():
        campaign = wishes.open_for(
            reference=reference, party_id=wishes.party_of(actor), kind=WishKind.DEFER, at=at
        )
        wish = Wish(
            campaign_id=campaign.campaign_id,
            party_id=wishes.party_of(actor),
            kind=WishKind.DEFER,
            asked_at=at,
            grounds=asked.grounds,
            duty=asked.duty,
            until=asked.until,
            evidence_count=len(asked.files),
        )
        return make(wish, campaign=campaign, device_ids=device_ids, files=asked.files, actor=actor)


@transaction_required
def make(
    wish: Wish,
    /,
    *,
    campaign: CampaignFacts,
    device_ids: Sequence[Eui64],
    files: Sequence[tuple[str, str, bytes]],
    actor: Actor,
) -> Made:
    """This function will take a deferral down and hold its hubs, whichever door it came through.

    Nothing is held, and no deferral made, when no hub could be taken.

    Raises:
        NotTaken: it would last too long; Invalid without grounds or with too many or too large files.
    """
    at = wish.asked_at
    evidence = _check(wish, files)
    if not wish_rules.is_deferrable_until(wishes.window_of(campaign), wish.until, at=at):
        raise wishes.NotTaken(wish_rules.Closed.TIME)
    held_until = rules.hold_until(
        asked=wish.until, at=at, longest=wish_rules.LONGEST_DEFERRAL, deploy_by=campaign.deploy_by
    )
    taken = wishes.take_down(wish, campaign=campaign, device_ids=device_ids, actor=actor)
    if taken.taken:
        writes.add(
            number=taken.campaign_wish_id,
            hub_count=taken.taken,
            held_until=held_until,
            decision_due_at=_due(campaign, at=at),
            files=evidence,
        )
        own_turns.put_turns_of_wish(
            campaign_wish_id=taken.campaign_wish_id,
            campaign_id=campaign.campaign_id,
            party_id=wish.party_id,
            cause=TurnCause.DEFERRAL,
            not_before=calendar.end_of_day(held_until),
        )
        own_turns.take_back_kept_hubs(campaign_id=campaign.campaign_id, chunk_ids=None, at=at)
    return Made(taken, held_until)


def _check(wish: Wish, files: Sequence[tuple[str, str, bytes]]) -> list[EvidenceFile]:
    if not (wish.grounds or "").strip():
        raise Invalid("A deferral needs grounds: which material vulnerability there is, and why it matters.")
    if len(files) > rules.MOST_FILES:
        raise Invalid(f"A deferral takes {rules.MOST_FILES} files of evidence; {len(files)} were given.")
    for name, _, content in files:
        if not 0 < len(content) <= rules.MOST_FILE_OCTETS:
            raise Invalid(
                f"{name} has {len(content):,} octets; a file of evidence has 1 to {rules.MOST_FILE_OCTETS:,}."
            )
    return [
        EvidenceFile(name, media_type, hashlib.sha256(content).hexdigest(), content)
        for name, media_type, content in files
    ]


def _due(campaign: CampaignFacts, *, at: datetime) -> datetime:
    return rules.decision_due_at(
        at=at,
        working_days=campaign.rules.deferral_decision_working_days,
        holidays=bank_holidays.around(calendar.london_date(at)),
    )


def propose(*, number: int, proposed: Proposed, actor: Actor, at: datetime) -> DeferralView:
    """This function will note what one person proposes to decide; a second has to agree.

    Raises:
        Forbidden, NoSuchDeferral, NoSuchMove, NeedsDirection; Invalid without a reason.
    """
    person_id = _person(actor)
    with transactions.transaction():
        seen = _lock(number, party_id=actor.party_id)
        rules.check_proposal(proposed, state=DeferralState(seen.state), actor=actor)
        writes.propose(number=number, proposed=proposed, person_id=person_id, at=at)
        _note("PROPOSE_DEFERRAL_DECISION", seen, actor, at, proposed.reason, decision=proposed.decision.value)
    return reads.get(number=number, party_id=None)


def agree(*, number: int, actor: Actor, at: datetime) -> DeferralView:
    """This function will decide a deferral as another person proposed; a refusal lets the hubs go at once.

    Raises:
        Forbidden, SamePerson, NoSuchDeferral, NoSuchMove, NothingProposed.
    """
    people.require(actor, Act.AGREE_ON_DEFERRAL)
    with transactions.transaction():
        seen = _lock(number, party_id=actor.party_id)
        if seen.proposed_decision is None or seen.proposed_by_id is None:
            raise rules.NothingProposed(
                f"Nobody has proposed a decision on {seen.name} yet; one person has to."
            )
        people.require_second_person(proposer_id=seen.proposed_by_id, approver=actor)
        state = DeferralState(seen.state)
        event = rules.event_of(Decision(seen.proposed_decision), state=state)
        after = writes.decide(
            number=number,
            state=state,
            event=event,
            reason=seen.proposed_reason or "",
            person_id=_person(actor),
            at=at,
        )
        if after not in rules.HOLDING:
            own_turns.move_turns_of_wish(campaign_wish_id=number, not_before=at)
        _note("DECIDE_DEFERRAL", seen, actor, at, seen.proposed_reason or "", state=after.value)
    return reads.get(number=number, party_id=None)


def appeal(*, number: int, why: str, actor: Actor, at: datetime) -> DeferralView:
    """This function will appeal a refusal for its Supplier: the hubs are held again until the Panel has directed.

    Raises:
        Forbidden, NoSuchDeferral, NoSuchMove; HoldIsOver when the last day has passed; Invalid without a reason.
    """
    people.require(actor, Act.CHOOSE)
    if not why.strip() or len(why) > rules.LONGEST_REASON:
        raise Invalid(f"An appeal needs a reason of at most {rules.LONGEST_REASON:,} characters.")
    with transactions.transaction():
        seen = _lock(number, party_id=wishes.party_of(actor))
        if calendar.end_of_day(seen.held_until) <= at:
            raise rules.HoldIsOver(
                f"{seen.name} would have held its hubs until {seen.held_until:%d %B %Y}, which is over."
            )
        campaign = campaigns.lock(campaign_id=campaigns.get(reference=seen.reference).campaign_id)
        writes.appeal(
            number=number,
            state=DeferralState(seen.state),
            why=why.strip(),
            decision_due_at=_due(campaign, at=at),
        )
        own_turns.move_turns_of_wish(campaign_wish_id=number, not_before=calendar.end_of_day(seen.held_until))
        own_turns.take_back_kept_hubs(campaign_id=campaign.campaign_id, chunk_ids=None, at=at)
        _note("APPEAL_DEFERRAL", seen, actor, at, why.strip())
    return reads.get(number=number, party_id=actor.party_id)


def withdraw(*, number: int, actor: Actor, at: datetime) -> DeferralView:
    """This function will withdraw a deferral for its Supplier: the hubs may go again.

    Raises:
        Forbidden, NoSuchDeferral, NoSuchMove.
    """
    people.require(actor, Act.CHOOSE)
    with transactions.transaction():
        seen = _lock(number, party_id=wishes.party_of(actor))
        writes.withdraw(number=number, state=DeferralState(seen.state), at=at)
        own_turns.move_turns_of_wish(campaign_wish_id=number, not_before=at)
        _note("WITHDRAW_DEFERRAL", seen, actor, at, "Its Supplier withdrew it")
    return reads.get(number=number, party_id=actor.party_id)


@transaction_required
def expire(*, at: datetime) -> int:
    """This function will end the deferrals whose last day is over, and give their number; their holds have ended already."""
    ended = writes.expire_deferrals(today=calendar.london_date(at), at=at)
    for one in ended:
        record.append(
            act="EXPIRE_DEFERRAL",
            actor="Safelaunch",
            at=at,
            cause=f"The last day of D{one.number} is over",
            detail={"deferral": one.number, "hubs": one.hub_count},
        )
    return len(ended)


def _lock(number: int, *, party_id: int | None) -> DeferralView:
    reads.get(number=number, party_id=party_id)
    reads.lock(number=number)
    return reads.get(number=number, party_id=party_id)


def _note(act: str, seen: DeferralView, actor: Actor, at: datetime, cause: str, **detail: str) -> None:
    record.append(
        act=act,
        actor=actor.name,
        at=at,
        cause=cause,
        campaign_id=campaigns.get(reference=seen.reference).campaign_id,
        detail={"deferral": seen.number, "hubs": seen.hub_count, **detail},
    )


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise Forbidden("Only a person decides on deferrals; a rule cannot.")
    return actor.person_id
