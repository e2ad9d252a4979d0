"""Small CSV files that are taken whole or not at all: the CPL, the SEC Parties.

Each column has a reader that gives the value's meaning or refuses it. Reading goes on to the end of the file, so
that a person learns of every bad row at once.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelaunch.domain.refusals import Invalid, NotFound, Unreadable
from safelaunch.wire.smi_rows import Reject, shown

_MAX_OCTETS = 16 * 1024 * 1024

Readers = Mapping[str, Callable[[str], Any]]
"""For each column, what gives a value's meaning; it raises Invalid with the reason."""


class FaultyTable(Invalid):
    """Some rows are bad, and therefore none was taken."""

    def __init__(self, name: str, faults: Sequence[Reject]) -> None:
        """This function will keep the faults, in the order of the file."""
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        rows = "1 bad row" if len(faults) == 1 else f"{len(faults):,} bad rows"
        super().__init__(
            f"{name} has {rows}, so nothing was changed. Put the file right and import it again."
        )


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row whose every value has a meaning, by column."""

    line: int
    values: dict[str, Any]


def read_table(path: Path, *, readers: Readers) -> tuple[list[TableRow], list[Reject]]:
    """This function will read a CSV file with exactly the columns of `readers`, in any order.

    Returns:
        The good rows, and the first fault of each bad row.

    Raises:
        NotFound: there is no such file.
        Invalid: it is a folder, is too large, or has other columns.
        Unreadable: it is empty, no text in UTF-8, or cannot be read.
    """
    lines = csv.reader(_text_of(path).splitlines(), strict=True)
    rows: list[TableRow] = []
    faults: list[Reject] = []
    header = next(lines, [])
    if sorted(header) != sorted(readers):
        raise Invalid(
            f"{path.name} has the columns {shown(', '.join(header))}; they must be {', '.join(readers)}, in any order."
        )
    while True:
        try:
            fields = next(lines)
        except StopIteration:
            return rows, faults
        except csv.Error as error:
            raise Unreadable(
                f"{path.name} cannot be read at line {lines.line_num}: its quotation marks do not pair."
            ) from error
        if not fields:
            continue
        outcome = _read_row(dict(zip(header, fields, strict=False)), fields, lines.line_num, readers)
        if isinstance(outcome, Reject):
            faults.append(outcome)
        else:
            rows.append(outcome)


def _text_of(path: Path) -> str:
    try:
        if path.is_dir():
            raise Invalid(f"{path.name} is a folder; name a file in it.")
        with path.open("rb") as file:
            octets = file.read(_MAX_OCTETS + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path.name}; check its name and folder.") from error
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or error}.") from error
    if not octets:
        raise Unreadable(f"{path.name} is empty; a header line and rows are expected.")
    if len(octets) > _MAX_OCTETS:
        raise Invalid(f"{path.name} is larger than {_MAX_OCTETS // 1024 // 1024} MiB; split it.")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} is no text in UTF-8; save it as CSV in UTF-8.") from error


def _read_row(given: dict[str, str], fields: list[str], line: int, readers: Readers) -> TableRow | Reject:
    if len(fields) != len(readers):
        reason = f"The row has {len(fields)} columns; the header has {len(readers)}."
        return Reject(line=line, column="", value="", reason=reason)
    values: dict[str, Any] = {}
    for column, read in readers.items():
        try:
            values[column] = read(given[column].strip())
        except Invalid as error:
            return Reject(line=line, column=column, value=shown(given[column]), reason=str(error))
    return TableRow(line=line, values=values)


def text(*, most: int, least: int = 1) -> Callable[[str], str]:
    """This function will make a reader of printable text of `least` to `most` characters."""

    def read(value: str) -> str:
        if not least <= len(value) <= most:
            raise Invalid(f"{least} to {most} characters are expected; there are {len(value):,}.")
        if not value.isprintable():
            raise Invalid(
                "The value holds a control character; letters, digits, signs and spaces are allowed."
            )
        return value

    return read


def word(meanings: Mapping[str, Any]) -> Callable[[str], Any]:
    """This function will make a reader of one of a few words, in any mixture of cases."""
    known = {name.casefold(): meaning for name, meaning in meanings.items()}

    def read(value: str) -> Any:
        if value.casefold() not in known:
            raise Invalid(f"One of {', '.join(meanings)} is expected.")
        return known[value.casefold()]

    return read
