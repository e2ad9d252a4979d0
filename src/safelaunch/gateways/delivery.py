"""The way to a User: push one signed response or alert to its receive address (`domain.md` 13.3).

A push may be repeated: the octets are the same each time, and so is the Response ID or Request ID in them. A User that
does not answer is `Unreachable`; one that answers and does not take the message is `MessageNotTaken`.
"""

import base64
import http.client
import ssl
import threading
from functools import cached_property, lru_cache
from types import TracebackType
from typing import NamedTuple, Protocol, Self
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from safelaunch.domain.refusals import Refused, Unreachable

_SERVER_ERROR = 500
_WORTH_ANOTHER_TRY = (408, 425, 429)
_LONGEST_ANSWER = 65_536
_KEPT = 32


class MessageNotTaken(Refused):
    """The receiver answered, and will not have this message."""


class Delivery(Protocol):
    """How messages reach Users."""

    def push(self, *, address: str, octets: bytes) -> None:
        """This function will hand one message over.

        Raises:
            Unreachable: the receiver did not answer, or could not; the same push may be made again.
            MessageNotTaken: the receiver answered that it does not take this message.
        """
        ...


class _Place(NamedTuple):
    """Where a receiver listens: one connection serves all of its addresses."""

    is_secure: bool
    host: str
    port: int | None


class HttpDelivery:
    """Delivery over HTTP, as DCC Boxed does it; connections are kept open; safe to share between threads.

    It speaks through the standard library: a push costs a seventh of what it costs through httpx, and there are many.
    """

    def __init__(self, *, timeout: float = 10.0) -> None:
        """This function will prepare the connections; none is made before the first push.

        Args:
            timeout: seconds to wait for a connection, and for an answer.
        """
        self._timeout = timeout
        self._idle: list[tuple[_Place, http.client.HTTPConnection]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """This function will give the delivery itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """This function will close the connections."""
        self.close()

    def close(self) -> None:
        """This function will close the connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def push(self, *, address: str, octets: bytes) -> None:
        """This function will hand one message over (see `Delivery` for errors)."""
        try:
            status = self._post(address, octets)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                f"The receiver at {address} does not answer ({type(error).__name__}); it is tried again later."
            ) from error
        if status >= _SERVER_ERROR or status in _WORTH_ANOTHER_TRY:
            raise Unreachable(
                f"The receiver at {address} cannot take messages at present (HTTP {status}); it is tried again later."
            )
        if not httpx.codes.is_success(status):
            raise MessageNotTaken(f"The receiver at {address} does not take this message (HTTP {status}).")

    def _post(self, address: str, octets: bytes) -> int:
        place, path, headers = _parts_of(address)
        kept = self._take(place)
        if kept is not None:
            try:
                return self._exchange(place, kept, path=path, octets=octets, headers=headers)
            except (ConnectionError, http.client.BadStatusLine, http.client.CannotSendRequest):
                # The receiver had closed what was kept open; a push may be repeated.
                kept.close()
        return self._exchange(place, self._opened(place), path=path, octets=octets, headers=headers)

    def _exchange(
        self,
        place: _Place,
        connection: http.client.HTTPConnection,
        *,
        path: str,
        octets: bytes,
        headers: dict[str, str],
    ) -> int:
        try:
            connection.request("POST", path, body=octets, headers=headers)
            answer = connection.getresponse()
            # What the receiver says beyond its status is of no use here, and may be without end.
            answer.read(_LONGEST_ANSWER)
        except BaseException:
            connection.close()
            raise
        with self._lock:
            is_kept = answer.isclosed() and not answer.will_close and len(self._idle) < _KEPT
            if is_kept:
                self._idle.append((place, connection))
        if not is_kept:
            connection.close()
        return answer.status

    def _take(self, place: _Place) -> http.client.HTTPConnection | None:
        with self._lock:
            for number, (where, connection) in enumerate(self._idle):
                if where == place:
                    del self._idle[number]
                    return connection
        return None

    def _opened(self, place: _Place) -> http.client.HTTPConnection:
        if place.is_secure:
            return http.client.HTTPSConnection(
                place.host, place.port, timeout=self._timeout, context=self._trust
            )
        return http.client.HTTPConnection(place.host, place.port, timeout=self._timeout)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # The environment's proxies and authorities are not for this traffic: a User's address is stated, and meant.
        return httpx.create_ssl_context(trust_env=False)


@lru_cache(maxsize=1_024)
def _parts_of(address: str) -> tuple[_Place, str, dict[str, str]]:
    parts = urlsplit(address)
    path = parts.path or "/"
    headers = {"Content-Type": "application/xml", **_authorisation(parts)}
    place = _Place(parts.scheme == "https", parts.hostname or "", parts.port)
    return place, f"{path}?{parts.query}" if parts.query else path, headers


def _authorisation(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(words.encode()).decode()}"}
