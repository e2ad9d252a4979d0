"""The envelope: strict reading with the place named, and writing that reads back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.duis.envelope import (
    MalformedEnvelope,
    Request,
    Response,
    read_request,
    read_response,
    write_request,
    write_response,
)
from safelaunch.wire.duis.identifiers import MAX_COUNTER, RequestId
from safelaunch.wire.duis.xml import GATEWAY, parse
from tests.unit.wire.duis.messages import REQUEST, REQUEST_ID, RESPONSE, SMETS1_RESPONSE, signed

SUPPLIER = Eui64.parse("90-B3-D5-1F-30-01-00-00")
METER = Eui64.parse("00-DB-12-34-56-78-90-A4")


def test_a_request_id_is_read_and_written_in_the_fields_form():
    found = RequestId.parse(REQUEST_ID.lower())
    assert found == RequestId(SUPPLIER, METER, 1000)
    assert str(found) == REQUEST_ID
    assert str(found.answered()) == "00-DB-12-34-56-78-90-A4:90-B3-D5-1F-30-01-00-00:1000"


@pytest.mark.parametrize("counter", [0, 1, MAX_COUNTER])
def test_counters_go_up_to_the_schemas_bound(counter):
    assert RequestId.parse(f"{SUPPLIER}:{METER}:{counter}").counter == counter


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{SUPPLIER}:{METER}",
        f"{SUPPLIER}:{METER}:",
        f"{SUPPLIER}:{METER}:01",
        f"{SUPPLIER}:{METER}:-1",
        f"{SUPPLIER}:{METER}:+1",
        f"{SUPPLIER}:{METER}:1.0",
        f"{SUPPLIER}:{METER}:{MAX_COUNTER + 1}",
        f"{SUPPLIER}:{METER}:99999999999999999999",
        f"{SUPPLIER}:{METER}:123456789012345678901",
        f"{SUPPLIER}:{METER}:\u0661",
        f"{SUPPLIER}:{METER}:1\n",
        f" {SUPPLIER}:{METER}:1",
        f"{SUPPLIER}:{METER}:1:1",
        f"{SUPPLIER}:90B3D51F30010000:1",
        f"{SUPPLIER}:90-B3-D5-1F-30-01--0000:1",
        f"{SUPPLIER}:90-G3-D5-1F-30-01-00-00:1",
    ],
)
def test_another_form_of_request_id_is_refused(text):
    with pytest.raises(Invalid):
        RequestId.parse(text)


def test_a_counter_that_does_not_fit_is_refused_when_made():
    with pytest.raises(Invalid, match="counter lies between"):
        RequestId(SUPPLIER, METER, MAX_COUNTER + 1)


def test_a_request_is_read():
    assert read_request(parse(REQUEST)) == Request(
        schema_version="5.4",
        request_id=RequestId(SUPPLIER, METER, 1000),
        command_variant=1,
        service_reference="11.2",
        service_reference_variant="11.2",
        body_name="ReadFirmwareVersion",
        body_xml=f'<sr:ReadFirmwareVersion xmlns:sr="{GATEWAY}"></sr:ReadFirmwareVersion>'.encode(),
    )


def test_a_signature_is_passed_over():
    assert read_request(parse(signed())) == read_request(parse(REQUEST))


def test_a_sequenced_request_is_read():
    body = REQUEST.replace(
        b"<sr:CommandVariant>",
        b"<sr:FirstInSequence>1</sr:FirstInSequence><sr:PrecedingServiceRequestID>"
        + REQUEST_ID.encode()
        + b"</sr:PrecedingServiceRequestID><sr:CommandVariant>",
    )
    found = read_request(parse(body))
    assert found.first_in_sequence is True
    assert found.preceding_request_id == RequestId(SUPPLIER, METER, 1000)


@pytest.mark.parametrize(
    ("body", "code", "name"),
    [(RESPONSE, "I99", "ResponseMessage"), (SMETS1_RESPONSE, "I99", "SMETS1ResponseMessage")],
)
def test_a_response_is_read(body, code, name):
    found = read_response(parse(body))
    assert (found.response_code, found.body_name) == (code, name)
    assert found.request_id == RequestId(SUPPLIER, METER, 1000)
    assert found.response_id is None
    assert found.responded_at == datetime(2026, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC)


def test_another_zone_means_the_same_moment():
    body = RESPONSE.replace(b"10:00:00.250Z", b"12:00:00.25+02:00")
    assert read_response(parse(body)).responded_at == read_response(parse(RESPONSE)).responded_at


def cut(name: str) -> bytes:
    start = REQUEST.index(f"<sr:{name}>".encode())
    end = REQUEST.index(f"</sr:{name}>".encode()) + len(f"</sr:{name}>")
    return REQUEST[:start] + REQUEST[end:]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<Request/>", "document element"),
        (RESPONSE, "a DUIS Request is expected"),
        (REQUEST.replace(b' schemaVersion="5.4"', b""), "lacks the attribute schemaVersion"),
        (REQUEST.replace(b'"5.4"', b'"five"'), "schemaVersion is 'five'"),
        (REQUEST.replace(b'"5.4"', b'"5.4" other="x"'), "unknown attribute 'other'"),
        (cut("Header"), "Body'.*where Header is expected"),
        (cut("Body"), "ends where Body is expected"),
        (cut("RequestID"), "where RequestID is expected"),
        (cut("CommandVariant"), "where CommandVariant is expected"),
        (cut("ServiceReferenceVariant"), "ends where ServiceReferenceVariant is expected"),
        (REQUEST.replace(REQUEST_ID.encode(), b"no"), r"RequestID \(line 1\) cannot be read"),
        (REQUEST.replace(b":1000<", b":1000 <"), "cannot be read"),
        (REQUEST.replace(b":1000<", b":<b/>1000<"), "RequestID .*holds elements where text is expected"),
        (REQUEST.replace(b"<sr:RequestID>", b'<sr:RequestID x="y">'), "unknown attribute 'x'"),
        (REQUEST.replace(b">1<", b">0<"), "CommandVariant .* is '0'"),
        (REQUEST.replace(b">1<", b">10<"), "CommandVariant .* is '10'"),
        (REQUEST.replace(b"Reference>11.2<", b"Reference>11<"), "ServiceReference .* is '11'"),
        (REQUEST.replace(b"Variant>11.2<", b"Variant>11.2 OR 1<"), "ServiceReferenceVariant .* is"),
        (REQUEST.replace(b"<sr:Header>", b"<sr:Header>text"), "Header .*text between"),
        (REQUEST.replace(b"<sr:Body>", b"<sr:Body>text"), "Body .*text between"),
        (REQUEST.replace(b"<sr:ReadFirmwareVersion/>", b""), "Body .*holds 0 elements"),
        (REQUEST.replace(b"</sr:Body>", b"<sr:More/></sr:Body>"), "Body .*holds 2 elements"),
        (REQUEST.replace(b"<sr:ReadFirmwareVersion/>", b"<Own/>"), "not an element of DUIS"),
        (REQUEST.replace(b"</sr:Body>", b"</sr:Body><sr:Body/>"), "unknown, repeated or out of order"),
        (REQUEST.replace(b"<sr:CommandVariant>", b"<sr:FirstInSequence>yes</sr:FirstInSequence><sr:CommandVariant>"),
         "FirstInSequence is 'yes'"),
    ],
)  # fmt: skip
def test_a_malformed_request_is_refused_with_its_place(body, reason):
    with pytest.raises(MalformedEnvelope, match=reason):
        read_request(parse(body))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"I99", b"X1", "ResponseCode .* is 'X1'"),
        (b"10:00:00.250Z", b"10:00:00.250", "ResponseDateTime .*not of its form"),
        (b"2026-03-01T", b"2026-02-30T", "is no time"),
        (b"2026-03-01T10", b"20260301T10", "not of its form"),
        (b"sr:ResponseMessage", b"sr:ReadFirmwareVersion", "one of DCCAlertMessage"),
        (b"<sr:ResponseCode>", b"<sr:ResponseID/><sr:ResponseCode>", "ResponseID .*cannot be read"),
    ],
)
def test_a_malformed_response_is_refused_with_its_place(old, new, reason):
    assert old in RESPONSE
    with pytest.raises(MalformedEnvelope, match=reason):
        read_response(parse(RESPONSE.replace(old, new)))


def test_a_schema_location_is_nobodys_business():
    spare = f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{GATEWAY} DUIS.xsd" '.encode()
    body = REQUEST.replace(b"schemaVersion", spare + b"schemaVersion")
    assert read_request(parse(body)) == read_request(parse(REQUEST))


def test_what_is_written_is_compact_and_reads_back():
    request = read_request(parse(REQUEST))
    assert write_request(request) == REQUEST.replace(
        b"<sr:ReadFirmwareVersion/>", b"<sr:ReadFirmwareVersion></sr:ReadFirmwareVersion>"
    )
    sequenced = replace(request, first_in_sequence=False, preceding_request_id=request.request_id)
    assert read_request(parse(write_request(sequenced))) == sequenced
    response = read_response(parse(RESPONSE))
    assert write_response(response) == RESPONSE


def test_a_responses_time_is_written_in_utc_to_the_millisecond():
    at = datetime(2026, 7, 1, 11, 0, 0, 123_999, tzinfo=timezone(timedelta(hours=1)))
    written = write_response(replace(read_response(parse(RESPONSE)), responded_at=at))
    assert b"<sr:ResponseDateTime>2026-07-01T10:00:00.123Z<" in written


def test_an_alert_answers_no_request():
    alert = Response(
        schema_version="5.4",
        request_id=None,
        response_id=RequestId(METER, SUPPLIER, 7),
        response_code="I0",
        responded_at=datetime(2026, 3, 1, tzinfo=UTC),
        body_name="DCCAlertMessage",
        body_xml=f'<sr:DCCAlertMessage xmlns:sr="{GATEWAY}"></sr:DCCAlertMessage>'.encode(),
    )
    assert read_response(parse(write_response(alert))) == alert


def test_a_body_with_another_prefix_is_written_with_the_envelopes():
    own = f'<x:ReadFirmwareVersion xmlns:x="{GATEWAY}"/>'.encode()
    request = read_request(parse(REQUEST))
    assert write_request(replace(request, body_xml=own)) == write_request(request)


@pytest.mark.parametrize(
    "change",
    [
        {"command_variant": 10},
        {"schema_version": '5.4" x="y'},
        {"service_reference": "11.2</sr:ServiceReference>"},
        {"service_reference_variant": ""},
        {"body_name": "UpdateFirmware"},
        {"body_xml": b""},
        {"body_xml": b"<Own/>"},
        {"body_xml": f'<sr:A xmlns:sr="{GATEWAY}"/><sr:B/>'.encode()},
        {"body_xml": f'<sr:ReadFirmwareVersion xmlns:sr="{GATEWAY}"/></sr:Body><sr:Body>'.encode()},
    ],
)
def test_a_request_that_would_not_read_back_is_not_written(change):
    with pytest.raises(Invalid):
        write_request(replace(read_request(parse(REQUEST)), **change))


def test_a_response_without_a_zone_is_not_written():
    response = read_response(parse(RESPONSE))
    with pytest.raises(Invalid, match="no zone"):
        write_response(replace(response, responded_at=response.responded_at.replace(tzinfo=None)))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("ServiceReference", read_request),
        ("Request", read_request),
        ("RequestID", read_request),
        ("Response", read_response),
    ],
)
def test_a_refusal_stays_a_sentence_however_long_a_name_is(name, read):
    document = RESPONSE if read is read_response else REQUEST
    found = document.decode() if isinstance(document, bytes) else document
    with pytest.raises(MalformedEnvelope) as refusal:
        read(parse(found.replace(name, name + "n" * 9_000).encode()))
    assert len(str(refusal.value)) < 500
