"""PostgreSQL's binary COPY format, written from numpy columns: millions of rows a second instead of one at a time.

A row is a field count and, for each field, its length and its octets, all big-endian. Columns of fixed width make rows
of fixed width, so a block of rows is one structured array; rows with NULLs or texts of another length go in another
block (`docs/adr/0003-sql-files.md`).
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"

_EPOCH = np.datetime64(date(2000, 1, 1))
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

Column = NDArray[Any] | bytes | None
"""An array of fixed width, the same octets for every row, or NULL for every row."""


def rows(columns: Sequence[Column], *, count: int) -> bytes:
    """This function will write `count` rows of the columns, in order.

    Integer arrays keep their width (2, 4 or 8 octets), `datetime64[D]` becomes a date, `S<n>` a text of n octets.
    """
    fields: list[tuple[str, Any]] = [("count", ">i2")]
    for number, column in enumerate(columns):
        fields.append((f"length_{number}", ">i4"))
        if column is not None:
            fields.append((f"value_{number}", _dtype(column)))
    packed = np.empty(count, np.dtype(fields))
    packed["count"] = len(columns)
    for number, column in enumerate(columns):
        if column is None:
            packed[f"length_{number}"] = -1
            continue
        packed[f"length_{number}"] = packed.dtype[f"value_{number}"].itemsize
        if isinstance(column, bytes):
            packed[f"value_{number}"] = np.void(column)
        elif column.dtype.kind == "M":
            packed[f"value_{number}"] = (column - _EPOCH).astype(np.int32)
        else:
            packed[f"value_{number}"] = column
    return packed.tobytes()


def row(fields: Sequence[bytes]) -> Iterator[bytes]:
    """This function will write one row of octets, block by block: long fields go as they are, uncopied."""
    yield struct.pack(">h", len(fields))
    for octets in fields:
        yield struct.pack(">i", len(octets))
        yield octets


def framed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """This function will put what the format begins and ends with around blocks of rows."""
    yield HEADER
    yield from blocks
    yield TRAILER


def moment(at: datetime) -> bytes:
    """This function will write an aware time as the octets of a field: microseconds since 2000."""
    return struct.pack(">q", (at - _BEGINNING) // timedelta(microseconds=1))


def digits(numbers: NDArray[np.int64], *, width: int) -> NDArray[np.bytes_]:
    """This function will write numbers as decimal text of exactly `width` digits, zero-filled."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    octets = (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    return np.ascontiguousarray(octets).view(f"S{width}").ravel()


def _dtype(column: NDArray[Any] | bytes) -> Any:
    if isinstance(column, bytes):
        return f"V{len(column)}"
    if column.dtype.kind == "M":
        return ">i4"
    if column.dtype.kind == "S":
        return column.dtype
    return column.dtype.newbyteorder(">")
