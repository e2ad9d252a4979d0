"""6.23 from the gaining Supplier's signed request to the Device that obeys it, through PostgreSQL and the simulator."""

import base64
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.srv import WebService
from safelaunch.gateways import gbcs_keys
from safelaunch.services import handovers
from safelaunch.services.requests.received import Protection
from safelaunch.store.models import (
    CommunicationsHub,
    Device,
    DeviceCommand,
    InventoryChange,
    OutgoingMessage,
    PartyUser,
    PlannedEvent,
    Tenancy,
)
from safelaunch.wire import smki_devices
from safelaunch.wire.duis.envelope import read_response as read_envelope
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.duis.responses.alerts import ChangeOfSupplier, DccAlert
from safelaunch.wire.duis.responses.content import FutureDatedDeviceAlert
from safelaunch.wire.duis.xml import parse as parse_xml
from safelaunch.wire.gbcs import catalogue, security
from safelaunch.wire.gbcs.credentials import Cell
from safelaunch.wire.gbcs.message import build, parse
from tests import pki
from tests.device_network import FAULTLESS, device_network
from tests.services.registration_scene import register
from tests.services.requests import scene
from tests.services.requests.scene import AT, PREMISES, ask

pytestmark = pytest.mark.usefixtures("premises")

COS_PARTY = Eui64.parse("90-B3-D5-1F-30-00-00-04")
BIRCH = 2
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_counters = count(9_000)


@pytest.fixture
def network(tmp_path):
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS) as opened:
        yield opened


@pytest.fixture(autouse=True)
def registered_to_birch(premises):
    """Birch Power, which has the gas, is registered for the electricity too; the ESME still obeys Alder Energy."""
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(import_party_id=BIRCH)
    PartyUser.objects.filter(user_id=pki.OTHER_SUPPLIER).delete()
    PartyUser.objects.create(user_id=pki.OTHER_SUPPLIER, role="IS", party_id=BIRCH, duis_version="5.4")


