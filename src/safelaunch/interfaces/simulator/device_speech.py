"""What simulated Devices understand and say: real GBCS octets, with real MACs and signatures (`domain.md` 6.3).

1. A command carries the MAC of the Access Control Broker and is addressed to the Device; anything else is dropped.
2. A critical command is signed besides, by a Supplier that the Device obeys; a change of Supplier by the CoS Party alone.
3. A Device answers what its type is asked in the field, under the counter it was asked with; all else it drops.
4. Alerts and answers to critical commands are signed, but for what hubs tell of their logs; that and all other answers carry
   a MAC for whoever asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from safelaunch.domain.refusals import Problem, Refused
from safelaunch.domain.smi import DeviceType
from safelaunch.interfaces.simulator.device_facts import DeviceFacts
from safelaunch.interfaces.simulator.device_keys import DeviceKeys
from safelaunch.interfaces.simulator.organisations import Organisations
from safelaunch.wire.gbcs import security
from safelaunch.wire.gbcs.activation import ActivateFirmware
from safelaunch.wire.gbcs.catalogue import (
    GbcsMessage,
    MessageCode,
    Payload,
    enclose,
    open_envelope,
)
from safelaunch.wire.gbcs.clocks import Ecs70Command, Gcs28Command
from safelaunch.wire.gbcs.credentials import Cs02bCommand
from safelaunch.wire.gbcs.device_log import Ccs01Command, Ccs02Command, Ccs03Command
from safelaunch.wire.gbcs.gpf_log import Gcs59Command
from safelaunch.wire.gbcs.message import GroupingHeader, MessageKind, build, parse
from safelaunch.wire.gbcs.tenancy import Ecs12Command, Ecs12Response, Gcs09Command, Gcs09Response
from safelaunch.wire.gbcs.times import DlmsTime
from safelaunch.wire.gbcs.versions import (
    Cs08Command,
    Cs08Response,
    Ecs52Command,
    Ecs52Response,
    Gcs38Command,
    Gcs38Response,
    ReadOutcome,
)
from safelaunch.wire.smki_devices import KeyUse

_ASKED_OF: Mapping[type, frozenset[DeviceType]] = {
    Ecs52Command: frozenset({DeviceType.ESME, DeviceType.CHF}),
    Gcs38Command: frozenset({DeviceType.GSME, DeviceType.GPF}),
    Cs08Command: frozenset({DeviceType.PPMID, DeviceType.HCALCS}),
    ActivateFirmware: frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.HCALCS}),
    Ecs12Command: frozenset({DeviceType.ESME}),
    Gcs09Command: frozenset({DeviceType.GPF}),
    Cs02bCommand: frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.GPF}),
    Ccs01Command: frozenset({DeviceType.CHF}),
    Ccs02Command: frozenset({DeviceType.CHF}),
    Ccs03Command: frozenset({DeviceType.CHF}),
    Gcs59Command: frozenset({DeviceType.GPF}),
    Ecs70Command: frozenset({DeviceType.ESME}),
    Gcs28Command: frozenset({DeviceType.GSME}),
}
_CRITICAL = frozenset(
    {
        MessageCode.CS06_ACTIVATE_FIRMWARE,
        MessageCode.CS02B_SUPPLIER_BY_TRANS_COS,
        MessageCode.ECS70_COMMISSION,
        MessageCode.GCS28_COMMISSION,
    }
)
_ALERTS_WITH_MAC = frozenset({MessageCode.CS14_HUB_LOG_ALERT})
_TEMPORARY_FAILURE = 2
"""The DLMS data access result of a meter that cannot read its own version."""
_HARDWARE_FAILURE = 0xC0
"""The ZCL status of a gas meter likewise."""
_FILLER = "00000000"


class Dropped(Refused):
    """The Device does not act on the message and says nothing."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A message that a Device sends, before it is signed or given its MAC; `is_twice` where the network brings it twice."""

    facts: DeviceFacts
    message: GbcsMessage
    said_at: int
    command_id: str | None = None
    is_twice: bool = False


