"""Hubs that have a turn of their own in a campaign, beside the order of lots (R-0024-11, 12, 16, 19, 20; Q3, Q4, Q12).

1. A hub has a turn of its own because its Supplier wishes a time for it, because a deferral holds it, or because something
   else is planned for its home. Each cause says from when the hub may go; the latest of them holds (Q3), and a cause of a
   Supplier that is responsible no longer lapses (Q4).
2. Before that time the hub is neither chosen for a night nor handed to a network, whatever was planned.
3. From then on it goes ahead of the order of lots when its Supplier wished for it. One that was only kept back goes when its
   lot has come up, which has been for most: it loses no more than the nights it was kept.
4. What is planned for a home keeps its hub back from an hour before until an hour after (Q12). Reads, schedules and top-ups
   are shown and keep nothing back. In the first four hours (UTC) of a month nothing is handed over.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from safelaunch.domain.explanations import Explanation, say_time
from safelaunch.domain.planned_events import PlannedKind

CLASH_MARGIN = timedelta(minutes=60)
"""Q12: how far from what is planned an activation keeps."""

_QUIET_UNTIL = 4

BLOCKING = (
    PlannedKind.TARIFF,
    PlannedKind.PRICE,
    PlannedKind.PAYMENT_MODE,
    PlannedKind.CHANGE_OF_TENANCY,
    PlannedKind.CHANGE_OF_SUPPLIER,
    PlannedKind.ACTIVATION,
    PlannedKind.OWN_FIRMWARE,
    PlannedKind.VISIT,
)
"""What keeps a hub back (rule 4); everything else that is planned is advice."""


class TurnCause(StrEnum):
    """Why a hub has a turn of its own."""

    WISH = "WISH"
    DEFERRAL = "DEFERRAL"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True, slots=True)
class OwnTurn:
    """One cause of a hub's own turn: from when it may go, and what that rests on; `is_own` of whoever looks."""

    cause: TurnCause
    not_before: datetime
    because: str
    is_own: bool


def is_quiet(at: datetime) -> bool:
    """This function will say whether nothing is handed over at a moment: the first hours of a month (Q12)."""
    moment = at.astimezone(UTC)
    return moment.day == 1 and moment.hour < _QUIET_UNTIL


def window_of(turns: list[OwnTurn], /) -> datetime | None:
    """This function will give from when a hub may go, by the latest of its causes (rule 1); None when it has none."""
    return max((one.not_before for one in turns), default=None)


def explain(turns: list[OwnTurn], /, *, at: datetime) -> Explanation | None:
    """This function will say what keeps a hub back at a moment, or that it goes ahead of its turn; None without a cause."""
    not_before = window_of(turns)
    if not_before is None:
        return None
    reasons = tuple(_reason(one) for one in sorted(turns, key=lambda one: one.not_before, reverse=True))
    if not_before <= at:
        if all(one.cause is not TurnCause.WISH for one in turns):
            return None
        return Explanation(
            "Eligible, and goes ahead of its turn: its Supplier asked for it.",
            reasons,
            "The next night with room for it in its region.",
        )
    latest = max(turns, key=lambda one: one.not_before)
    return Explanation(
        _HEADLINES[latest.cause].format(until=say_time(not_before)), reasons, _ENDINGS[latest.cause]
    )


def because(
    cause: TurnCause, /, *, kind: PlannedKind | None, asked_at: datetime | None, state: str | None
) -> str:
    """This function will say what a cause rests on: what is planned, or what was asked and how that stands."""
    if cause is TurnCause.CONFLICT:
        return f"{WORDS_OF[kind] if kind else 'Something'} is planned for the home; a hub is upgraded an hour away from it."
    when = f" on {say_time(asked_at)}" if asked_at else ""
    if cause is TurnCause.DEFERRAL:
        return f"A deferral was asked for{when}; it is {(state or 'over').lower()}."
    return f"A time of its own was asked for{when}."


WORDS_OF = {
    PlannedKind.TARIFF: "A change of tariff",
    PlannedKind.PRICE: "A change of price",
    PlannedKind.PAYMENT_MODE: "A change of payment mode",
    PlannedKind.TOP_UP: "A top-up",
    PlannedKind.CHANGE_OF_TENANCY: "A change of tenancy",
    PlannedKind.CHANGE_OF_SUPPLIER: "A change of Supplier",
    PlannedKind.SCHEDULE: "A schedule of readings",
    PlannedKind.VERSION_READ: "A reading of firmware versions",
    PlannedKind.ACTIVATION: "An activation of a Device's firmware",
    PlannedKind.OWN_FIRMWARE: "A Supplier's own firmware campaign",
    PlannedKind.BULK_READ: "A bulk reading of past consumption",
    PlannedKind.VISIT: "A visit",
}
"""What is planned, at the beginning of a sentence."""


def _reason(turn: OwnTurn) -> str:
    if not turn.is_own and turn.cause is not TurnCause.CONFLICT:
        return f"Another Supplier of the home asked that it does not go before {say_time(turn.not_before)}."
    return turn.because


_HEADLINES = {
    TurnCause.WISH: "Eligible, and waits for the time that was asked for: {until}.",
    TurnCause.DEFERRAL: "Deferred: it is not sent before {until}.",
    TurnCause.CONFLICT: "Moved: something else is planned for the home until {until}.",
}
_ENDINGS = {
    TurnCause.WISH: "That time coming, or the Supplier asking for another or withdrawing it.",
    TurnCause.DEFERRAL: "The deferral being refused, withdrawn or over.",
    TurnCause.CONFLICT: "What is planned being done or taken back.",
}
