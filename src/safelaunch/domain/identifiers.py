"""Identifiers of the estate: Device IDs (EUI-64), MPxNs and firmware versions.

A Device ID is eight octets, written `00-DB-12-34-56-78-90-A2` (`domain.md` 3.2). Reading is strict, because
PostgreSQL's `macaddr8` would silently widen a six-octet MAC address into a different identifier.
"""

import re
from dataclasses import dataclass
from typing import Self

from safelaunch.domain.refusals import Invalid

_EUI64 = re.compile("-".join(["[0-9A-Fa-f]{2}"] * 8))
_FIRMWARE_VERSION = re.compile(r"[0-9A-Za-z._-]{1,8}")
_MPXN = re.compile(r"[0-9]{1,13}")


@dataclass(frozen=True, slots=True, order=True)
class Eui64:
    """A Device ID or User ID: eight octets, kept as one unsigned number."""

    value: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """This function will read the field's form, `00-DB-12-34-56-78-90-A2`, in either case.

        Raises:
            Invalid: the text is not eight pairs of hexadecimal digits joined by hyphens.
        """
        if _EUI64.fullmatch(text) is None:
            raise Invalid(
                f"{text!r} is not a Device ID: eight pairs of hexadecimal digits joined by hyphens are expected, "
                "such as 00-DB-12-34-56-78-90-A2."
            )
        return cls(int(text.replace("-", ""), 16))

    @classmethod
    def from_bytes(cls, octets: bytes) -> Self:
        """This function will read the eight big-endian octets of the wire and of `macaddr8`."""
        if len(octets) != 8:  # noqa: PLR2004 - the 8 of EUI-64
            raise Invalid(f"A Device ID has 8 octets; {len(octets)} were given.")
        return cls(int.from_bytes(octets, "big"))

    def to_bytes(self) -> bytes:
        """This function will give the eight big-endian octets."""
        return self.value.to_bytes(8, "big")

    def __str__(self) -> str:
        return self.to_bytes().hex("-").upper()


def read_firmware_version(text: str) -> str:
    """This function will read a firmware version: 1 to 8 characters (DUIS 5.4 `FirmwareVersion`).

    Raises:
        Invalid: the text is empty, too long or holds other characters.
    """
    if _FIRMWARE_VERSION.fullmatch(text) is None:
        raise Invalid(
            f"{text!r} is not a firmware version: 1 to 8 letters, digits, dots or hyphens are expected, "
            "such as 0002012F."
        )
    return text


def read_mpxn(text: str) -> str:
    """This function will read an MPAN or MPRN: 1 to 13 digits (`domain.md` 3.2).

    Raises:
        Invalid: the text is empty, too long or holds anything but digits.
    """
    if _MPXN.fullmatch(text) is None:
        raise Invalid(f"{text!r} is not an MPAN or MPRN: 1 to 13 digits are expected.")
    return text
