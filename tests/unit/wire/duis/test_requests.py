"""Bodies of requests: read as the schema means them, refused in words where they are not."""

import base64
from datetime import UTC, date, datetime, time

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType, SmiStatus
from safelaunch.domain.srv import find
from safelaunch.wire.duis.device_ids import MAX_DEVICE_IDS, DeviceIds
from safelaunch.wire.duis.elements import MalformedBody, Opaque
from safelaunch.wire.duis.envelope import read_request
from safelaunch.wire.duis.requests import (
    BODIES,
    ForeignBody,
    PassedOn,
    Unserved,
    body_name,
    read_body,
    srv_of,
    write_body,
)
from safelaunch.wire.duis.requests.devices import (
    CreateSchedule,
    DeleteSchedule,
    ReadSchedule,
    ScheduleFrequency,
    UpdateSecurityCredentialsCos,
)
from safelaunch.wire.duis.requests.firmware import (
    CANCELLATION,
    MAX_IMAGE_OCTETS,
    ActivateFirmware,
    ReadFirmwareVersion,
    SignedPreCommand,
    UpdateFirmware,
    UpdatePpmidFirmware,
)
from safelaunch.wire.duis.requests.hub_status import FaultReason, Location
from safelaunch.wire.duis.requests.inventory import (
    PropertyFilter,
    ReadInventory,
    UpdateDeviceDetails,
    UpdateInventory,
    UpdateMpxn,
)
from safelaunch.wire.duis.schema import load
from safelaunch.wire.duis.xml import GATEWAY, parse
from tests.unit.wire.duis.messages import REQUEST, SHARED, needs_shared

ESME = Eui64.parse("00-DB-12-34-56-78-90-A0")
HUB = Eui64.parse("00-DB-12-34-56-78-90-A2")
HASH = "7542f475e3f12eae887d81e32c46d313741d67076b13caec2f82e00ba5e1bb36"
LIST = "<sr:DeviceIDList>00-DB-12-34-56-78-90-A0</sr:DeviceIDList>"
VERSION = "<sr:FirmwareVersion>0123ABCE</sr:FirmwareVersion>"
IMAGE = "<sr:FirmwareImage>AA==</sr:FirmwareImage>"
ADDRESS = "<sr:PostCode>AB1 2CD</sr:PostCode><sr:AddressIdentifier>7</sr:AddressIdentifier>"
TEST_DATA = sorted((SHARED / "rtds").glob("*.XML"))


def body(name: str, inside: str = "", *, srv: str):
    return read_body(parse(f'<sr:{name} xmlns:sr="{GATEWAY}">{inside}</sr:{name}>'.encode()), srv=find(srv))


def firmware(inside: str):
    return body("UpdateFirmware", inside, srv="11.1")


def test_an_update_of_firmware_is_read():
    found = firmware(IMAGE + VERSION + LIST.replace("A0<", "A0,00-db-12-34-56-78-90-a2<"))
    assert found == UpdateFirmware(
        image=b"\0", firmware_version="0123ABCE", device_ids=DeviceIds.of([ESME, HUB])
    )
    assert "image" not in repr(found)


def test_the_same_for_a_ppmid_is_another_request():
    found = body("UpdatePPMIDFirmware", IMAGE + VERSION + LIST, srv="11.4")
    assert type(found) is UpdatePpmidFirmware
    assert found != firmware(IMAGE + VERSION + LIST)


