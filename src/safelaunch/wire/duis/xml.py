"""XML of the DUIS interface, read with nothing left to surprise (`domain.md` 4.9 item 1, 14.3 items 8 and 13).

The rules, before a parser sees a single octet:
- UTF-8 and XML 1.0 only, so that what is looked for below is what the parser would find;
- no DOCTYPE, and so no entities and no defaults; no processing instructions;
- at most 15 MB, and bounds on marks, attributes and namespace declarations, because trees and canonical forms grow
  with those far faster than with text.

And after parsing:
- at most 64 levels, and 32 attributes on an element; no identifier given to two elements;
- long text stands in a firmware image only: libxml2's own limit of 10,000,000 characters is lifted, ours are not.

Comments are dropped while parsing: no digest covers them, so no reader may see where they split a text.
All of lxml that the package uses, but for the schema, is called here.
"""

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from safelaunch.domain.refusals import Unreadable

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for the class of its elements

GATEWAY = "http://www.dccinterface.co.uk/ServiceUserGateway"
"""The namespace of DUIS (`sr`)."""

XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
"""The namespace of XML signatures (`ds`)."""

MAX_BODY_OCTETS = 15 * 1024 * 1024
"""The largest message read: 50,000 Device IDs and the largest image are 14.9 MB."""

MAX_IMAGE_CHARACTERS = 13_653_336
"""The base64 characters of the largest image the schema allows, 10,240,000 octets; line ends are not counted."""

MAX_TEXT_CHARACTERS = 2_000_000
"""The longest text of any other element; 50,000 Device IDs are 1.2 million characters."""

MAX_MARKS = 50_000
MAX_EQUAL_SIGNS = 20_000
MAX_NAMESPACE_DECLARATIONS = 32
"""A canonical form compares every element with every declaration in force: more of both would cost seconds, and
anybody may send them, because they are counted before a signature is checked."""

MAX_ATTRIBUTES = 32
"""The most attributes of one element: a canonical form sorts them one by one, and 18,000 would cost over a second."""

MAX_DEPTH = 64

MOST_SHOWN = 120
"""The most characters that a sentence quotes of a name or a value: a message may be one long name."""

