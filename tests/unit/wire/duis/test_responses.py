"""Responses and alerts: the shared samples, the codes, older versions, and what cannot be written."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus
from safelaunch.wire.duis import envelope
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.elements import MalformedBody, Opaque
from safelaunch.wire.duis.envelope import read_request
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses import (
    Answer,
    Reply,
    alert_body_name,
    read_response,
    reply_to,
    write_response,
)
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode, alert_table
from safelaunch.wire.duis.responses.alerts import (
    ALERT_BODIES,
    AlertVersionMismatch,
    ChangeOfSupplier,
    DccAlert,
    DeviceAlert,
    DeviceStatusChange,
    DeviceStatusChangeEvent,
    EcosAlert,
    ResponseVersionMismatch,
    VersionMismatch,
)
from safelaunch.wire.duis.responses.codes import MEANINGS, ResponseCode, is_success, meaning
from safelaunch.wire.duis.responses.content import (
    CspRegion,
    DspInventory,
    FirmwareWarning,
    FutureDatedAlertCode,
    FutureDatedDeviceAlert,
    GbcsPayload,
    InventoryDevice,
    PpmidFirmwareWarning,
    PreCommand,
    ServiceResponse,
)
from safelaunch.wire.duis.responses.firmware_alerts import (
    ActivationResult,
    CspFirmwareDelivery,
    DeliveryResult,
    FirmwareDistributionFailure,
    FirmwareTransfer,
    FirmwareUpgradeRequested,
    FirmwareVersionMismatch,
    HubAlert,
    HubFirmwareActivation,
    PpmidAlert,
    PpmidFirmwareUpgrade,
    TransferResult,
)
from safelaunch.wire.duis.schema import load
from safelaunch.wire.duis.xml import canonical, parse
from tests.unit.wire.duis.messages import REQUEST, RESPONSE, SHARED, SMETS1_RESPONSE, needs_shared

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
BEFORE = datetime(2026, 3, 1, 9, 59, tzinfo=UTC)
ESME, HUB, PPMID = (Eui64.parse(f"00-DB-12-34-56-78-90-{end}") for end in ("A0", "A2", "A4"))
ASKED = RequestId.parse("90-B3-D5-1F-30-01-00-00:90-B3-D5-1F-30-00-00-02:1772359200001")
OF_DEVICE = RequestId.parse("90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:1001")
ACTIVATED = HubFirmwareActivation(device_id=HUB, firmware_version="0002012F")
EXAMPLES = sorted(path for path in (SHARED / "examples").glob("*.xml") if b":Response" in path.read_bytes())

SAMPLES = {
    "111ok.xml": ServiceResponse(service_reference="11.1", srv="11.1"),
    "111warn.xml": ServiceResponse(
        service_reference="11.1",
        srv="11.1",
        content=FirmwareWarning(invalid=DeviceIds.of([PPMID]), other_in_progress=DeviceIds.of([ESME, HUB])),
    ),
    "ack.xml": ServiceResponse(service_reference="11.2", srv="11.2"),
    "da.xml": DeviceAlert(code=b"\x8f\x72", gbcs_payload=bytes.fromhex("df090300")),
    "fd.xml": ServiceResponse(
        service_reference="11.3",
        srv="11.3",
        content=FutureDatedDeviceAlert(
            alert_code=FutureDatedAlertCode.SUCCEEDED, gbcs_payload=bytes.fromhex("df090300")
        ),
    ),
    "inv.xml": ServiceResponse(
        service_reference="8.2",
        srv="8.2",
        content=DspInventory(
            devices=(
                InventoryDevice(
                    device_id=HUB,
                    device_type=DeviceType.CHF,
                    status=SmiStatus.COMMISSIONED,
                    manufacturer="106C",
                    model="433100AC",
                    smets_chts_version="CHTS V1.4",
                    firmware_version="9001",
                    region=CspRegion.CENTRAL_4G,
                    gbcs_version="4.2",
                    han_variant="Single Band",
                    connectivity="Cellular",
                ),
            )
        ),
    ),
    "n18.xml": DccAlert(
        code=DccAlertCode.N18,
        body=FirmwareDistributionFailure(request_id=ASKED, device_ids=DeviceIds.of([ESME])),
    ),
    "n28.xml": DccAlert(
        code=DccAlertCode.N28,
        body=DeviceStatusChangeEvent(device_id=ESME, change=DeviceStatusChange(is_suspended=True)),
    ),
    "n29.xml": DccAlert(
        code=DccAlertCode.N29,
        body=DeviceStatusChangeEvent(device_id=ESME, change=DeviceStatusChange(is_restored=True)),
    ),
    "n39.xml": DccAlert(
        code=DccAlertCode.N39,
        body=PpmidAlert(
            device_id=PPMID,
            alert_code=b"\x8f\x8b",
            happened_at=BEFORE,
            upgrade=PpmidFirmwareUpgrade(firmware_version="0123ABCE", result=ActivationResult.SUCCESS),
        ),
    ),
    "n52.xml": DccAlert(
        code=DccAlertCode.N52,
        body=FirmwareVersionMismatch(
            device_id=ESME,
            device_type=DeviceType.GSME,
            inventory_version="0123ABCD",
            device_version="0123ABCE",
        ),
    ),
    "n59.xml": DccAlert(
        code=DccAlertCode.N59,
        body=FirmwareUpgradeRequested(
            device_type=DeviceType.PPMID, firmware_version="0123ABCE", device_ids=DeviceIds.of([PPMID])
        ),
    ),
    "n60.xml": DccAlert(
        code=DccAlertCode.N60,
        body=CspFirmwareDelivery(
            request_id=ASKED,
            hub_id=HUB,
            device_id=ESME,
            firmware_version="0123ABCE",
            happened_at=BEFORE,
            result=DeliveryResult.SUCCESS,
        ),
    ),
    "n62.xml": DccAlert(
        code=DccAlertCode.N62,
        body=HubAlert(
            device_id=HUB,
            alert_code=b"\x8f\x8a",
            happened_at=BEFORE,
            transfer=FirmwareTransfer(
                request_id=ASKED,
                device_id=PPMID,
                firmware_version="0123ABCE",
                result=TransferResult.SUCCESS,
            ),
        ),
    ),
    "n64.xml": DccAlert(code=DccAlertCode.N64, body=ACTIVATED),
    "precmd.xml": ServiceResponse(
        service_reference="11.3",
        srv="11.3",
        content=PreCommand(gbcs_version="4.2", gbcs_payload=bytes.fromhex("df090100")),
    ),
}


def read_octets(octets: bytes) -> Reply:
    return read_response(envelope.read_response(parse(octets)))


def alert_of(reply: Reply, *, version: str) -> Reply:
    return read_octets(write_response(reply, version=version))


@needs_shared
def test_every_sample_of_a_response_has_its_value_here():
    assert {path.name for path in EXAMPLES} == set(SAMPLES)


@needs_shared
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_sample_is_read_and_written_octet_for_octet(path):
    octets = path.read_bytes()
    found = read_octets(octets)
    assert found.message == SAMPLES[path.name]
    assert found.at == AT
    assert write_response(found) == canonical(parse(octets))


@pytest.mark.parametrize("message", SAMPLES.values(), ids=SAMPLES)
def test_what_is_written_reads_back_without_the_schema_too(message):
    reply = Reply(code=ResponseCode.I0, at=AT, message=message, request_id=ASKED)
    assert read_octets(write_response(reply)) == reply


def test_an_answer_is_addressed_to_its_request():
    request = read_request(parse(REQUEST))
    reply = reply_to(request, answer=Answer(ResponseCode.I99), at=AT)
    assert (reply.request_id, reply.response_id) == (request.request_id, None)
    assert reply.message == ServiceResponse(service_reference="11.2", srv="11.2")
    told = reply_to(request, answer=Answer(ResponseCode.I0, GbcsPayload(b"\xdf")), at=AT, is_from_device=True)
    assert told.response_id == request.request_id.answered()
    assert read_octets(write_response(told)) == told


def test_a_warning_counts_its_devices_and_keeps_its_lists_in_order():
    lists = [DeviceIds.of([Eui64(number)] * number) for number in range(1, 6)]
    names = ("invalid", "not_commissioned", "not_applicable", "other_in_progress", "invalid_gbcs_version")
    warning = PpmidFirmwareWarning(**dict(zip(reversed(names), reversed(lists), strict=True)))
    assert warning.device_count == 15
    assert FirmwareWarning().device_count == 0
    message = ServiceResponse(service_reference="11.4", srv="11.4", content=warning)
    written = write_response(Reply(code=ResponseCode.W110401, at=AT, message=message, request_id=ASKED))
    root = parse(written)
    assert [etree.QName(each).localname for each in root[1][0][2]] == [
        "InvalidDeviceIDList",
        "NotCommissionedDeviceIDList",
        "NotApplicableFirmwareDeviceIDList",
        "OtherRequestInProgressList",
        "InvalidGBCSVersionList",
    ]
    assert read_octets(written).message.content == warning


def test_a_warning_for_fifty_thousand_devices_is_written():
    ids = DeviceIds(bytes(8 * 50_000))
    message = ServiceResponse(
        service_reference="11.1", srv="11.1", content=FirmwareWarning(not_applicable=ids)
    )
    reply = Reply(code=ResponseCode.W110101, at=AT, message=message, request_id=ASKED)
    assert read_octets(write_response(reply)).message.content.device_count == 50_000


@pytest.mark.parametrize("version", ["5.0", "5.1", "5.3", "5.4"])
def test_a_user_on_an_older_version_is_told_that_there_was_an_activation(version):
    reply = Reply(code=ResponseCode.I0, at=AT, message=DccAlert(code=DccAlertCode.N64, body=ACTIVATED))
    found = alert_of(reply, version=version)
    if version != "5.0":
        assert found == reply
        return
    assert found.message == DccAlert(
        code=DccAlertCode.N999,
        body=VersionMismatch(what=AlertVersionMismatch(alert_code="N64", device_id=HUB), user_version="5.0"),
    )


def test_an_alert_that_cannot_be_said_names_its_request():
    body = EcosAlert(alert_id=OF_DEVICE, alert_code="1", device_id=ESME)
    reply = Reply(
        code=ResponseCode.I0,
        at=AT,
        message=DccAlert(code=DccAlertCode.N63, body=body),
        request_id=OF_DEVICE,
    )
    what = alert_of(reply, version="5.0").message.body.what
    assert (what.device_id, what.request_id) == (ESME, OF_DEVICE)


def test_a_refusal_that_an_older_version_has_no_code_for_names_the_request():
    message = ServiceResponse(service_reference="11.1", srv="11.1")
    reply = Reply(code=ResponseCode.E110106, at=AT, message=message, request_id=ASKED)
    assert alert_of(reply, version="5.3") == reply
    found = alert_of(reply, version="5.2")
    assert found.code is ResponseCode.I0
    assert found.message.body == VersionMismatch(
        what=ResponseVersionMismatch(
            request_id=ASKED, service_reference="11.1", srv="11.1", request_version="5.2"
        ),
        user_version="5.2",
    )
    with pytest.raises(Invalid, match=r"E110106 does not exist in DUIS 5\.2"):
        write_response(replace(reply, request_id=None), version="5.2")


def test_newer_optional_elements_are_left_out_for_older_users():
    reply = Reply(code=ResponseCode.I0, at=AT, message=SAMPLES["inv.xml"], request_id=ASKED)

    def device(version: str) -> InventoryDevice:
        return alert_of(reply, version=version).message.content.devices[0]

    assert (device("5.4").connectivity, device("5.4").region) == ("Cellular", CspRegion.CENTRAL_4G)
    assert (device("5.3").connectivity, device("5.3").region) == (None, CspRegion.CENTRAL_4G)
    assert (device("5.2").connectivity, device("5.2").region) == (None, None)
    changed = ChangeOfSupplier(request_id=ASKED, ecos_error_code="123")
    alert = Reply(code=ResponseCode.I0, at=AT, message=DccAlert(code=DccAlertCode.N26, body=changed))
    assert alert_of(alert, version="5.1").message.body == replace(changed, ecos_error_code=None)
    assert alert_of(alert, version="5.4") == alert


@pytest.mark.parametrize("version", ["", "4.9", "5.5", "5", "5.4.0"])
def test_a_version_that_is_not_spoken_is_refused(version):
    with pytest.raises(Invalid, match=r"is not spoken here; 5\.0, 5\.1"):
        write_response(
            Reply(code=ResponseCode.I0, at=AT, message=SAMPLES["ack.xml"], request_id=ASKED), version=version
        )


def test_an_alert_with_the_body_of_another_code_is_not_written():
    reply = Reply(code=ResponseCode.I0, at=AT, message=DccAlert(code=DccAlertCode.N60, body=ACTIVATED))
    with pytest.raises(Invalid, match="N60 carries CSPFirmwareDeliveryStatus; CommsHubFirmwareActivation"):
        write_response(reply)


def test_what_breaks_a_rule_of_its_own_does_not_exist():
    with pytest.raises(Invalid, match="exactly one"):
        DeviceStatusChange()
    with pytest.raises(Invalid, match="exactly one"):
        DeviceStatusChange(is_suspended=True, is_restored=True)
    with pytest.raises(Invalid, match="belongs to a request"):
        ChangeOfSupplier(device=object(), ecos_error_code="123")
    eighteen = (SAMPLES["inv.xml"].content.devices[0],) * 18
    message = ServiceResponse(service_reference="8.2", srv="8.2", content=DspInventory(devices=eighteen))
    with pytest.raises(Invalid, match="unknown, repeated or out of order"):
        write_response(Reply(code=ResponseCode.I0, at=AT, message=message, request_id=ASKED))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b">I99<", b">I98<", "I98 is not a response code"),
        (b"</sr:ResponseMessage>", b"<sr:LocalCommand/></sr:ResponseMessage>", "LocalCommand .* ends where"),
        (
            b"<sr:ServiceReference>11.2</sr:ServiceReference>",
            b"",
            "where ServiceReference is expected",
        ),
    ],
)
def test_a_response_of_another_form_is_refused(old, new, reason):
    with pytest.raises(MalformedBody, match=reason):
        read_octets(RESPONSE.replace(old, new))


def test_what_is_not_ours_to_read_is_carried_as_it_came():
    found = read_octets(SMETS1_RESPONSE)
    assert isinstance(found.message, Opaque)
    assert found.message.name == "SMETS1ResponseMessage"
    assert read_octets(write_response(found)) == found
    strange = RESPONSE.replace(
        b"</sr:ResponseMessage>", b"<sr:CINMessage><sr:GBCSPayload/></sr:CINMessage></sr:ResponseMessage>"
    )
    carried = read_octets(strange)
    assert carried.message.content.name == "CINMessage"
    assert write_response(carried) == canonical(parse(strange))


def test_carried_octets_cannot_close_the_element_around_them():
    sly = Opaque("CINMessage", b"<x/></sr:ResponseMessage><sr:ResponseMessage>")
    message = ServiceResponse(service_reference="9.1", srv="9.1", content=sly)
    with pytest.raises(Invalid):
        write_response(Reply(code=ResponseCode.I0, at=AT, message=message, request_id=ASKED))


def test_a_status_and_a_date_are_written_in_the_words_of_the_field():
    device = InventoryDevice(
        device_id=ESME,
        device_type=DeviceType.ESME,
        status=SmiStatus.INSTALLED_NOT_COMMISSIONED,
        manufacturer="AB01",
        model="010A030B",
        cpl_status=CplStatus.WITHDRAWN,
        commissioned_on=date(2025, 12, 28),
    )
    message = ServiceResponse(service_reference="8.2", srv="8.2", content=DspInventory(devices=(device,)))
    written = write_response(Reply(code=ResponseCode.I0, at=AT, message=message, request_id=ASKED))
    for word in (b">InstalledNotCommissioned<", b">Withdrawn<", b">2025-12-28Z<"):
        assert word in written


def test_every_alert_code_has_its_facts_and_every_body_its_code():
    table = alert_table()
    assert list(table) == list(DccAlertCode)
    assert len(table) == 66
    assert "N32" not in table
    assert {facts.confidence for facts in table.values()} == {"S", "H", "M", "L"}
    assert all(facts.meaning for facts in table.values())
    assert set(ALERT_BODIES) - {facts.body for facts in table.values()} == {"*"}
    assert table[DccAlertCode.N64].body == alert_body_name(ACTIVATED) == "CommsHubFirmwareActivation"


def test_every_code_says_something_and_success_is_told_from_refusal():
    assert len(ResponseCode) == 194
    assert all(meaning(code) for code in ResponseCode)
    assert meaning(ResponseCode.E5) == MEANINGS[ResponseCode.E5]
    assert meaning(ResponseCode.E080407) == "a refusal particular to service 8.4"
    assert meaning(ResponseCode.E1003) == meaning(ResponseCode.E55)
    assert is_success(ResponseCode.W110101)
    assert not is_success(ResponseCode.E5)


@needs_shared
def test_codes_are_those_of_the_schema():
    path = SHARED / "xsd" / "DUIS Schema V5.4.xsd"
    xsd = "{http://www.w3.org/2001/XMLSchema}"
    root = etree.parse(path).getroot()
    (codes,) = [each for each in root.findall(f"{xsd}simpleType") if each.get("name") == "ResponseCode"]
    (alert,) = [each for each in root.findall(f"{xsd}complexType") if each.get("name") == "DCCAlertMessage"]
    assert [each.get("value") for each in codes.iter(f"{xsd}enumeration")] == list(ResponseCode)
    assert [each.get("value") for each in alert.iter(f"{xsd}enumeration")] == list(DccAlertCode)


@needs_shared
@pytest.mark.parametrize("version", ["5.0", "5.2", "5.4"])
@pytest.mark.parametrize("message", SAMPLES.values(), ids=SAMPLES)
def test_everything_written_is_valid(message, version):
    reply = Reply(code=ResponseCode.I0, at=AT, message=message, request_id=ASKED)
    load_once().check(parse(write_response(reply, version=version)))


def load_once(found=[]):  # noqa: B006 - the schema is read from disk once for all samples
    if not found:
        found.append(load(SHARED / "xsd"))
    return found[0]
