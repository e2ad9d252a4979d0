"""The texts of DUIS elements: how each simple type of the schema is read, strictly, and written.

White space around a text is dropped where the schema collapses it (identifiers, times, numbers, octets) and kept where
it does not (names, versions, enumerations, lists). A time without a zone is taken as UTC, which is what the interface
speaks; times are written in UTC with as many digits as they need.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.xml import WHITE_SPACE

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)

_SHOWN = 80
_ZONE = r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
_MOMENT = re.compile(
    rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?{_ZONE}"
)
_DATE = re.compile(rf"(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){_ZONE}")
_TIME = re.compile(rf"[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?{_ZONE}")
_NUMBER = re.compile(r"\+?[0-9]{1,30}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """How the text of an element is read, raising `Invalid`, and how its value is written.

    `kind` is the class of its values, where a choice between elements has to be told by it.
    """

    read: Callable[[str], T]
    write: Callable[[T], str]
    kind: type[T] | None = None


def _collapsed(read: Callable[[str], T]) -> Callable[[str], T]:
    return lambda text: read(text.strip(WHITE_SPACE))


def text(*, least: int = 0, most: int, form: str | None = None) -> Leaf[str]:
    """This function will give the leaf of a string of so many characters, of a regular expression if one is given."""
    pattern = None if form is None else re.compile(form)

    def read(found: str) -> str:
        if not least <= len(found) <= most or (pattern and pattern.fullmatch(found) is None):
            raise Invalid(f"{found[:_SHOWN]!r} is given where {least} to {most} characters are expected.")
        return found

    return Leaf(read, str)


def number(*, least: int = 0, most: int) -> Leaf[int]:
    """This function will give the leaf of a whole decimal number within bounds."""

    def read(found: str) -> int:
        if _NUMBER.fullmatch(found) is None or not least <= int(found) <= most:
            raise Invalid(f"{found[:_SHOWN]!r} is given where a number from {least} to {most} is expected.")
        return int(found)

    return Leaf(_collapsed(read), str)


def word(kind: type[Word]) -> Leaf[Word]:
    """This function will give the leaf of an enumeration whose values are the field's words."""
    return coded({each: each.value for each in kind})


def coded(words: Mapping[Word, str]) -> Leaf[Word]:
    """This function will give the leaf of an enumeration whose stored codes differ from the field's words."""
    values = {each: value for value, each in words.items()}

    def read(found: str) -> Word:
        if found not in values:
            raise Invalid(f"{found[:_SHOWN]!r} is none of {', '.join(values)}.")
        return values[found]

    return Leaf(read, words.__getitem__)


def of_kind(kind: type[T], leaf: Leaf[Any], *, value: str) -> Leaf[T]:
    """This function will give the leaf of a dataclass with one field, `value`, that is all its element holds."""
    return Leaf(
        lambda found: kind(**{value: leaf.read(found)}), lambda given: leaf.write(getattr(given, value)), kind
    )


def hexadecimal(*, least: int = 0, most: int | None = None) -> Leaf[bytes]:
    """This function will give the leaf of octets in hexadecimal, within bounds of their number."""

    def read(found: str) -> bytes:
        try:
            value = binascii.a2b_hex(found)
        except ValueError:
            raise Invalid(f"{found[:_SHOWN]!r} is not hexadecimal.") from None
        if len(value) < least or (most is not None and len(value) > most):
            bounds = f"{least}" if least == most else f"{least} to {most}"
            raise Invalid(f"{len(value)} octets are given where {bounds} are expected.")
        return value

    return Leaf(_collapsed(read), lambda value: value.hex().upper())


def base64_octets(*, most: int | None = None) -> Leaf[bytes]:
    """This function will give the leaf of octets in base64, at most so many if a limit is given."""

    def read(found: str) -> bytes:
        value = _from_base64(found)
        if most is not None and len(value) > most:
            raise Invalid(f"{len(value):,} octets are given; at most {most:,} are allowed.")
        return value

    return Leaf(read, lambda value: base64.b64encode(value).decode())


def device_ids(*, most: int | None = None) -> Leaf[DeviceIds]:
    """This function will give the leaf of a list of Device IDs, at most so many if a limit is given."""
    return Leaf(lambda found: DeviceIds.parse(found, most=most), str)


def _from_base64(found: str) -> bytes:
    # Ten million characters are not looked through for line ends unless they have some. msgspec's reader takes half the
    # time of the standard library's and is stricter: nothing but whole groups of four.
    try:
        value = msgspec.convert(found, type=bytes)
    except msgspec.ValidationError:
        found = found.translate({ord(space): None for space in WHITE_SPACE})
        try:
            value = msgspec.convert(found, type=bytes)
        except msgspec.ValidationError:
            raise Invalid("The text is not base64.") from None
    # Spare bits stand in the last four characters only; the schema wants them clear.
    if value and base64.b64encode(value[-(len(value) % 3 or 3) :]).decode() != found[-4:]:
        raise Invalid("The text is base64 with spare bits set.")
    return value


def _read_moment(found: str) -> datetime:
    shape = _MOMENT.fullmatch(found)
    if shape is None:
        raise Invalid(f"{found[:_SHOWN]!r} is no time; one such as 2026-03-01T10:00:00Z is expected.")
    try:
        moment = datetime.fromisoformat(found)
        return (moment if shape["zone"] else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{found[:_SHOWN]!r} is no time: {error}.") from None


def _write_moment(at: datetime) -> str:
    if at.utcoffset() is None:
        raise Invalid("A time has no zone, so it could mean any of several moments.")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_date(found: str) -> date:
    shape = _DATE.fullmatch(found)
    try:
        if shape is not None:
            return date.fromisoformat(shape["date"])
    except ValueError:
        pass
    raise Invalid(f"{found[:_SHOWN]!r} is no date; one such as 2026-03-01 is expected.")


def _read_time(found: str) -> time:
    shape = _TIME.fullmatch(found)
    try:
        if shape is not None and shape["zone"] in (None, "Z", "+00:00", "-00:00"):
            return time.fromisoformat(found).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise Invalid(f"{found[:_SHOWN]!r} is no time of the day in UTC; one such as 07:00:00Z is expected.")


def _read_boolean(found: str) -> bool:
    if found not in _BOOLEANS:
        raise Invalid(f"{found[:_SHOWN]!r} is given where true or false is expected.")
    return _BOOLEANS[found]


EUI: Leaf[Eui64] = Leaf(_collapsed(Eui64.parse), str)
REQUEST_ID: Leaf[RequestId] = Leaf(_collapsed(RequestId.parse), str)
MOMENT: Leaf[datetime] = Leaf(_collapsed(_read_moment), _write_moment)
DATE: Leaf[date] = Leaf(_collapsed(_read_date), lambda day: f"{day.isoformat()}Z")
TIME: Leaf[time] = Leaf(_collapsed(_read_time), lambda at: at.isoformat().replace("+00:00", "Z"))
BOOLEAN: Leaf[bool] = Leaf(_collapsed(_read_boolean), lambda value: "true" if value else "false")
OCTETS = base64_octets()
FIRMWARE_VERSION = text(least=1, most=8)
MANUFACTURER = text(most=30)
MODEL = text(most=30)
SMETS_CHTS_VERSION = text(least=1, most=20)
MPXN = text(least=1, most=13)
MPAN = text(least=13, most=13)
SCHEDULE_ID = number(most=10**12)
REFERENCE = text(most=8, form=r"[0-9]{1,2}(?:\.[0-9]{1,2}){1,2}")
