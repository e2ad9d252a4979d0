"""Both directions with Smart DCC's own tools: what they sign is accepted here, what is signed here they accept."""

import base64
import hashlib
import os
import re
import time

import pytest

from safelaunch.domain.refusals import Unreadable
from safelaunch.wire.duis.envelope import Request, Response, read_request, read_response
from safelaunch.wire.duis.opening import Trust, open_request, open_response
from safelaunch.wire.duis.responses import read_response as read_reply
from safelaunch.wire.duis.responses import write_response
from safelaunch.wire.duis.schema import load
from safelaunch.wire.duis.signature import Unsigned, UntrustedSignature
from safelaunch.wire.duis.xml import canonical, parse
from tests import pki
from tests.interop.smart_dcc import Outcome
from tests.unit.wire.duis.messages import (
    FIRMWARE_REQUEST,
    REQUEST,
    RESPONSE,
    SHARED,
    checked,
    needs_shared,
    signed,
)
from tests.unit.wire.duis.test_signature import indent

RTDS = sorted((SHARED / "rtds").glob("*.XML"))
EXAMPLES = sorted((SHARED / "examples").glob("*.xml"))
NEVER_VALID = [path for path in EXAMPLES if path.stem.startswith("xsd_invalid")]
RESPONSES = [path for path in EXAMPLES if b"<sr:Response" in path.read_bytes()]
REQUESTS = [path for path in EXAMPLES if path not in RESPONSES and path not in NEVER_VALID]

TEXTS_OF_SIGNATURE = re.compile(rb"<ds:DigestValue>([^<]*)</ds:DigestValue>")


def trust() -> Trust:
    return Trust(pki.trusted().find, schema=load(SHARED / "xsd") if SHARED.is_dir() else None)


def owner(request: Request) -> pki.Identity:
    everybody = {one.certificate.eui: one for one in (pki.supplier(), pki.other_supplier(), pki.dsp())}
    return everybody[request.request_id.originator]


def signed_here(body: bytes) -> bytes:
    return signed(body, by=owner(read_request(parse(body))))


def digest_in(body: bytes) -> bytes:
    found = TEXTS_OF_SIGNATURE.search(body)
    assert found is not None
    return found[1]


def failures(names: list[str], outcomes: list[Outcome]) -> list[str]:
    return [f"{name}: {one.error}" for name, one in zip(names, outcomes, strict=True) if one.error]


def requests_at_hand() -> dict[str, bytes]:
    """Our own two, and where the shared data lies beside the project all Reference Test Data and sample requests."""
    found = {"11.2": REQUEST, "11.1": FIRMWARE_REQUEST}
    return found | {path.name: path.read_bytes() for path in (*RTDS, *REQUESTS)}


def responses_at_hand(version: str = "5.4") -> dict[str, bytes]:
    """Our own acknowledgement, and the shared samples of responses and alerts: read, and written as we write them."""
    samples = {"I99": RESPONSE} | {path.name: path.read_bytes() for path in RESPONSES}
    replies = {name: read_reply(read_response(parse(one))) for name, one in samples.items()}
    return {name: write_response(reply, version=version) for name, reply in replies.items()}


# What they sign is accepted here.


@pytest.fixture(scope="module")
def signed_there(tools) -> dict[str, Outcome]:
    messages = requests_at_hand()
    return dict(zip(messages, tools.sign(list(messages.values())), strict=True))


def test_every_request_that_the_java_tool_signs_is_accepted(signed_there):
    messages = requests_at_hand()
    print(f"{len(messages)} requests")
    assert failures(list(signed_there), list(signed_there.values())) == []
    believed = trust()
    for name, outcome in signed_there.items():
        opened = open_request(outcome.octets, trust=believed, at=pki.DURING)
        assert (
            opened.envelope
            == open_request(signed_here(messages[name]), trust=believed, at=pki.DURING).envelope
        ), name
        assert opened.certificate == owner(opened.envelope).certificate, name
        assert not opened.was_reformatted, name


