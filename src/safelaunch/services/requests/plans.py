"""What Users plan for homes, noted from their requests for the calendar of conflicts (R-0024-16, Q12).

Tariffs, prices, payment modes, top-ups and schedules are done by others; Safelaunch, which does not do them, says so and
notes them all the same, because whoever was refused here means to do it elsewhere.
"""

from datetime import UTC, date, datetime, time, timedelta

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.planned_events import KIND_OF
from safelaunch.services.requests import admission
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import planned_events as writes
from safelaunch.store.writes.planned_events import Plan
from safelaunch.wire.duis.requests import PassedOn
from safelaunch.wire.duis.requests.devices import (
    CreateSchedule,
    DeleteSchedule,
    ReadSchedule,
    TopUpDevice,
)
from safelaunch.wire.duis.responses import Answer

TAKES = timedelta(hours=1)
"""How long something that is planned for a moment may take."""

Planned = PassedOn | TopUpDevice
"""Bodies of what is planned for one moment."""


@transaction_required
def note_passed_on(*, request: ServiceRequest, body: Planned, at: datetime) -> Answer:
    """This function will note what a request plans for one moment, or takes back, and say that it is not done here."""
    execution_at = None if isinstance(body, TopUpDevice) else body.execution_at
    if not isinstance(body, TopUpDevice) and body.cancels:
        take_back(request, at=at)
    else:
        note(request, planned_from=execution_at or at)
    return Answer(admission.NOT_SERVED)


@transaction_required
def note_schedule(
    *, request: ServiceRequest, body: CreateSchedule | ReadSchedule | DeleteSchedule, at: datetime
) -> Answer:
    """This function will note a schedule that is made or deleted, and say that schedules are not kept here.

    One that is deleted by its number alone is not known here, and stays noted.
    """
    if isinstance(body, CreateSchedule):
        writes.add(
            plan=Plan(
                device_id=body.device_id,
                hub_device_id=_hub_of(body.device_id),
                kind=KIND_OF[request.srv.code],
                planned_from=_moment(body.start_date, body.start_time or time()),
                planned_until=None
                if body.end_date is None
                else _moment(body.end_date, time()) + timedelta(days=1),
                user_id=request.request_id.originator,
                service_request_id=request.service_request_id,
            )
        )
    elif isinstance(body, DeleteSchedule) and body.device_id is not None:
        writes.cancel_planned_events(
            user_id=request.request_id.originator,
            device_id=body.device_id,
            kind=KIND_OF[request.srv.code],
            at=at,
        )
    return Answer(admission.NOT_SERVED)


@transaction_required
def note(request: ServiceRequest, *, planned_from: datetime) -> None:
    """This function will note that a request's Device will be busy with it for a while."""
    writes.add(
        plan=Plan(
            device_id=request.request_id.target,
            hub_device_id=None if request.target is None else request.target.hub_device_id,
            kind=KIND_OF[request.srv.code],
            planned_from=planned_from,
            planned_until=planned_from + TAKES,
            user_id=request.request_id.originator,
            service_request_id=request.service_request_id,
        )
    )


@transaction_required
def take_back(request: ServiceRequest, *, at: datetime) -> None:
    """This function will note that a User takes back what it planned for a Device by the same SRV."""
    writes.cancel_planned_events(
        user_id=request.request_id.originator,
        device_id=request.request_id.target,
        kind=KIND_OF[request.srv.code],
        at=at,
    )


def _hub_of(device_id: Eui64) -> Eui64 | None:
    found = reads.find_target(device_id=device_id)
    return None if found is None else found.hub_device_id


def _moment(day: date, at: time) -> datetime:
    moment = datetime.combine(day, at)
    # A time of the schema without a zone is read as UTC, which is what Users write (`domain.md` 4.6).
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
