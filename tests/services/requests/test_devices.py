"""11.2 and 11.3 from the User's signed request to the Device's own message, through PostgreSQL and the simulator."""

import base64
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from safelaunch.domain.refusals import Unreachable
from safelaunch.domain.smi import Network
from safelaunch.domain.srv import WebService
from safelaunch.gateways import gbcs_keys
from safelaunch.services import events
from safelaunch.services.requests.received import Protection
from safelaunch.store.models import (
    CommunicationsHub,
    DeviceCertificate,
    DeviceCommand,
    DeviceMessage,
    OutgoingMessage,
    PlannedEvent,
    ServiceRequest,
)
from safelaunch.wire import csp, smki_devices
from safelaunch.wire.duis.envelope import read_response as read_envelope
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.duis.responses.alerts import DeviceAlert
from safelaunch.wire.duis.responses.content import (
    FutureDatedDeviceAlert,
    GbcsPayload,
    LocalCommand,
    PreCommand,
)
from safelaunch.wire.duis.xml import parse as parse_xml
from safelaunch.wire.gbcs import catalogue, security
from safelaunch.wire.gbcs.activation import ActivationAccepted, ActivationCode, FutureDatedActivationAlert
from safelaunch.wire.gbcs.message import build, parse
from safelaunch.wire.gbcs.tenancy import Ecs12Response, Gcs09Command, Gcs09Response
from tests import pki
from tests.device_network import FAULTLESS, LOSSY, device_network
from tests.services.requests import scene
from tests.services.requests.scene import AT, PREMISES, ask, read_version, said
from tests.unit.wire.duis.messages import SHARED, needs_shared, signed

pytestmark = pytest.mark.usefixtures("premises")

SEND, TRANSFORM = WebService.SEND_COMMAND, WebService.TRANSFORM
SOON = AT + timedelta(minutes=5)
HASH = bytes(range(32))
NEW = "0A0B0C0D"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_counters = count(5_000)


@pytest.fixture
def network(tmp_path):
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS) as opened:
        yield opened


@pytest.fixture
def lossy(tmp_path):
    with device_network(tmp_path, starts_at=AT, scenario=LOSSY) as opened:
        yield opened


def signing_pair(network, *, is_filed=True):
    """The key with which Alder signs GBCS messages; its certificate is filed here and known to Devices."""
    pair = gbcs_keys.load_or_create_supplier(network.keys_dir, eui=pki.SUPPLIER, agrees_keys=False)
    if is_filed:
        file_pair(network, "ds")
    return pair


def agreement_pair(network):
    pair = gbcs_keys.load_or_create_supplier(network.keys_dir, eui=pki.SUPPLIER, agrees_keys=True)
    file_pair(network, "ka")
    return pair


def file_pair(network, kind):
    pem = (network.keys_dir / f"org-{pki.SUPPLIER}-{kind}.crt.pem".lower()).read_bytes()
    scene.certificates.import_certificates(files=[pem], actor=scene.ACTOR, at=AT)


def converse(network, *, until=SOON):
    """Send what is due, let Devices answer, and take that in."""
    network.send(AT)
    brought = network.pass_time(until)
    network.take_in(until)
    return brought


def told():
    """What Users are told, oldest first."""
    rows = OutgoingMessage.objects.order_by("pk")
    if (schema := scene.official_schema()) is not None:
        for row in rows:
            schema.check(parse_xml(bytes(row.octets)))
    return [read_response(read_envelope(parse_xml(bytes(row.octets)))) for row in rows]


def only_command():
    return DeviceCommand.objects.get()


def effects():
    return list(DeviceMessage.objects.order_by("number").values_list("effect", flat=True))


def jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.parametrize("device", list(PREMISES))
def test_every_device_is_asked_in_its_own_form_and_its_message_is_the_outcome(network, device):
    response = ask(read_version(PREMISES[device], counter=77, by=owner_of(device)), service=SEND)
    assert (response.response_code, only_command().state) == ("I99", "WAITING")
    assert "SEND_DEVICE_COMMANDS" in jobs()
    converse(network, until=AT + HOUR)
    (reply,) = told()
    assert (reply.code, reply.request_id.counter) == ("I0", 77)
    assert reply.response_id == reply.request_id.answered()
    message = catalogue.read(reply.message.content.octets)
    assert len(message.payload.firmware_version) == 8
    assert message.header.originator_id == reply.request_id.target
    assert message.header.supplementary.remote_party_counter == 77
    assert (only_command().state, effects()) == ("ANSWERED", ["ANSWERED"])
    assert DeviceMessage.objects.get().is_verified
    assert ServiceRequest.objects.get().state == "COMPLETED"


def test_a_command_for_next_month_keeps_no_other_command_of_its_network_waiting():
    later = "<sr:ReadFirmwareVersion><sr:ExecutionDateTime>2030-01-25T12:00:00Z</sr:ExecutionDateTime></sr:ReadFirmwareVersion>"
    assert (
        ask(scene.request("11.2", later, target=PREMISES["ESME"], variant=1), service=SEND).response_code
        == "I99"
    )
    assert ask(read_version(), service=SEND).response_code == "I99"
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
        assert cursor.fetchone() == ("SEND_DEVICE_COMMANDS",)


def owner_of(device):
    return pki.other_supplier() if device in ("GSME", "GPF") else pki.supplier()


def test_a_supplier_whose_key_is_filed_speaks_for_itself_and_alone_can_check_the_answer(network):
    pair = agreement_pair(network)
    ask(read_version(counter=78), service=SEND)
    converse(network)
    envelope = parse(told()[0].message.content.octets)
    assert (envelope.header.target_id, envelope.header.originator_counter) == (pki.SUPPLIER, 78)
    assert DeviceMessage.objects.get().is_verified is False
    der = next(DeviceCertificate.objects.filter(use="KEY_AGREEMENT").values_list("der", flat=True).iterator())
    device_key = smki_devices.read_device_certificate(bytes(der)).public_key
    security.verify_mac(envelope, own_key=pair.key, other_key=device_key)


def activation(*, counter, execution=None, by=None):
    when = "" if execution is None else f"<sr:ExecutionDateTime>{execution}</sr:ExecutionDateTime>"
    body = f"<sr:ActivateFirmware>{when}<sr:FirmwareHash>{HASH.hex().upper()}</sr:FirmwareHash></sr:ActivateFirmware>"
    return scene.request("11.3", body, target=PREMISES["ESME"], variant=4, counter=counter, by=by)


def signed_pre_command(gbcs, *, counter, target=PREMISES["ESME"], by=None, variant=5):
    text = base64.b64encode(gbcs).decode()
    body = f"<sr:SignedPreCommand><sr:GBCSPayload>{text}</sr:GBCSPayload></sr:SignedPreCommand>"
    return scene.request("11.3", body, target=target, variant=variant, counter=counter, by=by)


def pre_command(*, counter, execution=None):
    """Ask for a Pre-Command and give its octets."""
    taken = scene.accept(activation(counter=counter, execution=execution), service=TRANSFORM)
    reply = read_response(said(scene.process(taken)))
    assert isinstance(reply.message.content, PreCommand)
    return reply.message.content.gbcs_payload


def activate(network, *, execution=None, pair=None):
    """Go to and fro as a User does, and give the code that the signed command is answered with."""
    counter = next(_counters)
    pair = pair or signing_pair(network)
    signed = security.sign(parse(pre_command(counter=counter, execution=execution)), key=pair.key)
    return ask(signed_pre_command(build(signed), counter=counter), service=SEND).response_code


