"""Registration data: read from a file, shown before it is taken, kept until its instant comes (`domain/registrations.py`).

Good rows are kept and bad rows explained, in one transaction: whoever stops half-way leaves everything as it was. A row
whose instant has passed is carried out at once, by the same job as the others (`services/handovers.py`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from safelaunch.domain import calendar
from safelaunch.domain import registrations as rules
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.domain.identifiers import read_mpxn
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.registrations import KEPT, REFUSED, Finding, Judged, Stated
from safelaunch.domain.smi import PartyKind
from safelaunch.services import handovers, inventory
from safelaunch.store import transactions
from safelaunch.store.reads import parties
from safelaunch.store.reads import registrations as reads
from safelaunch.store.reads.registrations import RegistrationView
from safelaunch.store.writes import record
from safelaunch.store.writes import registrations as writes
from safelaunch.store.writes.registrations import Touched
from safelaunch.wire import registrations_file, smi_file
from safelaunch.wire.registrations_file import RegistrationRow
from safelaunch.wire.smi_rows import Reject

NOBODY = "nobody"

_UNDER_WAY = (HubState.PLANNED, HubState.INSTRUCTED, HubState.DEPLOYED, HubState.UNKNOWN)


class NoSuchSupplyPoint(NotFound):
    """No meter in the inventory has the supply point."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Supply points that one Supplier loses to another on a day, in one User Role; `on` is the day in the United Kingdom."""

    on: date
    role: str
    losing: str
    gaining: str
    supply_points: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file of registrations states, or would; what it touches is as things stand now."""

    new: int
    restated: int
    unchanged: int
    rejected: int
    rejects_path: Path | None
    due_now: int
    transfers: tuple[Transfer, ...]
    touched: Touched


def import_registrations(
    *, path: Path, rejects_path: Path | None = None, is_preview: bool = False, actor: Actor, at: datetime
) -> Taken:
    """This function will take registrations from a file, or only say what that would do.

    Args:
        path: CSV or XLSX (`wire/registrations_file.py`).
        rejects_path: where rejected rows are explained, if there are any; by default beside the file.
        is_preview: whether nothing is kept.
        actor: who states them, for the record.
        at: the present moment.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing or is not such a file.
        WouldOverwrite: the rejects would take the place of something that is no file of rejects.
        NotWritten: the rejects cannot be written.
    """
    rows, rejects = registrations_file.read(path)
    rejects_path = rejects_path or path.with_name(f"{path.stem}.rejects.csv")
    with inventory.writing(rejects_path):
        inventory.check_rejects_path(rejects_path, source=path)
    with transactions.transaction():
        names = parties.list_names()
        stated = _with_parties(rows, names=names, rejects=rejects)
        writes.stage(stated=stated)
        judged = rules.judge_all(stated, writes.list_known_registrations())
        rejects += [_reject(one) for one in judged if one.finding in REFUSED]
        kept = [one for one in judged if one.finding in KEPT]
        lines = [one.stated.line for one in kept]
        findings = Counter(one.finding for one in judged)
        taken = Taken(
            new=findings[Finding.NEW],
            restated=findings[Finding.RESTATED],
            unchanged=findings[Finding.UNCHANGED],
            rejected=len(rejects),
            rejects_path=rejects_path if rejects else None,
            due_now=sum(one.stated.starts_at <= at for one in kept),
            transfers=tuple(_transfers(kept, names=names)),
            touched=writes.count_consequences(lines=lines, under_way=[state.value for state in _UNDER_WAY]),
        )
        if not is_preview:
            _keep(taken, lines=lines, path=path, actor=actor, at=at)
        if rejects:
            with inventory.writing(rejects_path):
                smi_file.write_rejects(rejects_path, sorted(rejects, key=lambda one: one.line))
    return taken


def _keep(taken: Taken, *, lines: list[int], path: Path, actor: Actor, at: datetime) -> None:
    if lines:
        writes.keep_registrations(lines=lines, at=at)
        handovers.defer_next(at=at)
    record.append(
        act="IMPORT_REGISTRATIONS",
        actor=actor.name,
        at=at,
        cause=path.name,
        detail={"new": taken.new, "restated": taken.restated, "rejected": taken.rejected},
    )


def _with_parties(
    rows: Iterable[RegistrationRow], *, names: Mapping[int, str], rejects: list[Reject]
) -> list[Stated]:
    """Find the Party of each row by its name or a User ID of the row's role; rows without one are rejected."""
    kinds = parties.list_kinds()
    numbers = {name: number for number, name in names.items() if kinds[name] is PartyKind.SUPPLIER}
    holders = {(str(user_id), role): name for (user_id, role), name in parties.list_user_holders().items()}
    stated = []
    for row in rows:
        name = holders.get((row.party.upper(), row.role.value), row.party)
        if row.party and name not in numbers:
            reason = (
                f"There is no Supplier of this name, and no User ID with the role {row.role.value}; "
                "make it known first (safelaunch smi parties)."
            )
            rejects.append(Reject(line=row.line, column="party", value=row.party, reason=reason))
            continue
        stated.append(
            Stated(row.line, row.mpxn, row.role, numbers[name] if row.party else None, row.starts_at)
        )
    return stated


def _reject(one: Judged) -> Reject:
    stated = one.stated
    if one.finding is Finding.TWICE:
        return Reject(
            line=stated.line,
            column="starts_at",
            value=stated.starts_at.isoformat(),
            reason=f"Line {one.first_line} says already who is responsible from this instant.",
        )
    if one.finding is Finding.NO_SUCH_POINT:
        reason = f"No {rules.METER_OF[stated.role].value} in the inventory has this supply point."
        return Reject(line=stated.line, column="mpxn", value=stated.mpxn, reason=reason)
    return Reject(
        line=stated.line,
        column="starts_at",
        value=stated.starts_at.isoformat(),
        reason="A registration that began then or later has taken effect; state who is responsible from now on.",
    )


def _transfers(kept: Iterable[Judged], *, names: Mapping[int, str]) -> list[Transfer]:
    def name(party_id: int | None) -> str:
        return NOBODY if party_id is None else names[party_id]

    counted = Counter(
        (
            calendar.london_date(one.stated.starts_at),
            one.stated.role.value,
            name(one.losing),
            name(one.stated.party_id),
        )
        for one in kept
    )
    return [Transfer(*moved, supply_points=count) for moved, count in sorted(counted.items())]


def show(*, mpxn: str, viewer_party_id: int | None = None) -> list[RegistrationView]:
    """This function will list who was, is and will be responsible for a supply point, oldest first.

    Args:
        mpxn: an MPAN or MPRN.
        viewer_party_id: who asks; a Party reads only its own name. None sees all.

    Raises:
        Invalid: it is neither an MPAN nor an MPRN.
        NoSuchSupplyPoint: no meter has it, and none ever had, or it never was, is or will be the viewer's.
    """
    point = read_mpxn(mpxn)
    found = reads.list_registrations_of(mpxn=point, party_id=viewer_party_id)
    if not found:
        whose = "that you may see " if viewer_party_id is not None else ""
        raise NoSuchSupplyPoint(
            f"No meter {whose}in the inventory has the supply point {point}; check its MPAN or MPRN."
        )
    return found
