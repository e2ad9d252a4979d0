"""The upgrade of one Communications Hub in one campaign.

A hub's row appears when its night is firm. Evidence from the CSP then moves it, in whatever order it arrives: from
any state, any order and any repetition of the same reports ends in the same state.

    not reached < recalled < delivered < failed   for the attempt a report speaks of: the later leg proves more
    activated                                     wins over everything, from any attempt
    silence past its time                         is UNKNOWN, never success and never failure (design 2.2)
    once UNKNOWN                                  only an outcome counts: failed, still on the old version, activated

What a hub did on the way to its outcome says nothing once the outcome is overdue, so a delivery, a hub not reached
or a recall that is reported after that is late, and the hub goes on being read back. Silence and retries are turns
of the clock and not reports: before and after them the same report may count differently.

Retries put the hub back to PLANNED with the next attempt number (Q16 for hubs that were not reached). One that may not go
after all (`domain/own_turns.py`) is taken back before it is handed over: before its first attempt its row goes, later it waits
for another.

A hub that leaves service, replaced in its home or not, is a target no more, wherever it stood (Q15): nobody waits for what it will not say any
more, and its silence is no evidence. What it did before that counts, however late it is reported.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from safelaunch.domain.events import Effect
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.machine import Machine, Move


class HubState(StrEnum):
    """Where the upgrade of one hub stands."""

    PLANNED = "PLANNED"
    INSTRUCTED = "INSTRUCTED"
    DEPLOYED = "DEPLOYED"
    UNKNOWN = "UNKNOWN"
    UNREACHABLE = "UNREACHABLE"
    FAILED = "FAILED"
    RECALLED = "RECALLED"
    ACTIVATED = "ACTIVATED"
    WITHDRAWN = "WITHDRAWN"


class HubEvent(StrEnum):
    """What can happen to the upgrade of one hub."""

    HAND_OVER = "HAND_OVER"
    DELIVERED = "DELIVERED"
    NO_ANSWER = "NO_ANSWER"
    NOT_REACHED = "NOT_REACHED"
    FAIL = "FAIL"
    STILL_OLD = "STILL_OLD"
    RECALL = "RECALL"
    ACTIVATE = "ACTIVATE"
    RETRY = "RETRY"
    TAKE_BACK = "TAKE_BACK"
    WITHDRAW = "WITHDRAW"
    LEAVE_SERVICE = "LEAVE_SERVICE"


S, E = HubState, HubEvent

HUB_UPGRADE: Machine[HubState, HubEvent] = Machine(
    name="Hub upgrade",
    initial=S.PLANNED,
    moves=(
        Move(E.HAND_OVER, (S.PLANNED,), S.INSTRUCTED),
        Move(E.NO_ANSWER, (S.INSTRUCTED, S.DEPLOYED), S.UNKNOWN),
        Move(E.NOT_REACHED, (S.INSTRUCTED,), S.UNREACHABLE),
        Move(E.RECALL, (S.INSTRUCTED, S.UNREACHABLE), S.RECALLED),
        Move(E.DELIVERED, (S.INSTRUCTED, S.UNREACHABLE, S.RECALLED), S.DEPLOYED),
        Move(E.FAIL, (S.INSTRUCTED, S.DEPLOYED, S.UNKNOWN, S.UNREACHABLE, S.RECALLED), S.FAILED),
        Move(E.STILL_OLD, (S.UNKNOWN,), S.FAILED),
        Move(
            E.ACTIVATE,
            (
                S.PLANNED,
                S.INSTRUCTED,
                S.DEPLOYED,
                S.UNKNOWN,
                S.UNREACHABLE,
                S.FAILED,
                S.RECALLED,
                S.WITHDRAWN,
            ),
            S.ACTIVATED,
        ),
        Move(E.RETRY, (S.UNREACHABLE, S.FAILED, S.RECALLED), S.PLANNED),
        Move(E.TAKE_BACK, (S.PLANNED,), S.RECALLED),
        Move(E.WITHDRAW, (S.PLANNED, S.UNREACHABLE, S.FAILED, S.RECALLED), S.WITHDRAWN),
        Move(
            E.LEAVE_SERVICE,
            (S.PLANNED, S.INSTRUCTED, S.DEPLOYED, S.UNKNOWN, S.UNREACHABLE, S.FAILED, S.RECALLED),
            S.WITHDRAWN,
        ),
    ),
)

IN_FLIGHT = (S.INSTRUCTED, S.DEPLOYED)
"""Handed to a CSP and not yet answered: these hubs count against an emergency stop."""


class EventKind(StrEnum):
    """What a CSP reports about a hub (`docs/csp-gateway.md`)."""

    DELIVERED = "DELIVERED"
    ACTIVATED = "ACTIVATED"
    ACTIVATION_FAILED = "ACTIVATION_FAILED"
    NOT_REACHED = "NOT_REACHED"
    RECALLED = "RECALLED"
    VERSION_READ = "VERSION_READ"
    SILENT = "SILENT"
    HEARD = "HEARD"


REPORTED_AS: dict[EventKind, HubEvent] = {
    EventKind.DELIVERED: E.DELIVERED,
    EventKind.ACTIVATED: E.ACTIVATE,
    EventKind.ACTIVATION_FAILED: E.FAIL,
    EventKind.NOT_REACHED: E.NOT_REACHED,
    EventKind.RECALLED: E.RECALL,
}
"""The move each report stands for. VERSION_READ is judged by the version read: `judge_read_back`."""


def judge_read_back(*, version_read: str, target_version: str) -> HubEvent:
    """This function will turn a version read from a hub into the move it proves (SR 11.2, `domain.md` 9).

    A hub that still runs its old version long after activation was due has failed; one that runs the new
    version has activated, whatever was lost on the way.
    """
    return E.ACTIVATE if version_read == target_version else E.STILL_OLD


_FROM_ANY_ATTEMPT = frozenset({E.ACTIVATE, E.STILL_OLD})


class Report(NamedTuple):
    """What a CSP said about a hub. `event` is the move it stands for, or None for connectivity evidence.

    A tuple, because there are millions: one is made in a third of the time of a frozen dataclass.
    """

    number: int
    device_id: Eui64
    kind: EventKind
    happened_at: datetime
    campaign_id: int | None
    attempt: int | None
    event: HubEvent | None
    firmware_version: str | None
    reason: str | None


def apply(
    report: Report, *, state: HubState | None, attempt: int | None, is_known_hub: bool
) -> tuple[Effect, HubState | None]:
    """This function will say what a report does to a hub in a state (None: the campaign has no row for it).

    Gives the effect and the state afterwards. Evidence that the new version runs counts from any attempt.
    """
    if not is_known_hub:
        return Effect.UNKNOWN_HUB, state
    if report.event is None:
        return Effect.NOTED, state
    if state is None:
        return Effect.NOT_INSTRUCTED, None
    speaks_of_now = report.event in _FROM_ANY_ATTEMPT or report.attempt == attempt
    if not speaks_of_now or not HUB_UPGRADE.may(state, report.event):
        return Effect.LATE, state
    return Effect.APPLIED, HUB_UPGRADE.target(report.event)


MAX_ATTEMPTS = 14
"""Q16: a hub that cannot be reached is tried daily for 14 days, then reported and kept eligible."""

ANSWER_DUE = timedelta(hours=72)
"""An instructed hub that has said nothing for 72 h is UNKNOWN and is read back (`gates.md` 5.6)."""


def may_retry(*, state: HubState, attempt: int) -> bool:
    """This function will say whether a hub gets another night after this attempt (Q16)."""
    return HUB_UPGRADE.may(state, E.RETRY) and attempt < MAX_ATTEMPTS


def is_answer_overdue(*, state: HubState, since: datetime, at: datetime) -> bool:
    """This function will say whether an instructed hub has been silent for longer than it may."""
    return state in IN_FLIGHT and at - since >= ANSWER_DUE
