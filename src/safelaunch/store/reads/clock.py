"""The clock that doors read. Nothing below a door reads any clock."""

from datetime import UTC, datetime

from django.conf import settings

from safelaunch.domain.refusals import Conflict
from safelaunch.store import sql


class ClockNotSet(Conflict):
    """The clock is stepped, and nobody has set it."""


def now() -> datetime:
    """This function will give the time: the wall clock's, or that of a stepped clock when the settings say so.

    Raises:
        ClockNotSet: SAFELAUNCH_CLOCK is stepped and no demonstration has set the time.
    """
    if settings.CLOCK == "wall":
        return wall_now()
    shows = stepped_clock_shows()
    if shows is None:
        raise ClockNotSet(
            "The clock is stepped, and no demonstration has set it. Unset SAFELAUNCH_CLOCK for the wall clock."
        )
    return shows


def wall_now() -> datetime:
    """This function will give the wall's time, for what a stepped clock cannot speed up: neighbours over a network."""
    return datetime.now(UTC)


def stepped_clock_shows() -> datetime | None:
    """This function will give what the stepped clock shows, or None when it was never set."""
    shows: datetime | None = sql.fetch_value("stepped_clock_shows")
    return shows
