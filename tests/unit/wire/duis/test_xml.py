"""Hardened reading: what a DUIS message never holds is refused before or while it is parsed."""

import base64

import pytest

from safelaunch.domain.refusals import Unreadable
from safelaunch.wire.duis import xml
from safelaunch.wire.duis.xml import Form, MalformedXml, OversizedXml, canonical, parse, take_apart
from tests.unit.wire.duis.messages import FIRMWARE_REQUEST, REQUEST

ENTITY = b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'
LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not well-formed"),
        (b" \n", "not well-formed"),
        (b"<a>", "not well-formed"),
        (b"<a/><b/>", "not well-formed"),
        (b"<a>\x00</a>", "not well-formed"),
        (b"<a>\xff</a>", "not well-formed"),
        (b"<a>&#0;</a>", "not well-formed"),
        (b"<a>&undeclared;</a>", "not well-formed"),
        (b"<sr:a/>", "not well-formed"),
        (b'<a x="1" x="2"/>', "not well-formed"),
        (ENTITY, "DOCTYPE"),
        (LAUGHS, "DOCTYPE"),
        (OUTSIDE, "DOCTYPE"),
        (b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>', "DOCTYPE"),
        (b'<?xml version="1.0"?><!DOCTYPE a><a/>', "DOCTYPE"),
        (b"<a><?php echo 1 ?></a>", "processing instruction"),
        (b'<?xml-stylesheet href="x"?><a/>', "declaration"),
        (b"<a/><?after x?>", "processing instruction"),
        (b'<?xml version="1.0"?><?xml version="1.0"?><a/>', "processing instruction"),
        (b'<?xml version="1.1"?><a/>', "version 1.0 in UTF-8"),
        (b'<?xml version="1.0" encoding="UTF-7"?><a>+ADwAIQ-DOCTYPE</a>', "version 1.0 in UTF-8"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', "version 1.0 in UTF-8"),
        ("<a/>".encode("utf-16"), "not well-formed"),
        ("<a/>".encode("utf-16-le"), "not well-formed"),
        ("<a/>".encode("cp500"), "not well-formed"),
        (b'<a Id="x"><b Id="x"/></a>', "identifier of another element"),
        (b'<a><b ID="x"/><c id="x"/></a>', "identifier of another element"),
        (b'<a xml:id="x"><b Id="x"/></a>', "identifier of another element"),
    ],
)
def test_what_is_no_duis_xml_is_refused_with_a_sentence(body, reason):
    with pytest.raises(MalformedXml, match=reason) as refusal:
        parse(body)
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<a>" * 65 + b"</a>" * 65, "more than 64 levels"),
        (b"<a>" * 2_000 + b"</a>" * 2_000, "more than 64 levels"),
        (b"<a>" + b"<b/>" * 50_001 + b"</a>", "'<' 50,003 times"),
        (b"<a " + b" ".join(b'x%d="1"' % at for at in range(20_001)) + b"/>", "'=' 20,001 times"),
        (b"<a " + b" ".join(b'x%d="1"' % at for at in range(33)) + b"/>", "has 33 attributes"),
        (
            b"<a " + b" ".join(b'xmlns:n%d="urn:%d"' % (at, at) for at in range(33)) + b"/>",
            "'xmlns' 33 times",
        ),
        (b"<a>" + b"x" * (15 * 1024 * 1024) + b"</a>", "15,728,640 are read"),
        (b"<a>" + b"x" * 2_000_001 + b"</a>", "text of 2,000,001 characters"),
        (b"<a><b/>" + b"x" * 2_000_001 + b"</a>", "text of 2,000,001 characters"),
        (b"<a>" + b"<![CDATA[" + b"x" * 1_500_000 + b"]]>" + b"x" * 500_001 + b"</a>", "text of 2,000,001"),
    ],
    ids=[
        "levels",
        "many levels",
        "marks",
        "equal signs",
        "attributes",
        "namespaces",
        "octets",
        "text",
        "tail",
        "pieces",
    ],
)
def test_what_is_larger_than_any_real_message_is_refused(body, reason):
    with pytest.raises(OversizedXml, match=reason):
        parse(body)


LONG = b"QUFB" * 600_000
"""A text so long that marks are looked for by leaps."""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<FirmwareImage>" + LONG + b"</FirmwareImage><?after x?>", "processing instruction"),
        (b"<!DOCTYPE a><a>" + LONG + b"</a>", "DOCTYPE"),
        (b"<a>" + LONG[:8_000_000] + b"<b/>" * 50_001 + b"</a>", "'<' 50,003 times"),
        (
            b"<a " + b" ".join(b'x%d="1"' % at for at in range(20_001)) + b">" + LONG + b"</a>",
            "'=' 20,001 times",
        ),
    ],
)
def test_a_long_message_is_refused_for_the_same_as_a_short_one(body, reason):
    with pytest.raises(Unreadable, match=reason):
        parse(body)


def test_question_and_exclamation_marks_are_ordinary_characters():
    assert parse(b"<a>Why? Because! &lt;?</a>").text == "Why? Because! <?"


def test_a_very_deep_document_is_refused_by_the_parser_itself():
    with pytest.raises(MalformedXml, match="Excessive depth"):
        parse(b"<a>" * 20_000 + b"</a>" * 20_000)


def test_sixty_four_levels_are_read():
    assert parse(b"<a>" * 64 + b"</a>" * 64).tag == "a"


def test_thirty_two_attributes_are_read():
    assert len(parse(b"<a " + b" ".join(b'x%d="1"' % at for at in range(32)) + b"/>").keys()) == 32


