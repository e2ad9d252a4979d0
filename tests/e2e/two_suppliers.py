"""A running installation in which two Suppliers watch: web, worker and simulated networks as processes, both listening."""

import base64
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from django.conf import settings
from django.db import connection

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Role
from safelaunch.domain.srv import web_service
from safelaunch.interfaces.cli.children import Children, free_port
from safelaunch.interfaces.cli.director import Director
from safelaunch.services import timetable
from safelaunch.store.models import DeviceModel, OutgoingMessage, PartyUser, UserReceiver
from safelaunch.store.reads import clock
from safelaunch.wire.duis.opening import Trust, open_response
from safelaunch.wire.duis.responses import Reply, read_response
from safelaunch.wire.duis.responses.alerts import DccAlert
from safelaunch.wire.smki import CertificateSet
from tests import estate_factory, pki
from tests.device_network import FAULTLESS
from tests.doors.dcc.serving import code, dsp, environment, trust_users
from tests.receiver import Receiver, listening
from tests.services.requests import scene
from tests.services.requests.test_change_of_supplier import der_of, path_of
from tests.services.requests.test_inventory_changes import INSTALLED

PATIENCE_SECONDS = 120.0
FAITHFUL = FAULTLESS.replace(b"[rates]\n", b"[rates]\nactivation_failed = 0.0\n") + (
    b"[messages]\nconfirmations_lost = 0.0\nduplicated = 0.2\n"
)
"""Every hub is reached and says so, a fifth of them twice."""

_counters = count(20_000_000)


@dataclass
class Watcher:
    """A Supplier with a receiver for each of its User IDs."""

    party_id: int
    identities: dict[str, pki.Identity]
    receivers: dict[Eui64, Receiver] = field(default_factory=dict)

    def replies(self) -> list[tuple[Eui64, Reply]]:
        """What was received, by the User ID it came to; each is signed by the DSP."""
        trust = Trust(CertificateSet.of([dsp().certificate]).find)
        return [
            (user_id, read_response(open_response(body, trust=trust, at=pki.DURING).envelope))
            for user_id, receiver in self.receivers.items()
            for body in receiver.bodies
        ]

    def alerts(self) -> Counter[tuple[Eui64, str, Eui64 | None]]:
        """How often which DCC Alert about which Device came to which User ID."""
        return Counter(
            (user_id, reply.message.code.value, device_of(reply.message))
            for user_id, reply in self.replies()
            if isinstance(reply.message, DccAlert)
        )


def device_of(alert: DccAlert) -> Eui64 | None:
    """The Device that an alert speaks of, or nothing where it names a request alone."""
    body: Any = alert.body
    found = getattr(body, "device_id", None) or getattr(getattr(body, "device", None), "device_id", None)
    request = getattr(body, "request_id", None)
    return found or (request.target if request is not None else None)


@dataclass
class Running:
    """The installation, and the clock of all of it."""

    director: Director
    web: httpx.Client
    simulator_url: str

    @property
    def now(self) -> datetime:
        return clock.now()

    def post(self, srv: str, body: str, *, target: str, variant: int, by: pki.Identity) -> str:
        """Send a request to the door, and give the code of its answer."""
        message = scene.request(srv, body, target=target, variant=variant, by=by, counter=next(_counters))
        service = web_service(srv, command_variant=variant).value
        headers = {"Content-Type": "application/xml"}
        return code(self.web.post(f"/api/v1/{service}", content=message, headers=headers))

    def truth(self, campaign: str) -> dict[str, int]:
        url = f"{self.simulator_url}/simulator/truth"
        return httpx.get(url, params={"campaign": campaign}, trust_env=False).raise_for_status().json()

    def settle(self) -> None:
        """Look at what is due now, and wait until the workers have nothing left to do."""
        timetable.look(at=self.now)
        self.director._wait_until_idle()

    def wait_for_post(self) -> None:
        """Wait until everything that is owed to receivers has arrived."""
        wait(lambda: not OutgoingMessage.objects.filter(state="QUEUED").exists())


