"""What is heard of firmware on its way to Devices, brought into their journeys (`domain/firmware_journeys.py`).

A run of evidence costs a constant number of statements: the journeys are locked, judged in the order given, moved, and
told of, in the transaction of whatever brought the evidence. What is about no journey stays where it came from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain import firmware_journeys as rules
from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.firmware_journeys import Happening, JourneyEvent, Leg, Reason, TargetState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import Network
from safelaunch.services.jobs import Job
from safelaunch.services.wake_ups import TELLING
from safelaunch.store import jobs
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import firmware_journeys as writes
from safelaunch.store.writes.firmware_journeys import Journey, NewAlert, NewEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Evidence about the firmware of a Device, whoever brings it.

    Attributes:
        device_id: the Device.
        leg: who says so.
        happening: what it means for the journey; None where that only follows from `runs`.
        service_request_id: the request that it names, if it names one.
        hub_device_id: the hub that speaks, if it does; another than that of the Device is not believed.
        firmware_version: that it is about, if it says so; an image of another version is none of the journey's.
        image_hash: that the Device computed of what it received, if it says so.
        runs: the version that the Device runs now, if it says so.
        alert: the DCC Alert that is told of it, if any.
        network: whose report or message it is, and
        number: under which number; None for both where it is our own doing.
    """

    device_id: Eui64
    leg: Leg
    happening: Happening | None
    at: datetime
    service_request_id: int | None = None
    hub_device_id: Eui64 | None = None
    firmware_version: str | None = None
    image_hash: bytes | None = None
    runs: str | None = None
    alert: AlertCode | None = None
    network: Network | None = None
    number: int | None = None


@transaction_required
def take_in(*, sightings: Sequence[Sighting], at: datetime) -> int:
    """This function will bring evidence into the journeys of its Devices, and give the number that moved one.

    Args:
        sightings: in the order in which they are to be judged; each comes here once.
        at: when.
    """
    journeys = (
        writes.lock_firmware_journeys(device_ids={one.device_id for one in sightings}) if sightings else {}
    )
    return judge([(journeys[one.device_id], one) for one in sightings if one.device_id in journeys], at=at)


@transaction_required
def judge(judged: Iterable[tuple[Journey, Sighting]], /, *, at: datetime) -> int:
    """This function will judge evidence about journeys that are locked, record it, and give the number that moved one."""
    events: list[NewEvent] = []
    alerts: list[NewAlert] = []
    touched: dict[Eui64, Journey] = {}
    for journey, sighting in judged:
        happening = _meaning(sighting, journey)
        if happening is None:
            continue
        moved = rules.apply(happening, standing=journey.standing)
        events.append(_event(journey, sighting, happening, moved.state if moved else None))
        if sighting.alert is not None:
            alerts.append(
                NewAlert(
                    code=sighting.alert, journey=journey, happened_at=happening.at, outcome=happening.reason
                )
            )
        if moved is None:
            continue
        journey.standing, journey.changed_at = moved, happening.at
        touched[journey.device_id] = journey
        if rules.ends_badly(moved):
            alerts.append(
                NewAlert(code=rules.GIVEN_UP, journey=journey, happened_at=happening.at, outcome=moved.reason)
            )
    writes.move_firmware_journeys(journeys=list(touched.values()))
    writes.append_firmware_events(events=events, at=at)
    _tell(alerts, at=at)
    return sum(event.state is not None for event in events)


def _tell(alerts: Sequence[NewAlert], *, at: datetime) -> None:
    of_displays = [one for one in alerts if one.code is AlertCode.N39]
    of_others = [one for one in alerts if one.code is not AlertCode.N39]
    is_owed = writes.raise_firmware_alerts(alerts=of_others, at=at)
    is_owed |= writes.raise_display_alerts(alerts=of_displays, at=at)
    if is_owed:
        jobs.defer_once(Job.TELL_USERS, key=TELLING)


def _meaning(sighting: Sighting, journey: Journey) -> Happening | None:
    """Say what evidence means for the journey that its Device is on, or nothing when it is about another."""
    if not _is_about(sighting, journey):
        return None
    happening = sighting.happening
    if sighting.image_hash is not None and sighting.image_hash != journey.manufacturer_image_hash:
        return Happening(JourneyEvent.FAIL_TO_VERIFY, sighting.at, Reason.DAMAGED_IMAGE)
    if sighting.runs is not None and _is_same(sighting.runs, journey):
        # Whatever it says of the last attempt: it runs the firmware (`domain.md` 9.2, row 10).
        return Happening(JourneyEvent.ACTIVATE, sighting.at)
    if sighting.runs is not None and happening is None and journey.standing.state is TargetState.UNKNOWN:
        return Happening(JourneyEvent.FAIL_TO_ACTIVATE, sighting.at, Reason.OTHER_VERSION)
    return happening


def _is_about(sighting: Sighting, journey: Journey) -> bool:
    return (
        sighting.service_request_id in {None, journey.service_request_id}
        and sighting.hub_device_id in {None, journey.hub_device_id}
        and (sighting.firmware_version is None or _is_same(sighting.firmware_version, journey))
    )


def _is_same(version: str, journey: Journey) -> bool:
    return version.upper() == journey.firmware_version.upper()


def _event(journey: Journey, sighting: Sighting, happening: Happening, state: TargetState | None) -> NewEvent:
    return NewEvent(
        service_request_id=journey.service_request_id,
        device_id=journey.device_id,
        event=happening.event,
        state=state,
        leg=sighting.leg,
        reason=happening.reason,
        attempt=happening.attempt or journey.standing.attempt,
        happened_at=happening.at,
        network=sighting.network,
        number=sighting.number,
    )


def of_our_own(journey: Journey, happening: Happening, /, *, leg: Leg = Leg.DSP) -> tuple[Journey, Sighting]:
    """This function will give what happens to a journey by our own doing, or by a clock, in the form of evidence."""
    return journey, Sighting(device_id=journey.device_id, leg=leg, happening=happening, at=happening.at)


@transaction_required
def note_activations(*, device_ids: Iterable[Eui64], event: JourneyEvent, at: datetime) -> None:
    """This function will note what became of activations on their way to Devices.

    Args:
        device_ids: of the Devices.
        event: SEND_ACTIVATION, LOSE when nobody answered in time, or FAIL_TO_ACTIVATE when it could not be delivered.
        at: when.
    """
    reason = {
        JourneyEvent.LOSE: Reason.NO_ANSWER,
        JourneyEvent.FAIL_TO_ACTIVATE: Reason.UNDELIVERED,
    }.get(event)
    happening = Happening(event, at, reason)
    take_in(
        sightings=[
            Sighting(device_id=device_id, leg=Leg.DSP, happening=happening, at=at) for device_id in device_ids
        ],
        at=at,
    )
