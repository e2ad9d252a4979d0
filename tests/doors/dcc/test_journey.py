"""A User's whole journey with real processes, two of which are killed on the way: nothing is lost, nothing done twice.

Web, worker, simulated networks and `safelaunch duis listen` each run as a process. The User sends 11.1, 11.2 and 11.3
(at once, for later, taken back) by HTTP and signs the Pre-Commands with a key whose certificate was imported.
"""

import base64
import hashlib
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from safelaunch.domain.people import Actor
from safelaunch.interfaces.cli.children import free_port
from safelaunch.services import deliveries, timetable
from safelaunch.store.models import (
    DeviceCommand,
    DeviceMessage,
    FirmwareRequest,
    FirmwareTarget,
    OutgoingMessage,
    ServiceRequest,
)
from safelaunch.wire.duis.envelope import read_response as read_envelope
from safelaunch.wire.duis.responses import Reply, read_response
from safelaunch.wire.duis.responses.alerts import DeviceAlert
from safelaunch.wire.duis.responses.content import FutureDatedDeviceAlert
from safelaunch.wire.duis.xml import parse as parse_xml
from safelaunch.wire.gbcs import catalogue, security
from safelaunch.wire.gbcs.activation import ActivationAccepted, ActivationCode
from safelaunch.wire.gbcs.message import build, parse
from tests import estate_factory, pki
from tests.device_network import FAULTLESS
from tests.doors.dcc.serving import AT, Web, code, dsp, environment, opened
from tests.doors.dcc.test_kills import (
    bring_jobs_forward,
    held,
    kill,
    suppressed,
    wait,
    working,
)
from tests.services.requests import firmware_scene, scene
from tests.services.requests.scene import PREMISES

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("estate")]

ESME = PREMISES["ESME"]
HASH = hashlib.sha256(firmware_scene.SOFTWARE).digest()
NEVER = "3000-12-31T00:00:00Z"
_counters = count(5_000_000)


