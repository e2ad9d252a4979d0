"""Pages from templates, with what every page shows: who looks, the clock, and how much waits for them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.needs import needs_of
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock, progress
from safelaunch.store.reads.progress import CampaignView


def page_of(
    request: HttpRequest,
    *,
    viewer: Viewer,
    template: str,
    context: dict[str, Any],
    campaigns: list[CampaignView] | None = None,
    status: int = 200,
) -> HttpResponse:
    """This function will render a page for somebody signed in; `campaigns` when the view has read them already."""
    if campaigns is None:
        campaigns = progress.list_campaign_views(party_id=viewer.party_id)
    needs = context["needs"] if "needs" in context else needs_of(viewer, campaigns)
    shown = {"viewer": viewer, "now": clock.now(), "needs_count": len(needs), **context}
    return render(request, f"portal/{template}.html", shown, status=status)


def problem_page(request: HttpRequest, *, problem: Problem, viewer: Viewer | None) -> HttpResponse:
    """This function will render a refusal as a page of its own."""
    status = status_of(problem)
    context = {
        "viewer": viewer,
        "headline": HEADLINES.get(status, "That did not work"),
        "sentence": str(problem),
    }
    return render(request, "portal/problem.html", context, status=status)


HEADLINES = {
    400: "That request could not be read",
    403: "Not yours to do",
    404: "Nothing here that you may see",
    409: "That does not fit the present state",
    422: "Something in that needs another look",
    500: "Something went wrong on our side",
    503: "A neighbour does not answer",
}
"""Headlines of problem pages, by HTTP status."""
