"""Broken messages: good ones, cut and stirred as octets or as trees, and then perhaps signed again.

What is signed again gets past the signature, so that the readers behind it meet broken messages too.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import cache

from hypothesis import strategies as st
from lxml import etree

from safelaunch.domain.refusals import Problem
from safelaunch.wire.duis.signature import sign
from safelaunch.wire.duis.xml import GATEWAY, XMLDSIG, parse
from tests import pki
from tests.unit.wire.duis.messages import FIRMWARE_REQUEST, REQUEST, RESPONSE, SHARED, SMETS1_RESPONSE, signed

Mutation = Callable[[bytes], bytes]

TOKENS = [
    b"<!-- x -->",
    b"<!--",
    b"<![CDATA[x]]>",
    b"]]>",
    b"<!DOCTYPE a [<!ENTITY e 'x'>]>",
    b"<?x y?>",
    b"&e;",
    b"&#0;",
    b"&#13;",
    b"&#x10FFFF;",
    b"&lt;",
    b"\x00",
    b"\xff\xfe",
    b"\xc0\xaf",
    b"\xef\xbb\xbf",
    "\ud7ff\ufffd\u0301\U0001f600".encode(),
    b' xmlns:a="urn:a"',
    b' xmlns=""',
    b' xml:id="x"',
    b' Id="x"',
    b' xsi:nil="true"',
    b"<sr:Header>",
    b"</sr:Body>",
    b"<ds:Signature>",
    b"<ds:Object/>",
    b"90-B3-D5-1F-30-01-00-00",
    b",",
    b"18446744073709551616",
    b"-1",
    b"9" * 5_000,
    b"3000-12-31T00:00:00Z",
    b"0000-00-00T99:99:99Z",
    b"true",
    b"\t\r\n ",
]
TEXTS = st.sampled_from(
    ["", " ", "0", "-1", "true", "11.1", "11.3", "8.2", "\u0661", "A" * 3_000, "=" * 200]
) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30).filter(
    lambda text: not any(letter in text for letter in "\ufffe\uffff")
)
NAMES = st.sampled_from(
    [
        f"{{{GATEWAY}}}Request",
        f"{{{GATEWAY}}}Response",
        f"{{{GATEWAY}}}Header",
        f"{{{GATEWAY}}}Body",
        f"{{{GATEWAY}}}RequestID",
        f"{{{GATEWAY}}}UpdateFirmware",
        f"{{{GATEWAY}}}SignedPreCommand",
        f"{{{GATEWAY}}}SMETS1SignedResponse",
        f"{{{XMLDSIG}}}Signature",
        f"{{{XMLDSIG}}}Object",
        "{urn:other}Header",
        "Header",
    ]
)


@cache
def corpus() -> tuple[bytes, ...]:
    """Good messages: ours, and where they lie beside the project the Reference Test Data."""
    own = [signed(), signed(FIRMWARE_REQUEST), REQUEST, RESPONSE, signed(SMETS1_RESPONSE, by=pki.dsp())]
    shared = [path.read_bytes() for path in sorted((SHARED / "rtds").glob("*.XML"))]
    return tuple(own + [signed(one) for one in shared if str(pki.SUPPLIER).encode() in one])


def cut(draw: st.DrawFn, body: bytes) -> bytes:
    start, end = _span(draw, body)
    return body[:start] + body[end:]


def repeat(draw: st.DrawFn, body: bytes) -> bytes:
    start, end = _span(draw, body)
    return body[:end] + body[start:end] * draw(st.sampled_from([1, 2, 40])) + body[end:]


def insert(draw: st.DrawFn, body: bytes) -> bytes:
    place, _ = _span(draw, body)
    return body[:place] + draw(st.sampled_from(TOKENS) | st.binary(min_size=1, max_size=8)) + body[place:]


def overwrite(draw: st.DrawFn, body: bytes) -> bytes:
    place, _ = _span(draw, body)
    new = draw(st.binary(min_size=1, max_size=4))
    return body[:place] + new + body[place + len(new) :]


def splice(draw: st.DrawFn, body: bytes) -> bytes:
    other = draw(st.sampled_from(corpus()))
    start, end = _span(draw, body)
    from_, to = _span(draw, other)
    return body[:start] + other[from_:to] + body[end:]


def _span(draw: st.DrawFn, body: bytes) -> tuple[int, int]:
    # Most places worth breaking are at marks.
    marks = [place for place, octet in enumerate(body[:20_000]) if octet in b'<>"='] or [0]
    place = st.sampled_from(marks) | st.integers(0, len(body))
    start, end = sorted((draw(place), draw(place)))
    return start, end


def move(draw: st.DrawFn, root: etree._Element) -> None:
    element, home = _two(draw, root)
    if element is not root and home not in list(element.iter()):
        home.insert(draw(st.integers(0, len(home))), element)


def copy(draw: st.DrawFn, root: etree._Element) -> None:
    element, home = _two(draw, root)
    twin = deepcopy(element)
    twin.tail = None
    home.insert(draw(st.integers(0, len(home))), twin)


def drop(draw: st.DrawFn, root: etree._Element) -> None:
    element, _ = _two(draw, root)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def rename(draw: st.DrawFn, root: etree._Element) -> None:
    element, other = _two(draw, root)
    element.tag = draw(NAMES | st.just(other.tag))


def rewrite(draw: st.DrawFn, root: etree._Element) -> None:
    element, other = _two(draw, root)
    element.text = draw(TEXTS | st.just(other.text))


def attribute(draw: st.DrawFn, root: etree._Element) -> None:
    element, _ = _two(draw, root)
    names = st.sampled_from(["schemaVersion", "Algorithm", "URI", "Id", "x", "{urn:x}y"])
    element.set(draw(names), draw(TEXTS))


def nest(draw: st.DrawFn, root: etree._Element) -> None:
    element, _ = _two(draw, root)
    for _ in range(draw(st.sampled_from([1, 20, 70, 300]))):
        element = etree.SubElement(element, f"{{{GATEWAY}}}A")


def _two(draw: st.DrawFn, root: etree._Element) -> tuple[etree._Element, etree._Element]:
    elements = list(root.iter())[:200]
    one = st.sampled_from(range(len(elements)))
    return elements[draw(one)], elements[draw(one)]


OF_OCTETS = (cut, repeat, insert, overwrite, splice)
OF_TREES = (move, copy, drop, rename, rewrite, attribute, nest)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A message that was good once."""
    body = draw(st.sampled_from(corpus()))
    if draw(st.booleans()):
        body = _stirred(draw, body)
        if draw(st.booleans()):
            body = _signed_again(body)
            if draw(st.sampled_from([True, True, False])):
                return body
    for _ in range(draw(st.integers(0, 3))):
        body = draw(st.sampled_from(OF_OCTETS))(draw, body)
    return body


