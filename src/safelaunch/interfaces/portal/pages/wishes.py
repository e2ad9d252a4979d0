"""A Supplier's choice in a campaign: its Preferred Pilot List, nights and hours of its own, and how each hub stands."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from safelaunch.domain import campaign_wishes as rules
from safelaunch.domain.calendar import LONDON
from safelaunch.domain.campaign_wishes import Slot, Standing, WishKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Act, require
from safelaunch.domain.refusals import Invalid, Problem
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.guard import page
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services import wishes
from safelaunch.services.people import Viewer
from safelaunch.services.wishes import TakenDown, Wished
from safelaunch.store.reads import clock, progress
from safelaunch.store.reads.campaigns import NoSuchCampaign

HUBS_PER_PAGE = 100
HUBS_NAMED = 20


@dataclass(frozen=True, slots=True)
class OutcomeGroup:
    """Hubs with the same outcome: the code, the reason, how many, and the first of them."""

    outcome: str
    reason: str
    hub_count: int
    first: list[str]


def grouped(taken: TakenDown) -> list[OutcomeGroup]:
    """This function will group what became of each hub of a wish by outcome."""
    found: dict[rules.WishOutcome, list[str]] = defaultdict(list)
    for one in taken.judged:
        found[one.outcome].append(str(one.device_id))
    return [
        OutcomeGroup(outcome.value, rules.WORDS[outcome], len(hubs), hubs[:HUBS_NAMED])
        for outcome, hubs in sorted(found.items())
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def show(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """This function will show what a Supplier wished of a campaign, and take more of it."""
    require(viewer.actor, Act.CHOOSE)
    if request.method != "POST":
        return _show(request, viewer, reference)
    try:
        taken = _ask(request, viewer, reference)
    except NoSuchCampaign:
        raise
    except Problem as problem:
        return _show(request, viewer, reference, problem=problem)
    return _show(request, viewer, reference, taken=taken)


def _ask(request: HttpRequest, viewer: Viewer, reference: str) -> TakenDown:
    act = request.POST.get("act", "")
    kinds = {"add": WishKind.NOMINATE, "replace": WishKind.NOMINATE, "withdraw": WishKind.WITHDRAW}
    kind = {**kinds, "forward": WishKind.BRING_FORWARD}.get(act)
    if kind is None:
        raise Invalid("Say what is to be done with these hubs.")
    slot = None if kind is WishKind.WITHDRAW else _slot(request)
    if kind is WishKind.BRING_FORWARD and slot is None:
        raise Invalid("Say when these hubs are to go: a beginning and an end.")
    return wishes.ask(
        kind,
        Wished(_whole_list_or(_list_given(request), kind), slot, act == "replace"),
        reference=reference,
        actor=viewer.actor,
        at=clock.now(),
    )


def _whole_list_or(hubs: list[Eui64], kind: WishKind) -> list[Eui64] | None:
    return None if kind is WishKind.WITHDRAW and not hubs else hubs


def _list_given(request: HttpRequest) -> list[Eui64]:
    text = request.POST.get("hubs", "")
    file = request.FILES.get("file")
    if file is not None:
        try:
            text += "\n" + file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid("The file is no text of Device IDs; save it as CSV in UTF-8.") from error
    return rules.read_list(text)


def _slot(request: HttpRequest) -> Slot | None:
    begins, ends = request.POST.get("not_before", ""), request.POST.get("not_after", "")
    if not begins and not ends:
        return None
    try:
        slot = Slot(*(datetime.fromisoformat(text).replace(tzinfo=LONDON) for text in (begins, ends)))
    except ValueError as error:
        raise Invalid("A time of their own has a beginning and an end, each a date and a time.") from error
    if slot.not_after <= slot.not_before:
        raise Invalid("A time of their own ends after it begins.")
    return slot


def _show(
    request: HttpRequest,
    viewer: Viewer,
    reference: str,
    *,
    problem: Problem | None = None,
    taken: TakenDown | None = None,
) -> HttpResponse:
    at = clock.now()
    after = request.GET.get("after")
    found = wishes.list_standings(
        reference=reference,
        actor=viewer.actor,
        at=at,
        after=Eui64.parse(after) if after else None,
        limit=HUBS_PER_PAGE + 1,
    )
    campaign = progress.find_campaign_view(party_id=viewer.party_id, reference=reference)
    shown = found[:HUBS_PER_PAGE]
    context = {
        "section": "campaigns",
        "campaign": campaign,
        "standings": [(one, rules.STANDING_WORDS[Standing(one.standing)]) for one in shown],
        "next_after": str(shown[-1].device_id) if len(found) > len(shown) else None,
        "closes_at": campaign.list_closes_at if campaign else None,
        "is_open": bool(campaign and campaign.list_closes_at and at <= campaign.list_closes_at),
        "outcomes": grouped(taken) if taken else [],
        "taken": taken.taken if taken else None,
        "given": request.POST if problem else {},
        "most": rules.LONGEST_LIST,
        "refusal": str(problem) if problem else None,
    }
    status = status_of(problem) if problem else 200
    return page_of(request, viewer=viewer, template="wishes", context=context, status=status)