def test_an_activation_goes_to_and_fro_and_ends_with_the_device_s_signed_outcome(network):
    network.hold(PREMISES["ESME"], image_hash=HASH, version=NEW, at=AT)
    assert activate(network) == "I99"
    converse(network)
    alert, reply = told()
    outcome = catalogue.read(reply.message.content.octets).payload
    assert (outcome.code, outcome.firmware_version) == (ActivationCode.SUCCESS, NEW)
    assert isinstance(alert.message, DeviceAlert)
    assert alert.message.code.hex() == "8f72"
    assert effects() == ["ALERTED", "ANSWERED"]
    assert PlannedEvent.objects.get().kind == "ACTIVATION"


@needs_shared
@pytest.mark.parametrize("name", ["IMMEDIATE_SUCCESS", "FUTURE_DATED_SUCCESS", "CANCELLATION_SUCCESS"])
def test_a_pre_command_is_that_of_the_reference_test_data_octet_for_octet(name):
    asked = (SHARED / "rtds" / f"CS06_11.3_{name}_REQUEST_DUIS.XML").read_bytes()
    vector = (SHARED.parent / "gbcs" / "11.3_CS06" / f"CS06_11.3_{name}_PRECOMMAND_GBCS.HEX").read_text()
    message = signed(asked, by=pki.supplier())
    # What is signed here is that of the field, whose counters are no times, and which may lie in the past.
    taken = scene.accept(message, service=TRANSFORM, at=AT - DAY, are_counters_times=False)
    reply = read_response(said(scene.process(taken, at=AT - DAY)))
    assert reply.message.content.gbcs_payload == bytes.fromhex("".join(vector.split()))


@needs_shared
@pytest.mark.parametrize(
    ("device", "folder", "name"),
    [("ESME", "11.2_ECS52", "ECS52_11.2_SUCCESS"), ("GSME", "11.2_GCS38", "GCS38_11.2_SUCCESS")],
)
def test_a_supplier_s_question_is_that_of_the_reference_test_data_but_for_its_mac(
    network, device, folder, name
):
    agreement_pair(network)
    CommunicationsHub.objects.update(gas_party_id=F("import_party_id"))
    ask(read_version(PREMISES[device], counter=1_000), service=SEND, are_counters_times=False)
    vector = (SHARED.parent / "gbcs" / folder / f"{name}_COMMAND_GBCS.HEX").read_text()
    expected = parse(bytes.fromhex("".join(vector.split())))
    queued = parse(bytes(only_command().gbcs))
    assert (queued.header, queued.payload) == (expected.header, expected.payload)


def restriction(device, **more):
    body = (
        "<sr:RestrictAccessForChangeOfTenancy><sr:RestrictionDateTime>2014-03-27T15:45:32.00Z"
        "</sr:RestrictionDateTime></sr:RestrictAccessForChangeOfTenancy>"
    )
    return scene.request("3.2", body, target=PREMISES[device], variant=1, **more)


def test_an_esme_hides_what_came_before_a_tenancy_and_says_so(network):
    assert ask(restriction("ESME"), service=SEND).response_code == "I99"
    converse(network)
    payload = catalogue.read(told()[0].message.content.octets).payload
    assert isinstance(payload, Ecs12Response)
    assert payload.result == 0


@needs_shared
def test_the_change_of_tenancy_is_that_of_the_reference_test_data_but_for_its_mac(network):
    agreement_pair(network)
    ask(restriction("ESME", counter=1_000), service=SEND, are_counters_times=False)
    vector = (SHARED.parent / "gbcs" / "3.2_ECS12" / "ECS12_3.2_SUCCESS_COMMAND_GBCS.HEX").read_text()
    expected = parse(bytes.fromhex("".join(vector.split())))
    queued = parse(bytes(only_command().gbcs))
    assert (queued.header, queued.payload) == (expected.header, expected.payload)


