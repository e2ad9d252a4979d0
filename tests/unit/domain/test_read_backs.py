"""When a Device is read back whose answer was lost: later each time, so many times, and no policy that nobody can mean."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.read_backs import HOUSE_POLICY, ReadBackPolicy, next_read_at
from safelaunch.domain.refusals import Invalid

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)


def test_each_read_back_waits_four_times_as_long_as_the_one_before_and_the_last_is_the_last():
    waits = [next_read_at(HOUSE_POLICY, made=made, since=AT) for made in range(7)]
    assert [wait and wait - AT for wait in waits] == [
        timedelta(minutes=15),
        *(timedelta(hours=hours) for hours in (1, 4, 16, 64, 256)),
        None,
    ]


@given(st.integers(1, 10_080), st.integers(0, 10), st.integers(0, 12))
def test_nothing_is_read_back_more_often_than_its_policy_says_nor_ever_at_once(minutes, attempts, made):
    wait = timedelta(minutes=minutes)
    due = next_read_at(ReadBackPolicy(wait=wait, attempts=attempts), made=made, since=AT)
    assert (due is None) == (made >= attempts)
    assert due is None or due - AT >= wait


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        ({"wait": timedelta(seconds=59)}, "between a minute and seven days"),
        ({"wait": timedelta(days=8)}, "between a minute and seven days"),
        ({"attempts": -1}, "at most 10 times"),
        ({"attempts": 11}, "at most 10 times"),
        ({"daily_budget": -1}, "between none and 1,000,000"),
        ({"daily_budget": 1_000_001}, "between none and 1,000,000"),
    ],
)
def test_a_policy_that_nobody_can_mean_is_refused(stated, sentence):
    with pytest.raises(Invalid, match=sentence):
        ReadBackPolicy(**stated)
