"""Home: what needs me, tonight, and every campaign on one line."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import Phase
from safelaunch.domain.explanations import light
from safelaunch.domain.people import Role
from safelaunch.interfaces.portal import charts
from safelaunch.interfaces.portal.charts import Part
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.needs import needs_of
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock, progress
from safelaunch.store.reads.progress import CampaignView

KEPT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign on one line: what the table of campaigns shows."""

    campaign: CampaignView
    bar: SafeString
    light: str
    next_word: str
    next_date: date | None


@require_safe
@page
def home(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will show what needs the viewer, tonight, and the campaigns."""
    campaigns = progress.list_campaign_views(party_id=viewer.party_id)
    planned = progress.list_planned_regions(party_id=viewer.party_id)
    kept = progress.list_kept_events(limit=KEPT_LIMIT + 1) if viewer.party_id is None else []
    at = clock.now()
    context = {
        "section": "home",
        "needs": needs_of(viewer, campaigns),
        "lines": [line_of(campaign) for campaign in campaigns],
        "planned": planned,
        "planned_total": sum(row.hub_count for row in planned),
        "planned_most": max((row.hub_count for row in planned), default=0),
        "night": calendar.night_open(at) or calendar.london_date(at),
        "kept": kept,
        "kept_limit": KEPT_LIMIT,
        "may_prepare": viewer.actor.role is Role.OPERATOR,
    }
    return page_of(request, viewer=viewer, template="home", context=context, campaigns=campaigns)


@require_safe
@page
def campaigns(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will list the campaigns the viewer may see."""
    views = progress.list_campaign_views(party_id=viewer.party_id)
    context = {
        "section": "campaigns",
        "lines": [line_of(campaign) for campaign in views],
        "may_prepare": viewer.actor.role is Role.OPERATOR,
    }
    return page_of(request, viewer=viewer, template="campaigns", context=context, campaigns=views)


def line_of(campaign: CampaignView) -> CampaignLine:
    """This function will put a campaign on one line."""
    rules = campaign.campaign_rules
    verdict = light(
        activated=campaign.activated, failed=campaign.failed, unknown=campaign.unknown, rules=rules
    )
    next_word, next_date = _next(campaign)
    return CampaignLine(campaign, exposure_bar(campaign), verdict.value, next_word, next_date)


def exposure_bar(campaign: CampaignView) -> SafeString:
    """This function will draw how many of a campaign's hubs have been sent, and what became of them."""
    parts = parts_of(campaign)
    return charts.share_bar(parts, total=campaign.eligible_count, label=f"Exposure of {campaign.reference}")


def parts_of(counts: CampaignView) -> list[Part]:
    """This function will split a campaign's hubs into the parts of a bar."""
    return [
        Part("succeeded", "Activated", counts.activated),
        Part("failed", "Failed", counts.failed),
        Part("unknown", "Unknown", counts.unknown),
        Part("progress", "In flight", counts.in_flight),
        Part(
            "deferred",
            "Unreachable, recalled or withdrawn",
            counts.unreachable + counts.recalled + counts.withdrawn,
        ),
    ]


def _next(campaign: CampaignView) -> tuple[str, date | None]:
    if campaign.is_held:
        return "Waits for two people to resume", None
    phase = Phase(campaign.phase)
    return {
        Phase.DRAFT: ("Publish before", campaign.pilot_starts_on),
        Phase.NOTIFIED: ("Pilot starts", campaign.pilot_starts_on),
        Phase.PILOT: ("Deploy by", campaign.deploy_by),
        Phase.SAFE_LAUNCH: ("Deploy by", campaign.deploy_by),
        Phase.MASS_ROLL_OUT: ("Deploy by", campaign.deploy_by),
        Phase.COMPLETE: ("Ended", calendar.london_date(campaign.phase_since)),
        Phase.ABANDONED: ("Ended", calendar.london_date(campaign.phase_since)),
    }[phase]
