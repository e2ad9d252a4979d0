"""Making SEC Parties known: those that an inventory file names have to be (`domain.md` 2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.smi import PartyKind
from safelaunch.store import transactions
from safelaunch.store.reads import parties as reads
from safelaunch.store.writes import parties as writes
from safelaunch.store.writes import record
from safelaunch.wire import parties_file
from safelaunch.wire.parties_file import PartyRow
from safelaunch.wire.smi_rows import Reject
from safelaunch.wire.table_file import FaultyTable


@dataclass(frozen=True, slots=True)
class PartiesImported:
    """How many Parties and User IDs of a file are new, and how many User IDs were known."""

    new_parties: int
    new_users: int
    known_users: int


def import_parties(*, path: Path, actor: Actor, at: datetime) -> PartiesImported:
    """This function will make the Parties and User IDs of a file known, all of them or none.

    A Party that is known keeps its kind, a User ID its Party; a User ID's DUIS version is brought up to date.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing or is not such a file.
        FaultyTable: some rows are bad; it holds the fault of each.
    """
    rows = parties_file.read(path)
    with transactions.transaction():
        kinds = reads.list_kinds()
        holders = reads.list_user_holders()
        owners = {user_id: name for (user_id, _), name in holders.items()}
        faults = [fault for row in rows if (fault := _clash(row, kinds=kinds, owners=owners)) is not None]
        if faults:
            raise FaultyTable(path.name, faults)
        users = [
            (row.name, row.user_id, row.role.value, row.duis_version)
            for row in rows
            if row.user_id and row.role
        ]
        known_users = sum((user_id, role) in holders for _, user_id, role, _ in users)
        imported = PartiesImported(
            new_parties=writes.add(kinds={row.name: row.kind for row in rows if row.name not in kinds}),
            new_users=len(users) - known_users,
            known_users=known_users,
        )
        writes.put_users(users=users)
        record.append(
            act="IMPORT_PARTIES",
            actor=actor.name,
            at=at,
            cause=path.name,
            detail={"new_parties": imported.new_parties, "new_users": imported.new_users},
        )
    return imported


def _clash(row: PartyRow, *, kinds: Mapping[str, PartyKind], owners: Mapping[Eui64, str]) -> Reject | None:
    """Explain a row that does not fit what is known."""
    known = kinds.get(row.name, row.kind)
    if known != row.kind:
        reason = f"{row.name} is known as {known}; a Party keeps its kind."
        return Reject(line=row.line, column="kind", value=row.kind.value, reason=reason)
    if row.user_id is not None and owners.get(row.user_id, row.name) != row.name:
        reason = f"This User ID is known to be {owners[row.user_id]}'s."
        return Reject(line=row.line, column="user_id", value=str(row.user_id), reason=reason)
    return None
