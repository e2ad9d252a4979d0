"""A deferral is decided by two people, on a direction where it is appealed, and lasts as long as it may."""

from datetime import UTC, date, datetime, timedelta

import pytest

from safelaunch.domain import deferrals as rules
from safelaunch.domain.deferrals import Clock, Decision, DeferralEvent, DeferralState, Proposed
from safelaunch.domain.machine import NoSuchMove
from safelaunch.domain.people import Actor, Role
from safelaunch.domain.refusals import Forbidden, Invalid

AT = datetime(2026, 12, 23, 10, tzinfo=UTC)
CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 28)}
S = DeferralState


def actor(role):
    return Actor(name="Gail", role=role, person_id=1)


def test_the_decision_is_due_after_working_days_without_bank_holidays():
    due = rules.decision_due_at(at=AT, working_days=5, holidays=CHRISTMAS)
    assert due == datetime(2027, 1, 1, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "deploy_by", "last"),
    [
        (None, date(2027, 6, 1), date(2027, 1, 22)),
        (date(2026, 12, 31), date(2027, 6, 1), date(2026, 12, 31)),
        (date(2027, 3, 1), date(2027, 6, 1), date(2027, 1, 22)),
        (None, date(2026, 12, 30), date(2026, 12, 30)),
    ],
)
def test_a_hold_lasts_as_long_as_asked_within_thirty_days_and_the_campaign(asked, deploy_by, last):
    assert rules.hold_until(asked=asked, at=AT, longest=timedelta(days=30), deploy_by=deploy_by) == last


@pytest.mark.parametrize(
    ("decided", "ended", "hours", "clock"),
    [
        (None, None, -1, Clock.RUNNING),
        (None, None, 1, Clock.BREACHED),
        (-1, None, 9, Clock.MET),
        (1, None, 9, Clock.BREACHED),
        (None, -1, 9, Clock.MET),
    ],
)
def test_a_clock_runs_until_somebody_decides_or_it_ends(decided, ended, hours, clock):
    def moment(offset):
        return None if offset is None else AT + timedelta(hours=offset)

    found = rules.clock_of(due_at=AT, decided_at=moment(decided), ended_at=moment(ended), at=moment(hours))
    assert found is clock


@pytest.mark.parametrize(
    ("decision", "state", "event"),
    [
        (Decision.ACCEPT, S.REQUESTED, DeferralEvent.ACCEPT),
        (Decision.REFUSE, S.REQUESTED, DeferralEvent.REFUSE),
        (Decision.ACCEPT, S.APPEALED, DeferralEvent.ACCEPT),
        (Decision.REFUSE, S.APPEALED, DeferralEvent.DISMISS),
    ],
)
def test_a_refused_appeal_is_the_last_word(decision, state, event):
    assert rules.event_of(decision, state=state) is event


@pytest.mark.parametrize("state", [S.ACCEPTED, S.REFUSED, S.DISMISSED, S.WITHDRAWN, S.EXPIRED])
def test_what_is_decided_or_over_is_not_decided_again(state):
    for decision in Decision:
        with pytest.raises(NoSuchMove):
            rules.event_of(decision, state=state)


@pytest.mark.parametrize(
    ("proposed", "state", "role", "refusal"),
    [
        (Proposed(Decision.ACCEPT, "Sound.", None), S.REQUESTED, Role.SUPPLIER, Forbidden),
        (Proposed(Decision.ACCEPT, "  ", None), S.REQUESTED, Role.GOVERNANCE, Invalid),
        (Proposed(Decision.ACCEPT, "Sound.", None), S.APPEALED, Role.GOVERNANCE, rules.NeedsDirection),
        (Proposed(Decision.ACCEPT, "Sound.", "SECP-12"), S.APPEALED, Role.OPERATOR, Forbidden),
        (Proposed(Decision.ACCEPT, "Sound.", None), S.ACCEPTED, Role.GOVERNANCE, NoSuchMove),
    ],
)
def test_a_proposal_needs_a_right_a_reason_and_for_an_appeal_a_direction(proposed, state, role, refusal):
    with pytest.raises(refusal):
        rules.check_proposal(proposed, state=state, actor=actor(role))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.APPROVER, Role.GOVERNANCE])
def test_whoever_judges_proposes(role):
    rules.check_proposal(
        Proposed(Decision.REFUSE, "No duty is at risk.", None), state=S.REQUESTED, actor=actor(role)
    )


def test_what_holds_can_be_withdrawn_and_expire_and_nothing_else_can():
    for event in (DeferralEvent.WITHDRAW, DeferralEvent.EXPIRE):
        assert set(rules.DEFERRAL.sources(event)) == {state.value for state in rules.HOLDING}
