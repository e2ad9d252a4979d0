"""How long a receiver is left alone: never nothing, never for ever, longer while it stays away."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain import deliveries

draws = st.floats(0, 1)
failures = st.integers(1, 10_000)


@given(failures, draws)
def test_a_wait_lies_between_half_and_the_whole_of_its_doubling(count, draw):
    whole = min(deliveries.FIRST_WAIT * 2 ** min(count - 1, 20), deliveries.LONGEST_WAIT)
    assert whole / 2 <= deliveries.wait_after(count, draw=draw) <= whole


@given(failures, draws)
def test_a_wait_is_never_nothing_and_never_longer_than_the_longest(count, draw):
    assert timedelta(0) < deliveries.wait_after(count, draw=draw) <= deliveries.LONGEST_WAIT


@given(failures, draws)
def test_one_more_failure_never_shortens_the_wait(count, draw):
    assert deliveries.wait_after(count, draw=draw) <= deliveries.wait_after(count + 1, draw=draw)


@given(failures)
def test_users_do_not_come_back_in_step(count):
    assert deliveries.wait_after(count, draw=0.1) != deliveries.wait_after(count, draw=0.9)


@given(st.integers(0, 100))
def test_a_message_is_parked_at_its_last_refusal_and_not_before(refusals):
    assert deliveries.is_refused_for_good(refusals) == (refusals >= deliveries.MOST_REFUSALS)


def test_three_days_in_the_queue_are_long_enough():
    at = datetime(2026, 11, 5, tzinfo=UTC)
    assert deliveries.queued_too_long_before(at) == datetime(2026, 11, 2, tzinfo=UTC)
