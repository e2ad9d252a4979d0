"""The HTTP status of each kind of problem in the API, and its body (RFC 9457, problem+json)."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from ninja.openapi.schema import OpenAPISchema

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


UNANSWERED = {
    400: "The request, or its body, could not be read. Nothing was changed; check what was sent and send it again.",
    403: "The request was not from a page of this session. Nothing was changed; send the session's X-CSRFToken.",
    404: "No operation has this address. The OpenAPI document at /api/v1/openapi.json lists those there are.",
    500: "Something went wrong on our side, and nothing was changed. It is in the log; try again.",
}
"""What is said of a request that no operation answered, by HTTP status."""

PROBLEM: dict[str, object] = {
    "title": "Problem",
    "description": "Why a request was refused; a kind of problem may have members of its own.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "description": "the kind: `urn:safelaunch:` and its name, or `about:blank`",
        },
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {
            "type": "string",
            "description": "what was asked, why not, and what would make it possible",
        },
        "faults": {
            "type": "array",
            "description": f"bad rows of a file, the first {FAULTS_SHOWN}",
            "items": {
                "type": "object",
                "required": ["line", "column", "value", "reason"],
                "properties": {
                    "line": {"type": "integer"},
                    "column": {"type": "string"},
                    "value": {"type": "string"},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}
"""The schema of a refusal."""


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


def unanswered(*, status: int) -> HttpResponse:
    """This function will answer what reached no operation, or was broken by a bug."""
    return problem_json(status=status, detail=UNANSWERED[status])


def as_ours(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """This function will keep a view's answers out of caches, and let it refuse a method by a problem that names others."""

    @wraps(view)
    def answering(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response.headers["Allow"]
            response = problem_json(
                status=405, detail=f"{request.method} is not for this address; {allowed} is."
            )
            response.headers["Allow"] = allowed
        patch_cache_control(response, no_store=True, private=True)
        return response

    return answering


def with_refusals(document: OpenAPISchema) -> OpenAPISchema:
    """This function will add to an OpenAPI document what any of its operations answers when it refuses."""
    document["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    refusal = {
        "description": "A refusal: nothing was changed (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = refusal
    return document


def _faults(table: FaultyTable) -> list[dict[str, object]]:
    return [
        {"line": fault.line, "column": fault.column, "value": fault.value, "reason": fault.reason}
        for fault in table.faults[:FAULTS_SHOWN]
    ]
