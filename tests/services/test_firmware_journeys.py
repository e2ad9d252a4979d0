"""Firmware on its way to Devices: every failure the HAN model knows, and what is known in the end is what is true."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import Network
from safelaunch.gateways import gbcs_keys
from safelaunch.services import (
    alerts,
    bulk_activations,
    firmware_distribution,
    firmware_tracking,
    read_backs,
    timetable,
)
from safelaunch.store.models import (
    CommunicationsHub,
    DccAlert,
    DeviceCommand,
    FirmwareTarget,
    OutgoingMessage,
    ServiceRequest,
    UserReceiver,
)
from safelaunch.wire.duis.xml import parse as parse_xml
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.message import build, parse
from tests import estate_factory, pki
from tests.device_network import FAULTLESS, device_network
from tests.services.requests import scene
from tests.services.requests.firmware_scene import ALDER, modernise, release, signing, update
from tests.services.requests.scene import ACTOR, AT, PREMISES, ask

DAY = timedelta(days=1)
_counters = count(10_000, 10_000)
NEW_HUB = "00030100"
"""The hub firmware of the estate that is of GBCS 4.2."""


@pytest.fixture
def network(database, tmp_path):
    estate_factory.load_estate()
    scene.vouch(pki.supplier(), pki.other_supplier(), signing())
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS) as opened:
        gbcs_keys.load_or_create_supplier(opened.keys_dir, eui=pki.SUPPLIER, agrees_keys=False)
        pem = (opened.keys_dir / f"org-{pki.SUPPLIER}-ds.crt.pem".lower()).read_bytes()
        scene.certificates.import_certificates(files=[pem], actor=ACTOR, at=AT)
        assert opened.link.broker
        yield opened


@dataclass
class World:
    """A network and a clock; `pass_days` lets both sides do whatever is due, twice a day."""

    network: object
    at: object = AT
    commanded: list[int] = field(default_factory=list)

    def ask(self, made, *device_ids, **changes):
        # Counters of bulk activations run on from the last one, so that each request leaves room for some.
        message = update(made, *device_ids, counter=next(_counters), **changes)
        return ask(message, at=self.at).response_code

    def request(self):
        return ServiceRequest.objects.filter(service_reference_variant__in=["11.1", "11.4"]).latest("pk").pk

    def work(self):
        """Whatever jobs would do by now."""
        timetable.look(at=self.at)
        firmware_distribution.mind(at=self.at)
        while firmware_distribution.distribute(network=Network.SOUTH, gateway=self.network, at=self.at):
            continue
        read_backs.read_back(dsp_id=pki.DSP, at=self.at)
        while self.network.send(self.at):
            continue

    def listen(self):
        self.network.pass_time(self.at)
        while self.network.take_in(self.at):
            continue

    def pass_days(self, days, *, activates=True):
        """Let days pass, or fewer where nothing is under way any more."""
        for _ in range(2 * days):
            self.work()
            is_read = DeviceCommand.objects.filter(read_at__isnull=False).exists()
            if not is_read and not FirmwareTarget.objects.filter(is_open=True).exists():
                return
            if activates:
                self.activate()
            self.at += timedelta(minutes=30)
            self.listen()
            self.work()
            self.at += timedelta(hours=11, minutes=30)
            self.listen()
        self.work()

    def activate(self):
        for request in ServiceRequest.objects.filter(service_reference_variant="11.1"):
            self.sign(request.pk)

    def sign(self, request, *, key=None):
        try:
            drafts = bulk_activations.draft(service_request_id=request)
        except NotFound:
            return
        if drafts:
            own = gbcs_keys.load_or_create_supplier(
                self.network.keys_dir, eui=pki.SUPPLIER, agrees_keys=False
            )
            signed = [build(security.sign(parse(one.gbcs), key=key or own.key)) for one in drafts]
            bulk_activations.send(service_request_id=request, signed=signed, at=self.at)
            self.network.send(self.at)

    def behave(self, *, rates=None, devices=None, **han):
        devices_of = self.network.carrier.devices
        scenario = devices_of._world.scenario
        changed = replace(
            scenario,
            rates=replace(scenario.rates, **(rates or {})),
            devices=replace(scenario.devices, **(devices or {})),
            han=replace(scenario.han, **han),
        )
        devices_of._world = devices_of.images._world = replace(devices_of._world, scenario=changed)


@dataclass(frozen=True)
class Failure:
    """How the world behaves, to which Device, and what has to be known of it in the end."""

    name: str
    device: str
    state: str
    reason: str | None
    alerts: str
    next_step: str
    manners: dict[str, object]
    days: int = 12


FAILURES = [
    Failure("nothing fails", "ESME", "ACTIVATED", None, "N60 N62", "Nobody", {}),
    Failure("a gas meter is slow", "GSME", "ACTIVATED", None, "N60 N62", "Nobody", {}),
    Failure("a load controller says nothing", "HCALCS", "ACTIVATED", None, "N60 N62", "Nobody", {}),
    Failure("a display does it by itself", "PPMID", "ACTIVATED", None, "N39 N60 N62", "Nobody", {}),
    Failure(
        "the hub is out of reach",
        "ESME",
        "HUB_FAILED",
        "NOT_REACHED",
        "N18 N61 N61 N61",
        "power and signal",
        {"rates": {"not_reached": (1.0, 1.0, 1.0)}},
        days=20,
    ),
    Failure(
        "the hub discards",
        "ESME",
        "HAN_FAILED",
        "IMAGE_DISCARDED",
        "N18 N60 N60 N60 N62 N62 N62",
        "ask again",
        {"discarded": 1.0},
        days=20,
    ),
    Failure(
        "the transfer fails",
        "PPMID",
        "HAN_FAILED",
        "TRANSFER_FAILURE",
        "N18 N60 N60 N60 N62 N62 N62",
        "place on",
        {"transfer_failed": 1.0},
        days=24,
    ),
    Failure(
        "other hardware",
        "ESME",
        "HAN_FAILED",
        "HARDWARE_MISMATCH",
        "N18 N60 N62",
        "correct the inventory",
        {"other_hardware": 1.0},
    ),
    Failure(
        "damaged",
        "GSME",
        "VERIFY_FAILED",
        "DAMAGED_IMAGE",
        "N18 N60 N60 N60 N62 N62 N62",
        "ask again",
        {"damaged": 1.0},
        days=30,
    ),
    Failure(
        "forgotten",
        "ESME",
        "ACTIVATION_FAILED",
        "NO_IMAGE_HELD",
        "N60 N62",
        "send the image again",
        {"forgotten": 1.0},
    ),
    Failure(
        "a meter cannot start it",
        "ESME",
        "ACTIVATION_FAILED",
        "ACTIVATION_FAILURE",
        "N60 N62",
        "11.3 again",
        {"devices": {"activation_failed": 1.0}},
    ),
    Failure(
        "a display cannot start it",
        "PPMID",
        "ACTIVATION_FAILED",
        "ACTIVATION_FAILURE",
        "N39 N60 N62",
        "11.3 again",
        {"devices": {"activation_failed": 1.0}},
    ),
    Failure(
        "a display is off for too long",
        "PPMID",
        "EXPIRED",
        "LEFT_THE_HUB",
        "N18 N60",
        "has power",
        {"displays_off": 1.0, "off_days": (16.0, 20.0)},
        days=18,
    ),
    Failure(
        "a display is off for a while",
        "PPMID",
        "ACTIVATED",
        None,
        "N39 N60 N62",
        "Nobody",
        {"displays_off": 1.0, "off_days": (3.0, 8.0)},
    ),
    Failure(
        "the answer is lost",
        "ESME",
        "ACTIVATED",
        None,
        "N60 N62",
        "Nobody",
        {"devices": {"activation_answers_lost": 1.0}},
    ),
    Failure(
        "every answer is lost",
        "ESME",
        "UNKNOWN",
        "NO_ANSWER",
        "N60 N62",
        "11.2 tells sooner",
        {"devices": {"activation_answers_lost": 1.0, "answers_lost": 1.0}},
    ),
    Failure(
        "the answer is lost and it failed",
        "ESME",
        "ACTIVATION_FAILED",
        "OTHER_VERSION",
        "N60 N62",
        "11.3 again",
        {"devices": {"activation_answers_lost": 1.0, "activation_failed": 1.0}},
    ),
]
KIND = {
    "devices": {
        "activation_failed": 0.0,
        "activation_answers_lost": 0.0,
        "answers_lost": 0.0,
    },
    "rates": {"not_reached": (0.0, 0.0, 0.0)},
    **dict.fromkeys(
        ("discarded", "transfer_failed", "other_hardware", "damaged", "forgotten", "displays_off"), 0.0
    ),
}


def test_every_failure_of_the_han_has_its_reason_its_alerts_and_its_next_step(network):
    modernise()
    network.run(PREMISES["CHF"], version=NEW_HUB, at=AT)
    # The whole home is Alder's, and its gas meter knows that.
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(gas_party_id=ALDER)
    devices = network.carrier.devices
    devices.device_of(devices.find(PREMISES["GSME"])).obeys = pki.SUPPLIER
    world = World(network)
    UserReceiver.objects.create(user_id=str(pki.SUPPLIER), address="http://127.0.0.1:9/", failures=0)
    for failure in FAILURES:
        FirmwareTarget.objects.all().delete()
        DccAlert.objects.all().delete()
        made = release(failure.device)
        network.run(made.device_id, version=made.entry.predecessors[0], at=world.at)
        devices_of = {**KIND["devices"], **failure.manners.get("devices", {})}
        world.behave(**{**KIND, **failure.manners, "devices": devices_of})
        assert world.ask(made) == "I0", failure.name
        before = network.version_of(made.device_id)
        world.pass_days(failure.days)
        target = FirmwareTarget.objects.get(device_id=made.device_id)
        assert (target.state, target.reason) == (failure.state, failure.reason), failure.name
        mine = DccAlert.objects.filter(user_id=str(pki.SUPPLIER)).order_by("code")
        assert " ".join(mine.values_list("code", flat=True)) == failure.alerts, failure.name
        (way,) = firmware_tracking.follow(device_id=Eui64.parse(made.device_id), viewer_party_id=ALDER)[:1]
        assert failure.next_step in way.advice.next_step, failure.name
        assert way.events, failure.name
        runs = network.version_of(made.device_id)
        assert (runs == made.version) is (
            failure.state == "ACTIVATED" or failure.name == "every answer is lost"
        )
        assert runs in {before, made.version}
        assert target.is_open is False, failure.name
    # Whatever is owed can be said in DUIS.
    while alerts.tell_users(dsp_id=pki.DSP):
        continue
    for octets in OutgoingMessage.objects.values_list("octets", flat=True):
        if (schema := scene.official_schema()) is not None:
            schema.check(parse_xml(bytes(octets)))
