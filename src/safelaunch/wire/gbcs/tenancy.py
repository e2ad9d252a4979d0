"""Hide from the next tenant what was recorded before a moment (SRV 3.2; R-0056-4): ECS12 for an ESME, GCS09 for a GPF.

    ECS12  0x0022  command    DLMS access service: set, class 1, instance 0-0:94.44.3, attribute 2, to a date-time
                   response   no datum, and the DLMS data access result; 0 is success
    GCS09  0x0072  command    GBZ, cluster 0708, command 00: Publish Change Of Tenancy, times in ZCL order
                   response   ZCL default response: the command that was answered, and a status; 0 is success

Which field of GCS09 is which is Zigbee's (Smart Energy, Device Management cluster): a provider, an event number that
rises with time, a tariff type, the time of the change, and what is to be done then. In the vector the event number is
the time at which its command was made, and provider, tariff type and what is to be done never change.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from safelaunch.wire.gbcs.octets import Reader, write_number
from safelaunch.wire.gbcs.times import (
    DLMS_OCTETS,
    DlmsTime,
    read_zcl_time,
    write_zcl_time,
)

_ACCESS_REQUEST = bytes.fromhex("D9 20")
_ACCESS_RESPONSE = bytes.fromhex("DA 20")
_SET_RESTRICTION = bytes.fromhex("00 01 02 0001 00005E2C0302 02 01") + bytes([0x09, DLMS_OCTETS])
"""No time, one specification: set, the object's attribute; one datum, a date-time."""
_NOTHING_READ = bytes.fromhex("00 00 01 00 01 02")
"""No time, no specification, one datum, null; one result, of a set."""

_GBZ_START = bytes.fromhex("0109 01 01 0708")
"""The GBZ profile, one component, no encryption, the Device Management cluster."""
_CLUSTER_COMMAND_FROM_SERVER = b"\x09"
_PROFILE_COMMAND = b"\x00"
_PUBLISH_CHANGE_OF_TENANCY = b"\x00"
_DEFAULT_RESPONSE = b"\x0b"
_NO_PROVIDER = bytes(4)
_TARIFF_TYPE = b"\x00"
_WHAT_TO_DO = bytes.fromhex("00020000")
_ZCL_COMMAND_OCTETS = 20
_ZCL_RESPONSE_OCTETS = 5


@dataclass(frozen=True, slots=True)
class Ecs12Command:
    """The ECS12 command; `invoke_id` is the low 24 bits of the originator counter."""

    invoke_id: int
    restricted_at: DlmsTime

    def __post_init__(self) -> None:
        """This function will refuse an invoke id above 24 bits."""
        write_number(self.invoke_id, size=3, what="invoke id")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of an ECS12 command."""
        reader = Reader(octets, name="ECS12 command")
        reader.expect(_ACCESS_REQUEST, what="DLMS service and priority")
        invoke_id = reader.number(3, what="invoke id")
        reader.expect(_SET_RESTRICTION, what="setting of the restriction")
        restricted_at = DlmsTime(reader.take(DLMS_OCTETS, what="time"))
        reader.finish()
        return cls(invoke_id=invoke_id, restricted_at=restricted_at)

    def to_octets(self) -> bytes:
        """This function will write the payload of an ECS12 command."""
        invoke_id = self.invoke_id.to_bytes(3, "big")
        return _ACCESS_REQUEST + invoke_id + _SET_RESTRICTION + self.restricted_at.octets


@dataclass(frozen=True, slots=True)
class Ecs12Response:
    """The ECS12 response: a DLMS data access result."""

    invoke_id: int
    result: int = 0

    def __post_init__(self) -> None:
        """This function will refuse an invoke id or a result that could not be written."""
        write_number(self.invoke_id, size=3, what="invoke id")
        write_number(self.result, size=1, what="result")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of an ECS12 response."""
        reader = Reader(octets, name="ECS12 response")
        reader.expect(_ACCESS_RESPONSE, what="DLMS service and priority")
        invoke_id = reader.number(3, what="invoke id")
        reader.expect(_NOTHING_READ, what="start of the answer")
        result = reader.number(1, what="result")
        reader.finish()
        return cls(invoke_id=invoke_id, result=result)

    def to_octets(self) -> bytes:
        """This function will write the payload of an ECS12 response."""
        return _ACCESS_RESPONSE + self.invoke_id.to_bytes(3, "big") + _NOTHING_READ + bytes([self.result])


