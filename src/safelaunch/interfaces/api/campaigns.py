"""Campaigns and hubs as JSON. Each operation parses, reads the clock, makes one call and renders."""

from datetime import date, datetime
from typing import cast

from django.http import HttpRequest
from ninja import Field, Router, Schema

from safelaunch.domain.explanations import Explanation
from safelaunch.domain.identifiers import Eui64
from safelaunch.services import campaigns, explanations
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock, progress
from safelaunch.store.reads.campaigns import NoSuchCampaign
from safelaunch.store.reads.progress import CampaignView

router = Router(tags=["campaigns"])


class Campaign(Schema):
    """A campaign with the caller's counts of hubs."""

    reference: str
    title: str
    state: str
    phase: str
    firmware_version: str
    severity: str
    priority: str
    pilot_starts_on: date
    deploy_by: date
    activate_by: date
    held_at: datetime | None
    held_because: str | None
    epoch: int
    eligible: int = Field(alias="eligible_count")
    planned: int
    in_flight: int
    activated: int
    failed: int
    unknown: int
    unreachable: int
    recalled: int


class Stop(Schema):
    """Why a campaign is stopped; the reason may be left out, because a stop does not wait for one."""

    because: str = ""


class Stopped(Schema):
    """What a stop did."""

    reference: str
    epoch: int
    stopped_at: datetime
    was_held: bool


class Why(Schema):
    """Why a hub is, or is not, being upgraded."""

    headline: str
    reasons: list[str]
    what_would_change_it: str


class _SignedInRequest(HttpRequest):
    """A request as an operation gets it: ninja puts there what the authentication found."""

    auth: Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """This function will give who calls, as the authentication found them."""
    return cast("_SignedInRequest", request).auth


@router.get("/campaigns", response=list[Campaign], summary="The latest campaigns")
def list_campaigns(request: HttpRequest) -> list[CampaignView]:
    """List the latest 50 campaigns that concern the caller, newest first, with the caller's counts."""
    return progress.list_campaign_views(party_id=viewer_of(request).party_id)


@router.get("/campaigns/{reference}", response=Campaign, summary="One campaign")
def get_campaign(request: HttpRequest, reference: str) -> CampaignView:
    """Give one campaign with the caller's counts."""
    return _find(request, reference)


@router.post("/campaigns/{reference}/stop", response=Stopped, summary="Stop a campaign at once")
def stop_campaign(request: HttpRequest, reference: str, stop: Stop) -> campaigns.StopReceipt:
    """Stop a campaign; when this answers, nothing more leaves for any network."""
    _find(request, reference)
    return campaigns.stop_now(
        reference=reference, because=stop.because, actor=viewer_of(request).actor, at=clock.now()
    )


@router.get("/hubs/{device_id}/why", response=Why, summary="Why a hub is, or is not, being upgraded")
def explain_hub(request: HttpRequest, device_id: str) -> Explanation:
    """Explain one hub of the caller's homes."""
    return explanations.explain_hub(
        device_id=Eui64.parse(device_id), viewer_party_id=viewer_of(request).party_id, at=clock.now()
    )


def _find(request: HttpRequest, reference: str) -> CampaignView:
    view = progress.find_campaign_view(party_id=viewer_of(request).party_id, reference=reference)
    if view is None:
        raise NoSuchCampaign(f"There is no campaign {reference!r} among those that concern you.")
    return view