@contextmanager
def started(*arguments: object, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of `safelaunch`, ended with the test."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "safelaunch.config.command", *map(str, arguments)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        # Not SIGINT: whoever runs the tests in the background has it ignored, by these processes too.
        process.terminate()
        process.wait(30)


@dataclass
class User:
    """A Supplier's system: what it sends, and what its receiver kept."""

    web: Web
    inbox: Path
    key: firmware_scene.pki.Identity
    asked: dict[str, int] = field(default_factory=dict)

    def request(self, what: str, *arguments: object, **named: object) -> bytes:
        """A signed message with a counter of its own, which is remembered under a word."""
        self.asked[what] = next(_counters)
        return scene.request(*arguments, counter=self.asked[what], **named)

    def read_version(self, what: str) -> str:
        message = self.request(what, "11.2", "<sr:ReadFirmwareVersion/>", target=ESME, variant=1)
        return code(self.web.post("serviceS", message))

    def activate(self, what: str, *, execution: str | None = None) -> str:
        """Have a Pre-Command made, sign it and send it, as `domain.md` 5.5 has it."""
        when = "" if execution is None else f"<sr:ExecutionDateTime>{execution}</sr:ExecutionDateTime>"
        body = f"<sr:ActivateFirmware>{when}<sr:FirmwareHash>{HASH.hex().upper()}</sr:FirmwareHash></sr:ActivateFirmware>"
        asked = self.request(what, "11.3", body, target=ESME, variant=4)
        given_out = read_response(opened(self.web.post("serviceT", asked)).envelope)
        command = security.sign(parse(given_out.message.content.gbcs_payload), key=self.key.key)
        text = base64.b64encode(build(command)).decode()
        body = f"<sr:SignedPreCommand><sr:GBCSPayload>{text}</sr:GBCSPayload></sr:SignedPreCommand>"
        # The Signed Pre-Command keeps the Request ID of its Pre-Command.
        message = scene.request("11.3", body, target=ESME, variant=5, counter=self.asked[what])
        return code(self.web.post("serviceS", message))

    def kept(self) -> list[Reply]:
        """What the receiver has kept, in the order in which it came; a repeat is kept once."""
        files = sorted(self.inbox.glob("*.xml"))
        return [read_response(read_envelope(parse_xml(file.read_bytes()))) for file in files]

    def answers(self, what: str) -> list[Reply]:
        """What was received about one request, alerts not among them."""
        return [
            one
            for one in self.kept()
            if one.request_id is not None and one.request_id.counter == self.asked[what]
        ]


@dataclass
class Networks:
    """The simulated CSPs, whose clock and the house's are turned together."""

    url: str

    def turn(self, to: datetime) -> None:
        """Once every command has been handed over, let time pass, and wait until what Devices said is judged."""
        wait(
            lambda: not DeviceCommand.objects.filter(state="WAITING").exists(), what="the commands to be sent"
        )
        timetable.step_clock(to=to)
        asked = {"until": to.isoformat()}
        httpx.post(
            f"{self.url}/simulator/advance", json=asked, timeout=30, trust_env=False
        ).raise_for_status()
        wait(lambda: not DeviceMessage.objects.filter(effect=None).exists(), what="the judgement")


@pytest.fixture
def key(tmp_path: Path) -> pki.Identity:
    """The key with which the Supplier signs images and GBCS messages, imported as a new user would."""
    identity = firmware_scene.signing()
    pem = tmp_path / "supplier-ds.pem"
    pem.write_bytes(x509.load_der_x509_certificate(identity.der).public_bytes(Encoding.PEM))
    command = [sys.executable, "-m", "safelaunch.config.command", "certificate", "import", str(pem)]
    subprocess.run(command, env=environment(), check=True, capture_output=True, timeout=60)
    return identity


@pytest.fixture
def networks(tmp_path: Path, migrated_database: None) -> Iterator[tuple[Networks, Web]]:
    """The simulator, and the web process to which it reports; the web process is not started yet."""
    web, port, scenario = Web(), free_port(), tmp_path / "faultless.toml"
    scenario.write_bytes(FAULTLESS)
    arguments = (
        *("csp-simulator", "--port", port, "--dcc-url", f"http://127.0.0.1:{web.port}"),
        *("--data", tmp_path / "simulator", "--scenario", scenario, "--clock", "stepped"),
        *("--start", f"{AT:%Y-%m-%dT%H:%M:%S}", "--hubs", estate_factory.HUBS, "--seed", estate_factory.SEED),
    )
    with started(*arguments, log=tmp_path / "simulator.log"):
        yield Networks(f"http://127.0.0.1:{port}"), web
        web.client.close()
        if web.process is not None and web.process.poll() is None:
            web.stop()


@pytest.fixture
def user(tmp_path: Path, networks: tuple[Networks, Web], key: pki.Identity) -> Iterator[User]:
    """A Supplier whose receiver listens, as a process."""
    _, web = networks
    dsp()
    inbox, port = tmp_path / "received", free_port()
    certificate = settings.DATA / "keys" / "dsp-xml.crt.pem"
    arguments = ("duis", "listen", "--port", port, "--dir", inbox, "--trust", certificate)
    with started(*arguments, log=tmp_path / "listener.log"):
        address = f"http://127.0.0.1:{port}/smartdcc/duis"
        deliveries.set_receiver(user_id=pki.SUPPLIER, address=address, actor=Actor(name="Ada"), at=AT)
        web.start()
        yield User(web, inbox, key)


def test_a_user_goes_from_image_to_activation_whoever_is_killed_on_the_way(networks, user, tmp_path):
    south, web = networks
    worker_settings = {"SAFELAUNCH_CSP_URL": south.url}
    firmware_scene.modernise()
    distribute = distribution(user)
    with held("cpl_entry"):
        # The web process dies between acceptance and processing of the 11.1.
        client = threading.Thread(target=lambda: suppressed(web, distribute))
        client.start()
        wait(lambda: ServiceRequest.objects.filter(state="ACCEPTED").exists(), what="acceptance")
        kill(web)
        client.join()
    web.start()
    with working(**worker_settings) as first:
        bring_jobs_forward()
        wait(lambda: user.answers("11.1"), what="the answer to the 11.1")
        assert code(web.post("serviceD", distribute)) == "E13"
        wait(lambda: FirmwareTarget.objects.filter(state="SENT_TO_CSP").exists(), what="the image to be sent")
        with held("user_receiver"):
            # The worker dies after it has taken the Device's answer in and before it has delivered it.
            assert user.read_version("11.2") == "I99"
            south.turn(AT + timedelta(minutes=5))
            wait(lambda: queued("11.2", user), what="the outcome to be queued")
            first.kill()
            first.wait(30)
    with working(**worker_settings):
        held_at = AT + timedelta(days=4)
        south.turn(held_at)
        wait(
            lambda: FirmwareTarget.objects.filter(state="VERIFIED").exists(), what="the image to be verified"
        )
        assert user.activate("now") == "I99"
        south.turn(held_at + timedelta(minutes=10))
        in_two_days, in_three_days = held_at + timedelta(days=2), held_at + timedelta(days=3)
        assert user.activate("taken back", execution=f"{in_two_days:%Y-%m-%dT%H:%M:%SZ}") == "I99"
        south.turn(held_at + timedelta(minutes=15))
        assert user.activate("taking back", execution=NEVER) == "I99"
        south.turn(held_at + timedelta(minutes=20))
        assert user.activate("later", execution=f"{in_three_days:%Y-%m-%dT%H:%M:%SZ}") == "I99"
        south.turn(held_at + timedelta(minutes=25))
        south.turn(in_three_days + timedelta(hours=1))
        wait(lambda: not OutgoingMessage.objects.exclude(state="DELIVERED").exists(), what="every delivery")
        wait(lambda: len(user.answers("later")) == 2, what="the last alert")
    assert_every_outcome_was_told_once(user)


def distribution(user: User) -> bytes:
    """A signed 11.1 for the meter of the premises."""
    user.asked["11.1"] = next(_counters)
    return firmware_scene.update(firmware_scene.release("ESME"), counter=user.asked["11.1"])


def queued(what: str, user: User) -> bool:
    return OutgoingMessage.objects.filter(service_request__counter=user.asked[what], state="QUEUED").exists()


def assert_every_outcome_was_told_once(user: User) -> None:
    (distributed,) = user.answers("11.1")
    (read,) = user.answers("11.2")
    assert (distributed.code, read.code) == ("I0", "I0")
    assert len(payload_of(read).firmware_version) == 8
    (activated,) = user.answers("now")
    assert (payload_of(activated).code, payload_of(activated).firmware_version) == (
        ActivationCode.SUCCESS,
        FirmwareRequest.objects.get().firmware_version,
    )
    for what in ("taken back", "taking back"):
        (accepted,) = user.answers(what)
        assert isinstance(payload_of(accepted), ActivationAccepted)
    promised, kept = user.answers("later")
    assert isinstance(payload_of(promised), ActivationAccepted)
    assert isinstance(kept.message.content, FutureDatedDeviceAlert)
    alerts = [one.message.code.hex() for one in user.kept() if isinstance(one.message, DeviceAlert)]
    assert alerts == ["8f72"]
    # Whatever was repeated was the same, octet by octet: by what names it, nothing was kept twice.
    names = Counter(
        (one.request_id, one.response_id, type(one.message.content)) for one in user.kept() if one.request_id
    )
    assert set(names.values()) == {1}
    assert ServiceRequest.objects.exclude(state__in=["ANSWERED", "COMPLETED"]).count() == 0
    assert DeviceCommand.objects.filter(state="SENT").count() == 0


def payload_of(reply: Reply):
    return catalogue.read(reply.message.content.octets).payload
