"""Service Responses and alerts as frozen values, read, and written in a User's DUIS version (`domain.md` 4.3, 7).

    codes            response codes and what they mean
    content          what a Service Response may hold
    alert_codes      codes of DCC Alerts, their bodies and what they mean
    firmware_alerts  bodies of the alerts that concern firmware
    alerts           other bodies, DCC Alerts and Device Alerts
    versions         saying a message in an older version

A `Reply` is one message to a User. `write_response` gives its octets, ready for `signature.sign`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.duis import elements, envelope
from safelaunch.wire.duis.elements import MalformedBody, Opaque
from safelaunch.wire.duis.envelope import Request, Response
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses import versions
from safelaunch.wire.duis.responses.alert_codes import alert_table
from safelaunch.wire.duis.responses.alerts import ALERT_BODIES, AlertBody, DccAlert, DeviceAlert
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import Content, ServiceResponse
from safelaunch.wire.duis.xml import parse

Message: TypeAlias = ServiceResponse | DccAlert | DeviceAlert | Opaque
"""What a Response carries; Opaque is that of a SMETS1 provider."""

_MESSAGES: Mapping[str, type[Any]] = {
    "ResponseMessage": ServiceResponse,
    "DCCAlertMessage": DccAlert,
    "DeviceAlertMessage": DeviceAlert,
}
_NAMES = {kind: name for name, kind in _MESSAGES.items()}
_ALERT_NAMES = {kind: name for name, kind in ALERT_BODIES.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a use case answers to a request: a code, and what goes with it."""

    code: ResponseCode
    content: Content | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One message to a User.

    Attributes:
        code: the response code; I0 for alerts.
        at: when the DCC says it, to the millisecond.
        message: what it says.
        request_id: the request that it answers; None for what nobody asked for.
        response_id: the ID of a Device's answer or alert, or of the DSP's alert.
    """

    code: ResponseCode
    at: datetime
    message: Message
    request_id: RequestId | None = None
    response_id: RequestId | None = None


def reply_to(request: Request, *, answer: Answer, at: datetime, is_from_device: bool = False) -> Reply:
    """This function will address an answer to the request that it answers (`domain.md` 4.2, 4.3).

    Args:
        request: the request.
        answer: what is answered.
        at: when.
        is_from_device: whether a Device answers, so that there is a Response ID: the two ends swapped.
    """
    return Reply(
        code=answer.code,
        at=at,
        message=ServiceResponse(
            service_reference=request.service_reference,
            srv=request.service_reference_variant,
            content=answer.content,
        ),
        request_id=request.request_id,
        response_id=request.request_id.answered() if is_from_device else None,
    )


def write_response(reply: Reply, *, version: str = versions.LATEST) -> bytes:
    """This function will write a message as compact canonical XML in a DUIS version, unsigned.

    What the version cannot say is left out or replaced by N999, as `versions` tells.

    Args:
        reply: the message, as the latest version has it.
        version: the User's DUIS version, `5.0` to `5.4`.

    Raises:
        Invalid: the value would not read back as it is, an alert has a body that is not its code's, or Safelaunch does
            not speak that version.
    """
    versions.require_version(version)
    message = _fitted(reply, version=version)
    code = reply.code
    if isinstance(message, DccAlert):
        _require_body_of_code(message)
        # A response that became N999 is an alert now, and what it was about to refuse is not what this says.
        code = ResponseCode.I0
    name, body = _written(message)
    return envelope.write_response(
        Response(
            schema_version=version,
            request_id=reply.request_id,
            response_id=reply.response_id,
            response_code=code.value,
            responded_at=reply.at,
            body_name=name,
            body_xml=body,
        )
    )


def read_response(response: Response) -> Reply:
    """This function will read the message in a response's envelope.

    Raises:
        MalformedBody: the code does not exist, or the message has another form than DUIS 5.4 gives it.
    """
    try:
        code = ResponseCode(response.response_code)
    except ValueError:
        raise MalformedBody(f"{response.response_code} is not a response code of DUIS 5.4.") from None
    return Reply(
        code=code,
        at=response.responded_at,
        message=_read(response),
        request_id=response.request_id,
        response_id=response.response_id,
    )


def alert_body_name(body: AlertBody) -> str:
    """This function will name the element of an alert's body, such as `CommsHubFirmwareActivation`."""
    return body.name if isinstance(body, Opaque) else _ALERT_NAMES[type(body)]


def _read(response: Response) -> Message:
    if response.body_name not in _MESSAGES:
        return Opaque(response.body_name, response.body_xml)
    message: Message = elements.read(_MESSAGES[response.body_name], parse(response.body_xml))
    return message


def _written(message: Message) -> tuple[str, bytes]:
    if isinstance(message, Opaque):
        return message.name, message.xml
    name = _NAMES[type(message)]
    return name, elements.write(message, name=name)


def _fitted(reply: Reply, *, version: str) -> Message:
    if isinstance(reply.message, DccAlert):
        return versions.fit_alert(reply.message, version=version, request_id=reply.request_id)
    if isinstance(reply.message, ServiceResponse):
        return versions.fit_response(
            reply.message, code=reply.code, version=version, request_id=reply.request_id
        )
    return reply.message


def _require_body_of_code(alert: DccAlert) -> None:
    expected = alert_table()[alert.code].body
    found = alert_body_name(alert.body)
    if expected and found != expected:
        raise Invalid(f"{alert.code} carries {expected}; {found} was given.")