def test_a_gpf_hides_what_came_before_a_tenancy_and_says_so(network):
    CommunicationsHub.objects.update(gas_party_id=F("import_party_id"))
    assert ask(restriction("GPF"), service=SEND).response_code == "I99"
    asked = catalogue.open_envelope(parse(bytes(only_command().gbcs))).payload
    assert asked == Gcs09Command(made_at=AT, restricted_at=datetime(2014, 3, 27, 15, 45, 32, tzinfo=UTC))
    converse(network)
    assert catalogue.read(told()[0].message.content.octets).payload == Gcs09Response()


def test_a_future_dated_activation_is_promised_and_the_device_s_alert_follows_it(network):
    network.hold(PREMISES["ESME"], image_hash=HASH, version=NEW, at=AT)
    execution = AT + 2 * DAY
    assert activate(network, execution=f"{execution:%Y-%m-%dT%H:%M:%SZ}") == "I99"
    converse(network)
    assert only_command().state == "PROMISED"
    network.pass_time(AT + 3 * DAY)
    network.take_in(AT + 3 * DAY)
    _, promised, kept = told()
    assert catalogue.read(promised.message.content.octets).payload == ActivationAccepted()
    assert isinstance(kept.message.content, FutureDatedDeviceAlert)
    assert (kept.message.content.alert_code, kept.request_id) == ("8F66", promised.request_id)
    payload = catalogue.read(kept.message.content.gbcs_payload).payload
    assert isinstance(payload, FutureDatedActivationAlert)
    assert payload.outcome.firmware_version == NEW
    assert only_command().state == "ANSWERED"
    assert PlannedEvent.objects.get().planned_from == execution


def test_a_cancellation_takes_back_the_promise_and_the_plan(network):
    network.hold(PREMISES["ESME"], image_hash=HASH, version=NEW, at=AT)
    activate(network, execution=f"{AT + 2 * DAY:%Y-%m-%dT%H:%M:%SZ}")
    converse(network)
    assert activate(network, execution="3000-12-31T00:00:00.00Z") == "I99"
    converse(network, until=AT + HOUR)
    assert [command.state for command in DeviceCommand.objects.order_by("pk")] == ["CANCELLED", "ANSWERED"]
    assert PlannedEvent.objects.get().cancelled_at is not None
    network.pass_time(AT + 3 * DAY)
    network.take_in(AT + 3 * DAY)
    assert [
        type(reply.message.content) for reply in told() if not isinstance(reply.message, DeviceAlert)
    ] == [
        GbcsPayload,
        GbcsPayload,
    ]


def test_what_was_signed_has_to_be_what_was_given_out(network):
    pair, counter = signing_pair(network), next(_counters)
    given = parse(pre_command(counter=counter))
    other = type(given)(given.header, given.payload.replace(HASH, bytes(32)), None, None)
    response = ask(
        signed_pre_command(build(security.sign(other, key=pair.key)), counter=counter), service=SEND
    )
    assert response.response_code == "E13"
    assert not DeviceCommand.objects.exists()


def test_octets_that_are_no_gbcs_are_not_what_was_given_out(network):
    counter = next(_counters)
    pre_command(counter=counter)
    assert ask(signed_pre_command(b"\x00\x01", counter=counter), service=SEND).response_code == "E13"


def test_a_signature_of_another_key_or_of_one_that_is_not_filed_is_refused(network):
    stranger = gbcs_keys.load_or_create_supplier(network.keys_dir, eui=pki.OTHER_SUPPLIER, agrees_keys=False)
    unfiled = signing_pair(network, is_filed=False)
    assert activate(network, pair=unfiled) == "E65"
    signing_pair(network)
    assert activate(network, pair=stranger) == "E65"
    assert not DeviceCommand.objects.exists()


def test_an_answer_that_is_lost_is_told_as_such_once_and_the_device_has_acted(lossy):
    lossy.hold(PREMISES["ESME"], image_hash=HASH, version=NEW, at=AT)
    activate(lossy)
    converse(lossy)
    assert only_command().state == "SENT"
    late = only_command().expires_at
    for _ in range(2):
        lossy.send(late)
    codes = [reply.code for reply in told() if not isinstance(reply.message, DeviceAlert)]
    assert (codes, only_command().state) == (["E21"], "TIMED_OUT")
    assert lossy.carrier.devices._devices[only_command().device_id].firmware_version == NEW


