"""A deferral: a Supplier asks that hubs are not upgraded for now, and governance decides (R-0024-12, Q11).

1. It holds its hubs from the moment it is made, whatever comes of it: doubt holds.
2. One person proposes to accept or refuse it and gives a reason; a second person agrees. A refusal ends the hold.
3. A clock runs for the decision. One that is late is shown as breached; the hold goes on, for lateness is not the Supplier's.
4. A Supplier may appeal a refusal, which holds the hubs again. An appeal is decided on a direction of the Panel that is named,
   proposed by governance, and that is the last word.
5. A hold ends with the last day asked for, at the latest 30 days after it was asked for and with the day by which the release
   is to be deployed; then the deferral has expired. Its Supplier may withdraw it before.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from safelaunch.domain import calendar
from safelaunch.domain.machine import Machine, Move
from safelaunch.domain.people import Act, Actor, Role, require
from safelaunch.domain.refusals import Conflict, Forbidden, Invalid

LONGEST_REASON = 4_000
MOST_FILES = 5
MOST_FILE_OCTETS = 1_000_000


class DeferralState(StrEnum):
    """Where a deferral stands."""

    REQUESTED = "REQUESTED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    APPEALED = "APPEALED"
    DISMISSED = "DISMISSED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


class DeferralEvent(StrEnum):
    """What can happen to a deferral."""

    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"
    APPEAL = "APPEAL"
    DISMISS = "DISMISS"
    WITHDRAW = "WITHDRAW"
    EXPIRE = "EXPIRE"


S, E = DeferralState, DeferralEvent

DEFERRAL: Machine[DeferralState, DeferralEvent] = Machine(
    name="Deferral",
    initial=S.REQUESTED,
    moves=(
        Move(E.ACCEPT, (S.REQUESTED, S.APPEALED), S.ACCEPTED),
        Move(E.REFUSE, (S.REQUESTED,), S.REFUSED),
        Move(E.APPEAL, (S.REFUSED,), S.APPEALED),
        Move(E.DISMISS, (S.APPEALED,), S.DISMISSED),
        Move(E.WITHDRAW, (S.REQUESTED, S.ACCEPTED, S.APPEALED), S.WITHDRAWN),
        Move(E.EXPIRE, (S.REQUESTED, S.ACCEPTED, S.APPEALED), S.EXPIRED),
    ),
)

HOLDING = (S.REQUESTED, S.ACCEPTED, S.APPEALED)
"""States in which the hubs are held."""

UNDECIDED = (S.REQUESTED, S.APPEALED)
"""States that wait for governance."""


class Decision(StrEnum):
    """What governance may decide."""

    ACCEPT = "ACCEPT"
    REFUSE = "REFUSE"


class Clock(StrEnum):
    """How the clock of a decision stands (design 3.3)."""

    RUNNING = "RUNNING"
    MET = "MET"
    BREACHED = "BREACHED"


class NothingProposed(Conflict):
    """There is no proposal to agree to."""


class NeedsDirection(Invalid):
    """An appeal is decided on a direction of the Panel."""


class HoldIsOver(Conflict):
    """There is no day left that an appeal could hold."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What one person proposes to decide, on which direction of the Panel, and why."""

    decision: Decision
    reason: str
    direction: str | None


def decision_due_at(*, at: datetime, working_days: int, holidays: AbstractSet[date]) -> datetime:
    """This function will give the evening by which a deferral is to be decided."""
    day = calendar.add_working_days(calendar.london_date(at), working_days, holidays=holidays)
    return calendar.moment(day, calendar.EVENING)


def hold_until(*, asked: date | None, at: datetime, longest: timedelta, deploy_by: date) -> date:
    """This function will give the last day of a hold (rule 5); without a day asked for it is as long as it may be."""
    latest = min(calendar.london_date(at) + longest, deploy_by)
    return latest if asked is None else min(asked, latest)


def clock_of(
    *, due_at: datetime, decided_at: datetime | None, ended_at: datetime | None, at: datetime
) -> Clock:
    """This function will say how the clock of a decision stands; one that was withdrawn or expired in time was met."""
    stopped_at = decided_at or ended_at
    if (stopped_at or at) > due_at:
        return Clock.BREACHED
    return Clock.RUNNING if stopped_at is None else Clock.MET


def check_proposal(proposed: Proposed, /, *, state: DeferralState, actor: Actor) -> None:
    """This function will insist that somebody may propose this decision of a deferral (rules 2 and 4).

    Raises:
        Forbidden, Invalid, NeedsDirection; NoSuchMove when nothing is to be decided.
    """
    require(actor, Act.JUDGE_DEFERRAL)
    event_of(proposed.decision, state=state)
    if not proposed.reason.strip() or len(proposed.reason) > LONGEST_REASON:
        raise Invalid(
            f"A decision needs a reason of at most {LONGEST_REASON:,} characters; its Supplier will read it."
        )
    if state is S.APPEALED:
        if not (proposed.direction or "").strip():
            raise NeedsDirection("An appeal is decided on a direction of the Panel; name its reference.")
        if actor.role is not Role.GOVERNANCE:
            raise Forbidden(f"{actor.name} may not enter a direction of the Panel; governance may.")


def event_of(decision: Decision, /, *, state: DeferralState) -> DeferralEvent:
    """This function will give the move that a decision makes in a state.

    Raises:
        NoSuchMove: nothing is to be decided in this state.
    """
    event = E.ACCEPT if decision is Decision.ACCEPT else E.DISMISS if state is S.APPEALED else E.REFUSE
    DEFERRAL.next(state, event)
    return event
