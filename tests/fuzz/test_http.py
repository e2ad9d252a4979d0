"""Broken messages, and broken HTTP, against the door for Users as it runs: a process of its own, over real sockets.

Every answer is one that `docs/duis-door.md` names; the process neither dies nor grows, logs no fault, and goes on serving
others whatever a client does to its own connection.
"""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from safelaunch.domain.srv import WebService
from safelaunch.services import timetable
from tests import estate_factory, pki
from tests.conftest import empty
from tests.doors.dcc.serving import AT, Web, code, serving, trust_users
from tests.fuzz.mutations import HEAVY, broken
from tests.fuzz.running import MOST_MIB, ROUND, rounds
from tests.fuzz.test_door import NOT_IN_DUIS, SERVICES, forget
from tests.unit.wire.duis.messages import REQUEST, signed

pytestmark = pytest.mark.processes

MOST_SECONDS = 20.0
"""How long any answer may take on a machine that does other things too; the processor's time is held elsewhere."""


CLIENTS = 40
"""Clients who stop in the middle of their message; more than the process has threads."""

PATH = "/api/v1/serviceD"


@dataclass
class Process:
    """The web process, and what it costs."""

    web: Web
    log: Path

    def post(self, service: str, body: bytes) -> httpx.Response:
        begun = time.monotonic()
        answer = self.web.post(service, body)
        assert time.monotonic() - begun < MOST_SECONDS
        assert answer.status_code in {200, *NOT_IN_DUIS}, (answer.status_code, answer.text[:500])
        return answer

    def speak(self, octets: bytes, *, ends: bool) -> int | None:
        """Say something that may not be HTTP, and give the status of the answer if there is one.

        Who `ends` says that nothing more will come; one who said all there is to say waits for the answer.
        """
        with socket.create_connection(("127.0.0.1", self.web.port), timeout=MOST_SECONDS) as line:
            with suppress(OSError):
                line.sendall(octets)
                if ends:
                    line.shutdown(socket.SHUT_WR)
            try:
                said = line.recv(65_536)
            except ConnectionError:
                return None
        found = re.match(rb"HTTP/1\.[01] (\d{3})", said)
        return int(found[1]) if found else None

    def require_well(self) -> None:
        """It answers a good message as ever, and has logged no fault."""
        forget()
        assert code(self.web.post("serviceD", signed())) == "E12"
        assert "Traceback" not in self.log.read_text()

    @property
    def peak_mib(self) -> int:
        """The most memory that the process which serves has ever had."""
        assert self.web.process is not None
        parent = self.web.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        peaks = [re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{one}/status").read_text()) for one in children]
        return max(int(found[1]) for found in peaks if found) // 1024


@pytest.fixture(scope="module")
def process(migrated_database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    estate_factory.load_estate()
    timetable.step_clock(to=AT)
    trust_users(pki.supplier().der, pki.other_supplier().der)
    log = tmp_path_factory.mktemp("web") / "web.log"
    with serving(log=log) as web:
        yield Process(web, log)
    empty()


@pytest.fixture(autouse=True)
def bounded(process: Process) -> Iterator[None]:
    """Whatever a test does, the process stays well and small."""
    process.require_well()
    before = process.peak_mib
    yield
    process.require_well()
    grown = process.peak_mib - before
    assert grown <= MOST_MIB, f"{grown} MiB more than before were in use"


def test_broken_messages_are_answered_over_http(process):
    counts: dict[int, int] = {}

    @settings(max_examples=ROUND // 3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(SERVICES, broken())
    def throw(service: str, body: bytes) -> None:
        status = process.post(service, body).status_code
        counts[status] = counts.get(status, 0) + 1

    for _ in rounds():
        throw()
        forget()
    print(f"{sum(counts.values()):,} broken messages: {dict(sorted(counts.items()))}")
    assert {200, 400} <= counts.keys()


@pytest.mark.parametrize("name", ["many elements", "a long text", "a long image", "angle brackets only"])
def test_heavy_messages_cost_the_process_no_more_than_they_may(process, name):
    assert process.post(WebService.NON_DEVICE.value, HEAVY[name]()).elapsed.total_seconds() < MOST_SECONDS


HEAD = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/xml\r\n".encode()
GOOD = b"Content-Length: %d\r\n\r\n%b" % (len(REQUEST), REQUEST)
BROKEN_HTTP: dict[str, bytes] = {
    "nothing": b"",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "zeros": bytes(5_000),
    "half a request line": b"POST /api",
    "half a header": HEAD + b"Content-Le",
    "half a body": HEAD + b"Content-Length: 1000\r\n\r\n<a>",
    "no length": HEAD + b"\r\n" + REQUEST,
    "no number for a length": HEAD + b"Content-Length: many\r\n\r\n" + REQUEST,
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\n" + REQUEST,
    "a length beyond all numbers": HEAD + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n",
    "a length in other digits": HEAD + "Content-Length: \u0661\r\n\r\na".encode(),
    "a length that is too large": HEAD + b"Content-Length: 999999999\r\n\r\n" + REQUEST,
    "two lengths": HEAD + b"Content-Length: 5\r\n" + GOOD,
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\n<a>\r\n0\r\n\r\n",
    "chunks and a length": HEAD + b"Transfer-Encoding: chunked\r\n" + GOOD,
    "a chunk of broken size": HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n<a>",
    "an unknown encoding": HEAD + b"Content-Encoding: gzip\r\n" + GOOD,
    "another type": HEAD.replace(b"xml", b"json") + GOOD,
    "a type of nonsense": HEAD.replace(b"application/xml", b"\xff\xfe;;=;") + GOOD,
    "another host": HEAD.replace(b"127.0.0.1", b"evil.example") + GOOD,
    "no host": HEAD.replace(b"Host: 127.0.0.1\r\n", b"") + GOOD,
    "a header without end": HEAD + b"X: " + b"a" * 300_000,
    "headers without end": HEAD + b"X-A: b\r\n" * 20_000,
    "a header on two lines": HEAD + b"X: a\r\n b\r\n" + GOOD,
    "a path without end": b"POST /" + b"a" * 300_000 + b" HTTP/1.1\r\n\r\n",
    "a path that climbs": HEAD.replace(PATH.encode(), b"/api/v1/../../etc/passwd") + GOOD,
    "a path of broken octets": HEAD.replace(PATH.encode(), b"/api/v1/%ff%00%c0%af") + GOOD,
    "another method": HEAD.replace(b"POST", b"PUT") + GOOD,
    "a method of its own": HEAD.replace(b"POST", b"\x00\x01") + GOOD,
    "a version to come": HEAD.replace(b"HTTP/1.1", b"HTTP/9.9") + GOOD,
    "to be continued": HEAD + b"Expect: 100-continue\r\n" + GOOD,
    "an upgrade": HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + GOOD,
    "a query of nonsense": HEAD.replace(PATH.encode(), PATH.encode() + b"?%00=" + b"%ff" * 1_000) + GOOD,
}

INCOMPLETE = {name for name in BROKEN_HTTP if name.startswith(("half ", "nothing", "zeros", "no HTTP"))} | {
    "no length",
    "a length that is too large",
    "a header without end",
    "headers without end",
    "a path without end",
}
"""Where the server may rightly wait for more."""


def test_broken_http_is_refused_or_left_unanswered_and_never_a_fault(process):
    answers = {name: process.speak(octets, ends=name in INCOMPLETE) for name, octets in BROKEN_HTTP.items()}
    print(f"answers: {answers}")
    faults = {name: status for name, status in answers.items() if status is not None and status >= 500}
    assert faults == {}
    assert (answers["another type"], answers["another method"], answers["chunks"]) == (415, 405, 411)


def test_clients_who_stop_in_mid_message_keep_nobody_else_waiting(process):
    lines = []
    try:
        for _ in range(CLIENTS):
            line = socket.create_connection(("127.0.0.1", process.web.port), timeout=MOST_SECONDS)
            line.sendall(HEAD + b"Content-Length: 100000\r\n\r\n<a>")
            lines.append(line)
        begun = time.monotonic()
        process.require_well()
        assert time.monotonic() - begun < MOST_SECONDS
    finally:
        for line in lines:
            line.close()
