"""What a Supplier wishes of a campaign, taken down hub by hub; for whichever door it came through.

The rules are `domain/campaign_wishes.py`, and how nights are planned by them `domain/own_turns.py`. Statements are constant
in number, whatever the number of hubs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from safelaunch.domain import campaign_wishes as rules
from safelaunch.domain import people
from safelaunch.domain.campaign_wishes import CampaignWindow, Closed, Slot, WishKind, WishOutcome
from safelaunch.domain.campaigns import Phase
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.own_turns import TurnCause
from safelaunch.domain.people import Act, Actor
from safelaunch.domain.refusals import Conflict, Forbidden, Invalid
from safelaunch.store import transactions
from safelaunch.store.reads import campaign_wishes as reads
from safelaunch.store.reads import campaigns, progress
from safelaunch.store.reads.campaign_wishes import WishStanding
from safelaunch.store.reads.campaigns import CampaignFacts, NoSuchCampaign
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import campaign_wishes as writes
from safelaunch.store.writes import own_turns, record
from safelaunch.store.writes.campaign_wishes import Judged, Wish

Slots: TypeAlias = Mapping[Eui64, tuple[Slot, ...]]
"""The slots that hubs are wished in; most have none, and one that has several is refused."""


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A wish with what became of it for each hub."""

    campaign_wish_id: int
    judged: tuple[Judged, ...]

    @property
    def taken(self) -> int:
        """This function will count the hubs for which the wish was taken down."""
        return sum(one.outcome is WishOutcome.TAKEN_DOWN for one in self.judged)


def window_of(campaign: CampaignFacts) -> CampaignWindow:
    """This function will give what the rules look at of a campaign."""
    return CampaignWindow(
        phase=campaign.phase,
        severity=campaign.severity,
        list_closes_at=campaign.list_closes_at,
        pilot_starts_at=campaign.pilot_starts_at,
        deploy_by=campaign.deploy_by,
    )


class NotTaken(Conflict):
    """The campaign takes no such wish at present."""

    def __init__(self, closed: Closed) -> None:
        """This function will keep why, and say it in words."""
        self.closed = closed
        super().__init__(rules.CLOSED_WORDS[closed])


@transaction_required
def open_for(*, reference: str, party_id: int, kind: WishKind, at: datetime) -> CampaignFacts:
    """This function will find and lock a campaign that takes wishes of a kind from a Party.

    Raises:
        NoSuchCampaign: there is none, or it does not concern the Party; the sentence does not tell which.
        NotTaken: it takes no such wish at present.
    """
    seen = progress.find_campaign_view(party_id=party_id, reference=reference)
    if seen is None:
        raise NoSuchCampaign(f"There is no campaign {reference!r} among those that concern you.")
    campaign = campaigns.lock(campaign_id=seen.campaign_id)
    closed = rules.closes(window_of(campaign), kind=kind, at=at)
    if closed is not None:
        raise NotTaken(closed)
    return campaign


def party_of(actor: Actor) -> int:
    """This function will give the Party that somebody chooses for.

    Raises:
        Forbidden: they act for no Supplier.
    """
    if actor.party_id is None:
        raise Forbidden(f"{actor.name} acts for no Supplier, and only a Supplier chooses for its homes.")
    return actor.party_id


@dataclass(frozen=True, slots=True)
class Wished:
    """Hubs (None is the whole list), when all of them are wished if that matters, and whether they take the list's place."""

    device_ids: Iterable[Eui64] | None
    slot: Slot | None = None
    replaces: bool = False


def ask(kind: WishKind, wished: Wished, /, *, reference: str, actor: Actor, at: datetime) -> TakenDown:
    """This function will take a nomination, its withdrawal or an earlier time down for a Supplier (R-0024-4, 11, 19).

    Raises:
        Forbidden, NoSuchCampaign, NotTaken; Invalid when there is nothing to take down.
    """
    people.require(actor, Act.CHOOSE)
    party_id = party_of(actor)
    with transactions.transaction():
        campaign = open_for(reference=reference, party_id=party_id, kind=kind, at=at)
        slot, device_ids = wished.slot, wished.device_ids
        if slot is not None and not rules.is_within(window_of(campaign), slot, at=at):
            raise NotTaken(Closed.TIME)
        if device_ids is None:
            device_ids = reads.list_nominated(campaign_id=campaign.campaign_id, party_id=party_id)
        named = list(dict.fromkeys(device_ids))
        if not 0 < len(named) <= rules.LONGEST_LIST:
            raise Invalid(f"A list names 1 to {rules.LONGEST_LIST:,} hubs; this one names {len(named):,}.")
        wish = Wish(
            campaign_id=campaign.campaign_id,
            party_id=party_id,
            kind=kind,
            asked_at=at,
            replaces=wished.replaces,
        )
        slots = {} if slot is None else dict.fromkeys(named, (slot,))
        return take_down(wish, campaign=campaign, device_ids=named, actor=actor, slots=slots)


