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
from datetime import datetime

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType
from safelaunch.services.requests import commanding, plans, pre_commands
from safelaunch.services.requests.commanding import LOW_24_BITS
from safelaunch.services.requests.pre_commands import NO_GBCS_TIME
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import device_commands as writes
from safelaunch.wire.duis.requests.devices import RestrictAccessForChangeOfTenancy
from safelaunch.wire.duis.requests.firmware import (
    ActivateFirmware,
    FutureDatable,
    ReadFirmwareVersion,
    SignedPreCommand,
)
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.gbcs import activation
from safelaunch.wire.gbcs.catalogue import MessageCode, Payload
from safelaunch.wire.gbcs.tenancy import Ecs12Command, Gcs09Command
from safelaunch.wire.gbcs.times import CANCELLED_AT, DlmsTime
from safelaunch.wire.gbcs.versions import Cs08Command, Ecs52Command, Gcs38Command

QUESTIONS: Mapping[DeviceType, tuple[MessageCode, Callable[[int], Payload]]] = {
    **dict.fromkeys(
        (DeviceType.ESME, DeviceType.CHF),
        (
            MessageCode.ECS52_READ_FIRMWARE_VERSION,
            lambda counter: Ecs52Command(invoke_id=counter & LOW_24_BITS),
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
        lambda counter: Ecs12Command(counter & LOW_24_BITS, moment),
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
        return pre_commands.carry_signed(request, body=body, at=at)
    return _transform(request, body)


def _transform(request: ServiceRequest, body: ActivateFirmware) -> Answer:
    if body.execution_at is not None and body.execution_at.microsecond:
        return Answer(NO_GBCS_TIME)
    payload = activation.ActivateFirmware(
        manufacturer_image_hash=body.manufacturer_image_hash,
        originator_counter=request.request_id.counter,
        execution_at=CANCELLED_AT if body.cancels else body.execution_at,
    )
    return pre_commands.give_out(request, code=MessageCode.CS06_ACTIVATE_FIRMWARE, payload=payload)
