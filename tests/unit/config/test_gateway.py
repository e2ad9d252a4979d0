"""A request is gathered whole before a thread is spent on it; what does not come is refused."""

import asyncio
import threading
from types import SimpleNamespace

import pytest

from safelaunch.config import gateway
from safelaunch.config.gateway import LARGE_AT_A_TIME, LARGE_OCTETS, MOST_OCTETS, Gateway


class Exchange:
    """A client's body, and what it was answered; `stalls` is one who stops in mid-message."""

    def __init__(self, body=b"", *, stalls=False, breaks=False):
        self.body, self.stalls, self.breaks = body, stalls, breaks
        self.answer, self.was_read = None, False

    async def __call__(self):
        self.was_read = True
        if self.stalls:
            await asyncio.sleep(3_600)
        if self.breaks:
            raise RuntimeError("the stream is closed")
        return self.body

    def response_bytes(self, status, headers, body):
        self.answer = (status, dict(headers), body)


def scope(*headers, path="/a"):
    return SimpleNamespace(
        http_version="1.1",
        server="127.0.0.1:8000",
        client="127.0.0.1:50000",
        scheme="http",
        method="POST",
        path=path,
        query_string="x=1",
        authority=None,
        headers=SimpleNamespace(items=lambda: list(headers)),
    )


def echo(environ, start_response):
    start_response("200 OK", [("x-path", environ["PATH_INFO"])])
    return [environ["wsgi.input"].read()]


def ask(exchange, *headers, application=echo, **more):
    asyncio.run(Gateway(application).__rsgi__(scope(*headers, **more), exchange))
    return exchange.answer


def length(octets):
    return ("content-length", str(octets))


def test_an_application_is_given_the_whole_body_and_its_answer_goes_out():
    assert ask(Exchange(b"<a>"), length(3)) == (200, {"x-path": "/a"}, b"<a>")


@pytest.mark.parametrize(
    "headers",
    [[], [length(MOST_OCTETS + 1)], [("content-length", "-1")], [length(1), length(1)], [length("9" * 400)]],
)
def test_a_body_that_no_door_reads_is_not_read_here_either(headers):
    exchange = Exchange(b"<a>")
    assert ask(exchange, *headers)[2] == b""
    assert not exchange.was_read


def test_a_body_that_does_not_come_or_breaks_off_is_refused_and_its_connection_closed(monkeypatch):
    monkeypatch.setattr(gateway, "LEAST_SECONDS", 0.01)
    status, headers, _ = ask(Exchange(stalls=True), length(3))
    assert (status, headers["connection"]) == (408, "close")
    assert ask(Exchange(breaks=True), length(3))[0] == 400


def test_large_bodies_wait_for_their_turn_and_small_ones_pass_them(monkeypatch):
    monkeypatch.setattr(gateway, "TURN_SECONDS", 0.05)
    large = length(LARGE_OCTETS + 1)

    async def crowd():
        served = Gateway(echo)
        stalled = [Exchange(stalls=True) for _ in range(LARGE_AT_A_TIME)]
        waiting = [asyncio.create_task(served.__rsgi__(scope(large), one)) for one in stalled]
        await asyncio.sleep(0)
        late, small = Exchange(b"<a>"), Exchange(b"<a>")
        await served.__rsgi__(scope(length(3)), small)
        await served.__rsgi__(scope(large), late)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        again = Exchange(b"<a>")
        await served.__rsgi__(scope(large), again)
        return small.answer[0], late.answer[0], again.answer[0]

    assert asyncio.run(crowd()) == (200, 503, 200)


def test_what_an_application_does_at_the_end_is_done_in_its_thread_once_the_answer_has_gone():
    seen, exchange = [], Exchange()

    class Answer(list):
        def close(self):
            seen.append((threading.current_thread().name, exchange.answer))

    def application(_, start_response):
        seen.append(threading.current_thread().name)
        start_response("204 No Content", [])
        return Answer()

    ask(exchange, application=application)
    assert seen == [seen[0], (seen[0], (204, {}, b""))]


def test_an_application_that_fails_is_answered_for():
    def application(_, __):
        raise ZeroDivisionError

    assert ask(Exchange(), application=application) == (500, {}, b"")


def test_headers_are_told_as_wsgi_has_them():
    told = {}

    def application(environ, start_response):
        told.update(environ)
        return echo(environ, start_response)

    headers = [("host", "a"), ("x-b", "1"), ("x-b", "2"), ("x_b", "3"), ("cookie", "a=1"), ("cookie", "b=2")]
    ask(Exchange(), *headers, ("content-type", "application/xml"), application=application, path="/é")
    assert (told["HTTP_HOST"], told["HTTP_X_B"], told["HTTP_COOKIE"]) == ("a", "1,2", "a=1; b=2")
    assert (told["CONTENT_TYPE"], told["PATH_INFO"]) == ("application/xml", "/é".encode().decode("latin-1"))
    assert (told["SERVER_NAME"], told["SERVER_PORT"], told["REMOTE_ADDR"]) == (
        "127.0.0.1",
        "8000",
        "127.0.0.1",
    )
    assert (told["SERVER_PROTOCOL"], told["QUERY_STRING"], told["REQUEST_METHOD"]) == (
        "HTTP/1.1",
        "x=1",
        "POST",
    )
