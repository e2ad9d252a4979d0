"""Arrays of one type in PostgreSQL's binary form, made whole instead of one element at a time.

A set of a thousand hubs travels as a handful of arrays. psycopg's own list dumper costs about two microseconds for
each element; these cost a tenth of that, and the server reads them without parsing text.
"""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

from safelaunch.domain.identifiers import Eui64

_TYPES = psycopg.postgres.types
_HEADER = struct.Struct(">5i")
_EMPTY = struct.Struct(">3i")
_LENGTH = struct.Struct(">i")
_NULL = _LENGTH.pack(-1)
_MOMENT = struct.Struct(">iq")
_MICROSECONDS = 1_000_000
_EPOCH = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * _MICROSECONDS


class Array:
    """A one-dimensional array, ready for the wire; where None may be given, it is NULL."""

    element: ClassVar[str]
    __slots__ = ("octets",)

    def __init__(self, octets: bytes, *, count: int) -> None:
        """This function will put the header before the elements; each of those is its length and its octets."""
        oid = _TYPES[self.element].oid
        # An empty array has no dimension at all; whether there are NULLs the server sees by itself.
        self.octets = _HEADER.pack(1, 0, oid, count, 1) + octets if count else _EMPTY.pack(0, 0, oid)


class _Fixed(Array):
    """Elements of a fixed width, from numbers."""

    kind: ClassVar[str]

    def __init__(self, values: Iterable[int] | NDArray[Any]) -> None:
        """This function will lay the numbers out by their width."""
        if isinstance(values, np.ndarray):
            numbers = values.astype(self.kind)
        else:
            numbers = np.fromiter(values, np.dtype(self.kind))
        packed = np.empty(len(numbers), np.dtype([("length", ">i4"), ("value", self.kind)]))
        packed["length"] = numbers.itemsize
        packed["value"] = numbers
        super().__init__(packed.tobytes(), count=len(numbers))


class Integers(_Fixed):
    """`integer[]`."""

    element = "int4"
    kind = ">i4"


class Bigints(_Fixed):
    """`bigint[]`."""

    element = "int8"
    kind = ">i8"


class Eui64s(_Fixed):
    """`macaddr8[]`, from Device IDs."""

    element = "macaddr8"
    kind = ">u8"

    def __init__(self, device_ids: Iterable[Eui64] | NDArray[np.uint64]) -> None:
        """This function will lay Device IDs out as their eight octets, given as such or as numbers."""
        if isinstance(device_ids, np.ndarray):
            super().__init__(device_ids)
        else:
            super().__init__(device_id.value for device_id in device_ids)


class Moments(_Fixed):
    """`timestamptz[]`, from aware times."""

    element = "timestamptz"
    kind = ">i8"

    def __init__(self, times: Iterable[datetime]) -> None:
        """This function will count the microseconds since 2000, as the server does."""
        super().__init__(_since_epoch(moment) for moment in times)


def _since_epoch(moment: datetime) -> int:
    # A double holds a time of this century to a quarter of a microsecond, so rounding gives the exact one.
    return round(moment.timestamp() * _MICROSECONDS) - _EPOCH


class SomeMoments(Array):
    """`timestamptz[]`, of which some are NULL."""

    element = "timestamptz"

    def __init__(self, times: Iterable[datetime | None]) -> None:
        """This function will lay times out as `Moments` does."""
        laid_out = [_NULL if moment is None else _MOMENT.pack(8, _since_epoch(moment)) for moment in times]
        super().__init__(b"".join(laid_out), count=len(laid_out))


class Texts(Array):
    """`text[]`; None is NULL."""

    element = "text"

    def __init__(self, values: Iterable[str | None]) -> None:
        """This function will lay texts out; few of them differ, so each is encoded once."""
        values = list(values)
        laid_out = {value: _NULL if value is None else _laid_out(value.encode()) for value in set(values)}
        super().__init__(b"".join([laid_out[value] for value in values]), count=len(values))


class Octets(Array):
    """`bytea[]`."""

    element = "bytea"

    def __init__(self, values: Iterable[bytes]) -> None:
        """This function will lay octets out as they are."""
        laid_out = [_laid_out(bytes(value)) for value in values]
        super().__init__(b"".join(laid_out), count=len(laid_out))


def _laid_out(octets: bytes) -> bytes:
    return _LENGTH.pack(len(octets)) + octets


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Any) -> bytes:
        octets: bytes = obj.octets
        return octets


class _ArrayShower(Dumper):
    """Text for a log of statements, such as Django keeps while it counts them; never sent."""

    format = Format.TEXT

    def dump(self, obj: Any) -> bytes:
        return f"{type(obj).__name__}, {len(obj.octets)} octets".encode()


def register() -> None:
    """This function will teach every psycopg connection opened from now on to send these arrays."""
    for kind in (Integers, Bigints, Eui64s, Moments, SomeMoments, Texts, Octets):
        name, oid = f"_{kind.__name__}Dumper", _TYPES[kind.element].array_oid
        # The one registered last is the one that is sent.
        psycopg.adapters.register_dumper(
            kind, type(name.replace("Dumper", "Shower"), (_ArrayShower,), {"oid": oid})
        )
        psycopg.adapters.register_dumper(kind, type(name, (_ArrayDumper,), {"oid": oid}))
