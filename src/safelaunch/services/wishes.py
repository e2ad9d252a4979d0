"""Taking down what a Supplier wishes of a campaign, hub by hub; for whichever door it came through.

A building block of use cases, not one itself: it runs in the transaction of its caller. Nothing is scheduled by a wish
here; the rules are `domain/campaign_wishes.py`. Statements are constant in number, whatever the number of hubs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from safelaunch.domain import campaign_wishes as rules
from safelaunch.domain.campaign_wishes import CampaignWindow, Slot, WishKind, WishOutcome
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.store.reads import campaign_wishes as reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import campaign_wishes as writes
from safelaunch.store.writes import record
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
