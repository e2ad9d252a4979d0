"""What the portal answers to a problem: one table from the house's families to HTTP (`domain/refusals.py`)."""

from safelaunch.domain.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Unreachable,
    Unreadable,
)

STATUS_OF: dict[type[Problem], int] = {
    NotFound: 404,
    Invalid: 422,
    Conflict: 409,
    Forbidden: 403,
    Refused: 409,
    Unreadable: 422,
    Unreachable: 503,
    Problem: 409,
}
"""Families; a refusal declared beside a rule answers as the nearest family above it."""


def status_of(problem: Problem) -> int:
    """This function will give the HTTP status of a problem: that of the nearest class in the table."""
    return next(STATUS_OF[kind] for kind in type(problem).__mro__ if kind in STATUS_OF)
