"""CS06 Activate Firmware: the command, its response and the alert of a future-dated activation (`domain.md` 5.5).

    command    SEQUENCE { OCTET STRING (32) hash, INTEGER counter, GeneralizedTime execution OPTIONAL }
    response   NULL, accepted for later, or the outcome
    outcome    SEQUENCE { INTEGER code, OCTET STRING (4) firmware version }
    alert      SEQUENCE { INTEGER 8F66 or 8F67, GeneralizedTime, INTEGER counter of the command, outcome }

Without an execution time a device activates at once; with the last second of 9999 it forgets what was future-dated.
The outcome names the running firmware version whether or not the activation succeeded.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Self

from safelaunch.wire.gbcs.der import (
    NULL,
    DerReader,
    write_integer,
    write_null,
    write_octet_string,
    write_sequence,
    write_time,
)
from safelaunch.wire.gbcs.octets import HASH_OCTETS, VERSION_OCTETS, check_hash, version_octets, version_text
from safelaunch.wire.gbcs.times import CANCELLED_AT, whole_second


class ActivationCode(IntEnum):
    """What became of an activation (MMC `StatusASN1`)."""

    SUCCESS = 0
    NO_IMAGE_HELD = 1
    HASH_MISMATCH = 2
    ACTIVATION_FAILURE = 3


class FutureDatedAlertCode(IntEnum):
    """Whether a future-dated command succeeded when its time came."""

    SUCCEEDED = 0x8F66
    FAILED = 0x8F67


@dataclass(frozen=True, slots=True)
class ActivateFirmware:
    """The CS06 command.

    Attributes:
        manufacturer_image_hash: 32 octets, SHA-256 of the Manufacturer Image (`domain.md` 8.1).
        originator_counter: the counter of the command's grouping header, said again.
        execution_at: when to activate; None is at once; `CANCELLED_AT` cancels.
    """

    manufacturer_image_hash: bytes
    originator_counter: int
    execution_at: datetime | None = None

    def __post_init__(self) -> None:
        """This function will refuse a hash or a time that could not be written."""
        check_hash(self.manufacturer_image_hash)
        if self.execution_at is not None:
            whole_second(self.execution_at)

    @property
    def is_cancellation(self) -> bool:
        """This function will say whether the command withdraws a future-dated one."""
        return self.execution_at == CANCELLED_AT

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a CS06 command."""
        der = DerReader(octets, name="CS06 command")
        fields = der.sequence(what="Activate Firmware")
        der.finish()
        image_hash = fields.octet_string(size=HASH_OCTETS, what="Manufacturer Image hash")
        counter = fields.integer(what="originator counter")
        execution_at = None if fields.next_tag is None else fields.time(what="execution time")
        fields.finish()
        return cls(manufacturer_image_hash=image_hash, originator_counter=counter, execution_at=execution_at)

    def to_octets(self) -> bytes:
        """This function will write the payload of a CS06 command."""
        execution = b"" if self.execution_at is None else write_time(self.execution_at)
        return write_sequence(
            write_octet_string(self.manufacturer_image_hash),
            write_integer(self.originator_counter),
            execution,
        )


@dataclass(frozen=True, slots=True)
class ActivationAccepted:
    """The CS06 response to a future-dated command or a cancellation: noted, with nothing to tell yet."""

    def to_octets(self) -> bytes:
        """This function will write the NULL that says so."""
        return write_null()


@dataclass(frozen=True, slots=True)
class ActivationOutcome:
    """The CS06 response to an immediate command, and the end of the alert.

    `firmware_version` is what the device runs afterwards, eight hexadecimal digits, also when `code` is a failure.
    """

    code: ActivationCode
    firmware_version: str

    def __post_init__(self) -> None:
        """This function will refuse a firmware version that could not be written."""
        version_octets(self.firmware_version)

    def to_octets(self) -> bytes:
        """This function will write the outcome."""
        return write_sequence(
            write_integer(self.code), write_octet_string(version_octets(self.firmware_version))
        )


@dataclass(frozen=True, slots=True)
class FutureDatedActivationAlert:
    """Alert 8F66 or 8F67 of message code 0x00CA: a future-dated activation was carried out, or not."""

    alert_code: FutureDatedAlertCode
    execution_at: datetime
    originator_counter: int
    outcome: ActivationOutcome

    def __post_init__(self) -> None:
        """This function will refuse a time that could not be written."""
        whole_second(self.execution_at)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the alert."""
        der = DerReader(octets, name="future-dated activation alert")
        fields = der.sequence(what="alert")
        der.finish()
        code = fields.reader.known(
            fields.integer(what="alert code"), kind=FutureDatedAlertCode, what="alert code"
        )
        execution_at = fields.time(what="execution time")
        counter = fields.integer(what="originator counter")
        outcome = _read_outcome(fields)
        fields.finish()
        return cls(alert_code=code, execution_at=execution_at, originator_counter=counter, outcome=outcome)

    def to_octets(self) -> bytes:
        """This function will write the payload of the alert."""
        return write_sequence(
            write_integer(self.alert_code),
            write_time(self.execution_at),
            write_integer(self.originator_counter),
            self.outcome.to_octets(),
        )


def read_response(octets: bytes) -> ActivationAccepted | ActivationOutcome:
    """This function will read the payload of a CS06 response: accepted for later, or an outcome."""
    der = DerReader(octets, name="CS06 response")
    if der.next_tag == NULL:
        der.null(what="acceptance")
        der.finish()
        return ActivationAccepted()
    outcome = _read_outcome(der)
    der.finish()
    return outcome


def _read_outcome(der: DerReader) -> ActivationOutcome:
    fields = der.sequence(what="outcome")
    code = fields.reader.known(fields.integer(what="code"), kind=ActivationCode, what="code")
    version = fields.octet_string(size=VERSION_OCTETS, what="firmware version")
    fields.finish()
    return ActivationOutcome(code=code, firmware_version=version_text(version))
