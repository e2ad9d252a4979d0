"""kill -9 of real processes: an accepted request is done once, and what was sent is sent again octet by octet."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psycopg
import pytest
from django.db import connection

from safelaunch.domain.people import Actor
from safelaunch.services import deliveries
from safelaunch.store.models import OutgoingMessage, ServiceRequest
from safelaunch.wire.duis.opening import Trust, open_response
from safelaunch.wire.smki import CertificateSet
from tests import pki
from tests.doors.dcc.serving import AT, Web, code, counted, dsp, environment, serving
from tests.doors.dcc.test_door import READ_INVENTORY
from tests.receiver import Receiver, listening
from tests.unit.wire.duis.messages import signed

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("estate")]
PATIENCE_SECONDS = 60.0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as one:
        deliveries.set_receiver(user_id=pki.SUPPLIER, address=one.address, actor=Actor(name="Ada"), at=AT)
        yield one


def wait(until, *, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, f"Waited in vain for {what}."
        time.sleep(0.02)


@contextmanager
def working(**more: str) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen(
        [sys.executable, "-m", "safelaunch.config.command", "worker"],
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield worker
    finally:
        if worker.poll() is None:
            worker.terminate()
            worker.wait(30)


@contextmanager
def held(table: str) -> Iterator[None]:
    """Nobody else reads the table: whoever wants to stands still there."""
    given = connection.get_connection_params()
    words = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if name in given}
    with psycopg.connect(**words) as holder:
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        holder.rollback()


def kill(web: Web) -> None:
    """End the web process and its worker, without a word to either."""
    assert web.process is not None
    parent = web.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for pid in (*map(int, children), parent):
        os.kill(pid, signal.SIGKILL)
    web.process.wait(30)


def bring_jobs_forward() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")


def said(octets: bytes):
    trust = Trust(CertificateSet.of([dsp().certificate]).find)
    return open_response(octets, trust=trust, at=pki.DURING).envelope


def test_a_request_whose_web_process_is_killed_before_it_is_done_is_done_once_and_its_answer_pushed(receiver):
    message = signed(counted(READ_INVENTORY))
    with serving() as web:
        # Acceptance does not look at the CPL; the answer to an 8.2 does.
        with held("cpl_entry"):
            client = threading.Thread(target=lambda: suppressed(web, message))
            client.start()
            wait(lambda: ServiceRequest.objects.filter(state="ACCEPTED").exists(), what="acceptance")
            kill(web)
            client.join()
        assert ServiceRequest.objects.get().state == "ACCEPTED"
        assert receiver.bodies == []
        with working():
            bring_jobs_forward()
            wait(lambda: receiver.bodies, what="the answer")
            wait(lambda: OutgoingMessage.objects.get().state == "DELIVERED", what="the note")
            web.start()
            # The User, who heard nothing on the connection, asks again: nothing is done, and the answer is the same.
            assert code(web.post("serviceD", message)) == "E13"
            wait(lambda: len(receiver.bodies) > 1, what="the answer again")
    kept = ServiceRequest.objects.get()
    assert (kept.state, kept.response_code) == ("ANSWERED", "I0")
    assert set(receiver.bodies) == {bytes(kept.response)}
    assert said(receiver.bodies[0]).response_code == "I0"


def suppressed(web, message):
    with suppress(httpx.TransportError):
        web.post("serviceD", message)


def test_a_worker_that_is_killed_between_sending_and_noting_leads_to_the_same_octets_once_more(receiver):
    arrived, released = threading.Event(), threading.Event()

    def hold(_body):
        arrived.set()
        released.wait(PATIENCE_SECONDS)
        return 204

    receiver.answer = hold
    message = signed(counted(READ_INVENTORY))
    with serving() as web:
        web.post("serviceD", message)
        assert code(web.post("serviceD", message)) == "E13"
    with working() as worker:
        wait(arrived.is_set, what="the message")
        worker.kill()
        worker.wait(30)
    released.set()
    receiver.always(204)
    assert OutgoingMessage.objects.get().state == "QUEUED"
    with working():
        wait(lambda: OutgoingMessage.objects.get().state == "DELIVERED", what="another try")
    assert len(receiver.bodies) == 2
    assert len(set(receiver.bodies)) == 1