def test_an_answer_after_the_time_out_is_kept_and_told_to_nobody(network):
    ask(read_version(), service=SEND)
    network.send(AT)
    network.send(only_command().expires_at)
    network.pass_time(AT + HOUR)
    network.take_in(AT + HOUR)
    assert [reply.code for reply in told()] == ["E21"]
    message = DeviceMessage.objects.get()
    assert (message.effect, message.device_command_id) == ("LATE", only_command().pk)


def test_a_message_is_judged_once_however_often_it_comes(network):
    ask(read_version(), service=SEND)
    (batch,) = converse(network)
    body = csp.write(batch)
    receipt = bring(batch, body)
    assert (receipt.new, receipt.messages) == (0, 0)
    assert network.take_in(SOON) == 0
    assert len(told()) == 1


def bring(batch, body):
    return events.take_in(batch=batch, body=body, at=SOON)


def test_a_second_answer_to_one_command_settles_nothing(network):
    ask(read_version(), service=SEND)
    (batch,) = converse(network)
    (message,) = batch.messages
    again = csp.EventBatch(
        network=batch.network,
        batch=99,
        events=[],
        messages=[
            csp.DeviceMessage(
                number=message.number + 100,
                device_id=message.device_id,
                gbcs=message.gbcs,
                happened_at=message.happened_at,
            )
        ],
    )
    assert bring(again, csp.write(again)).messages == 1
    network.take_in(SOON)
    assert effects() == ["ANSWERED", "LATE"]
    assert len(told()) == 1


def doubtful(network):
    """An answer of a Device, and everything that could be wrong with one."""
    ask(read_version(), service=SEND)
    network.send(AT)
    network.carrier.move_clock(int(SOON.timestamp() * 1000), remembered=True)
    while network.carrier.drain() is not None:
        continue
    (message,) = csp.read(network.carrier.next_batch()[1], csp.EventBatch).messages
    return message


@pytest.mark.parametrize(
    ("change", "effect"),
    [
        (lambda _: {"gbcs": b"\x00\x01"}, "UNREADABLE"),
        (lambda m: {"gbcs": m.gbcs[:-1] + bytes([m.gbcs[-1] ^ 1])}, "UNTRUSTED"),
        (lambda _: {"device_id": PREMISES["CHF"]}, "UNTRUSTED"),
        (lambda _: {"device_id": "00-00-00-00-00-00-00-01"}, "UNTRUSTED"),
        (lambda m: {"gbcs": build(unprotected(m))}, "UNTRUSTED"),
    ],
    ids=["nonsense", "another MAC", "another Device", "nobody's", "no MAC"],
)
def test_what_cannot_be_believed_is_kept_with_the_reason_and_answers_nothing(network, change, effect):
    message = doubtful(network)
    changed = csp.DeviceMessage(
        **{
            "number": 7,
            "device_id": message.device_id,
            "gbcs": message.gbcs,
            "happened_at": message.happened_at,
            "command_id": message.command_id,
            **change(message),
        }
    )
    batch = csp.EventBatch(network=Network.SOUTH, batch=7, events=[], messages=[changed])
    bring(batch, csp.write(batch))
    network.take_in(SOON)
    assert effects() == [effect]
    assert (only_command().state, told()) == ("SENT", [])


def unprotected(message):
    envelope = parse(message.gbcs)
    return type(envelope)(envelope.header, envelope.payload, b"", None)


def test_an_answer_to_nothing_that_was_asked_is_kept(network):
    message = doubtful(network)
    DeviceCommand.objects.update(originator_counter=999_999)
    batch = csp.EventBatch(network=Network.SOUTH, batch=7, events=[], messages=[message])
    bring(batch, csp.write(batch))
    network.take_in(SOON)
    assert effects() == ["UNMATCHED"]


