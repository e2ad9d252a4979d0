"""The inventory: what it holds, whose supply points are, displays with an earlier occupier's data, and lost answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.domain.smi import SmiStatus
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services import inventory, read_backs, registrations, tenancy, tenancy_report
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock

DISPLAYS_PER_PAGE = 50
REMEDIES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class TotalRow:
    """One line of a table of counts: what is counted, each status of the columns with how many have it, and all."""

    name: str
    counts: list[tuple[str, int]]
    total: int


@require_safe
@page
def show(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will show what the inventory holds; Devices are counted only when asked, for it passes over each."""
    is_counted = "devices" in request.GET
    held = inventory.describe(viewer_party_id=viewer.party_id, is_counted=is_counted)
    present = {one.smi_status for one in held.hubs} | {one.smi_status for one in held.devices}
    # In the order of a Device's life.
    statuses = [status.value for status in SmiStatus if status in present]
    context = {
        "section": "inventory",
        "statuses": statuses,
        "regions": _table(((one.region, one.smi_status, one.hub_count) for one in held.hubs), statuses),
        "types": _table(
            ((one.device_type, one.smi_status, one.device_count) for one in held.devices), statuses
        ),
        "is_counted": is_counted,
        "loads": held.loads,
        "policies": [
            (one.party_name, one.policy.wait // timedelta(minutes=1), one.policy)
            for one in read_backs.policies(viewer_party_id=viewer.party_id)
        ],
    }
    return page_of(request, viewer=viewer, template="inventory", context=context)


@require_safe
@page
def supply_point(request: HttpRequest, viewer: Viewer, mpxn: str) -> HttpResponse:
    """This function will show who was, is and will be responsible for a supply point."""
    found = registrations.show(mpxn=mpxn, viewer_party_id=viewer.party_id)
    at = clock.now()
    context = {
        "section": "hubs",
        "mpxn": mpxn,
        "registrations": [(one, one.stands(at=at)) for one in found],
        "since_ever": SINCE_EVER,
        "search": f"{reverse('hubs')}?{urlencode({'device_id': mpxn})}",
    }
    return page_of(request, viewer=viewer, template="supply_point", context=context)


@require_safe
@page
def displays(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will list displays that may show an earlier occupier's data, with what would mend most."""
    after, at = request.GET.get("after", ""), clock.now()
    found = tenancy.list_displays(
        viewer_party_id=viewer.party_id,
        after=tenancy_report.read_place(after),
        limit=DISPLAYS_PER_PAGE + 1,
        at=at,
    )
    shown = found[:DISPLAYS_PER_PAGE]
    is_first = not after
    remedies = tenancy.summarise(viewer_party_id=viewer.party_id, at=at) if is_first else []
    context = {
        "section": "inventory",
        "displays": shown,
        "is_first": is_first,
        "next": tenancy_report.write_place(shown[-1].place) if len(found) > len(shown) else None,
        "remedies": remedies[:REMEDIES_SHOWN],
        "more_remedies": max(0, len(remedies) - REMEDIES_SHOWN),
    }
    return page_of(request, viewer=viewer, template="displays", context=context)


@require_safe
@page
def download_displays(request: HttpRequest, viewer: Viewer) -> StreamingHttpResponse:
    """This function will give every display that the list has, all its pages, as CSV, written while it is read."""
    del request
    at = clock.now()
    lines = tenancy_report.write_csv(tenancy.walk_displays(viewer_party_id=viewer.party_id, at=at))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="displays-{at:%Y-%m-%d}.csv"'
    return response


def _table(counts: Iterable[tuple[str, str, int]], statuses: list[str]) -> list[TotalRow]:
    """Turn counts by name and status into lines, in the order in which the names come."""
    lines: dict[str, dict[str, int]] = {}
    for name, status, count in counts:
        lines.setdefault(name, {})[status] = count
    return [
        TotalRow(name, [(status, by_status.get(status, 0)) for status in statuses], sum(by_status.values()))
        for name, by_status in lines.items()
    ]
