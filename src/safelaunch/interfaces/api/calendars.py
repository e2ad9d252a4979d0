"""The calendar of conflicts as JSON: the coming weeks, and a Supplier's own plans."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from safelaunch.interfaces.api.campaigns import viewer_of
from safelaunch.services import calendars
from safelaunch.services.calendars import Calendar, Told
from safelaunch.store.reads import clock
from safelaunch.wire.table_file import Upload

router = Router(tags=["calendar"])


class HubNight(Schema):
    """Hubs that go in a night, by campaign and region."""

    night: date
    reference: str
    region: str
    hub_count: int


class TurnNight(Schema):
    """Hubs that wait for a night of their own, and why."""

    night: date
    reference: str
    cause: str
    planned_kind: str | None
    hub_count: int


class PlannedDay(Schema):
    """Homes for which something is planned on a day."""

    day: date
    kind: str
    hub_count: int


class Weeks(Schema):
    """The coming weeks as the caller may see them."""

    from_day: date
    until_day: date
    nights: list[HubNight]
    turns: list[TurnNight]
    planned: list[PlannedDay]


class Fault(Schema):
    """A bad row of a file, and what is wrong with it."""

    line: int
    column: str
    value: str
    reason: str


class PlansSaid(Schema):
    """Whether what the caller told before, and is not over, gives way to the file."""

    replaces: bool = False


class PlansTold(Schema):
    """What a file of plans did."""

    taken: int
    gave_way: int
    rejects: list[Fault]


@router.get("/calendar", response=Weeks, summary="The coming weeks")
def look_ahead(
    request: HttpRequest, days: Annotated[int, Query(ge=1, le=366)] = calendars.DAYS_AHEAD
) -> Calendar:
    """Give the nights of hubs, those that wait for theirs and why, and what is planned for homes."""
    return calendars.look_ahead(party_id=viewer_of(request).party_id, at=clock.now(), days=days)


@router.post("/calendar/plans", response=PlansTold, summary="Tell what is planned for homes")
def tell(request: HttpRequest, file: File[UploadedFile], said: Form[PlansSaid]) -> Told:
    """Take plans from a CSV or XLSX file: good rows are kept, bad ones explained."""
    return calendars.tell(
        Upload(file.name or "", file.read()),
        replaces=said.replaces,
        actor=viewer_of(request).actor,
        at=clock.now(),
    )
