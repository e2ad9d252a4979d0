"""Requests to Devices: 11.2, Read Firmware Version, 11.3, Activate Firmware, 3.2, Restrict Access For Change Of Tenancy.

- 11.2 asks in the form that the Device's type knows, and is acknowledged; the Device's own message is the outcome
  (`domain.md` 5.4). The DSP keeps the time of one that is for later, and takes it back when its User does.
- 3.2 goes to an ESME (ECS12) and to a GPF (GCS09) in the same way (1.6).
- 11.3 is transformed into a Pre-Command; the User signs it, and it is sent as it was given out, or not at all (5.5,
  13.2). The Device keeps the time of one that is for later, and forgets it when the User says so.
- A command that the User delivers in person (Command Variants 2, 3, 6 and 7) is carried out when it is delivered: a
  time for it is refused (4.4).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from safelaunch.domain import srv as variants
from safelaunch.domain.firmware_journeys import JourneyEvent
from safelaunch.domain.refusals import Invalid, Problem
from safelaunch.domain.smi import DeviceType
from safelaunch.services import device_certificates, firmware_journeys
from safelaunch.services.requests import commanding, plans
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import device_commands as writes
from safelaunch.wire.duis import envelope as duis
from safelaunch.wire.duis.requests.devices import RestrictAccessForChangeOfTenancy
from safelaunch.wire.duis.requests.firmware import (
    ActivateFirmware,
    FutureDatable,
    ReadFirmwareVersion,
    SignedPreCommand,
)
from safelaunch.wire.duis.responses import Answer, read_response
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import PreCommand, ServiceResponse
from safelaunch.wire.duis.xml import parse as parse_xml
from safelaunch.wire.gbcs import activation, security
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, Payload, enclose, open_envelope
from safelaunch.wire.gbcs.message import Envelope, GroupingHeader, MessageKind, build, parse
from safelaunch.wire.gbcs.tenancy import Ecs12Command, Gcs09Command
from safelaunch.wire.gbcs.times import CANCELLED_AT, DlmsTime
from safelaunch.wire.gbcs.versions import Cs08Command, Ecs52Command, Gcs38Command

NOT_THE_PRE_COMMAND = ResponseCode.E13
"""What was signed is not what was given out to be signed."""

NOT_SIGNED_BY_THE_USER = ResponseCode.E65
"""The signature in the command is not that of a certificate that is filed for the User."""

NO_GBCS_TIME = ResponseCode.E17
"""GBCS writes no fractions of seconds, and no times that its forms do not hold; what is not meant is not carried out."""

NOT_FOR_LATER = ResponseCode.E17
"""What the User delivers in person is for now."""

_LOW_24_BITS = 0xFFFFFF
_NOT_LISTED = "unknown"
"""The GBCS version of a Device whose model is not on the CPL."""

QUESTIONS: Mapping[DeviceType, tuple[MessageCode, Callable[[int], Payload]]] = {
    **dict.fromkeys(
        (DeviceType.ESME, DeviceType.CHF),
        (
            MessageCode.ECS52_READ_FIRMWARE_VERSION,
            lambda counter: Ecs52Command(invoke_id=counter & _LOW_24_BITS),
        ),
    ),
    **dict.fromkeys(
        (DeviceType.GSME, DeviceType.GPF),
        (MessageCode.GCS38_READ_FIRMWARE_VERSION, lambda _: Gcs38Command()),
    ),
    **dict.fromkeys(
        (DeviceType.PPMID, DeviceType.HCALCS),
        (MessageCode.CS08_READ_FIRMWARE_VERSION, lambda _: Cs08Command()),
    ),
}
"""How each Device type is asked for its version (`domain.md` 5.4)."""


@transaction_required
def read_firmware_version(*, request: ServiceRequest, body: ReadFirmwareVersion, at: datetime) -> Answer:
    """This function will have a Device asked which firmware it runs, now or later."""
    code, payload_of = QUESTIONS[DeviceType(commanding.target_of(request).device_type)]
    return _command(request, body, code=code, payload_of=payload_of, at=at)


@transaction_required
def restrict_access(
    *, request: ServiceRequest, body: RestrictAccessForChangeOfTenancy, at: datetime
) -> Answer:
    """This function will have an ESME or GPF hide what it recorded before the new tenancy, now or later."""
    try:
        code, payload_of = _restriction(request, body.restricted_at, at=at)
    except Invalid:
        return Answer(NO_GBCS_TIME)
    return _command(request, body, code=code, payload_of=payload_of, at=at)


def _restriction(
    request: ServiceRequest, restricted_at: datetime, *, at: datetime
) -> tuple[MessageCode, Callable[[int], Payload]]:
    if commanding.target_of(request).device_type == DeviceType.GPF:
        change = Gcs09Command(made_at=at.replace(microsecond=0), restricted_at=restricted_at)
        return MessageCode.GCS09_CHANGE_OF_TENANCY, lambda _: change
    moment = DlmsTime.at_moment(restricted_at)
    return (
        MessageCode.ECS12_CHANGE_OF_TENANCY,
        lambda counter: Ecs12Command(counter & _LOW_24_BITS, moment),
    )


def _command(
    request: ServiceRequest,
    body: FutureDatable,
    *,
    code: MessageCode,
    payload_of: Callable[[int], Payload],
    at: datetime,
) -> Answer:
    """Queue a command that needs no signature, or take back what was to go later."""
    if body.cancels:
        commanding.take_back(request, at=at)
        plans.take_back(request, at=at)
        return Answer(ResponseCode.I0)
    number = writes.draw_command_number()
    speaker = commanding.speaker_of(request, broker=request.dsp_id, number=number, at=at)
    payload = payload_of(speaker.counter)
    envelope = commanding.compose(request, speaker=speaker, code=code, payload=payload)
    if body.execution_at is not None:
        plans.note(request, planned_from=body.execution_at)
    return commanding.deliver(
        request, envelope=envelope, number=number, send_at=body.execution_at or at, at=at
    )


@transaction_required
def activate_firmware(
    *, request: ServiceRequest, body: ActivateFirmware | SignedPreCommand, at: datetime
) -> Answer:
    """This function will give out the Pre-Command of an activation, or send the one that was signed."""
    if isinstance(body, SignedPreCommand):
        return _carry_signed(request, body, at)
    return _transform(request, body)


def _transform(request: ServiceRequest, body: ActivateFirmware) -> Answer:
    if body.execution_at is not None and body.execution_at.microsecond:
        return Answer(NO_GBCS_TIME)
    counter = request.request_id.counter
    header = GroupingHeader(
        kind=MessageKind.COMMAND,
        originator_counter=counter,
        originator_id=request.request_id.originator,
        target_id=request.request_id.target,
        message_code=MessageCode.CS06_ACTIVATE_FIRMWARE,
    )
    payload = activation.ActivateFirmware(
        manufacturer_image_hash=body.manufacturer_image_hash,
        originator_counter=counter,
        execution_at=CANCELLED_AT if body.cancels else body.execution_at,
    )
    pre_command = PreCommand(
        gbcs_version=commanding.find_route(request).gbcs_version or _NOT_LISTED,
        gbcs_payload=build(enclose(GbcsMessage(header, payload, signature=None))),
    )
    return Answer(ResponseCode.I0, pre_command)


def _carry_signed(request: ServiceRequest, body: SignedPreCommand, at: datetime) -> Answer:
    try:
        envelope = parse(body.gbcs_payload)
        payload = open_envelope(envelope).payload
    except Problem:
        return Answer(NOT_THE_PRE_COMMAND)
    given_out = _given_out(request)
    if given_out is None or envelope.mac is not None or build(replace(envelope, signature=None)) != given_out:
        return Answer(NOT_THE_PRE_COMMAND)
    if not _is_signed_by_user(envelope, request=request, at=at):
        return Answer(NOT_SIGNED_BY_THE_USER)
    execute_at = payload.execution_at if isinstance(payload, activation.ActivateFirmware) else None
    if execute_at is not None and request.command_variant in variants.LOCAL:
        return Answer(NOT_FOR_LATER)
    plans.take_back(request, at=at)
    if execute_at != CANCELLED_AT:
        plans.note(request, planned_from=execute_at or at)
        firmware_journeys.note_activations(
            device_ids=[envelope.header.target_id], event=JourneyEvent.SEND_ACTIVATION, at=at
        )
    return commanding.deliver(
        request,
        envelope=envelope,
        number=writes.draw_command_number(),
        send_at=at,
        at=at,
        execute_at=execute_at,
    )


def _given_out(request: ServiceRequest) -> bytes | None:
    """Give the Pre-Command that was given out under the same Request ID."""
    transformed = reads.find(request_id=request.request_id, is_signed_pre_command=False)
    if transformed is None or transformed.response is None:
        return None
    message = read_response(duis.read_response(parse_xml(transformed.response))).message
    content = message.content if isinstance(message, ServiceResponse) else None
    return content.gbcs_payload if isinstance(content, PreCommand) else None


def _is_signed_by_user(envelope: Envelope, *, request: ServiceRequest, at: datetime) -> bool:
    for key in device_certificates.list_signing_keys(eui=request.request_id.originator, at=at):
        try:
            security.verify(envelope, key=key)
        except security.UntrustedGbcsSignature:
            continue
        return True
    return False
