"""Firmware on its way to Devices: every failure the HAN model knows, and what is known in the end is what is true."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Forbidden, NotFound, Unreachable
from safelaunch.domain.smi import Network
from safelaunch.gateways import gbcs_keys
from safelaunch.interfaces.simulator import instants
from safelaunch.services import (
    alerts,
    bulk_activations,
    firmware_distribution,
    firmware_tracking,
    read_backs,
    timetable,
)
from safelaunch.services.requests import arrivals
from safelaunch.store.models import (
    CommunicationsHub,
    CplEntry,
    CspRegion,
    DccAlert,
    Device,
    DeviceCommand,
    DeviceModel,
    FirmwareEvent,
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
from tests.services.requests.firmware_scene import ALDER, BIRCH, modernise, release, signing, update
from tests.services.requests.scene import ACTOR, AT, PREMISES, ask
from tests.services.requests.test_decommissioning import decommission
from tests.services.requests.test_inventory_changes import NEW, announce, hub, installed

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


def homes():
    """Alder's homes in the south, with their Devices by type."""
    south = CspRegion.objects.filter(network=Network.SOUTH).values("region_id")
    hubs = CommunicationsHub.objects.filter(import_party_id=ALDER, region_id__in=south)
    devices = Device.objects.filter(hub_device_id__in=hubs.values("device_id"), smi_status="COMMISSIONED")
    return list(hubs), {kind: devices.filter(device_type=kind) for kind in ("ESME", "PPMID")}


def upgrade_hubs(network, hubs, *, at):
    """The hub campaign reaches homes, in the inventory and in truth."""
    models = CplEntry.objects.filter(device_model__device_type="CHF")
    models.update(gbcs_version="4.2")
    names = [str(hub.device_id) for hub in hubs]
    network.carrier.account.run_on(names, firmware_version=NEW_HUB, at=instants.to_instant(at))


def recounted(request):
    return Counter(FirmwareTarget.objects.filter(service_request_id=request).values_list("state", flat=True))


def test_with_answers_lost_and_messages_twice_and_out_of_order_every_journey_ends_as_its_device_says(network):
    world, (hubs, devices) = World(network), homes()
    world.behave(
        devices={"activation_answers_lost": 0.2, "answers_lost": 0.2, "activation_failed": 0.05},
        rates={"not_reached": (0.05, 0.05, 0.05)},
        **dict.fromkeys(("discarded", "transfer_failed", "damaged", "forgotten"), 0.03),
        displays_off=0.2,
        duplicated=0.05,
        reordered=0.05,
        reordered_minutes=(30.0, 180.0),
    )
    requests = {}
    for kind, of_kind in devices.items():
        made = release(kind)
        of_kind.update(device_model_id=made.old_model_id)
        named = list(of_kind.values_list("device_id", flat=True))
        for device_id in named:
            network.run(str(device_id), version=made.entry.predecessors[0], at=world.at)
        code = world.ask(made, *named)
        # Every hub is old, so that no display may have the image yet.
        assert code == {"ESME": "I0", "PPMID": "E110403"}[kind]
        requests[kind] = (world.request(), made, named)
    display_request, _, displays = requests["PPMID"]
    with pytest.raises(Forbidden, match="another Supplier's"):
        firmware_distribution.wait_for_hubs(
            service_request_id=display_request, actor=replace(ACTOR, party_id=BIRCH), at=world.at
        )
    waiting = firmware_distribution.wait_for_hubs(
        service_request_id=display_request, actor=ACTOR, at=world.at
    )
    assert waiting == len(displays)
    with pytest.raises(firmware_distribution.NothingToDo):
        firmware_distribution.wait_for_hubs(service_request_id=display_request, actor=ACTOR, at=world.at)
    world.pass_days(2)
    assert recounted(display_request) == {"WAITING_FOR_HUB": len(displays)}
    upgrade_hubs(network, hubs, at=world.at)
    world.pass_days(30)

    ledger = network.carrier.devices.ledger
    assert {"8F8A", "8F72", "8F8B", "N60", "N61"} <= {fact.code for fact in ledger}
    for kind, (request, made, named) in requests.items():
        for target in FirmwareTarget.objects.filter(service_request_id=request):
            runs = network.version_of(str(target.device_id)) == made.version
            assert (target.state == "ACTIVATED") is runs, (str(target.device_id), target.state)
        seen = firmware_tracking.funnel(service_request_id=request, viewer_party_id=ALDER, at=world.at)
        counted = Counter()
        for one in seen.standings:
            counted[one.count.state] += one.count.device_count
        assert counted == recounted(request)
        assert seen.came_to["ACTIVATED"] == counted["ACTIVATED"] > 0.7 * len(named), kind
        assert not FirmwareTarget.objects.filter(service_request_id=request, is_open=True).exists()
    raised = Counter(DccAlert.objects.values_list("code", flat=True))
    said = Counter(fact.code for fact in ledger)
    assert (raised["N60"], raised["N61"]) == (said["N60"], said["N61"])
    assert raised["N62"] == said["8F8A"] + said["8F89"]
    assert said["8F8B"] <= raised["N39"] <= 2 * said["8F8B"]
    # Each report stands in one timeline once, whatever came twice.
    heard = FirmwareEvent.objects.filter(number__isnull=False).values_list("network", "number")
    assert len(heard) == len(set(heard))