def image_request(characters: str) -> bytes:
    return FIRMWARE_REQUEST.replace(b">AA==<", b">" + characters.encode() + b"<")


def test_the_largest_image_is_read_and_one_group_more_is_not():
    largest = base64.b64encode(bytes(10_240_000)).decode()
    assert len(largest) == xml.MAX_IMAGE_CHARACTERS
    assert parse(image_request(largest)).tag.endswith("Request")
    with pytest.raises(OversizedXml, match="text of 13,653,340 characters"):
        parse(image_request(largest + "AAAA"))


def test_line_ends_in_an_image_are_not_counted():
    lines = base64.encodebytes(bytes(10_240_000)).decode()
    assert len(lines) > xml.MAX_IMAGE_CHARACTERS
    assert parse(image_request(lines)).tag.endswith("Request")


def test_fifty_thousand_device_ids_are_read():
    ids = b",".join([b"00-DB-12-34-56-78-90-A0"] * 50_000)
    assert (
        parse(FIRMWARE_REQUEST.replace(b"00-DB-12-34-56-78-90-A0,00-DB-12-34-56-78-90-A4", ids)) is not None
    )


@pytest.mark.parametrize(
    "lead",
    [
        b'<?xml version="1.0"?>',
        b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n",
        b'<?xml version="1.0" encoding="UTF-8"?>',
        b"\xef\xbb\xbf",
        b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>',
        b"\n",
    ],
)
def test_ordinary_beginnings_are_read(lead):
    assert canonical(parse(lead + REQUEST)) == canonical(parse(REQUEST))


def test_comments_leave_no_trace_and_split_no_text():
    root = parse(b"<!-- a --><a>one<!-- two -->three<b/><!-- c --></a><!-- d -->")
    assert root.text == "onethree"
    assert canonical(root) == b"<a>onethree<b></b></a>"


def test_a_document_without_a_canonical_form_is_refused():
    with pytest.raises(MalformedXml, match="no canonical form"):
        canonical(parse(b'<a xmlns:x="relative"/>'))


def test_detaching_keeps_the_text_that_follows():
    root = parse(b"<a>one<b/>two<c/>three</a>")
    xml.detach(root[1])
    assert canonical(root) == b"<a>one<b></b>twothree</a>"
    xml.detach(root[0])
    assert canonical(root) == b"<a>onetwothree</a>"


def test_white_space_is_stripped_between_elements_and_nowhere_else():
    root = parse("<a>\n <b> </b>\t<c> x </c>\u00a0<d>\n<e/>y\n</d>\r\n</a>".encode())
    xml.strip_white_space(root)
    assert canonical(root).decode() == "<a><b> </b><c> x </c>\u00a0<d><e></e>y\n</d></a>"


FORM = Form(
    "urn:n",
    ("one", "two", "three"),
    optional=frozenset({"two"}),
    attributes=("kind",),
    spare_attributes=("s",),
)


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("", "ends where one is expected"),
        ("<one/>", "ends where three is expected"),
        ("<one/><two/>", "ends where three is expected"),
        ("<two/><three/>", "two'.*where one is expected"),
        ("<one/><three/><two/>", "unknown, repeated or out of order"),
        ("<one/><one/><three/>", "one'.*where three is expected"),
        ("<one/><two/><three/><three/>", "unknown, repeated or out of order"),
        ("<one/><three/><four/>", "unknown, repeated or out of order"),
        ('<one xmlns="urn:m"/><three/>', "where one is expected"),
        ("<one/>text<three/>", "text between its elements"),
        ("text<one/><three/>", "text between its elements"),
        ("<one/><three/>text", "text between its elements"),
    ],
)
def test_an_element_of_another_form_is_refused_with_its_place(inside, reason):
    root = parse(f'<place xmlns="urn:n" kind="x">{inside}</place>'.encode())
    with pytest.raises(Unreadable, match=reason) as refusal:
        take_apart(root, FORM, refusal=Unreadable)
    assert "place" in str(refusal.value)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [("", "lacks the attribute kind"), ('kind="x" other="y"', "unknown attribute 'other'")],
)
def test_attributes_are_those_of_the_form(attributes, reason):
    root = parse(f'<place xmlns="urn:n" {attributes}><one/><three/></place>'.encode())
    with pytest.raises(Unreadable, match=reason):
        take_apart(root, FORM, refusal=Unreadable)


LONG = "n" * 9_000


@pytest.mark.parametrize(
    "text",
    [
        f'<place xmlns="urn:n" {LONG}="x"><one/><three/></place>',
        f'<place xmlns="urn:n" kind="x"><{LONG}/></place>',
        f'<{LONG} xmlns="urn:n" kind="x">text<one/><three/></{LONG}>',
    ],
)
def test_a_refusal_quotes_of_a_long_name_only_what_tells_it_from_others(text):
    with pytest.raises(Unreadable, match="nnn") as refusal:
        take_apart(parse(text.encode()), FORM, refusal=Unreadable)
    assert len(str(refusal.value)) < 500


def test_an_element_of_its_form_is_taken_apart():
    root = parse(b'<place xmlns="urn:n" kind="x" s="y"> <one/> <three/> </place>')
    assert list(take_apart(root, FORM, refusal=Unreadable)) == ["one", "three"]
    root = parse(b'<place xmlns="urn:n" kind="x"><one/><two/><three/></place>')
    assert list(take_apart(root, FORM, refusal=Unreadable)) == ["one", "two", "three"]
