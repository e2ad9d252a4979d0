"""MP105 whole: every row of `domain.md` 9.1 and 9.2 from the User's HTTP request to the Device, PostgreSQL and N28/N29.

The requests go to a web process, the commands to simulated Devices; the Devices of the Reference Test Data premises have
models of their own, whose entries leave and enter the CPL by two people.
"""

from datetime import datetime, timedelta
from itertools import count

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Role
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.srv import catalogue, expected_body, web_service
from safelaunch.domain.suspended_requests import Generation
from safelaunch.domain.suspension import RECEIVERS, Row
from safelaunch.gateways import gbcs_keys
from safelaunch.services import alerts, cpl, cpl_changes, timetable
from safelaunch.store.models import (
    AlertChunk,
    CommunicationsHub,
    CplEntry,
    DccAlert,
    Device,
    DeviceCommand,
    DeviceModel,
    OutgoingMessage,
    PartyUser,
    SuspensionEpisode,
    UserReceiver,
)
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.message import build, parse
from tests import estate_factory, pki
from tests.device_network import FAULTLESS, device_network
from tests.doors.dcc.serving import AT, code, opened, serving, trust_users
from tests.services.requests import firmware_scene, scene
from tests.services.requests.scene import PREMISES
from tests.services.requests.test_devices import HASH, signed_pre_command

pytestmark = pytest.mark.usefixtures("standing_estate")

OLD, NEW = "00000001", "0A0B0C0D"
ALL, METERS = ("ESME", "GSME", "PPMID", "HCALCS"), ("ESME", "GSME", "HCALCS")
SUSPENDED, COMMISSIONED = "SUSPENDED", "COMMISSIONED"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_counters, _days = count(9_000_000), count(1)


@pytest.fixture(scope="module")
def network(tmp_path_factory, standing_estate):
    """The simulated network; its Suppliers' GBCS keys are filed, and everybody has an address."""
    with device_network(tmp_path_factory.mktemp("south"), starts_at=AT, scenario=FAULTLESS) as started:
        trust_users(gas_supplier().der)
        for eui in (pki.SUPPLIER, gas_supplier().certificate.eui):
            gbcs_keys.load_or_create_supplier(started.keys_dir, eui=eui, agrees_keys=False)
            trust_users((started.keys_dir / f"org-{eui}-ds.crt.pem".lower()).read_bytes())
        for name, role in (("Olivia", Role.OPERATOR), ("Arthur", Role.APPROVER)):
            PEOPLE[name] = estate_factory.make_person(name, role)
        for user_id in PartyUser.objects.values_list("user_id", flat=True).distinct():
            UserReceiver.objects.create(user_id=user_id, address="http://127.0.0.1:9/")
        yield started


PEOPLE = {}


