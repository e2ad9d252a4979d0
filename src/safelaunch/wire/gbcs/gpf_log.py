"""The device log of a Gas Proxy Function: given to the one that takes its place, and told of (SRV 8.12.2).

GCS59  0x008C  command   SEQUENCE { SEQUENCE OF SEQUENCE { OCTET STRING (8) Device, INTEGER type } }
response  SEQUENCE { SEQUENCE OF SEQUENCE { entry, INTEGER outcome } }
GCS62  0x00B2  alert     8071: SEQUENCE { INTEGER alert code, GeneralizedTime, SEQUENCE OF entry }; with a MAC
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Self

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.wire.gbcs.der import DerReader, write_integer, write_octet_string, write_sequence, write_time
from safelaunch.wire.gbcs.times import whole_second

_EUI_OCTETS = 8
_GPF_LOG_CHANGED = 0x8071


class LogType(IntEnum):
    """The Device types of a GPF's log."""

    GSME = 0
    ESME = 1
    CHF = 2
    GPF = 3
    HCALCS = 4
    PPMID = 5
    TYPE_2 = 6

    @classmethod
    def of(cls, device_type: DeviceType) -> "LogType":
        """This function will give the type under which a log has a Device; IHD and CAD are Type 2."""
        return cls[device_type.value] if device_type.value in cls.__members__ else cls.TYPE_2


@dataclass(frozen=True, slots=True)
class GpfEntry:
    """A Device of a GPF's log."""

    device_id: Eui64
    device_type: LogType

    @classmethod
    def read(cls, fields: DerReader) -> Self:
        """This function will read an entry."""
        entry = fields.sequence(what="entry")
        device_id = Eui64.from_bytes(entry.octet_string(size=_EUI_OCTETS, what="Device ID"))
        code = entry.integer(what="Device type")
        entry.finish()
        return cls(device_id, fields.reader.known(code, kind=LogType, what="Device type"))

    def write(self) -> bytes:
        """This function will write the entry."""
        return write_sequence(write_octet_string(self.device_id.to_bytes()), write_integer(self.device_type))


@dataclass(frozen=True, slots=True)
class Gcs59Command:
    """The GCS59 command: the GPF takes over the log of the one before it."""

    entries: tuple[GpfEntry, ...]

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a GCS59 command."""
        return cls(tuple(GpfEntry.read(fields) for fields in _entries(octets, name="GCS59 command")))

    def to_octets(self) -> bytes:
        """This function will write the payload of a GCS59 command."""
        return write_sequence(write_sequence(*(entry.write() for entry in self.entries)))


@dataclass(frozen=True, slots=True)
class Gcs59Response:
    """The GCS59 response: each entry with what became of it; 0 is success."""

    outcomes: tuple[tuple[GpfEntry, int], ...]

    @property
    def is_logged(self) -> bool:
        """This function will say whether the whole log was taken over."""
        return all(outcome == 0 for _, outcome in self.outcomes)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of a GCS59 response."""
        outcomes = []
        for fields in _entries(octets, name="GCS59 response"):
            one = fields.sequence(what="outcome of an entry")
            outcomes.append((GpfEntry.read(one), one.integer(what="outcome")))
            one.finish()
        return cls(tuple(outcomes))

    def to_octets(self) -> bytes:
        """This function will write the payload of a GCS59 response."""
        told = (write_sequence(entry.write(), write_integer(outcome)) for entry, outcome in self.outcomes)
        return write_sequence(write_sequence(*told))


@dataclass(frozen=True, slots=True)
class GpfLogAlert:
    """GCS62: the log of a GPF has changed, and this is what it holds now."""

    happened_at: datetime
    entries: tuple[GpfEntry, ...]

    def __post_init__(self) -> None:
        """This function will refuse a time that could not be written."""
        whole_second(self.happened_at)

    @classmethod
    def from_octets(cls, octets: bytes) -> Self:
        """This function will read the payload of the alert."""
        der = DerReader(octets, name="GCS62 alert")
        fields = der.sequence(what="alert")
        der.finish()
        if (code := fields.integer(what="alert code")) != _GPF_LOG_CHANGED:
            raise fields.reader.refusal("alert code", f"{code:04X} is not {_GPF_LOG_CHANGED:04X}")
        happened_at = fields.time(what="time")
        entries = fields.sequence(what="log")
        fields.finish()
        return cls(happened_at, tuple(GpfEntry.read(one) for one in _each(entries)))

    def to_octets(self) -> bytes:
        """This function will write the payload of the alert."""
        log = write_sequence(*(entry.write() for entry in self.entries))
        return write_sequence(write_integer(_GPF_LOG_CHANGED), write_time(self.happened_at), log)


def _entries(octets: bytes, *, name: str) -> Iterator[DerReader]:
    der = DerReader(octets, name=name)
    fields = der.sequence(what="log")
    der.finish()
    yield from _each(fields.sequence(what="entries"))
    fields.finish()


def _each(fields: DerReader) -> Iterator[DerReader]:
    while fields.next_tag is not None:
        yield fields
