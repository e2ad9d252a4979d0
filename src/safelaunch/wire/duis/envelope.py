"""The DUIS envelope: requests and responses as frozen values (`domain.md` 4.1 to 4.4).

Reading is strict: header children in their order and number, no attribute and no text that does not belong. It judges
form only. Whether body, Command Variant and Service Reference Variant fit each other the schema does not say either
(`domain.md` 4.1); that is a rule for a service. Which codes and references exist is the schema's word.

Messages for hub campaigns come in the same envelope in a namespace of their own (`dialects`).

A body is kept as octets: one element in exclusive canonical form, complete with its namespaces. Whoever reads the body
at once takes the element instead, because the largest costs as much to write and parse again as to verify.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar
from xml.sax.saxutils import escape, quoteattr

from safelaunch.domain.refusals import Invalid, Unreadable
from safelaunch.wire.duis.dialects import GRAMMARS, Dialect, Grammar, dialect_of
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.xml import (
    Element,
    canonical,
    exclusive,
    local_name,
    only_child,
    parse,
    place_of,
    shown,
    take_apart,
    text_of,
)

_SCHEMA_VERSION = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
_COMMAND_VARIANT = re.compile(r"[1-9]")
_CODE = re.compile(r"[IWE][0-9]{1,6}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class MalformedEnvelope(Unreadable):
    """The message is XML, and not the Request or Response it should be."""


@dataclass(frozen=True, slots=True)
class Request:
    """A Service Request or Signed Pre-Command; `body_xml` is its one body element, named `body_name`.

    `body_xml` is empty where the element went along beside the value (`read_request_apart`).
    """

    schema_version: str
    request_id: RequestId
    command_variant: int
    service_reference: str
    service_reference_variant: str
    body_name: str
    body_xml: bytes
    first_in_sequence: bool | None = None
    preceding_request_id: RequestId | None = None
    dialect: Dialect = Dialect.DUIS


@dataclass(frozen=True, slots=True)
class Response:
    """A Service Response, acknowledgement or alert; unsolicited ones answer no Request ID."""

    schema_version: str
    request_id: RequestId | None
    response_id: RequestId | None
    response_code: str
    responded_at: datetime
    body_name: str
    body_xml: bytes
    dialect: Dialect = Dialect.DUIS


EnvelopeT = TypeVar("EnvelopeT", Request, Response)


def read_request(root: Element) -> Request:
    """This function will read a request; a signature in it is passed over, so verify first what has to be trusted.

    Raises:
        MalformedEnvelope: the document is not a request; the sentence names the place.
    """
    request, content = read_request_apart(root)
    return replace(request, body_xml=exclusive(content))


def read_request_apart(root: Element) -> tuple[Request, Element]:
    """This function will read a request but for its body, and give its body element beside it (see `read_request`).

    Raises:
        MalformedEnvelope: the document is not a request; the sentence names the place.
    """
    grammar = GRAMMARS[dialect_of(root)]
    header, body = _document(root, name="Request", grammar=grammar)
    parts = take_apart(header, grammar.request_header, refusal=MalformedEnvelope)
    content = only_child(body, refusal=MalformedEnvelope)
    if not _is_of(content, grammar):
        raise MalformedEnvelope(
            f"The body of the request is {shown(str(content.tag))}, which is not an element of DUIS."
        )
    request = Request(
        schema_version=_word(root.get("schemaVersion"), _SCHEMA_VERSION, place="schemaVersion"),
        request_id=_request_id(parts["RequestID"]),
        first_in_sequence=_boolean(parts.get("FirstInSequence")),
        preceding_request_id=_optional_id(parts.get("PrecedingServiceRequestID")),
        command_variant=int(_leaf(parts["CommandVariant"], _COMMAND_VARIANT)),
        service_reference=_leaf(parts["ServiceReference"], grammar.reference),
        service_reference_variant=_leaf(parts["ServiceReferenceVariant"], grammar.reference),
        body_name=local_name(content),
        body_xml=b"",
        dialect=grammar.dialect,
    )
    return request, content


def read_response(root: Element) -> Response:
    """This function will read a response; a signature in it is passed over, so verify first what has to be trusted.

    Raises:
        MalformedEnvelope: the document is not a response; the sentence names the place.
    """
    grammar = GRAMMARS[dialect_of(root)]
    header, body = _document(root, name="Response", grammar=grammar)
    parts = take_apart(header, grammar.response_header, refusal=MalformedEnvelope)
    content = only_child(body, refusal=MalformedEnvelope)
    if not _is_of(content, grammar) or local_name(content) not in grammar.response_bodies:
        raise MalformedEnvelope(
            f"The body of the response is {shown(str(content.tag))}; one of {', '.join(sorted(grammar.response_bodies))} is "
            "expected."
        )
    return Response(
        schema_version=_word(root.get("schemaVersion"), _SCHEMA_VERSION, place="schemaVersion"),
        request_id=_optional_id(parts.get("RequestID")),
        response_id=_optional_id(parts.get("ResponseID")),
        response_code=_leaf(parts["ResponseCode"], _CODE),
        responded_at=_moment(parts["ResponseDateTime"]),
        body_name=local_name(content),
        body_xml=exclusive(content),
        dialect=grammar.dialect,
    )


def write_request(request: Request) -> bytes:
    """This function will write a request as compact canonical XML, unsigned.

    Raises:
        Invalid: the value would not read back as it is: a field or the body has the wrong form.
    """
    header = [("RequestID", str(request.request_id))]
    if request.first_in_sequence is not None:
        header.append(("FirstInSequence", "true" if request.first_in_sequence else "false"))
    if request.preceding_request_id is not None:
        header.append(("PrecedingServiceRequestID", str(request.preceding_request_id)))
    header += [
        ("CommandVariant", str(request.command_variant)),
        ("ServiceReference", request.service_reference),
        ("ServiceReferenceVariant", request.service_reference_variant),
    ]
    root = _compose("Request", given=request, header=header)
    return _written(root, given=request, read=read_request)


def write_response(response: Response) -> bytes:
    """This function will write a response as compact canonical XML, unsigned; its time is in UTC to the millisecond.

    Raises:
        Invalid: the value would not read back as it is: a field or the body has the wrong form.
    """
    at = datetime.fromisoformat(moment_text(response.responded_at))
    given = (
        ("RequestID", response.request_id),
        ("ResponseID", response.response_id),
        ("ResponseCode", response.response_code),
        ("ResponseDateTime", moment_text(at)),
    )
    header = [(name, str(value)) for name, value in given if value is not None]
    root = _compose("Response", given=response, header=header)
    return _written(root, given=replace(response, responded_at=at), read=read_response)


def moment_text(at: datetime) -> str:
    """This function will write the time of a response, in UTC to the millisecond.

    Raises:
        Invalid: it has no zone.
    """
    if at.utcoffset() is None:
        raise Invalid("The response's time has no zone, so it could mean any of several moments.")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _document(root: Element, *, name: str, grammar: Grammar) -> tuple[Element, Element]:
    if root.tag != f"{{{grammar.dialect}}}{name}":
        raise MalformedEnvelope(f"The document element is {shown(str(root.tag))}; a DUIS {name} is expected.")
    parts = take_apart(root, grammar.document, refusal=MalformedEnvelope)
    return parts["Header"], parts["Body"]


def _is_of(element: Element, grammar: Grammar) -> bool:
    return str(element.tag).startswith(f"{{{grammar.dialect}}}")


def _compose(name: str, *, given: Request | Response, header: Sequence[tuple[str, str]]) -> Element:
    prefix = GRAMMARS[given.dialect].prefix
    fields = "".join(f"<{prefix}:{field}>{escape(text)}</{prefix}:{field}>" for field, text in header)
    text = (
        f'<{prefix}:{name} xmlns:{prefix}="{given.dialect}" schemaVersion={quoteattr(given.schema_version)}>'
        f"<{prefix}:Header>{fields}</{prefix}:Header><{prefix}:Body/></{prefix}:{name}>"
    )
    try:
        root = parse(text.encode())
        # The body is parsed on its own, so that no octets of it can close an element of the envelope.
        root[1].append(parse(given.body_xml))
    except Unreadable as error:
        raise Invalid(f"The {name} cannot be written: {error}") from error
    return root


def _written(root: Element, *, given: EnvelopeT, read: Callable[[Element], EnvelopeT]) -> bytes:
    try:
        found = read(root)
    except Unreadable as error:
        raise Invalid(f"The message cannot be written: {error}") from error
    if replace(found, body_xml=b"") != replace(given, body_xml=b""):
        raise Invalid(
            f"The message's body is {found.body_name}, or a field of it would read back as something else."
        )
    return canonical(root)


def _word(text: str, form: re.Pattern[str], *, place: str) -> str:
    if form.fullmatch(text) is None:
        raise MalformedEnvelope(f"{place} is {text[:80]!r}, which is not of its form.")
    return text


def _leaf(element: Element, form: re.Pattern[str]) -> str:
    text = text_of(element, refusal=MalformedEnvelope)
    return _word(text, form, place=place_of(element))


def _request_id(element: Element) -> RequestId:
    try:
        return RequestId.parse(text_of(element, refusal=MalformedEnvelope))
    except Invalid as error:
        raise MalformedEnvelope(f"{place_of(element)} cannot be read: {error}") from error


def _optional_id(element: Element | None) -> RequestId | None:
    return None if element is None else _request_id(element)


def _boolean(element: Element | None) -> bool | None:
    if element is None:
        return None
    text = text_of(element, refusal=MalformedEnvelope)
    if text not in _BOOLEANS:
        raise MalformedEnvelope(f"{local_name(element)} is {text[:80]!r}; true or false is expected.")
    return _BOOLEANS[text]


def _moment(element: Element) -> datetime:
    text = _leaf(element, _MOMENT)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedEnvelope(
            f"{local_name(element)} is {shown(text)}, which is no time: {error}."
        ) from error