def list_standings(
    *, reference: str, actor: Actor, at: datetime, after: Eui64 | None = None, limit: int = 100
) -> list[WishStanding]:
    """This function will list how it stands with every hub that a Supplier wished something for.

    Raises:
        Forbidden, NoSuchCampaign.
    """
    party_id = party_of(actor)
    seen = progress.find_campaign_view(party_id=party_id, reference=reference)
    if seen is None:
        raise NoSuchCampaign(f"There is no campaign {reference!r} among those that concern you.")
    return reads.list_wish_standings(
        campaign_id=seen.campaign_id, party_id=party_id, at=at, after=after, limit=limit
    )


@transaction_required
def take_down(
    wish: Wish,
    *,
    campaign: CampaignFacts,
    device_ids: Iterable[Eui64],
    actor: Actor,
    slots: Slots | None = None,
) -> TakenDown:
    """This function will judge a wish for each hub, keep what became of it, and note it in the record.

    Args:
        wish: what is asked, by which Party and when.
        campaign: whose row is locked, so that a list does not overflow by two hands.
        device_ids: the hubs that were named; one that was named twice counts once.
        actor: who asks, for the record.
        slots: when they are wished.
    """
    named = list(dict.fromkeys(device_ids))
    slots = slots or {}
    judged = [*_judge(wish, named, window=window_of(campaign), slots=slots)]
    listed = set(named)
    judged += [Judged(hub, WishOutcome.NOT_IN_LIST) for hub in slots if hub not in listed]
    taken = TakenDown(writes.take_down(wish=wish, judged=judged), tuple(judged))
    _give_turns(wish, taken, campaign=campaign)
    record.append(
        act=wish.kind.value,
        actor=actor.name,
        at=wish.asked_at,
        cause=wish.grounds or "A Supplier's wish",
        campaign_id=wish.campaign_id,
        detail={
            "wish": taken.campaign_wish_id,
            "taken_down": taken.taken,
            "refused": len(judged) - taken.taken,
        },
    )
    return taken


def _give_turns(wish: Wish, taken: TakenDown, *, campaign: CampaignFacts) -> None:
    """Have the hubs go when they are wished; a nomination in mass roll-out wishes them as soon as may be (R-0024-11)."""
    scope = {"campaign_id": wish.campaign_id, "party_id": wish.party_id}
    if wish.replaces:
        own_turns.drop_wished_turns(**scope, campaign_wish_id=None)
    if wish.kind is WishKind.WITHDRAW:
        own_turns.drop_wished_turns(**scope, campaign_wish_id=taken.campaign_wish_id)
    if wish.kind in {WishKind.NOMINATE, WishKind.BRING_FORWARD}:
        own_turns.put_turns_of_wish(
            **scope,
            campaign_wish_id=taken.campaign_wish_id,
            cause=TurnCause.WISH,
            not_before=wish.asked_at if campaign.phase is Phase.MASS_ROLL_OUT else None,
        )
        # What was planned for tonight and is wished for later waits.
        own_turns.take_back_kept_hubs(campaign_id=wish.campaign_id, chunk_ids=None, at=wish.asked_at)


def _judge(wish: Wish, named: list[Eui64], *, window: CampaignWindow, slots: Slots) -> Iterator[Judged]:
    facts = reads.list_wished_hubs(campaign_id=wish.campaign_id, party_id=wish.party_id, device_ids=named)
    hubs = {one.device_id: one.as_hub() for one in facts}
    listed = 0
    if wish.kind is WishKind.NOMINATE and not wish.replaces:
        listed = len(reads.list_nominated(campaign_id=wish.campaign_id, party_id=wish.party_id))
    for device_id in named:
        hub, wished = hubs[device_id], slots.get(device_id, ())
        outcome = rules.judge(hub, kind=wish.kind)
        if outcome is WishOutcome.TAKEN_DOWN and len(wished) > 1:
            outcome = WishOutcome.TWO_SLOTS
        elif outcome is WishOutcome.TAKEN_DOWN and wished:
            is_within = rules.is_within(window, wished[0], at=wish.asked_at)
            outcome = outcome if is_within else WishOutcome.OUTSIDE_WINDOW
        if outcome is WishOutcome.TAKEN_DOWN and wish.kind is WishKind.NOMINATE:
            joins = wish.replaces or not hub.is_nominated
            if joins and listed >= rules.LONGEST_LIST:
                outcome = WishOutcome.LIST_FULL
            listed += joins and outcome is WishOutcome.TAKEN_DOWN
        is_taken = outcome is WishOutcome.TAKEN_DOWN
        yield Judged(device_id, outcome, wished[0] if wished and is_taken else None)
