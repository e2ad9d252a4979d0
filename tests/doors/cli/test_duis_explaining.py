"""`safelaunch duis explain`: what a document says, whether it would be accepted, and everything against it."""

import pytest

from tests import pki
from tests.unit.wire.duis.messages import FIRMWARE_REQUEST, REQUEST, RESPONSE, SHARED, needs_shared, signed
from tests.unit.wire.duis.test_signature import indent

AT = "2026-11-02T09:30:00Z"
EXAMPLES = SHARED / "examples"


@pytest.fixture
def explain(desk, shell):
    def command(octets: bytes, *more: str, trusting: bool = True):
        trust = ("--trust", str(desk.certificates), "--at", AT) if trusting else ()
        answer = shell("duis", "explain", desk.put(octets), *trust, *more)
        assert answer.code == 0, answer.err
        return answer

    return command


def test_a_good_request_would_be_accepted(explain):
    lines = explain(signed()).out.splitlines()
    assert lines[0].startswith("Service Request 11.2, Read Firmware Version, in Command Variant 1")
    assert "It would be accepted as it stands; User, Device and counter the receiver judges." in lines
    assert f"Signed by {pki.SUPPLIER}, role 87." in lines


def test_a_response_and_an_unsigned_one_would_be_accepted(explain):
    for message in (RESPONSE, signed(RESPONSE, by=pki.dsp())):
        assert "It would be accepted" in explain(message).out


def test_without_certificates_the_signature_is_left_open(explain):
    answer = explain(signed(), "--json", trusting=False)
    assert answer.json["accepted"] is None
    assert answer.json["reasons"] == []
    assert "Name it with --trust." in answer.json["doubts"][0]
    assert "Nothing speaks against it so far" in explain(signed(), trusting=False).out


def test_a_stranger_is_a_reason_where_certificates_were_given(explain):
    facts = explain(signed(by=pki.identity(pki.SUPPLIER, serial=4711)), "--json").json
    assert facts["accepted"] is False
    assert "not known here" in facts["reasons"][0]


def test_everything_against_a_message_is_said_not_only_the_first(explain):
    wrong = REQUEST.replace(b"Variant>1<", b"Variant>8<").replace(b"Reference>11.2<", b"Reference>11.1<")
    facts = explain(wrong, "--json").json
    assert facts["accepted"] is False
    said = " ".join(facts["reasons"])
    for reason in ("not signed", "Service Reference is 11.1", "Command Variant 8"):
        assert reason in said


REASONS = {
    "unsigned": (REQUEST, "not signed"),
    "changed": (signed().replace(b":1000<", b":1001<"), "changed after it was signed"),
    "indented": (indent(signed()), "--forgive layout accepts that"),
    "unknown SRV": (REQUEST.replace(b">11.2<", b">11.9<"), "is not a Service Reference Variant"),
    "another's body": (REQUEST.replace(b"ReadFirmwareVersion", b"ReadInventory"), "has ReadFirmwareVersion"),
    "no pre-command": (
        REQUEST.replace(b">11.2<", b">11.3<").replace(b"Variant>1<", b"Variant>5<"),
        "has SignedPreCommand",
    ),
    "an image that is none": (FIRMWARE_REQUEST, "image"),
    "a body that is none": (
        REQUEST.replace(
            b"<sr:ReadFirmwareVersion/>", b"<sr:ReadFirmwareVersion><sr:X/></sr:ReadFirmwareVersion>"
        ),
        "ReadFirmwareVersion",
    ),
    "a header that is none": (
        REQUEST.replace(b"<sr:CommandVariant>1</sr:CommandVariant>", b""),
        "CommandVariant",
    ),
    "a time that is past": (
        REQUEST.replace(
            b"<sr:ReadFirmwareVersion/>",
            b"<sr:ReadFirmwareVersion><sr:ExecutionDateTime>2020-01-01T00:00:00Z</sr:ExecutionDateTime>"
            b"</sr:ReadFirmwareVersion>",
        ),
        "does not lie ahead by at most 30 days",
    ),
    "a code that is none": (RESPONSE.replace(b">I99<", b">E9<"), "E9 is not a response code"),
}


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_is_named(explain, name):
    message, reason = REASONS[name]
    facts = explain(message, "--json").json
    assert facts["accepted"] is False
    assert any(reason in one for one in facts["reasons"]), facts["reasons"]
    said = explain(message).out
    assert "It would not be accepted:" in said
    assert reason in said


def test_the_switches_change_the_verdict_and_say_so(explain, desk, shell):
    forgiven = explain(indent(signed()), "--forgive", "layout")
    assert "It was laid out anew after it was signed" in forgiven.out
    late = ["duis", "explain", desk.put(signed()), "--trust", str(desk.certificates), "--at", "2037-01-01"]
    assert "A renewed one is needed" in shell(*late).out
    assert "It would be accepted" in shell(*late, "--forgive", "dates").out


@pytest.mark.parametrize("message", [b"hello", b"", b"<a/>"])
def test_what_is_no_duis_document_is_refused_with_a_sentence(desk, shell, message):
    answer = shell("duis", "explain", desk.put(message))
    assert answer.code == 1
    assert answer.out == ""
    assert answer.err.strip().endswith(".")


@needs_shared
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_every_sample_is_explained_and_judged_as_it_is_named(explain, path):
    octets = path.read_bytes()
    asks = b"<sr:Request " in octets
    facts = explain(signed(octets) if asks else octets, "--schemas", str(SHARED / "xsd"), "--json").json
    assert len(facts["lines"]) > 2
    assert facts["accepted"] is ("invalid" not in path.stem), facts["reasons"]
    if path.stem.startswith("xsd_invalid"):
        assert any("breaks DUIS Schema" in one for one in facts["reasons"])


@needs_shared
def test_all_reference_test_data_is_explained(explain):
    for path in sorted((SHARED / "rtds").glob("*.XML")):
        octets = path.read_bytes()
        by = pki.dsp() if b"RequestID>90-B3-D5-1F-30-00-00-02" in octets else pki.supplier()
        facts = explain(signed(octets, by=by), "--schemas", str(SHARED / "xsd"), "--json").json
        # Their execution times lie in 2030, and everything else about them is right.
        reasons = [one for one in facts["reasons"] if "does not lie ahead" not in one]
        assert reasons == [], path.name
        assert len(facts["lines"]) > 2, path.name