def _stirred(draw: st.DrawFn, body: bytes) -> bytes:
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, remove_comments=True))
    for _ in range(draw(st.integers(1, 4))):
        draw(st.sampled_from(OF_TREES))(draw, root)
    octets: bytes = etree.tostring(root)
    return octets


def _signed_again(body: bytes) -> bytes:
    try:
        parse(body)
        return sign(body, key=pki.supplier().key, certificate=pki.supplier().certificate)
    except Problem:
        return body


def _many(piece: str, count: int) -> bytes:
    return piece.encode() * count


HEAVY: dict[str, Callable[[], bytes]] = {
    "many elements": lambda: _around(_many("<a/>", 24_000)),
    "many empty elements, named in full": lambda: _around(_many('<a xmlns="urn:a"/>', 30)),
    "many declarations over many elements": lambda: _around(
        b"<a"
        + b"".join(b' xmlns:n%d="urn:%d"' % (one, one) for one in range(30))
        + b">"
        + _many("<b/>", 20_000)
        + b"</a>"
    ),
    "many attributes": lambda: _around(b"<a" + b"".join(b' a%d="x"' % one for one in range(18_000)) + b"/>"),
    "many attributes in name spaces": lambda: _around(
        b'<a xmlns:n="urn:n"' + b"".join(b' n:a%d="x"' % one for one in range(18_000)) + b"/>"
    ),
    "deep": lambda: _around(_many("<a>", 5_000) + _many("</a>", 5_000)),
    "a long text": lambda: _around(b"<a>" + b"x" * 12_000_000 + b"</a>"),
    "a long text of references": lambda: _around(b"<a>" + b"&#65;" * 2_500_000 + b"</a>"),
    "a long attribute": lambda: _around(b'<a b="' + b"x" * 12_000_000 + b'"/>'),
    "a long comment": lambda: _around(b"<!--" + b"x" * 12_000_000 + b"-->"),
    "many comments": lambda: _around(_many("<!---->", 24_000)),
    "many texts split by comments": lambda: _around(b"<a>" + _many("x<!---->", 24_000) + b"</a>"),
    "a long name": lambda: _around(b"<" + b"a" * 12_000_000 + b"/>"),
    "white space only": lambda: b" " * 15_000_000,
    "angle brackets only": lambda: b"<" * 15_000_000,
    "ampersands only": lambda: _around(b"<a>" + b"&amp;" * 2_500_000 + b"</a>"),
    "a long image": lambda: signed(FIRMWARE_REQUEST.replace(b"AA==", b"AAAA" * 3_413_333)),
    "an image of white space": lambda: FIRMWARE_REQUEST.replace(b"AA==", b"\n" * 13_000_000),
    "many Device IDs": lambda: signed(
        FIRMWARE_REQUEST.replace(
            b"</sr:DeviceIDList>", b",00-DB-12-34-56-78-90-A4" * 49_998 + b"</sr:DeviceIDList>"
        )
    ),
    "too many Device IDs": lambda: FIRMWARE_REQUEST.replace(
        b"</sr:DeviceIDList>", b",00-DB-12-34-56-78-90-A4" * 600_000 + b"</sr:DeviceIDList>"
    ),
    "many commas": lambda: FIRMWARE_REQUEST.replace(
        b"</sr:DeviceIDList>", b"," * 1_190_000 + b"</sr:DeviceIDList>"
    ),
    "a long serial number": lambda: signed().replace(str(pki.FIRST_SERIAL).encode(), b"9" * 1_900_000),
    "a long signature value": lambda: signed().replace(
        b"<ds:SignatureValue>", b"<ds:SignatureValue>" + b"A" * 1_900_000
    ),
    "a long issuer": lambda: signed().replace(b"CN=Z1,OU=07", b"CN=Z1" + b" " * 1_900_000 + b",OU=07"),
    "a long counter": lambda: signed().replace(b":1000<", b":" + b"9" * 1_900_000 + b"<"),
    "many signatures": lambda: signed().replace(b"<sr:Body>", b"<sr:Body>" + _many("<ds:Signature/>", 8_000)),
}
"""Messages of legal size that cost what their sender does not pay, if a reader is careless."""


def _around(content: bytes) -> bytes:
    """A signed request with more in its body than was signed."""
    return signed().replace(b"<sr:ReadFirmwareVersion>", b"<sr:ReadFirmwareVersion>" + content)