@dataclass(frozen=True, slots=True)
class Gcs09Command:
    """The GCS09 command: when it was made, which orders it among others, and the moment that is meant; None is unsaid."""

    made_at: datetime | None
    restricted_at: datetime | None
    sequence: int = 0

    def __post_init__(self) -> None:
        """This function will refuse a time or a sequence number that could not be written."""
        write_zcl_time(self.made_at)
        write_zcl_time(self.restricted_at)
        write_number(self.sequence, size=1, what="ZCL sequence number")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a GCS09 command."""
        reader = Reader(octets, name="GCS09 command")
        reader.expect(_GBZ_START, what="profile and cluster")
        reader.expect(_ZCL_COMMAND_OCTETS.to_bytes(2, "big"), what="length of the ZCL command")
        reader.expect(_CLUSTER_COMMAND_FROM_SERVER, what="ZCL frame control")
        sequence = reader.number(1, what="ZCL sequence number")
        reader.expect(_PUBLISH_CHANGE_OF_TENANCY + _NO_PROVIDER, what="ZCL command and provider")
        made_at = read_zcl_time(reader, what="event number")
        reader.expect(_TARIFF_TYPE, what="tariff type")
        restricted_at = read_zcl_time(reader, what="time of the change")
        reader.expect(_WHAT_TO_DO, what="what is to be done")
        reader.finish()
        return cls(made_at=made_at, restricted_at=restricted_at, sequence=sequence)

    def to_octets(self) -> bytes:
        """This function will write the payload of a GCS09 command."""
        times = write_zcl_time(self.made_at) + _TARIFF_TYPE + write_zcl_time(self.restricted_at)
        start = _CLUSTER_COMMAND_FROM_SERVER + bytes([self.sequence]) + _PUBLISH_CHANGE_OF_TENANCY
        return _gbz(start + _NO_PROVIDER + times + _WHAT_TO_DO)


@dataclass(frozen=True, slots=True)
class Gcs09Response:
    """The GCS09 response: a ZCL status."""

    status: int = 0
    sequence: int = 0

    def __post_init__(self) -> None:
        """This function will refuse a status or a sequence number above one octet."""
        write_number(self.status, size=1, what="ZCL status")
        write_number(self.sequence, size=1, what="ZCL sequence number")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a GCS09 response."""
        reader = Reader(octets, name="GCS09 response")
        reader.expect(_GBZ_START, what="profile and cluster")
        reader.expect(_ZCL_RESPONSE_OCTETS.to_bytes(2, "big"), what="length of the ZCL command")
        reader.expect(_PROFILE_COMMAND, what="ZCL frame control")
        sequence = reader.number(1, what="ZCL sequence number")
        reader.expect(_DEFAULT_RESPONSE + _PUBLISH_CHANGE_OF_TENANCY, what="ZCL command that is answered")
        status = reader.number(1, what="status")
        reader.finish()
        return cls(status=status, sequence=sequence)

    def to_octets(self) -> bytes:
        """This function will write the payload of a GCS09 response."""
        start = _PROFILE_COMMAND + bytes([self.sequence]) + _DEFAULT_RESPONSE
        return _gbz(start + _PUBLISH_CHANGE_OF_TENANCY + bytes([self.status]))


def _gbz(zcl: bytes) -> bytes:
    return _GBZ_START + len(zcl).to_bytes(2, "big") + zcl
