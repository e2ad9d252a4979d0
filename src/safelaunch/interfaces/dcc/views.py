"""`POST /api/v1/serviceD`, `serviceS` and `serviceT`: one signed request in, one signed response out.

Whatever becomes of a request stands in its response code, under HTTP 200, because clients take any other status for a
failure of the transport (`domain.md` 13.1). Only what cannot be answered in DUIS is answered otherwise: what is not
XML or does not say what it asks (400), is of unknown length or too large (411, 413) or of another type (415), and a
database that is away (503).
"""

import logging
from functools import partial
from http import HTTPStatus

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from safelaunch.domain.refusals import Problem
from safelaunch.domain.srv import WebService
from safelaunch.interfaces.dcc.response_codes import code_of
from safelaunch.interfaces.dcc.terms import terms
from safelaunch.services import requests
from safelaunch.services.requests.admission import FAILED
from safelaunch.services.requests.answering import write_refusal
from safelaunch.store.reads import clock
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.salvage import salvage
from safelaunch.wire.duis.xml import MAX_BODY_OCTETS

log = logging.getLogger(__name__)

XML = "application/xml"
REASON = "Safelaunch-Reason"
"""The header that says in words why a request is refused; DUIS has only codes."""

_TYPES = frozenset({XML, "text/xml"})
_BLOCK_OCTETS = 256 * 1024


class CarriedAnswer(HttpResponse):
    """An answer that notes, once it went out on the User's own connection, that it need not be pushed."""

    def __init__(self, octets: bytes, *, service_request_id: int) -> None:
        """This function will keep whose answer it is."""
        super().__init__(octets, content_type=XML)
        self._service_request_id = service_request_id

    def close(self) -> None:
        """This function will note the hand-over; the server calls it when the body is out."""
        try:
            requests.note_handed_over(service_request_id=self._service_request_id, at=clock.now())
        except (Error, Problem):
            log.warning("Service request %s is answered, and will be once more.", self._service_request_id)
        super().close()


@csrf_exempt
@require_POST
def take_request(request: HttpRequest, *, web_service: WebService) -> HttpResponse:
    """This function will take a request on, have it done, and answer it."""
    refusal = _refuse_unread(request)
    if refusal is not None:
        return refusal
    try:
        return _answer(_read(request), web_service=web_service)
    except UnreadablePostError:
        return _problem(HTTPStatus.BAD_REQUEST, "The request ended before all of it had come.")
    except Error:
        log.exception("The database does not answer the door for Users.")
        return _unavailable()


def _read(request: HttpRequest) -> bytes:
    """Read a message so that nothing else keeps its fifteen megabytes.

    `request.body` would, on a request that only the next sweep for cycles takes away; and so would the server, of which
    the whole is asked at once.
    """
    return b"".join(iter(partial(request.read, _BLOCK_OCTETS), b""))


def _refuse_unread(request: HttpRequest) -> HttpResponse | None:
    """Look at what a request says of itself before a single octet of it is read."""
    if request.content_type not in _TYPES:
        return _problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"A request is sent as {XML}, not as {str(request.content_type)[:80]!r}.",
        )
    length = request.headers.get("Content-Length", "")
    if not length.isascii() or not length.isdecimal():
        return _problem(HTTPStatus.LENGTH_REQUIRED, "A request says in Content-Length how long it is.")
    if int(length) > MAX_BODY_OCTETS:
        return _problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The message has {int(length):,} octets; at most {MAX_BODY_OCTETS:,} are read.",
            code=ResponseCode.E100,
        )
    return None


def _answer(message: bytes, *, web_service: WebService) -> HttpResponse:
    try:
        at, ours = clock.now(), terms()
    except Problem as problem:
        log.warning("The door for Users cannot open: %s", problem)
        return _unavailable()
    try:
        taken = requests.accept(message=message, web_service=web_service, terms=ours, at=at)
        if isinstance(taken, requests.Declined):
            return _reasoned(taken.octets, reason=taken.reason)
        octets = requests.process(
            service_request_id=taken.service_request_id, terms=ours, at=at, accepted=taken
        )
        return CarriedAnswer(octets, service_request_id=taken.service_request_id)
    except Error:
        raise
    except Problem as problem:
        code, reason = code_of(problem), str(problem)
    except Exception:
        # A bug of ours is no reason for a client to believe that the network failed.
        log.exception("A request failed at the door for Users.")
        code, reason = FAILED, "The service failed; its operator will find out why."
    salvaged = salvage(message)
    if salvaged is None:
        return _problem(HTTPStatus.BAD_REQUEST, reason, code=code)
    return _reasoned(write_refusal(salvaged, code=code, terms=ours, at=at), reason=reason)


def _reasoned(octets: bytes, *, reason: str) -> HttpResponse:
    response = HttpResponse(octets, content_type=XML)
    # A header holds one line of printable characters; whatever else a message quoted there is shown by its code.
    response[REASON] = " ".join(reason.split()).encode("ascii", "backslashreplace").decode()[:500]
    return response


def _unavailable() -> HttpResponse:
    return _problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "The service cannot answer at present; it may be tried again."
    )


def _problem(status: HTTPStatus, detail: str, *, code: ResponseCode | None = None) -> HttpResponse:
    body = {"title": status.phrase, "status": status.value, "detail": detail}
    if code is not None:
        body["response_code"] = code.value
    return JsonResponse(body, status=status.value, content_type="application/problem+json")