def test_an_image_may_be_broken_into_lines_and_version_and_list_may_not():
    assert firmware(IMAGE.replace("AA==", "\n  AA\r\n== ") + VERSION + LIST).image == b"\0"
    assert firmware(IMAGE + VERSION.replace("0123ABCE", " 9 ") + LIST).firmware_version == " 9 "
    with pytest.raises(MalformedBody, match="DeviceIDList"):
        firmware(IMAGE + VERSION + LIST.replace("00-DB", " 00-DB"))


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (
            VERSION + LIST,
            r"UpdateFirmware \(line 1\) holds .*FirmwareVersion.* where FirmwareImage is expected",
        ),
        (IMAGE + VERSION, "ends where DeviceIDList is expected"),
        (IMAGE + LIST + VERSION, "where FirmwareVersion is expected"),
        (IMAGE + VERSION + LIST + LIST, "unknown, repeated or out of order"),
        (IMAGE + VERSION + LIST + "x", "text between its elements"),
        (IMAGE.replace("AA==", "A==="), "FirmwareImage .* is not base64"),
        (IMAGE.replace("AA==", "AB==") + VERSION + LIST, "spare bits"),
        (IMAGE.replace("AA==", "\N{LATIN SMALL LETTER E WITH ACUTE}A==") + VERSION + LIST, "is not base64"),
        (IMAGE + VERSION.replace("0123ABCE", "") + LIST, "FirmwareVersion .* 1 to 8 characters"),
        (IMAGE + VERSION.replace("E<", "E1<") + LIST, "1 to 8 characters"),
        (IMAGE + VERSION + LIST.replace("00-DB-12-34-56-78-90-A0", ""), "Entry 1 of the list is wrong"),
        (IMAGE + VERSION + LIST.replace("A0<", "A0, 00-DB-12-34-56-78-90-A2<"), "Entry 2 of the list"),
        (IMAGE + VERSION + LIST.replace("A0<", "A0,<"), "Entry 2 of the list"),
        (IMAGE + VERSION + LIST.replace("-A0", ":A0"), "Entry 1 of the list"),
        (IMAGE + VERSION + LIST.replace("<sr:DeviceIDList", '<sr:DeviceIDList a="b"'), "unknown attribute"),
        (IMAGE + VERSION + LIST.replace(">00", "><sr:A/>00"), "elements where text is expected"),
        (
            IMAGE.replace("sr:", "") + VERSION + LIST,
            "where FirmwareImage",
        ),
    ],
)
def test_what_breaks_the_schema_is_refused_with_its_place(inside, reason):
    with pytest.raises(MalformedBody, match=reason):
        firmware(inside)


def test_the_largest_request_is_read_and_one_more_of_anything_is_not():
    largest = UpdateFirmware(
        image=bytes(MAX_IMAGE_OCTETS),
        firmware_version="0123ABCE",
        device_ids=DeviceIds(bytes(8 * MAX_DEVICE_IDS)),
    )
    assert read_body(parse(write_body(largest)), srv=find("11.1")) == largest
    assert len(str(largest.device_ids)) == 1_199_999
    with pytest.raises(Invalid, match="at most 50,000 Device IDs, 1,199,999 characters"):
        write_body(UpdateFirmware(image=b"", firmware_version="1", device_ids=DeviceIds(bytes(8 * 50_001))))
    image = base64.b64encode(bytes(MAX_IMAGE_OCTETS + 1)).decode()
    with pytest.raises(MalformedBody, match="10,240,001 octets are given; at most 10,240,000"):
        firmware(IMAGE.replace("AA==", image) + VERSION + LIST)


def test_a_list_of_nothing_does_not_exist():
    for octets in (b"", bytes(7)):
        with pytest.raises(Invalid, match="at least one of 8 octets"):
            DeviceIds(octets)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2030-01-15T09:00:00.00Z", datetime(2030, 1, 15, 9, tzinfo=UTC)),
        ("2030-01-15T09:00:00+01:00", datetime(2030, 1, 15, 8, tzinfo=UTC)),
        (" 2030-01-15T09:00:00.1234567Z\n", datetime(2030, 1, 15, 9, 0, 0, 123456, tzinfo=UTC)),
        ("2030-01-15T09:00:00", datetime(2030, 1, 15, 9, tzinfo=UTC)),
        ("3000-12-31T00:00:00.00Z", CANCELLATION),
    ],
)
def test_an_activation_may_be_for_later_or_be_taken_back(text, at):
    inside = f"<sr:ExecutionDateTime>{text}</sr:ExecutionDateTime><sr:FirmwareHash>{HASH}</sr:FirmwareHash>"
    found = body("ActivateFirmware", inside, srv="11.3")
    assert found == ActivateFirmware(execution_at=at, manufacturer_image_hash=bytes.fromhex(HASH))
    assert found.cancels == (at == CANCELLATION)


