"""Days and nights of the estate.

Nights are named by the evening's date in Europe/London and run from 18:00 to 07:00 local time, so they keep their
length of the clock across summer time. Working days leave out weekends and the bank holidays passed in. Periods
are half-open. Every moment is aware and kept in UTC.
"""

from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
EVENING = time(18, 0)
MORNING = time(7, 0)
_SATURDAY = 5


def london_date(at: datetime) -> date:
    """This function will give the date in the United Kingdom at a moment."""
    return at.astimezone(LONDON).date()


def moment(day: date, at: time) -> datetime:
    """This function will give the UTC moment of a UK wall-clock time."""
    return datetime.combine(day, at, LONDON).astimezone(UTC)


def night_open(at: datetime) -> date | None:
    """This function will give the night that is open at a moment, or None in the daytime."""
    local = at.astimezone(LONDON)
    if local.time() >= EVENING:
        return local.date()
    if local.time() < MORNING:
        return local.date() - timedelta(days=1)
    return None


def end_of_night(night: date) -> datetime:
    """This function will give the morning that ends a night."""
    return moment(night + timedelta(days=1), MORNING)


def end_of_day(day: date) -> datetime:
    """This function will give the midnight at which a day in the United Kingdom is over."""
    return moment(day + timedelta(days=1), time(0))


def is_working_day(day: date, *, holidays: AbstractSet[date]) -> bool:
    """This function will say whether a day is neither a weekend nor a bank holiday."""
    return day.weekday() < _SATURDAY and day not in holidays


def add_working_days(day: date, count: int, *, holidays: AbstractSet[date]) -> date:
    """This function will give the date `count` working days after a day (Q1, Q2)."""
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day, holidays=holidays):
            count -= 1
    return day


def next_turn(at: datetime) -> datetime:
    """This function will give the next morning or evening after a moment: when campaigns are looked at."""
    day = london_date(at)
    turns = (moment(day + timedelta(days=ahead), clock) for ahead in (0, 1) for clock in (MORNING, EVENING))
    return next(turn for turn in turns if turn > at)


def last_turn(at: datetime) -> datetime:
    """This function will give the latest morning or evening at or before a moment: evidence is read as of then."""
    day = london_date(at)
    turns = (moment(day - timedelta(days=back), clock) for back in (0, 1) for clock in (EVENING, MORNING))
    return next(turn for turn in turns if turn <= at)