class Home:
    """The premises at the beginning of a row: nothing was said yet, every Device runs what the inventory has."""

    def __init__(self, web, network):
        self.web, self.network = web, network
        self.at = AT + 10 * next(_days) * DAY
        timetable.step_clock(to=self.at)
        network.behave(activation_answers_lost=0.0, answers_lost=0.0, reads_failed=0.0)
        network.pass_time(self.at)
        network.take_in(self.at)
        network.carrier.devices._devices.clear()
        for table in (DccAlert, AlertChunk, OutgoingMessage):
            table.objects.all().delete()
        DeviceCommand.objects.filter(state__in=["WAITING", "SENT"]).update(state="UNDELIVERED")
        for kind in ALL:
            self.list(kind, network.version_of(PREMISES[kind]))
            Device.objects.filter(device_id=PREMISES[kind]).update(
                smi_status=COMMISSIONED, status_before=None, suspension_id=None
            )

    def list(self, kind, version, *, status="ACTIVE", specification="SMETS V5.1", runs=True):
        """Have the CPL list a version of the Device's own model, and by choice the inventory say that it runs it."""
        model, _ = DeviceModel.objects.get_or_create(
            device_type=kind,
            manufacturer="00AA",
            model="MP105",
            hardware_version="",
            firmware_version=version,
        )
        CplEntry.objects.update_or_create(
            device_model=model,
            defaults={
                "status": status,
                "smets_chts_version": specification,
                "gbcs_version": "4.2",
                "predecessors": [],
                "added_at": AT,
            },
        )
        if runs:
            Device.objects.filter(device_id=PREMISES[kind]).update(device_model_id=model.pk)

    def suspend(self, kind):
        """Take the version that the inventory says a Device runs off the CPL, by two people."""
        version = self.state(kind)[1]
        name = cpl.ModelName(
            device_type=DeviceType(kind), manufacturer="00AA", model="MP105", firmware_version=version
        )
        proposal = cpl_changes.propose(
            cpl.removal_of(name), because="Recalled", actor=PEOPLE["Olivia"], at=self.at
        )
        cpl_changes.approve(cpl_proposal_id=proposal.cpl_proposal_id, actor=PEOPLE["Arthur"], at=self.at)
        assert self.state(kind) == (SUSPENDED, version, COMMISSIONED)

    def state(self, kind):
        """Status, firmware version and remembered status in the inventory."""
        device = Device.objects.get(device_id=PREMISES[kind])
        version = DeviceModel.objects.get(pk=device.device_model_id).firmware_version
        return device.smi_status, version, device.status_before

    def ask(self, srv, body, *, target, variant, by=None, counter=None, web=None):
        """Post a request to its web service."""
        message = scene.request(
            srv,
            body,
            target=target,
            variant=variant,
            by=by,
            counter=next(_counters) if counter is None else counter,
        )
        service = web_service(srv, command_variant=variant).value
        return (web or self.web).post(service, message)

    def read(self, kind):
        """11.2 to a Device, acknowledged."""
        body = "<sr:ReadFirmwareVersion/>"
        assert code(self.ask("11.2", body, target=PREMISES[kind], variant=1, by=owner_of(kind))) == "I99"

    def activate(self, kind, *, execution: datetime | None = None):
        """11.3 to and fro: the Pre-Command, signed by its User and sent; acknowledged."""
        when = (
            ""
            if execution is None
            else f"<sr:ExecutionDateTime>{execution:%Y-%m-%dT%H:%M:%SZ}</sr:ExecutionDateTime>"
        )
        body = f"<sr:ActivateFirmware>{when}<sr:FirmwareHash>{HASH.hex().upper()}</sr:FirmwareHash></sr:ActivateFirmware>"
        by, counter = owner_of(kind), next(_counters)
        given = self.ask("11.3", body, target=PREMISES[kind], variant=4, by=by, counter=counter)
        assert code(given) == "I0"
        pre_command = read_response(opened(given).envelope).message.content.gbcs_payload
        pair = gbcs_keys.load_or_create_supplier(
            self.network.keys_dir, eui=by.certificate.eui, agrees_keys=False
        )
        signed = build(security.sign(parse(pre_command), key=pair.key))
        sent = self.web.post(
            "serviceS", signed_pre_command(signed, counter=counter, target=PREMISES[kind], by=by)
        )
        assert code(sent) == "I99"

    def hold(self, kind, version=NEW):
        """Have a Device hold an image of a version that the CPL lists."""
        self.list(kind, version, runs=False)
        self.network.hold(PREMISES[kind], image_hash=HASH, version=version, at=self.at)

    def converse(self, *, hours=3, is_lost=False):
        """Send what is due, let Devices act, and take in what they say, unless it is lost."""
        self.network.send(self.at)
        self.at += hours * HOUR
        timetable.step_clock(to=self.at)
        self.network.pass_time(self.at)
        if is_lost:
            return
        self.network.take_in(self.at)

    def told(self, kind, alert):
        """The User IDs whose messages say an alert about a Device, one for each time."""
        while alerts.tell_users(dsp_id=pki.DSP):
            continue
        rows = OutgoingMessage.objects.filter(device_id=PREMISES[kind], code=alert)
        return sorted(rows.values_list("user_id", flat=True))

    def outcome(self):
        """The code of the latest response to a User about a request."""
        rows = OutgoingMessage.objects.filter(service_request__isnull=False).order_by("-pk")
        return rows.values_list("code", flat=True).first()


