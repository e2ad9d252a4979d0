"""Bodies of the firmware requests 11.1 to 11.4, and the Signed Pre-Command (`domain.md` 5.2 to 5.5, 13.2)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from safelaunch.wire.duis.device_ids import MAX_DEVICE_IDS, DeviceIds
from safelaunch.wire.duis.elements import optional, part
from safelaunch.wire.duis.leaves import (
    FIRMWARE_VERSION,
    MOMENT,
    OCTETS,
    base64_octets,
    device_ids,
    hexadecimal,
)

MAX_IMAGE_OCTETS = 10_240_000
"""The largest firmware image, decoded."""

CANCELLATION = datetime(3000, 12, 31, tzinfo=UTC)
"""The execution time that takes an earlier future dated request back (`domain.md` 4.6)."""

_IMAGE = base64_octets(most=MAX_IMAGE_OCTETS)
_DEVICE_IDS = device_ids(most=MAX_DEVICE_IDS)
_HASH = hexadecimal(least=32, most=32)


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureDatable:
    """What bodies that may be future dated have in common: their first element.

    Attributes:
        execution_at: when to execute; None for at once.
    """

    execution_at: Annotated[datetime | None, optional("ExecutionDateTime", MOMENT)] = None

    @property
    def cancels(self) -> bool:
        """This function will say whether this takes back an earlier request of its kind."""
        return self.execution_at == CANCELLATION


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFirmware:
    """11.1: an OTA Upgrade Image for ESMEs, GSMEs or HCALCSs, and the 1 to 50,000 Devices that are to have it."""

    image: Annotated[bytes, part("FirmwareImage", _IMAGE)] = field(repr=False)
    firmware_version: Annotated[str, part("FirmwareVersion", FIRMWARE_VERSION)]
    device_ids: Annotated[DeviceIds, part("DeviceIDList", _DEVICE_IDS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePpmidFirmware(UpdateFirmware):
    """11.4: the same for PPMIDs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFirmwareVersion(FutureDatable):
    """11.2: which version a Device runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateFirmware(FutureDatable):
    """11.3: run the image with this SHA-256 of its Manufacturer Image."""

    manufacturer_image_hash: Annotated[bytes, part("FirmwareHash", _HASH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPreCommand(FutureDatable):
    """Command Variants 5 to 7: the GBCS message that the User signed."""

    gbcs_payload: Annotated[bytes, part("GBCSPayload", OCTETS)]
