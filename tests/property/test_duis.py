"""What is signed is what is read, whatever the body; and no octet of a signed message may change unnoticed."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.duis.envelope import (
    Request,
    Response,
    read_request,
    read_response,
    write_request,
    write_response,
)
from safelaunch.wire.duis.identifiers import MAX_COUNTER, RequestId
from safelaunch.wire.duis.opening import Trust, open_request
from safelaunch.wire.duis.signature import sign, verify
from safelaunch.wire.duis.xml import GATEWAY, canonical, exclusive, parse
from tests import pki

EUIS = st.builds(Eui64, st.integers(0, 2**64 - 1))
REQUEST_IDS = st.builds(RequestId, EUIS, EUIS, st.integers(0, MAX_COUNTER))
NAMES = st.sampled_from(["UpdateFirmware", "ReadFirmwareVersion", "A", "b-1", "Signature"])
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from(" \t\r\n<>&'\"")
)
REFERENCES = st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}(\.[0-9]{1,2})?", fullmatch=True)


def _is_allowed(text: str) -> bool:
    return not any(ord(character) in (0xFFFE, 0xFFFF) for character in text)


TEXTS = TEXTS.filter(_is_allowed)


def element(name: str, content: str | list[bytes], index: str | None) -> bytes:
    made = etree.Element(f"{{{GATEWAY}}}{name}", nsmap={"sr": GATEWAY})
    if index is not None:
        made.set("index", index)
    if isinstance(content, str):
        made.text = content
    else:
        made.extend([etree.fromstring(child) for child in content])
    return etree.tostring(made)


def with_children(children: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.builds(element, NAMES, st.lists(children, max_size=4), st.none() | TEXTS)


BODIES = st.recursive(st.builds(element, NAMES, TEXTS, st.none() | TEXTS), with_children, max_leaves=8).map(
    lambda octets: exclusive(parse(octets))
)


@st.composite
def requests(draw: st.DrawFn, originators: st.SearchStrategy[Eui64] = EUIS) -> Request:
    body = draw(BODIES)
    return Request(
        schema_version=draw(st.sampled_from(["5.0", "5.4", "6"])),
        request_id=RequestId(draw(originators), draw(EUIS), draw(st.integers(0, MAX_COUNTER))),
        command_variant=draw(st.integers(1, 9)),
        service_reference=draw(REFERENCES),
        service_reference_variant=draw(REFERENCES),
        body_name=parse(body).tag.rpartition("}")[2],
        body_xml=body,
        first_in_sequence=draw(st.none() | st.booleans()),
        preceding_request_id=draw(st.none() | REQUEST_IDS),
    )


@given(REQUEST_IDS)
def test_request_ids_come_back_as_they_were_written(request_id):
    assert RequestId.parse(str(request_id)) == request_id
    assert request_id.answered().answered() == request_id


@given(st.text(max_size=80))
@example("90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A4:18446744073709551616")
def test_a_text_is_a_request_id_or_is_refused(text):
    try:
        found = RequestId.parse(text)
    except Invalid:
        return
    assert str(found) == text.upper()


@given(requests())
@settings(max_examples=150)
def test_requests_come_back_as_they_were_written(request):
    assert read_request(parse(write_request(request))) == request


@given(
    request_id=st.none() | REQUEST_IDS,
    response_id=st.none() | REQUEST_IDS,
    at=st.datetimes(datetime(2015, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
)
@settings(max_examples=80)
def test_responses_come_back_as_they_were_written(request_id, response_id, at):
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    body = element("DCCAlertMessage", "", None)
    response = Response("5.4", request_id, response_id, "I0", at, "DCCAlertMessage", exclusive(parse(body)))
    assert read_response(parse(write_response(response))) == response


@given(requests(originators=st.just(pki.SUPPLIER)))
@settings(max_examples=150)
def test_what_is_signed_is_what_is_read(request):
    identity = pki.supplier()
    body = sign(write_request(request), key=identity.key, certificate=identity.certificate)
    opened = open_request(body, trust=Trust(pki.trusted().find), at=pki.DURING)
    signed = read_request(parse(verified_octets(body)))
    assert opened.envelope == signed
    assert signed.request_id == request.request_id
    assert squeezed(signed.body_xml) == squeezed(request.body_xml)


def squeezed(octets: bytes) -> list[tuple[str, list[tuple[str, str]], str]]:
    """A body without the white space between elements, which signing drops."""
    return [
        (each.tag, sorted(each.attrib.items()), "" if len(each) else each.text or "")
        for each in parse(octets).iter()
    ]


def verified_octets(body: bytes, *, tolerates_reformatting: bool = False) -> bytes:
    return verify(
        parse(body),
        find_certificate=pki.trusted().find,
        at=pki.DURING,
        tolerates_reformatting=tolerates_reformatting,
    ).octets


def _signed_message() -> bytes:
    identity = pki.supplier()
    request = Request(
        schema_version="5.4",
        request_id=RequestId(pki.SUPPLIER, pki.DSP, 1),
        command_variant=8,
        service_reference="11.1",
        service_reference_variant="11.1",
        body_name="UpdateFirmware",
        body_xml=element("UpdateFirmware", [element("FirmwareImage", "AA==", "1")], None),
    )
    return sign(write_request(request), key=identity.key, certificate=identity.certificate)


MESSAGE = _signed_message()
WHITE_SPACE = b" \t\r\n"


@given(
    at=st.integers(0, len(MESSAGE) - 1),
    change=st.integers(1, 255),
    tolerates_reformatting=st.booleans(),
)
@settings(max_examples=1_500)
def test_no_octet_of_a_signed_message_changes_unnoticed(at, change, tolerates_reformatting):
    """White space within a tag may become other white space: it is no part of any document. Nothing else passes."""
    changed = bytearray(MESSAGE)
    changed[at] ^= change
    try:
        octets = verified_octets(bytes(changed), tolerates_reformatting=tolerates_reformatting)
    except Unreadable as refusal:
        assert str(refusal)  # noqa: PT017 - either outcome is right, and each has its own condition
        return
    assert MESSAGE[at] in WHITE_SPACE
    assert changed[at] in WHITE_SPACE
    assert octets == verified_octets(MESSAGE)


@given(
    start=st.integers(0, len(MESSAGE) - 1),
    length=st.integers(0, 40),
    put=st.binary(max_size=40) | st.sampled_from([b"<!-- -->", b"\n", b"<x/>", b"&#13;", b"<![CDATA[]]>"]),
)
@settings(max_examples=800)
def test_cutting_and_pasting_gives_the_same_document_or_none(start, length, put):
    changed = MESSAGE[:start] + put + MESSAGE[start + length :]
    try:
        octets = verified_octets(changed, tolerates_reformatting=True)
    except Unreadable:
        return
    assert octets == verified_octets(MESSAGE)


@given(st.binary(max_size=200) | st.text(max_size=120).map(str.encode))
@settings(max_examples=400)
def test_any_octets_at_all_are_read_or_refused(octets):
    def outcome(read: Callable[[bytes], object]) -> None:
        try:
            read(octets)
        except Unreadable as refusal:
            assert str(refusal).endswith(".")  # noqa: PT017 - reading is as right as refusing

    outcome(parse)
    outcome(lambda body: open_request(body, trust=Trust(pki.trusted().find), at=pki.DURING))


@given(BODIES)
@settings(max_examples=150)
def test_canonical_octets_are_their_own_canonical_form(body):
    assert canonical(parse(canonical(parse(body)))) == canonical(parse(body))


@pytest.mark.parametrize("tolerates_reformatting", [False, True])
def test_every_single_octet_matters(tolerates_reformatting):
    """The same as the property, once over the whole message, with the change that is hardest to see: one bit."""
    passed = []
    for at in range(len(MESSAGE)):
        changed = bytearray(MESSAGE)
        changed[at] ^= 1
        try:
            verified_octets(bytes(changed), tolerates_reformatting=tolerates_reformatting)
        except Unreadable:
            continue
        passed.append(at)
    assert passed == []
