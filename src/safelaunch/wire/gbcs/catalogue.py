"""Which payload a GBCS message holds, by message code and direction; `read` and `write` of whole messages.

Use cases that Safelaunch has never heard of keep their payload closed as `OpaquePayload`; so does a known message code in a direction it has no form for here, such as an alert
of ECS52. Whatever is read is written back as the same octets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.activation import (
    ActivateFirmware,
    ActivationAccepted,
    ActivationOutcome,
    FutureDatedActivationAlert,
    read_response,
)
from safelaunch.wire.gbcs.alerts import (
    DlmsReceiptAlert,
    FirmwareTransferAlert,
    GbzReceiptAlert,
    PpmidActivationAlert,
)
from safelaunch.wire.gbcs.clocks import Ecs70Command, Ecs70Response, Gcs28Command, Gcs28Response
from safelaunch.wire.gbcs.credentials import Cs02bAlert, Cs02bCommand, Cs02bResponse
from safelaunch.wire.gbcs.device_log import (
    Ccs01Command,
    Ccs01Response,
    Ccs02Command,
    Ccs02Response,
    Ccs03Command,
    Ccs03Response,
    HubLogAlert,
)
from safelaunch.wire.gbcs.gpf_log import Gcs59Command, Gcs59Response, GpfLogAlert
from safelaunch.wire.gbcs.message import Envelope, GroupingHeader, MessageKind, build, parse
from safelaunch.wire.gbcs.tenancy import Ecs12Command, Ecs12Response, Gcs09Command, Gcs09Response
from safelaunch.wire.gbcs.versions import (
    Cs08Command,
    Cs08Response,
    Ecs52Command,
    Ecs52Response,
    Gcs38Command,
    Gcs38Response,
)


class MessageCode(IntEnum):
    """Message codes of the use cases around firmware, tenancy, supply and the HAN (`domain.md` 6.3, and the vectors)."""

    CCS01_ADD_TO_HUB_LOG = 0x0001
    CCS02_REMOVE_FROM_HUB_LOG = 0x0002
    CCS03_RESTORE_HUB_LOG = 0x0003
    CS06_ACTIVATE_FIRMWARE = 0x0012
    CS14_HUB_LOG_ALERT = 0x0018
    ECS12_CHANGE_OF_TENANCY = 0x0022
    ECS52_READ_FIRMWARE_VERSION = 0x0059
    ECS70_COMMISSION = 0x0062
    GCS09_CHANGE_OF_TENANCY = 0x0072
    GCS28_COMMISSION = 0x007F
    GCS38_READ_FIRMWARE_VERSION = 0x0084
    GCS59_RESTORE_GPF_LOG = 0x008C
    GCS62_GPF_LOG_ALERT = 0x00B2
    CS06_FUTURE_DATED_ALERT = 0x00CA
    CS02B_FUTURE_DATED_ALERT = 0x00CB
    FIRMWARE_RECEIPT_ALERT_DLMS = 0x00CE
    FIRMWARE_RECEIPT_ALERT_GBZ = 0x00CF
    CS02B_SUPPLIER_BY_TRANS_COS = 0x0107
    CCS08_FIRMWARE_TRANSFER_ALERT = 0x0128
    CS08_READ_FIRMWARE_VERSION = 0x0129
    CS09_PPMID_ACTIVATION_ALERT = 0x012B


class Payload(Protocol):
    """What a message says once opened."""

    def to_octets(self) -> bytes:
        """This function will write the payload."""


@dataclass(frozen=True, slots=True)
class OpaquePayload:
    """A payload kept closed, as it came."""

    octets: bytes

    def to_octets(self) -> bytes:
        """This function will give the octets."""
        return self.octets


@dataclass(frozen=True, slots=True)
class GbcsMessage:
    """A whole message, opened; signature and MAC as in `Envelope`."""

    header: GroupingHeader
    payload: Payload
    signature: bytes | None = b""
    mac: bytes | None = None

    @property
    def use_case(self) -> MessageCode | None:
        """This function will name the use case by its message code; None for one that is not known here."""
        try:
            return MessageCode(self.header.message_code)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class _Form:
    """How a payload is read, and which values it can be."""

    read: Callable[[bytes], Payload]
    kinds: tuple[type, ...]


_FORMS: dict[tuple[int, MessageKind], _Form] = {
    (MessageCode.CS06_ACTIVATE_FIRMWARE, MessageKind.COMMAND): _Form(
        ActivateFirmware.from_octets, (ActivateFirmware,)
    ),
    (MessageCode.CS06_ACTIVATE_FIRMWARE, MessageKind.RESPONSE): _Form(
        read_response, (ActivationAccepted, ActivationOutcome)
    ),
    (MessageCode.CS06_FUTURE_DATED_ALERT, MessageKind.ALERT): _Form(
        FutureDatedActivationAlert.from_octets, (FutureDatedActivationAlert,)
    ),
    (MessageCode.CS02B_SUPPLIER_BY_TRANS_COS, MessageKind.COMMAND): _Form(
        Cs02bCommand.from_octets, (Cs02bCommand,)
    ),
    (MessageCode.CS02B_SUPPLIER_BY_TRANS_COS, MessageKind.RESPONSE): _Form(
        Cs02bResponse.from_octets, (Cs02bResponse,)
    ),
    (MessageCode.CS02B_FUTURE_DATED_ALERT, MessageKind.ALERT): _Form(Cs02bAlert.from_octets, (Cs02bAlert,)),
    (MessageCode.CCS01_ADD_TO_HUB_LOG, MessageKind.COMMAND): _Form(Ccs01Command.from_octets, (Ccs01Command,)),
    (MessageCode.CCS01_ADD_TO_HUB_LOG, MessageKind.RESPONSE): _Form(
        Ccs01Response.from_octets, (Ccs01Response,)
    ),
    (MessageCode.CCS02_REMOVE_FROM_HUB_LOG, MessageKind.COMMAND): _Form(
        Ccs02Command.from_octets, (Ccs02Command,)
    ),
    (MessageCode.CCS02_REMOVE_FROM_HUB_LOG, MessageKind.RESPONSE): _Form(
        Ccs02Response.from_octets, (Ccs02Response,)
    ),
    (MessageCode.CCS03_RESTORE_HUB_LOG, MessageKind.COMMAND): _Form(
        Ccs03Command.from_octets, (Ccs03Command,)
    ),
    (MessageCode.CCS03_RESTORE_HUB_LOG, MessageKind.RESPONSE): _Form(
        Ccs03Response.from_octets, (Ccs03Response,)
    ),
    (MessageCode.CS14_HUB_LOG_ALERT, MessageKind.ALERT): _Form(HubLogAlert.from_octets, (HubLogAlert,)),
    (MessageCode.GCS59_RESTORE_GPF_LOG, MessageKind.COMMAND): _Form(
        Gcs59Command.from_octets, (Gcs59Command,)
    ),
    (MessageCode.GCS59_RESTORE_GPF_LOG, MessageKind.RESPONSE): _Form(
        Gcs59Response.from_octets, (Gcs59Response,)
    ),
    (MessageCode.GCS62_GPF_LOG_ALERT, MessageKind.ALERT): _Form(GpfLogAlert.from_octets, (GpfLogAlert,)),
    (MessageCode.ECS70_COMMISSION, MessageKind.COMMAND): _Form(Ecs70Command.from_octets, (Ecs70Command,)),
    (MessageCode.ECS70_COMMISSION, MessageKind.RESPONSE): _Form(Ecs70Response.from_octets, (Ecs70Response,)),
    (MessageCode.GCS28_COMMISSION, MessageKind.COMMAND): _Form(Gcs28Command.from_octets, (Gcs28Command,)),
    (MessageCode.GCS28_COMMISSION, MessageKind.RESPONSE): _Form(Gcs28Response.from_octets, (Gcs28Response,)),
    (MessageCode.ECS12_CHANGE_OF_TENANCY, MessageKind.COMMAND): _Form(
        Ecs12Command.from_octets, (Ecs12Command,)
    ),
    (MessageCode.ECS12_CHANGE_OF_TENANCY, MessageKind.RESPONSE): _Form(
        Ecs12Response.from_octets, (Ecs12Response,)
    ),
    (MessageCode.GCS09_CHANGE_OF_TENANCY, MessageKind.COMMAND): _Form(
        Gcs09Command.from_octets, (Gcs09Command,)
    ),
    (MessageCode.GCS09_CHANGE_OF_TENANCY, MessageKind.RESPONSE): _Form(
        Gcs09Response.from_octets, (Gcs09Response,)
    ),
    (MessageCode.ECS52_READ_FIRMWARE_VERSION, MessageKind.COMMAND): _Form(
        Ecs52Command.from_octets, (Ecs52Command,)
    ),
    (MessageCode.ECS52_READ_FIRMWARE_VERSION, MessageKind.RESPONSE): _Form(
        Ecs52Response.from_octets, (Ecs52Response,)
    ),
    (MessageCode.GCS38_READ_FIRMWARE_VERSION, MessageKind.COMMAND): _Form(
        Gcs38Command.from_octets, (Gcs38Command,)
    ),
    (MessageCode.GCS38_READ_FIRMWARE_VERSION, MessageKind.RESPONSE): _Form(
        Gcs38Response.from_octets, (Gcs38Response,)
    ),
    (MessageCode.CS08_READ_FIRMWARE_VERSION, MessageKind.COMMAND): _Form(
        Cs08Command.from_octets, (Cs08Command,)
    ),
    (MessageCode.CS08_READ_FIRMWARE_VERSION, MessageKind.RESPONSE): _Form(
        Cs08Response.from_octets, (Cs08Response,)
    ),
    (MessageCode.CCS08_FIRMWARE_TRANSFER_ALERT, MessageKind.ALERT): _Form(
        FirmwareTransferAlert.from_octets, (FirmwareTransferAlert,)
    ),
    (MessageCode.CS09_PPMID_ACTIVATION_ALERT, MessageKind.ALERT): _Form(
        PpmidActivationAlert.from_octets, (PpmidActivationAlert,)
    ),
    (MessageCode.FIRMWARE_RECEIPT_ALERT_DLMS, MessageKind.ALERT): _Form(
        DlmsReceiptAlert.from_octets, (DlmsReceiptAlert,)
    ),
    (MessageCode.FIRMWARE_RECEIPT_ALERT_GBZ, MessageKind.ALERT): _Form(
        GbzReceiptAlert.from_octets, (GbzReceiptAlert,)
    ),
}
_CLOSED = _Form(OpaquePayload, (OpaquePayload,))


def read(message: bytes) -> GbcsMessage:
    """This function will read a whole message; nothing is verified (see `security`).

    Raises:
        MalformedGbcs: the octets are no GBCS message, or its payload is not that of its message code.
    """
    return open_envelope(parse(message))


def write(message: GbcsMessage) -> bytes:
    """This function will write a whole message; `write(read(octets)) == octets` for whatever `read` reads.

    Raises:
        Invalid: the payload does not belong to the message code and direction, or does not fit.
    """
    return build(enclose(message))


def open_envelope(envelope: Envelope) -> GbcsMessage:
    """This function will open the payload of a message whose signature and MAC have been looked at, or need not be.

    Raises:
        MalformedGbcs: the payload is not that of its message code.
    """
    return GbcsMessage(
        header=envelope.header,
        payload=_form_of(envelope.header).read(envelope.payload),
        signature=envelope.signature,
        mac=envelope.mac,
    )


def enclose(message: GbcsMessage) -> Envelope:
    """This function will close the payload, so that the message can be signed and given its MAC.

    Raises:
        Invalid: the payload does not belong to the message code and direction.
    """
    kinds = _form_of(message.header).kinds
    if not isinstance(message.payload, kinds):
        expected = " or ".join(kind.__name__ for kind in kinds)
        raise Invalid(
            f"{type(message.payload).__name__} cannot be the payload of message code "
            f"{message.header.message_code:04X} as {message.header.kind.name.lower()}; {expected} can."
        )
    return Envelope(
        header=message.header,
        payload=message.payload.to_octets(),
        signature=message.signature,
        mac=message.mac,
    )


def _form_of(header: GroupingHeader) -> _Form:
    return _FORMS.get((header.message_code, header.kind), _CLOSED)
