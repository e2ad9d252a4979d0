"""Taking down what Suppliers wish of campaigns."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.campaign_wishes import Slot, WishKind, WishOutcome
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.models import CampaignWish
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a Supplier asks of a campaign, hubs aside."""

    campaign_id: int
    party_id: int
    kind: WishKind
    asked_at: datetime
    service_request_id: int | None = None
    replaces: bool = False
    grounds: str | None = None
    duty: str | None = None
    until: date | None = None
    evidence_count: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a wish for one hub, and the slot it is wished in."""

    device_id: Eui64
    outcome: WishOutcome
    slot: Slot | None = None


@transaction_required
def take_down(*, wish: Wish, judged: Iterable[Judged]) -> int:
    """This function will keep a wish with what became of it, hub by hub, and give its number.

    A nomination changes the Supplier's list, and so does a withdrawal.
    """
    row = CampaignWish.objects.create(
        campaign_id=wish.campaign_id,
        party_id=wish.party_id,
        service_request_id=wish.service_request_id,
        kind=wish.kind,
        asked_at=wish.asked_at,
        replaces=wish.replaces,
        grounds=wish.grounds,
        duty=wish.duty,
        until=wish.until,
        evidence_count=wish.evidence_count,
    )
    number = int(row.pk)
    copy_wish_hubs(campaign_wish_id=number, judged=judged)
    if wish.replaces:
        clear_nominations(campaign_id=wish.campaign_id, party_id=wish.party_id)
    change = {WishKind.NOMINATE: nominate_hubs, WishKind.WITHDRAW: withdraw_nominations}.get(wish.kind)
    if change is not None:
        change(campaign_wish_id=number, campaign_id=wish.campaign_id, party_id=wish.party_id)
    return number


def copy_wish_hubs(*, campaign_wish_id: int, judged: Iterable[Judged]) -> None:
    """This function will keep what became of a wish for each hub."""
    rows = (
        (
            campaign_wish_id,
            one.device_id,
            one.outcome.value,
            one.slot.not_before if one.slot else None,
            one.slot.not_after if one.slot else None,
        )
        for one in judged
    )
    sql.copy_rows("copy_wish_hubs", rows)


def clear_nominations(*, campaign_id: int, party_id: int) -> None:
    """This function will empty a Supplier's list."""
    sql.execute("clear_nominations", campaign_id=campaign_id, party_id=party_id)


def nominate_hubs(*, campaign_wish_id: int, campaign_id: int, party_id: int) -> None:
    """This function will put what was taken down of a nomination on the Supplier's list."""
    sql.execute(
        "nominate_hubs", campaign_wish_id=campaign_wish_id, campaign_id=campaign_id, party_id=party_id
    )


def withdraw_nominations(*, campaign_wish_id: int, campaign_id: int, party_id: int) -> None:
    """This function will take what was taken down of a withdrawal off the Supplier's list."""
    sql.execute(
        "withdraw_nominations", campaign_wish_id=campaign_wish_id, campaign_id=campaign_id, party_id=party_id
    )
