"""The rows of an inventory file, and the rules of form that a row must keep (`domain.md` 3.1 to 3.3).

    device_id         eight pairs of hexadecimal digits joined by hyphens, either case; kept in upper case
    device_type       a DUIS DeviceType
    status            a DUIS DeviceStatus; IHDs and CADs may have none (they are Type 2 Devices)
    manufacturer, model                1 to 30 characters
    hardware_version  at most 30 characters
    firmware_version  1 to 8 characters; IHDs and CADs may have none
    hub_device_id     the CHF of the same home; empty for a CHF, needed by all others
    gpf_device_id, region              needed by a CHF, empty for all others
    mpxn              an MPAN of 13 digits for ESME and HCALCS, an MPRN of 1 to 10 for GSME and GPF, either for
                      displays, none for a CHF; may be empty
    responsible_party, network_party   at most 100 characters; may be empty
    commissioned_on   an ISO date such as 2021-03-15; may be empty

A row is judged by its first fault in the order above. Columns are judged whole: each distinct value once, and
identifiers as one array of octets, because a national inventory has tens of millions of rows.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import compress, repeat
from typing import Any

import msgspec
import numpy as np

from safelaunch.domain.identifiers import read_firmware_version
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType, Region, SmiStatus

COLUMNS = (
    "device_id",
    "device_type",
    "status",
    "manufacturer",
    "model",
    "hardware_version",
    "firmware_version",
    "hub_device_id",
    "gpf_device_id",
    "region",
    "mpxn",
    "responsible_party",
    "network_party",
    "commissioned_on",
)
"""The columns of an inventory file; a file may hold them in any order."""

_SHOWN = 100
_NAME_LIMIT = 30
_PARTY_LIMIT = 100
_EUI64_LENGTH = 23
_MPAN_LENGTH = 13
_MPRN_LENGTH = 10
_EUI64 = re.compile(r"[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){7}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_CHF = DeviceType.CHF.value
_TYPE_2 = (DeviceType.IHD.value, DeviceType.CAD.value)
_MPAN_TYPES = (DeviceType.ESME.value, DeviceType.HCALCS.value)
_MPRN_TYPES = (DeviceType.GSME.value, DeviceType.GPF.value)

STATUS_WORDS = {status: "".join(part.title() for part in status.split("_")) for status in SmiStatus}
"""DUIS 5.4 `DeviceStatus` as the field writes it: `InstalledNotCommissioned`."""

REGION_WORDS = {
    region: f"4G {region[:-3].title()}" if region.endswith("_4G") else region.title() for region in Region
}
"""DUIS 5.4 `CSPRegion` as the field writes it: `4G South`."""

_TYPES: dict[str, DeviceType] = {one.value: one for one in DeviceType}
_STATUSES: dict[str, SmiStatus] = {
    **{word: status for status, word in STATUS_WORDS.items()},
    **{status.value: status for status in SmiStatus},
}
_REGIONS: dict[str, Region] = {
    **{word: region for region, word in REGION_WORDS.items()},
    **{region.value: region for region in Region},
}


_AS_WRITTEN = frozenset({"manufacturer", "model", "hardware_version"})
_MEANINGS: dict[str, Callable[[str], Any]] = {
    "device_type": DeviceType,
    "status": _STATUSES.__getitem__,
    "region": _REGIONS.__getitem__,
    "commissioned_on": date.fromisoformat,
}


class SmiRow(msgspec.Struct, frozen=True, gc=False):
    """One Device of an inventory file. `line` is its line in a CSV file or its row in a Parquet file, from 1."""

    line: int
    device_id: str
    device_type: DeviceType
    status: SmiStatus | None
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str | None
    hub_device_id: str | None
    gpf_device_id: str | None
    region: Region | None
    mpxn: str | None
    responsible_party: str | None
    network_party: str | None
    commissioned_on: date | None


class Reject(msgspec.Struct, frozen=True):
    """A row that was not taken, and why; `column` is empty where the row as a whole is at fault."""

    line: int
    column: str
    value: str
    reason: str


Columns = dict[str, Sequence[str]]
"""Text by column name, all of one length; empty text stands for nothing."""


def judge_rows(columns: Columns, *, lines: Sequence[int]) -> tuple[list[SmiRow], list[Reject]]:
    """This function will turn columns of text into rows, and explain every row that breaks a rule of form.

    Args:
        columns: all of `COLUMNS`, each as long as `lines`.
        lines: the line or row number of each row in its file.

    Returns:
        The good rows, and one reject for each bad row; both in the order of the file.
    """
    faults: dict[int, tuple[str, str]] = {}
    for name in COLUMNS:
        for at, reason in _CHECKS[name](columns[name], columns["device_type"]).items():
            faults.setdefault(at, (name, reason))
    rejects = [
        Reject(line=lines[at], column=name, value=shown(columns[name][at]), reason=reason)
        for at, (name, reason) in sorted(faults.items())
    ]
    if faults:
        good = np.ones(len(lines), bool)
        good[list(faults)] = False
        kept = good.tolist()
        columns = {name: list(compress(column, kept)) for name, column in columns.items()}
        lines = list(compress(lines, kept))
    return list(map(SmiRow, lines, *(_read(columns[name], name) for name in COLUMNS))), rejects


def shown(value: str) -> str:
    """This function will shorten a value to what a person needs to recognise it."""
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."


def _read(values: Sequence[str], name: str) -> Iterable[Any]:
    """Turn a column that has been judged into the values of `SmiRow`."""
    if name == "device_id":
        return map(str.upper, values)
    if name in {"hub_device_id", "gpf_device_id"}:
        return [value.upper() or None for value in values]
    if name in _AS_WRITTEN:
        return values
    if name == "mpxn":
        return [value or None for value in values]
    # What is left repeats so much that each distinct value is read once.
    read = _MEANINGS.get(name, str)
    meanings = {value: read(value) if value else None for value in set(values)}
    return map(meanings.__getitem__, values)


def _faults(judge: Callable[..., str | None], *columns: Iterable[Any]) -> dict[int, str]:
    """Judge each distinct combination of values once, and give the reason at every place it stands."""
    if len(columns) == 1:
        # Without a tuple around each value this takes a tenth of the time.
        single = list(columns[0])
        bad = {value: reason for value in set(single) if (reason := judge(value)) is not None}
        return {at: bad[value] for at, value in enumerate(single) if value in bad} if bad else {}
    held = [list(column) for column in columns]
    reasons = {key: reason for key in set(zip(*held, strict=True)) if (reason := judge(*key)) is not None}
    if not reasons:
        return {}
    return {at: reasons[key] for at, key in enumerate(zip(*held, strict=True)) if key in reasons}


# How an EUI-64 looks, octet by octet: 1 is a hexadecimal digit, 2 a hyphen.
_LOOKS = np.zeros(256, np.uint8)
_LOOKS[list(b"0123456789abcdefABCDEF")] = 1
_LOOKS[ord("-")] = 2
_EUI64_LOOKS = np.array([2 if at % 3 == 2 else 1 for at in range(_EUI64_LENGTH)], np.uint8)  # noqa: PLR2004 - pairs
_NOT_EUI64 = (
    "This is not a Device ID: eight pairs of hexadecimal digits joined by hyphens are expected, "
    "such as 00-DB-12-34-56-78-90-A2."
)


def _malformed_ids(values: Sequence[str]) -> dict[int, str]:
    """Find what is not an EUI-64, all values at once; empty values are not judged."""
    present = [value for value in values if value]
    if set(map(len, present)) <= {_EUI64_LENGTH} and (text := "".join(present)).isascii():
        octets = np.frombuffer(text.encode(), np.uint8).reshape(-1, _EUI64_LENGTH)
        if (_LOOKS[octets] == _EUI64_LOOKS).all():
            return {}
    return {at: _NOT_EUI64 for at, value in enumerate(values) if value and not _is_eui64(value)}


def _is_eui64(value: str) -> bool:
    return _EUI64.fullmatch(value) is not None


def _check_device_id(values: Sequence[str], _: Sequence[str]) -> dict[int, str]:
    if "" in values:
        return {at: _NOT_EUI64 for at, value in enumerate(values) if not _is_eui64(value)}
    return _malformed_ids(values)


def _check_type(values: Sequence[str], _: Sequence[str]) -> dict[int, str]:
    reason = f"There is no such Device type; {', '.join(_TYPES)} are known."
    return _faults(lambda value: None if value in _TYPES else reason, values)


def _check_status(values: Sequence[str], types: Sequence[str]) -> dict[int, str]:
    reason = f"There is no such status; {', '.join(STATUS_WORDS.values())} are known."

    if set(values) <= _STATUSES.keys():
        return {}

    def judge(kind: str, value: str) -> str | None:
        if value in _STATUSES or (not value and kind in _TYPE_2):
            return None
        return reason if value else "The status is missing; only IHDs and CADs may have none."

    return _faults(judge, types, values)


def _check_text(*, limit: int, needed: bool) -> Callable[[Sequence[str], Sequence[str]], dict[int, str]]:
    def judge(value: str) -> str | None:
        if needed and not value:
            return f"The value is missing; 1 to {limit} characters are expected."
        if len(value) > limit:
            return f"The value has {len(value):,} characters; at most {limit} are allowed."
        if not value.isprintable():
            return "The value holds a control character; letters, digits, signs and spaces are allowed."
        return None

    return lambda values, _: _faults(judge, values)


def _check_firmware(values: Sequence[str], types: Sequence[str]) -> dict[int, str]:
    def judge(kind: str, value: str) -> str | None:
        if not value:
            return (
                None
                if kind in _TYPE_2
                else "The firmware version is missing; only IHDs and CADs may have none."
            )
        try:
            read_firmware_version(value)
        except Invalid:
            return "This is not a firmware version: 1 to 8 letters, digits, dots or hyphens are expected."
        return None

    return _faults(judge, types, values)


def _are_hubs_alone(values: Sequence[str], types: Sequence[str]) -> bool:
    """Say whether exactly the CHFs have a value: the common case, and one comparison of two lists."""
    return list(map(bool, values)) == list(map(_CHF.__eq__, types))


def _check_hub(values: Sequence[str], types: Sequence[str]) -> dict[int, str]:
    def judge(kind: str, present: bool) -> str | None:  # noqa: FBT001 - given by place
        if kind == _CHF:
            return "A CHF is a hub itself; leave its hub_device_id empty." if present else None
        return None if present else "The Device ID of the hub is missing; every Device but a CHF needs it."

    malformed = _malformed_ids(values)
    if list(map(bool, values)) == list(map(_CHF.__ne__, types)):
        return malformed
    return {**malformed, **_faults(judge, types, map(bool, values))}


def _check_gpf(values: Sequence[str], types: Sequence[str]) -> dict[int, str]:
    def judge(kind: str, present: bool) -> str | None:  # noqa: FBT001 - given by place
        if kind == _CHF:
            return None if present else "The Device ID of the hub's GPF is missing; every CHF has one."
        return "Only a CHF names its GPF; leave gpf_device_id empty." if present else None

    malformed = _malformed_ids(values)
    if _are_hubs_alone(values, types):
        return malformed
    return {**malformed, **_faults(judge, types, map(bool, values))}


def _check_region(values: Sequence[str], types: Sequence[str]) -> dict[int, str]:
    known = f"There is no such region of SMETS2 hubs; {', '.join(REGION_WORDS.values())} are known."

    def judge(kind: str, value: str) -> str | None:
        if kind != _CHF:
            return "Only a CHF has a region; leave it empty." if value else None
        if not value:
            return "The region is missing; every CHF has one."
        return None if value in _REGIONS else known

    if _are_hubs_alone(values, types) and set(values) - {""} <= _REGIONS.keys():
        return {}
    return _faults(judge, types, values)


def _check_mpxn(values: Sequence[str], types: Sequence[str]) -> dict[int, str]:
    """Judge by type, length and being digits, of which there are few; the digits themselves do not matter."""
    text = "".join(values)
    is_number = repeat(True, len(values)) if text.isascii() and text.isdigit() else map(_is_digits, values)  # noqa: FBT003 - a constant column

    def judge(kind: str, length: int, digits: bool) -> str | None:  # noqa: FBT001 - given by place
        if not length:
            return None
        if kind == _CHF:
            return "A CHF has no MPAN or MPRN; leave it empty."
        if kind in _MPAN_TYPES and not (digits and length == _MPAN_LENGTH):
            return f"This is not an MPAN: exactly {_MPAN_LENGTH} digits are expected for this Device type."
        if kind in _MPRN_TYPES and not (digits and length <= _MPRN_LENGTH):
            return f"This is not an MPRN: 1 to {_MPRN_LENGTH} digits are expected for this Device type."
        if not digits or length > _MPAN_LENGTH:
            return f"This is not an MPAN or MPRN: 1 to {_MPAN_LENGTH} digits are expected."
        return None

    return _faults(judge, types, map(len, values), is_number)


def _is_digits(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _check_date(values: Sequence[str], _: Sequence[str]) -> dict[int, str]:
    reason = "This is not a date: year, month and day are expected, such as 2021-03-15."
    return _faults(lambda value: reason if value and not _is_date(value) else None, values)


def _is_date(value: str) -> bool:
    if _ISO_DATE.fullmatch(value) is None:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_CHECKS: dict[str, Callable[[Sequence[str], Sequence[str]], dict[int, str]]] = {
    "device_id": _check_device_id,
    "device_type": _check_type,
    "status": _check_status,
    "manufacturer": _check_text(limit=_NAME_LIMIT, needed=True),
    "model": _check_text(limit=_NAME_LIMIT, needed=True),
    "hardware_version": _check_text(limit=_NAME_LIMIT, needed=False),
    "firmware_version": _check_firmware,
    "hub_device_id": _check_hub,
    "gpf_device_id": _check_gpf,
    "region": _check_region,
    "mpxn": _check_mpxn,
    "responsible_party": _check_text(limit=_PARTY_LIMIT, needed=False),
    "network_party": _check_text(limit=_PARTY_LIMIT, needed=False),
    "commissioned_on": _check_date,
}
