"""The Central Products List: its entries, one entry with its history, and what changing an entry would do."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from safelaunch.domain.refusals import Problem
from safelaunch.domain.smi import CplStatus, DeviceType
from safelaunch.interfaces.portal.asking import number_asked
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.pages.cpl_proposals import may_propose, preview_page, refused
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services import cpl as services
from safelaunch.services import cpl_changes
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock
from safelaunch.store.reads.cpl import Wanted
from safelaunch.wire.cpl_file import LISTED

ENTRIES_PER_PAGE = 50
CHANGEABLE = ("status", "smets_chts_version", "gbcs_version", "image_hash", "predecessors")


@require_safe
@page
def list_(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will list entries, filtered and page by page."""
    wanted, after = _wanted(request), number_asked(request, "after")
    found = services.list_entries(wanted=wanted, after=after, limit=ENTRIES_PER_PAGE + 1)
    shown = found[:ENTRIES_PER_PAGE]
    query = _query(wanted)
    following = {**query, "after": shown[-1].device_model_id} if len(found) > len(shown) else None
    context = {
        "section": "cpl",
        "entries": shown,
        "wanted": wanted,
        "types": [kind.value for kind in LISTED],
        "statuses": [status.value for status in CplStatus],
        "query": urlencode(query),
        "is_filtered": bool(query),
        "is_first": after is None,
        "next_query": urlencode(following) if following else None,
        "may_propose": may_propose(viewer.actor),
    }
    return page_of(request, viewer=viewer, template="cpl", context=context)


@require_safe
@page
def download(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will give exactly what the list shows, all its pages, as CSV that a change can be read from."""
    del viewer
    text = services.write_entries(services.list_entries(wanted=_wanted(request)))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="cpl-{clock.now():%Y-%m-%d}.csv"'
    return response


@require_safe
@page
def entry(request: HttpRequest, viewer: Viewer, device_model_id: int) -> HttpResponse:
    """This function will show an entry."""
    return _show(request, viewer, device_model_id)


@require_POST
@page
def preview(request: HttpRequest, viewer: Viewer, device_model_id: int) -> HttpResponse:
    """This function will show what a change of the entry would do; nothing is proposed."""
    said = _said(request)
    try:
        change = services.change_of(device_model_id=device_model_id, said=said)
        return preview_page(
            request,
            viewer,
            change,
            action=reverse("cpl_propose", args=[device_model_id]),
            hidden=tuple(said.items()),
        )
    except Problem as problem:
        return _refused(request, viewer, device_model_id, problem)


@require_POST
@page
def propose(request: HttpRequest, viewer: Viewer, device_model_id: int) -> HttpResponse:
    """This function will propose a change of the entry, which a second person applies."""
    said = _said(request)
    try:
        change = services.change_of(device_model_id=device_model_id, said=said)
        proposal = cpl_changes.propose(
            change, because=request.POST.get("because", ""), actor=viewer.actor, at=clock.now()
        )
    except cpl_changes.NoReason as problem:
        return preview_page(
            request,
            viewer,
            services.change_of(device_model_id=device_model_id, said=said),
            action=request.path,
            hidden=tuple(said.items()),
            refusal=problem,
        )
    except Problem as problem:
        return _refused(request, viewer, device_model_id, problem)
    return redirect("cpl_proposal", proposal.cpl_proposal_id)


def _show(
    request: HttpRequest, viewer: Viewer, device_model_id: int, *, problem: Problem | None = None
) -> HttpResponse:
    found = services.show_entry(device_model_id=device_model_id, viewer_party_id=viewer.party_id)
    # Hubs are counted from a roll-up; any other type takes a pass over the inventory, when somebody asks for it.
    is_counted = found.entry.device_type == DeviceType.CHF or "devices" in request.GET
    running = (
        services.count_devices(entry=found.entry, viewer_party_id=viewer.party_id) if is_counted else None
    )
    context: dict[str, Any] = {
        "section": "cpl",
        "entry": found.entry,
        "history": found.history,
        "running": running,
        "as_of": clock.now(),
        "statuses": [status.value for status in CplStatus],
        "may_propose": may_propose(viewer.actor),
        "given": {name: request.POST.get(name) for name in CHANGEABLE} if problem else None,
        **refused(problem),
    }
    return page_of(
        request,
        viewer=viewer,
        template="cpl_entry",
        context=context,
        status=status_of(problem) if problem else 200,
    )


def _refused(request: HttpRequest, viewer: Viewer, device_model_id: int, problem: Problem) -> HttpResponse:
    if isinstance(problem, services.NoSuchEntry):
        raise problem
    return _show(request, viewer, device_model_id, problem=problem)


def _said(request: HttpRequest) -> dict[str, str]:
    return {
        name: " ".join(request.POST[name].split()) if name == "predecessors" else request.POST[name].strip()
        for name in CHANGEABLE
        if name in request.POST
    }


def _wanted(request: HttpRequest) -> Wanted:
    kind, status = request.GET.get("type", ""), request.GET.get("status", "")
    return Wanted(
        device_type=DeviceType(kind) if kind in LISTED else None,
        status=CplStatus(status) if status in set(CplStatus) else None,
        search=request.GET.get("search", "").strip() or None,
    )


def _query(wanted: Wanted) -> dict[str, str | int]:
    asked = {"type": wanted.device_type, "status": wanted.status, "search": wanted.search}
    return {name: str(value) for name, value in asked.items() if value is not None}
