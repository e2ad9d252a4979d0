"""One campaign: where it stands, how it is getting on, and the acts that stop, resume and decide."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from safelaunch.domain.campaigns import OPEN, RUNNING, Phase
from safelaunch.domain.gates import Decision
from safelaunch.domain.people import Role
from safelaunch.domain.refusals import Invalid, NotFound, Refused
from safelaunch.interfaces.portal import charts
from safelaunch.interfaces.portal.charts import Part
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.pages.home import line_of
from safelaunch.interfaces.portal.pages.timeline import timeline
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services import campaigns as services
from safelaunch.services import gates
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock, progress
from safelaunch.store.reads.progress import CampaignView, NightCounts, RegionProgress, TrancheRow

TRANCHES_PER_PAGE = 12
_STOPPERS = (Role.OPERATOR, Role.APPROVER, Role.SUPPLIER)
_DECIDERS = (Role.OPERATOR, Role.APPROVER)


class NoCampaignSeen(NotFound):
    """No campaign of this reference, or none that concerns the viewer's homes."""


@require_safe
@page
def campaign(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """This function will show a campaign."""
    return _show(request, viewer, reference)


@require_safe
@page
def live(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """This function will give the counters alone, for the page to swap in."""
    seen = _find(viewer, reference)
    return render(request, "portal/_live.html", _live(seen))


@require_safe
@page
def tranches(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """This function will give the next page of tranches: rows for htmx, a page of their own otherwise."""
    seen = _find(viewer, reference)
    if viewer.party_id is not None:
        raise NoCampaignSeen("Tranches show the homes of every Supplier; the DCC sees them.")
    context = {"campaign": seen, "section": "campaigns", **_tranche_page(request, seen)}
    if request.headers.get("HX-Request"):
        return render(request, "portal/_tranche_rows.html", context)
    return page_of(request, viewer=viewer, template="tranches", context=context)


@require_http_methods(["GET", "POST"])
@page
def stop(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """This function will stop a campaign: one press, no question back (R-0024-13)."""
    return _act(
        request,
        viewer,
        reference,
        anchor="hold",
        act=lambda: services.stop_now(
            reference=reference,
            because=request.POST.get("because", "").strip(),
            actor=viewer.actor,
            at=clock.now(),
        ),
    )


@require_http_methods(["GET", "POST"])
@page
def propose_resume(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """This function will note that the viewer wants a held campaign to go on (Q9)."""
    return _act(
        request,
        viewer,
        reference,
        anchor="hold",
        act=lambda: services.propose_resume(
            reference=reference, reason=request.POST.get("reason", ""), actor=viewer.actor, at=clock.now()
        ),
    )


@require_http_methods(["GET", "POST"])
@page
def approve_resume(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """This function will let a held campaign go on, as the second person (Q9)."""
    return _act(
        request,
        viewer,
        reference,
        anchor="top",
        act=lambda: services.approve_resume(reference=reference, actor=viewer.actor, at=clock.now()),
    )


@require_http_methods(["GET", "POST"])
@page
def decide(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """This function will record the viewer's decision at the gate, on the evidence they saw."""
    return _act(
        request,
        viewer,
        reference,
        anchor="gate",
        act=lambda: gates.decide(
            reference=reference,
            decision=_read_decision(request.POST.get("decision", "")),
            evidence_digest=request.POST.get("evidence_digest", ""),
            note=request.POST.get("note", "").strip(),
            actor=viewer.actor,
            at=clock.now(),
        ),
    )


def _act(
    request: HttpRequest, viewer: Viewer, reference: str, *, anchor: str, act: Callable[[], object]
) -> HttpResponse:
    seen = _find(viewer, reference)
    address = reverse("campaign", args=[seen.reference])
    if request.method != "POST":
        return redirect(address)
    try:
        act()
    except Refused as refusal:
        return _show(request, viewer, reference, refusal=refusal)
    return redirect(f"{address}#{anchor}")


def _read_decision(text: str) -> Decision:
    try:
        return Decision(text)
    except ValueError:
        raise Invalid("A decision is to proceed or to hold; press one of the two buttons.") from None


def _find(viewer: Viewer, reference: str) -> CampaignView:
    seen = progress.find_campaign_view(party_id=viewer.party_id, reference=reference)
    if seen is None:
        raise NoCampaignSeen(
            f"There is no campaign {reference!r} that concerns homes you may see. The campaigns page lists those there are."
        )
    return seen


def _show(
    request: HttpRequest, viewer: Viewer, reference: str, *, refusal: Refused | None = None
) -> HttpResponse:
    seen = _find(viewer, reference)
    history = progress.list_gate_history(campaign_id=seen.campaign_id)
    regions = progress.list_region_progress(campaign_id=seen.campaign_id, party_id=viewer.party_id)
    context = {
        "section": "campaigns",
        "line": line_of(seen),
        "steps": timeline(seen, history),
        "regions": [(region, _region_bar(region)) for region in regions],
        "refusal": str(refusal) if refusal else None,
        "given": request.POST,
        "may_stop": viewer.actor.role in _STOPPERS and Phase(seen.phase) in OPEN,
        "may_propose": viewer.actor.role in _DECIDERS,
        "may_approve": viewer.actor.role is Role.APPROVER,
        "is_proposer": seen.resume_proposed_by_id == viewer.person.person_id,
        **_live(seen),
    }
    if viewer.party_id is None:
        context |= _whole(request, viewer, seen) | {"history": history}
    return page_of(
        request,
        viewer=viewer,
        template="campaign",
        context=context,
        status=status_of(refusal) if refusal else 200,
    )


def _whole(request: HttpRequest, viewer: Viewer, seen: CampaignView) -> dict[str, Any]:
    """What shows every Supplier's homes together, and so only to the DCC and governance."""
    nights = progress.list_nights(campaign_id=seen.campaign_id)
    found: dict[str, Any] = {
        "nights": _summed(nights),
        "chart": charts.exposure(nights),
        **_tranche_page(request, seen),
    }
    if Phase(seen.phase) in RUNNING:
        review = gates.review(reference=seen.reference, at=clock.now())
        mine = any(proposal.person_id == viewer.person.person_id for proposal in review.proposals)
        found |= {"review": review, "digest": review.evidence.digest(), "has_proposed": mine}
    return found


def _live(seen: CampaignView) -> dict[str, Any]:
    return {
        "campaign": seen,
        "as_of": clock.now(),
        "is_moving": Phase(seen.phase) in RUNNING,
        "counters": (
            Part("waiting", "Planned", seen.planned),
            Part("progress", "In flight", seen.in_flight),
            Part("succeeded", "Activated", seen.activated),
            Part("failed", "Failed", seen.failed),
            Part("unknown", "Unknown", seen.unknown),
            Part("deferred", "Unreachable", seen.unreachable),
        ),
        "taken_back": seen.recalled + seen.withdrawn,
    }


def _region_bar(region: RegionProgress) -> object:
    parts = (
        Part("succeeded", "Activated", region.activated),
        Part("failed", "Failed", region.failed),
        Part("unknown", "Unknown", region.unknown),
        Part("progress", "In flight", region.in_flight),
        Part("deferred", "Came back", region.came_back),
    )
    return charts.share_bar(parts, total=region.eligible_count, label=region.region)


def _summed(nights: list[NightCounts]) -> list[NightCounts]:
    """The running sums that the curve draws, newest night first."""
    sums: list[NightCounts] = []
    sent = activated = failed = unknown = 0
    for night in nights:
        sent, activated = sent + night.sent, activated + night.activated
        failed, unknown = failed + night.failed, unknown + night.unknown
        sums.append(NightCounts(night.night, sent, activated, failed, unknown))
    return sums[::-1]


def _tranche_page(request: HttpRequest, seen: CampaignView) -> dict[str, Any]:
    before_night, before_id = _read_key(request.GET.get("after", ""))
    rows: list[TrancheRow] = progress.list_tranche_rows(
        campaign_id=seen.campaign_id,
        before_night=before_night,
        before_id=before_id,
        limit=TRANCHES_PER_PAGE + 1,
    )
    shown = rows[:TRANCHES_PER_PAGE]
    last = shown[-1] if len(rows) > TRANCHES_PER_PAGE else None
    return {
        "tranches": shown,
        "next_key": f"{last.night:%Y-%m-%d}.{last.tranche_id}" if last else None,
        "is_first": before_night is None,
    }


def _read_key(key: str) -> tuple[date | None, int]:
    night, _, number = key.partition(".")
    try:
        return (date.fromisoformat(night), int(number)) if key else (None, 0)
    except ValueError:
        return None, 0
