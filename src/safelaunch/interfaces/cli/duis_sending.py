"""Sending a request as a User's system does, to the web service that takes it (`domain.md` 4.4, 13.1)."""

import ssl
import time
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit, urlunsplit

import httpx

from safelaunch.domain import srv
from safelaunch.domain.refusals import Invalid, Refused, Unreachable
from safelaunch.domain.srv import WebService
from safelaunch.wire.duis.dialects import Dialect
from safelaunch.wire.duis.envelope import Request
from safelaunch.wire.duis.xml import MAX_BODY_OCTETS

XML = "application/xml"
REASON = "Safelaunch-Reason"
"""The header in which Safelaunch says a refusal in words; other receivers have none."""

_SERVER_ERROR = 500
_LONGEST_REMARK = 500


@cache
def _trust() -> ssl.SSLContext:
    """Read the authorities once: it takes longer than a message does."""
    return httpx.create_ssl_context(trust_env=False)


class NotTaken(Refused):
    """The web service answered by HTTP alone, so there is no DUIS Response."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the octets of a Response, the reason in words if one was given, and the seconds it took."""

    octets: bytes
    reason: str
    seconds: float


def address_for(request: Request, *, url: str) -> str:
    """This function will give the address of the web service that takes a request, under a base address.

    A URL that names a web service itself is taken as it is.

    Raises:
        Invalid: the URL is none, or no web service takes the request.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise Invalid(f"{url!r} is no address to send to; one such as http://127.0.0.1:8000 is expected.")
    path = parts.path.rstrip("/")
    if path.rpartition("/")[2] not in set(WebService):
        path = f"{path.removesuffix('/api/v1')}/api/v1/{_web_service(request).value}"
    return urlunsplit(parts._replace(path=path))


def post(document: bytes, *, address: str, timeout: float) -> Reply:
    """This function will post a message and give what came back.

    Args:
        document: the signed message.
        address: of the web service.
        timeout: seconds to wait for the whole answer to begin.

    Raises:
        Unreachable: nobody answers, or whoever does cannot at present.
        NotTaken: the answer is no by HTTP, or more than a DUIS Response may be.
    """
    # Environment proxies are not for this traffic: the address is stated, and meant.
    client = httpx.Client(timeout=timeout, trust_env=False, headers={"Content-Type": XML}, verify=_trust())
    begun = time.monotonic()
    try:
        with client, client.stream("POST", address, content=document) as response:
            octets = _read(response, address=address)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise Unreachable(
            f"{address} does not answer ({type(error).__name__}); is the service up, and the address right?"
        ) from error
    seconds = time.monotonic() - begun
    if not response.is_success:
        _refuse(response, octets=octets, address=address)
    return Reply(octets, response.headers.get(REASON, ""), seconds)


def _web_service(request: Request) -> WebService:
    if request.dialect is Dialect.CAMPAIGNS:
        return WebService.NON_DEVICE
    return srv.web_service(request.service_reference_variant, command_variant=request.command_variant)


def _read(response: httpx.Response, *, address: str) -> bytes:
    octets = bytearray()
    for piece in response.iter_bytes():
        octets += piece
        if len(octets) > MAX_BODY_OCTETS:
            raise NotTaken(
                f"{address} answers with more than {MAX_BODY_OCTETS:,} octets, which no Response has."
            )
    return bytes(octets)


def _refuse(response: httpx.Response, *, octets: bytes, address: str) -> None:
    remark = " ".join(octets.decode("utf-8", "replace").split())[:_LONGEST_REMARK]
    sentence = f"{address} answers HTTP {response.status_code}, not a DUIS Response. {remark}".strip().rstrip(
        "."
    )
    raise (Unreachable if response.status_code >= _SERVER_ERROR else NotTaken)(f"{sentence}.")
