"""The journey of firmware to one Device: from a request to the version that the Device runs (`domain.md` 10.3, 10.4).

1. Evidence moves a Device along the machine, whoever brings it: a network (N60, N61), a hub (8F89, 8F8A), a Device (8F72,
   8F1C, 8F8B, the answers to 11.3 and 11.2), a Supplier (an 11.3 that is sent), or a clock.
2. Evidence comes late, twice and out of order. What a later leg proves is believed although the legs before were never
   heard of; what comes from a leg that is over is kept in the timeline, and moves nothing.
3. Each leg has a clock. A network that reports nothing has failed; an image that no Device fetched leaves the hub after
   14 days; a display that says nothing for three days is unknown; an image that nobody activates is given up after 60.
4. A failure that may pass is tried again, each time after four times as long, three times in all. Wrong hardware stays
   wrong, and an activation is the Supplier's own to repeat.
5. A Device has one update in progress. It is over when the Device runs the firmware, when nothing more is tried, or when
   nobody can know more than the answers that were lost have told (UNKNOWN, which later evidence still settles).
6. What has not left for a network can be taken back. After that DUIS knows no way: the image simply is not activated.
7. A Device that leaves service leaves its journey, wherever that stands. Where its hub is replaced, what was at the old hub
   or on the way there has failed, and is tried again through the new one; what the Device has already, it keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.machine import Machine, Move
from safelaunch.domain.smi import DeviceType


class TargetState(StrEnum):
    """Where a Device of a firmware request stands; names of `domain.md` 10.3, and two of our own."""

    REQUESTED = "REQUESTED"
    EXCLUDED = "EXCLUDED"
    WAITING_FOR_HUB = "WAITING_FOR_HUB"
    CANCELLED = "CANCELLED"
    SENT_TO_CSP = "SENT_TO_CSP"
    AT_HUB = "AT_HUB"
    HUB_FAILED = "HUB_FAILED"
    HAN_TRANSFERRED = "HAN_TRANSFERRED"
    HAN_FAILED = "HAN_FAILED"
    VERIFIED = "VERIFIED"
    VERIFY_FAILED = "VERIFY_FAILED"
    ACTIVATION_SENT = "ACTIVATION_SENT"
    ACTIVATION_SCHEDULED = "ACTIVATION_SCHEDULED"
    ACTIVATED = "ACTIVATED"
    ACTIVATION_FAILED = "ACTIVATION_FAILED"
    UNKNOWN = "UNKNOWN"
    EXPIRED = "EXPIRED"


class JourneyEvent(StrEnum):
    """What happens on the way."""

    EXCLUDE = "EXCLUDE"
    WAIT_FOR_HUB = "WAIT_FOR_HUB"
    HUB_IS_READY = "HUB_IS_READY"
    CANCEL = "CANCEL"
    LEAVE_SERVICE = "LEAVE_SERVICE"
    CHANGE_HUB = "CHANGE_HUB"
    SEND = "SEND"
    REACH_HUB = "REACH_HUB"
    FAIL_AT_HUB = "FAIL_AT_HUB"
    TRANSFER = "TRANSFER"
    FAIL_ON_HAN = "FAIL_ON_HAN"
    VERIFY = "VERIFY"
    FAIL_TO_VERIFY = "FAIL_TO_VERIFY"
    SEND_ACTIVATION = "SEND_ACTIVATION"
    SCHEDULE = "SCHEDULE"
    UNSCHEDULE = "UNSCHEDULE"
    ACTIVATE = "ACTIVATE"
    FAIL_TO_ACTIVATE = "FAIL_TO_ACTIVATE"
    LOSE = "LOSE"
    EXPIRE = "EXPIRE"
    TRY_AGAIN = "TRY_AGAIN"


class Leg(StrEnum):
    """Who has the image, or the next word, in the order of the way."""

    DSP = "DSP"
    CSP = "CSP"
    HUB = "HUB"
    HAN = "HAN"
    DEVICE = "DEVICE"


class Reason(StrEnum):
    """Why a leg failed, was given up or was left."""

    NOT_REACHED = "NOT_REACHED"
    NO_REPORT = "NO_REPORT"
    NOT_CARRIED = "NOT_CARRIED"
    IMAGE_DISCARDED = "IMAGE_DISCARDED"
    HARDWARE_MISMATCH = "HARDWARE_MISMATCH"
    TRANSFER_FAILURE = "TRANSFER_FAILURE"
    DAMAGED_IMAGE = "DAMAGED_IMAGE"
    UNDELIVERED = "UNDELIVERED"
    NO_IMAGE_HELD = "NO_IMAGE_HELD"
    HASH_MISMATCH = "HASH_MISMATCH"
    ACTIVATION_FAILURE = "ACTIVATION_FAILURE"
    OTHER_VERSION = "OTHER_VERSION"
    NO_ANSWER = "NO_ANSWER"
    LEFT_THE_HUB = "LEFT_THE_HUB"
    NOT_ACTIVATED = "NOT_ACTIVATED"
    TAKEN_BACK = "TAKEN_BACK"
    LEFT_SERVICE = "LEFT_SERVICE"
    HUB_REPLACED = "HUB_REPLACED"


_S = TargetState
_ON_ITS_WAY = (_S.SENT_TO_CSP, _S.AT_HUB, _S.HUB_FAILED, _S.HAN_FAILED, _S.VERIFY_FAILED, _S.REQUESTED)
_AT_THE_DEVICE = (_S.HAN_TRANSFERRED, _S.VERIFIED)
_FAILED = (_S.HUB_FAILED, _S.HAN_FAILED, _S.VERIFY_FAILED)
_IN_DOUBT = (_S.ACTIVATION_SENT, _S.ACTIVATION_SCHEDULED, _S.UNKNOWN, _S.EXPIRED)

MACHINE: Machine[TargetState, JourneyEvent] = Machine(
    name="Device firmware",
    initial=_S.REQUESTED,
    moves=[
        Move(JourneyEvent.EXCLUDE, (_S.REQUESTED,), _S.EXCLUDED),
        Move(JourneyEvent.WAIT_FOR_HUB, (_S.EXCLUDED,), _S.WAITING_FOR_HUB),
        Move(JourneyEvent.HUB_IS_READY, (_S.WAITING_FOR_HUB,), _S.REQUESTED),
        Move(JourneyEvent.CANCEL, (_S.REQUESTED, _S.WAITING_FOR_HUB), _S.CANCELLED),
        Move(
            JourneyEvent.LEAVE_SERVICE,
            (
                *(_S.REQUESTED, _S.WAITING_FOR_HUB, _S.SENT_TO_CSP, _S.AT_HUB, *_FAILED, *_AT_THE_DEVICE),
                *(_S.ACTIVATION_SENT, _S.ACTIVATION_SCHEDULED),
            ),
            _S.CANCELLED,
        ),
        Move(JourneyEvent.CHANGE_HUB, (_S.SENT_TO_CSP, _S.AT_HUB), _S.HUB_FAILED),
        Move(JourneyEvent.SEND, (_S.REQUESTED,), _S.SENT_TO_CSP),
        Move(JourneyEvent.REACH_HUB, (_S.REQUESTED, _S.SENT_TO_CSP), _S.AT_HUB),
        Move(JourneyEvent.FAIL_AT_HUB, (_S.REQUESTED, _S.SENT_TO_CSP), _S.HUB_FAILED),
        Move(JourneyEvent.TRANSFER, (*_ON_ITS_WAY, _S.EXPIRED, _S.ACTIVATION_FAILED), _S.HAN_TRANSFERRED),
        Move(JourneyEvent.FAIL_ON_HAN, (_S.SENT_TO_CSP, _S.AT_HUB), _S.HAN_FAILED),
        Move(
            JourneyEvent.VERIFY,
            (*_ON_ITS_WAY, _S.HAN_TRANSFERRED, _S.EXPIRED, _S.ACTIVATION_FAILED),
            _S.VERIFIED,
        ),
        Move(
            JourneyEvent.FAIL_TO_VERIFY,
            (_S.SENT_TO_CSP, _S.AT_HUB, _S.HAN_TRANSFERRED),
            _S.VERIFY_FAILED,
        ),
        Move(
            JourneyEvent.SEND_ACTIVATION,
            (*_ON_ITS_WAY, *_AT_THE_DEVICE, *_IN_DOUBT, _S.ACTIVATION_FAILED),
            _S.ACTIVATION_SENT,
        ),
        Move(JourneyEvent.SCHEDULE, (_S.ACTIVATION_SENT, _S.UNKNOWN), _S.ACTIVATION_SCHEDULED),
        Move(JourneyEvent.UNSCHEDULE, (_S.ACTIVATION_SENT, _S.ACTIVATION_SCHEDULED), _S.VERIFIED),
        Move(
            JourneyEvent.ACTIVATE,
            (*_ON_ITS_WAY, *_AT_THE_DEVICE, *_IN_DOUBT, _S.ACTIVATION_FAILED),
            _S.ACTIVATED,
        ),
        Move(
            JourneyEvent.FAIL_TO_ACTIVATE,
            (*_ON_ITS_WAY, *_AT_THE_DEVICE, *_IN_DOUBT),
            _S.ACTIVATION_FAILED,
        ),
        Move(
            JourneyEvent.LOSE, (_S.HAN_TRANSFERRED, _S.ACTIVATION_SENT, _S.ACTIVATION_SCHEDULED), _S.UNKNOWN
        ),
        Move(JourneyEvent.EXPIRE, (_S.AT_HUB, _S.HAN_TRANSFERRED, _S.VERIFIED), _S.EXPIRED),
        Move(JourneyEvent.TRY_AGAIN, _FAILED, _S.REQUESTED),
    ],
)
"""The journey of one Device of a request."""

RETRYABLE = _FAILED
"""Failures that are tried again for as long as a time is set for it."""

IN_PROGRESS = (
    _S.WAITING_FOR_HUB,
    _S.REQUESTED,
    _S.SENT_TO_CSP,
    _S.AT_HUB,
    _S.HAN_TRANSFERRED,
    _S.VERIFIED,
    _S.ACTIVATION_SENT,
    _S.ACTIVATION_SCHEDULED,
)
"""States in which a Device may have no other firmware request; failures that will be tried again come to these."""

ACTIVATED_AGAIN = frozenset({Reason.UNDELIVERED, Reason.OTHER_VERSION, Reason.ACTIVATION_FAILURE})
"""Failures of an activation after which the Device still holds the image, so that another 11.3 may succeed."""

LEG_OF: Mapping[TargetState, Leg | None] = {
    _S.REQUESTED: Leg.DSP,
    _S.EXCLUDED: None,
    _S.WAITING_FOR_HUB: Leg.DSP,
    _S.CANCELLED: None,
    _S.SENT_TO_CSP: Leg.CSP,
    _S.HUB_FAILED: Leg.CSP,
    _S.AT_HUB: Leg.HUB,
    _S.HAN_FAILED: Leg.HUB,
    _S.EXPIRED: Leg.HUB,
    _S.HAN_TRANSFERRED: Leg.HAN,
    _S.VERIFY_FAILED: Leg.HAN,
    _S.VERIFIED: Leg.DEVICE,
    _S.ACTIVATION_SENT: Leg.DEVICE,
    _S.ACTIVATION_SCHEDULED: Leg.DEVICE,
    _S.ACTIVATED: Leg.DEVICE,
    _S.ACTIVATION_FAILED: Leg.DEVICE,
    _S.UNKNOWN: Leg.DEVICE,
}
"""The leg that each state is on; none for Devices that never set out."""

MOST_ATTEMPTS = 3
"""How often an image is sent to one Device for one request."""

FIRST_WAIT = timedelta(hours=6)
"""From the first failure to the second attempt."""

REPORT_WITHIN = timedelta(days=7)
"""How long a network has to say that it reached a hub, or did not."""

KEPT_AT_HUB = timedelta(days=14)
"""How long a hub keeps an image for a Device that does not fetch it (`domain.md` 10.3, a default)."""

DISPLAY_ANSWERS_WITHIN = timedelta(days=3)
"""How long a display that has an image may take to say that it runs it."""

ACTIVATED_WITHIN = timedelta(days=60)
"""How long a Device is kept busy by an image that its Supplier does not activate; the texts are silent."""

PROMISE_KEPT_WITHIN = timedelta(hours=6)
"""From the time of a future-dated activation to the end of waiting for its alert."""

PERMITS = 20_000
"""How many Devices of a region may be on their way at a time; what has no permit waits, whoever asked for it."""

_SLOWER = 4
_ARRIVALS = frozenset({JourneyEvent.TRANSFER, JourneyEvent.VERIFY})
_PASSING = frozenset(
    {
        Reason.NOT_REACHED,
        Reason.NO_REPORT,
        Reason.NOT_CARRIED,
        Reason.HUB_REPLACED,
        Reason.IMAGE_DISCARDED,
        Reason.TRANSFER_FAILURE,
        Reason.DAMAGED_IMAGE,
    }
)
_CLOCK: Mapping[TargetState, tuple[JourneyEvent, Reason | None]] = {
    _S.SENT_TO_CSP: (JourneyEvent.FAIL_AT_HUB, Reason.NO_REPORT),
    _S.AT_HUB: (JourneyEvent.EXPIRE, Reason.LEFT_THE_HUB),
    _S.HAN_TRANSFERRED: (JourneyEvent.EXPIRE, Reason.NOT_ACTIVATED),
    _S.VERIFIED: (JourneyEvent.EXPIRE, Reason.NOT_ACTIVATED),
    _S.ACTIVATION_SCHEDULED: (JourneyEvent.LOSE, Reason.NO_ANSWER),
    _S.HUB_FAILED: (JourneyEvent.TRY_AGAIN, None),
    _S.HAN_FAILED: (JourneyEvent.TRY_AGAIN, None),
    _S.VERIFY_FAILED: (JourneyEvent.TRY_AGAIN, None),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a Device of a request stands; `attempt` counts from 1."""

    state: TargetState
    device_type: DeviceType
    attempt: int = 1
    reason: Reason | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with what is known of it.

    Attributes:
        event: what happened.
        at: when.
        reason: why, of a failure.
        attempt: the sending that it belongs to, where that is told; another one's moves nothing.
        execute_at: when a Device will carry out what it promised.
    """

    event: JourneyEvent
    at: datetime
    reason: Reason | None = None
    attempt: int | None = None
    execute_at: datetime | None = None


def apply(happening: Happening, /, *, standing: Standing) -> Standing | None:
    """This function will give how a Device stands after an event, or nothing when the event moves nothing (rule 2)."""
    if happening.attempt is not None and happening.attempt != standing.attempt:
        return None
    if not MACHINE.may(standing.state, happening.event):
        return None
    has_failed = standing.state is TargetState.ACTIVATION_FAILED
    if has_failed and happening.event in _ARRIVALS and standing.reason is not Reason.NO_IMAGE_HELD:
        # Only a Device that held nothing to activate has news when an image comes after its answer.
        return None
    state = MACHINE.target(happening.event)
    attempt = standing.attempt + (happening.event is JourneyEvent.TRY_AGAIN)
    return Standing(
        state=state,
        device_type=standing.device_type,
        attempt=attempt,
        reason=happening.reason,
        due_at=_due_at(state, happening, standing),
    )


def _due_at(state: TargetState, happening: Happening, standing: Standing) -> datetime | None:
    if state in RETRYABLE:
        return next_attempt_at(happening.reason, made=standing.attempt, since=happening.at)
    if state is TargetState.HAN_TRANSFERRED and standing.device_type is DeviceType.PPMID:
        return happening.at + DISPLAY_ANSWERS_WITHIN
    if state is TargetState.ACTIVATION_SCHEDULED:
        return (happening.execute_at or happening.at) + PROMISE_KEPT_WITHIN
    allowed = {
        TargetState.SENT_TO_CSP: REPORT_WITHIN,
        TargetState.AT_HUB: KEPT_AT_HUB,
        TargetState.HAN_TRANSFERRED: ACTIVATED_WITHIN,
        TargetState.VERIFIED: ACTIVATED_WITHIN,
    }.get(state)
    return None if allowed is None else happening.at + allowed


def next_attempt_at(reason: Reason | None, /, *, made: int, since: datetime) -> datetime | None:
    """This function will say when an image is sent again after a failure, or nothing when it is not (rule 4).

    Args:
        reason: of the failure.
        made: attempts so far.
        since: the failure.
    """
    if reason not in _PASSING or made >= MOST_ATTEMPTS:
        return None
    return since + FIRST_WAIT * int(_SLOWER ** (made - 1))


def ring(standing: Standing, /, *, at: datetime) -> Happening | None:
    """This function will say what a clock that has run out means for a Device, if anything (rule 3)."""
    if standing.due_at is None or standing.due_at > at or standing.state not in _CLOCK:
        return None
    event, reason = _CLOCK[standing.state]
    if standing.state is TargetState.HAN_TRANSFERRED and standing.device_type is DeviceType.PPMID:
        event, reason = JourneyEvent.LOSE, Reason.NO_ANSWER
    return Happening(event, standing.due_at, reason)


DELIVERY_CODES: Mapping[JourneyEvent, AlertCode] = {
    JourneyEvent.REACH_HUB: AlertCode.N60,
    JourneyEvent.FAIL_AT_HUB: AlertCode.N61,
}
"""Which code tells which outcome at the hub: the only place to change when the DCC turns out to mean it the other way."""

GIVEN_UP = AlertCode.N18
"""Of N18 to N23, the code for firmware that did not reach a Device and is not sent again (the texts name no causes)."""


def ends_badly(standing: Standing, /) -> bool:
    """This function will say whether firmware has not reached a Device and is not sent again, of which N18 tells."""
    if standing.state in RETRYABLE:
        return standing.due_at is None
    return standing.state is TargetState.EXPIRED and standing.reason is Reason.LEFT_THE_HUB
