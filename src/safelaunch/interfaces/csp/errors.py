"""The HTTP status of each kind of problem at the CSP door."""

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
from safelaunch.wire.csp import UntrustedSignature

STATUS_OF: dict[type[Problem], int] = {
    UntrustedSignature: 401,
    Unreadable: 400,
    Invalid: 400,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Refused: 422,
    Unreachable: 503,
}


def status_of(problem: Problem) -> int:
    """This function will give the status of the nearest class in the table."""
    return next(STATUS_OF[kind] for kind in type(problem).__mro__ if kind in STATUS_OF)