class Speech:
    """The ears and the mouth of every simulated Device."""

    def __init__(self, *, keys: DeviceKeys, organisations: Organisations) -> None:
        """This function will keep the Devices' own keys and whom they know."""
        self._keys = keys
        self.organisations = organisations

    def understand(self, octets: bytes, *, facts: DeviceFacts) -> GbcsMessage:
        """This function will open a command that the Device acts on (rules 1 to 3).

        Raises:
            Dropped: it does not, and why.
        """
        try:
            envelope = parse(octets)
            message = open_envelope(envelope)
        except Problem as problem:
            raise Dropped(f"The message is not understood: {problem}") from problem
        header = message.header
        if header.kind is not MessageKind.COMMAND or header.target_id != facts.device_id:
            raise Dropped(f"The message is no command to {facts.device_id}.")
        if facts.device_type not in _ASKED_OF.get(type(message.payload), frozenset()):
            raise Dropped(f"A {facts.device_type} does not know the command {header.message_code:04X}.")
        try:
            security.verify_mac(
                envelope,
                own_key=self._keys.of(facts.device_id, KeyUse.KEY_AGREEMENT),
                other_key=_known(self.organisations.broker_key(), "the Access Control Broker"),
            )
            if header.message_code in _CRITICAL:
                security.verify(
                    envelope,
                    key=_known(
                        self.organisations.signing_key(header.originator_id), str(header.originator_id)
                    ),
                )
        except Problem as problem:
            raise Dropped(f"The command is not believed: {problem}") from problem
        self._require_answerable(header, facts=facts)
        return message

    def seal(self, saying: Saying) -> bytes:
        """This function will sign a message, or give it its MAC, and write it (rule 4)."""
        envelope = enclose(saying.message)
        header, device_id = saying.message.header, saying.facts.device_id
        if _is_signed(header):
            return build(security.sign(envelope, key=self._keys.of(device_id, KeyUse.DIGITAL_SIGNATURE)))
        agreed = security.protect(
            envelope,
            own_key=self._keys.of(device_id, KeyUse.KEY_AGREEMENT),
            other_key=_known(self.organisations.agreement_key(header.target_id), str(header.target_id)),
        )
        return build(agreed)

    def _require_answerable(self, header: GroupingHeader, *, facts: DeviceFacts) -> None:
        if header.message_code == MessageCode.CS02B_SUPPLIER_BY_TRANS_COS:
            cos_party = self.organisations.cos_party()
            if cos_party is None or header.originator_id != cos_party.eui:
                raise Dropped(f"{header.originator_id} is not the CoS Party that the Device knows.")
        elif header.message_code in _CRITICAL:
            if header.originator_id not in facts.suppliers:
                raise Dropped(f"{header.originator_id} does not supply {facts.device_id}.")
        elif self.organisations.agreement_key(header.originator_id) is None:
            raise Dropped(f"{header.originator_id} has no key agreement key that the Device knows.")


def read_payload(octets: bytes) -> GbcsMessage:
    """This function will open a command that was understood before."""
    return open_envelope(parse(octets))


def answer_to(command: GbcsMessage, *, payload: Payload, sent_at: DlmsTime | None = None) -> GbcsMessage:
    """This function will compose an answer; answers to critical commands say when they were sent."""
    header = command.header
    return GbcsMessage(
        header=replace(
            header,
            kind=MessageKind.RESPONSE,
            originator_id=header.target_id,
            target_id=header.originator_id,
            sent_at=sent_at,
        ),
        payload=payload,
    )


def direct_answer(payload: Payload, *, firmware_version: str | None) -> Payload:
    """This function will give the answer to whatever a Device can say or do at once.

    Args:
        payload: the command.
        firmware_version: what it runs; None when it cannot say.

    Raises:
        Dropped: it takes more than that.
    """
    match payload:
        case Ecs12Command(invoke_id=invoke_id):
            return Ecs12Response(invoke_id=invoke_id)
        case Gcs09Command(sequence=sequence):
            return Gcs09Response(sequence=sequence)
        case Ecs52Command(invoke_id=invoke_id):
            result = 0 if firmware_version else _TEMPORARY_FAILURE
            return Ecs52Response(invoke_id=invoke_id, firmware_version=firmware_version, result=result)
        case Gcs38Command(sequence=sequence):
            status = 0 if firmware_version else _HARDWARE_FAILURE
            return Gcs38Response(firmware_version=firmware_version, status=status, sequence=sequence)
        case Cs08Command():
            outcome = ReadOutcome.SUCCESS if firmware_version else ReadOutcome.FAILURE
            return Cs08Response(firmware_version=firmware_version or _FILLER, outcome=outcome)
    raise Dropped(f"{type(payload).__name__} takes more than an answer.")


def moment_of(payload: Payload) -> datetime | None:
    """This function will give the moment before which a command has a Device hide everything, if it is such a command."""
    if isinstance(payload, Ecs12Command):
        return payload.restricted_at.moment
    return payload.restricted_at if isinstance(payload, Gcs09Command) else None


def _is_signed(header: GroupingHeader) -> bool:
    if header.kind is MessageKind.ALERT:
        return header.message_code not in _ALERTS_WITH_MAC
    return header.message_code in _CRITICAL


def _known(key: EllipticCurvePublicKey | None, who: str) -> EllipticCurvePublicKey:
    if key is None:
        raise Dropped(f"The Device has no certificate of {who}.")
    return key
