"""Which firmware a device runs, asked in the three forms of SRV 11.2 (`domain.md` 5.4 and 6.4).

    ECS52  0x0059  ESME and Communications Hub Function: DLMS access service, Data object 0-0:0.2.1.255, attribute 2
    GCS38  0x0084  GSME: GBZ, cluster 0702, ZCL read attributes, attribute 0206
    CS08   0x0129  PPMID and HCALCS: ASN.1, through the ACB

A device that cannot answer gives a code instead: the DLMS data access result, the ZCL status, or for CS08 an outcome
beside a version that then means nothing. The DLMS frames repeat the low 24 bits of the originator counter.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.der import DerReader, write_integer, write_null, write_octet_string, write_sequence
from safelaunch.wire.gbcs.octets import (
    VERSION_OCTETS,
    Reader,
    version_octets,
    version_text,
    write_number,
)

_ACCESS_REQUEST = b"\xd9"
_ACCESS_RESPONSE = b"\xda"
_INVOKE_FLAGS = b"\x20"
_GET_VERSION = bytes.fromhex("00 01 01 0001 0000000201FF 02 01 00")
"""No time, one specification: get, class 1, instance 0-0:0.2.1.255, attribute 2; one datum, null."""
_RESPONSE_START = bytes.fromhex("00 00 01")
_DLMS_NULL = b"\x00"
_DLMS_VERSION = bytes.fromhex("09 04")
_ONE_GET_RESULT = bytes.fromhex("01 01")

_GBZ_START = bytes.fromhex("0109 01 01 0702")
"""The GBZ profile, one component, no encryption, the Metering cluster."""
_READ_ATTRIBUTES = b"\x00"
_READ_RESPONSE = b"\x01"
_FROM_CLIENT = b"\x00"
_FROM_SERVER = b"\x08"
_VERSION_ATTRIBUTE = bytes.fromhex("06 02")
_ZCL_OCTET_STRING = bytes.fromhex("41 04")
_ZCL_REQUEST_OCTETS = 5


class ReadOutcome(IntEnum):
    """Whether a PPMID or HCALCS could say its version (CS08)."""

    SUCCESS = 0
    FAILURE = 1


@dataclass(frozen=True, slots=True)
class Ecs52Command:
    """The ECS52 command; `invoke_id` is the low 24 bits of the originator counter."""

    invoke_id: int

    def __post_init__(self) -> None:
        """This function will refuse an invoke id above 24 bits."""
        _check_invoke_id(self.invoke_id)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of an ECS52 command."""
        reader = Reader(octets, name="ECS52 command")
        invoke_id = _read_invoke_id(reader, tag=_ACCESS_REQUEST)
        reader.expect(_GET_VERSION, what="read of the firmware version")
        reader.finish()
        return cls(invoke_id=invoke_id)

    def to_octets(self) -> bytes:
        """This function will write the payload of an ECS52 command."""
        return _ACCESS_REQUEST + _write_invoke_id(self.invoke_id) + _GET_VERSION


@dataclass(frozen=True, slots=True)
class Ecs52Response:
    """The ECS52 response: a version with result 0, or no version with another DLMS data access result."""

    invoke_id: int
    firmware_version: str | None
    result: int = 0

    def __post_init__(self) -> None:
        """This function will refuse a version beside a failure, or a success without one."""
        _check_invoke_id(self.invoke_id)
        _check_answer(firmware_version=self.firmware_version, code=self.result)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of an ECS52 response."""
        reader = Reader(octets, name="ECS52 response")
        invoke_id = _read_invoke_id(reader, tag=_ACCESS_RESPONSE)
        reader.expect(_RESPONSE_START, what="start of the answer")
        version = None
        if reader.peek() == _DLMS_VERSION[0]:
            reader.expect(_DLMS_VERSION, what="length of the firmware version")
            version = version_text(reader.take(VERSION_OCTETS, what="firmware version"))
        else:
            reader.expect(_DLMS_NULL, what="firmware version")
        reader.expect(_ONE_GET_RESULT, what="number of results")
        result = reader.number(1, what="result")
        reader.finish()
        if (version is None) != (result != 0):
            raise reader.refusal("result", "a version comes with the result 0, and nothing else does")
        return cls(invoke_id=invoke_id, firmware_version=version, result=result)

    def to_octets(self) -> bytes:
        """This function will write the payload of an ECS52 response."""
        version = self.firmware_version
        datum = _DLMS_NULL if version is None else _DLMS_VERSION + version_octets(version)
        start = _ACCESS_RESPONSE + _write_invoke_id(self.invoke_id) + _RESPONSE_START
        return start + datum + _ONE_GET_RESULT + bytes([self.result])


@dataclass(frozen=True, slots=True)
class Gcs38Command:
    """The GCS38 command; `sequence` is the ZCL sequence number, 0 in the reference vectors."""

    sequence: int = 0

    def __post_init__(self) -> None:
        """This function will refuse a sequence number above one octet."""
        write_number(self.sequence, size=1, what="ZCL sequence number")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a GCS38 command."""
        reader = Reader(octets, name="GCS38 command")
        reader.expect(_GBZ_START, what="profile and cluster")
        reader.expect(_ZCL_REQUEST_OCTETS.to_bytes(2, "big"), what="length of the ZCL command")
        sequence = _read_zcl_header(reader, frame=_FROM_CLIENT, command=_READ_ATTRIBUTES)
        reader.expect(_VERSION_ATTRIBUTE, what="attribute")
        reader.finish()
        return cls(sequence=sequence)

    def to_octets(self) -> bytes:
        """This function will write the payload of a GCS38 command."""
        return _gbz(_FROM_CLIENT + bytes([self.sequence]) + _READ_ATTRIBUTES + _VERSION_ATTRIBUTE)


