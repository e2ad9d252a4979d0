"""What a Supplier wishes of a campaign as JSON: nominations, a night or hour of their own, and how it stands."""

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from safelaunch.domain import campaign_wishes as rules
from safelaunch.domain.campaign_wishes import Slot, Standing, WishKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.api.campaigns import viewer_of
from safelaunch.services import wishes
from safelaunch.services.wishes import TakenDown
from safelaunch.store.reads import clock
from safelaunch.store.reads.campaign_wishes import WishStanding

router = Router(tags=["wishes"])
_Limit = Annotated[int, Query(ge=1, le=50_000)]
DeviceIdTexts = Annotated[list[str], Field(max_length=rules.LONGEST_LIST)]


class Wished(Schema):
    """Hubs and, if it matters, when all of them are wished; times have an offset."""

    device_ids: DeviceIdTexts
    not_before: datetime | None = None
    not_after: datetime | None = None
    replaces: bool = False


class Named(Schema):
    """Hubs to take off the list; none is all."""

    device_ids: DeviceIdTexts = Field(default_factory=list)


class HubOutcome(Schema):
    """What became of the wish for one hub, and why."""

    device_id: str
    outcome: str
    reason: str


class Outcomes(Schema):
    """What became of a wish."""

    taken: int
    hubs: list[HubOutcome]


class HubStanding(Schema):
    """How it stands with what was wished for one hub."""

    device_id: str
    not_before: datetime | None
    not_after: datetime | None
    state: str | None
    night: date | None
    standing: str
    meaning: str


class Standings(Schema):
    """A page of hubs in the order of their Device IDs; `next` is the last, when there are more."""

    hubs: list[HubStanding]
    next: str | None


@router.post("/campaigns/{reference}/nominations", response=Outcomes, summary="Nominate hubs")
def nominate(request: HttpRequest, reference: str, wished: Wished) -> Outcomes:
    """Put hubs on the Preferred Pilot List, or have them go early in mass roll-out."""
    return _ask(request, WishKind.NOMINATE, reference, wished)


@router.post("/campaigns/{reference}/nominations/withdraw", response=Outcomes, summary="Withdraw nominations")
def withdraw(request: HttpRequest, reference: str, named: Named) -> Outcomes:
    """Take hubs off the Preferred Pilot List; all of them when none is named."""
    taken = wishes.ask(
        WishKind.WITHDRAW,
        wishes.Wished(read_hubs(named.device_ids) or None),
        reference=reference,
        actor=viewer_of(request).actor,
        at=clock.now(),
    )
    return outcomes_of(taken)


@router.post(
    "/campaigns/{reference}/forward", response=Outcomes, summary="Ask for a night or hour of their own"
)
def forward(request: HttpRequest, reference: str, wished: Wished) -> Outcomes:
    """Ask for a night or hour within the window of the campaign; `not_before` and `not_after` are needed."""
    if wished.not_before is None:
        raise Invalid("Say when: a time of their own has not_before and not_after.")
    return _ask(request, WishKind.BRING_FORWARD, reference, wished)


@router.get("/campaigns/{reference}/wishes", response=Standings, summary="How it stands with what was wished")
def list_standings(
    request: HttpRequest, reference: str, after: str | None = None, limit: _Limit = 100
) -> Standings:
    """List every hub that the caller's Party wished something for, and how it stands."""
    found = wishes.list_standings(
        reference=reference,
        actor=viewer_of(request).actor,
        at=clock.now(),
        after=Eui64.parse(after) if after else None,
        limit=limit,
    )
    last = str(found[-1].device_id) if len(found) == limit else None
    return Standings(hubs=[_standing(one) for one in found], next=last)


def read_hubs(device_ids: list[str]) -> list[Eui64]:
    """This function will read Device IDs.

    Raises:
        Invalid: one is none.
    """
    return [Eui64.parse(one) for one in device_ids]


def outcomes_of(taken: TakenDown) -> Outcomes:
    """This function will give what became of each hub of a wish, with the reason in words."""
    return Outcomes(
        taken=taken.taken,
        hubs=[
            HubOutcome(
                device_id=str(one.device_id), outcome=one.outcome.value, reason=rules.WORDS[one.outcome]
            )
            for one in taken.judged
        ],
    )


def _ask(request: HttpRequest, kind: WishKind, reference: str, wished: Wished) -> Outcomes:
    taken = wishes.ask(
        kind,
        wishes.Wished(read_hubs(wished.device_ids), _slot(wished), wished.replaces),
        reference=reference,
        actor=viewer_of(request).actor,
        at=clock.now(),
    )
    return outcomes_of(taken)


def _slot(wished: Wished) -> Slot | None:
    begins, ends = wished.not_before, wished.not_after
    if begins is None and ends is None:
        return None
    if begins is None or ends is None or begins.tzinfo is None or ends.tzinfo is None or ends <= begins:
        raise Invalid("A time of their own has not_before and, after it, not_after, each with its offset.")
    return Slot(begins, ends)


def _standing(one: WishStanding) -> HubStanding:
    return HubStanding(
        device_id=str(one.device_id),
        not_before=one.not_before,
        not_after=one.not_after,
        state=one.state,
        night=one.night,
        standing=one.standing,
        meaning=rules.STANDING_WORDS[Standing(one.standing)],
    )