@pytest.mark.parametrize(
    "text", ["", "soon", "2030-02-30T00:00:00Z", "2030-01-15", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(MalformedBody, match=r"ExecutionDateTime \(line 1\) cannot be read: .* is no time"):
        body("ReadFirmwareVersion", f"<sr:ExecutionDateTime>{text}</sr:ExecutionDateTime>", srv="11.2")


@pytest.mark.parametrize("text", ["AA", "", HASH + "00", "zz" * 32, HASH[:-1]])
def test_a_hash_has_32_octets(text):
    with pytest.raises(MalformedBody, match="FirmwareHash"):
        body("ActivateFirmware", f"<sr:FirmwareHash>{text}</sr:FirmwareHash>", srv="11.3")


def test_a_signed_pre_command_goes_with_any_srv():
    for srv in ("11.3", "1.6", "6.15.1"):
        found = body("SignedPreCommand", "<sr:GBCSPayload>3wkBAA==</sr:GBCSPayload>", srv=srv)
        assert found == SignedPreCommand(gbcs_payload=bytes.fromhex("df090100"))


@pytest.mark.parametrize(
    ("name", "srv"), [("ReadFirmwareVersion", "11.4"), ("UpdateFirmware", "11.4"), ("Nonsense", "11.1")]
)
def test_the_body_of_another_request_is_refused(name, srv):
    with pytest.raises(ForeignBody, match=rf"The body is {name}; 11\.\d "):
        body(name, srv=srv)
    with pytest.raises(ForeignBody):
        read_body(parse(f'<{name} xmlns="urn:other"/>'.encode()), srv=find(srv))


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<sr:UPRN>123</sr:UPRN>", ReadInventory(uprn=123)),
        (f"<sr:DeviceID>{HUB}</sr:DeviceID>", ReadInventory(device_id=HUB)),
        ("<sr:MPxN>1000999888</sr:MPxN>", ReadInventory(mpxn="1000999888")),
        (
            f"<sr:PropertyFilter>{ADDRESS}</sr:PropertyFilter>",
            ReadInventory(property_filter=PropertyFilter(post_code="AB1 2CD", address_identifier="7")),
        ),
    ],
)
def test_a_home_is_told_by_one_of_four_things(inside, expected):
    assert body("ReadInventory", inside, srv="8.2") == expected


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("", "exactly one of uprn, device_id, mpxn, property_filter; 0 were given"),
        ("<sr:UPRN>1</sr:UPRN><sr:MPxN>1</sr:MPxN>", "2 were given"),
        ("<sr:UPRN>0</sr:UPRN>", "a number from 1 to 999999999999"),
        ("<sr:UPRN>1e3</sr:UPRN>", "a number from 1"),
        ("<sr:MPxN>12345678901234</sr:MPxN>", "1 to 13 characters"),
        ("<sr:DeviceID>00-DB</sr:DeviceID>", "is not a Device ID"),
    ],
)
def test_a_home_told_otherwise_is_refused(inside, reason):
    with pytest.raises(MalformedBody, match=reason):
        body("ReadInventory", inside, srv="8.2")


