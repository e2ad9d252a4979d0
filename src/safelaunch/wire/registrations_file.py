"""Registration data as a CSV or XLSX file, one registration a row (`domain.md` 2.3).

    mpxn        an MPAN of 13 digits for IS, an MPRN of 1 to 10 for GS
    role        IS or GS
    party       the name of a Supplier, or one of its User IDs; empty where nobody is responsible from then on
    starts_at   from when: a date such as 2026-11-21, which begins at midnight in the United Kingdom, or a time with its
                offset such as 2026-11-21T14:30:00Z; of the years 2000 to 2099

Bad rows are explained one by one and the others taken.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from safelaunch.domain import calendar
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import UserRole
from safelaunch.wire.smi_rows import Reject
from safelaunch.wire.table_file import read_table, text, word

_MPAN_LENGTH = 13
_MPRN_LENGTH = 10
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """One registration as a file states it; `party` is a name or a User ID, as it stands there."""

    line: int
    mpxn: str
    role: UserRole
    party: str
    starts_at: datetime


def read(path: Path) -> tuple[list[RegistrationRow], list[Reject]]:
    """This function will read registration data: the rows that make sense, and why each of the others does not.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing or is not such a file.
    """
    found, rejects = read_table(path, readers=_READERS)
    rows = []
    for one in found:
        row = RegistrationRow(line=one.line, **one.values)
        fault = _fault(row)
        if fault is None:
            rows.append(row)
        else:
            rejects.append(Reject(line=row.line, column="mpxn", value=row.mpxn, reason=fault))
    return rows, rejects


def _fault(row: RegistrationRow) -> str | None:
    if row.role is UserRole.IS and len(row.mpxn) != _MPAN_LENGTH:
        return f"This is not an MPAN: exactly {_MPAN_LENGTH} digits are expected for the role IS."
    if row.role is UserRole.GS and len(row.mpxn) > _MPRN_LENGTH:
        return f"This is not an MPRN: 1 to {_MPRN_LENGTH} digits are expected for the role GS."
    return None


def _digits(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= _MPAN_LENGTH):
        raise Invalid(f"This is neither an MPAN nor an MPRN: 1 to {_MPAN_LENGTH} digits are expected.")
    return value


def _moment(value: str) -> datetime:
    try:
        at = _read_moment(value)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            "This is neither a date such as 2026-11-21 nor a time with its offset such as 2026-11-21T14:30:00Z."
        ) from error
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise Invalid(f"A registration begins in the years {_FIRST_YEAR} to {_LAST_YEAR}.")
    return at


def _read_moment(value: str) -> datetime:
    if "T" not in value:
        return calendar.moment(date.fromisoformat(value), time())
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("without an offset")
    return at.astimezone(UTC)


_READERS = {
    "mpxn": _digits,
    "role": word({role.value: role for role in (UserRole.IS, UserRole.GS)}),
    "party": text(most=100, least=0),
    "starts_at": _moment,
}
