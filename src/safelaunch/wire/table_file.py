"""Small tables, CSV or XLSX, that are taken whole or not at all: the CPL, the SEC Parties.

Which of the two a file is, its first octets say. Each column has a reader that gives the value's meaning or refuses it. Reading goes on to the end of the file, so
that a person learns of every bad row at once.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safelaunch.domain.refusals import Invalid, NotFound, Unreadable
from safelaunch.wire import xlsx_file
from safelaunch.wire.smi_rows import Reject, shown
from safelaunch.wire.xlsx_file import Cell

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


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came through a door and stands in no folder; `name` is what whoever sent it calls it."""

    name: str
    octets: bytes


def read_table(source: Path | Upload, *, readers: Readers) -> tuple[list[TableRow], list[Reject]]:
    """This function will read a file with exactly the columns of `readers`, in any order.

    Returns:
        The good rows, and the first fault of each bad row.

    Raises:
        NotFound: there is no such file.
        Invalid: it is a folder, is too large, or has other columns.
        Unreadable: it is empty, neither text in UTF-8 nor a workbook, or cannot be read.
    """
    octets = _weighed(source if isinstance(source, Upload) else _upload_of(source))
    is_workbook = octets.startswith(xlsx_file.MAGIC)
    lines = _rows_of_workbook(octets, source.name) if is_workbook else _rows_of_csv(octets, source.name)
    header = [str(cell).strip() for cell in next(lines, (0, []))[1]]
    if sorted(header) != sorted(readers):
        raise Invalid(
            f"{source.name} has the columns {shown(', '.join(header))}; they must be {', '.join(readers)}, in any order."
        )
    rows: list[TableRow] = []
    faults: list[Reject] = []
    for line, fields in lines:
        if len(fields) != len(readers):
            reason = f"The row has {len(fields)} columns; the header has {len(readers)}."
            faults.append(Reject(line=line, column="", value="", reason=reason))
            continue
        outcome = read_row(dict(zip(header, fields, strict=True)), line=line, readers=readers)
        if isinstance(outcome, Reject):
            faults.append(outcome)
        else:
            rows.append(outcome)
    return rows, faults


def _upload_of(path: Path) -> Upload:
    try:
        if path.is_dir():
            raise Invalid(f"{path.name} is a folder; name a file in it.")
        with path.open("rb") as file:
            octets = file.read(_MAX_OCTETS + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path.name}; check its name and folder.") from error
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or error}.") from error
    return Upload(path.name, octets)


def _weighed(upload: Upload) -> bytes:
    if not upload.octets:
        raise Unreadable(f"{upload.name} is empty; a header line and rows are expected.")
    if len(upload.octets) > _MAX_OCTETS:
        raise Invalid(f"{upload.name} is larger than {_MAX_OCTETS // 1024 // 1024} MiB; split it.")
    return upload.octets


def _rows_of_csv(octets: bytes, name: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    try:
        text_of_file = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{name} is neither text in UTF-8 nor a workbook; save it as CSV in UTF-8, or as XLSX."
        ) from error
    lines = csv.reader(text_of_file.splitlines(), strict=True)
    while True:
        try:
            fields = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(
                f"{name} cannot be read at line {lines.line_num}: its quotation marks do not pair."
            ) from error
        if fields:
            yield lines.line_num, fields


def _rows_of_workbook(octets: bytes, name: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    width = 0
    for line, cells in enumerate(xlsx_file.read_rows(octets, name=name), start=1):
        filled = max((place for place, cell in enumerate(cells, start=1) if cell != ""), default=0)
        if filled:
            # A sheet is as wide as its widest row; what counts is how wide its header is.
            width = width or filled
            yield line, cells[: max(filled, width)]


def read_row(given: Mapping[str, Cell], *, line: int, readers: Readers) -> TableRow | Reject:
    """This function will read one row by its columns, or give its first fault."""
    values: dict[str, Any] = {}
    for column, read in readers.items():
        cell = given[column]
        if not isinstance(cell, str):
            reason = (
                "The cell holds a number, which loses zeros; format the column as text and enter it again."
            )
            return Reject(line=line, column=column, value=f"{cell:g}", reason=reason)
        try:
            values[column] = read(cell.strip())
        except Invalid as error:
            return Reject(line=line, column=column, value=shown(cell), reason=str(error))
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
