"""What a DCC Alert about a Device says, by its code (`domain.md` 7.1, 7.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.firmware_journeys import Reason
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses.alerts import AlertBody, DeviceStatusChange, DeviceStatusChangeEvent
from safelaunch.wire.duis.responses.firmware_alerts import (
    ActivationResult,
    CspFirmwareDelivery,
    DeliveryResult,
    FirmwareDistributionFailure,
    FirmwareTransfer,
    FirmwareVersionMismatch,
    HubAlert,
    HubFirmwareActivation,
    PpmidAlert,
    PpmidFirmwareUpgrade,
    TransferResult,
)
from safelaunch.wire.gbcs.alerts import PpmidAlertCode, TransferAlertCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an alert is about.

    Attributes:
        device_id: the Device; for N52 the GSME.
        firmware_version: what the Device runs, or the image that is on its way; N28 and N29 have none.
        smi_firmware_version: what the inventory has instead (N52).
        hub_device_id: the hub of the home, and
        request_id: the firmware request, where it is about firmware on its way.
        happened_at: when, in the same case.
        outcome: the reason of a failure, in the same case.
    """

    device_id: Eui64
    firmware_version: str | None = None
    smi_firmware_version: str | None = None
    hub_device_id: Eui64 | None = None
    request_id: RequestId | None = None
    happened_at: datetime | None = None
    outcome: Reason | None = None


_TRANSFER: Mapping[Reason | None, TransferResult] = {
    None: TransferResult.SUCCESS,
    Reason.IMAGE_DISCARDED: TransferResult.DISCARDED,
    Reason.HARDWARE_MISMATCH: TransferResult.HARDWARE_MISMATCH,
    Reason.TRANSFER_FAILURE: TransferResult.FAILURE,
}


def body_of(code: AlertCode, told: Told, /) -> AlertBody:
    """This function will write the body of an alert about a Device.

    Raises:
        ValueError: the alert lacks what its body has to say; it is our own mistake.
    """
    if code in _ABOUT_FIRMWARE:
        return _ABOUT_FIRMWARE[code](told)
    if code is AlertCode.N64:
        return HubFirmwareActivation(device_id=told.device_id, firmware_version=told.firmware_version or "")
    if code is AlertCode.N52:
        return FirmwareVersionMismatch(
            device_id=told.device_id,
            device_type=DeviceType.GSME,
            inventory_version=told.smi_firmware_version or "",
            device_version=told.firmware_version or "",
        )
    is_suspended = code is AlertCode.N28
    change = DeviceStatusChange(is_suspended=is_suspended, is_restored=not is_suspended)
    return DeviceStatusChangeEvent(device_id=told.device_id, change=change)


def _not_reached(told: Told) -> FirmwareDistributionFailure:
    _, request_id, _ = _of_journey(told)
    return FirmwareDistributionFailure(request_id=request_id, device_ids=DeviceIds.of([told.device_id]))


def _at_hub(told: Told) -> CspFirmwareDelivery:
    hub_id, request_id, happened_at = _of_journey(told)
    return CspFirmwareDelivery(
        request_id=request_id,
        hub_id=hub_id,
        device_id=told.device_id,
        firmware_version=told.firmware_version or "",
        happened_at=happened_at,
        result=DeliveryResult.SUCCESS if told.outcome is None else DeliveryResult.FAILURE,
    )


def _handed_over(told: Told) -> HubAlert:
    hub_id, request_id, happened_at = _of_journey(told)
    code = TransferAlertCode.SUCCEEDED if told.outcome is None else TransferAlertCode.FAILED
    return HubAlert(
        device_id=hub_id,
        alert_code=code.to_bytes(2, "big"),
        happened_at=happened_at,
        transfer=FirmwareTransfer(
            request_id=request_id,
            device_id=told.device_id,
            firmware_version=told.firmware_version or "",
            result=_TRANSFER[told.outcome],
        ),
    )


def _by_display(told: Told) -> PpmidAlert:
    _, _, happened_at = _of_journey(told)
    return PpmidAlert(
        device_id=told.device_id,
        alert_code=PpmidAlertCode.ACTIVATION.to_bytes(2, "big"),
        happened_at=happened_at,
        upgrade=PpmidFirmwareUpgrade(
            firmware_version=told.firmware_version or "",
            result=ActivationResult.SUCCESS if told.outcome is None else ActivationResult.FAILURE,
        ),
    )


_ABOUT_FIRMWARE: Mapping[AlertCode, Callable[[Told], AlertBody]] = {
    AlertCode.N18: _not_reached,
    AlertCode.N39: _by_display,
    AlertCode.N60: _at_hub,
    AlertCode.N61: _at_hub,
    AlertCode.N62: _handed_over,
}


def _of_journey(told: Told) -> tuple[Eui64, RequestId, datetime]:
    if told.hub_device_id is None or told.request_id is None or told.happened_at is None:
        raise ValueError(f"The alert about the firmware of {told.device_id} lacks its hub, request or time.")
    return told.hub_device_id, told.request_id, told.happened_at
