"""A meter's clock is set as it is commissioned (SRV 8.1.1): ECS70 for an ESME, GCS28 for a GSME.

    ECS70  0x0062  command   DLMS access service, class 8, instance 0-0:1.0.0.255: attribute 9 to 5 (radio), method 5 with
                             { any time, the time, until when it holds }, method 4, then attributes 2 and 4 are read
                   response  the time and the clock's status, and five results; nulls in their places after a failure
    GCS28  0x007F  command   SEQUENCE { GeneralizedTime the time, GeneralizedTime until when it holds }
                   response  SEQUENCE { GeneralizedTime the Device's time, INTEGER how far it can be trusted }

A meter takes the time when its own comes to lie in the interval; whether it did is told by its status. Both responses are
signed, and neither says in its header when it was sent.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Self

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.der import DerReader, write_integer, write_sequence, write_time
from safelaunch.wire.gbcs.octets import Reader, write_number
from safelaunch.wire.gbcs.times import DLMS_OCTETS, DlmsTime, whole_second

_CLOCK = bytes.fromhex("0008 0000010000FF")
_SPECIFICATIONS = b"".join(
    bytes([kind]) + _CLOCK + bytes([place]) for kind, place in ((2, 9), (3, 5), (3, 4), (1, 2), (1, 4))
)
_ACCESS_REQUEST, _ACCESS_RESPONSE = bytes.fromhex("D9 20"), bytes.fromhex("DA 20")
_SET_CLOCK = bytes.fromhex("00 05") + _SPECIFICATIONS + bytes.fromhex("05 1605 0203")
"""No time; a setting, two actions and two readings; five data: radio, then a structure of three times."""
_DATE_TIME = bytes([0x09, DLMS_OCTETS])
_ANY_TIME = _DATE_TIME + bytes.fromhex("FFFFFFFFFFFFFFFFFF8000FF")
_REST = bytes.fromhex("0F00 00 00")
_NOTHING_SET = bytes.fromhex("00 00 05 00 00 00")
_STATUS = b"\x11"
_NULLS = bytes(2)
_RESULT_KINDS = (2, 3, 3, 1, 1)
_RESULTS = len(_RESULT_KINDS)


class ClockStatus(IntEnum):
    """How far a gas meter's clock can be trusted."""

    RELIABLE = 0
    INVALID = 1
    UNRELIABLE = 2


