"""Bodies of the DCC Alerts that concern firmware: N18 to N23, N39, N49 to N52, N57, N59 to N62 and N64 (`domain.md` 7)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.elements import optional, part
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.leaves import (
    EUI,
    FIRMWARE_VERSION,
    MOMENT,
    REQUEST_ID,
    device_ids,
    hexadecimal,
    word,
)
from safelaunch.wire.duis.requests.inventory import DEVICE_TYPE

ALERT_CODE = hexadecimal()


class ActivationResult(StrEnum):
    """`ActivateImageResultCode` of a PPMID."""

    SUCCESS = "ActivationSuccess"
    FAILURE = "ActivationFailure"


class TransferResult(StrEnum):
    """`TransferResponseCode`: what a hub made of a firmware file for a Device behind it."""

    SUCCESS = "FileTransferSuccess"
    DISCARDED = "FirmwareImageDiscarded"
    HARDWARE_MISMATCH = "HardwareVersionMismatch"
    FAILURE = "FileTransferFailure"


class DeliveryResult(StrEnum):
    """`CommsHubTransferStatus`: whether a CSP brought an image to a hub."""

    SUCCESS = "Success"
    FAILURE = "Failure"


class Smets1Status(StrEnum):
    """`FirmwareVersionUpdateStatus` of a SMETS1 hub."""

    REQUESTED = "UpdateRequested"
    ACTIVATED = "ActivationSuccessful"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareDistributionFailure:
    """N18 to N23: firmware of a request did not reach these Devices."""

    request_id: Annotated[RequestId, part("UpdateFirmwareRequestID", REQUEST_ID)]
    device_ids: Annotated[DeviceIds, part("MeterIDs", device_ids())]


@dataclass(frozen=True, slots=True, kw_only=True)
class PpmidFirmwareUpgrade:
    """What a PPMID says of the firmware it activated."""

    firmware_version: Annotated[str, part("FirmwareVersion", FIRMWARE_VERSION)]
    result: Annotated[ActivationResult, part("ActivateImageResultCode", word(ActivationResult))]


@dataclass(frozen=True, slots=True, kw_only=True)
class PpmidAlert:
    """N39: an alert of a PPMID."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    alert_code: Annotated[bytes, part("DeviceAlertCode", ALERT_CODE)]
    happened_at: Annotated[datetime | None, optional("Timestamp", MOMENT)] = None
    upgrade: Annotated[
        PpmidFirmwareUpgrade | None, optional("PPMIDFirmwareUpgradeAlert", PpmidFirmwareUpgrade)
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareVersionMismatch:
    """N52 and its siblings: a Device runs another version than the inventory says."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    device_type: Annotated[DeviceType, part("DeviceType", DEVICE_TYPE)]
    inventory_version: Annotated[str, part("FirmwareVersionSMI", FIRMWARE_VERSION)]
    device_version: Annotated[str, part("FirmwareVersionDevice", FIRMWARE_VERSION)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Smets1HubFirmware:
    """N57: firmware of a SMETS1 hub was requested or activated."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    firmware_version: Annotated[str, part("FirmwareVersion", FIRMWARE_VERSION)]
    status: Annotated[Smets1Status, part("FirmwareVersionUpdateStatus", word(Smets1Status))]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareUpgradeRequested:
    """N59: another party asked for new firmware on Devices that are shared."""

    device_type: Annotated[DeviceType, part("DeviceType", DEVICE_TYPE)]
    firmware_version: Annotated[str, part("FirmwareVersion", FIRMWARE_VERSION)]
    device_ids: Annotated[DeviceIds, part("DeviceList", device_ids())]


@dataclass(frozen=True, slots=True, kw_only=True)
class CspFirmwareDelivery:
    """N60 and N61: a CSP brought an image to the hub of a Device, or failed to."""

    request_id: Annotated[RequestId, part("UpdateFirmwareRequestID", REQUEST_ID)]
    hub_id: Annotated[Eui64, part("CommsHubDeviceID", EUI)]
    device_id: Annotated[Eui64, part("TargetDeviceID", EUI)]
    firmware_version: Annotated[str, part("FirmwareVersion", FIRMWARE_VERSION)]
    happened_at: Annotated[datetime, part("TimeStamp", MOMENT)]
    result: Annotated[DeliveryResult, part("CommsHubTransferStatus", word(DeliveryResult))]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareTransfer:
    """What a hub says of a firmware file that it handed to a Device."""

    request_id: Annotated[RequestId | None, optional("UpdateFirmwareRequestID", REQUEST_ID)] = None
    device_id: Annotated[Eui64, part("OtherDeviceID", EUI)]
    firmware_version: Annotated[str, part("FirmwareVersion", FIRMWARE_VERSION)]
    result: Annotated[TransferResult, part("TransferResponseCode", word(TransferResult))]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAlert:
    """N62: an alert of a hub."""

    device_id: Annotated[Eui64, part("CommsHubDeviceID", EUI)]
    alert_code: Annotated[bytes, part("AlertCode", ALERT_CODE)]
    happened_at: Annotated[datetime | None, optional("TimeStamp", MOMENT)] = None
    transfer: Annotated[FirmwareTransfer | None, optional("FirmwareTransferAlert", FirmwareTransfer)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFirmwareActivation:
    """N64: a Communications Hub runs new firmware."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    firmware_version: Annotated[str, part("FirmwareVersion", FIRMWARE_VERSION)]
