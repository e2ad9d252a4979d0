"""A Supplier's portfolio: how many hubs, by model, version, region and status, and where campaigns have them."""

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import SmiStatus
from safelaunch.interfaces.portal import charts
from safelaunch.interfaces.portal.asking import LARGEST_SMALLINT, number_asked
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.marks import word_of
from safelaunch.interfaces.portal.pages.home import parts_of
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock, portfolio, progress
from safelaunch.store.reads.portfolio import PortfolioRow, Supplier
from safelaunch.store.reads.progress import CampaignView
from safelaunch.wire.csv_rows import write_lines

_SAME = ("manufacturer", "model", "hardware_version", "firmware_version", "region")
_CSV_COLUMNS = {**{name: name for name in _SAME}, "status": "smi_status", "hubs": "hub_count"}
"""Columns of the download, each with the field of a row that fills it."""


class NoSuchSupplier(NotFound):
    """No Supplier has this number."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the page shows: one Supplier's hubs or all (None), narrowed to a region and a status, or neither."""

    party_id: int | None
    region: str | None
    smi_status: str | None


@dataclass(frozen=True, slots=True)
class ModelGroup:
    """The rows of one hub model."""

    name: str
    hub_count: int
    rows: list[PortfolioRow]


@require_safe
@page
def show(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will show a portfolio."""
    suppliers = [] if viewer.party_id is not None else portfolio.list_portfolio_suppliers()
    chosen = _choose(request, viewer)
    rows = _rows(chosen)
    views = progress.list_campaign_views(party_id=chosen.party_id)
    context = {
        "section": "portfolio",
        "suppliers": suppliers,
        "regions": portfolio.list_portfolio_regions(),
        "statuses": [status.value for status in SmiStatus if status is not SmiStatus.PENDING],
        "chosen": chosen,
        "supplier_name": _name(viewer, suppliers, chosen),
        "groups": _groups(rows),
        "total": sum(row.hub_count for row in rows),
        "most": max((row.hub_count for row in rows), default=0),
        "totals": _totals(rows),
        "campaigns": [(view, _bar(view)) for view in views if view.published_at],
        "query": _query(viewer, chosen),
    }
    return page_of(
        request,
        viewer=viewer,
        template="portfolio",
        context=context,
        campaigns=views if chosen.party_id == viewer.party_id else None,
    )


@require_safe
@page
def download(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will give exactly the rows the page shows as CSV."""
    cells = map(attrgetter(*_CSV_COLUMNS.values()), _rows(_choose(request, viewer)))
    text = "".join(write_lines(tuple(_CSV_COLUMNS), cells))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"portfolio-{clock.now():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _choose(request: HttpRequest, viewer: Viewer) -> Chosen:
    region, status = request.GET.get("region") or None, request.GET.get("status") or None
    if viewer.party_id is not None:
        return Chosen(viewer.party_id, region, status)
    return Chosen(number_asked(request, "supplier", largest=LARGEST_SMALLINT), region, status)


def _rows(chosen: Chosen) -> list[PortfolioRow]:
    return portfolio.list_portfolio_rows(
        party_id=chosen.party_id, region=chosen.region, smi_status=chosen.smi_status
    )


def _name(viewer: Viewer, suppliers: list[Supplier], chosen: Chosen) -> str:
    if viewer.party_id is not None:
        return viewer.person.party_name or ""
    if chosen.party_id is None:
        return "All Suppliers"
    name = next((each.name for each in suppliers if each.party_id == chosen.party_id), None)
    if name is None:
        raise NoSuchSupplier("There is no such Supplier. Choose one from the list on the portfolio page.")
    return name


def _groups(rows: list[PortfolioRow]) -> list[ModelGroup]:
    groups = []
    for (manufacturer, model), found in groupby(rows, key=lambda row: (row.manufacturer, row.model)):
        members = list(found)
        groups.append(ModelGroup(f"{manufacturer} {model}", sum(row.hub_count for row in members), members))
    return groups


def _totals(rows: list[PortfolioRow]) -> list[tuple[str, int]]:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.smi_status] = totals.get(row.smi_status, 0) + row.hub_count
    return sorted(totals.items(), key=lambda item: -item[1])


def _bar(view: CampaignView) -> SafeString:
    return charts.share_bar(parts_of(view), total=view.eligible_count, label=word_of(view.phase))


def _query(viewer: Viewer, chosen: Chosen) -> str:
    supplier = chosen.party_id if viewer.party_id is None else None
    asked = {"supplier": supplier, "region": chosen.region, "status": chosen.smi_status}
    return urlencode({name: value for name, value in asked.items() if value is not None})