def test_both_digest_the_same_octets(signed_there):
    for name, message in requests_at_hand().items():
        assert digest_in(signed_there[name].octets) == digest_in(signed_here(message)), name


def test_a_counter_that_the_java_tool_sets_is_the_present_in_milliseconds(tools):
    (outcome,) = tools.sign([REQUEST], preserves_counter=False)
    opened = open_request(outcome.octets, trust=trust(), at=pki.DURING)
    assert abs(opened.envelope.request_id.counter / 1000 - time.time()) < 3600


def test_the_largest_request_that_the_java_tool_signs_is_accepted(tools):
    image = base64.b64encode(os.urandom(10_240_000))
    devices = b",".join(b"00-DB-12-34-56-%02X-%02X-A0" % divmod(number, 256) for number in range(50_000))
    largest = FIRMWARE_REQUEST.replace(b"AA==", image)
    largest = re.sub(rb"(<sr:DeviceIDList>)[^<]*", lambda found: found[1] + devices, largest)
    (outcome,) = tools.sign([largest])
    opened = open_request(outcome.octets, trust=trust(), at=pki.DURING)
    assert opened.envelope.body_xml.count(b",00-DB") == 49_999
    (back,) = tools.validate([signed_here(largest)])
    assert hashlib.sha256(back.octets.rstrip()).digest() == hashlib.sha256(canonical(parse(largest))).digest()


def test_a_request_built_by_the_parser_and_signed_by_the_java_tool_is_accepted(tools):
    made = tools.construct(
        [
            {
                "header": {
                    "type": "request",
                    "requestId": {
                        "originatorId": str(pki.SUPPLIER).lower(),
                        "targetId": "00-db-12-34-56-78-90-a0",
                        "counter": 1000,
                    },
                    "commandVariant": 1,
                    "serviceReference": "11.2",
                    "serviceReferenceVariant": "11.2",
                },
                "body": {"ReadFirmwareVersion": ""},
            }
        ]
    )
    (outcome,) = tools.sign([made[0].octets])
    envelope = open_request(outcome.octets, trust=trust(), at=pki.DURING).envelope
    assert (envelope.service_reference_variant, envelope.body_name) == ("11.2", "ReadFirmwareVersion")
    assert envelope.request_id.originator == pki.SUPPLIER


# What is signed here, they accept.


def test_the_java_tool_validates_every_request_signed_here(tools):
    messages = requests_at_hand()
    outcomes = tools.validate([signed_here(one) for one in messages.values()])
    assert failures(list(messages), outcomes) == []
    for (name, message), outcome in zip(messages.items(), outcomes, strict=True):
        assert outcome.octets.rstrip(b"\n") == checked(signed_here(message)).octets, name


def test_the_java_tool_validates_every_response_and_alert_signed_here(tools):
    messages = responses_at_hand()
    print(f"{len(messages)} responses and alerts")
    outcomes = tools.validate([signed(one, by=pki.dsp()) for one in messages.values()])
    assert failures(list(messages), outcomes) == []


def test_what_is_said_in_an_older_version_the_java_tool_validates_by_its_schema(tools_of_2022):
    messages = responses_at_hand(version="5.1")
    outcomes = tools_of_2022.validate([signed(one, by=pki.dsp()) for one in messages.values()])
    assert failures(list(messages), outcomes) == []


def test_the_parser_reads_every_response_and_alert_signed_here(tools):
    messages = {name: signed(one, by=pki.dsp()) for name, one in responses_at_hand().items()}
    outcomes = tools.parse(list(messages.values()))
    assert failures(list(messages), outcomes) == []
    for (name, message), outcome in zip(messages.items(), outcomes, strict=True):
        envelope = open_response(message, trust=trust(), at=pki.DURING).envelope
        assert outcome.value["header"]["type"] == "response", name
        assert as_read(outcome.value["header"]) == as_written(envelope), name
        assert list(outcome.value["body"]) == [envelope.body_name], name


