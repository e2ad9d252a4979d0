"""Deferrals: a Supplier asks and sees, governance sees the queue with its clocks and decides by two people."""

import mimetypes
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from safelaunch.domain import campaign_wishes, deferrals
from safelaunch.domain.campaigns import OPEN
from safelaunch.domain.deferrals import Decision, DeferralState, Proposed
from safelaunch.domain.people import Role
from safelaunch.domain.refusals import Invalid, Problem
from safelaunch.interfaces.portal.asking import number_asked
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.pages.wishes import OutcomeGroup, grouped
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services import deferrals as services
from safelaunch.services.deferrals import Asked
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock, progress
from safelaunch.store.reads import deferrals as reads
from safelaunch.store.reads.deferrals import DeferralView

DEFERRALS_PER_PAGE = 25
HUBS_SHOWN = 50
_JUDGES = (Role.OPERATOR, Role.APPROVER, Role.GOVERNANCE)


@dataclass(frozen=True, slots=True)
class Line:
    """A deferral on one line, with how its clock stands."""

    deferral: DeferralView
    clock: str


@require_http_methods(["GET", "HEAD", "POST"])
@page
def list_(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will list deferrals, and take one from a Supplier."""
    if request.method != "POST":
        return _list(request, viewer)
    try:
        made = services.request(
            reference=request.POST.get("campaign", ""),
            device_ids=campaign_wishes.read_list(request.POST.get("hubs", "")),
            asked=_asked(request),
            actor=viewer.actor,
            at=clock.now(),
        )
    except Problem as problem:
        return _list(request, viewer, problem=problem)
    if not made.taken.taken:
        nothing = Invalid("No hub could be deferred; each has its reason below.")
        return _list(request, viewer, problem=nothing, outcomes=grouped(made.taken))
    return redirect("deferral", made.number)


@require_safe
@page
def deferral(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """This function will show a deferral with its evidence and its hubs."""
    return _show(request, viewer, number)


@require_safe
@page
def file(request: HttpRequest, viewer: Viewer, number: int, file_number: int) -> HttpResponse:  # noqa: ARG001 - every view takes a request
    """This function will give a file of evidence, to be saved and never shown."""
    reads.get(number=number, party_id=viewer.party_id)
    content = reads.get_file_content(number=number, deferral_file_id=file_number)
    if content is None:
        raise reads.NoSuchDeferral(f"Deferral D{number} has no such file.")
    response = HttpResponse(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="D{number}-{file_number}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@page
def propose(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """This function will note what one person proposes to decide."""

    def act() -> None:
        decision = request.POST.get("decision", "")
        if decision not in set(Decision):
            raise Invalid("Say whether to accept or to refuse it.")
        proposed = Proposed(
            Decision(decision),
            request.POST.get("reason", "").strip(),
            request.POST.get("direction", "").strip() or None,
        )
        services.propose(number=number, proposed=proposed, actor=viewer.actor, at=clock.now())

    return _act(request, viewer, number, act)


@require_POST
@page
def agree(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """This function will decide as another person proposed."""
    return _act(
        request,
        viewer,
        number,
        lambda: services.agree(number=number, actor=viewer.actor, at=clock.now()),
    )


@require_POST
@page
def appeal(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """This function will appeal a refusal."""
    why = request.POST.get("why", "")
    return _act(
        request,
        viewer,
        number,
        lambda: services.appeal(number=number, why=why, actor=viewer.actor, at=clock.now()),
    )


@require_POST
@page
def withdraw(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """This function will withdraw a deferral."""
    return _act(
        request,
        viewer,
        number,
        lambda: services.withdraw(number=number, actor=viewer.actor, at=clock.now()),
    )


def _act(request: HttpRequest, viewer: Viewer, number: int, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except reads.NoSuchDeferral:
        raise
    except Problem as problem:
        return _show(request, viewer, number, problem=problem)
    return redirect("deferral", number)


def _asked(request: HttpRequest) -> Asked:
    until = request.POST.get("until", "")
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise Invalid("The last day of the hold is a date such as 2026-03-30.") from error
    files = request.FILES.getlist("evidence")
    if len(files) > deferrals.MOST_FILES:
        raise Invalid(f"A deferral takes {deferrals.MOST_FILES} files of evidence; {len(files)} were given.")
    return Asked(
        grounds=request.POST.get("grounds", "").strip(),
        duty=request.POST.get("duty", "").strip() or None,
        until=day,
        files=[
            (
                one.name or "file",
                mimetypes.guess_type(one.name or "")[0] or "application/octet-stream",
                one.read(deferrals.MOST_FILE_OCTETS + 1),
            )
            for one in files
        ],
    )


def _list(
    request: HttpRequest,
    viewer: Viewer,
    *,
    problem: Problem | None = None,
    outcomes: list[OutcomeGroup] | None = None,
) -> HttpResponse:
    before, at = number_asked(request, "before"), clock.now()
    found = reads.list_deferrals(party_id=viewer.party_id, before=before, limit=DEFERRALS_PER_PAGE + 1)
    shown = found[:DEFERRALS_PER_PAGE]
    campaigns = progress.list_campaign_views(party_id=viewer.party_id)
    others = []
    if viewer.party_id is not None:
        others = reads.list_deferred_by_others(party_id=viewer.party_id, at=at)
    context = {
        "section": "deferrals",
        "lines": [Line(one, one.clock(at).value) for one in shown],
        "next_before": shown[-1].number if len(found) > len(shown) else None,
        "others": others,
        "may_ask": viewer.actor.role is Role.SUPPLIER,
        "open_campaigns": [one for one in campaigns if one.phase in OPEN],
        "given": request.POST,
        "most_files": deferrals.MOST_FILES,
        "refusal": str(problem) if problem else None,
        "outcomes": outcomes or [],
    }
    status = status_of(problem) if problem else 200
    return page_of(
        request, viewer=viewer, template="deferrals", context=context, campaigns=campaigns, status=status
    )


def _show(
    request: HttpRequest, viewer: Viewer, number: int, *, problem: Problem | None = None
) -> HttpResponse:
    seen = reads.get(number=number, party_id=viewer.party_id)
    hubs = reads.list_deferred_hubs(number=number, limit=HUBS_SHOWN + 1)
    context = {
        "section": "deferrals",
        "deferral": seen,
        "clock": seen.clock(clock.now()).value,
        "files": reads.list_deferral_files(number=number),
        "hubs": hubs[:HUBS_SHOWN],
        "more_hubs": len(hubs) > HUBS_SHOWN,
        "refused_hubs": Counter(hub.outcome for hub in hubs if hub.outcome != "TAKEN_DOWN"),
        "given": request.POST,
        "refusal": str(problem) if problem else None,
        **_rights(seen, viewer),
    }
    status = status_of(problem) if problem else 200
    return page_of(request, viewer=viewer, template="deferral", context=context, status=status)


def _rights(seen: DeferralView, viewer: Viewer) -> dict[str, Any]:
    state, role = DeferralState(seen.state), viewer.actor.role
    is_open = state in deferrals.UNDECIDED
    is_proposer = seen.proposed_by_id == viewer.person.person_id
    is_own = role is Role.SUPPLIER
    return {
        "holds": state in deferrals.HOLDING,
        "needs_direction": state is DeferralState.APPEALED,
        "may_propose": is_open
        and role in _JUDGES
        and (state is DeferralState.REQUESTED or role is Role.GOVERNANCE),
        "may_agree": is_open
        and seen.proposed_decision is not None
        and not is_proposer
        and role in (Role.APPROVER, Role.GOVERNANCE),
        "is_proposer": is_proposer,
        "may_appeal": is_own and state is DeferralState.REFUSED,
        "may_withdraw": is_own and state in deferrals.HOLDING,
    }
