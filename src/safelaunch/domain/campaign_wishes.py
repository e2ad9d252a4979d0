"""What Suppliers wish of a Communications Hub campaign: nominate, withdraw, bring forward, defer (R-0024-4, 5, 11, 12, 19).

A wish is taken down for each hub, with an outcome and a reason. How nights are planned by it is `domain/own_turns.py`.

1. A Preferred Pilot List may be given and changed until the list closes (Q1); when Safe Launch is over Suppliers may go
   on nominating (R-0024-11). In between the campaign is for the hubs that stand (R-0024-5, R-0024-6).
2. A hub may be nominated, brought forward or deferred by a Party that is responsible for it when it asks (Q3, Q4), when
   the campaign is for its Device Model and its upgrade has not begun. A list holds 50,000 hubs at most.
3. A time that is asked for lies within the DCC's window: from the start of the pilot to the end of the day by which the
   release is to be deployed (R-0024-20), and has not passed.
4. A deferral is of 30 days at most, within the same window, and once for each hub and campaign; a CRITICAL release is not
   deferred without the Panel (Q11).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import OPEN, Phase, Severity
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid

LONGEST_DEFERRAL = timedelta(days=30)
LONGEST_LIST = 50_000


class WishKind(StrEnum):
    """What is wished."""

    NOMINATE = "NOMINATE"
    WITHDRAW = "WITHDRAW"
    BRING_FORWARD = "BRING_FORWARD"
    DEFER = "DEFER"


class WishOutcome(StrEnum):
    """What became of the wish for one hub; all but the first are refusals."""

    TAKEN_DOWN = "TAKEN_DOWN"
    NOT_YOURS = "NOT_YOURS"
    NOT_CONCERNED = "NOT_CONCERNED"
    NOT_COMMISSIONED = "NOT_COMMISSIONED"
    HAS_BEGUN = "HAS_BEGUN"
    NOT_NOMINATED = "NOT_NOMINATED"
    DEFERRED_BEFORE = "DEFERRED_BEFORE"
    LIST_FULL = "LIST_FULL"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    TWO_SLOTS = "TWO_SLOTS"
    NOT_IN_LIST = "NOT_IN_LIST"


WORDS = {
    WishOutcome.TAKEN_DOWN: "Taken down.",
    WishOutcome.NOT_YOURS: "This is no Communications Hub that you are responsible for; a hub is named by its CHF.",
    WishOutcome.NOT_CONCERNED: "The campaign does not upgrade this hub: its Device Model or version is another.",
    WishOutcome.NOT_COMMISSIONED: "The hub is not commissioned.",
    WishOutcome.HAS_BEGUN: "The upgrade of this hub has begun or is over.",
    WishOutcome.NOT_NOMINATED: "The hub is not on your list.",
    WishOutcome.DEFERRED_BEFORE: "The hub has been deferred before; it can be once in a campaign.",
    WishOutcome.LIST_FULL: f"Your list is full: it holds {LONGEST_LIST:,} hubs.",
    WishOutcome.OUTSIDE_WINDOW: "The slot asked for is past, or not within the window of the campaign.",
    WishOutcome.TWO_SLOTS: "The schedule names this hub in more than one slot.",
    WishOutcome.NOT_IN_LIST: "The schedule names this hub, and the list does not.",
}
"""The reasons as a Supplier reads them."""


class Closed(StrEnum):
    """Why a campaign takes no such wish at all."""

    PHASE = "PHASE"
    LIST_CLOSED = "LIST_CLOSED"
    CRITICAL = "CRITICAL"
    TIME = "TIME"


CLOSED_WORDS = {
    Closed.PHASE: "The campaign has ended, or was never published.",
    Closed.LIST_CLOSED: (
        "The Preferred Pilot List is closed; hubs may be nominated again once mass roll-out has begun."
    ),
    Closed.CRITICAL: "The release is CRITICAL; a deferral needs a recorded direction of the Panel.",
    Closed.TIME: "The time asked for is past, or not within the window of the campaign.",
}
"""The same as a Supplier reads it."""


class Standing(StrEnum):
    """How it stands with what was wished for a hub."""

    AS_WISHED = "AS_WISHED"
    ANOTHER_NIGHT = "ANOTHER_NIGHT"
    WAITING = "WAITING"
    KEPT_BACK = "KEPT_BACK"
    LATE = "LATE"
    LAPSED = "LAPSED"
    NOT_CONCERNED = "NOT_CONCERNED"


STANDING_WORDS = {
    Standing.AS_WISHED: "It went, or goes tonight, as you wished.",
    Standing.ANOTHER_NIGHT: (
        "It went on another night: its home was busy, its region was full, or it could not be reached."
    ),
    Standing.WAITING: "It waits for the time you wished, or for room in the pilot or its region.",
    Standing.KEPT_BACK: "It is kept back beyond the time you wished: deferred, wished later by its other Supplier, or busy.",
    Standing.LATE: "The time you wished has passed; it goes on the next night with room in its region.",
    Standing.LAPSED: "You are responsible for it no longer, so your wish has lapsed.",
    Standing.NOT_CONCERNED: "The campaign does not upgrade it any more: it is out of use, or on another version.",
}
"""The same as a Supplier reads it."""


@dataclass(frozen=True, slots=True)
class CampaignWindow:
    """A campaign as wishes meet it."""

    phase: Phase
    severity: Severity
    list_closes_at: datetime | None
    pilot_starts_at: datetime | None
    deploy_by: date


@dataclass(frozen=True, slots=True)
class WishedHub:
    """A hub that a Supplier named, as it stands.

    Attributes:
        is_own: whether the Supplier is responsible for it now.
        is_target: whether the campaign upgrades its Device Model.
        is_in_use: whether it is COMMISSIONED, or SUSPENDED from it.
        state: of its upgrade; None when no night of it is firm.
        is_nominated: whether it is on the Supplier's list.
        was_deferred: whether a deferral of it has been taken down, by whomever.
    """

    is_own: bool
    is_target: bool
    is_in_use: bool
    state: HubState | None
    is_nominated: bool
    was_deferred: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """From one moment until before another."""

    not_before: datetime
    not_after: datetime


def read_list(text: str, /) -> list[Eui64]:
    """This function will read Device IDs that were pasted or came in a file, apart by lines, commas or blanks; each once.

    Raises:
        Invalid: a word is none, or there are more than a list holds; the sentence names the first.
    """
    words = [word for word in re.split(r"[\s,;]+", text) if word and word.casefold() != "device_id"]
    if len(words) > LONGEST_LIST:
        raise Invalid(f"A list names at most {LONGEST_LIST:,} hubs; this one names {len(words):,}.")
    return list(dict.fromkeys(Eui64.parse(word) for word in words))


def closes(campaign: CampaignWindow, /, *, kind: WishKind, at: datetime) -> Closed | None:
    """This function will say why a campaign takes no wishes of a kind at present, or nothing (rules 1 and 4)."""
    if campaign.phase not in OPEN:
        return Closed.PHASE
    if kind is WishKind.DEFER:
        return Closed.CRITICAL if campaign.severity is Severity.CRITICAL else None
    if kind is WishKind.BRING_FORWARD or campaign.phase is Phase.MASS_ROLL_OUT:
        return None
    is_open = campaign.list_closes_at is not None and at <= campaign.list_closes_at
    return None if campaign.phase is Phase.NOTIFIED and is_open else Closed.LIST_CLOSED


def is_within(campaign: CampaignWindow, slot: Slot, /, *, at: datetime) -> bool:
    """This function will say whether a slot lies ahead and in the DCC's window (rule 3)."""
    return (
        campaign.pilot_starts_at is not None
        and slot.not_after > at
        and slot.not_before >= campaign.pilot_starts_at
        and slot.not_after <= last_moment(campaign)
    )


