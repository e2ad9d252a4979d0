"""`safelaunch duis listen`: a receiver over real HTTP, in its own process and in this one."""

import http.client
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from safelaunch.domain.refusals import Conflict, Invalid
from safelaunch.interfaces.cli.duis_judging import Belief
from safelaunch.interfaces.cli.duis_receiving import Inbox, make_server
from safelaunch.wire.duis.opening import Trust
from safelaunch.wire.duis.schema import load
from safelaunch.wire.smki import CertificateSet
from tests import pki
from tests.doors.cli.conftest import COMMAND, environment
from tests.unit.wire.duis.messages import REQUEST, RESPONSE, SHARED, needs_shared, signed
from tests.unit.wire.duis.test_signature import indent

XML = {"Content-Type": "application/xml; charset=utf-8"}
ALERT = RESPONSE.replace(
    RESPONSE[RESPONSE.index(b"<sr:ResponseMessage>") : RESPONSE.index(b"</sr:Body>")],
    b"<sr:DCCAlertMessage><sr:DCCAlertCode>N64</sr:DCCAlertCode><sr:DCCAlert/></sr:DCCAlertMessage>",
).replace(b"RequestID>", b"ResponseID>")


class Receiver:
    """A receiver in this process, with what it told."""

    def __init__(self, directory: Path, *, address: str, told: list[str]) -> None:
        self.directory, self.address, self.told = directory, address, told

    def post(self, octets: bytes, **headers: str) -> httpx.Response:
        return httpx.post(self.address, content=octets, headers={**XML, **headers}, trust_env=False)

    @property
    def kept(self) -> list[str]:
        return sorted(path.name for path in self.directory.iterdir())


