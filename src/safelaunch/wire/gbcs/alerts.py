"""What devices tell unasked about firmware (`domain.md` 6.3 and 6.4).

    CCS08  0x0128  8F89, 8F8A   hub: an image reached a device on the HAN, or not and why
    CS09   0x012B  8F8B         PPMID: it activated its new firmware, or failed to
    FDRA   0x00CE  8F1C, 8F72   ESME (DLMS): the image received was verified, or not, with the hash it computed
    FDRA   0x00CF  8F1C, 8F72   GSME (GBZ): the same

    CCS08  SEQUENCE { INTEGER alert code, GeneralizedTime, OCTET STRING (8) device, OCTET STRING (4) version, INTEGER }
    CS09   SEQUENCE { INTEGER alert code, GeneralizedTime, OCTET STRING (4) version, INTEGER }
    DLMS   0F 20 | counter, 3 octets | 00 | 02 03 | 12 alert code | 09 0C date-time | 09 20 hash
    GBZ    0109 01 | alert code | seconds since 2000, 4 octets | 09 20 hash

An alert code that contradicts its outcome is not refused: whoever acts on it has to decide which to doubt.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Self

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.gbcs.der import DerReader, write_integer, write_octet_string, write_sequence, write_time
from safelaunch.wire.gbcs.octets import (
    HASH_OCTETS,
    VERSION_OCTETS,
    Reader,
    check_hash,
    version_octets,
    version_text,
    write_number,
)
from safelaunch.wire.gbcs.times import DLMS_OCTETS, DlmsTime, read_zigbee, whole_second, write_zigbee

_EUI_OCTETS = 8
_DATA_NOTIFICATION = bytes.fromhex("0F 20")
_NO_TIME_THREE_FIELDS = bytes.fromhex("00 02 03")
_LONG_UNSIGNED = b"\x12"
_DATE_TIME = bytes([0x09, DLMS_OCTETS])
_HASH = bytes([0x09, HASH_OCTETS])
_GBZ_ALERT = bytes.fromhex("0109 01")


class TransferAlertCode(IntEnum):
    """Whether the hub handed the image to the device."""

    FAILED = 0x8F89
    SUCCEEDED = 0x8F8A


class TransferOutcome(IntEnum):
    """Why a transfer on the HAN ended (`domain.md` 7.1)."""

    SUCCESS = 0
    IMAGE_DISCARDED = 1
    HARDWARE_VERSION_MISMATCH = 2
    TRANSFER_FAILURE = 3


class PpmidAlertCode(IntEnum):
    """The one alert code of CS09."""

    ACTIVATION = 0x8F8B


class PpmidOutcome(IntEnum):
    """Whether a PPMID activated its image."""

    SUCCESS = 0
    FAILURE = 1


class ReceiptAlertCode(IntEnum):
    """Whether a meter could verify the image it received."""

    VERIFICATION_FAILED = 0x8F1C
    VERIFIED = 0x8F72


@dataclass(frozen=True, slots=True)
class FirmwareTransferAlert:
    """CCS08: how the hub's transfer of an image to a device on its HAN ended."""

    alert_code: TransferAlertCode
    happened_at: datetime
    device_id: Eui64
    firmware_version: str
    outcome: TransferOutcome

    def __post_init__(self) -> None:
        """This function will refuse a time or a version that could not be written."""
        whole_second(self.happened_at)
        version_octets(self.firmware_version)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a CCS08 alert."""
        der = DerReader(octets, name="CCS08 alert")
        fields = der.sequence(what="alert")
        der.finish()
        code = fields.integer(what="alert code")
        alert_code = fields.reader.known(code, kind=TransferAlertCode, what="alert code")
        happened_at = fields.time(what="time")
        device_id = Eui64.from_bytes(fields.octet_string(size=_EUI_OCTETS, what="Device ID"))
        version = fields.octet_string(size=VERSION_OCTETS, what="firmware version")
        outcome = fields.reader.known(fields.integer(what="outcome"), kind=TransferOutcome, what="outcome")
        fields.finish()
        return cls(
            alert_code=alert_code,
            happened_at=happened_at,
            device_id=device_id,
            firmware_version=version_text(version),
            outcome=outcome,
        )

    def to_octets(self) -> bytes:
        """This function will write the payload of a CCS08 alert."""
        return write_sequence(
            write_integer(self.alert_code),
            write_time(self.happened_at),
            write_octet_string(self.device_id.to_bytes()),
            write_octet_string(version_octets(self.firmware_version)),
            write_integer(self.outcome),
        )


@dataclass(frozen=True, slots=True)
class PpmidActivationAlert:
    """CS09: a PPMID says whether it runs the firmware it was given."""

    happened_at: datetime
    firmware_version: str
    outcome: PpmidOutcome
    alert_code: PpmidAlertCode = PpmidAlertCode.ACTIVATION

    def __post_init__(self) -> None:
        """This function will refuse a time or a version that could not be written."""
        whole_second(self.happened_at)
        version_octets(self.firmware_version)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a CS09 alert."""
        der = DerReader(octets, name="CS09 alert")
        fields = der.sequence(what="alert")
        der.finish()
        code = fields.integer(what="alert code")
        alert_code = fields.reader.known(code, kind=PpmidAlertCode, what="alert code")
        happened_at = fields.time(what="time")
        version = fields.octet_string(size=VERSION_OCTETS, what="firmware version")
        outcome = fields.reader.known(fields.integer(what="outcome"), kind=PpmidOutcome, what="outcome")
        fields.finish()
        return cls(
            happened_at=happened_at,
            firmware_version=version_text(version),
            outcome=outcome,
            alert_code=alert_code,
        )

    def to_octets(self) -> bytes:
        """This function will write the payload of a CS09 alert."""
        return write_sequence(
            write_integer(self.alert_code),
            write_time(self.happened_at),
            write_octet_string(version_octets(self.firmware_version)),
            write_integer(self.outcome),
        )