def last_moment(campaign: CampaignWindow, /) -> datetime:
    """This function will give the end of the day by which the release is to be deployed."""
    return calendar.end_of_day(campaign.deploy_by)


def is_deferrable_until(campaign: CampaignWindow, until: date | None, /, *, at: datetime) -> bool:
    """This function will say whether a deferral may last as long as it is asked for (rule 4); None is as long as it may."""
    if until is None:
        return True
    today = calendar.london_date(at)
    return today <= until <= min(today + LONGEST_DEFERRAL, campaign.deploy_by)


def judge(hub: WishedHub, /, *, kind: WishKind) -> WishOutcome:
    """This function will say what becomes of a wish for one hub (rules 2 and 4); the first refusal wins."""
    refusals = (
        (not hub.is_own, WishOutcome.NOT_YOURS),
        (kind is WishKind.WITHDRAW and not hub.is_nominated, WishOutcome.NOT_NOMINATED),
        (kind is not WishKind.WITHDRAW and not _is_waiting(hub), _why_not_waiting(hub)),
        (kind is WishKind.DEFER and hub.was_deferred, WishOutcome.DEFERRED_BEFORE),
    )
    return next((outcome for stands, outcome in refusals if stands), WishOutcome.TAKEN_DOWN)


def _is_waiting(hub: WishedHub) -> bool:
    return _why_not_waiting(hub) is WishOutcome.TAKEN_DOWN


def _why_not_waiting(hub: WishedHub) -> WishOutcome:
    # What has been activated has another Device Model already.
    if hub.state not in {None, HubState.PLANNED, HubState.RECALLED, HubState.WITHDRAWN}:
        return WishOutcome.HAS_BEGUN
    if not hub.is_target:
        return WishOutcome.NOT_CONCERNED
    if not hub.is_in_use:
        return WishOutcome.NOT_COMMISSIONED
    return WishOutcome.TAKEN_DOWN
