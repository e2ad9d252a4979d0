"""What a Supplier plans for its homes, as a CSV or XLSX file, one plan a row (R-0024-16).

    device_id       the hub (CHF) of the home, or any Device behind it
    kind            TARIFF, PRICE, PAYMENT_MODE, TOP_UP, CHANGE_OF_TENANCY, CHANGE_OF_SUPPLIER, OWN_FIRMWARE, BULK_READ, VISIT
    planned_from    a time with its offset, such as 2026-11-21T14:30:00Z
    planned_until   likewise; at most 14 days later
    note            up to 200 characters for those who read it; may be empty

Bad rows are explained one by one and the others taken.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.planned_events import LONGEST_PLAN, UPLOADED, PlannedKind
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.smi_rows import Reject
from safelaunch.wire.table_file import Upload, read_table, text, word

_LONGEST_NOTE = 200
_YEARS = range(2000, 2100)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan as a file states it."""

    line: int
    device_id: Eui64
    kind: PlannedKind
    planned_from: datetime
    planned_until: datetime
    note: str


def read(source: Path | Upload) -> tuple[list[PlanRow], list[Reject]]:
    """This function will read plans: the rows that make sense, and why each of the others does not.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing or is not such a file.
    """
    found, rejects = read_table(source, readers=_READERS)
    rows = []
    for one in found:
        row = PlanRow(line=one.line, **one.values)
        if _is_possible(row):
            rows.append(row)
        else:
            reason = f"A plan ends after it begins, and at most {LONGEST_PLAN.days} days later."
            rejects.append(
                Reject(
                    line=row.line, column="planned_until", value=row.planned_until.isoformat(), reason=reason
                )
            )
    return rows, rejects


def _is_possible(row: PlanRow) -> bool:
    return row.planned_from < row.planned_until <= row.planned_from + LONGEST_PLAN


def _moment(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Invalid("This is no time with its offset, such as 2026-11-21T14:30:00Z.") from error
    if at.tzinfo is None or at.year not in _YEARS:
        raise Invalid("A time has an offset, such as Z or +01:00, and lies in the years 2000 to 2099.")
    return at.astimezone(UTC)


_READERS = {
    "device_id": Eui64.parse,
    "kind": word({kind.value: kind for kind in UPLOADED}),
    "planned_from": _moment,
    "planned_until": _moment,
    "note": text(most=_LONGEST_NOTE, least=0),
}
