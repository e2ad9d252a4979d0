"""The upgrade of one Communications Hub in one campaign.

A hub's row appears when its night is firm. Evidence from the CSP then moves it, in whatever order it arrives:
outcomes form a lattice, so any order and any repetition of the same events ends in the same state.

    positive evidence (the new version runs)      wins over everything, from any attempt
    negative evidence (failed, not reached)       counts for the attempt it speaks of
    silence past its time                         is UNKNOWN, never success and never failure (design 2.2)

Retries put the hub back to PLANNED with the next attempt number (Q16 for hubs that were not reached).
"""

from datetime import datetime, timedelta
from enum import StrEnum

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
    RECALL = "RECALL"
    ACTIVATE = "ACTIVATE"
    RETRY = "RETRY"
    WITHDRAW = "WITHDRAW"


S, E = HubState, HubEvent

HUB_UPGRADE: Machine[HubState, HubEvent] = Machine(
    name="Hub upgrade",
    initial=S.PLANNED,
    moves=(
        Move(E.HAND_OVER, (S.PLANNED,), S.INSTRUCTED),
        Move(E.DELIVERED, (S.INSTRUCTED,), S.DEPLOYED),
        Move(E.NO_ANSWER, (S.INSTRUCTED, S.DEPLOYED), S.UNKNOWN),
        Move(E.NOT_REACHED, (S.INSTRUCTED, S.UNKNOWN), S.UNREACHABLE),
        Move(E.FAIL, (S.INSTRUCTED, S.DEPLOYED, S.UNKNOWN, S.UNREACHABLE, S.RECALLED), S.FAILED),
        Move(E.RECALL, (S.INSTRUCTED, S.UNKNOWN), S.RECALLED),
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
        Move(E.WITHDRAW, (S.PLANNED, S.UNREACHABLE, S.FAILED, S.RECALLED), S.WITHDRAWN),
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
    return E.ACTIVATE if version_read == target_version else E.FAIL


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