@pytest.fixture
def home(web, network):
    return Home(web, network)


def gas_supplier():
    """The gas Supplier of the premises, as who signs."""
    hub = CommunicationsHub.objects.get(device_id=PREMISES["CHF"])
    user = PartyUser.objects.filter(party_id=hub.gas_party_id, role="GS").order_by("user_id").first()
    return pki.identity(user.user_id, serial=pki.FIRST_SERIAL + 40)


def owner_of(kind):
    return gas_supplier() if kind in ("GSME", "GPF") else pki.supplier()


def receivers(kind):
    """Who is told of a Device's suspension and return, by the registrations of its home (`domain.md` 2.3)."""
    device = Device.objects.get(device_id=PREMISES[kind])
    hub = CommunicationsHub.objects.get(device_id=PREMISES["CHF"])
    shared = kind == "PPMID"
    party_of = {
        "IS": hub.import_party_id if shared else device.party_id,
        "GS": hub.gas_party_id if shared else device.party_id,
        "ED": device.network_party_id,
        "GT": device.network_party_id,
    }
    found = {
        user_id
        for role in RECEIVERS[DeviceType(kind)]
        for user_id in PartyUser.objects.filter(party_id=party_of[role.value], role=role.value).values_list(
            "user_id", flat=True
        )
    }
    assert found
    return sorted(found)


# Every row of 9.2 as a play: which Devices, what happens, what the inventory says then (status, version), which alerts.
# RUNS stands for what the Device itself runs at first.
RUNS = "RUNS"


def reading(home, kind):
    home.read(kind)
    home.converse()


def reading_another(home, kind):
    """The inventory has an older version than the Device runs."""
    home.list(kind, OLD)
    reading(home, kind)


def suspended_reading_another(home, kind):
    home.list(kind, OLD)
    home.suspend(kind)
    reading(home, kind)


def suspended_reading_same(home, kind):
    home.suspend(kind)
    reading(home, kind)


def suspended_reading_unlisted(home, kind):
    home.list(kind, home.network.version_of(PREMISES[kind]), status="WITHDRAWN")
    suspended_reading_another(home, kind)


def reading_unlisted(home, kind):
    home.list(kind, home.network.version_of(PREMISES[kind]), status="WITHDRAWN")
    reading_another(home, kind)


def reading_fails(home, kind):
    home.list(kind, OLD)
    home.suspend(kind)
    home.network.behave(reads_failed=1.0)
    reading(home, kind)


def gpf_differs(home, kind):
    home.list(kind, OLD)
    reading(home, "GPF")


def gpf_agrees(home, kind):
    reading(home, "GPF")


def activation(home, kind):
    home.hold(kind)
    home.activate(kind)
    home.converse()


def suspended_activation(home, kind):
    home.suspend(kind)
    activation(home, kind)


def lost_activation(home, kind):
    """The Device activates and its answer is lost; the User is told that none came."""
    home.hold(kind)
    home.network.behave(activation_answers_lost=1.0)
    home.activate(kind)
    home.converse()
    home.network.send(home.at)
    home.network.behave(activation_answers_lost=0.0)
    assert (home.outcome(), home.network.version_of(PREMISES[kind])) == ("E21", NEW)


def retry(home, kind):
    before = home.state(kind)
    lost_activation(home, kind)
    assert home.state(kind) == before
    home.activate(kind)
    home.converse()


def suspended_retry(home, kind):
    home.suspend(kind)
    retry(home, kind)


