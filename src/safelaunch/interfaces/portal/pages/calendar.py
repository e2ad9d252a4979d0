"""The calendar page, what a Supplier tells of its own plans, and the feed for calendars elsewhere."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from safelaunch.domain.own_turns import WORDS_OF
from safelaunch.domain.people import Role
from safelaunch.domain.planned_events import PlannedKind
from safelaunch.domain.refusals import Invalid, NotFound, Problem
from safelaunch.interfaces.portal.errors import status_of
from safelaunch.interfaces.portal.guard import page, public
from safelaunch.interfaces.portal.render import page_of
from safelaunch.services import calendars, people
from safelaunch.services.calendars import Calendar, Told
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock
from safelaunch.wire.table_file import Upload

FEED_SALT = "safelaunch.calendar"
FEED_SECONDS = 366 * 24 * 3600
REJECTS_SHOWN = 50


class NoSuchFeed(NotFound):
    """The address of a feed is wrong or too old."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar: the nights of hubs, hubs that wait for it, and what is planned for homes."""

    day: date
    nights: list[str]
    turns: list[str]
    planned: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def show(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """This function will show the coming weeks, and take a file of plans."""
    if request.method != "POST":
        return _show(request, viewer)
    try:
        file = request.FILES.get("file")
        if file is None:
            raise Invalid("Choose a file of plans, CSV or XLSX, and send it again.")
        told = calendars.tell(
            Upload(file.name or "", file.read()),
            replaces="replaces" in request.POST,
            actor=viewer.actor,
            at=clock.now(),
        )
    except Problem as problem:
        return _show(request, viewer, problem=problem)
    return _show(request, viewer, told=told)


@require_safe
@public
def feed(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - every view takes a request
    """This function will give the calendar of whoever the address was made for, for a year."""
    try:
        person_id = int(signing.loads(token, salt=FEED_SALT, max_age=FEED_SECONDS))
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise NoSuchFeed(
            "There is no such feed; its address is on the calendar page, and holds for a year."
        ) from error
    viewer = people.viewer(person_id=person_id)
    if viewer is None:
        raise NoSuchFeed("There is no such feed; its address is on the calendar page, and holds for a year.")
    name = f"Safelaunch, {viewer.person.party_name or 'DCC'}"
    text = calendars.feed(party_id=viewer.party_id, name=name, at=clock.now())
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")


def _show(
    request: HttpRequest, viewer: Viewer, *, problem: Problem | None = None, told: Told | None = None
) -> HttpResponse:
    seen = calendars.look_ahead(party_id=viewer.party_id, at=clock.now())
    token = signing.dumps(viewer.person.person_id, salt=FEED_SALT)
    context: dict[str, Any] = {
        "section": "calendar",
        "days": days_of(seen),
        "from_day": seen.from_day,
        "until_day": seen.until_day,
        "may_tell": viewer.actor.role is Role.SUPPLIER,
        "feed": request.build_absolute_uri(reverse("calendar_feed", args=[token])),
        "told": told,
        "rejects": told.rejects[:REJECTS_SHOWN] if told else (),
        "refusal": str(problem) if problem else None,
    }
    status = status_of(problem) if problem else 200
    return page_of(request, viewer=viewer, template="calendar", context=context, status=status)


def days_of(seen: Calendar) -> list[Day]:
    """This function will put a calendar in order day by day, days without anything left out."""
    nights: dict[date, list[str]] = defaultdict(list)
    turns: dict[date, list[str]] = defaultdict(list)
    planned: dict[date, list[str]] = defaultdict(list)
    for night in seen.nights:
        nights[night.night].append(f"{night.hub_count:,} hubs of {night.reference} in {night.region}")
    for turn in seen.turns:
        because = (
            WORDS_OF[PlannedKind(turn.planned_kind)].lower() if turn.planned_kind else _CAUSES[turn.cause]
        )
        turns[turn.night].append(f"{turn.hub_count:,} hubs of {turn.reference} wait until then: {because}")
    for one in seen.planned:
        planned[one.day].append(f"{WORDS_OF[PlannedKind(one.kind)]} in {one.hub_count:,} homes")
    return [Day(day, nights[day], turns[day], planned[day]) for day in sorted({*nights, *turns, *planned})]


_CAUSES = {"WISH": "asked for by a Supplier", "DEFERRAL": "deferred", "CONFLICT": "moved"}