WHITE_SPACE = " \t\r\n"
"""What XML calls white space; Python's own notion is wider and would strip characters that were signed."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARATION = re.compile(
    rb"<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(['\"])1\.0\1"
    rb"(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(['\"])(?i:utf-8)\2)?"
    rb"(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(['\"])(?:yes|no)\3)?[ \t\r\n]*\?>"
)
_IMAGE = f"{{{GATEWAY}}}FirmwareImage"
_IDENTIFIERS = frozenset({"Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id"})
_PARSER = etree.XMLParser(
    encoding="utf-8",
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=True,
    remove_comments=True,
)


class MalformedXml(Unreadable):
    """The message is not the XML it should be, or holds what a DUIS message never holds."""


class OversizedXml(Unreadable):
    """The message is larger, deeper or richer in marks than any real one."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an element: its children in their order, which of them may be absent, and its attributes.

    A child of another namespace is named in full, `{namespace}name`; `spare_attributes` may be there or not.
    """

    namespace: str
    children: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    attributes: tuple[str, ...] = ()
    spare_attributes: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        """This function will work out the full names of the children once, because forms are compared often."""
        tags = tuple(
            (name if name[0] == "{" else f"{{{self.namespace}}}{name}", name) for name in self.children
        )
        object.__setattr__(self, "tags", tags)


def parse(body: bytes) -> Element:
    """This function will read a message into a tree and give its document element.

    Args:
        body: the octets as they came, with or without XML declaration and byte order mark.

    Raises:
        OversizedXml: the message breaks one of the bounds of this module.
        MalformedXml: it is not well-formed UTF-8 XML, or holds a DOCTYPE, an entity or a processing instruction.
    """
    _refuse_oversize(body)
    _refuse_what_duis_never_holds(body)
    try:
        root = etree.fromstring(body, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedXml(
            f"The message is not well-formed XML: {' '.join(str(error).split())[:300]}."
        ) from None
    # A document that is too deep has two marks for every level but the last, so most need not be walked.
    if body.count(b"<") > 2 * MAX_DEPTH:
        _refuse_depth(root)
    _refuse_strange_attributes(root)
    if len(body) > MAX_TEXT_CHARACTERS:
        _refuse_long_texts(root)
    return root


def take_apart(element: Element, form: Form, *, refusal: type[Unreadable]) -> dict[str, Element]:
    """This function will read an element strictly: order, cardinality, attributes, and no text between children.

    Returns:
        The children by local name; optional ones that are absent have no entry.

    Raises:
        refusal: the element has another form; the sentence names the place.
    """
    _refuse_attributes(element, required=form.attributes, spare=form.spare_attributes, refusal=refusal)
    found: dict[str, Element] = {}
    waiting = iter(form.tags)
    for child in element:
        tag = child.tag
        for expected, name in waiting:
            if expected == tag:
                found[name] = child
                break
            if name not in form.optional:
                raise refusal(f"{place_of(element)} holds {seen(child)} where {name} is expected.")
        else:
            raise refusal(
                f"{place_of(element)} holds {seen(child)}, which is unknown, repeated or out of order there."
            )
    for _, name in waiting:
        if name not in form.optional:
            raise refusal(f"{place_of(element)} ends where {name} is expected.")
    _refuse_text_between(element, refusal=refusal)
    return found


def text_of(element: Element, *, refusal: type[Unreadable]) -> str:
    """This function will read the text of an element that has neither children nor attributes.

    Raises:
        refusal: the element has some.
    """
    _refuse_attributes(element, refusal=refusal)
    if len(element):
        raise refusal(f"{place_of(element)} holds elements where text is expected.")
    return element.text or ""


def only_child(element: Element, *, refusal: type[Unreadable]) -> Element:
    """This function will give the one child of an element without attributes, whatever it is called.

    Raises:
        refusal: there is none, more than one, or text beside it.
    """
    _refuse_attributes(element, refusal=refusal)
    if len(element) != 1:
        raise refusal(f"{place_of(element)} holds {len(element)} elements, not one.")
    _refuse_text_between(element, refusal=refusal)
    return element[0]


def children_of(element: Element, *, refusal: type[Unreadable]) -> list[Element]:
    """This function will give the children of an element that has neither attributes nor text between them.

    Raises:
        refusal: the element has some.
    """
    _refuse_attributes(element, refusal=refusal)
    _refuse_text_between(element, refusal=refusal)
    return list(element)


def local_name(element: Element) -> str:
    """This function will give an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def place_of(element: Element) -> str:
    """This function will say which element of a message a sentence is about, and in which line it stands."""
    return f"{local_name(element)[:MOST_SHOWN]} (line {element.sourceline})"


def shown(text: str) -> str:
    """This function will quote what a message holds: enough to recognise it, never all of something long."""
    return repr(text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}...")


def seen(child: Element) -> str:
    """This function will quote an element that nobody expected, with its namespace and its line."""
    return f"{shown(str(child.tag))} (line {child.sourceline})"


def is_gateway_element(element: Element) -> bool:
    """This function will say whether an element belongs to the namespace of DUIS."""
    return str(element.tag).startswith(f"{{{GATEWAY}}}")


def canonical(root: Element) -> bytes:
    """This function will give a document's octets in inclusive Canonical XML 1.0 without comments.

    Raises:
        MalformedXml: the document has no canonical form, for instance through a relative namespace.
    """
    return _canonical(root, exclusive=False)


def exclusive(element: Element) -> bytes:
    """This function will give an element's octets in Exclusive Canonical XML 1.0 without comments.

    Raises:
        MalformedXml: the element has no canonical form.
    """
    return _canonical(element, exclusive=True)


def detach(element: Element) -> None:
    """This function will take an element out of its parent and leave the text that follows it where it is.

    An enveloped signature's transform removes the element alone; lxml would take the text behind it away too.
    """
    parent, before = element.getparent(), element.getprevious()
    if element.tail:
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def strip_white_space(root: Element) -> None:
    """This function will drop the white space between elements, as a parser that knows the schema would.

    Text that is all there is in an element stays as it is.
    """
    for element in root.iter():
        if len(element) and element.text and not element.text.strip(WHITE_SPACE):
            element.text = None
        if element.tail and not element.tail.strip(WHITE_SPACE):
            element.tail = None


def _canonical(element: Element, *, exclusive: bool) -> bytes:
    try:
        octets: bytes = etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False)
    except etree.LxmlError:
        raise MalformedXml("The message has no canonical form, so no signature can speak of it.") from None
    return octets


