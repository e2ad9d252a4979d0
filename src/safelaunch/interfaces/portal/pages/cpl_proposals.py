"""Proposed changes of the Central Products List: see what each would do, agree to it or put it aside."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from safelaunch.domain.cpl import Consequences, ProposalState
from safelaunch.domain.people import Act, Actor, Role, require
from safelaunch.domain.refusals import Forbidden, Invalid, Problem, Refused
from safelaunch.interfaces.portal.asking import number_asked
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services import cpl as entries
from safelaunch.services import cpl_changes as services
from safelaunch.services.cpl import Change
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock
from safelaunch.store.reads.cpl import ProposalView
from safelaunch.wire.cpl_file import FaultyEntry
from safelaunch.wire.table_file import FaultyTable

PROPOSALS_PER_PAGE = 20
CHANGES_SHOWN = 100
FAULTS_AT_ONCE, FAULTS_SHOWN = 10, 500


@require_http_methods(["GET", "HEAD", "POST"])
@page
def list_(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will list proposals, and take a file: first to show what it would do, then to propose it."""
    if request.method != "POST":
        return _list(request, viewer)
    try:
        change = _change(request)
        if "propose" not in request.POST:
            return _preview(request, viewer, change)
        proposal = services.propose(
            change, because=request.POST.get("because", ""), actor=viewer.actor, at=clock.now()
        )
    except services.NoReason as problem:
        return _preview(request, viewer, _change(request), refusal=problem)
    except Problem as problem:
        return _list(request, viewer, problem=problem)
    return redirect("cpl_proposal", proposal.cpl_proposal_id)


@require_safe
@page
def proposal(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """This function will show a proposal."""
    return _show(request, viewer, number)


@require_POST
@page
def approve(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """This function will apply another person's proposal; when the page comes back, all of it is done."""
    return _decide(request, viewer, number, services.approve)


@require_POST
@page
def decline(request: HttpRequest, viewer: Viewer, number: int) -> HttpResponse:
    """This function will put a proposal aside; nothing changes."""
    return _decide(request, viewer, number, services.decline)


def preview_page(
    request: HttpRequest,
    viewer: Viewer,
    change: Change,
    /,
    *,
    action: str,
    hidden: tuple[tuple[str, str], ...],
    refusal: Refused | None = None,
) -> HttpResponse:
    """This function will show what a change would do, with a form that proposes it."""
    seen = services.preview(change, actor=viewer.actor)
    context = {
        "section": "cpl_proposals",
        "source": seen.source,
        "unchanged": seen.unchanged,
        "action": action,
        "hidden": hidden,
        "because": request.POST.get("because", ""),
        "refusal": str(refusal) if refusal else None,
        "most_reason": services.REASON_LIMIT,
        **_shown(seen.consequences),
    }
    status = status_of(refusal) if refusal else 200
    return page_of(request, viewer=viewer, template="cpl_preview", context=context, status=status)


def refused(problem: Problem | None) -> dict[str, Any]:
    """This function will give what a page shows of a refusal: its sentence, the field it is about, and a file's bad rows."""
    faults = problem.faults[:FAULTS_SHOWN] if isinstance(problem, FaultyTable) else ()
    field = "file" if problem else None
    if isinstance(problem, FaultyEntry):
        # Its sentence says it all.
        field, faults = faults[0].column, ()
    return {
        "refusal": str(problem) if problem else None,
        "field": field,
        "faults": faults[:FAULTS_AT_ONCE],
        "more_faults": faults[FAULTS_AT_ONCE:],
    }


def may_propose(actor: Actor) -> bool:
    """This function will say whether somebody may propose a change."""
    try:
        require(actor, Act.PROPOSE)
    except Forbidden:
        return False
    return True


def _change(request: HttpRequest) -> Change:
    table = request.POST.get("table")
    if table is not None:
        # The same rows as were previewed: a browser keeps no file from one page to the next.
        return entries.read_upload(name=request.POST.get("source", ""), octets=table.encode())
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("Choose a file of entries, CSV or XLSX, and send it again.")
    return entries.read_upload(name=file.name or "", octets=file.read())


def _preview(
    request: HttpRequest, viewer: Viewer, change: Change, *, refusal: Refused | None = None
) -> HttpResponse:
    return preview_page(
        request,
        viewer,
        change,
        action=reverse("cpl_proposals"),
        hidden=(("source", change.source), ("table", entries.write_change(change))),
        refusal=refusal,
    )


def _decide(
    request: HttpRequest, viewer: Viewer, number: int, decide: Callable[..., ProposalView]
) -> HttpResponse:
    try:
        decide(cpl_proposal_id=number, actor=viewer.actor, at=clock.now())
    except Refused as refusal:
        return _show(request, viewer, number, refusal=refusal)
    return redirect("cpl_proposal", number)


def _list(request: HttpRequest, viewer: Viewer, *, problem: Problem | None = None) -> HttpResponse:
    before = number_asked(request, "before")
    found = services.list_proposals(
        viewer_party_id=viewer.party_id,
        before=before,
        limit=PROPOSALS_PER_PAGE + 1,
    )
    shown = found[:PROPOSALS_PER_PAGE]
    context = {
        "section": "cpl_proposals",
        "proposals": shown,
        "next_before": shown[-1].cpl_proposal_id if len(found) > len(shown) else None,
        "is_first": before is None,
        "may_propose": may_propose(viewer.actor),
        **refused(problem),
    }
    status = status_of(problem) if problem else 200
    return page_of(request, viewer=viewer, template="cpl_proposals", context=context, status=status)


def _show(
    request: HttpRequest, viewer: Viewer, number: int, *, refusal: Refused | None = None
) -> HttpResponse:
    story = services.show_proposal(cpl_proposal_id=number, viewer_party_id=viewer.party_id)
    is_open = story.proposal.state is ProposalState.PROPOSED
    is_recounted = is_open and "recount" in request.GET
    again = (
        services.recount(cpl_proposal_id=number, viewer_party_id=viewer.party_id) if is_recounted else None
    )
    is_proposer = story.proposal.proposed_by_id == viewer.person.person_id
    context = {
        "section": "cpl_proposals",
        "proposal": story.proposal,
        "applied_since": story.applied_since,
        "suspensions": story.suspensions,
        "owed": sum(one.owed_count for one in story.suspensions),
        "told": sum(one.told_count for one in story.suspensions),
        "is_open": is_open,
        "is_proposer": is_proposer,
        "may_approve": viewer.actor.role is Role.APPROVER and not is_proposer,
        "may_decline": may_propose(viewer.actor),
        "again": again.sentence() if again else None,
        "has_moved": again is not None and again.digest() != story.proposal.consequences_digest,
        "refusal": str(refusal) if refusal else None,
        "as_of": clock.now(),
        **_shown(story.consequences),
    }
    status = status_of(refusal) if refusal else 200
    return page_of(request, viewer=viewer, template="cpl_proposal", context=context, status=status)


def _shown(consequences: Consequences) -> dict[str, Any]:
    return {
        "sentence": consequences.sentence(),
        "suspended": consequences.suspended,
        "restored": consequences.restored,
        "totals": consequences.by_supplier(),
        "changes": consequences.changes[:CHANGES_SHOWN],
        "more_changes": max(0, len(consequences.changes) - CHANGES_SHOWN),
    }
