"""The three ways GBCS writes a time: GeneralizedTime (ASN.1), the DLMS date-time and GBZ seconds.

All are UTC to the second. A DLMS date-time may leave parts unsaid (`FF`), and a meter's clock says how far it can be
trusted, so its twelve octets are kept as they came and read on demand.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.gbcs.octets import Reader

CANCELLED_AT = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The execution time that cancels a future-dated command (`domain.md` 0.2)."""

DLMS_OCTETS = 12

_GENERALIZED = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z")
_ZIGBEE_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_UNSAID_SECONDS = 0xFFFFFFFF
_UNSAID_DEVIATION = b"\x80\x00"
_UNSAID = 0xFF


@dataclass(frozen=True, slots=True)
class DlmsTime:
    """A DLMS date-time: twelve octets as they came, with the moment they name."""

    octets: bytes

    def __post_init__(self) -> None:
        """This function will refuse anything but twelve octets."""
        if len(self.octets) != DLMS_OCTETS:
            raise Invalid(f"A DLMS date-time has {DLMS_OCTETS} octets; {len(self.octets)} were given.")

    @classmethod
    def at_moment(cls, at: datetime) -> Self:
        """This function will write a moment as the reference vectors do: day of week, zone and status unsaid.

        Raises:
            Invalid: the moment has no zone or is not a whole second.
        """
        at = whole_second(at)
        day = at.year.to_bytes(2, "big") + bytes([at.month, at.day, _UNSAID])
        return cls(day + bytes([at.hour, at.minute, at.second, 0]) + _UNSAID_DEVIATION + bytes([_UNSAID]))

    @property
    def moment(self) -> datetime | None:
        """This function will give the moment in UTC; None where a part is unsaid, impossible or not in UTC."""
        if self.octets[9:11] not in (_UNSAID_DEVIATION, b"\x00\x00"):
            return None
        year = int.from_bytes(self.octets[:2], "big")
        month, day = self.octets[2:4]
        hour, minute, second = self.octets[5:8]
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            return None

    @property
    def clock_status(self) -> int:
        """This function will give the clock status octet; 255 says nothing."""
        return self.octets[11]


def whole_second(at: datetime) -> datetime:
    """This function will give a moment in UTC, and refuse one that GBCS could not write.

    Raises:
        Invalid: the moment has no zone or is not a whole second.
    """
    try:
        if at.tzinfo is not None and not at.microsecond:
            return at.astimezone(UTC)
    except OverflowError:
        # The last hours of the year 9999 in a western zone are no moment of UTC.
        pass
    raise Invalid(f"{at.isoformat()} cannot be written in GBCS; a whole second with its zone is expected.")


def write_generalized(at: datetime) -> bytes:
    """This function will write the fifteen octets of a GeneralizedTime, `20300115090000Z`."""
    at = whole_second(at)
    return f"{at.year:04}{at:%m%d%H%M%S}Z".encode("ascii")


def read_generalized(octets: bytes, *, reader: Reader, what: str) -> datetime:
    """This function will read a GeneralizedTime; `reader` only says where it stood.

    Raises:
        MalformedGbcs: the octets are not `YYYYMMDDhhmmssZ` or name no moment.
    """
    found = _GENERALIZED.fullmatch(octets)
    try:
        if found is not None:
            year, month, day, hour, minute, second = map(int, found.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        pass
    raise reader.refusal(what, f"{octets.hex().upper()} is not a time of the form YYYYMMDDhhmmssZ")


def write_zigbee(at: datetime | None) -> bytes:
    """This function will write a moment as seconds since 2000, four octets; None is `FFFFFFFF`, unsaid.

    Raises:
        Invalid: the moment lies outside 2000 to early 2136, has no zone or is not a whole second.
    """
    if at is None:
        return _UNSAID_SECONDS.to_bytes(4, "big")
    seconds = (whole_second(at) - _ZIGBEE_EPOCH) // timedelta(seconds=1)
    if not 0 <= seconds < _UNSAID_SECONDS:
        raise Invalid(
            f"{at.isoformat()} cannot be written as GBZ time; a moment from 2000 to early 2136 can."
        )
    return seconds.to_bytes(4, "big")


def read_zigbee(reader: Reader, *, what: str) -> datetime | None:
    """This function will read seconds since 2000; None where the device did not say."""
    return _zigbee_moment(reader.number(4, what=what))


def write_zcl_time(at: datetime | None) -> bytes:
    """This function will write a moment as the Zigbee Cluster Library does, lowest octet first (see `write_zigbee`)."""
    return write_zigbee(at)[::-1]


def read_zcl_time(reader: Reader, *, what: str) -> datetime | None:
    """This function will read seconds since 2000, lowest octet first; None where nothing is said."""
    return _zigbee_moment(int.from_bytes(reader.take(4, what=what), "little"))


def _zigbee_moment(seconds: int) -> datetime | None:
    return None if seconds == _UNSAID_SECONDS else _ZIGBEE_EPOCH + timedelta(seconds=seconds)
