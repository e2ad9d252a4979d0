"""Where firmware stands on its way to Devices: requests, the funnel of one, Devices by reason, one Device's way, what is stuck.

Nothing here is counted in advance: each answer is a recount of the Devices themselves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.firmware_advice import Advice, advise
from safelaunch.domain.firmware_journeys import LEG_OF, Leg, Reason, TargetState
from safelaunch.domain.firmware_requests import Exclusion
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import DeviceType
from safelaunch.store.reads import firmware as request_reads
from safelaunch.store.reads import firmware_tracking as reads
from safelaunch.store.reads.firmware import FirmwareRequestFacts, FirmwareTargetFacts, NoSuchFirmwareRequest
from safelaunch.store.reads.firmware_tracking import (
    EventView,
    JourneyEnd,
    JourneyView,
    RequestView,
    StandingCount,
)

_PAGE = 5_000
_MOVING = frozenset({TargetState.ACTIVATED, TargetState.CANCELLED})


class NoSuchJourney(NotFound):
    """No firmware was requested for the Device by anybody whose requests the viewer sees."""


@dataclass(frozen=True, slots=True)
class Stood:
    """Devices that stand alike, with why and what would bring them on."""

    count: StandingCount
    advice: Advice


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far the Devices of a request have come.

    Attributes:
        request: which.
        came_to: for each leg how many Devices came to it or beyond, and `ACTIVATED` how many run the firmware.
        standings: where they stand now, with why.
    """

    request: FirmwareRequestFacts
    came_to: dict[str, int]
    standings: list[Stood]


@dataclass(frozen=True, slots=True)
class Way:
    """A Device's firmware request with its timeline, why it stands where it does, and the next step."""

    journey: JourneyView
    advice: Advice
    events: list[EventView]


def list_requests(*, viewer_party_id: int | None, before: int | None, limit: int) -> list[RequestView]:
    """This function will list firmware requests, newest first, with how their Devices stand."""
    return reads.list_firmware_requests(party_id=viewer_party_id, before=before, limit=limit)


def funnel(*, service_request_id: int, viewer_party_id: int | None, at: datetime) -> Funnel:
    """This function will say how far the Devices of a request have come, leg by leg.

    Raises:
        NoSuchFirmwareRequest: there is none that the viewer sees.
    """
    request = _request(service_request_id, viewer_party_id)
    counts = reads.count_firmware_standings(
        party_id=viewer_party_id, service_request_id=service_request_id, at=at
    )
    return Funnel(request, _came_to(counts), [_stood(one) for one in counts])


def _came_to(counts: Iterable[StandingCount]) -> dict[str, int]:
    legs = list(Leg)
    came = {leg.value: 0 for leg in legs} | {TargetState.ACTIVATED.value: 0}
    for one in counts:
        leg = LEG_OF[TargetState(one.state)]
        if leg is None:
            continue
        for passed in legs[: legs.index(leg) + 1]:
            came[passed.value] += one.device_count
        if one.state == TargetState.ACTIVATED:
            came[TargetState.ACTIVATED.value] += one.device_count
    return came


def list_devices(
    *,
    service_request_id: int,
    viewer_party_id: int | None,
    state: str | None,
    reason: str | None,
    after: Eui64 | None,
    limit: int,
) -> list[tuple[FirmwareTargetFacts, Advice]]:
    """This function will list Devices of a request by where they stand or why, each with its next step.

    Raises:
        NoSuchFirmwareRequest: there is none that the viewer sees.
    """
    _request(service_request_id, viewer_party_id)
    found = reads.list_firmware_devices(
        service_request_id=service_request_id,
        party_id=viewer_party_id,
        state=state,
        reason=reason,
        after=after,
        limit=limit,
    )
    return [(one, _advice(one)) for one in found]


def follow(*, device_id: Eui64, viewer_party_id: int | None) -> list[Way]:
    """This function will give a Device's firmware requests with their timelines, newest first.

    Raises:
        NoSuchJourney: there is none that the viewer sees.
    """
    journeys = reads.list_device_journeys(device_id=device_id, party_id=viewer_party_id)
    if not journeys:
        raise NoSuchJourney(f"No firmware was requested for the Device {device_id}, as far as you may see.")
    events = reads.list_firmware_events(
        device_id=device_id, service_request_ids=[one.service_request_id for one in journeys]
    )
    return [
        Way(
            one,
            _advice(one),
            [event for event in events if event.service_request_id == one.service_request_id],
        )
        for one in journeys
    ]


def list_stuck(*, viewer_party_id: int | None, at: datetime) -> list[Stood]:
    """This function will say what does not get on, why, and what would bring it on; the most Devices first."""
    counts = reads.count_firmware_standings(party_id=viewer_party_id, at=at)
    stuck = [_stood(one) for one in counts if TargetState(one.state) not in _MOVING]
    return sorted(stuck, key=lambda one: -one.count.device_count)


def count_all(*, at: datetime) -> list[StandingCount]:
    """This function will count all Devices of all requests by where they stand and why."""
    return reads.count_firmware_standings(party_id=None, at=at)


def walk_ends() -> Iterator[JourneyEnd]:
    """This function will walk over every Device that set out, with where it stands."""
    after = (0, Eui64(0))
    while page := reads.walk_firmware_ends(after=after, limit=_PAGE):
        yield from page
        after = (page[-1].service_request_id, page[-1].device_id)


def _request(service_request_id: int, viewer_party_id: int | None) -> FirmwareRequestFacts:
    found = request_reads.get_firmware_request(service_request_id=service_request_id)
    if viewer_party_id not in {None, found.party_id}:
        # Whose request it is is nobody else's business.
        raise NoSuchFirmwareRequest(
            f"Service Request {service_request_id} is no firmware request whose image was taken."
        )
    return found


def _stood(count: StandingCount) -> Stood:
    advice = advise(
        state=TargetState(count.state),
        device_type=None if count.device_type is None else DeviceType(count.device_type),
        exclusion=None if count.exclusion is None else Exclusion(count.exclusion),
        reason=None if count.reason is None else Reason(count.reason),
        due_at=count.first_due_at,
    )
    return Stood(count, advice)


def _advice(one: FirmwareTargetFacts | JourneyView) -> Advice:
    return advise(
        state=TargetState(one.state),
        device_type=None if one.device_type is None else DeviceType(one.device_type),
        exclusion=None if one.exclusion is None else Exclusion(one.exclusion),
        reason=None if one.reason is None else Reason(one.reason),
        due_at=one.due_at,
    )
