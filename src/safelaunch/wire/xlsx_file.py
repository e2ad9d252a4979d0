"""The first sheet of an XLSX workbook as rows of text, for the small files that people keep in spreadsheets.

A spreadsheet turns what looks like a number into one: `00020104` loses its zeros before anybody can see it. A cell that
holds a number is therefore handed on as a number, and whoever reads the row refuses it. Dates become ISO dates.
"""

import zipfile
from datetime import date, datetime
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, ZipError

from safelaunch.domain.refusals import Invalid, Unreadable

MAGIC = b"PK\x03\x04"
"""What a ZIP archive, and so a workbook, begins with."""

Cell = str | float
_MAX_UNPACKED = 128 * 1024 * 1024
_CALAMINE_FAULTS = (CalamineError, PasswordError, ZipError)


def read_rows(octets: bytes, *, name: str) -> list[list[Cell]]:
    """This function will read the first sheet, empty rows included, so that the first row is number 1.

    Raises:
        Invalid: it would unpack to more than 128 MiB.
        Unreadable: it is no workbook, damaged, or locked with a password.
    """
    _check_size(octets, name=name)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(octets))
        sheet: CalamineSheet = workbook.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except _CALAMINE_FAULTS as error:
        raise Unreadable(
            f"{name} is no workbook that can be read; save it as XLSX or CSV, unlocked."
        ) from error
    return [[_cell(value) for value in row] for row in rows]


def _check_size(octets: bytes, *, name: str) -> None:
    try:
        with zipfile.ZipFile(BytesIO(octets)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise Unreadable(f"{name} is a damaged workbook; save it again as XLSX or CSV.") from error
    if unpacked > _MAX_UNPACKED:
        raise Invalid(f"{name} unpacks to more than {_MAX_UNPACKED // 1024 // 1024} MiB; split it.")


def _cell(value: object) -> Cell:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