def test_a_read_for_later_waits_here_and_can_be_taken_back(network):
    later = AT + DAY
    body = f"<sr:ReadFirmwareVersion><sr:ExecutionDateTime>{later:%Y-%m-%dT%H:%M:%SZ}</sr:ExecutionDateTime>"
    message = scene.request("11.2", f"{body}</sr:ReadFirmwareVersion>", target=PREMISES["ESME"], variant=1)
    assert ask(message, service=SEND).response_code == "I99"
    assert network.send(AT + HOUR) == 0
    assert PlannedEvent.objects.get().planned_from == later
    cancel = "<sr:ReadFirmwareVersion><sr:ExecutionDateTime>3000-12-31T00:00:00Z</sr:ExecutionDateTime>"
    message = scene.request("11.2", f"{cancel}</sr:ReadFirmwareVersion>", target=PREMISES["ESME"], variant=1)
    assert ask(message, service=SEND, at=AT + HOUR).response_code == "I0"
    assert (only_command().state, [reply.code for reply in told()]) == ("CANCELLED", ["E30"])
    assert PlannedEvent.objects.get().cancelled_at == AT + HOUR
    assert network.send(later) == 0


def test_a_read_for_later_goes_when_its_time_has_come(network):
    later = AT + DAY
    body = f"<sr:ReadFirmwareVersion><sr:ExecutionDateTime>{later:%Y-%m-%dT%H:%M:%SZ}</sr:ExecutionDateTime>"
    message = scene.request("11.2", f"{body}</sr:ReadFirmwareVersion>", target=PREMISES["ESME"], variant=1)
    ask(message, service=SEND)
    assert network.send(later) == 1
    network.pass_time(later + HOUR)
    network.take_in(later + HOUR)
    assert [reply.code for reply in told()] == ["I0"]


def test_a_network_that_does_not_answer_loses_nothing_and_sending_again_has_no_second_effect(network):
    ask(read_version(), service=SEND)
    network.is_up = False
    with pytest.raises(Unreachable):
        network.send(AT)
    assert only_command().state == "WAITING"
    network.is_up = True
    network.send(AT)
    DeviceCommand.objects.update(state="WAITING")
    network.send(AT)
    first, second = network.batches
    assert first == second
    network.pass_time(SOON)
    network.take_in(SOON)
    assert len(told()) == 1


def test_a_device_that_its_network_does_not_know_is_told_as_undelivered(network):
    ask(read_version(), service=SEND)
    DeviceCommand.objects.update(hub_device_id="00-00-00-00-00-00-00-01")
    network.send(AT)
    assert ([reply.code for reply in told()], only_command().state) == (["E20"], "UNDELIVERED")


def test_a_device_without_a_believed_certificate_gets_no_command(network):
    ask(read_version(), service=SEND)
    for path in network.keys_dir.glob("device-authority-*"):
        path.unlink()
    network.send(AT)
    assert ([reply.code for reply in told()], network.batches) == (["E20"], [])


def test_certificates_are_asked_for_once(network):
    for _ in range(3):
        ask(read_version(), service=SEND)
        converse(network)
    assert network.asked_certificates == 1


def ask_with_keys(network, message, *, service):
    """Ask where the keys are at hand with which commands for local delivery are protected."""
    return ask(message, service=service, protection=Protection(network.link.broker, network.link.repository))


def local_command(response):
    """The octets that the User is to deliver in person."""
    content = read_response(response).message.content
    assert isinstance(content, LocalCommand)
    return content.gbcs_payload


def is_believed(network, gbcs):
    """Whether the Device would act on a command that came by hand."""
    facts = network.register.find(parse(gbcs).header.target_id)
    return network.speech.understand(gbcs, facts=facts) is not None


