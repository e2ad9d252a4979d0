"""Writing many messages that differ in little: what a Device said, for its User.

Writing a message checks that it reads back as it is, which takes half a millisecond. Answers and alerts of Devices differ
in their IDs, their time and the Device's own octets alone, so one of each kind is written, with values that nothing real
has, and the others are that one with their own values filled in. What is filled in has the form that it had there.
"""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import cast

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.duis.envelope import moment_text
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses import Message, Reply, write_response
from safelaunch.wire.duis.responses.alerts import DeviceAlert
from safelaunch.wire.duis.responses.content import FutureDatedDeviceAlert, GbcsPayload, ServiceResponse

_HIGHEST = (1 << 64) - 1
_ANY_REQUEST = RequestId(Eui64(_HIGHEST), Eui64(_HIGHEST), _HIGHEST)
_ANY_RESPONSE = RequestId(Eui64(_HIGHEST), Eui64(_HIGHEST), _HIGHEST - 1)
_ANY_AT = datetime(1, 1, 1, tzinfo=UTC)
_ANY_OCTETS = b"\xff" * 48
_ANY_REQUEST_TEXT, _ANY_RESPONSE_TEXT = str(_ANY_REQUEST).encode(), str(_ANY_RESPONSE).encode()
_ANY_AT_TEXT = moment_text(_ANY_AT).encode()
_ANY_TEXT = base64.b64encode(_ANY_OCTETS)


def write_alike(reply: Reply, *, version: str) -> bytes:
    """This function will write a message as `write_response` does, and raise what that does."""
    octets = _octets_of(reply.message)
    if octets is None:
        return write_response(reply, version=version)
    kind = replace(
        reply,
        at=_ANY_AT,
        message=_with(reply.message, _ANY_OCTETS),
        request_id=None if reply.request_id is None else _ANY_REQUEST,
        response_id=None if reply.response_id is None else _ANY_RESPONSE,
    )
    filled = _pattern(kind, version).replace(_ANY_AT_TEXT, moment_text(reply.at).encode())
    filled = filled.replace(_ANY_REQUEST_TEXT, str(reply.request_id).encode())
    filled = filled.replace(_ANY_RESPONSE_TEXT, str(reply.response_id).encode())
    return filled.replace(_ANY_TEXT, base64.b64encode(octets))


@lru_cache(maxsize=256)
def _pattern(kind: Reply, version: str) -> bytes:
    return write_response(kind, version=version)


def _octets_of(message: Message) -> bytes | None:
    """Give the Device's own octets in a message, if it carries some."""
    if isinstance(message, DeviceAlert):
        return message.gbcs_payload
    content = message.content if isinstance(message, ServiceResponse) else None
    if isinstance(content, GbcsPayload):
        return content.octets
    return content.gbcs_payload if isinstance(content, FutureDatedDeviceAlert) else None


def _with(message: Message, octets: bytes) -> Message:
    if isinstance(message, DeviceAlert):
        return replace(message, gbcs_payload=octets)
    response = cast("ServiceResponse", message)
    content = response.content
    if isinstance(content, GbcsPayload):
        return replace(response, content=GbcsPayload(octets))
    return replace(response, content=replace(cast("FutureDatedDeviceAlert", content), gbcs_payload=octets))