def smets1_retry_without_a_version(home, kind):
    """What a SMETS1 Device may answer: that it took the command, and nothing of versions."""
    home.list(kind, home.network.version_of(PREMISES[kind]), specification="SMETS V1.58")
    home.suspend(kind)
    lost_activation(home, kind)
    home.activate(kind, execution=home.at + 8 * DAY)
    home.converse()


def activation_without_an_image(home, kind):
    home.activate(kind)
    home.converse()


def suspended_without_an_image(home, kind):
    home.suspend(kind)
    activation_without_an_image(home, kind)


def future_dated(home, kind):
    home.hold(kind)
    home.activate(kind, execution=home.at + DAY)
    home.converse()
    home.converse(hours=48)


def suspended_future_dated(home, kind):
    home.suspend(kind)
    future_dated(home, kind)


def future_dated_without_an_image(home, kind):
    home.suspend(kind)
    home.activate(kind, execution=home.at + DAY)
    home.converse()
    home.converse(hours=48)


def suspended_lost(home, kind):
    home.suspend(kind)
    lost_activation(home, kind)


TABLE = [
    (1, suspended_reading_another, ALL, COMMISSIONED, RUNS, ["N28", "N29"]),
    (2, suspended_reading_same, ("ESME",), SUSPENDED, RUNS, ["N28"]),
    (3, suspended_reading_unlisted, ("ESME",), SUSPENDED, RUNS, ["N28"]),
    (4, reading_another, ("ESME",), COMMISSIONED, RUNS, []),
    (4, reading_unlisted, ("ESME", "GSME"), SUSPENDED, RUNS, ["N28"]),
    (5, reading_fails, ALL, SUSPENDED, OLD, ["N28"]),
    (6, gpf_differs, ("GSME",), COMMISSIONED, OLD, ["N52"]),
    (7, gpf_agrees, ("GSME",), COMMISSIONED, RUNS, []),
    (8, suspended_activation, METERS, COMMISSIONED, NEW, ["N28", "N29"]),
    (9, activation, METERS, COMMISSIONED, NEW, []),
    (10, suspended_retry, ("ESME", "GSME"), COMMISSIONED, NEW, ["N28", "N29"]),
    (11, retry, ("ESME",), COMMISSIONED, NEW, []),
    (12, smets1_retry_without_a_version, ("ESME",), SUSPENDED, RUNS, ["N28"]),
    (13, suspended_without_an_image, ("ESME",), SUSPENDED, RUNS, ["N28"]),
    (13, activation_without_an_image, ("ESME",), COMMISSIONED, RUNS, []),
    (14, suspended_future_dated, ("ESME",), COMMISSIONED, NEW, ["N28", "N29"]),
    (14, future_dated, ("ESME",), COMMISSIONED, NEW, []),
    (15, future_dated_without_an_image, ("ESME",), SUSPENDED, RUNS, ["N28"]),
    (16, suspended_lost, ("ESME",), SUSPENDED, RUNS, ["N28"]),
]


@pytest.mark.parametrize("line", TABLE, ids=[f"row {row}: {play.__name__}" for row, play, *_ in TABLE])
def test_an_answer_does_what_its_row_of_9_2_says(home, line):
    _, play, kinds, status, version, raised = line
    for kind in kinds:
        runs = home.network.version_of(PREMISES[kind])
        hub = CommunicationsHub.objects.get(device_id=PREMISES["CHF"])
        play(home, kind)
        assert home.state(kind)[:2] == (status, runs if version == RUNS else version), kind
        assert home.state(kind)[2] == (COMMISSIONED if status == SUSPENDED else None), kind
        for alert in ("N28", "N29", "N52"):
            assert home.told(kind, alert) == (receivers(kind) if alert in raised else []), (kind, alert)
        # Rows 6 and 7 and the last note of 9.2: neither the hub nor its GPF has another status by any of it.
        assert CommunicationsHub.objects.get(device_id=PREMISES["CHF"]).smi_status == hub.smi_status
        home.network.carrier.devices._devices.clear()


