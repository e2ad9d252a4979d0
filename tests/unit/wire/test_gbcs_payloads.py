"""Each firmware payload has the octets of its use case, and anything else is refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.gbcs import activation, alerts, tenancy, versions
from safelaunch.wire.gbcs.catalogue import (
    GbcsMessage,
    MessageCode,
    OpaquePayload,
    enclose,
    open_envelope,
    read,
    write,
)
from safelaunch.wire.gbcs.message import GroupingHeader, MessageKind
from safelaunch.wire.gbcs.octets import MalformedGbcs
from safelaunch.wire.gbcs.times import CANCELLED_AT, DlmsTime

AT = datetime(2026, 3, 2, 21, 0, 5, tzinfo=UTC)
AT_DER = b"20260302210005Z".hex()
HASH = bytes(range(32))
DEVICE = Eui64.parse("00-DB-12-34-56-78-90-A4")
OUTCOME = activation.ActivationOutcome(activation.ActivationCode.HASH_MISMATCH, "00A1B2C3")

PAYLOADS = [
    (activation.ActivateFirmware(HASH, 300), f"3026 0420 {HASH.hex()} 0202 012C"),
    (activation.ActivateFirmware(HASH, 300, AT), f"3037 0420 {HASH.hex()} 0202 012C 180F {AT_DER}"),
    (OUTCOME, "3009 020102 0404 00A1B2C3"),
    (activation.ActivationAccepted(), "0500"),
    (
        activation.FutureDatedActivationAlert(activation.FutureDatedAlertCode.FAILED, AT, 300, OUTCOME),
        f"3025 0203 008F67 180F {AT_DER} 0202 012C 3009 020102 0404 00A1B2C3",
    ),
    (versions.Ecs52Command(invoke_id=0x0A0B0C), "D9 200A0B0C 00 01 01 0001 0000000201FF 02 01 00"),
    (versions.Ecs52Response(0x0A0B0C, "00A1B2C3"), "DA 200A0B0C 00 00 01 0904 00A1B2C3 01 01 00"),
    (versions.Ecs52Response(0x0A0B0C, None, result=250), "DA 200A0B0C 00 00 01 00 01 01 FA"),
    (versions.Gcs38Command(sequence=9), "0109 01 01 0702 0005 00 09 00 0602"),
    (versions.Gcs38Response("00A1B2C3", sequence=9), "0109 01 01 0702 000C 08 09 01 0602 00 41 04 00A1B2C3"),
    (versions.Gcs38Response(None, status=0x86), "0109 01 01 0702 0006 08 00 01 0602 86"),
    (versions.Cs08Command(), "0500"),
    (versions.Cs08Response("00A1B2C3", versions.ReadOutcome.SUCCESS), "3009 0404 00A1B2C3 020100"),
    (
        alerts.FirmwareTransferAlert(
            alert_code=alerts.TransferAlertCode.FAILED,
            happened_at=AT,
            device_id=DEVICE,
            firmware_version="00A1B2C3",
            outcome=alerts.TransferOutcome.HARDWARE_VERSION_MISMATCH,
        ),
        f"3029 0203 008F89 180F {AT_DER} 0408 00DB1234567890A4 0404 00A1B2C3 020102",
    ),
    (
        alerts.PpmidActivationAlert(AT, "00A1B2C3", alerts.PpmidOutcome.FAILURE),
        f"301F 0203 008F8B 180F {AT_DER} 0404 00A1B2C3 020101",
    ),
    (
        alerts.DlmsReceiptAlert(
            alerts.ReceiptAlertCode.VERIFICATION_FAILED, 0x0A0B0C, DlmsTime.at_moment(AT), HASH
        ),
        f"0F 200A0B0C 00 0203 12 8F1C 090C 07EA0302FF150005008000FF 0920 {HASH.hex()}",
    ),
    (
        alerts.GbzReceiptAlert(alerts.ReceiptAlertCode.VERIFIED, datetime(2000, 1, 2, tzinfo=UTC), HASH),
        f"0109 01 8F72 00015180 0920 {HASH.hex()}",
    ),
    (
        tenancy.Gcs09Command(made_at=datetime(2000, 1, 2, tzinfo=UTC), restricted_at=None, sequence=7),
        "0109 01 01 0708 0014 09 07 00 00000000 80510100 00 FFFFFFFF 00020000",
    ),
    (tenancy.Gcs09Response(status=0x8A, sequence=7), "0109 01 01 0708 0005 00 07 0B 00 8A"),
    (
        alerts.GbzReceiptAlert(alerts.ReceiptAlertCode.VERIFIED, None, HASH),
        f"0109 01 8F72 FFFFFFFF 0920 {HASH.hex()}",
    ),
]
READERS = {
    activation.ActivationOutcome: activation.read_response,
    activation.ActivationAccepted: activation.read_response,
}
ids = [f"{number}-{type(payload).__name__}" for number, (payload, _) in enumerate(PAYLOADS)]
each_payload = pytest.mark.parametrize(("payload", "text"), PAYLOADS, ids=ids)


def reader_of(payload):
    kind = type(payload)
    return READERS.get(kind) or kind.from_octets


def header_of(code, kind):
    return GroupingHeader(
        kind=kind, originator_counter=300, originator_id=DEVICE, target_id=DEVICE, message_code=code
    )


@each_payload
def test_a_payload_has_the_octets_of_its_use_case(payload, text):
    octets = bytes.fromhex(text)
    assert payload.to_octets() == octets
    assert reader_of(payload)(octets) == payload


@each_payload
def test_a_payload_cut_or_lengthened_anywhere_is_refused(payload, text):
    octets = bytes.fromhex(text)
    for end in range(len(octets)):
        with pytest.raises(MalformedGbcs):
            reader_of(payload)(octets[:end])
    with pytest.raises(MalformedGbcs, match=r"octets left over: 1|it says"):
        reader_of(payload)(octets + b"\x00")


@pytest.mark.parametrize(
    ("reader", "text", "why"),
    [
        (activation.ActivateFirmware.from_octets, f"3025 041F {HASH[:31].hex()} 0202 012C", "found are 31"),
        (activation.ActivateFirmware.from_octets, f"3028 0420 {HASH.hex()} 0202 012C 0500", "execution time"),
        (activation.ActivateFirmware.from_octets, f"3026 0420 {HASH.hex()} 0202 812C", "shortest number"),
        (activation.read_response, "3009 020104 0404 00A1B2C3", "code: 4 is none of 0, 1, 2, 3"),
        (activation.read_response, "3005 020100 0400", "found are 0"),
        (activation.read_response, "0400", "tag of outcome"),
        (versions.Ecs52Command.from_octets, "D9 400A0B0C 00 01 01 0001 0000000201FF 02 01 00", "priority"),
        (
            versions.Ecs52Command.from_octets,
            "D9 200A0B0C 00 01 01 0001 0000000200FF 02 01 00",
            "firmware version",
        ),
        (versions.Ecs52Response.from_octets, "DA 200A0B0C 00 00 01 00 01 01 00", "comes with the result 0"),
        (
            versions.Ecs52Response.from_octets,
            "DA 200A0B0C 00 00 01 0904 00A1B2C3 01 01 01",
            "comes with the result 0",
        ),
        (
            versions.Ecs52Response.from_octets,
            "DA 200A0B0C 00 00 01 0903 00A1B2 01 01 00",
            "length of the firmware",
        ),
        (versions.Gcs38Response.from_octets, "0109 01 01 0702 0006 08 00 01 0602 00", "firmware version"),
        (
            versions.Gcs38Response.from_octets,
            "0109 01 01 0702 0007 08 00 01 0602 86",
            "it says 7, and 6 follow",
        ),
        (versions.Gcs38Response.from_octets, "0109 01 02 0702 0006 08 00 01 0602 86", "profile and cluster"),
        (versions.Cs08Response.from_octets, "3009 0404 00A1B2C3 020102", "outcome: 2 is none of 0, 1"),
        (
            alerts.PpmidActivationAlert.from_octets,
            f"301F 0203 008F8A 180F {AT_DER} 0404 00A1B2C3 020101",
            "8F8B",
        ),
        (alerts.GbzReceiptAlert.from_octets, f"0109 01 8F8A 00015180 0920 {HASH.hex()}", "8F1C, 8F72"),
    ],
)
def test_a_payload_of_another_form_is_refused_with_the_reason(reader, text, why):
    with pytest.raises(MalformedGbcs) as refusal:
        reader(bytes.fromhex(text))
    assert why in str(refusal.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: activation.ActivateFirmware(HASH[:31], 1),
        lambda: activation.ActivateFirmware(HASH, 1, AT.replace(tzinfo=None)),
        lambda: activation.ActivationOutcome(activation.ActivationCode.SUCCESS, "1.2.3"),
        lambda: activation.ActivateFirmware(HASH, -1).to_octets(),
        lambda: versions.Ecs52Command(1 << 24),
        lambda: versions.Ecs52Response(1, None),
        lambda: versions.Ecs52Response(1, "00A1B2C3", result=1),
        lambda: versions.Ecs52Response(1, None, result=256),
        lambda: versions.Gcs38Command(256),
        lambda: versions.Gcs38Response("00a1b2c3"),
        lambda: alerts.PpmidActivationAlert(AT, "", alerts.PpmidOutcome.SUCCESS),
        lambda: alerts.GbzReceiptAlert(alerts.ReceiptAlertCode.VERIFIED, None, b""),
        lambda: alerts.DlmsReceiptAlert(alerts.ReceiptAlertCode.VERIFIED, -1, DlmsTime(bytes(12)), HASH),
    ],
)
def test_a_value_that_could_not_be_written_is_not_made(make):
    with pytest.raises(Invalid):
        make()


def test_the_last_second_of_9999_cancels_and_nothing_else_does():
    assert activation.ActivateFirmware(HASH, 1, CANCELLED_AT).is_cancellation
    assert not activation.ActivateFirmware(HASH, 1, AT).is_cancellation
    assert not activation.ActivateFirmware(HASH, 1).is_cancellation


def test_the_payload_is_picked_by_message_code_and_direction():
    code = MessageCode.CS08_READ_FIRMWARE_VERSION
    command = GbcsMessage(header=header_of(code, MessageKind.COMMAND), payload=versions.Cs08Command())
    answer = versions.Cs08Response("00A1B2C3", versions.ReadOutcome.SUCCESS)
    response = GbcsMessage(header=header_of(code, MessageKind.RESPONSE), payload=answer)
    assert read(write(command)) == command
    assert read(write(response)) == response
    assert response.use_case is code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0x0099, MessageKind.ALERT),
        (MessageCode.CS02B_FUTURE_DATED_ALERT, MessageKind.COMMAND),
        (MessageCode.ECS52_READ_FIRMWARE_VERSION, MessageKind.ALERT),
    ],
)
def test_a_payload_nobody_here_reads_stays_closed_and_whole(code, kind):
    message = GbcsMessage(
        header=header_of(code, kind), payload=OpaquePayload(b"\x01\x02\x03"), signature=bytes(64)
    )
    assert read(write(message)) == message


def test_a_message_code_that_is_not_known_has_no_use_case():
    message = GbcsMessage(header=header_of(0x0099, MessageKind.ALERT), payload=OpaquePayload(b""))
    assert message.use_case is None


def test_a_payload_under_the_wrong_message_code_is_not_written():
    header = header_of(MessageCode.CS06_ACTIVATE_FIRMWARE, MessageKind.RESPONSE)
    with pytest.raises(Invalid, match="ActivationAccepted or ActivationOutcome can"):
        enclose(GbcsMessage(header=header, payload=versions.Cs08Command()))
    with pytest.raises(Invalid, match="OpaquePayload cannot be the payload of message code 0012 as response"):
        write(GbcsMessage(header=header, payload=OpaquePayload(b"\x05\x00")))


def test_a_known_message_code_with_a_foreign_payload_is_unreadable():
    header = header_of(MessageCode.CS06_ACTIVATE_FIRMWARE, MessageKind.RESPONSE)
    envelope = enclose(GbcsMessage(header=header, payload=activation.ActivationAccepted()))
    with pytest.raises(Unreadable, match="CS06 response"):
        open_envelope(replace(envelope, payload=b"\x05\x01\x00"))
