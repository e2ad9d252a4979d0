"""SEC Parties as a CSV or XLSX file, one User ID and User Role a row (`domain.md` 2.1, 2.3).

    name           1 to 100 characters; a Party with several User IDs or User Roles has several rows
    kind           SUPPLIER, NETWORK_OPERATOR, OTHER or DCC, the same in every row of a Party
    user_id        an EUI-64; empty, with the role, for a Party that has none
    role           IS, GS, ES, ED, GT, RSA or OU
    duis_version   at most 10 characters; 5.4 where it is empty

A User ID belongs to one Party.
"""

from dataclasses import dataclass
from pathlib import Path

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import PartyKind, UserRole
from safelaunch.wire.smi_rows import Reject
from safelaunch.wire.table_file import FaultyTable, read_table, text, word

_DUIS_VERSION = "5.4"


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A Party, and one of its User IDs in one User Role."""

    line: int
    name: str
    kind: PartyKind
    user_id: Eui64 | None
    role: UserRole | None
    duis_version: str


def read(path: Path) -> list[PartyRow]:
    """This function will read a file of Parties, all of them or none.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing or is not such a file.
        FaultyTable: some rows are bad; it holds the fault of each.
    """
    found, faults = read_table(path, readers=_READERS)
    rows = [PartyRow(line=row.line, **row.values) for row in found]
    kinds: dict[str, PartyRow] = {}
    holders: dict[Eui64, PartyRow] = {}
    seen: set[tuple[Eui64, UserRole]] = set()
    for row in rows:
        fault = _fault(row, first=kinds.setdefault(row.name, row))
        if fault is None and row.user_id is not None and row.role is not None:
            holder = holders.setdefault(row.user_id, row)
            if holder.name != row.name:
                fault = (
                    "user_id",
                    str(row.user_id),
                    f"Line {holder.line} gives this User ID to {holder.name}.",
                )
            elif (row.user_id, row.role) in seen:
                fault = ("role", row.role.value, "This User ID has this User Role on a line before.")
            seen.add((row.user_id, row.role))
        if fault is not None:
            column, value, reason = fault
            faults.append(Reject(line=row.line, column=column, value=value, reason=reason))
    if faults:
        raise FaultyTable(path.name, faults)
    return rows


def _fault(row: PartyRow, *, first: PartyRow) -> tuple[str, str, str] | None:
    if row.kind is not first.kind:
        return "kind", row.kind.value, f"Line {first.line} says that {row.name} is {first.kind.value}."
    if (row.user_id is None) != (row.role is None):
        return "role", row.role or "", "A User ID and its User Role go together; give both or neither."
    return None


def _user_id(value: str) -> Eui64 | None:
    return Eui64.parse(value) if value else None


_role = word({role.value: role for role in UserRole})

_READERS = {
    "name": text(most=100),
    "kind": word({kind.value: kind for kind in PartyKind}),
    "user_id": _user_id,
    "role": lambda value: _role(value) if value else None,
    "duis_version": lambda value: text(most=10)(value or _DUIS_VERSION),
}
