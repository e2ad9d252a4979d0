"""A document in plain words: what it is, who speaks, what is in it, also where it holds another language."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable
from safelaunch.domain.srv import find
from safelaunch.wire import ota_image
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.envelope import Request, read_request, write_request
from safelaunch.wire.duis.explaining import explain
from safelaunch.wire.duis.extension import reply_to, write_reply
from safelaunch.wire.duis.extension import write_request as write_campaign_request
from safelaunch.wire.duis.extension.answers import CampaignCode
from safelaunch.wire.duis.extension.messages import EmergencyStop
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.requests import srv_of, write_body
from safelaunch.wire.duis.requests.firmware import (
    CANCELLATION,
    ActivateFirmware,
    SignedPreCommand,
    UpdateFirmware,
    UpdatePpmidFirmware,
)
from safelaunch.wire.duis.responses import Reply, write_response
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import DccAlert, DeviceAlert
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import (
    FirmwareWarning,
    FutureDatedAlertCode,
    FutureDatedDeviceAlert,
    GbcsPayload,
    PreCommand,
    ServiceResponse,
)
from safelaunch.wire.duis.responses.firmware_alerts import HubFirmwareActivation
from safelaunch.wire.duis.xml import parse
from tests import pki
from tests.unit.wire.duis.messages import REQUEST, RESPONSE, SHARED, SMETS1_RESPONSE, needs_shared, signed

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
ESME = Eui64.parse("00-DB-12-34-56-78-90-A0")
ASKED = RequestId(pki.SUPPLIER, pki.DSP, 1_772_359_200_001)
FUTURE_DATED_ALERT = bytes.fromhex(
    "DF090300000000000007D00800DB1234567890A00890B3D51F30010000000200CA2730250203008F66180F3230333030"
    "3131353039303030305A020203E9300902010004040123ABCF40" + "11" * 64
)


def request(body, *, variant: int = 8, srv=None) -> bytes:
    known = srv or srv_of(body)
    octets = write_body(body)
    return write_request(
        Request(
            schema_version="5.4",
            request_id=ASKED,
            command_variant=variant,
            service_reference=known.service_reference,
            service_reference_variant=known.code,
            body_name=octets[4 : octets.index(b" ")].decode(),
            body_xml=octets,
        )
    )


def response(message, *, code=ResponseCode.I0, response_id=None) -> bytes:
    return write_response(Reply(code=code, at=AT, message=message, request_id=ASKED, response_id=response_id))


def image(*, trailer: bool) -> bytes:
    return ota_image.build(
        ota_image.OtaImage(
            header=ota_image.OtaHeader(
                manufacturer_code=0x121D,
                image_type=0,
                file_version=0x0123ABCE,
                stack_version=2,
                header_string=b"A meter".ljust(32, b"\0"),
                hardware_versions=ota_image.HardwareVersions(0x1111, 0x1211),
            ),
            manufacturer_image=b"firmware",
            trailer=ota_image.Trailer(signature=bytes(64)) if trailer else None,
        )
    )


def test_a_request_is_told_by_name_sender_and_time():
    assert explain(signed()) == [
        "Service Request 11.2, Read Firmware Version, in Command Variant 1; DUIS 5.4.",
        "From 90-B3-D5-1F-30-01-00-00 to 00-DB-12-34-56-78-90-A4, counter 1000.",
        "It carries a signature.",
    ]


def test_firmware_is_told_with_its_image_and_its_devices():
    ids = DeviceIds.of([Eui64(ESME.value + number) for number in range(50_000)])
    lines = explain(
        request(UpdateFirmware(image=image(trailer=True), firmware_version="0123ABCE", device_ids=ids))
    )
    assert "counter 1772359200001 (1 March 2026 at 10:00:00 UTC)." in lines[1]
    assert lines[2:5] == [
        "Firmware version: 0123ABCE",
        "Devices: 50,000: " + ", ".join(f"00-DB-12-34-56-78-90-A{end}" for end in "012") + " and 49,997 more",
        "Firmware image: 134 octets",
    ]
    assert "  Version 0123ABCE, manufacturer 121D, type 0000" in lines
    assert "  For hardware 1111 to 1211" in lines
    assert "  With a supplier's signature" in lines
    assert not any("which is not the version" in line for line in lines)


def test_an_image_that_does_not_fit_its_request_is_said_to():
    one = DeviceIds.of([ESME])
    told = explain(
        request(UpdatePpmidFirmware(image=image(trailer=False), firmware_version="1", device_ids=one))
    )
    assert "  Without a supplier's signature" in told
    assert "  The request calls it 1, which is not the version in its header" in told
    told = explain(request(UpdateFirmware(image=b"junk", firmware_version="1", device_ids=one)))
    assert any(line.startswith("  It cannot be read: The firmware image") for line in told)


def test_an_activation_says_when_or_that_it_takes_one_back():
    digest = bytes(range(32))
    later = ActivateFirmware(manufacturer_image_hash=digest, execution_at=AT)
    lines = explain(request(later, variant=4))
    assert lines[0] == "Service Request 11.3, Activate Firmware, in Command Variant 4, critical; DUIS 5.4."
    assert "To be executed: 1 March 2026 at 10:00:00 UTC" in lines
    assert f"SHA-256 of the Manufacturer Image: {digest.hex().upper()}" in lines
    back = ActivateFirmware(manufacturer_image_hash=digest, execution_at=CANCELLATION)
    assert "To be executed: never; this takes back an earlier request" in explain(request(back, variant=4))


def test_a_gbcs_message_is_opened_wherever_it_is_carried():
    alert = FutureDatedDeviceAlert(alert_code=FutureDatedAlertCode.SUCCEEDED, gbcs_payload=FUTURE_DATED_ALERT)
    inside = [
        "  Alert 00CA, CS06 future dated alert",
        "  From 00-DB-12-34-56-78-90-A0 to 90-B3-D5-1F-30-01-00-00, counter 2000",
        "  Signed, without a MAC",
        "  Alert code: succeeded",
        "  To be executed: 15 January 2030 at 09:00:00 UTC",
        "  Originator counter: 1001",
        "  Outcome:",
        "    Code: success",
        "    Firmware version: 0123ABCF",
    ]
    carriers = [
        ServiceResponse(service_reference="11.3", srv="11.3", content=alert),
        ServiceResponse(service_reference="11.3", srv="11.3", content=GbcsPayload(FUTURE_DATED_ALERT)),
        ServiceResponse(
            service_reference="11.3",
            srv="11.3",
            content=PreCommand(gbcs_version="4.2", gbcs_payload=FUTURE_DATED_ALERT),
        ),
        DeviceAlert(code=b"\x8f\x66", gbcs_payload=FUTURE_DATED_ALERT),
    ]
    for message in carriers:
        lines = explain(response(message, response_id=ASKED.answered()))
        begin = lines.index(f"GBCS message: {len(FUTURE_DATED_ALERT)} octets") + 1
        assert lines[begin : begin + len(inside)] == inside
        assert f"Comes from {pki.DSP} for {pki.SUPPLIER}, counter 1772359200001 (" in "\n".join(lines)
    assert explain(response(carriers[0]))[0] == (
        "Service Response to 11.3, Activate Firmware: a future dated command was carried out."
    )


def test_a_gbcs_message_that_cannot_be_read_says_why():
    lines = explain(request(SignedPreCommand(gbcs_payload=b"\xdf\x09"), variant=5, srv=find("11.3")))
    assert "GBCS message: 2 octets" in lines
    assert any(line.startswith("  It cannot be read: The GBCS message") for line in lines)


def test_a_warning_lists_who_is_left_out_and_why():
    warning = FirmwareWarning(other_in_progress=DeviceIds.of([ESME]))
    lines = explain(
        response(
            ServiceResponse(service_reference="11.1", srv="11.1", content=warning),
            code=ResponseCode.W110101,
        )
    )
    assert lines[0].startswith(
        "Service Response to 11.1, Update Firmware: W110101, firmware accepted for some"
    )
    assert "With another request in progress: 1: 00-DB-12-34-56-78-90-A0" in lines
    assert lines[-1] == "It carries no signature."


def test_alerts_are_told_by_what_they_mean():
    activated = HubFirmwareActivation(device_id=ESME, firmware_version="0002012F")
    lines = explain(response(DccAlert(code=DccAlertCode.N64, body=activated)))
    assert lines[0] == "DCC Alert N64 (CommsHubFirmwareActivation): a Communications Hub runs new firmware."
    assert "Device: 00-DB-12-34-56-78-90-A0" in lines
    strange = explain(response(DeviceAlert(code=b"\x12\x34", gbcs_payload=b"")))
    assert strange[0] == "Device Alert 1234: of no meaning that is known here."


def test_a_campaign_message_is_told_without_what_its_sender_would_have_the_terminal_do():
    stop = EmergencyStop(campaign="CH-1", reason="Meters\nIt carries a signature.\u202e\u009b2J")
    written = write_campaign_request(stop, request_id=ASKED)
    lines = explain(written)
    assert lines[0] == "Campaign request SL4, Emergency Stop."
    assert "Reason: Meters It carries a signature.  2J" in lines
    answer = reply_to(
        read_request(parse(written)), code=CampaignCode.E902, at=AT, reason="It has ended already."
    )
    assert explain(write_reply(answer))[0].endswith("window has closed. It has ended already.")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (REQUEST.replace(b"ReadFirmwareVersion", b"UpdateFirmware"), "Its body cannot be read: The body is"),
        (REQUEST.replace(b"11.2", b"99.9"), "Its body cannot be read: '99.9' is not a Service Reference"),
        (REQUEST.replace(b"Version/>", b"Version>x</sr:ReadFirmwareVersion>"), "Its body cannot be read: "),
        (RESPONSE.replace(b"I99", b"I98"), "Response with code I98; its body cannot be read: I98 is not"),
        (SMETS1_RESPONSE, "Message of a SMETS1 provider: I99, accepted"),
    ],
)
def test_what_cannot_be_read_is_a_line_among_others(body, line):
    lines = explain(body)
    assert any(each.startswith(line) for each in lines)
    assert any("00-DB-12-34-56-78-90-A4" in each for each in lines)


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"<a/>", b"<Request/>", REQUEST.replace(b"sr:Body", b"sr:B")]
)
def test_what_is_no_message_is_refused(body):
    with pytest.raises(Unreadable):
        explain(body)


def _shared() -> list[Path]:
    return sorted([*(SHARED / "examples").glob("*.xml"), *(SHARED / "rtds").glob("*.XML")])


@needs_shared
@pytest.mark.parametrize("path", _shared(), ids=lambda path: path.name)
def test_every_shared_document_is_told_line_by_line(path):
    lines = explain(path.read_bytes())
    assert len(lines) >= 3
    assert all(line.strip() and "\n" not in line and "=<" not in line and "b'" not in line for line in lines)
    is_unreadable = any("cannot be read" in line and not line.startswith("  ") for line in lines)
    assert is_unreadable == ("invalid" in path.name)
