"""What a DCC Alert about a Device says, by its code (`domain.md` 7.2)."""

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.wire.duis.responses.alerts import AlertBody, DeviceStatusChange, DeviceStatusChangeEvent
from safelaunch.wire.duis.responses.firmware_alerts import FirmwareVersionMismatch, HubFirmwareActivation


def body_of(
    code: AlertCode,
    /,
    *,
    device_id: Eui64,
    firmware_version: str | None = None,
    smi_firmware_version: str | None = None,
) -> AlertBody:
    """This function will write the body of an alert about a Device.

    Args:
        code: of the alert.
        device_id: the Device; for N52 the GSME.
        firmware_version: what the Device runs now; N28 and N29 have none.
        smi_firmware_version: what the inventory has instead (N52).
    """
    if code is AlertCode.N64:
        return HubFirmwareActivation(device_id=device_id, firmware_version=firmware_version or "")
    if code is AlertCode.N52:
        return FirmwareVersionMismatch(
            device_id=device_id,
            device_type=DeviceType.GSME,
            inventory_version=smi_firmware_version or "",
            device_version=firmware_version or "",
        )
    is_suspended = code is AlertCode.N28
    change = DeviceStatusChange(is_suspended=is_suspended, is_restored=not is_suspended)
    return DeviceStatusChangeEvent(device_id=device_id, change=change)
