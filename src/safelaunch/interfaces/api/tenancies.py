"""Displays that may still show an earlier occupier's data, as JSON."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema

from safelaunch.domain.identifiers import Eui64
from safelaunch.interfaces.api.campaigns import viewer_of
from safelaunch.services import explanations, tenancy
from safelaunch.services.tenancy import DisplayTenancy
from safelaunch.services.tenancy_report import read_place, write_place
from safelaunch.store.reads import clock

router = Router(tags=["tenancies"])

_Limit = Annotated[int, Field(ge=1, le=500)]


class Mend(Schema):
    """What would bring a Device to firmware that plays its part; `versions` in turn, none when there is no such firmware."""

    device_id: str
    device_type: str
    versions: list[str]
    words: str


class Display(Schema):
    """A display and one fuel. That it has cleared is derived, never told."""

    hub: str
    display: str
    display_type: str
    display_model: str
    fuel: str
    epoch: int
    restricted_at: datetime
    cause: str
    status: str
    reason: str
    because: str
    clears_by: datetime | None
    mends: list[Mend]


class Displays(Schema):
    """A page of displays; `next` is what to ask the next page after, nothing on the last one."""

    displays: list[Display]
    next: str | None


@router.get("/tenancy", response=Displays, summary="Displays that may show an earlier occupier's data")
def list_displays(request: HttpRequest, after: str = "", limit: _Limit = 100) -> Displays:
    """List displays of the caller's homes by hub, a line for each fuel."""
    found = tenancy.list_displays(
        viewer_party_id=viewer_of(request).party_id, after=read_place(after), limit=limit, at=clock.now()
    )
    following = write_place(found[-1].place) if len(found) == limit else None
    return Displays(displays=[_display(one) for one in found], next=following)


@router.get(
    "/hubs/{device_id}/tenancy", response=list[Display], summary="What the displays of a home may still show"
)
def explain_home(request: HttpRequest, device_id: str) -> list[Display]:
    """Give the displays of one of the caller's homes that had a Change of Tenancy, cleared ones among them."""
    hub, party_id, at = Eui64.parse(device_id), viewer_of(request).party_id, clock.now()
    explanations.explain_hub(device_id=hub, viewer_party_id=party_id, at=at)
    found = tenancy.explain_home(hub_device_id=hub, viewer_party_id=party_id, at=at)
    return [_display(one) for one in found]


def _display(one: DisplayTenancy) -> Display:
    verdict = one.verdict
    return Display(
        hub=str(one.hub_device_id),
        display=str(one.display_id),
        display_type=one.display_type,
        display_model=one.display_model,
        fuel=one.fuel,
        epoch=one.epoch,
        restricted_at=one.restricted_at,
        cause=one.cause,
        status=verdict.status.value,
        reason=verdict.reason.value,
        because=verdict.words,
        clears_by=verdict.clears_by,
        mends=[
            Mend(
                device_id=str(mend.device_id),
                device_type=mend.device_type.value,
                versions=list(mend.versions),
                words=mend.words,
            )
            for mend in verdict.mends
        ],
    )