def wait(is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_done():
        assert time.monotonic() < deadline, "It takes too long."
        time.sleep(0.02)


@contextmanager
def running(
    directory: Path, *, hubs: int, seed: int, reference: str, starts_at: datetime
) -> Iterator[Running]:
    """Start the processes over the database of the test and its keys."""
    (directory / "scenario.toml").write_bytes(FAITHFUL)
    people = [
        estate_factory.make_person(name, role)
        for name, role in (("Olivia", Role.OPERATOR), ("Arthur", Role.APPROVER))
    ]
    portal, port = free_port(), free_port()
    simulator_url, portal_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{portal}"
    more = environment(SAFELAUNCH_CSP_URL=simulator_url)
    with Children(directory=directory / "logs", environment=more) as children:
        simulator = children.start(
            "csp-simulator",
            *("csp-simulator", "--port", str(port), "--clock", "stepped", "--dcc-url", portal_url),
            *("--start", f"{starts_at:%Y-%m-%dT%H:%M:%S}", "--hubs", str(hubs), "--seed", str(seed)),
            *("--scenario", str(directory / "scenario.toml"), "--data", str(directory / "simulator")),
        )
        web = children.start("web", "web", "--port", str(portal))
        children.start("worker", "worker", "--concurrency", "2")
        children.wait_for(web, f"{portal_url}/health/live")
        children.wait_for(simulator, f"{simulator_url}/simulator/health")
        director = Director(
            reference=reference,
            simulator_url=simulator_url,
            proposer=people[0],
            approver=people[1],
            check_processes=children.require_alive,
        )
        with director.networks, httpx.Client(base_url=portal_url, timeout=60, trust_env=False) as client:
            yield Running(director=director, web=client, simulator_url=simulator_url)


@contextmanager
def watching(*party_ids: int) -> Iterator[list[Watcher]]:
    """Suppliers whose every User ID has a certificate and listens at an address of its own."""
    with ExitStack() as stack:
        watchers = []
        for party_id in party_ids:
            watcher = Watcher(party_id, {})
            # Every alert is told in full: to a User of an older DUIS, N64 would be no more than an N999.
            PartyUser.objects.filter(party_id=party_id).update(duis_version="5.4")
            for user in PartyUser.objects.filter(party_id=party_id).order_by("user_id"):
                identity = pki.identity(user.user_id, serial=pki.FIRST_SERIAL + next(_counters))
                watcher.identities.setdefault(user.role, identity)
                if user.user_id not in watcher.receivers:
                    trust_users(identity.der)
                    watcher.receivers[user.user_id] = stack.enter_context(listening())
                    address = watcher.receivers[user.user_id].address
                    UserReceiver.objects.create(user_id=user.user_id, address=address)
            watchers.append(watcher)
        yield watchers


def replacement(
    running: Running, *, hub: Eui64, mpxn: str, model: DeviceModel, number: int, by: pki.Identity
) -> Eui64:
    """12.2 and 8.14.1: a hub of a model is announced and takes the place of another; gives the new one."""
    new, gpf = (Eui64(0x00DB0000000A0000 + 16 * number + place) for place in (2, 3))
    told = "".join(
        f"<sr:{name}>{value}</sr:{name}>"
        for name, value in (
            ("DeviceID", new),
            ("DeviceManufacturer", model.manufacturer),
            ("DeviceModel", model.model),
            ("DeviceType", "CHF"),
            ("FirmwareVersion", model.firmware_version),
            ("AssociatedGPFDeviceID", gpf),
        )
    )
    body = f"<sr:DevicePrenotification>{told}</sr:DevicePrenotification>"
    assert running.post("12.2", body, target=scene.DSP, variant=8, by=by) == "I0"
    body = INSTALLED.format(
        kind="CHFInstallSuccessSMWAN", device_id=new, how="Replacement CHF Install", mpxn=mpxn, checks=""
    )
    assert running.post("8.14.1", body, target=scene.DSP, variant=8, by=by) == "I0"
    return new


def new_credentials(running: Running, *, esme: Eui64, mpxn: str, by: pki.Identity) -> str:
    """6.23: a meter is given the certificates of the Supplier that asks; gives the code of the answer."""
    keys = SimpleNamespace(keys_dir=settings.DATA / "keys")
    octets = {
        "signing": der_of(keys, by.certificate.eui, agrees_keys=False),
        "agreement": der_of(keys, by.certificate.eui, agrees_keys=True),
        "path": path_of(keys),
    }
    text = {name: base64.b64encode(part).decode() for name, part in octets.items()}
    body = (
        "<sr:UpdateSecurityCredentialsCoS><sr:SupplierFloorSeqNumber>5</sr:SupplierFloorSeqNumber>"
        "<sr:SupplierReplacementCertificates>"
        f"<sr:DigitalSigningCertificate>{text['signing']}</sr:DigitalSigningCertificate>"
        f"<sr:KeyAgreementCertificate>{text['agreement']}</sr:KeyAgreementCertificate>"
        "</sr:SupplierReplacementCertificates><sr:CertificationPathCertificates>"
        f"<sr:Certificate>{text['path']}</sr:Certificate></sr:CertificationPathCertificates>"
        f"<sr:ApplyTimeBasedCPVChecks>true</sr:ApplyTimeBasedCPVChecks><sr:ImportMPxN>{mpxn}</sr:ImportMPxN>"
        "</sr:UpdateSecurityCredentialsCoS>"
    )
    return running.post("6.23", body, target=str(esme), variant=1, by=by)


def failed_jobs() -> list[tuple[str, str]]:
    """Jobs that ended badly: none should."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'failed'")
        return [(name, json.dumps(args)) for name, args in cursor.fetchall()]