@contextmanager
def receiving(directory: Path, *, trust: Trust | None = None, refusals: int = 0) -> Iterator[Receiver]:
    told: list[str] = []
    believed = Belief(trust or Trust(CertificateSet.of(()).find), knows_certificates=trust is not None)
    inbox = Inbox(directory, believed, tell=told.append, refusals_left=refusals)
    with make_server(inbox, host="127.0.0.1", port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Receiver(
                directory, address=f"http://127.0.0.1:{server.server_port}/smartdcc/duis", told=told
            )
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def trust() -> Trust:
    # The test PKI lasts ten years; whether these tests run within them is not what they ask.
    return Trust(pki.trusted().find, enforces_validity=False)


def test_a_signed_response_is_taken_told_and_kept(tmp_path, trust):
    message = signed(RESPONSE, by=pki.dsp())
    with receiving(tmp_path / "in", trust=trust) as receiver:
        answer = receiver.post(message)
        assert (answer.status_code, answer.content) == (200, b"")
        assert receiver.kept == ["0001-I99-11.2.xml"]
        assert (receiver.directory / "0001-I99-11.2.xml").read_bytes() == message
        (line,) = receiver.told
    assert "I99  11.2 to 90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A4:1000" in line
    assert f"signed by {pki.DSP}" in line


def test_an_alert_is_named_by_its_code(tmp_path, trust):
    with receiving(tmp_path, trust=trust) as receiver:
        assert receiver.post(signed(ALERT, by=pki.dsp())).status_code == 200
        assert receiver.kept == ["0001-I99-N64.xml"]
        assert "DCC Alert N64 from 90-B3-D5-1F-30-01-00-00" in receiver.told[0]


def test_the_same_message_again_is_said_to_be_that_and_kept_once(tmp_path, trust):
    message = signed(RESPONSE, by=pki.dsp())
    with receiving(tmp_path, trust=trust) as receiver:
        assert [receiver.post(message).status_code for _ in range(2)] == [200, 200]
        assert receiver.kept == ["0001-I99-11.2.xml"]
        assert "again, see 0001-I99-11.2.xml" in receiver.told[1]


def test_the_first_messages_are_refused_when_that_is_asked_for(tmp_path, trust):
    message = signed(RESPONSE, by=pki.dsp())
    with receiving(tmp_path, trust=trust, refusals=2) as receiver:
        assert [receiver.post(message).status_code for _ in range(4)] == [503, 503, 200, 200]
        assert receiver.told[0].endswith("1 more will be")
        assert receiver.kept == ["0001-I99-11.2.xml"]


def test_without_trust_signatures_are_not_checked_and_that_is_said(tmp_path):
    with receiving(tmp_path) as receiver:
        assert receiver.post(signed(RESPONSE)).status_code == 200
        assert "signature not checked" in receiver.told[0]


def test_an_unsigned_response_is_taken_and_said_to_be_unsigned(tmp_path, trust):
    with receiving(tmp_path, trust=trust) as receiver:
        assert receiver.post(RESPONSE).status_code == 200
        assert receiver.told[0].count("not signed") == 1


REFUSED = {
    "changed": (signed(RESPONSE, by=pki.dsp()).replace(b">I99<", b">I0<"), "changed after it was signed"),
    "a User's signature": (signed(RESPONSE), "the DSP signs responses"),
    "a request": (signed(REQUEST), "a DUIS Response is expected"),
    "not XML": (b"hello", "not well-formed"),
    "nothing": (b"", "not well-formed"),
    "indented": (indent(signed(RESPONSE, by=pki.dsp())), "not made by the key"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_believed_is_answered_with_400_and_kept_apart(tmp_path, trust, name):
    octets, reason = REFUSED[name]
    with receiving(tmp_path, trust=trust) as receiver:
        answer = receiver.post(octets)
        assert answer.status_code == 400
        assert reason in answer.text
        assert receiver.kept == ["0001-unreadable.xml"]
        assert "not accepted" in receiver.told[0]
        assert receiver.post(signed(RESPONSE, by=pki.dsp())).status_code == 200


@needs_shared
def test_the_schema_is_applied_where_it_is_at_hand(tmp_path):
    strict = Trust(CertificateSet.of(()).find, schema=load(SHARED / "xsd"))
    with receiving(tmp_path, trust=strict) as receiver:
        assert "breaks DUIS Schema" in receiver.post(ALERT).text


def test_what_is_no_message_for_a_receiver_is_not_read(tmp_path, trust):
    with receiving(tmp_path, trust=trust) as receiver:
        assert receiver.post(RESPONSE, **{"Content-Type": "text/plain"}).status_code == 415
        assert receiver.post(RESPONSE, **{"Content-Encoding": "gzip"}).status_code == 415
        port = httpx.URL(receiver.address).port
        for announced, status in (
            ("20000000", 413),
            ("9" * 400, 413),
            ("-1", 411),
            ("ten", 411),
            (None, 411),
        ):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.putrequest("POST", "/smartdcc/duis")
            connection.putheader("Content-Type", "application/xml")
            if announced is not None:
                connection.putheader("Content-Length", announced)
            connection.endheaders()
            assert connection.getresponse().status == status, announced
            connection.close()
        assert receiver.told == []


def test_numbers_go_on_where_an_earlier_receiver_stopped(tmp_path, trust):
    (tmp_path / "0041-I0-8.2.xml").write_bytes(b"")
    (tmp_path / "notes.xml").write_bytes(b"")
    with receiving(tmp_path, trust=trust) as receiver:
        receiver.post(signed(RESPONSE, by=pki.dsp()))
        assert "0042-I99-11.2.xml" in receiver.kept


def test_a_taken_port_and_a_directory_that_is_none_are_refused_with_a_sentence(tmp_path, trust):
    believed = Belief(trust, knows_certificates=True)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Invalid, match="cannot hold messages"):
        Inbox(tmp_path / "file", believed, tell=print)
    inbox = Inbox(tmp_path, believed, tell=print)
    with (
        make_server(inbox, host="127.0.0.1", port=0) as server,
        pytest.raises(Conflict, match="Another --port may be free"),
    ):
        make_server(inbox, host="127.0.0.1", port=server.server_port)


def test_the_command_listens_until_it_is_told_to_stop(desk):
    asked = [
        "duis",
        "listen",
        "--port",
        "0",
        "--dir",
        str(desk.folder / "in"),
        "--trust",
        str(desk.certificates),
    ]
    with subprocess.Popen(
        [*COMMAND, *asked, "--forgive", "dates"],
        env={**environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever started these tests in the background had them, and so their children, ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - see above
    ) as process:
        try:
            said = process.stderr.readline()
            assert said.startswith("Listening on http://127.0.0.1:"), said
            address = said.split()[2].rstrip(";")
            posted = httpx.post(address, content=signed(RESPONSE, by=pki.dsp()), headers=XML, trust_env=False)
            assert posted.status_code == 200
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0, err
    assert "I99  11.2 to" in out
    assert err.strip() == "Stopped."
