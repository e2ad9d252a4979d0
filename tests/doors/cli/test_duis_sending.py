"""`safelaunch duis send`: to the right web service over real HTTP, and what is made of each answer."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.srv import WrongCommandVariant
from safelaunch.interfaces.cli.children import free_port
from safelaunch.interfaces.cli.duis_sending import address_for
from safelaunch.wire.duis.envelope import read_request
from safelaunch.wire.duis.xml import parse
from tests import pki
from tests.unit.wire.duis.messages import FIRMWARE_REQUEST, REQUEST, RESPONSE, signed

REFUSAL = RESPONSE.replace(b">I99<", b">E5<")


class StandIn:
    """A DCC that gives one answer to whatever comes."""

    def __init__(self) -> None:
        self.status, self.octets, self.headers = 200, signed(RESPONSE, by=pki.dsp()), {}
        self.taken: list[tuple[str, str, bytes]] = []
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                octets = self.rfile.read(int(self.headers["content-length"]))
                stand_in.taken.append((self.path, self.headers["content-type"], octets))
                self.send_response(stand_in.status)
                for name, value in {"content-type": "application/xml", **stand_in.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(stand_in.octets)))
                self.end_headers()
                self.wfile.write(stand_in.octets)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def dcc() -> Iterator[StandIn]:
    stand_in = StandIn()
    thread = threading.Thread(target=stand_in.server.serve_forever, daemon=True)
    thread.start()
    yield stand_in
    stand_in.server.shutdown()
    stand_in.server.server_close()
    thread.join()


def test_a_request_goes_to_its_web_service_and_the_answer_is_explained(desk, shell, dcc):
    message = signed()
    answer = shell(
        "duis",
        "send",
        desk.put(message),
        "--url",
        dcc.url,
        "--trust",
        str(desk.certificates),
        "--forgive",
        "dates",
    )
    assert answer.code == 0, answer.err
    assert dcc.taken == [("/api/v1/serviceS", "application/xml", message)]
    first, *lines = answer.out.splitlines()
    assert first.startswith("I99 after ")
    assert first.endswith(f"signed by {pki.DSP}.")
    assert "accepted; the outcome follows" in lines[0]


def test_without_trust_the_signature_is_not_checked_and_that_is_said(desk, shell, dcc):
    dcc.octets = signed(RESPONSE)
    answer = shell("duis", "send", desk.put(signed()), "--url", dcc.url)
    assert answer.code == 0
    assert "signature not checked" in answer.out


def test_an_error_ends_in_exit_code_1_with_the_reason_given(desk, shell, dcc):
    dcc.octets, dcc.headers = REFUSAL, {"Safelaunch-Reason": "The target's status does not allow this."}
    answer = shell("duis", "send", desk.put(signed()), "--url", dcc.url)
    assert answer.code == 1
    assert "E5, the Device's status in the inventory does not allow it" in answer.out
    assert answer.err == "The target's status does not allow this.\n"


def test_the_facts_come_as_one_object_and_the_response_into_a_file(desk, shell, dcc):
    kept = desk.folder / "response.xml"
    answer = shell("duis", "send", desk.put(signed()), "--url", dcc.url, "--json", "--output", str(kept))
    assert answer.json["response_code"] == "I99"
    assert answer.json["request_id"].endswith(":1000")
    assert answer.json["signed_by"] is None
    assert answer.json["document"].encode() == dcc.octets == Path(kept).read_bytes()


def test_an_answer_that_was_tampered_with_is_not_believed(desk, shell, dcc):
    dcc.octets = dcc.octets.replace(b">I99<", b">I0<")
    answer = shell(
        "duis",
        "send",
        desk.put(signed()),
        "--url",
        dcc.url,
        "--trust",
        str(desk.certificates),
        "--forgive",
        "dates",
    )
    assert answer.code == 4
    assert "changed after it was signed" in answer.err


@pytest.mark.parametrize(
    ("given", "code", "reason"),
    [
        ((404, b"no such page"), 1, "answers HTTP 404, not a DUIS Response. no such page"),
        ((413, b""), 1, "answers HTTP 413, not a DUIS Response."),
        ((503, b"later"), 3, "answers HTTP 503"),
        ((200, b"<html>"), 1, "not well-formed XML"),
        ((200, REQUEST), 1, "a DUIS Response is expected"),
        ((200, b""), 1, "not well-formed XML"),
    ],
)
def test_what_is_no_response_is_refused_with_a_sentence(desk, shell, dcc, given, code, reason):  # noqa: PLR0917 - fixtures and a table
    dcc.status, dcc.octets = given
    answer = shell("duis", "send", desk.put(signed()), "--url", dcc.url)
    assert answer.code == code
    assert reason in answer.err
    assert answer.out == ""


def test_nobody_there_ends_in_exit_code_3(desk, shell):
    url = f"http://127.0.0.1:{free_port()}"
    answer = shell("duis", "send", desk.put(signed()), "--url", url, "--timeout", "2")
    assert answer.code == 3
    assert "does not answer (ConnectError)" in answer.err


def test_what_is_not_sent_is_refused_with_a_sentence(desk, shell):
    for message, url, reason in (
        (RESPONSE, "http://127.0.0.1:1", "duis listen receives Responses"),
        (signed(), "127.0.0.1:8000", "is no address to send to"),
        (REQUEST.replace(b">11.2<", b">11.9<"), "http://127.0.0.1:1", "is not a Service Reference Variant"),
        (b"hello", "http://127.0.0.1:1", "not well-formed"),
    ):
        answer = shell("duis", "send", desk.put(message), "--url", url)
        assert answer.code == 1
        assert reason in answer.err


# Addresses.


def asking(body: bytes):
    return read_request(parse(body))


CRITICAL = REQUEST.replace(b">11.2<", b">11.3<")


@pytest.mark.parametrize(
    ("body", "service"),
    [
        (REQUEST, "serviceS"),
        (REQUEST.replace(b"Variant>1<", b"Variant>2<"), "serviceD"),
        (REQUEST.replace(b"Variant>1<", b"Variant>3<"), "serviceS"),
        (CRITICAL.replace(b"Variant>1<", b"Variant>4<"), "serviceT"),
        (CRITICAL.replace(b"Variant>1<", b"Variant>5<"), "serviceS"),
        (CRITICAL.replace(b"Variant>1<", b"Variant>6<"), "serviceD"),
        (FIRMWARE_REQUEST, "serviceD"),
    ],
)
def test_srv_and_command_variant_choose_the_web_service(body, service):
    for base in ("http://dcc:8079", "http://dcc:8079/", "http://dcc:8079/api/v1", "http://dcc:8079/api/v1/"):
        assert address_for(asking(body), url=base) == f"http://dcc:8079/api/v1/{service}"
    assert address_for(asking(body), url="https://dcc/a") == f"https://dcc/a/api/v1/{service}"


def test_an_address_that_names_a_web_service_is_taken_as_it_is():
    wrong = "http://dcc/api/v1/serviceT"
    assert address_for(asking(REQUEST), url=wrong) == wrong


def test_what_no_web_service_takes_has_no_address():
    with pytest.raises(WrongCommandVariant):
        address_for(asking(REQUEST.replace(b"Variant>1<", b"Variant>8<")), url="http://dcc")
    for url in ("", "dcc", "ftp://dcc", "http://", "file:///x"):
        with pytest.raises(Invalid, match="is no address"):
            address_for(asking(REQUEST), url=url)