@dataclass(frozen=True, slots=True)
class DlmsReceiptAlert:
    """Firmware Distribution Receipt Alert of an ESME; `invoke_id` is the low 24 bits of its counter."""

    alert_code: ReceiptAlertCode
    invoke_id: int
    happened_at: DlmsTime
    manufacturer_image_hash: bytes

    def __post_init__(self) -> None:
        """This function will refuse a hash or an invoke id that could not be written."""
        check_hash(self.manufacturer_image_hash)
        write_number(self.invoke_id, size=3, what="invoke id")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the alert."""
        reader = Reader(octets, name="Firmware Distribution Receipt Alert (DLMS)")
        reader.expect(_DATA_NOTIFICATION, what="DLMS service and priority")
        invoke_id = reader.number(3, what="invoke id")
        reader.expect(_NO_TIME_THREE_FIELDS, what="number of fields")
        reader.expect(_LONG_UNSIGNED, what="type of the alert code")
        alert_code = reader.code(ReceiptAlertCode, size=2, what="alert code")
        reader.expect(_DATE_TIME, what="length of the time")
        happened_at = DlmsTime(reader.take(DLMS_OCTETS, what="time"))
        image_hash = _read_hash(reader)
        return cls(
            alert_code=alert_code,
            invoke_id=invoke_id,
            happened_at=happened_at,
            manufacturer_image_hash=image_hash,
        )

    def to_octets(self) -> bytes:
        """This function will write the payload of the alert."""
        start = _DATA_NOTIFICATION + self.invoke_id.to_bytes(3, "big") + _NO_TIME_THREE_FIELDS
        code = _LONG_UNSIGNED + self.alert_code.to_bytes(2, "big")
        return start + code + _DATE_TIME + self.happened_at.octets + _HASH + self.manufacturer_image_hash


@dataclass(frozen=True, slots=True)
class GbzReceiptAlert:
    """Firmware Distribution Receipt Alert of a GSME; None where its clock had nothing to say."""

    alert_code: ReceiptAlertCode
    happened_at: datetime | None
    manufacturer_image_hash: bytes

    def __post_init__(self) -> None:
        """This function will refuse a hash or a time that could not be written."""
        check_hash(self.manufacturer_image_hash)
        write_zigbee(self.happened_at)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the alert."""
        reader = Reader(octets, name="Firmware Distribution Receipt Alert (GBZ)")
        reader.expect(_GBZ_ALERT, what="profile")
        alert_code = reader.code(ReceiptAlertCode, size=2, what="alert code")
        happened_at = read_zigbee(reader, what="time")
        image_hash = _read_hash(reader)
        return cls(alert_code=alert_code, happened_at=happened_at, manufacturer_image_hash=image_hash)

    def to_octets(self) -> bytes:
        """This function will write the payload of the alert."""
        start = _GBZ_ALERT + self.alert_code.to_bytes(2, "big") + write_zigbee(self.happened_at)
        return start + _HASH + self.manufacturer_image_hash


def _read_hash(reader: Reader) -> bytes:
    reader.expect(_HASH, what="length of the hash")
    image_hash = reader.take(HASH_OCTETS, what="Manufacturer Image hash")
    reader.finish()
    return image_hash
