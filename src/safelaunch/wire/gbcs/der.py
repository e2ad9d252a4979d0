"""The few DER types (X.690) that GBCS firmware use cases hold, read strictly: one encoding for one value.

SEQUENCE, INTEGER from 0 to 2^64 - 1, OCTET STRING, NULL and GeneralizedTime. A length or a number longer than it need
be is refused, so what is read and written again is the same octets.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.octets import Reader, write_length
from safelaunch.wire.gbcs.times import read_generalized, write_generalized

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
GENERALIZED_TIME = 0x18
SEQUENCE = 0x30

HIGHEST_INTEGER = (1 << 64) - 1
"""An originator counter has eight octets, and no other integer of these use cases is larger."""

_MOST_INTEGER_OCTETS = 9
_LONG = 0x80
_TAG_AND_LENGTH = 2
"""Octets before any value, at least."""
_MOST_LENGTH_OCTETS = 2


class DerReader:
    """A place in DER octets; every method reads the next value and refuses another type."""

    def __init__(self, octets: bytes, *, name: str) -> None:
        self._reader = Reader(octets, name=name)

    @property
    def reader(self) -> Reader:
        """This function will give the place itself, for refusals about a value that was read."""
        return self._reader

    @property
    def next_tag(self) -> int | None:
        """This function will give the tag of the next value; None at the end."""
        return self._reader.peek()

    def sequence(self, *, what: str) -> Self:
        """This function will enter a SEQUENCE; the caller finishes it."""
        return type(self)(self._value(SEQUENCE, what=what), name=f"{self._reader.name}, {what},")

    def integer(self, *, what: str) -> int:
        """This function will read an INTEGER from 0 to 2^64 - 1.

        Raises:
            MalformedGbcs: it is negative, larger, empty or longer than it need be.
        """
        octets = self._value(INTEGER, what=what)
        if not 1 <= len(octets) <= _MOST_INTEGER_OCTETS:
            raise self._reader.refusal(what, f"a number of {len(octets)} octets is not read")
        value = int.from_bytes(octets, "big", signed=True)
        if not 0 <= value <= HIGHEST_INTEGER or _integer_octets(value) != octets:
            raise self._reader.refusal(
                what, f"{octets.hex().upper()} is not a shortest number from 0 to 2^64 - 1"
            )
        return value

    def octet_string(self, *, size: int, what: str) -> bytes:
        """This function will read an OCTET STRING of exactly `size` octets."""
        octets = self._value(OCTET_STRING, what=what)
        if len(octets) != size:
            raise self._reader.refusal(what, f"expected are {size} octets, found are {len(octets)}")
        return octets

    def null(self, *, what: str) -> None:
        """This function will read a NULL."""
        if self._value(NULL, what=what):
            raise self._reader.refusal(what, "a NULL holds nothing")

    def time(self, *, what: str) -> datetime:
        """This function will read a GeneralizedTime in UTC, to the second."""
        return read_generalized(self._value(GENERALIZED_TIME, what=what), reader=self._reader, what=what)

    def finish(self) -> None:
        """This function will make sure that nothing is left over."""
        self._reader.finish()

    def _value(self, tag: int, *, what: str) -> bytes:
        self._reader.expect(bytes([tag]), what=f"tag of {what}")
        length = self._reader.length(what=f"length of {what}")
        return self._reader.take(length, what=what)


@dataclass(frozen=True, slots=True)
class Value:
    """A value of any type, its length in whatever form: its tag, what is in it, and all of its octets."""

    tag: int
    content: bytes
    octets: bytes

    @property
    def number(self) -> int:
        """This function will give the content as a number."""
        return int.from_bytes(self.content, "big", signed=True)

    def inside(self, reader: Reader) -> list["Value"]:
        """This function will give the values within; `reader` only says where they stood."""
        return read_values(self.content, reader=reader)


def read_values(octets: bytes, *, reader: Reader) -> list[Value]:
    """This function will read values one after another, for use cases that write lengths longer than need be.

    Raises:
        MalformedGbcs: the octets end within a value; `reader` only says what was read.
    """
    values, place = [], 0
    while place < len(octets):
        start, head = place, octets[place : place + 4]
        if len(head) < _TAG_AND_LENGTH:
            raise reader.refusal("values", "they end within one")
        size = head[1] - _LONG if head[1] > _LONG else 0
        length = int.from_bytes(octets[place + 2 : place + 2 + size], "big") if size else head[1]
        begin = place + 2 + size
        place = begin + length
        if size > _MOST_LENGTH_OCTETS or head[1] == _LONG or place > len(octets):
            raise reader.refusal("values", "they end within one")
        values.append(Value(head[0], octets[begin:place], octets[start:place]))
    return values


def write_tagged(tag: int, octets: bytes) -> bytes:
    """This function will write a value of any tag."""
    return _tagged(tag, octets)


def write_sequence(*values: bytes) -> bytes:
    """This function will write a SEQUENCE of values already written."""
    return _tagged(SEQUENCE, b"".join(values))


def write_integer(value: int) -> bytes:
    """This function will write an INTEGER.

    Raises:
        Invalid: the number is negative or above 2^64 - 1.
    """
    if not 0 <= value <= HIGHEST_INTEGER:
        raise Invalid(f"{value} cannot be written; a whole number from 0 to 2^64 - 1 is expected.")
    return _tagged(INTEGER, _integer_octets(value))


def write_octet_string(octets: bytes) -> bytes:
    """This function will write an OCTET STRING."""
    return _tagged(OCTET_STRING, octets)


def write_null() -> bytes:
    """This function will write a NULL."""
    return _tagged(NULL, b"")


def write_time(at: datetime) -> bytes:
    """This function will write a GeneralizedTime; the moment needs its zone and whole seconds."""
    return _tagged(GENERALIZED_TIME, write_generalized(at))


def _tagged(tag: int, octets: bytes) -> bytes:
    return bytes([tag]) + write_length(len(octets)) + octets


def _integer_octets(value: int) -> bytes:
    # One bit more than the number, so that the highest bit never reads as a sign.
    return value.to_bytes(value.bit_length() // 8 + 1, "big")
