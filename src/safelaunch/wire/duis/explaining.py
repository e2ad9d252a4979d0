"""What a DUIS document says, in plain words: requests, responses, alerts and messages for hub campaigns.

A line for what it is, lines for who and when, then a line for every field of the body, in its order. What a body holds in
another language is told too: firmware images by their header, GBCS messages by theirs. Nothing is verified here, and
nothing is judged: whether it would be accepted is another question.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from enum import IntEnum
from typing import Any

from safelaunch.domain import srv
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Refused, Unreadable
from safelaunch.domain.smi import CplStatus, SmiStatus
from safelaunch.wire import ota_image
from safelaunch.wire.duis import extension, requests
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.dialects import SIGNATURE, Dialect
from safelaunch.wire.duis.elements import Opaque
from safelaunch.wire.duis.envelope import MalformedEnvelope, Request, Response, read_request, read_response
from safelaunch.wire.duis.extension.answers import MEANINGS as CAMPAIGN_MEANINGS
from safelaunch.wire.duis.extension.messages import REQUESTS as CAMPAIGN_REQUESTS
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.requests.firmware import CANCELLATION, UpdateFirmware, UpdatePpmidFirmware
from safelaunch.wire.duis.responses import Reply, alert_body_name
from safelaunch.wire.duis.responses import read_response as read_reply
from safelaunch.wire.duis.responses.alert_codes import alert_table
from safelaunch.wire.duis.responses.alerts import DccAlert, DeviceAlert
from safelaunch.wire.duis.responses.codes import meaning
from safelaunch.wire.duis.responses.content import FutureDatedDeviceAlert, GbcsPayload, ServiceResponse
from safelaunch.wire.duis.xml import Element, local_name, parse
from safelaunch.wire.gbcs import catalogue
from safelaunch.wire.gbcs.times import DlmsTime
from safelaunch.wire.smi_rows import STATUS_WORDS

INDENT = "  "
_SHOWN_DEVICES = 3
_SHOWN_OCTETS = 32
_SHOWN_TEXT = 300

_EARLIEST = int(datetime(2010, 1, 1, tzinfo=UTC).timestamp()) * 1000
_LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) * 1000
"""Counters between these are taken for milliseconds since 1970, and said as a time too."""

_BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_LABELS: Mapping[str, str] = {
    "device_id": "Device",
    "device_ids": "Devices",
    "hub_id": "Communications Hub",
    "request_id": "Request",
    "schedule_id": "Schedule",
    "han_variant": "HAN variant",
    "manufacturer_image_hash": "SHA-256 of the Manufacturer Image",
    "mpxn": "MPxN",
    "import_mpxn": "Import MPxN",
    "secondary_import_mpan": "Secondary import MPAN",
    "export_mpan": "Export MPAN",
    "uprn": "UPRN",
    "utrn": "UTRN",
    "execution_at": "To be executed",
    "srv": "Service Reference Variant",
    "smets_chts_version": "SMETS or CHTS version",
    "esme_variant": "ESME variant",
    "gbcs_version": "GBCS version",
    "cpl_status": "CPL status",
    "gis_data": "GIS data",
    "gpf_device_id": "GPF Device",
    "invalid": "Not known, not yours, or of another type",
    "not_commissioned": "In a status that takes no firmware",
    "not_applicable": "Not what the firmware is for",
    "other_in_progress": "With another request in progress",
    "invalid_gbcs_version": "Behind a hub whose GBCS version cannot carry it",
}
"""Fields whose names are not words enough."""

_DEVICE_ALERTS: Mapping[str, str] = {
    "8F1B": "firmware verification failed at power-on",
    "8F1C": "firmware verification failed when the image was received",
    "8F72": "firmware verified; the image is ready to be activated",
    "8F43": "the firmware version that is run has changed",
    "81AD": "verification of the metrology firmware failed",
    "8F89": "a hub failed to hand firmware to a Device",
    "8F8A": "a hub handed firmware to a Device",
    "8F8B": "a PPMID activated firmware, or failed to",
    "8F66": "a future dated command was carried out",
    "8F67": "a future dated command failed",
    "8F12": "the device log of the hub has changed",
    "819D": "a GSME did not fetch its command",
    "819E": "a message to a GSME failed",
}
"""Alert codes of Devices that matter to firmware (`domain.md` 6.3)."""


def explain(document: bytes) -> list[str]:
    """This function will say in plain words what a document says, a line for each thing.

    Args:
        document: a request, response, alert or campaign message, signed or not, as it came.

    Returns:
        Lines fit for a person; those about the inside of something are indented. A body that cannot be read is a line that
        says why.

    Raises:
        Unreadable: the document is no XML, or has no envelope that could be read.
    """
    root = parse(document)
    name = local_name(root)
    if name == "Request":
        lines = list(_request(read_request(root)))
    elif name == "Response":
        lines = list(_response(read_response(root)))
    else:
        raise MalformedEnvelope(
            f"The document element is {name[:80]!r}; a DUIS Request or Response is expected."
        )
    return [*lines, _signature(root)]


def _request(request: Request) -> Iterator[str]:
    yield _title(request)
    yield f"From {request.request_id.originator} to {request.request_id.target}, {_counter(request.request_id)}."
    if request.preceding_request_id is not None:
        yield f"Only after {request.preceding_request_id}."
    yield from _guarded(_request_body, request)


def _title(request: Request) -> str:
    code = request.service_reference_variant
    if request.dialect is Dialect.CAMPAIGNS:
        kind = CAMPAIGN_REQUESTS.get(code)
        return f"Campaign request {code}, {_words(kind.__name__) if kind else 'of no known kind'}."
    known = srv.catalogue().get(code)
    name = known.name if known else "which is no Service Reference Variant"
    critical = ", critical" if known and known.is_critical else ""
    return (
        f"Service Request {code}, {name}, in Command Variant {request.command_variant}{critical}; "
        f"DUIS {request.schema_version}."
    )


def _request_body(request: Request) -> Iterator[str]:
    element = parse(request.body_xml)
    if request.dialect is Dialect.CAMPAIGNS:
        yield from _facts(extension.read_body(element, variant=request.service_reference_variant))
        return
    body = requests.read_body(element, srv=srv.find(request.service_reference_variant))
    yield from _facts(body)
    if isinstance(body, UpdateFirmware):
        yield from _image(body)


def _response(response: Response) -> Iterator[str]:
    try:
        title, message = _read(response)
    except Unreadable as error:
        title, message = (
            f"Response with code {response.response_code}; its body cannot be read: {error}",
            None,
        )
    yield title
    yield f"Said by the DCC on {_moment(response.responded_at)}."
    if response.request_id is not None:
        asked = response.request_id
        yield f"Answers {asked.originator}'s request to {asked.target}, {_counter(asked)}."
    if response.response_id is not None:
        told = response.response_id
        yield f"Comes from {told.originator} for {told.target}, {_counter(told)}."
    if message is not None:
        yield from _facts(message)


def _read(response: Response) -> tuple[str, Any]:
    if response.dialect is Dialect.CAMPAIGNS:
        answer = extension.read_reply(response)
        why = f" {answer.message.reason}" if answer.message.reason else ""
        title = f"Campaign answer to {answer.message.variant}: {answer.code}, {CAMPAIGN_MEANINGS[answer.code]}.{why}"
        return title, answer.message.content
    reply = read_reply(response)
    if isinstance(reply.message, ServiceResponse):
        return _headline(reply), reply.message.content
    return _headline(reply), reply.message.body if isinstance(reply.message, DccAlert) else reply.message


def _headline(reply: Reply) -> str:
    message = reply.message
    if isinstance(message, DccAlert):
        return f"DCC Alert {message.code} ({alert_body_name(message.body)}): {alert_table()[message.code].meaning}."
    if isinstance(message, DeviceAlert):
        code = message.code.hex().upper()
        return f"Device Alert {code}: {_DEVICE_ALERTS.get(code, 'of no meaning that is known here')}."
    said = f"{reply.code}, {meaning(reply.code)}"
    if isinstance(message, Opaque):
        return f"Message of a SMETS1 provider: {said}."
    known = srv.catalogue().get(message.srv)
    if isinstance(message.content, FutureDatedDeviceAlert):
        said = _DEVICE_ALERTS[message.content.alert_code.value]
    return f"Service Response to {message.srv}, {known.name if known else 'unknown'}: {said}."


def _facts(value: Any, indent: str = "") -> Iterator[str]:
    """Every field that says something, in its order; bodies that are carried closed say their name."""
    if isinstance(value, Opaque | requests.Unserved | requests.PassedOn):
        yield f"{indent}It holds {_words(value.name)}, which is not read here."
    if isinstance(value, Opaque | requests.Unserved):
        return
    if isinstance(value, GbcsPayload):
        yield from _gbcs(value.octets, indent)
        return
    for each in fields(value):
        given = getattr(value, each.name)
        if given is None or given is False or given == () or each.name in ("image", "name"):
            continue
        if each.name == "gbcs_payload":
            yield from _gbcs(given, indent)
        else:
            yield from _fact(_label(each.name), given, indent)


def _fact(label: str, given: Any, indent: str) -> Iterator[str]:
    if isinstance(given, tuple) and all(is_dataclass(one) for one in given):
        for number, one in enumerate(given, start=1):
            yield f"{indent}{label.removesuffix('s')} {number} of {len(given)}:"
            yield from _facts(one, indent + INDENT)
    elif is_dataclass(given) and type(given) not in _SAID:
        yield f"{indent}{label}:"
        yield from _facts(given, indent + INDENT)
    elif given is True:
        yield f"{indent}{label}."
    else:
        yield f"{indent}{label}: {_said(given)}"


def _image(body: UpdateFirmware) -> Iterator[str]:
    kind = (
        ota_image.ImageKind.UNSIGNED if isinstance(body, UpdatePpmidFirmware) else ota_image.ImageKind.SIGNED
    )
    yield f"Firmware image: {len(body.image):,} octets"
    try:
        image = ota_image.read(body.image, kind=kind)
    except Unreadable as error:
        yield f"{INDENT}It cannot be read: {error}"
        return
    header = image.header
    yield f"{INDENT}Version {header.version_text}, manufacturer {header.manufacturer_code:04X}, type {header.image_type:04X}"
    if header.hardware_versions is not None:
        span = header.hardware_versions
        yield f"{INDENT}For hardware {span.lowest:04X} to {span.highest:04X}"
    yield f"{INDENT}Manufacturer Image: {len(image.manufacturer_image):,} octets, SHA-256 {image.manufacturer_image_hash.hex()}"
    yield f"{INDENT}{'With' if image.trailer else 'Without'} a supplier's signature"
    if header.version_text != body.firmware_version.upper():
        yield f"{INDENT}The request calls it {body.firmware_version}, which is not the version in its header"


def _gbcs(octets: bytes, indent: str) -> Iterator[str]:
    yield f"{indent}GBCS message: {len(octets):,} octets"
    inner = indent + INDENT
    try:
        message = catalogue.read(octets)
    except Unreadable as error:
        yield f"{inner}It cannot be read: {error}"
        return
    header = message.header
    name = "a use case not read here" if message.use_case is None else _use_case(message.use_case.name)
    yield f"{inner}{header.kind.name.title()} {header.message_code:04X}, {name}"
    yield f"{inner}From {header.originator_id} to {header.target_id}, counter {header.originator_counter}"
    yield f"{inner}{_protection(message)}"
    if not isinstance(message.payload, catalogue.OpaquePayload):
        yield from _facts(message.payload, inner)


def _use_case(name: str) -> str:
    number, _, words = name.partition("_")
    return f"{number} {words.replace('_', ' ').lower()}"


def _protection(message: catalogue.GbcsMessage) -> str:
    if message.signature is None:
        return "To be signed: a Pre-Command ends before its signature"
    signed = "Signed" if message.signature else "Not signed"
    return f"{signed}, {'with' if message.mac else 'without'} a MAC"


def _signature(root: Element) -> str:
    return "It carries a signature." if root.find(SIGNATURE) is not None else "It carries no signature."


def _guarded(tell: Callable[[Request], Iterator[str]], request: Request) -> Iterator[str]:
    try:
        yield from tell(request)
    except (Unreadable, Refused) as error:
        yield f"Its body cannot be read: {error}"


def _counter(request_id: RequestId) -> str:
    """Most senders count milliseconds since 1970, so a counter is a time as well (`domain.md` 4.2)."""
    plain = f"counter {request_id.counter}"
    if not _EARLIEST <= request_id.counter < _LATEST:
        return plain
    return f"{plain} ({_moment(datetime.fromtimestamp(request_id.counter // 1000, UTC))})"


def _moment(at: datetime) -> str:
    if at == CANCELLATION:
        return "never; this takes back an earlier request"
    return f"{at.day} {at:%B %Y at %H:%M:%S} UTC"


def _device_ids(device_ids: DeviceIds) -> str:
    shown = ", ".join(str(each) for each, _ in zip(device_ids, range(_SHOWN_DEVICES), strict=False))
    more = len(device_ids) - _SHOWN_DEVICES
    return f"{len(device_ids):,}: {shown}{f' and {more:,} more' if more > 0 else ''}"


def _octets(octets: bytes) -> str:
    return octets.hex().upper() if len(octets) <= _SHOWN_OCTETS else f"{len(octets):,} octets"


_SAID: Mapping[type[Any], Callable[[Any], str]] = {
    Eui64: str,
    RequestId: str,
    DeviceIds: _device_ids,
    DlmsTime: lambda at: _moment(at.moment) if at.moment else "not told",
    datetime: _moment,
    date: lambda day: f"{day.day} {day:%B %Y}",
    time: lambda at: f"{at:%H:%M:%S} UTC",
    bytes: _octets,
    tuple: lambda given: ", ".join(_said(one) for one in given),
    SmiStatus: STATUS_WORDS.__getitem__,
    CplStatus: lambda status: str(status.value.title()),
}
"""How values are said, by their type; enumerations by the field's words, or their names where they have numbers."""


def _said(given: Any) -> str:
    if type(given) in _SAID:
        return _SAID[type(given)](given)
    if isinstance(given, IntEnum):
        return given.name.replace("_", " ").lower()
    # What a sender wrote may not begin a line of its own, nor speak to the terminal.
    return "".join(each if each.isprintable() else " " for each in str(given)[:_SHOWN_TEXT])


def _label(name: str) -> str:
    return _LABELS.get(name) or name.removesuffix("_at").removeprefix("is_").replace("_", " ").capitalize()


def _words(name: str) -> str:
    """`UpdateHANDeviceLog` as `Update HAN Device Log`."""
    return _BETWEEN_WORDS.sub(" ", name)