def der_of(network, eui, *, agrees_keys):
    gbcs_keys.load_or_create_supplier(network.keys_dir, eui=eui, agrees_keys=agrees_keys)
    name = f"org-{eui}-{'ka' if agrees_keys else 'ds'}.crt.pem".lower()
    pem = (network.keys_dir / name).read_bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def path_of(network):
    """A certificate for the key with which the demonstration's certificates are issued."""
    key = load_pem_private_key((network.keys_dir / "authority.pem").read_bytes(), None)
    issued = x509.load_der_x509_certificate(der_of(network, pki.OTHER_SUPPLIER, agrees_keys=False))
    builder = x509.CertificateBuilder().subject_name(issued.issuer).issuer_name(issued.issuer)
    builder = builder.public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(datetime(2018, 1, 1, tzinfo=UTC))
    certificate = builder.not_valid_after(datetime(2118, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    return certificate.public_bytes(Encoding.DER)


def change(network, *, at=AT, holder=pki.OTHER_SUPPLIER, **more):
    """A 6.23 of Birch Power's for the ESME; `more` replaces parts of its body."""
    parts = {
        "signing": der_of(network, holder, agrees_keys=False),
        "agreement": der_of(network, holder, agrees_keys=True),
        "path": path_of(network),
        "mpxn": Device.objects.get(device_id=PREMISES["ESME"]).mpxn,
        "execution": None,
    } | more
    octets = {
        name: base64.b64encode(part).decode() for name, part in parts.items() if isinstance(part, bytes)
    }
    when = f"<sr:ExecutionDateTime>{parts['execution']}</sr:ExecutionDateTime>" if parts["execution"] else ""
    body = (
        f"<sr:UpdateSecurityCredentialsCoS>{when}<sr:SupplierFloorSeqNumber>5</sr:SupplierFloorSeqNumber>"
        f"<sr:SupplierReplacementCertificates>"
        f"<sr:DigitalSigningCertificate>{octets['signing']}</sr:DigitalSigningCertificate>"
        f"<sr:KeyAgreementCertificate>{octets['agreement']}</sr:KeyAgreementCertificate>"
        f"</sr:SupplierReplacementCertificates><sr:CertificationPathCertificates>"
        f"<sr:Certificate>{octets['path']}</sr:Certificate></sr:CertificationPathCertificates>"
        f"<sr:ApplyTimeBasedCPVChecks>true</sr:ApplyTimeBasedCPVChecks>"
        f"<sr:ImportMPxN>{parts['mpxn']}</sr:ImportMPxN></sr:UpdateSecurityCredentialsCoS>"
    )
    message = scene.request(
        "6.23",
        body,
        target=PREMISES["ESME"],
        variant=1,
        counter=next(_counters),
        by=pki.other_supplier(),
    )
    cos_party = gbcs_keys.load_or_create_cos_party(network.keys_dir, eui=COS_PARTY)
    protection = Protection(network.link.broker, network.link.repository, cos_party)
    return ask(message, service=WebService.SEND_COMMAND, at=at, protection=protection).response_code


def converse(network, *, until, at=AT):
    network.send(at)
    network.pass_time(until)
    network.take_in(until)


def told():
    """What Users are told, oldest first: to whom, and what; the official schema allows all of it."""
    rows = list(OutgoingMessage.objects.order_by("pk"))
    if (schema := scene.official_schema()) is not None:
        for row in rows:
            schema.check(parse_xml(bytes(row.octets)))
    return [(row.user_id, read_response(read_envelope(parse_xml(bytes(row.octets))))) for row in rows]


def alerts():
    return [
        (user_id, reply.message.code, reply.message.body)
        for user_id, reply in told()
        if isinstance(reply.message, DccAlert)
    ]


def test_a_device_obeys_the_supplier_that_asks_and_both_are_told(network):
    assert change(network) == "I99"
    command = DeviceCommand.objects.get()
    message = catalogue.open_envelope(parse(bytes(command.gbcs)))
    assert (command.originator, message.header.originator_id) == (COS_PARTY, COS_PARTY)
    assert [one.cell for one in message.payload.replacements] == [Cell.SIGNING, Cell.AGREEMENT]
    assert (message.payload.floor, message.payload.counter) == (5, command.device_command_id)
    converse(network, until=AT + HOUR)
    (gaining, reply), *_ = told()
    outcome = catalogue.read(reply.message.content.octets).payload.outcome
    assert (gaining, reply.code, outcome.has_succeeded) == (pki.OTHER_SUPPLIER, "I0", True)
    (to_birch, first, gained), (to_alder, second, lost), *updated = alerts()
    assert (to_birch, first, to_alder, second) == (pki.OTHER_SUPPLIER, "N26", pki.SUPPLIER, "N27")
    assert gained == ChangeOfSupplier(request_id=reply.request_id)
    assert (str(lost.device.device_id), lost.device.device_type) == (PREMISES["ESME"], "ESME")
    assert lost.device.mpxns.import_mpxn == Device.objects.get(device_id=PREMISES["ESME"]).mpxn
    assert [(user_id, code) for user_id, code, _ in updated] == [
        (pki.OTHER_SUPPLIER, "N42"),
        (pki.SUPPLIER, "N42"),
    ]
    credentials = updated[0][2]
    assert (credentials.role, credentials.floors.floor, len(credentials.certificates)) == ("Supplier", 5, 2)
    kept = InventoryChange.objects.get()
    assert (kept.before, kept.after, kept.party_id) == (str(pki.SUPPLIER), str(pki.OTHER_SUPPLIER), BIRCH)
    assert PlannedEvent.objects.get().kind == "CHANGE_OF_SUPPLIER"
    tenancy = Tenancy.objects.get()
    assert (str(tenancy.hub_device_id), tenancy.epoch) == (PREMISES["CHF"], 1)
    assert tenancy.cause == "CHANGE_OF_SUPPLIER"
    assert AT <= tenancy.began_at <= AT + HOUR


def test_certificates_of_another_user_id_of_the_same_party_begin_no_tenancy(network):
    PartyUser.objects.filter(user_id=pki.SUPPLIER).update(party_id=BIRCH)
    assert change(network) == "I99"
    converse(network, until=AT + HOUR)
    assert DeviceCommand.objects.get().state == "ANSWERED"
    assert not Tenancy.objects.exists()


def test_whose_a_device_is_follows_from_registrations_and_not_from_this_request(network):
    change(network)
    converse(network, until=AT + HOUR)
    hub = CommunicationsHub.objects.get(device_id=PREMISES["CHF"])
    assert hub.import_party_id == BIRCH
    CommunicationsHub.objects.update(import_party_id=1)
    assert change(network) == "E4"


def test_one_that_is_for_later_is_promised_and_its_alert_tells_both(network):
    later = AT + 2 * DAY
    assert change(network, execution=f"{later:%Y-%m-%dT%H:%M:%SZ}") == "I99"
    converse(network, until=AT + HOUR)
    assert (DeviceCommand.objects.get().state, alerts()) == ("PROMISED", [])
    network.pass_time(AT + 3 * DAY)
    network.take_in(AT + 3 * DAY)
    contents = [reply.message.content for _, reply in told() if not isinstance(reply.message, DccAlert)]
    assert isinstance(contents[-1], FutureDatedDeviceAlert)
    assert contents[-1].alert_code == "8F66"
    assert [code for _, code, _ in alerts()] == ["N26", "N27", "N42", "N42"]
    assert DeviceCommand.objects.get().state == "ANSWERED"
    assert Tenancy.objects.get().began_at == later


def test_one_that_is_for_later_is_taken_back(network):
    assert change(network, execution=f"{AT + 2 * DAY:%Y-%m-%dT%H:%M:%SZ}") == "I99"
    converse(network, until=AT + HOUR)
    assert change(network, execution="3000-12-31T00:00:00Z", at=AT + HOUR) == "I99"
    converse(network, until=AT + 2 * HOUR, at=AT + HOUR)
    network.pass_time(AT + 3 * DAY)
    assert network.take_in(AT + 3 * DAY) == 0
    assert alerts() == []
    assert sorted(DeviceCommand.objects.values_list("state", flat=True)) == ["ANSWERED", "CANCELLED"]
    assert PlannedEvent.objects.get().cancelled_at == AT + HOUR


def test_what_the_cos_party_has_against_a_change_has_its_code(network):
    other_key = der_of(network, pki.OTHER_SUPPLIER, agrees_keys=True)
    stranger = smki_devices.issue_authority(
        key=pki.identity(pki.SUPPLIER, serial=77).key, valid_from=pki.ISSUED
    )
    refused = {
        "E062301": {"mpxn": "1312345678333"},
        "E062302": {"signing": other_key},
        "E062303": {"holder": pki.SUPPLIER},
        "E062304": {"path": x509.load_pem_x509_certificate(stranger).public_bytes(Encoding.DER)},
        "E17": {"execution": f"{AT + DAY:%Y-%m-%dT%H:%M:%S}.25Z"},
    }
    for code, parts in refused.items():
        assert change(network, **parts) == code
    assert change(network, signing=b"\x30\x00") == "E062302"
    assert change(network, path=b"\x30\x00") == "E062304"
    assert not DeviceCommand.objects.exists()


def test_a_device_believes_nobody_but_the_cos_party(network):
    change(network)
    (queued,) = DeviceCommand.objects.all()
    pair = gbcs_keys.load_or_create_supplier(network.keys_dir, eui=pki.OTHER_SUPPLIER, agrees_keys=False)
    forged = security.sign(parse(bytes(queued.gbcs)), key=pair.key)
    DeviceCommand.objects.update(gbcs=build(forged))
    converse(network, until=AT + HOUR)
    assert told() == []


def test_the_gaining_supplier_is_heard_from_the_instant_of_its_registration_on(network):
    hub = Eui64.parse(PREMISES["CHF"])
    CommunicationsHub.objects.filter(device_id=hub).update(import_party_id=1)
    register(hub, "IS", BIRCH, at=AT + DAY)
    assert change(network, at=AT + HOUR) == "E4"
    assert handovers.take_effect(at=AT + DAY) == 1
    assert change(network, at=AT + DAY) == "I99"
    converse(network, at=AT + DAY, until=AT + DAY + HOUR)
    assert {"N26", "N27", "N42"} <= set(OutgoingMessage.objects.values_list("code", flat=True))
