"""The largest firmware request there can be: opened, taken on, answered over HTTP; statements and memory."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from safelaunch.domain import srv
from safelaunch.interfaces.cli.benches import duis_answering
from safelaunch.interfaces.cli.benches.duis_floor import (
    ROUNDS,
    SIZE,
    TIME_GOAL,
    WHAT,
    Floor,
    memory,
    memory_result,
)
from safelaunch.interfaces.cli.benches.duis_request import Sender, certificate_path, make_sender
from safelaunch.interfaces.cli.benches.measuring import Load, Result, by_turns, median, seconds
from safelaunch.store.reads import clock
from safelaunch.wire.duis.envelope import Request
from safelaunch.wire.duis.opening import Trust, open_and_read_request
from safelaunch.wire.duis.requests import RequestBody, read_body
from safelaunch.wire.duis.requests.firmware import UpdateFirmware
from safelaunch.wire.duis.xml import Element
from safelaunch.wire.smki import CertificateSet, OrganisationCertificate, read_certificate


def measure(_hubs: int) -> Iterator[Result]:
    """This function will measure the largest 11.1 from its octets to its answer, and its memory, against floors."""
    sender = make_sender(at=clock.now())
    message = sender.write()
    floor = Floor(message, signer=sender.signer)
    yield _measure_opening(message, sender=sender, floor=floor)
    yield duis_answering.measure_taking_on(sender, floor=floor)
    yield duis_answering.measure_statements(sender)
    yield _measure_memory(message, sender=sender)
    yield from duis_answering.measure_over_http(sender, floor=floor)


def _measure_opening(message: bytes, *, sender: Sender, floor: Floor) -> Result:
    trust, load = _trust(sender.signer.certificate), Load()
    figures, floors = by_turns(
        lambda: seconds(lambda: open_and_read(message, trust=trust)),
        lambda: seconds(floor.take),
        rounds=ROUNDS,
    )
    figure, least = median(figures), median(floors)
    return Result(
        name="duis",
        figure=figure,
        unit="s",
        floor=least,
        floor_unit="s",
        ratio=round(figure / least, 2),
        goal_ratio=TIME_GOAL,
        rounds=ROUNDS,
        ext=load.ext(),
        what=f"open and read an 11.1 of {SIZE}",
        floor_what=WHAT,
    )


def _measure_memory(message: bytes, *, sender: Sender) -> Result:
    load = Load()
    with tempfile.TemporaryDirectory(prefix="safelaunch-bench-") as directory:
        path = Path(directory) / "message.xml"
        path.write_bytes(message)
        files = str(path), str(certificate_path(sender.ground))
        done = subprocess.run(
            [sys.executable, "-m", "safelaunch.config.command", "bench", "opening", *files],
            stdout=subprocess.PIPE,
            check=True,
        )
    return memory_result(
        "duis memory",
        grown=json.loads(done.stdout)["octets"],
        message=message,
        ext=load.ext(),
        what="memory that a process of its own takes to open and read that, the message included",
    )


def open_and_read(message: bytes, *, trust: Trust) -> UpdateFirmware:
    """This function will open a firmware request and read its body, as whoever serves it does."""
    _, body = open_and_read_request(message, trust=trust, at=clock.now(), read=_read)
    if not isinstance(body, UpdateFirmware):
        raise TypeError(f"The bench wrote an UpdateFirmware and read a {type(body).__name__}.")
    return body


def memory_of_opening(message: Path, *, certificate: Path) -> int:
    """This function will open and read a message from its file, and give the octets by which this process grew."""
    trust = _trust(read_certificate(certificate.read_bytes()))
    before = memory("VmRSS")
    open_and_read(message.read_bytes(), trust=trust)
    return memory("VmHWM") - before


def _read(request: Request, content: Element) -> RequestBody:
    return read_body(content, srv=srv.find(request.service_reference_variant))


def _trust(certificate: OrganisationCertificate) -> Trust:
    return Trust(CertificateSet.of([certificate]).find)
