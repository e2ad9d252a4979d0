"""Lists of Device IDs: 50,000 of them in one text, read and written without an object for each (`domain.md` 5.2).

The text is EUI-64s joined by commas: no spaces, no comma at the end, hexadecimal in either case. The value is eight
octets for each, in their order; a Device ID may stand twice, as the schema allows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid

MAX_DEVICE_IDS = 50_000
"""The most Device IDs of a request: 1,199,999 characters."""

_OCTETS = 8
_WIDTH = 24
"""The characters of a Device ID with the comma behind it."""

_NO_DIGIT = 0xFF
_DIGITS = np.full(256, _NO_DIGIT, np.uint8)
for _value, _digits in enumerate(zip(b"0123456789abcdef", b"0123456789ABCDEF", strict=True)):
    _DIGITS[list(_digits)] = _value


@dataclass(frozen=True, slots=True)
class DeviceIds:
    """Device IDs in their order, as the octets that `macaddr8` has: eight for each, big-endian."""

    octets: bytes

    def __post_init__(self) -> None:
        """This function will refuse octets that do not make up whole Device IDs.

        Raises:
            Invalid: there are none, or some are left over.
        """
        if not self.octets or len(self.octets) % _OCTETS:
            raise Invalid(
                f"A list of Device IDs holds at least one of 8 octets; {len(self.octets)} octets were given."
            )

    @classmethod
    def of(cls, device_ids: Iterable[Eui64]) -> Self:
        """This function will make a list of Device IDs in the order given.

        Raises:
            Invalid: there is none.
        """
        return cls(b"".join([device_id.to_bytes() for device_id in device_ids]))

    @classmethod
    def parse(cls, text: str, *, most: int | None = None) -> Self:
        """This function will read the field's form: EUI-64s joined by commas, and nothing else.

        Args:
            text: such as `00-DB-12-34-56-78-90-A0,00-DB-12-34-56-78-90-A2`.
            most: how many there may be; None for no limit.

        Raises:
            Invalid: the text has another form; the sentence names the first entry that has, or says how many there are.
        """
        count, spare = divmod(len(text) + 1, _WIDTH)
        if most is not None and len(text) > most * _WIDTH - 1:
            raise Invalid(
                f"The list has {len(text):,} characters; at most {most:,} Device IDs, {most * _WIDTH - 1:,} characters, "
                "are allowed."
            )
        if spare or not count or not text.isascii():
            raise _malformed(text)
        characters = np.frombuffer((text + ",").encode("ascii"), np.uint8).reshape(count, _WIDTH)
        values = _DIGITS[characters]
        high, low = values[:, 0::3], values[:, 1::3]
        if (
            ((high | low) == _NO_DIGIT).any()
            or (characters[:, 2:-1:3] != ord("-")).any()
            or (characters[:, -1] != ord(",")).any()
        ):
            raise _malformed(text)
        return cls((high << 4 | low).tobytes())

    def array(self) -> NDArray[np.uint64]:
        """This function will give the Device IDs as numbers, big-endian like `macaddr8`, without copying them."""
        return np.frombuffer(self.octets, ">u8")

    def __len__(self) -> int:
        return len(self.octets) // _OCTETS

    def __iter__(self) -> Iterator[Eui64]:
        return map(Eui64, self.array().tolist())

    def __str__(self) -> str:
        text = bytearray(self.octets.hex("-").upper().encode())
        text[_WIDTH - 1 :: _WIDTH] = b"," * (len(self) - 1)
        return text.decode()

    def __repr__(self) -> str:
        return f"DeviceIds({str(Eui64.from_bytes(self.octets[:_OCTETS]))!r}, {len(self)} in all)"


def _malformed(text: str) -> Invalid:
    for number, entry in enumerate(text.split(","), start=1):
        try:
            Eui64.parse(entry)
        except Invalid as error:
            return Invalid(f"Entry {number} of the list is wrong: {str(error)[:300]}")
    return Invalid("The list is not one of Device IDs.")
