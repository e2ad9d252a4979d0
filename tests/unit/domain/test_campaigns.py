"""A campaign's phases, its numbers and the notice Suppliers are due (Q1, Q2)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import (
    CAMPAIGN,
    GATE_AFTER,
    OPEN,
    RUNNING,
    CampaignEvent,
    CampaignRules,
    DateInThePast,
    DatesOutOfOrder,
    NoticeTooShort,
    Phase,
    Priority,
    Release,
    Severity,
    check_dates,
    judge_notice,
    state_of,
)
from safelaunch.domain.machine import NoSuchMove
from safelaunch.domain.refusals import Invalid

PUBLISHED_AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PUBLISHED_ON = date(2026, 3, 2)
EASTER = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
ROUTINE = Release(
    title="Better mesh",
    firmware_version="0002",
    release_note="Fixes the mesh.",
    severity=Severity.MEDIUM,
    priority=Priority.MEDIUM,
    pilot_starts_on=date(2026, 3, 30),
    deploy_by=date(2026, 9, 30),
    activate_by=date(2026, 9, 30),
)
EMERGENCY = replace(ROUTINE, severity=Severity.CRITICAL, priority=Priority.IMMEDIATE)


def judge(release, *, holidays=frozenset()):
    return judge_notice(release, published_at=PUBLISHED_AT, holidays=holidays)


def test_twenty_working_days_of_notice_are_enough_and_nineteen_are_not():
    assert judge(ROUTINE).pilot_starts_at == datetime(2026, 3, 30, 17, 0, tzinfo=UTC)
    with pytest.raises(NoticeTooShort, match=r"20 working days .* the earliest date is 30 March 2026"):
        judge(replace(ROUTINE, pilot_starts_on=date(2026, 3, 27)))


def test_bank_holidays_within_the_notice_push_the_pilot_back():
    published = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
    late = replace(ROUTINE, pilot_starts_on=date(2026, 4, 14))
    judge_notice(late, published_at=published, holidays=frozenset())
    with pytest.raises(NoticeTooShort, match="15 April 2026"):
        judge_notice(late, published_at=published, holidays=EASTER)


def test_an_emergency_needs_seven_days_and_never_less():
    judge(replace(EMERGENCY, pilot_starts_on=date(2026, 3, 9)))
    with pytest.raises(
        NoticeTooShort, match=r"at least 7 days of notice: the earliest date is 09 March 2026"
    ):
        judge(replace(EMERGENCY, pilot_starts_on=date(2026, 3, 8)))


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("priority", list(Priority))
def test_only_a_release_both_critical_and_immediate_may_shorten_the_notice(severity, priority):
    soon = replace(ROUTINE, severity=severity, priority=priority, pilot_starts_on=date(2026, 3, 12))
    if (severity, priority) == (Severity.CRITICAL, Priority.IMMEDIATE):
        assert judge(soon).pilot_starts_at.date() == date(2026, 3, 12)
    else:
        with pytest.raises(NoticeTooShort):
            judge(soon)


def test_suppliers_answer_within_ten_working_days_or_by_the_pilot_if_that_is_sooner():
    assert judge(ROUTINE).list_closes_at == datetime(2026, 3, 16, 18, 0, tzinfo=UTC)
    emergency = judge(replace(EMERGENCY, pilot_starts_on=date(2026, 3, 10)))
    assert emergency.list_closes_at == emergency.pilot_starts_at


@given(st.integers(0, 5 * 366 * 24), st.integers(1, 90), st.booleans())
def test_whenever_a_notice_is_accepted_it_is_long_enough(hours, ahead, is_emergency):
    published_at = PUBLISHED_AT + timedelta(hours=hours)
    today = calendar.london_date(published_at)
    starts = today + timedelta(days=ahead)
    release = replace(
        EMERGENCY if is_emergency else ROUTINE,
        pilot_starts_on=starts,
        deploy_by=starts + timedelta(days=90),
        activate_by=starts + timedelta(days=90),
    )
    policy = calendar.add_working_days(today, 20, holidays=frozenset())
    long_enough = ahead >= 7 and (is_emergency or starts >= policy)
    try:
        notice = judge_notice(release, published_at=published_at, holidays=frozenset())
    except NoticeTooShort:
        assert not long_enough
    else:
        assert long_enough
        assert published_at < notice.list_closes_at <= notice.pilot_starts_at


def test_dates_that_have_passed_or_cross_are_refused():
    with pytest.raises(DateInThePast, match="02 March 2026"):
        check_dates(replace(ROUTINE, pilot_starts_on=PUBLISHED_ON), on=PUBLISHED_ON)
    with pytest.raises(DatesOutOfOrder, match="Deployment is due by 30 March 2026"):
        check_dates(replace(ROUTINE, deploy_by=ROUTINE.pilot_starts_on), on=PUBLISHED_ON)
    with pytest.raises(DatesOutOfOrder, match="Activation is due by 29 September 2026"):
        check_dates(replace(ROUTINE, activate_by=date(2026, 9, 29)), on=PUBLISHED_ON)


def test_phases_follow_one_another_and_none_is_skipped():
    order = [Phase.DRAFT, Phase.NOTIFIED, Phase.PILOT, Phase.SAFE_LAUNCH, Phase.MASS_ROLL_OUT, Phase.COMPLETE]
    events = [event for event in CampaignEvent if event is not CampaignEvent.ABANDON]
    for phase, event, after in zip(order, events, order[1:], strict=False):
        assert CAMPAIGN.next(phase, event) is after
        for other in set(Phase) - {phase}:
            assert not CAMPAIGN.may(other, event)


@pytest.mark.parametrize("event", list(CampaignEvent))
@pytest.mark.parametrize("ended", [Phase.COMPLETE, Phase.ABANDONED])
def test_nothing_happens_to_a_campaign_that_has_ended(ended, event):
    with pytest.raises(NoSuchMove):
        CAMPAIGN.next(ended, event)


def test_a_gate_closes_every_running_phase_but_the_last():
    assert set(GATE_AFTER) == set(RUNNING) - {Phase.MASS_ROLL_OUT}
    for phase, event in GATE_AFTER.items():
        assert CAMPAIGN.sources(event) == [phase.value]


@pytest.mark.parametrize("phase", list(Phase))
def test_people_see_held_only_where_a_campaign_can_be_held(phase):
    assert state_of(phase=phase, is_held=True) == ("HELD" if phase in OPEN else phase.value)
    assert state_of(phase=phase, is_held=False) == phase.value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pilot_share", 0.0),
        ("safe_launch_share", 1.01),
        ("activation_success_min", -0.5),
        ("silence_increase_max", 0.0),
        ("known_share_min", 1.0),
        ("confidence", 0.0),
        ("confidence", 1.0),
        ("notice_days_floor", 0),
        ("soak_days", 0),
        ("silence_window_days", -1),
        ("pilot_cap_per_model", 0),
        ("min_hubs", 0),
        ("pilot_share", float("nan")),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_name(name, value):
    with pytest.raises(Invalid, match=name):
        CampaignRules(**{name: value})