@dataclass(frozen=True, slots=True)
class Gcs38Response:
    """The GCS38 response: a version with ZCL status 0, or no version with another status such as C0."""

    firmware_version: str | None
    status: int = 0
    sequence: int = 0

    def __post_init__(self) -> None:
        """This function will refuse a version beside a failure, or a success without one."""
        _check_answer(firmware_version=self.firmware_version, code=self.status)
        write_number(self.sequence, size=1, what="ZCL sequence number")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a GCS38 response."""
        reader = Reader(octets, name="GCS38 response")
        reader.expect(_GBZ_START, what="profile and cluster")
        length = reader.number(2, what="length of the ZCL command")
        if length != reader.left:
            raise reader.refusal("length of the ZCL command", f"it says {length}, and {reader.left} follow")
        sequence = _read_zcl_header(reader, frame=_FROM_SERVER, command=_READ_RESPONSE)
        reader.expect(_VERSION_ATTRIBUTE, what="attribute")
        status = reader.number(1, what="status")
        version = None
        if status == 0:
            reader.expect(_ZCL_OCTET_STRING, what="type and length of the firmware version")
            version = version_text(reader.take(VERSION_OCTETS, what="firmware version"))
        reader.finish()
        return cls(firmware_version=version, status=status, sequence=sequence)

    def to_octets(self) -> bytes:
        """This function will write the payload of a GCS38 response."""
        version = self.firmware_version
        datum = b"" if version is None else _ZCL_OCTET_STRING + version_octets(version)
        header = _FROM_SERVER + bytes([self.sequence]) + _READ_RESPONSE
        return _gbz(header + _VERSION_ATTRIBUTE + bytes([self.status]) + datum)


@dataclass(frozen=True, slots=True)
class Cs08Command:
    """The CS08 command: NULL."""

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a CS08 command."""
        der = DerReader(octets, name="CS08 command")
        der.null(what="request")
        der.finish()
        return cls()

    def to_octets(self) -> bytes:
        """This function will write the payload of a CS08 command."""
        return write_null()


@dataclass(frozen=True, slots=True)
class Cs08Response:
    """The CS08 response; after a failure the version is filler, `00000000` in the reference vectors."""

    firmware_version: str
    outcome: ReadOutcome

    def __post_init__(self) -> None:
        """This function will refuse a firmware version that could not be written."""
        version_octets(self.firmware_version)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a CS08 response."""
        der = DerReader(octets, name="CS08 response")
        fields = der.sequence(what="answer")
        der.finish()
        version = fields.octet_string(size=VERSION_OCTETS, what="firmware version")
        outcome = fields.reader.known(fields.integer(what="outcome"), kind=ReadOutcome, what="outcome")
        fields.finish()
        return cls(firmware_version=version_text(version), outcome=outcome)

    def to_octets(self) -> bytes:
        """This function will write the payload of a CS08 response."""
        return write_sequence(
            write_octet_string(version_octets(self.firmware_version)), write_integer(self.outcome)
        )


def _check_invoke_id(invoke_id: int) -> None:
    write_number(invoke_id, size=3, what="invoke id")


def _check_answer(*, firmware_version: str | None, code: int) -> None:
    write_number(code, size=1, what="result of a read")
    if firmware_version is not None:
        version_octets(firmware_version)
    if (firmware_version is None) != (code != 0):
        raise Invalid(
            f"A read with result {code} cannot carry {firmware_version}; a version goes with 0 only."
        )


def _read_invoke_id(reader: Reader, *, tag: bytes) -> int:
    reader.expect(tag, what="DLMS service")
    reader.expect(_INVOKE_FLAGS, what="priority")
    return reader.number(3, what="invoke id")


def _write_invoke_id(invoke_id: int) -> bytes:
    return _INVOKE_FLAGS + invoke_id.to_bytes(3, "big")


def _read_zcl_header(reader: Reader, *, frame: bytes, command: bytes) -> int:
    reader.expect(frame, what="ZCL frame control")
    sequence = reader.number(1, what="ZCL sequence number")
    reader.expect(command, what="ZCL command")
    return sequence


def _gbz(zcl: bytes) -> bytes:
    return _GBZ_START + len(zcl).to_bytes(2, "big") + zcl