def test_row_17_what_is_on_no_cpl_is_not_asked_and_has_no_status(home):
    home.list("IHD", OLD, runs=False)
    display = Eui64(0x00DB1234567890AF)
    Device.objects.create(
        hub_device_id=PREMISES["CHF"],
        device_id=display,
        device_type="IHD",
        smi_status="PENDING",
        device_model_id=DeviceModel.objects.get(device_type="IHD", manufacturer="00AA").pk,
    )
    try:
        answer = home.ask("11.2", "<sr:ReadFirmwareVersion/>", target=str(display), variant=1)
        assert code(answer) == "E11"
        assert Device.objects.get(device_id=display).smi_status == "PENDING"
    finally:
        Device.objects.filter(device_id=display).delete()


def test_the_rows_played_are_those_of_the_table():
    assert {line[0] for line in TABLE} | {17} == set(Row)


def test_both_answers_of_one_recovery_raise_one_n29_and_close_one_episode(home):
    home.suspend("ESME")
    home.hold("ESME")
    home.activate("ESME")
    home.read("ESME")
    home.converse()
    home.read("ESME")
    home.converse()
    assert home.state("ESME") == (COMMISSIONED, NEW, None)
    assert home.told("ESME", "N29") == receivers("ESME")
    episode = SuspensionEpisode.objects.filter(device_id=PREMISES["ESME"]).latest("pk")
    assert (episode.state, episode.ended_because) == ("RESTORED", "NEW_FIRMWARE")


def test_an_answer_after_its_time_out_restores_and_one_that_was_overtaken_does_not(home):
    home.list("ESME", OLD)
    home.suspend("ESME")
    home.read("ESME")
    home.network.send(home.at)
    home.network.send(home.at + HOUR)
    home.converse()
    assert (home.outcome(), home.state("ESME")[0]) == ("E21", COMMISSIONED)
    # A later question was answered first: what the Device said before it is the past.
    runs = home.state("ESME")[1]
    home.list("ESME", OLD)
    home.read("ESME")
    home.network.send(home.at)
    home.network.send(home.at + HOUR)
    DeviceCommand.objects.create(
        **{
            **DeviceCommand.objects.filter(state="TIMED_OUT").order_by("-pk").values().first(),
            "device_command_id": 77_000_000,
            "originator_counter": next(_counters),
            "state": "ANSWERED",
        }
    )
    home.converse()
    DeviceCommand.objects.filter(pk=77_000_000).delete()
    assert home.state("ESME")[1] == OLD != runs


