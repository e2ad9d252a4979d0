"""The way from the server to the application: a request is gathered whole before a thread is spent on it.

A thread that reads from a client who has stopped in mid-message waits with it, and as many such clients as there are
threads would keep everybody else waiting, whoever wants to stop a campaign among them. So bodies are gathered by the
event loop, which has room for any number; one that does not come in time is refused, and its connection closed.

- A body has five seconds, and one more for every 250 kB of it.
- What says no length, or one beyond what any door reads, is not read at all; the doors refuse it by what it says.
- Of large bodies only a few are in hand at a time, from their first octet to their answer; others wait for their turn.
"""

import asyncio
import io
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cached_property
from http import HTTPStatus
from typing import Any, Protocol

log = logging.getLogger(__name__)

THREADS = 4
"""Requests answered at a time; each thread keeps a connection to the database."""

LEAST_SECONDS = 5.0
OCTETS_A_SECOND = 250_000
MOST_OCTETS = 16 * 1024 * 1024
"""Beyond it a body is not read: the largest that a door takes has 15 MB."""

LARGE_OCTETS = 256 * 1024
LARGE_AT_A_TIME = 8
TURN_SECONDS = 30.0
"""How long a large body waits for its turn."""

SEND_SECONDS = 10.0
"""How long handing an answer to the server may take; it takes no time unless the process is being ended."""

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Scope(Protocol):
    """What the server says of a request."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> Any:
        """This function will give the headers, their names in lower case."""


class Exchange(Protocol):
    """One request and the way to answer it."""

    async def __call__(self) -> bytes:
        """This function will gather the whole body."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """This function will send the answer."""


class Gateway:
    """Serves a WSGI application over the server's own protocol (RSGI)."""

    def __init__(self, application: Application) -> None:
        """This function will keep the application; threads are made in the process that serves."""
        self._application = application

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="request")

    @cached_property
    def _turns(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(LARGE_AT_A_TIME)

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """This function will gather a request, have it answered in a thread, and send the answer."""
        loop = asyncio.get_running_loop()
        headers = scope.headers.items()
        length = _length_of(headers)
        try:
            async with self._turn(length):
                body = await _gather(exchange, length=length)
                environ = environ_of(scope, headers=headers, body=body)

                def send(status: int, sent: Headers, octets: bytes) -> None:
                    gone: Future[None] = Future()
                    loop.call_soon_threadsafe(_send, exchange, (status, sent, octets), gone)
                    gone.result(timeout=SEND_SECONDS)

                await loop.run_in_executor(self._threads, _answer, self._application, environ, send)
        except _Refused as refused:
            refused_headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
            exchange.response_bytes(refused.status.value, refused_headers, str(refused).encode())

    @asynccontextmanager
    async def _turn(self, length: int) -> AsyncIterator[None]:
        if length <= LARGE_OCTETS:
            yield
            return
        try:
            await asyncio.wait_for(self._turns.acquire(), TURN_SECONDS)
        except TimeoutError:
            sentence = "Many large messages are in hand; try again later."
            raise _Refused(sentence, HTTPStatus.SERVICE_UNAVAILABLE) from None
        try:
            yield
        finally:
            self._turns.release()


class _Refused(Exception):
    """No thread is spent on a request."""

    def __init__(self, sentence: str, status: HTTPStatus) -> None:
        """This function will keep why, in words and as a status."""
        super().__init__(sentence)
        self.status = status


async def _gather(exchange: Exchange, *, length: int) -> bytes:
    if not length:
        return b""
    try:
        return await asyncio.wait_for(exchange(), LEAST_SECONDS + length / OCTETS_A_SECOND)
    except TimeoutError:
        raise _Refused("The message did not come in time.", HTTPStatus.REQUEST_TIMEOUT) from None
    except RuntimeError:
        # The server's word for a client who ended the connection in mid-message.
        raise _Refused("The request ended before all of it had come.", HTTPStatus.BAD_REQUEST) from None


def environ_of(scope: Scope, *, headers: Headers, body: bytes) -> Environ:
    """This function will say of a request what WSGI (PEP 3333) has an application told."""
    server, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "replace").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in headers:
        # A name with an underscore would pass for the one with a hyphen.
        if "_" not in name:
            key = name.upper().replace("-", "_")
            key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
            between = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
    return environ


def _length_of(headers: Headers) -> int:
    """Give how many octets are to be read: none where the doors refuse what a request says of itself."""
    lengths = [value for name, value in headers if name == "content-length"]
    if len(lengths) != 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
        return 0
    length = int(lengths[0][:20])
    return length if length <= MOST_OCTETS else 0


def _answer(application: Application, environ: Environ, send: Callable[[int, Headers, bytes], None]) -> None:
    """Have a request answered; what the application does at the end is done when the answer has gone, in this thread."""
    told: list[tuple[int, Headers]] = []

    def start_response(status: str, headers: Headers, _fault: Any = None) -> None:
        told.append((int(status.partition(" ")[0]), headers))

    try:
        answer = application(environ, start_response)
        try:
            octets = b"".join(answer)
            send(*told[-1], octets)
        finally:
            if hasattr(answer, "close"):
                answer.close()
    except Exception:
        log.exception("A request failed.")
        if not told:
            send(HTTPStatus.INTERNAL_SERVER_ERROR, [], b"")


def _send(exchange: Exchange, answer: tuple[int, Headers, bytes], gone: "Future[None]") -> None:
    try:
        exchange.response_bytes(*answer)
    except RuntimeError as closed:
        log.info("A client did not wait for its answer: %s", closed)
    finally:
        gone.set_result(None)
