"""What messages of Devices and reports of networks prove of firmware on its way (`domain.md` 6.3, 10.3).

CCS08   a hub handed the image to a Device, or not and why           signed by the hub
FDRA    a meter verified what it received, with the hash it computed  signed by the meter
CS09    a display runs its new firmware, or failed to                 signed by the display
CS06    the answer to an 11.3, or the alert that keeps its promise
ECS52, GCS38, CS08   the version that a Device runs
"""

from datetime import datetime

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.firmware_journeys import DELIVERY_CODES, Happening, JourneyEvent, Leg, Reason
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import Network
from safelaunch.services.device_evidence import evidence_of
from safelaunch.services.firmware_journeys import Sighting
from safelaunch.store.reads.device_commands import CommandFacts, UnjudgedMessage
from safelaunch.wire import csp
from safelaunch.wire.gbcs.activation import (
    ActivationAccepted,
    ActivationCode,
    ActivationOutcome,
    FutureDatedActivationAlert,
)
from safelaunch.wire.gbcs.alerts import (
    DlmsReceiptAlert,
    FirmwareTransferAlert,
    GbzReceiptAlert,
    PpmidActivationAlert,
    PpmidOutcome,
    ReceiptAlertCode,
    TransferOutcome,
)
from safelaunch.wire.gbcs.catalogue import GbcsMessage
from safelaunch.wire.gbcs.times import CANCELLED_AT

_TRANSFER: dict[TransferOutcome, Reason] = {
    TransferOutcome.IMAGE_DISCARDED: Reason.IMAGE_DISCARDED,
    TransferOutcome.HARDWARE_VERSION_MISMATCH: Reason.HARDWARE_MISMATCH,
    TransferOutcome.TRANSFER_FAILURE: Reason.TRANSFER_FAILURE,
}
_ACTIVATION: dict[ActivationCode, Reason] = {
    ActivationCode.NO_IMAGE_HELD: Reason.NO_IMAGE_HELD,
    ActivationCode.HASH_MISMATCH: Reason.HASH_MISMATCH,
    ActivationCode.ACTIVATION_FAILURE: Reason.ACTIVATION_FAILURE,
}


def of_report(report: csp.ImageReport, /, *, network: Network) -> Sighting:
    """This function will give what a network's report about an image proves (N60, N61)."""
    event = JourneyEvent.REACH_HUB if report.is_at_hub else JourneyEvent.FAIL_AT_HUB
    return Sighting(
        device_id=Eui64.parse(report.device_id),
        leg=Leg.CSP,
        happening=Happening(
            event,
            report.happened_at,
            None if report.is_at_hub else Reason.NOT_REACHED,
            attempt=report.attempt,
        ),
        at=report.happened_at,
        service_request_id=int(report.distribution_id) if report.distribution_id.isdecimal() else -1,
        alert=DELIVERY_CODES[event],
        network=network,
        number=report.number,
    )


def of_alert(told: UnjudgedMessage, message: GbcsMessage, /, *, network: Network) -> Sighting | None:
    """This function will give what an alert that belongs to no command proves, or nothing."""
    payload, at = message.payload, told.happened_at
    if isinstance(payload, FirmwareTransferAlert):
        reason = _TRANSFER.get(payload.outcome)
        event = JourneyEvent.TRANSFER if reason is None else JourneyEvent.FAIL_ON_HAN
        return Sighting(
            device_id=payload.device_id,
            leg=Leg.HUB,
            happening=Happening(event, at, reason),
            at=at,
            hub_device_id=told.device_id,
            firmware_version=payload.firmware_version,
            alert=AlertCode.N62,
            network=network,
            number=told.number,
        )
    if isinstance(payload, DlmsReceiptAlert | GbzReceiptAlert):
        is_sound = payload.alert_code is ReceiptAlertCode.VERIFIED
        return Sighting(
            device_id=told.device_id,
            leg=Leg.DEVICE,
            happening=(
                Happening(JourneyEvent.VERIFY, at)
                if is_sound
                else Happening(JourneyEvent.FAIL_TO_VERIFY, at, Reason.DAMAGED_IMAGE)
            ),
            at=at,
            image_hash=payload.manufacturer_image_hash if is_sound else None,
            network=network,
            number=told.number,
        )
    if isinstance(payload, PpmidActivationAlert):
        is_done = payload.outcome is PpmidOutcome.SUCCESS
        return Sighting(
            device_id=told.device_id,
            leg=Leg.DEVICE,
            happening=(
                Happening(JourneyEvent.ACTIVATE, at)
                if is_done
                else Happening(JourneyEvent.FAIL_TO_ACTIVATE, at, Reason.ACTIVATION_FAILURE)
            ),
            at=at,
            firmware_version=payload.firmware_version,
            alert=AlertCode.N39,
            network=network,
            number=told.number,
        )
    return None


def of_answer(
    told: UnjudgedMessage, message: GbcsMessage, /, *, command: CommandFacts, network: Network
) -> Sighting | None:
    """This function will give what a message about a command proves of the firmware of its Device, or nothing.

    Args:
        told: the message as it came.
        message: what it says.
        command: what it is about, as it stood before.
        network: that brought it.
    """
    payload, at = message.payload, told.happened_at
    happening: Happening | None = None
    runs: str | None = None
    if isinstance(payload, ActivationAccepted):
        happening = _promised(command.execute_at, at)
    else:
        heard = evidence_of(message, device_id=told.device_id, command=command)
        if heard is None or heard.version is None:
            return None
        runs = heard.version
        if isinstance(payload, ActivationOutcome | FutureDatedActivationAlert):
            outcome = payload if isinstance(payload, ActivationOutcome) else payload.outcome
            reason = _ACTIVATION.get(outcome.code, Reason.OTHER_VERSION)
            happening = Happening(JourneyEvent.FAIL_TO_ACTIVATE, at, reason)
    return Sighting(
        device_id=told.device_id,
        leg=Leg.DEVICE,
        happening=happening,
        at=at,
        runs=runs,
        network=network,
        number=told.number,
    )


def _promised(execute_at: datetime | None, at: datetime) -> Happening | None:
    if execute_at is None:
        return None
    if execute_at == CANCELLED_AT:
        return Happening(JourneyEvent.UNSCHEDULE, at)
    return Happening(JourneyEvent.SCHEDULE, at, execute_at=execute_at)