# Every row of 9.1: SRV, Command Variant, whether a Suspended SMETS1 and SMETS2 meter takes it.
ADMISSION = [
    ("any Critical SR: 11.3", "11.3", 4, True, True),
    ("any Critical SR: 1.1.1", "1.1.1", 4, True, True),
    ("any Critical SR: 1.2.1", "1.2.1", 4, True, True),
    ("any Critical SR: 1.6", "1.6", 4, True, True),
    ("any Critical SR: 8.1.1", "8.1.1", 4, True, True),
    ("6.23", "6.23", 1, True, True),
    ("2.2 with CV 2", "2.2", 2, True, False),
    ("2.2 with CV 1", "2.2", 1, False, False),
    ("2.2 with CV 3", "2.2", 3, False, False),
    ("11.2", "11.2", 1, True, True),
    ("11.2 for local delivery", "11.2", 2, True, True),
    ("any other: 3.2", "3.2", 1, False, False),
    ("any other: 4.1.1", "4.1.1", 1, False, False),
]
CERTIFICATES = (
    "<sr:SupplierReplacementCertificates><sr:DigitalSigningCertificate>AAAA</sr:DigitalSigningCertificate>"
    "</sr:SupplierReplacementCertificates><sr:CertificationPathCertificates><sr:Certificate>AAAA</sr:Certificate>"
    "</sr:CertificationPathCertificates>"
)
BODIES = {
    "2.2": f"<sr:TopUpDevice><sr:UTRN>{'1' * 20}</sr:UTRN></sr:TopUpDevice>",
    "6.23": f"<sr:UpdateSecurityCredentialsCoS><sr:SupplierFloorSeqNumber>1</sr:SupplierFloorSeqNumber>{CERTIFICATES}"
    "<sr:ApplyTimeBasedCPVChecks>true</sr:ApplyTimeBasedCPVChecks><sr:ImportMPxN>1</sr:ImportMPxN>"
    "</sr:UpdateSecurityCredentialsCoS>",
    "11.3": f"<sr:ActivateFirmware><sr:FirmwareHash>{HASH.hex().upper()}</sr:FirmwareHash></sr:ActivateFirmware>",
    "8.1.1": "<sr:CommissionDeviceSynchroniseClock><sr:CurrentDateTime>2030-01-01T00:00:00Z</sr:CurrentDateTime>"
    "<sr:TolerancePeriod>10</sr:TolerancePeriod></sr:CommissionDeviceSynchroniseClock>",
    "3.2": "<sr:RestrictAccessForChangeOfTenancy><sr:RestrictionDateTime>2030-01-01T00:00:00Z</sr:RestrictionDateTime>"
    "</sr:RestrictAccessForChangeOfTenancy>",
}
SPECIFICATIONS = {Generation.SMETS1: "SMETS V1.58", Generation.SMETS2: "SMETS V5.1"}


def refusals(home, srv, variant, *, web=None):
    """Whether a Suspended ESME refuses with E5, of each generation, by what the door answers."""
    body = BODIES.get(srv, f"<sr:{expected_body(srv, command_variant=variant)}/>")
    found = []
    for specification in SPECIFICATIONS.values():
        home.list("ESME", home.state("ESME")[1], specification=specification, status="WITHDRAWN")
        Device.objects.filter(device_id=PREMISES["ESME"]).update(
            smi_status=SUSPENDED, status_before=COMMISSIONED
        )
        answer = code(home.ask(srv, body, target=PREMISES["ESME"], variant=variant, web=web))
        assert answer != "E100", srv
        found.append(answer == "E5")
    return found


@pytest.mark.parametrize("line", ADMISSION, ids=[line[0] for line in ADMISSION])
def test_a_suspended_device_is_asked_what_its_row_of_9_1_allows(home, line):
    _, srv, variant, *takes = line
    assert refusals(home, srv, variant) == [not allowed for allowed in takes]


def test_before_mp105_11_2_does_not_reach_a_suspended_device(home):
    with serving(SAFELAUNCH_MP105="0") as before:
        assert refusals(home, "11.2", 1, web=before) == [True, True]
        assert refusals(home, "11.3", 4, web=before) == [False, False]


def test_11_1_and_11_4_reach_suspended_devices_and_what_the_dcc_answers_asks_no_device(home):
    trust_users(firmware_scene.signing().der)
    firmware_scene.modernise()
    for name in ("ESME", "PPMID"):
        made = firmware_scene.release(name)
        Device.objects.filter(device_id=made.device_id).update(smi_status=SUSPENDED)
        answer = home.web.post("serviceD", firmware_scene.update(made, counter=next(_counters)))
        assert code(answer) == "I0", name
    body = f"<sr:ReadInventory><sr:DeviceID>{PREMISES['ESME']}</sr:DeviceID></sr:ReadInventory>"
    assert code(home.ask("8.2", body, target=str(pki.DSP), variant=8)) == "I0"
    for srv in ("8.3", "8.4", "12.2"):
        name = catalogue()[srv].body
        assert code(home.ask(srv, f"<sr:{name}/>", target=str(pki.DSP), variant=8)) != "E5"
