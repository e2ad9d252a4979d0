"""ECS12: hide from the next tenant what an ESME recorded before a moment (SRV 3.2; R-0056-4).

    command    DLMS access service: set, class 1, instance 0-0:94.44.3, attribute 2, to a date-time
    response   no datum, and the DLMS data access result; 0 is success

Its twin for the GPF (GCS09) stays closed: the vector's times do not follow from the request that belongs to it, so how
they are made cannot be learnt from it.
"""

from dataclasses import dataclass
from typing import Self

from safelaunch.wire.gbcs.octets import Reader, write_number
from safelaunch.wire.gbcs.times import DLMS_OCTETS, DlmsTime

_ACCESS_REQUEST = bytes.fromhex("D9 20")
_ACCESS_RESPONSE = bytes.fromhex("DA 20")
_SET_RESTRICTION = bytes.fromhex("00 01 02 0001 00005E2C0302 02 01") + bytes([0x09, DLMS_OCTETS])
"""No time, one specification: set, the object's attribute; one datum, a date-time."""
_NOTHING_READ = bytes.fromhex("00 00 01 00 01 02")
"""No time, no specification, one datum, null; one result, of a set."""


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