@pytest.mark.parametrize(
    ("inside", "change"),
    [
        ("<sr:DeleteDevice/>", {"deletes": True}),
        (
            "<sr:UpdateDeviceStatusCH>Withdrawn</sr:UpdateDeviceStatusCH>",
            {"hub_status": SmiStatus.WITHDRAWN},
        ),
        (
            "<sr:UpdateDeviceStatusExceptCH>InstalledNotCommissioned</sr:UpdateDeviceStatusExceptCH>",
            {"status": SmiStatus.INSTALLED_NOT_COMMISSIONED},
        ),
        (
            "<sr:UpdateDeviceDetails><sr:DeviceModel>M</sr:DeviceModel></sr:UpdateDeviceDetails>",
            {"details": UpdateDeviceDetails(model="M")},
        ),
        (
            "<sr:UpdateMPxN><sr:ExportMPAN>1000000000001</sr:ExportMPAN></sr:UpdateMPxN>",
            {"mpxn": UpdateMpxn(export_mpan="1000000000001")},
        ),
    ],
)
def test_the_inventory_changes_one_thing_at_a_time(inside, change):
    found = body("UpdateInventory", f"<sr:DeviceID>{ESME}</sr:DeviceID>{inside}", srv="8.4")
    assert found == UpdateInventory(device_id=ESME, **change)
    with pytest.raises(Invalid, match="exactly one"):
        UpdateInventory(device_id=ESME, **{"deletes": True, "mpxn": UpdateMpxn(import_mpxn="1"), **change})


@pytest.mark.parametrize(
    "inside",
    [
        "<sr:UpdateDeviceStatusCH>Pending</sr:UpdateDeviceStatusCH>",
        "<sr:UpdateDeviceStatusExceptCH>Commissioned</sr:UpdateDeviceStatusExceptCH>",
        "<sr:UpdateDeviceStatusExceptCH>PENDING</sr:UpdateDeviceStatusExceptCH>",
        "<sr:UpdateMPxN/>",
        "<sr:DeleteDevice>yes</sr:DeleteDevice>",
        "<sr:UpdateDeviceDetails><sr:ESMEVariant>Z</sr:ESMEVariant></sr:UpdateDeviceDetails>",
        "",
    ],
)
def test_a_change_the_schema_does_not_know_is_refused(inside):
    with pytest.raises(MalformedBody):
        body("UpdateInventory", f"<sr:DeviceID>{ESME}</sr:DeviceID>{inside}", srv="8.4")


def test_a_schedule_says_when_it_runs_and_keeps_what_it_reads():
    task = "<sr:DSPReadActivePowerImport></sr:DSPReadActivePowerImport>"
    inside = (
        "<sr:ScheduleFrequency>Half-Yearly</sr:ScheduleFrequency><sr:ScheduleStartDate>2026-03-01Z"
        "</sr:ScheduleStartDate><sr:ScheduleExecutionStartTime>07:00:00.00Z</sr:ScheduleExecutionStartTime>"
        "<sr:DSPScheduledServiceReference>4.16</sr:DSPScheduledServiceReference>"
        "<sr:DSPScheduledServiceReferenceVariant>4.16</sr:DSPScheduledServiceReferenceVariant>"
        f"<sr:DeviceID>{ESME}</sr:DeviceID>{task}"
    )
    found = body("CreateSchedule", inside, srv="5.1")
    assert found == CreateSchedule(
        frequency=ScheduleFrequency.HALF_YEARLY,
        start_date=date(2026, 3, 1),
        start_time=time(7, tzinfo=UTC),
        scheduled_reference="4.16",
        scheduled_srv="4.16",
        device_id=ESME,
        task=Opaque(
            "DSPReadActivePowerImport", task.replace("Import>", f'Import xmlns:sr="{GATEWAY}">', 1).encode()
        ),
    )
    assert read_body(parse(write_body(found)), srv=find("5.1")) == found
    for wrong in (("2026-03-01Z", "1 March"), ("07:00:00.00Z", "07:00:00+01:00"), ("DSPRead", "DSPWrite")):
        with pytest.raises(MalformedBody):
            body("CreateSchedule", inside.replace(*wrong), srv="5.1")


def test_a_schedule_is_deleted_by_its_number_or_by_the_device():
    assert body("DeleteSchedule", "<sr:DSPScheduleID>7</sr:DSPScheduleID>", srv="5.3") == DeleteSchedule(
        schedule_id=7
    )
    assert body("ReadSchedule", f"<sr:DeviceID>{ESME}</sr:DeviceID>", srv="5.2") == ReadSchedule(
        device_id=ESME
    )
    with pytest.raises(MalformedBody, match="exactly one"):
        body("DeleteSchedule", srv="5.3")


