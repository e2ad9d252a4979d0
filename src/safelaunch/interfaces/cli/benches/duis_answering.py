"""The largest firmware request taken on, done, and answered: in this process, and by a web process over HTTP."""

import http.client
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from safelaunch.domain.srv import WebService
from safelaunch.gateways import xml_keys
from safelaunch.interfaces.cli.benches.duis_floor import (
    ROUNDS,
    SIZE,
    TIME_GOAL,
    WHAT,
    Floor,
    memory,
    memory_result,
)
from safelaunch.interfaces.cli.benches.duis_request import Sender
from safelaunch.interfaces.cli.benches.measuring import Load, Result, by_turns, median, seconds
from safelaunch.interfaces.cli.children import Child, Children, free_port
from safelaunch.services import firmware_benches, requests
from safelaunch.services.requests import Accepted
from safelaunch.services.requests.received import Terms
from safelaunch.store.reads import clock
from safelaunch.wire.duis.envelope import read_response
from safelaunch.wire.duis.xml import parse

STATEMENTS_GOAL = 1.0
FEW = 500
_MOST_SECONDS = 120.0
_PROCESSES = Path("/proc")
_FORGET_PEAK = "5"
"""What makes Linux count the most memory of a process anew."""


def measure_taking_on(sender: Sender, *, floor: Floor) -> Result:
    """This function will take the request on: judged, kept, committed, against the least there is to do with it."""
    terms, messages, load = _terms(), [b""], Load()

    def prepare() -> None:
        firmware_benches.forget()
        messages[0] = sender.write()

    figures, floors = by_turns(
        lambda: seconds(lambda: _take_on(messages[0], terms=terms)),
        lambda: seconds(floor.take),
        rounds=ROUNDS,
        prepare=prepare,
    )
    figure, least = median(figures), median(floors)
    return Result(
        name="duis taken on",
        figure=figure,
        unit="s",
        floor=least,
        floor_unit="s",
        ratio=round(figure / least, 2),
        goal_ratio=TIME_GOAL,
        rounds=ROUNDS,
        ext=load.ext(),
        what=f"open, judge, keep and commit an 11.1 of {SIZE}",
        floor_what=WHAT,
    )


def measure_statements(sender: Sender) -> Result:
    """This function will count the statements that a request takes, against those of one with few Devices."""
    load = Load()
    most = len(sender.device_ids())
    many, few = _statements(sender, count=most), _statements(sender, count=FEW)
    return Result(
        name="duis statements",
        figure=many,
        unit="statements",
        floor=few,
        floor_unit="statements",
        ratio=round(many / few, 2),
        goal_ratio=STATEMENTS_GOAL,
        rounds=1,
        ext=load.ext(),
        what=f"statements to take on and do an 11.1 of {most:,} Devices",
        floor_what=f"the same for {FEW} Devices",
    )


def measure_over_http(sender: Sender, *, floor: Floor) -> Iterator[Result]:
    """This function will have a web process answer the request, against the least for it and a COPY of its rows."""
    port = free_port()
    # Whoever configured the official schema would measure that, too.
    with Children(directory=settings.DATA / "logs", environment={"SAFELAUNCH_DUIS_SCHEMAS": ""}) as children:
        web = children.start("web", "web", "--port", str(port))
        children.wait_for(web, f"http://127.0.0.1:{port}/health/live")
        # What a process makes for its first request stays: its schema, its connection.
        firmware_benches.forget()
        _post(sender.write(FEW), port=port)
        if _PROCESSES.is_dir():
            yield _measure_web_memory(sender, web=web, port=port)
        yield _measure_answer(sender, port=port, floor=floor)


def _measure_web_memory(sender: Sender, *, web: Child, port: int) -> Result:
    message, load, pid = sender.write(), Load(), _largest_process_of(web)
    firmware_benches.forget()
    (_PROCESSES / str(pid) / "clear_refs").write_text(_FORGET_PEAK)
    before = memory("VmRSS", pid=pid)
    _post(message, port=port)
    return memory_result(
        "duis web memory",
        grown=memory("VmHWM", pid=pid) - before,
        message=message,
        ext=load.ext(),
        what="memory that a web process takes to answer that, from its socket to its answer",
    )


def _measure_answer(sender: Sender, *, port: int, floor: Floor) -> Result:
    messages, load = [sender.write()], Load()
    keep = firmware_benches.floor_of_keeping(
        message=messages[0], image=sender.image, device_ids=sender.device_ids()
    )

    def prepare() -> None:
        firmware_benches.forget()
        messages[0] = sender.write()

    def least() -> None:
        floor.take()
        keep()

    figures, floors = by_turns(
        lambda: seconds(lambda: _post(messages[0], port=port)),
        lambda: seconds(least),
        rounds=ROUNDS,
        prepare=prepare,
    )
    figure, cost = median(figures), median(floors)
    return Result(
        name="duis answered",
        figure=figure,
        unit="s",
        floor=cost,
        floor_unit="s",
        ratio=round(figure / cost, 2),
        goal_ratio=TIME_GOAL,
        rounds=ROUNDS,
        ext=load.ext(),
        what=f"answer an 11.1 of {SIZE} over HTTP, every Device judged and recorded",
        floor_what=f"{WHAT}; COPY of message, image and Devices to bare tables",
    )


def _terms() -> Terms:
    return Terms(signer=xml_keys.load_or_create_dsp(settings.DATA / "keys", eui=settings.DSP_ID))


def _take_on(message: bytes, *, terms: Terms) -> Accepted:
    taken = requests.accept(message=message, web_service=WebService.NON_DEVICE, terms=terms, at=clock.now())
    if not isinstance(taken, Accepted):
        raise TypeError(f"The request of the bench was declined: {taken.reason}")
    return taken


def _statements(sender: Sender, *, count: int) -> int:
    message, terms = sender.write(count), _terms()
    firmware_benches.forget()
    # Django's own log of statements holds COPY and COMMIT, too.
    connection.force_debug_cursor = True
    connection.queries_log.clear()
    try:
        taken = _take_on(message, terms=terms)
        answer = requests.process(
            service_request_id=taken.service_request_id, terms=terms, at=clock.now(), accepted=taken
        )
        counted = len(connection.queries_log)
    finally:
        connection.force_debug_cursor = False
    _require_good(answer)
    return counted


def _post(message: bytes, *, port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=_MOST_SECONDS)
    line.request(
        "POST",
        f"/api/v1/{WebService.NON_DEVICE.value}",
        body=message,
        headers={"Content-Type": "application/xml"},
    )
    answer = line.getresponse()
    octets = answer.read()
    line.close()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(
            f"The web process answered {answer.status}: {octets.decode(errors='replace')[:500]}"
        )
    _require_good(octets)


def _require_good(answer: bytes) -> None:
    code = read_response(parse(answer)).response_code
    if code.startswith("E"):
        raise RuntimeError(f"The request of the bench was answered with {code}.")


def _largest_process_of(web: Child) -> int:
    """The process that serves: of those that `web` started, the one that has most in memory."""
    found = []
    for entry in _PROCESSES.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == web.pid:
            found.append(int(entry.name))
    return max(found, key=lambda pid: memory("VmRSS", pid=pid))
