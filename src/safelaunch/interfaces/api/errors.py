"""The HTTP status of each kind of problem in the API, and its body (RFC 9457, problem+json)."""

from http import HTTPStatus

from django.http import HttpResponse, JsonResponse

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
from safelaunch.wire.table_file import FaultyTable

FAULTS_SHOWN = 100
"""Bad rows of a file that an answer lists."""

STATUS_OF: dict[type[Problem], int] = {
    NotFound: 404,
    Invalid: 422,
    Conflict: 409,
    Forbidden: 403,
    Refused: 409,
    Unreadable: 422,
    Unreachable: 503,
}


def status_of(problem: Problem) -> int:
    """This function will give the status of the nearest class in the table."""
    return next(STATUS_OF[kind] for kind in type(problem).__mro__ if kind in STATUS_OF)


def problem_json(*, status: int, detail: str, kind: str = "about:blank", **more: object) -> HttpResponse:
    """This function will write a problem as problem+json; `more` are members of its own kind."""
    body = {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def answer(problem: Problem) -> HttpResponse:
    """This function will write the answer to a request that ended in a problem."""
    kind = f"urn:safelaunch:{type(problem).__name__}"
    faults = {"faults": _faults(problem)} if isinstance(problem, FaultyTable) else {}
    return problem_json(status=status_of(problem), detail=str(problem), kind=kind, **faults)


def _faults(table: FaultyTable) -> list[dict[str, object]]:
    return [
        {"line": fault.line, "column": fault.column, "value": fault.value, "reason": fault.reason}
        for fault in table.faults[:FAULTS_SHOWN]
    ]
