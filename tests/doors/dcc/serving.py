"""A web process of its own on the database of the test, and Users who speak to it over real HTTP."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
from django.conf import settings

import safelaunch
from safelaunch.domain.people import Actor
from safelaunch.gateways import xml_keys
from safelaunch.interfaces.cli.children import free_port
from safelaunch.services import certificates
from safelaunch.wire.duis.envelope import Response
from safelaunch.wire.duis.opening import Opened, Trust, open_response
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.smki import CertificateSet
from tests import pki

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
"""Two weeks before the execution times of the Reference Test Data."""

_COUNTERS = count(1_000_000)
_REQUEST_ID = re.compile(rb"(<sr:RequestID>[^:<]*:[^:<]*:)[0-9]+(</sr:RequestID>)")


def environment(**more: str) -> dict[str, str]:
    source = str(Path(safelaunch.__file__).parents[1])
    return {**os.environ, "SAFELAUNCH_CLOCK": "stepped", "PYTHONPATH": source, **more}


class Web:
    """`safelaunch web` as a process, and the way to its door."""

    def __init__(self, *, log: Path | None = None, **more: str) -> None:
        self.port = free_port()
        self._log, self._more = log or Path(os.devnull), more
        self.process: subprocess.Popen[bytes] | None = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60, trust_env=False)

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "safelaunch.config.command", "web", "--port", str(self.port)],
                env=environment(**self._more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.client.get("/health/live").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert self.process.poll() is None, "The web process ended."
            assert time.monotonic() < deadline, "The web process does not answer."
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)

    def post(self, service: str, body: bytes, **headers: str) -> httpx.Response:
        return self.client.post(
            f"/api/v1/{service}", content=body, headers={"Content-Type": "application/xml", **headers}
        )


@contextmanager
def serving(*, log: Path | None = None, **more: str) -> Iterator[Web]:
    web = Web(log=log, **more)
    web.start()
    try:
        yield web
    finally:
        web.client.close()
        if web.process is not None and web.process.poll() is None:
            web.stop()


def trust_users(*ders: bytes) -> None:
    """File certificates."""
    certificates.import_certificates(files=ders, actor=Actor(name="Ada"), at=AT)


def dsp() -> Signer:
    """The DSP's pair of this installation; the web process and this one have the same."""
    return xml_keys.load_or_create_dsp(settings.DATA / "keys", eui=settings.DSP_ID)


def opened(response: httpx.Response) -> Opened[Response]:
    """The response, if it is what the DSP signed."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/xml"
    return open_response(
        response.content, trust=Trust(CertificateSet.of([dsp().certificate]).find), at=pki.DURING
    )


def code(response: httpx.Response) -> str:
    return opened(response).envelope.response_code


def counted(message: bytes, counter: int | None = None) -> bytes:
    """The message with a counter of its own, higher than any before."""
    given = next(_COUNTERS) if counter is None else counter
    changed, times = _REQUEST_ID.subn(rb"\g<1>%d\g<2>" % given, message)
    assert times >= 1
    return changed