LOCAL_QUESTIONS = {
    "11.2": "<sr:ReadFirmwareVersion/>",
    "3.2": (
        "<sr:RestrictAccessForChangeOfTenancy><sr:RestrictionDateTime>2014-03-27T15:45:32.00Z"
        "</sr:RestrictionDateTime></sr:RestrictAccessForChangeOfTenancy>"
    ),
}


@pytest.mark.parametrize("srv", LOCAL_QUESTIONS)
def test_a_command_for_local_delivery_comes_back_at_once_and_its_device_believes_it(network, srv):
    message = scene.request(srv, LOCAL_QUESTIONS[srv], target=PREMISES["ESME"], variant=2)
    response = ask_with_keys(network, message, service=WebService.NON_DEVICE)
    assert response.response_code == "I0"
    assert is_believed(network, local_command(response))
    assert not DeviceCommand.objects.exists()
    message = scene.request(srv, LOCAL_QUESTIONS[srv], target=PREMISES["ESME"], variant=3)
    response = ask_with_keys(network, message, service=SEND)
    assert response.response_code == "I99"
    assert is_believed(network, local_command(response))
    converse(network)
    assert [(one.code, one.request_id.counter) for one in told()] == [("I0", response.request_id.counter)]


@pytest.mark.parametrize(("variant", "service", "code"), [(6, WebService.NON_DEVICE, "I0"), (7, SEND, "I99")])
def test_a_signed_activation_is_the_user_s_to_deliver(network, variant, service, code):
    pair, counter = signing_pair(network), next(_counters)
    signed_by_user = security.sign(parse(pre_command(counter=counter)), key=pair.key)
    message = signed_pre_command(build(signed_by_user), counter=counter, variant=variant)
    response = ask_with_keys(network, message, service=service)
    assert response.response_code == code
    found = local_command(response)
    assert is_believed(network, found)
    assert parse(found).signature == signed_by_user.signature
    assert DeviceCommand.objects.count() == (variant == 7)
    assert PlannedEvent.objects.get().kind == "ACTIVATION"


def test_what_is_delivered_in_person_is_for_now(network):
    when = f"<sr:ExecutionDateTime>{AT + DAY:%Y-%m-%dT%H:%M:%SZ}</sr:ExecutionDateTime>"
    body = f"<sr:ReadFirmwareVersion>{when}</sr:ReadFirmwareVersion>"
    for variant, service in ((2, WebService.NON_DEVICE), (3, SEND)):
        message = scene.request("11.2", body, target=PREMISES["ESME"], variant=variant)
        assert ask_with_keys(network, message, service=service).response_code == "E17"
    pair, counter = signing_pair(network), next(_counters)
    later = f"{AT + DAY:%Y-%m-%dT%H:%M:%SZ}"
    signed_by_user = security.sign(parse(pre_command(counter=counter, execution=later)), key=pair.key)
    message = signed_pre_command(build(signed_by_user), counter=counter, variant=6)
    assert ask_with_keys(network, message, service=WebService.NON_DEVICE).response_code == "E17"
    assert not PlannedEvent.objects.exists()


def test_a_device_without_a_certificate_cannot_be_spoken_to_in_person(network):
    message = scene.request("11.2", "<sr:ReadFirmwareVersion/>", target=PREMISES["ESME"], variant=2)
    assert ask(message).response_code == "E48"


def test_a_time_that_gbcs_cannot_write_is_refused(network):
    message = activation(counter=next(_counters), execution="2030-01-15T09:00:00.25Z")
    assert ask(message, service=TRANSFORM).response_code == "E17"


def test_the_number_of_statements_does_not_grow_with_the_number_of_messages(network):
    def run(questions, at):
        for _ in range(questions):
            ask(read_version(), service=SEND, at=at)
        network.send(at)
        network.pass_time(at + HOUR)
        with CaptureQueriesContext(connection) as counted:
            assert network.take_in(at + HOUR) == questions
        return len(counted)

    run(1, AT)
    assert run(2, AT + DAY) == run(9, AT + 2 * DAY)
