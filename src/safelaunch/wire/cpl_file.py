"""Central Products List entries as a CSV or XLSX file, one Device Model a row (`domain.md` 3.4).

    device_type         ESME, GSME, PPMID, HCALCS or CHF: what the CPL lists; a hub's GPF is entered with its CHF
    manufacturer, model at most 30 characters; hardware_version too, and may be empty
    firmware_version    1 to 8 characters
    smets_chts_version, gbcs_version    1 to 20 characters
    image_hash          SHA-256 of the Manufacturer Image, 64 hexadecimal digits; may be empty
    predecessors        firmware versions an upgrade may start from (MP231), separated by spaces; may be empty
    status              Active, Cancelled, Expired or Withdrawn
    added_on            an ISO date

A Device Model stands in a file once.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from safelaunch.domain.identifiers import read_firmware_version
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import CplStatus, DeviceType
from safelaunch.wire.smi_rows import Reject
from safelaunch.wire.table_file import FaultyTable, TableRow, Upload, read_row, read_table, text, word

LISTED = (DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID, DeviceType.HCALCS, DeviceType.CHF)
"""The types of Devices that the CPL lists; IHDs and CADs are not on it."""

_HASH = re.compile(r"[0-9A-Fa-f]{64}")


class FaultyEntry(FaultyTable):
    """What is said of one entry is not what its column holds."""

    def __init__(self, fault: Reject) -> None:
        """This function will keep the fault, and say it as a sentence of its own."""
        super().__init__(fault.column, [fault])
        self.args = (
            f"{fault.column.replace('_', ' ').capitalize()} cannot be {fault.value!r}. {fault.reason}",
        )


@dataclass(frozen=True, slots=True)
class CplRow:
    """One entry; `image_hash` is 64 hexadecimal digits in lower case, or empty."""

    line: int
    device_type: DeviceType
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    smets_chts_version: str
    gbcs_version: str
    image_hash: str
    predecessors: tuple[str, ...]
    status: CplStatus
    added_on: date

    @property
    def identity(self) -> tuple[str, ...]:
        """This function will give what names the Device Model."""
        return (
            self.device_type.value,
            self.manufacturer,
            self.model,
            self.hardware_version,
            self.firmware_version,
        )

    def as_json(self) -> dict[str, Any]:
        """This function will give the entry as JSON keeps it, in the columns of a file."""
        return {
            "device_type": self.device_type.value,
            "manufacturer": self.manufacturer,
            "model": self.model,
            "hardware_version": self.hardware_version,
            "firmware_version": self.firmware_version,
            "smets_chts_version": self.smets_chts_version,
            "gbcs_version": self.gbcs_version,
            "image_hash": self.image_hash,
            "predecessors": list(self.predecessors),
            "status": self.status.value,
            "added_on": self.added_on.isoformat(),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], *, line: int) -> Self:
        """This function will read what `as_json` wrote."""
        return cls(
            line=line,
            **{
                **kept,
                "device_type": DeviceType(kept["device_type"]),
                "predecessors": tuple(kept["predecessors"]),
                "status": CplStatus(kept["status"]),
                "added_on": date.fromisoformat(kept["added_on"]),
            },
        )

    def as_texts(self) -> dict[str, str]:
        """This function will give the entry as a file says it, by column."""
        kept = self.as_json()
        return {
            **kept,
            "predecessors": " ".join(self.predecessors),
            "status": self.status.value.title(),
        }


def write(rows: Iterable[CplRow]) -> str:
    """This function will write entries as CSV, as `read` reads them."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.as_texts() for row in rows)
    return sheet.getvalue()


def read(source: Path | Upload) -> list[CplRow]:
    """This function will read a file of CPL entries, all of them or none.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing or is not such a file.
        FaultyTable: some rows are bad; it holds the fault of each.
    """
    found, faults = read_table(source, readers=_READERS)
    return _judged(found, faults, name=source.name)


def read_one(values: Mapping[str, str], *, name: str) -> CplRow:
    """This function will read one entry from its words by column, as a file would say them.

    Raises:
        FaultyEntry: a word is not what its column holds.
    """
    outcome = read_row(values, line=1, readers=_READERS)
    if isinstance(outcome, Reject):
        raise FaultyEntry(outcome)
    try:
        return _judged([outcome], [], name=name)[0]
    except FaultyTable as refusal:
        raise FaultyEntry(refusal.faults[0]) from None


def _judged(found: Sequence[TableRow], faults: list[Reject], *, name: str) -> list[CplRow]:
    rows = [CplRow(line=row.line, **row.values) for row in found]
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        if row.firmware_version in row.predecessors:
            faults.append(
                Reject(
                    line=row.line,
                    column="predecessors",
                    value=" ".join(row.predecessors),
                    reason="A firmware version does not precede itself.",
                )
            )
        elif first.setdefault(row.identity, row.line) != row.line:
            reason = f"Line {first[row.identity]} enters this Device Model already."
            faults.append(
                Reject(line=row.line, column="firmware_version", value=row.firmware_version, reason=reason)
            )
    if faults:
        raise FaultyTable(name, faults)
    return rows


def _firmware_version(value: str) -> str:
    try:
        return read_firmware_version(value)
    except Invalid as error:
        raise Invalid("1 to 8 letters, digits, dots or hyphens are expected, such as 0002012F.") from error


def _image_hash(value: str) -> str:
    if value and _HASH.fullmatch(value) is None:
        raise Invalid("64 hexadecimal digits are expected, or nothing.")
    return value.lower()


def _predecessors(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_firmware_version(one) for one in value.split()))


def _date(value: str) -> date:
    try:
        found = date.fromisoformat(value)
    except ValueError as error:
        raise Invalid("A date is expected as year, month and day, such as 2021-03-15.") from error
    return found


_READERS = {
    "device_type": word({kind.value: kind for kind in LISTED}),
    "manufacturer": text(most=30),
    "model": text(most=30),
    "hardware_version": text(most=30, least=0),
    "firmware_version": _firmware_version,
    "smets_chts_version": text(most=20),
    "gbcs_version": text(most=20),
    "image_hash": _image_hash,
    "predecessors": _predecessors,
    "status": word({status.value.title(): status for status in CplStatus}),
    "added_on": _date,
}

COLUMNS = tuple(_READERS)
"""The columns of a file."""
