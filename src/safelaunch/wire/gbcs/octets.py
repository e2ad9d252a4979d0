"""Reading octets strictly: nothing is skipped, nothing is left over, and a refusal names the place.

A length is one octet below 128, else `81` and one octet or `82` and two, always the shortest of the three; this is
the form of DER and of DLMS alike. Any other form is refused, because what is written back must be what was read.
"""

from enum import IntEnum
from typing import TypeVar

from safelaunch.domain.refusals import Invalid, Unreadable

LONGEST = 0xFFFF
"""The most octets a length may speak of."""

HASH_OCTETS = 32
SIGNATURE_OCTETS = 64
VERSION_OCTETS = 4

_SHORT = 0x80
_ONE_OCTET = 0x81
_TWO_OCTETS = 0x82

CodeT = TypeVar("CodeT", bound=IntEnum)


class MalformedGbcs(Unreadable):
    """The octets are not the GBCS message they should be; the sentence names the place."""


class Reader:
    """A place in some octets, named so that a refusal can say where it happened."""

    def __init__(self, octets: bytes, *, name: str) -> None:
        self._octets = octets
        self._place = 0
        self._name = name

    @property
    def left(self) -> int:
        """This function will say how many octets are still unread."""
        return len(self._octets) - self._place

    @property
    def name(self) -> str:
        """This function will say what is being read, in the reader's words."""
        return self._name

    def take(self, count: int, *, what: str) -> bytes:
        """This function will read the next `count` octets.

        Raises:
            MalformedGbcs: fewer are left.
        """
        if count > self.left:
            raise self.refusal(what, f"expected are {count} octets, and {self.left} are left")
        taken = self._octets[self._place : self._place + count]
        self._place += count
        return taken

    def peek(self) -> int | None:
        """This function will give the next octet without reading it; None at the end."""
        return self._octets[self._place] if self.left else None

    def expect(self, octets: bytes, *, what: str) -> None:
        """This function will read octets that can only be these.

        Raises:
            MalformedGbcs: they are others, or the octets end.
        """
        found = self._octets[self._place : self._place + len(octets)]
        if found != octets:
            raise self.refusal(
                what, f"expected is {octets.hex().upper()}, found is {found.hex().upper() or 'the end'}"
            )
        self._place += len(octets)

    def number(self, size: int, *, what: str) -> int:
        """This function will read an unsigned big-endian number of `size` octets."""
        return int.from_bytes(self.take(size, what=what), "big")

    def code(self, kind: type[CodeT], *, size: int, what: str) -> CodeT:
        """This function will read a number that has to be one of an enumeration."""
        return self.known(self.number(size, what=what), kind=kind, what=what)

    def known(self, value: int, *, kind: type[CodeT], what: str) -> CodeT:
        """This function will name a number by its enumeration.

        Raises:
            MalformedGbcs: the enumeration has no such number.
        """
        try:
            return kind(value)
        except ValueError as error:
            known = ", ".join(f"{member.value:X}" for member in kind)
            raise self.refusal(what, f"{value:X} is none of {known} (hexadecimal)") from error

    def length(self, *, what: str) -> int:
        """This function will read a length in its shortest form.

        Raises:
            MalformedGbcs: the form is longer than it need be, speaks of more than 65,535, or is cut short.
        """
        first = self.number(1, what=what)
        if first < _SHORT:
            return first
        if first not in (_ONE_OCTET, _TWO_OCTETS):
            raise self.refusal(what, f"{first:02X} does not begin a length")
        length = self.number(first - _SHORT, what=what)
        if write_length(length)[0] != first:
            raise self.refusal(what, f"{length} is not written in its shortest form")
        return length

    def finish(self) -> None:
        """This function will make sure that nothing is left over.

        Raises:
            MalformedGbcs: octets follow.
        """
        if self.left:
            raise self.refusal("the end", f"octets left over: {self.left}")

    def refusal(self, what: str, why: str, /) -> MalformedGbcs:
        """This function will word a refusal with the present place; the caller raises it."""
        return MalformedGbcs(f"The {self._name} cannot be read at octet {self._place}, {what}: {why}.")


def write_length(length: int) -> bytes:
    """This function will write a length in its shortest form.

    Raises:
        Invalid: the length is negative or above 65,535.
    """
    if not 0 <= length <= LONGEST:
        raise Invalid(f"A length of {length} cannot be written; at most {LONGEST:,} octets fit.")
    if length < _SHORT:
        return bytes([length])
    if length <= 0xFF:  # noqa: PLR2004 - what fits in one octet
        return bytes([_ONE_OCTET, length])
    return bytes([_TWO_OCTETS]) + length.to_bytes(2, "big")


def write_number(value: int, *, size: int, what: str) -> bytes:
    """This function will write an unsigned big-endian number of `size` octets.

    Raises:
        Invalid: the number is negative or does not fit.
    """
    if not 0 <= value < 1 << (8 * size):
        raise Invalid(
            f"{value} cannot be the {what}; a whole number from 0 of at most {size} octets is expected."
        )
    return value.to_bytes(size, "big")


def check_hash(value: bytes) -> None:
    """This function will refuse a Manufacturer Image hash that is not the 32 octets of SHA-256."""
    if len(value) != HASH_OCTETS:
        raise Invalid(f"A Manufacturer Image hash has {HASH_OCTETS} octets; {len(value)} were given.")


def version_text(octets: bytes) -> str:
    """This function will write the four octets of a firmware version as DUIS does, `0123ABCD` (`domain.md` 6.4)."""
    return octets.hex().upper()


def version_octets(text: str) -> bytes:
    """This function will give the four octets of a firmware version such as `0123ABCD`.

    Raises:
        Invalid: the text is not eight hexadecimal digits in upper case.
    """
    if len(text) != 2 * VERSION_OCTETS or not set(text) <= set("0123456789ABCDEF"):
        raise Invalid(
            f"{text!r} is not a firmware version of GBCS: eight hexadecimal digits are expected, such as 0123ABCD."
        )
    return bytes.fromhex(text)