def _refuse_oversize(body: bytes) -> None:
    if len(body) > MAX_BODY_OCTETS:
        raise OversizedXml(f"The message has {len(body):,} octets; at most {MAX_BODY_OCTETS:,} are read.")
    _refuse_many(body, b"<", most=MAX_MARKS)
    # Each namespace declaration has its equal sign, and most messages have few of either.
    if _refuse_many(body, b"=", most=MAX_EQUAL_SIGNS) > MAX_NAMESPACE_DECLARATIONS:
        _refuse_many(body, b"xmlns", most=MAX_NAMESPACE_DECLARATIONS)


def _refuse_many(body: bytes, mark: bytes, /, *, most: int) -> int:
    count = _count(body, mark, most=most)
    if count > most:
        raise OversizedXml(f"The message holds {mark.decode()!r} {count:,} times; at most {most:,} are read.")
    return count


def _count(body: bytes, mark: bytes, /, *, most: int) -> int:
    if len(body) <= MAX_TEXT_CHARACTERS:
        return body.count(mark)
    # What makes a message long are texts, and leaping over them is quicker than looking at each character.
    count, place = 0, body.find(mark)
    while place != -1 and count <= most:
        count, place = count + 1, body.find(mark, place + 1)
    return count if place == -1 else body.count(mark)


def _refuse_what_duis_never_holds(body: bytes) -> None:
    start = len(_BYTE_ORDER_MARK) if body.startswith(_BYTE_ORDER_MARK) else 0
    if body.startswith(b"<?xml", start):
        declaration = _DECLARATION.match(body, start)
        if declaration is None:
            raise MalformedXml("The message has an XML declaration other than version 1.0 in UTF-8.")
        start = declaration.end()
    if _holds(body, b"<!DOCTYPE"):
        raise MalformedXml("The message has a DOCTYPE; a DUIS message has none, and none is read.")
    if _holds(body, b"<?", start=start):
        raise MalformedXml("The message holds a processing instruction; a DUIS message has none.")


def _holds(body: bytes, mark: bytes, /, *, start: int = 0) -> bool:
    # One character is found ten times as fast as two, and base64 has neither "!" nor "?".
    return body.find(mark[1:2], start) != -1 and body.find(mark, start) != -1


def _refuse_depth(root: Element) -> None:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise OversizedXml(f"The message has more than {MAX_DEPTH} levels of elements.")


def _refuse_strange_attributes(root: Element) -> None:
    found: set[str] = set()
    for element in root.iter():
        names = element.keys()
        if len(names) > MAX_ATTRIBUTES:
            raise OversizedXml(
                f"{place_of(element)} has {len(names):,} attributes; at most {MAX_ATTRIBUTES} are read."
            )
        for name in names:
            if name in _IDENTIFIERS:
                if element.get(name) in found:
                    raise MalformedXml(f"{place_of(element)} has the identifier of another element.")
                found.add(element.get(name))


def _refuse_long_texts(root: Element) -> None:
    for element in root.iter():
        is_image = element.tag == _IMAGE
        _refuse_long_text(
            element, element.text, most=MAX_IMAGE_CHARACTERS if is_image else MAX_TEXT_CHARACTERS
        )
        _refuse_long_text(element, element.tail, most=MAX_TEXT_CHARACTERS)


def _refuse_long_text(element: Element, text: str | None, *, most: int) -> None:
    if text and len(text) > most:
        length = len(text) - sum(text.count(character) for character in WHITE_SPACE)
        # White space is forgiven in an image, where it ends lines; elsewhere nothing that long has lines.
        if length > most or most == MAX_TEXT_CHARACTERS:
            raise OversizedXml(
                f"{place_of(element)} has a text of {length:,} characters; at most {most:,} are read."
            )


def _refuse_attributes(
    element: Element,
    *,
    refusal: type[Unreadable],
    required: tuple[str, ...] = (),
    spare: tuple[str, ...] = (),
) -> None:
    found = element.keys()
    for name in found:
        if name not in required and name not in spare:
            raise refusal(f"{place_of(element)} has an unknown attribute {shown(name)}.")
    for name in required:
        if name not in found:
            raise refusal(f"{place_of(element)} lacks the attribute {name}.")


def _refuse_text_between(element: Element, *, refusal: type[Unreadable]) -> None:
    texts = [element.text]
    texts += [child.tail for child in element]
    for text in texts:
        if text and text.strip(WHITE_SPACE):
            raise refusal(f"{place_of(element)} holds text between its elements.")
