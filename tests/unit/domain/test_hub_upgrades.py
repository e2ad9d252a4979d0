"""Reports may come in any order and more than once; what is known in the end is the same."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safelaunch.domain.events import Effect
from safelaunch.domain.hub_upgrades import (
    ANSWER_DUE,
    HUB_UPGRADE,
    IN_FLIGHT,
    MAX_ATTEMPTS,
    REPORTED_AS,
    EventKind,
    HubEvent,
    HubState,
    Report,
    apply,
    is_answer_overdue,
    judge_read_back,
    may_retry,
)
from safelaunch.domain.identifiers import Eui64

NOW = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
LADDER = [
    HubEvent.NOT_REACHED,
    HubEvent.RECALL,
    HubEvent.DELIVERED,
    HubEvent.FAIL,
    HubEvent.ACTIVATE,
]
"""What the reports of one attempt prove, the least first."""

REPORTS = [*LADDER, HubEvent.STILL_OLD]
"""Every move that a report can stand for."""

one_attempt = st.lists(st.sampled_from(LADDER), min_size=1, max_size=12)
anything_reported = st.lists(st.sampled_from(REPORTS), min_size=1, max_size=12)


def report(event, *, attempt=1):
    return Report(
        number=1,
        device_id=Eui64(1),
        kind=EventKind.DELIVERED,
        happened_at=NOW,
        campaign_id=1,
        attempt=attempt,
        event=event,
        firmware_version=None,
        reason=None,
    )


def settle(events, *, state=HubState.INSTRUCTED, attempt=1, spoken_of=1):
    for event in events:
        _, state = apply(report(event, attempt=spoken_of), state=state, attempt=attempt, is_known_hub=True)
    return state


@given(anything_reported, st.randoms(use_true_random=False), st.sampled_from(list(HubState)))
@example([HubEvent.STILL_OLD, HubEvent.DELIVERED], Random(1), HubState.UNKNOWN)
@example([HubEvent.STILL_OLD, HubEvent.NOT_REACHED], Random(1), HubState.UNKNOWN)
@example([HubEvent.STILL_OLD, HubEvent.RECALL], Random(1), HubState.UNKNOWN)
def test_from_any_state_any_order_and_repetition_of_reports_ends_in_the_same_state(events, random, start):
    shuffled = events + random.choices(events, k=len(events))
    random.shuffle(shuffled)
    assert settle(shuffled, state=start) is settle(events, state=start)


@given(one_attempt)
@example([HubEvent.NOT_REACHED, HubEvent.DELIVERED])
@example([HubEvent.FAIL, HubEvent.DELIVERED, HubEvent.RECALL])
def test_the_report_that_proves_most_decides(events):
    assert settle(events) is HUB_UPGRADE.target(max(events, key=LADDER.index))


@pytest.mark.parametrize("start", list(HubState))
def test_every_order_of_all_reports_ends_in_the_same_state(start):
    """Not by luck of the draw: every subset of the reports in every order."""
    for size in range(1, len(REPORTS) + 1):
        for subset in combinations(REPORTS, size):
            assert len({settle(order, state=start) for order in permutations(subset)}) == 1, subset


@pytest.mark.parametrize("late", [HubEvent.DELIVERED, HubEvent.NOT_REACHED, HubEvent.RECALL])
@pytest.mark.parametrize("before", [HubState.INSTRUCTED, HubState.DEPLOYED])
def test_once_its_answer_is_overdue_only_an_outcome_moves_a_hub(late, before):
    unknown = HUB_UPGRADE.next(before, HubEvent.NO_ANSWER)
    assert apply(report(late), state=unknown, attempt=1, is_known_hub=True) == (Effect.LATE, unknown)
    assert settle([late, HubEvent.FAIL], state=unknown) is HubState.FAILED
    assert settle([late, HubEvent.STILL_OLD], state=unknown) is HubState.FAILED
    assert settle([late, HubEvent.ACTIVATE], state=unknown) is HubState.ACTIVATED


@given(st.sampled_from(list(HubState)), st.lists(st.sampled_from(list(HubEvent)), max_size=8))
def test_nothing_ever_takes_an_activation_back(state, events):
    activated = settle([HubEvent.ACTIVATE], state=state)
    assert activated is HubState.ACTIVATED
    assert settle(events, state=activated) is HubState.ACTIVATED


@given(st.sampled_from(LADDER[:-1]), st.sampled_from(list(HubState)), st.integers(2, MAX_ATTEMPTS))
def test_negative_evidence_of_an_earlier_attempt_is_kept_and_changes_nothing(event, state, attempt):
    earlier = report(event, attempt=attempt - 1)
    effect, after = apply(earlier, state=state, attempt=attempt, is_known_hub=True)
    assert (effect, after) == (Effect.LATE, state)


@pytest.mark.parametrize("state", [state for state in HubState if state is not HubState.ACTIVATED])
def test_the_new_version_seen_running_counts_from_any_attempt(state):
    effect, after = apply(report(HubEvent.ACTIVATE, attempt=1), state=state, attempt=3, is_known_hub=True)
    assert (effect, after) == (Effect.APPLIED, HubState.ACTIVATED)


def test_a_repeat_is_late_and_harmless():
    assert apply(report(HubEvent.FAIL), state=HubState.FAILED, attempt=1, is_known_hub=True) == (
        Effect.LATE,
        HubState.FAILED,
    )


def test_reports_that_cannot_move_a_hub_are_kept_with_the_reason():
    unknown = apply(report(HubEvent.ACTIVATE), state=None, attempt=None, is_known_hub=False)
    never_instructed = apply(report(HubEvent.ACTIVATE), state=None, attempt=None, is_known_hub=True)
    connectivity = apply(report(None), state=HubState.DEPLOYED, attempt=1, is_known_hub=True)
    assert unknown == (Effect.UNKNOWN_HUB, None)
    assert never_instructed == (Effect.NOT_INSTRUCTED, None)
    assert connectivity == (Effect.NOTED, HubState.DEPLOYED)


def test_a_read_back_proves_the_version_that_runs():
    assert judge_read_back(version_read="0002", target_version="0002") is HubEvent.ACTIVATE
    assert judge_read_back(version_read="0001", target_version="0002") is HubEvent.STILL_OLD


@pytest.mark.parametrize("state", [HubState.INSTRUCTED, HubState.DEPLOYED])
def test_the_old_version_read_before_the_answer_is_due_is_no_failure(state):
    """The image may be on its way, or waiting for its activation: an old version proves nothing yet."""
    assert settle([HubEvent.STILL_OLD], state=state) is state


def test_the_old_version_read_after_the_answer_was_due_is_a_failure_that_an_activation_corrects():
    assert settle([HubEvent.STILL_OLD], state=HubState.UNKNOWN) is HubState.FAILED
    assert settle([HubEvent.STILL_OLD, HubEvent.ACTIVATE], state=HubState.UNKNOWN) is HubState.ACTIVATED


def test_every_report_stands_for_a_move_or_for_evidence():
    evidence_only = {EventKind.SILENT, EventKind.HEARD}
    judged_by_version = {EventKind.VERSION_READ}
    assert set(REPORTED_AS) | evidence_only | judged_by_version == set(EventKind)


@pytest.mark.parametrize("state", list(HubState))
def test_a_hub_gets_another_night_after_a_failure_until_its_attempts_are_used_up(state):
    again = state in {HubState.UNREACHABLE, HubState.FAILED, HubState.RECALLED}
    assert may_retry(state=state, attempt=1) is again
    assert may_retry(state=state, attempt=MAX_ATTEMPTS - 1) is again
    assert may_retry(state=state, attempt=MAX_ATTEMPTS) is False


@pytest.mark.parametrize("state", list(HubState))
def test_only_a_hub_in_flight_can_be_overdue_and_exactly_when_its_time_is_up(state):
    in_flight = state in IN_FLIGHT
    just_before = NOW + ANSWER_DUE - timedelta(microseconds=1)
    assert is_answer_overdue(state=state, since=NOW, at=NOW + ANSWER_DUE) is in_flight
    assert is_answer_overdue(state=state, since=NOW, at=just_before) is False


def test_what_was_not_instructed_takes_no_negative_evidence():
    for event in LADDER[:-1]:
        assert settle([event], state=HubState.PLANNED) is HubState.PLANNED