@dataclass(frozen=True, slots=True)
class Ecs70Command:
    """The ECS70 command; `invoke_id` is the low 24 bits of the originator counter."""

    invoke_id: int
    at: DlmsTime
    until: DlmsTime

    def __post_init__(self) -> None:
        """This function will refuse an invoke id above 24 bits."""
        write_number(self.invoke_id, size=3, what="invoke id")

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of an ECS70 command."""
        reader = Reader(octets, name="ECS70 command")
        reader.expect(_ACCESS_REQUEST, what="DLMS service and priority")
        invoke_id = reader.number(3, what="invoke id")
        reader.expect(_SET_CLOCK + _ANY_TIME + _DATE_TIME, what="setting of the clock")
        at = DlmsTime(reader.take(DLMS_OCTETS, what="time"))
        reader.expect(_DATE_TIME, what="length of the time")
        until = DlmsTime(reader.take(DLMS_OCTETS, what="end of its validity"))
        reader.expect(_REST, what="rest of the data")
        reader.finish()
        return cls(invoke_id, at, until)

    def to_octets(self) -> bytes:
        """This function will write the payload of an ECS70 command."""
        times = _ANY_TIME + _DATE_TIME + self.at.octets + _DATE_TIME + self.until.octets
        return _ACCESS_REQUEST + self.invoke_id.to_bytes(3, "big") + _SET_CLOCK + times + _REST


@dataclass(frozen=True, slots=True)
class Ecs70Response:
    """The ECS70 response: five results, and the clock with its status where both could be read; a status of 0 is reliable."""

    invoke_id: int
    clock: DlmsTime | None
    clock_status: int | None = 0
    results: tuple[int, ...] = (0, 0, 0, 0, 0)

    def __post_init__(self) -> None:
        """This function will refuse results that could not be written, and a clock without its status."""
        write_number(self.invoke_id, size=3, what="invoke id")
        for number in (self.clock_status or 0, *self.results):
            write_number(number, size=1, what="result")
        if len(self.results) != _RESULTS or (self.clock is None) != (self.clock_status is None):
            raise Invalid("An ECS70 response has five results, and a clock together with its status.")

    @property
    def is_set(self) -> bool:
        """This function will say whether the clock was set and can be trusted from now on."""
        return self.clock is not None and self.clock_status == 0 and not any(self.results)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of an ECS70 response."""
        reader = Reader(octets, name="ECS70 response")
        reader.expect(_ACCESS_RESPONSE, what="DLMS service and priority")
        invoke_id = reader.number(3, what="invoke id")
        reader.expect(_NOTHING_SET, what="start of the answer")
        clock, clock_status = None, None
        if reader.peek() == _DATE_TIME[0]:
            reader.expect(_DATE_TIME, what="length of the time")
            clock = DlmsTime(reader.take(DLMS_OCTETS, what="time"))
            reader.expect(_STATUS, what="type of the status")
            clock_status = reader.number(1, what="status")
        else:
            reader.expect(_NULLS, what="time and status")
        reader.expect(bytes([_RESULTS]), what="number of results")
        results = []
        for kind in _RESULT_KINDS:
            reader.expect(bytes([kind]), what="what the result is of")
            results.append(reader.number(1, what="result"))
        reader.finish()
        return cls(invoke_id, clock, clock_status, tuple(results))

    def to_octets(self) -> bytes:
        """This function will write the payload of an ECS70 response."""
        start = _ACCESS_RESPONSE + self.invoke_id.to_bytes(3, "big") + _NOTHING_SET
        data = _NULLS
        if self.clock is not None and self.clock_status is not None:
            data = _DATE_TIME + self.clock.octets + _STATUS + bytes([self.clock_status])
        told = b"".join(bytes(pair) for pair in zip(_RESULT_KINDS, self.results, strict=True))
        return start + data + bytes([_RESULTS]) + told


@dataclass(frozen=True, slots=True)
class Gcs28Command:
    """The GCS28 command."""

    at: datetime
    until: datetime

    def __post_init__(self) -> None:
        """This function will refuse times that could not be written."""
        whole_second(self.at)
        whole_second(self.until)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a GCS28 command."""
        der = DerReader(octets, name="GCS28 command")
        fields = der.sequence(what="times")
        der.finish()
        at, until = fields.time(what="time"), fields.time(what="end of its validity")
        fields.finish()
        return cls(at, until)

    def to_octets(self) -> bytes:
        """This function will write the payload of a GCS28 command."""
        return write_sequence(write_time(self.at), write_time(self.until))


@dataclass(frozen=True, slots=True)
class Gcs28Response:
    """The GCS28 response: the Device's time, and how far it can be trusted."""

    clock: datetime
    clock_status: ClockStatus = ClockStatus.RELIABLE

    def __post_init__(self) -> None:
        """This function will refuse a time that could not be written."""
        whole_second(self.clock)

    @property
    def is_set(self) -> bool:
        """This function will say whether the clock was set and can be trusted from now on."""
        return self.clock_status is ClockStatus.RELIABLE

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a GCS28 response."""
        der = DerReader(octets, name="GCS28 response")
        fields = der.sequence(what="answer")
        der.finish()
        clock = fields.time(what="time")
        status = fields.reader.known(fields.integer(what="status"), kind=ClockStatus, what="status")
        fields.finish()
        return cls(clock, status)

    def to_octets(self) -> bytes:
        """This function will write the payload of a GCS28 response."""
        return write_sequence(write_time(self.clock), write_integer(self.clock_status))