def test_what_has_not_left_can_be_taken_back_and_is_free_again(network):
    world, made = World(network), release("ESME")
    assert world.ask(made) == "I0"
    first = world.request()
    assert world.ask(made) == "E110103"
    assert firmware_distribution.cancel(service_request_id=first, actor=ACTOR, at=world.at) == 1
    with pytest.raises(firmware_distribution.NothingToDo, match="stands where"):
        firmware_distribution.cancel(service_request_id=first, actor=ACTOR, at=world.at)
    network.is_up = False
    assert world.ask(made) == "I0"
    with pytest.raises(Unreachable):
        firmware_distribution.distribute(network=Network.SOUTH, gateway=network, at=world.at)
    assert recounted(world.request()) == {"REQUESTED": 1}
    network.is_up = True
    for _ in range(2):
        # Whoever dies between sending and noting sends the same again, to no second effect.
        FirmwareTarget.objects.filter(service_request_id=world.request()).update(state="REQUESTED")
        assert firmware_distribution.distribute(network=Network.SOUTH, gateway=network, at=world.at) == 1
    network.pass_time(AT + 5 * DAY)
    assert [fact.code for fact in network.carrier.devices.ledger] == ["N60", "8F72"]
    with pytest.raises(bulk_activations.NotSignedAsDrafted):
        bulk_activations.send(service_request_id=world.request(), signed=[b"none"], at=world.at)
    while network.take_in(AT + 5 * DAY):
        continue
    (drafted,) = bulk_activations.draft(service_request_id=world.request())
    for key in (pki.other_supplier().key, signing(serial=pki.FIRST_SERIAL + 40).key):
        with pytest.raises(bulk_activations.NotSignedAsDrafted, match="not signed by"):
            bulk_activations.send(
                service_request_id=world.request(),
                signed=[bulk_activations.sign(drafted, key=key)],
                at=world.at,
            )
    assert not DeviceCommand.objects.exists()


def stands(request):
    """Where the Devices of a request stand, why, and behind which hub."""
    rows = FirmwareTarget.objects.filter(service_request_id=request)
    return {(one.state, one.reason, str(one.hub_device_id)) for one in rows}


def test_what_leaves_service_leaves_its_journey_and_says_so(network):
    world, meter, gas = World(network), release("ESME"), release("GSME")
    # The whole home is Alder's.
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(gas_party_id=ALDER)
    assert world.ask(meter) == world.ask(gas) == "I0"
    of_gas = world.request()
    world.work()
    for name, request in (("ESME", of_gas - 1), ("GSME", of_gas)):
        assert recounted(request) == {"SENT_TO_CSP": 1}
        assert decommission(name, counter=next(_counters)) == "I0"
        assert stands(request) == {("CANCELLED", "LEFT_SERVICE", PREMISES["CHF"])}
    # What is heard of them later is none of a journey's business any more.
    world.at += 6 * DAY
    world.listen()
    assert {fact.code for fact in network.carrier.devices.ledger} >= {"N60"}
    assert recounted(of_gas) == recounted(of_gas - 1) == {"CANCELLED": 1}
    (way,) = firmware_tracking.follow(device_id=Eui64.parse(gas.device_id), viewer_party_id=ALDER)
    assert "left service" in way.advice.why
    assert [event.event for event in way.events] == ["SEND", "LEAVE_SERVICE"]


def test_where_a_hub_is_replaced_firmware_goes_on_through_the_new_one(network):
    world, meter, gas = World(network), release("ESME"), release("GSME")
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(gas_party_id=ALDER)
    network.carrier.devices.device_of(network.carrier.devices.find(PREMISES["GSME"])).obeys = pki.SUPPLIER
    for made in (meter, gas):
        network.run(made.device_id, version=made.entry.predecessors[0], at=world.at)
    assert world.ask(meter) == "I0"
    of_meter = world.request()
    world.work()
    assert world.ask(gas) == "I0"
    of_gas = world.request()
    estate_factory.forget_jobs()
    announce(DeviceModel.objects.get(pk=hub().device_model_id), counter=next(_counters))
    assert installed(NEW, how="Replacement CHF Install", counter=next(_counters)) == "I0"
    assert stands(of_meter) == {("HUB_FAILED", "HUB_REPLACED", NEW)}
    assert stands(of_gas) == {("REQUESTED", None, NEW)}
    # The network does not know the new hub before it is told, and is asked again.
    world.work()
    assert stands(of_gas) == {("HUB_FAILED", "NOT_CARRIED", NEW)}
    [job] = estate_factory.waiting_jobs("INSTALL_HUB")
    arrivals.tell_network(
        network=Network(job["network"]), installation=job["installation"], gateway=network, at=world.at
    )
    world.pass_days(14)
    assert stands(of_meter) == stands(of_gas) == {("ACTIVATED", None, NEW)}
    assert [network.version_of(one.device_id) for one in (meter, gas)] == [meter.version, gas.version]
    # Nothing came by the old hub: one report for each.
    assert [fact.code for fact in network.carrier.devices.ledger].count("N60") == 2
