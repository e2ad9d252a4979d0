"""Nights keep the wall clock of London, and working days leave out weekends and bank holidays."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain import calendar
from safelaunch.domain.calendar import EVENING, MORNING, add_working_days, is_working_day, moment, night_open

EASTER_2026 = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
moments = st.integers(0, 15 * 366 * 24 * 3600).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
days = st.dates(date(2020, 1, 1), date(2035, 1, 1))


@pytest.mark.parametrize(
    ("at", "night"),
    [
        (datetime(2026, 1, 10, 18, 0, tzinfo=UTC), date(2026, 1, 10)),
        (datetime(2026, 1, 10, 17, 59, tzinfo=UTC), None),
        (datetime(2026, 1, 11, 6, 59, tzinfo=UTC), date(2026, 1, 10)),
        (datetime(2026, 1, 11, 7, 0, tzinfo=UTC), None),
        (datetime(2026, 7, 10, 17, 0, tzinfo=UTC), date(2026, 7, 10)),  # 18:00 BST
        (datetime(2026, 7, 11, 6, 0, tzinfo=UTC), None),  # 07:00 BST
        (datetime(2026, 7, 11, 5, 59, tzinfo=UTC), date(2026, 7, 10)),
        (datetime(2026, 3, 29, 5, 59, tzinfo=UTC), date(2026, 3, 28)),  # the night the clocks go forward
        (datetime(2026, 3, 29, 6, 0, tzinfo=UTC), None),
        (datetime(2026, 10, 25, 6, 59, tzinfo=UTC), date(2026, 10, 24)),  # the night they go back
        (datetime(2026, 10, 25, 7, 0, tzinfo=UTC), None),
    ],
)
def test_a_night_runs_from_six_to_seven_by_the_clock_on_the_wall(at, night):
    assert night_open(at) == night


@pytest.mark.parametrize(
    ("evening", "hours"), [(date(2026, 1, 10), 13), (date(2026, 3, 28), 12), (date(2026, 10, 24), 14)]
)
def test_a_night_is_an_hour_shorter_or_longer_when_the_clocks_change(evening, hours):
    length = moment(evening + timedelta(days=1), MORNING) - moment(evening, EVENING)
    assert length == timedelta(hours=hours)


@given(moments)
def test_a_night_is_open_exactly_between_its_evening_and_its_morning(at):
    night = night_open(at)
    today = calendar.london_date(at)
    inside = [
        day
        for day in (today - timedelta(days=1), today)
        if moment(day, EVENING) <= at < moment(day + timedelta(days=1), MORNING)
    ]
    assert inside == ([] if night is None else [night])


@given(moments)
def test_the_next_turn_lies_ahead_and_none_lies_between(at):
    turn = calendar.next_turn(at)
    assert at < turn <= at + timedelta(hours=14)
    assert turn.tzinfo is UTC
    assert turn.astimezone(calendar.LONDON).time() in {MORNING, EVENING}
    assert (night_open(turn) is None) != (night_open(turn - timedelta(microseconds=1)) is None)


def test_a_moment_given_in_summer_is_an_hour_earlier_in_utc():
    assert moment(date(2026, 7, 10), time(18)) == datetime(2026, 7, 10, 17, tzinfo=UTC)
    assert moment(date(2026, 1, 10), time(18)) == datetime(2026, 1, 10, 18, tzinfo=UTC)


def test_the_date_changes_at_midnight_in_london():
    assert calendar.london_date(datetime(2026, 7, 10, 22, 59, tzinfo=UTC)) == date(2026, 7, 10)
    assert calendar.london_date(datetime(2026, 7, 10, 23, 0, tzinfo=UTC)) == date(2026, 7, 11)


def test_working_days_skip_the_weekend_and_the_bank_holidays():
    thursday = date(2026, 4, 2)
    assert add_working_days(thursday, 1, holidays=EASTER_2026) == date(2026, 4, 7)
    assert add_working_days(thursday, 1, holidays=frozenset()) == date(2026, 4, 3)
    assert not is_working_day(date(2026, 4, 3), holidays=EASTER_2026)
    assert not is_working_day(date(2026, 4, 4), holidays=EASTER_2026)


@given(days, st.integers(0, 40), st.frozensets(days, max_size=5))
def test_exactly_so_many_working_days_lie_between(day, count, holidays):
    end = add_working_days(day, count, holidays=holidays)
    between = [day + timedelta(days=ahead) for ahead in range(1, (end - day).days + 1)]
    assert sum(is_working_day(each, holidays=holidays) for each in between) == count
    assert count == 0 or is_working_day(end, holidays=holidays)