def test_of_a_tariff_only_its_time_is_noted():
    at = "<sr:ExecutionDateTime>2030-01-15T09:00:00.00Z</sr:ExecutionDateTime><sr:Whatever/>"
    found = body("UpdatePaymentMode", at, srv="1.6")
    assert found == PassedOn("UpdatePaymentMode", datetime(2030, 1, 15, 9, tzinfo=UTC))
    assert not found.cancels
    assert body("UpdatePaymentMode", "<sr:Credit/>", srv="1.6") == PassedOn("UpdatePaymentMode")
    assert body("UpdatePaymentMode", at.replace("2030-01-15T09", "3000-12-31T00"), srv="1.6").cancels
    with pytest.raises(MalformedBody, match="UpdatePaymentMode cannot be read"):
        body("UpdatePaymentMode", at.replace("2030", "2o30"), srv="1.6")


def test_a_legal_body_that_is_not_served_is_named_and_cannot_be_written():
    found = body("RequestWANMatrix", "<sr:Anything/>", srv="12.1")
    assert found == Unserved("RequestWANMatrix")
    for noted in (found, PassedOn("UpdatePaymentMode")):
        with pytest.raises(Invalid, match="only a note was taken"):
            write_body(noted)


def test_every_body_that_is_read_knows_its_srv():
    assert {name: find(srv_of_name(name)).body for name in BODIES if name != "SignedPreCommand"} == {
        name: name for name in BODIES if name != "SignedPreCommand"
    }
    with pytest.raises(Invalid, match="belongs to every critical"):
        srv_of(SignedPreCommand(gbcs_payload=b""))


def srv_of_name(name: str) -> str:
    kind = BODIES[name]
    found = object.__new__(kind)
    assert body_name(found) == name
    return srv_of(found).code


def test_a_value_that_would_not_come_back_is_not_written():
    for wrong in (
        UpdateFirmware(image=b"", firmware_version="123456789", device_ids=DeviceIds(bytes(8))),
        ActivateFirmware(manufacturer_image_hash=bytes(31)),
        ReadFirmwareVersion(execution_at=datetime(2026, 1, 1)),  # noqa: DTZ001 - a time without a zone is the point
        ReadInventory(mpxn="\0"),
    ):
        with pytest.raises(Invalid):
            write_body(wrong)


def test_the_words_of_the_field_are_the_values():
    assert Location("Basement or Cellar") is Location.BASEMENT
    assert FaultReason("SMHAN Interface Fault") is FaultReason.SM_HAN
    assert DeviceType("PPMID") is DeviceType.PPMID


@needs_shared
@pytest.mark.parametrize("path", TEST_DATA, ids=lambda path: path.name)
def test_the_reference_test_data_are_read_and_written_as_the_schema_wants_them(path):
    request = read_request(parse(path.read_bytes()))
    srv = find(request.service_reference_variant)
    found = read_body(parse(request.body_xml), srv=srv)
    assert ("CANCELLATION" in path.name) == getattr(found, "cancels", False)
    if isinstance(found, PassedOn | Unserved):
        assert found.name == srv.body
        return
    written = write_body(found)
    assert read_body(parse(written), srv=srv) == found
    load(SHARED / "xsd").check(parse(REQUEST.replace(b"<sr:ReadFirmwareVersion/>", written)))


@needs_shared
def test_a_change_of_supplier_is_read_whole():
    path = SHARED / "rtds" / "CS02bSupplierByTransCoS_6.23_FUTURE_DATED_SUCCESS_REQUEST_DUIS.XML"
    found = read_body(parse(read_request(parse(path.read_bytes())).body_xml), srv=find("6.23"))
    assert isinstance(found, UpdateSecurityCredentialsCos)
    assert found.execution_at == datetime(2030, 1, 2, tzinfo=UTC)
    assert found.certificates.digital_signing.startswith(b"\x30\x82")
    assert len(found.path.certificates) >= 1
