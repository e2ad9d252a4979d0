"""A Communications Hub firmware campaign (SECMP0024, design 3.1).

    DRAFT > NOTIFIED > PILOT > SAFE_LAUNCH > MASS_ROLL_OUT > COMPLETE, or ABANDONED

A campaign may be HELD in any phase after DRAFT and remembers where. Holding raises the epoch, so that every hop
refuses what was instructed before (design 9). Holding takes one person, resuming takes two (Q9).

Notice (Q2, R-0024-1, R-0024-33): at least 7 calendar days before the pilot, and 20 working days as policy; only a
release that is both CRITICAL and IMMEDIATE may have less than 20 working days, and none less than 7 days. Suppliers
answer within 10 working days (Q1), cut to the notice when the release is IMMEDIATE.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from safelaunch.domain import calendar
from safelaunch.domain.machine import Machine, Move
from safelaunch.domain.refusals import Conflict, Invalid


class Phase(StrEnum):
    """How far a campaign has come."""

    DRAFT = "DRAFT"
    NOTIFIED = "NOTIFIED"
    PILOT = "PILOT"
    SAFE_LAUNCH = "SAFE_LAUNCH"
    MASS_ROLL_OUT = "MASS_ROLL_OUT"
    COMPLETE = "COMPLETE"
    ABANDONED = "ABANDONED"


class CampaignEvent(StrEnum):
    """What moves a campaign from phase to phase."""

    PUBLISH = "PUBLISH"
    START_PILOT = "START_PILOT"
    PASS_PILOT_GATE = "PASS_PILOT_GATE"
    PASS_SAFE_LAUNCH_GATE = "PASS_SAFE_LAUNCH_GATE"
    FINISH = "FINISH"
    ABANDON = "ABANDON"


P, E = Phase, CampaignEvent

CAMPAIGN: Machine[Phase, CampaignEvent] = Machine(
    name="Campaign",
    initial=P.DRAFT,
    moves=(
        Move(E.PUBLISH, (P.DRAFT,), P.NOTIFIED),
        Move(E.START_PILOT, (P.NOTIFIED,), P.PILOT),
        Move(E.PASS_PILOT_GATE, (P.PILOT,), P.SAFE_LAUNCH),
        Move(E.PASS_SAFE_LAUNCH_GATE, (P.SAFE_LAUNCH,), P.MASS_ROLL_OUT),
        Move(E.FINISH, (P.MASS_ROLL_OUT,), P.COMPLETE),
        Move(E.ABANDON, (P.DRAFT, P.NOTIFIED, P.PILOT, P.SAFE_LAUNCH, P.MASS_ROLL_OUT), P.ABANDONED),
    ),
)

RUNNING = (P.PILOT, P.SAFE_LAUNCH, P.MASS_ROLL_OUT)
"""Phases in which hubs are instructed."""

OPEN = (P.NOTIFIED, *RUNNING)
"""Phases that may be held, and that claim their Device Models."""

GATE_AFTER: dict[Phase, CampaignEvent] = {
    P.PILOT: E.PASS_PILOT_GATE,
    P.SAFE_LAUNCH: E.PASS_SAFE_LAUNCH_GATE,
}
"""The gate that closes a phase, and the move its passing makes."""

HELD = "HELD"


def state_of(*, phase: Phase, is_held: bool) -> str:
    """This function will give the state people see: the phase, or HELD."""
    return HELD if is_held and phase in OPEN else phase.value


class Severity(StrEnum):
    """R-0024-2."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class Priority(StrEnum):
    """R-0024-2."""

    IMMEDIATE = "IMMEDIATE"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """The numbers a campaign runs by; data on the campaign, with the defaults of Q1 to Q18."""

    list_window_working_days: int = 10
    notice_days_floor: int = 7
    notice_working_days: int = 20
    pilot_share: float = 0.001
    pilot_cap_per_model: int = 500
    pilot_steps: tuple[tuple[int, float], ...] = ((0, 0.05), (3, 0.25), (6, 1.0))
    safe_launch_share: float = 0.01
    soak_days: int = 7
    growth: float = 4.0
    growth_floor: int = 3
    activation_success_min: float = 0.98
    silence_increase_max: float = 0.01
    silence_window_days: int = 5
    known_share_min: float = 0.95
    min_hubs: int = 50
    open_sev1_max: int = 0
    confidence: float = 0.95
    deferral_decision_working_days: int = 5

    def __post_init__(self) -> None:
        """This function will refuse numbers that make no sense, naming the first one."""
        for name in ("pilot_share", "safe_launch_share", "activation_success_min", "silence_increase_max"):
            if not 0 < getattr(self, name) <= 1:
                raise Invalid(f"{name} is {getattr(self, name)}; a share above 0 and at most 1 is expected.")
        for name in ("known_share_min", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise Invalid(f"{name} is {getattr(self, name)}; a share between 0 and 1 is expected.")
        for name in (
            "notice_days_floor",
            "soak_days",
            "silence_window_days",
            "pilot_cap_per_model",
            "min_hubs",
        ):
            if getattr(self, name) < 1:
                raise Invalid(f"{name} is {getattr(self, name)}; at least 1 is expected.")


@dataclass(frozen=True, slots=True)
class Release:
    """What a notice says about a firmware release (R-0024-2)."""

    title: str
    firmware_version: str
    release_note: str
    severity: Severity
    priority: Priority
    deploy_by: date
    activate_by: date
    pilot_starts_on: date
    rules: CampaignRules = field(default_factory=CampaignRules)


class NoticeTooShort(Conflict):
    """The pilot would begin before Suppliers have had the notice they are due."""


class DateInThePast(Invalid):
    """A date has passed already."""


class DatesOutOfOrder(Invalid):
    """The dates of a release do not follow one another."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The windows that publishing opens."""

    list_closes_at: datetime
    pilot_starts_at: datetime


def check_dates(release: Release, *, on: date) -> None:
    """This function will insist that a release's dates lie ahead and in order.

    Raises:
        DateInThePast: the pilot's date has passed.
        DatesOutOfOrder: deployment ends before the pilot starts, or activation ends before deployment.
    """
    if release.pilot_starts_on <= on:
        raise DateInThePast(
            f"The pilot is to start on {release.pilot_starts_on:%d %B %Y}, which is not after today, {on:%d %B %Y}."
        )
    if release.deploy_by <= release.pilot_starts_on:
        raise DatesOutOfOrder(
            f"Deployment is due by {release.deploy_by:%d %B %Y}, but the pilot starts on "
            f"{release.pilot_starts_on:%d %B %Y}; choose a later date."
        )
    if release.activate_by < release.deploy_by:
        raise DatesOutOfOrder(
            f"Activation is due by {release.activate_by:%d %B %Y}, before deployment is "
            f"({release.deploy_by:%d %B %Y}); choose the same date or a later one."
        )


def judge_notice(release: Release, *, published_at: datetime, holidays: AbstractSet[date]) -> Notice:
    """This function will check a notice given now against the notice period and set its windows (Q1, Q2).

    Raises:
        NoticeTooShort: with the earliest date on which the pilot could start.
        DateInThePast, DatesOutOfOrder: as `check_dates`.
    """
    today = calendar.london_date(published_at)
    check_dates(release, on=today)
    rules = release.rules
    earliest = today + timedelta(days=rules.notice_days_floor)
    emergency = release.severity is Severity.CRITICAL and release.priority is Priority.IMMEDIATE
    if not emergency:
        policy = calendar.add_working_days(today, rules.notice_working_days, holidays=holidays)
        earliest = max(earliest, policy)
    if release.pilot_starts_on < earliest:
        why = (
            f"at least {rules.notice_days_floor} days"
            if emergency
            else f"{rules.notice_working_days} working days and at least {rules.notice_days_floor} days"
        )
        raise NoticeTooShort(
            f"The pilot is to start on {release.pilot_starts_on:%d %B %Y}, but Suppliers are due {why} of notice: "
            f"the earliest date is {earliest:%d %B %Y}."
        )
    window = calendar.add_working_days(today, rules.list_window_working_days, holidays=holidays)
    closes_on = min(window, release.pilot_starts_on)
    return Notice(
        list_closes_at=calendar.moment(closes_on, calendar.EVENING),
        pilot_starts_at=calendar.moment(release.pilot_starts_on, calendar.EVENING),
    )
