"""Critical requests go to and fro: a Pre-Command is given out, signed by the User, and sent as it was given out (5.5, 13.2)."""

from dataclasses import replace
from datetime import datetime

from safelaunch.domain import srv as variants
from safelaunch.domain.firmware_journeys import JourneyEvent
from safelaunch.domain.planned_events import KIND_OF
from safelaunch.domain.refusals import Problem
from safelaunch.services import device_certificates, firmware_journeys
from safelaunch.services.requests import commanding, plans
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import device_commands as writes
from safelaunch.wire.duis import envelope as duis
from safelaunch.wire.duis.requests.firmware import SignedPreCommand
from safelaunch.wire.duis.responses import Answer, read_response
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import PreCommand, ServiceResponse
from safelaunch.wire.duis.xml import parse as parse_xml
from safelaunch.wire.gbcs import activation, security
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, Payload, enclose, open_envelope
from safelaunch.wire.gbcs.message import Envelope, GroupingHeader, MessageKind, build, parse
from safelaunch.wire.gbcs.times import CANCELLED_AT

NOT_THE_PRE_COMMAND = ResponseCode.E13
"""What was signed is not what was given out to be signed."""

NOT_SIGNED_BY_THE_USER = ResponseCode.E65
"""The signature in the command is not that of a certificate that is filed for the User."""

NO_GBCS_TIME = ResponseCode.E17
"""GBCS writes no fractions of seconds, and no times that its forms do not hold; what is not meant is not carried out."""

NOT_FOR_LATER = ResponseCode.E17
"""What the User delivers in person is for now."""

_NOT_LISTED = "unknown"
"""The GBCS version of a Device whose model is not on the CPL."""


@transaction_required
def give_out(request: ServiceRequest, *, code: MessageCode, payload: Payload) -> Answer:
    """This function will answer a request with the Pre-Command of a use case, in the User's name and under its counter."""
    header = GroupingHeader(
        kind=MessageKind.COMMAND,
        originator_counter=request.request_id.counter,
        originator_id=request.request_id.originator,
        target_id=request.request_id.target,
        message_code=code,
    )
    pre_command = PreCommand(
        gbcs_version=commanding.find_route(request).gbcs_version or _NOT_LISTED,
        gbcs_payload=build(enclose(GbcsMessage(header, payload, signature=None))),
    )
    return Answer(ResponseCode.I0, pre_command)


@transaction_required
def carry_signed(request: ServiceRequest, *, body: SignedPreCommand, at: datetime) -> Answer:
    """This function will have a Signed Pre-Command carried, if it is what was given out and the User signed it."""
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
    is_activation = isinstance(payload, activation.ActivateFirmware)
    execute_at = payload.execution_at if isinstance(payload, activation.ActivateFirmware) else None
    if execute_at is not None and request.command_variant in variants.LOCAL:
        return Answer(NOT_FOR_LATER)
    if request.srv.code in KIND_OF:
        plans.take_back(request, at=at)
        if execute_at != CANCELLED_AT:
            plans.note(request, planned_from=execute_at or at)
    if is_activation and execute_at != CANCELLED_AT:
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