def test_the_parser_reads_every_request_signed_here(tools):
    messages = {name: signed_here(one) for name, one in requests_at_hand().items()}
    outcomes = tools.parse(list(messages.values()))
    assert failures(list(messages), outcomes) == []
    for (name, message), outcome in zip(messages.items(), outcomes, strict=True):
        envelope = open_request(message, trust=trust(), at=pki.DURING).envelope
        header = outcome.value["header"]
        assert header["commandVariant"]["number"] == envelope.command_variant, name
        assert (
            header["serviceReferenceVariant"]["Service Reference Variant"]
            == envelope.service_reference_variant
        ), name
        assert identifier(header["requestId"]) == str(envelope.request_id).lower(), name
        assert list(outcome.value["body"]) == [envelope.body_name], name


def identifier(parts: dict[str, str] | None) -> str | None:
    return parts and f"{parts['originatorId']}:{parts['targetId']}:{parts['counter']}"


def as_read(header: dict) -> tuple[str | None, str | None, str]:
    return identifier(header.get("requestId")), identifier(header.get("responseId")), header["responseCode"]


def as_written(envelope: Response) -> tuple[str | None, str | None, str]:
    request_id, response_id = (
        one and str(one).lower() for one in (envelope.request_id, envelope.response_id)
    )
    return request_id, response_id, envelope.response_code


# What is refused.


def test_both_refuse_what_was_changed_after_signing(tools):
    message = signed()
    changed = [message.replace(b":1000<", b":1001<"), message.replace(b">11.2<", b">11.3<")]
    for body, outcome in zip(changed, tools.validate(changed), strict=True):
        assert "validation failed" in (outcome.error or "")
        with pytest.raises(UntrustedSignature):
            open_request(body, trust=Trust(pki.trusted().find), at=pki.DURING)


def test_both_refuse_a_signature_by_another_key(tools):
    other = signed(by=pki.other_supplier())
    forged = other.replace(
        str(pki.other_supplier().certificate.serial).encode(), str(pki.supplier().certificate.serial).encode()
    )
    (outcome,) = tools.validate([forged])
    assert "validation failed" in (outcome.error or "")
    with pytest.raises(UntrustedSignature, match="not made by the key"):
        open_request(forged, trust=trust(), at=pki.DURING)


def test_both_refuse_an_unsigned_request_and_read_an_unsigned_response(tools):
    request, response = tools.validate([REQUEST, RESPONSE])
    assert "signature missing" in (request.error or "")
    with pytest.raises(Unsigned):
        open_request(REQUEST, trust=trust(), at=pki.DURING)
    assert response.error is None
    assert open_response(RESPONSE, trust=trust(), at=pki.DURING, accepts_unsigned=True).certificate is None


def test_what_was_indented_after_signing_passes_there_and_here_only_if_that_is_tolerated(tools):
    indented = indent(signed(FIRMWARE_REQUEST))
    (outcome,) = tools.validate([indented])
    assert outcome.error is None
    with pytest.raises(UntrustedSignature):
        open_request(indented, trust=trust(), at=pki.DURING)
    forgiving = Trust(pki.trusted().find, tolerates_reformatting=True)
    assert open_request(indented, trust=forgiving, at=pki.DURING).was_reformatted


@needs_shared
def test_both_refuse_the_samples_that_break_the_schema(tools):
    assert NEVER_VALID
    messages = [path.read_bytes() for path in NEVER_VALID]
    for path, message, outcome in zip(NEVER_VALID, messages, tools.sign(messages), strict=True):
        assert "validation failed" in (outcome.error or ""), path.name
        with pytest.raises(Unreadable):
            open_request(signed_here(message), trust=trust(), at=pki.DURING)


def test_responses_signed_by_the_java_tool_open_as_the_dsps(tools):
    # The tool signs as whoever the first Request ID names, so a response of the DSP's own asks for one of its own.
    mine = RESPONSE.replace(str(pki.SUPPLIER).encode(), str(pki.DSP).encode())
    (outcome,) = tools.sign([mine])
    opened = open_response(outcome.octets, trust=trust(), at=pki.DURING)
    assert opened.envelope == read_response(parse(mine))
    assert opened.certificate == pki.dsp().certificate
