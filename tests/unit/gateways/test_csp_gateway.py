import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safelaunch.domain.refusals import NotFound, Refused, Unreachable, Unreadable
from safelaunch.domain.smi import Network
from safelaunch.gateways.csp import EpochOvertaken, HttpCspGateway
from safelaunch.wire import csp

AT = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
RECALL = csp.Recall(campaign="C1", epoch=4, recalled_at=AT)


class FixedCsp:
    """A CSP that answers everything with one status and body, and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"{}"
        self.requests: list[tuple[str, bytes, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append((self.path, body, headers))
                self.send_response(outer.status)
                self.send_header("content-length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def do_POST(self) -> None:
                self.answer()

            def do_GET(self) -> None:
                self.answer()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/north/"


@pytest.fixture
def network() -> Iterator[FixedCsp]:
    fixed = FixedCsp()
    thread = threading.Thread(target=fixed.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield fixed
    fixed.server.shutdown()
    fixed.server.server_close()
    thread.join()


@pytest.fixture
def gateway(network: FixedCsp) -> Iterator[HttpCspGateway]:
    with HttpCspGateway(base_urls={Network.NORTH: network.url}, key=KEY, timeout=5) as opened:
        yield opened


def test_a_message_arrives_signed_at_its_path(network: FixedCsp, gateway: HttpCspGateway) -> None:
    network.body = b'{"recalled": 3, "unrecallable": 1}'
    assert gateway.recall(network=Network.NORTH, recall=RECALL, at=AT).recalled == 3
    ((path, body, headers),) = network.requests
    assert path == "/north/v1/recalls"
    assert csp.verify(body=body, headers=headers, key=KEY.public_key()) == "recall-C1-4"
    assert csp.read(body, csp.Recall) == RECALL


def test_a_hub_that_was_installed_is_told_under_its_own_name(
    network: FixedCsp, gateway: HttpCspGateway
) -> None:
    network.body = b'{"accepted": 1}'
    told = csp.Installation(
        device_id="00-DB-00-00-00-00-00-12",
        gpf_device_id="00-DB-00-00-00-00-00-13",
        manufacturer="0001",
        model="0002",
        firmware_version="0002012E",
        home_hub_device_id="00-DB-12-34-56-78-90-A2",
        is_replacement=True,
        installed_at=AT,
    )
    assert gateway.install(network=Network.NORTH, installation=told, at=AT).accepted == 1
    ((path, body, headers),) = network.requests
    assert path == "/north/v1/installations"
    name = csp.verify(body=body, headers=headers, key=KEY.public_key())
    assert name == "installation-00-DB-00-00-00-00-00-12"
    assert csp.read(body, csp.Installation) == told


def test_a_batch_of_commands_is_named_by_its_parcel_and_its_receipt_says_what_is_not_carried(
    network: FixedCsp, gateway: HttpCspGateway
) -> None:
    network.body = b'{"accepted": 0, "refused": {"17": "UNKNOWN_DEVICE"}}'
    command = csp.Command(
        command_id="17",
        hub_device_id="00-DB-12-34-56-78-90-A2",
        device_id="00-DB-12-34-56-78-90-A0",
        gbcs=b"\xdd",
        expires_at=AT,
    )
    batch = csp.CommandBatch(batch_id="N-1", sent_at=AT, commands=[command])
    receipt = gateway.command(network=Network.NORTH, batch=batch, at=AT)
    assert receipt.refused == {"17": csp.CommandRefusal.UNKNOWN_DEVICE}
    ((path, body, headers),) = network.requests
    assert path == "/north/v1/commands"
    assert csp.verify(body=body, headers=headers, key=KEY.public_key()) == "commands-N-1"
    assert csp.read(body, csp.CommandBatch) == batch


def test_health_is_asked_with_a_signature_over_nothing(network: FixedCsp, gateway: HttpCspGateway) -> None:
    network.body = b'{"network": "NORTH", "status": "OK", "waiting": 0, "epochs": {"C1": 4}}'
    assert gateway.health(network=Network.NORTH, at=AT).epochs == {"C1": 4}
    ((path, body, headers),) = network.requests
    assert (path, body) == ("/north/v1/health", b"")
    csp.verify(body=b"", headers=headers, key=KEY.public_key())


@pytest.mark.parametrize(
    ("answer", "family", "sentence"),
    [
        ((409, b'{"title": "Overtaken.", "epoch": 9}'), EpochOvertaken, r"^Overtaken\.$"),
        ((409, b'{"title": "Busy."}'), Refused, r"^Busy\.$"),
        ((422, b'{"title": "No such hub."}'), Refused, r"^No such hub\.$"),
        ((404, b"<html>"), Refused, r"CSP North refuses the message \(HTTP 404\) and gives no reason"),
        ((302, b""), Refused, r"HTTP 302"),
        ((500, b""), Unreachable, r"HTTP 500\); it may be tried again"),
        ((503, b""), Unreachable, r"HTTP 503"),
        ((429, b""), Unreachable, r"HTTP 429"),
        ((200, b"<html>"), Unreadable, r"not a RecallReceipt"),
    ],
)
def test_answers_become_the_families_of_the_house(
    network: FixedCsp,
    gateway: HttpCspGateway,
    answer: tuple[int, bytes],
    family: type[Exception],
    sentence: str,
) -> None:
    network.status, network.body = answer
    with pytest.raises(family, match=sentence) as refusal:
        gateway.recall(network=Network.NORTH, recall=RECALL, at=AT)
    assert type(refusal.value) is family or family is Unreadable


def test_an_overtaken_epoch_tells_the_highest_seen(network: FixedCsp, gateway: HttpCspGateway) -> None:
    network.status, network.body = 409, b'{"title": "Overtaken.", "epoch": 9}'
    with pytest.raises(EpochOvertaken) as refusal:
        gateway.recall(network=Network.NORTH, recall=RECALL, at=AT)
    assert refusal.value.epoch == 9


def test_a_network_without_an_address_is_refused(gateway: HttpCspGateway) -> None:
    with pytest.raises(NotFound, match="CSP South has no address"):
        gateway.recall(network=Network.SOUTH, recall=RECALL, at=AT)
