"""The Central Products List: its entries, and what a change of them would do (`domain/cpl.py`).

A file of entries is taken whole or not at all. An entry that is removed stays, WITHDRAWN, with its moment. Changes are
made in `services/cpl_changes.py`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from safelaunch.domain import cpl
from safelaunch.domain.calendar import london_date
from safelaunch.domain.cpl import Consequences, DeviceEffect, EntryChange, Touched
from safelaunch.domain.refusals import Conflict, Invalid, NotFound
from safelaunch.domain.smi import CplStatus, DeviceType
from safelaunch.store.reads import cpl as reads
from safelaunch.store.reads import parties
from safelaunch.store.reads import suspensions as suspension_reads
from safelaunch.store.reads.cpl import EVERYTHING, CplFacts, CplHappening, CplMatch, Wanted
from safelaunch.store.reads.suspensions import TouchedGroup
from safelaunch.store.writes.cpl import EntryHappening
from safelaunch.wire import cpl_file
from safelaunch.wire.cpl_file import CplRow
from safelaunch.wire.table_file import Upload

HISTORY_LIMIT = 200
"""Happenings shown of an entry."""

_NAME_LIMIT = 100


class NoSuchEntry(NotFound):
    """The CPL has no such entry."""


class SeveralEntries(Invalid):
    """More than one entry is meant."""


class AlreadyRemoved(Conflict):
    """The entry has been removed before."""


@dataclass(frozen=True, slots=True)
class Change:
    """Entries as they are to be; `source` names the file, or the entry that goes."""

    source: str
    rows: tuple[CplRow, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do; `unchanged` entries say already what it says."""

    source: str
    consequences: Consequences
    unchanged: int


@dataclass(frozen=True, slots=True)
class ModelName:
    """What names a Device Model; without `hardware_version` there has to be only one."""

    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str
    hardware_version: str | None = None


def list_entries(
    *, wanted: Wanted = EVERYTHING, after: int | None = None, limit: int | None = None
) -> list[CplFacts]:
    """This function will list the CPL by name and version, or what is wanted of it, from after a Device Model on.

    Raises:
        Invalid: the text looked for holds a control character.
    """
    if wanted.search is not None and not wanted.search.isprintable():
        raise Invalid("The text to look for holds a control character; no entry has one.")
    return reads.list_cpl_entries(wanted=wanted, after=after, limit=limit)


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry and everything that happened to it, newest first."""

    entry: CplFacts
    history: tuple[CplHappening, ...]


def show_entry(*, device_model_id: int, viewer_party_id: int | None) -> EntryView:
    """This function will give an entry with its history; who at the DCC changed it is the DCC's to know.

    Raises:
        NoSuchEntry: the CPL has none of this number.
    """
    entry = _entry(device_model_id)
    history = reads.list_cpl_history(device_model_id=device_model_id, limit=HISTORY_LIMIT)
    if viewer_party_id is not None:
        history = [replace(one, actor="the DCC", cpl_proposal_id=None) for one in history]
    return EntryView(entry=entry, history=tuple(history))


@dataclass(frozen=True, slots=True)
class SupplierDevices:
    """Devices of one Supplier on a Device Model; a Device of two Suppliers counts for both."""

    supplier: str
    in_service: int
    suspended: int


@dataclass(frozen=True, slots=True)
class Running:
    """Devices on a Device Model that the viewer may count: in service or on the way to it, and Suspended."""

    in_service: int
    suspended: int
    suppliers: tuple[SupplierDevices, ...]


def count_devices(*, entry: CplFacts, viewer_party_id: int | None) -> Running:
    """This function will count the Devices that run an entry's firmware, by Supplier; a Supplier counts its own.

    Of hubs it reads a roll-up; of other types it passes over every Device of the inventory, so a door asks when told to.
    """
    number = entry.device_model_id
    groups = [
        group
        for group in suspension_reads.count_touched(
            device_type=DeviceType(entry.device_type),
            effects=[(number, DeviceEffect.SUSPEND), (number, DeviceEffect.RESTORE)],
        )
        if viewer_party_id is None or viewer_party_id in (group.party_id, group.other_party_id)
    ]
    total: Counter[str] = Counter()
    counts: Counter[tuple[int, str]] = Counter()
    for group in groups:
        total[group.effect] += group.device_count
        for party_id in {group.party_id, group.other_party_id} - {None}:
            if viewer_party_id in (None, party_id):
                counts[party_id or 0, group.effect] += group.device_count
    names = parties.list_names()
    rows = [
        SupplierDevices(
            supplier=names[party_id],
            in_service=counts[party_id, DeviceEffect.SUSPEND],
            suspended=counts[party_id, DeviceEffect.RESTORE],
        )
        for party_id in {party_id for party_id, _ in counts}
    ]
    return Running(
        in_service=total[DeviceEffect.SUSPEND],
        suspended=total[DeviceEffect.RESTORE],
        suppliers=tuple(sorted(rows, key=lambda row: (-row.in_service - row.suspended, row.supplier))),
    )


def write_entries(entries: Iterable[CplFacts], /) -> str:
    """This function will write entries as CSV, as a change of the CPL is read from it."""
    return cpl_file.write(_row_of(entry) for entry in entries)


def write_change(change: Change, /) -> str:
    """This function will write the entries of a change as CSV, as they were read."""
    return cpl_file.write(change.rows)


def read_file(path: Path, /) -> Change:
    """This function will read a file of entries as a change.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing or is not such a file.
        FaultyTable: some rows are bad; it holds the fault of each.
    """
    return Change(source=path.name, rows=tuple(cpl_file.read(path)))


def read_upload(*, name: str, octets: bytes) -> Change:
    """This function will read a file that came through a door as a change.

    Raises:
        Invalid, Unreadable: it is not such a file.
        FaultyTable: some rows are bad; it holds the fault of each.
    """
    said = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    source = said.strip()[:_NAME_LIMIT] or "the file"
    return Change(source=source, rows=tuple(cpl_file.read(Upload(source, octets))))


def change_of(*, device_model_id: int, said: Mapping[str, str]) -> Change:
    """This function will make the change of one entry to what is said of it, column by column as in a file.

    Raises:
        NoSuchEntry: the CPL has none of this number.
        FaultyEntry: a word is not what its column holds.
        AlreadyRemoved: it is to be withdrawn, and is.
    """
    entry = _entry(device_model_id)
    words = _words(entry)
    row = cpl_file.read_one({**_row_of(entry).as_texts(), **said}, name=words)
    if entry.status == row.status == CplStatus.WITHDRAWN and said.keys() == {"status"}:
        raise _removed_before(entry)
    act = cpl.act_of(CplStatus(entry.status), row.status)
    return Change(source=f"{act.value.lower()} {words}", rows=(row,))


def change_kept(rows: Sequence[Mapping[str, Any]], /, *, source: str) -> Change:
    """This function will read the change that a proposal keeps."""
    return Change(
        source=source,
        rows=tuple(CplRow.from_json(kept, line=line) for line, kept in enumerate(rows, start=1)),
    )


def removal_of(name: ModelName, /) -> Change:
    """This function will make the change that withdraws the entry of a Device Model.

    Raises:
        NoSuchEntry, SeveralEntries: the name fits none, or more than one.
        AlreadyRemoved: the entry is withdrawn.
    """
    entry = _find(name)
    if entry.status == CplStatus.WITHDRAWN:
        raise _removed_before(entry)
    row = replace(_row_of(entry), status=CplStatus.WITHDRAWN)
    return Change(source=f"remove {_words(entry)}", rows=(row,))


def _removed_before(entry: CplFacts) -> AlreadyRemoved:
    return AlreadyRemoved(
        f"{_words(entry)} was removed from the CPL before; to enter it anew, make it Active again."
    )


def _row_of(entry: CplFacts) -> CplRow:
    return CplRow(
        line=1,
        device_type=DeviceType(entry.device_type),
        manufacturer=entry.manufacturer,
        model=entry.model,
        hardware_version=entry.hardware_version,
        firmware_version=entry.firmware_version,
        smets_chts_version=entry.smets_chts_version,
        gbcs_version=entry.gbcs_version,
        image_hash=entry.image_hash,
        predecessors=tuple(entry.predecessors),
        status=CplStatus(entry.status),
        added_on=london_date(entry.added_at),
    )


def preview(change: Change, /) -> Preview:
    """This function will say what a change would do, and do nothing."""
    compared = compare(change.rows)
    return Preview(
        source=change.source,
        consequences=weigh(compared),
        unchanged=len(change.rows) - len(compared.changes),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """What a change does to the CPL itself.

    Attributes:
        changes: the entries that differ, in words.
        happenings: the same as they are to be kept; number 0 stands for a Device Model not known yet.
        effects: what the change does to the Devices of a Device Model that is known, by type and number.
        words: those Device Models by number.
    """

    changes: tuple[EntryChange, ...]
    happenings: tuple[EntryHappening, ...]
    effects: dict[DeviceType, dict[int, DeviceEffect]]
    words: dict[int, str]


def compare(rows: Sequence[CplRow], /) -> Compared:
    """This function will find out which entries differ from the CPL, and what that means for their Device Models."""
    matches = reads.match_cpl_models(identities=[row.identity for row in rows])
    changes, happenings = [], []
    effects: dict[DeviceType, dict[int, DeviceEffect]] = {}
    words: dict[int, str] = {}
    for row, match in zip(rows, matches, strict=True):
        if _says_the_same(row, match):
            continue
        before = CplStatus(match.status) if match.status else None
        act = cpl.act_of(before, row.status)
        changes.append(EntryChange(_words(row), act, before.value if before else "", row.status.value))
        happenings.append(EntryHappening(match.device_model_id or 0, act, match.status, row))
        effect = cpl.effect_of(before, row.status)
        if effect is not None and match.device_model_id is not None:
            effects.setdefault(row.device_type, {})[match.device_model_id] = effect
            words[match.device_model_id] = _words(row)
    return Compared(
        changes=tuple(sorted(changes)), happenings=tuple(happenings), effects=effects, words=words
    )


def weigh(compared: Compared, /) -> Consequences:
    """This function will count what a change would do to Devices; nothing is held meanwhile."""
    groups = [
        group
        for device_type, effects in compared.effects.items()
        for group in suspension_reads.count_touched(device_type=device_type, effects=effects.items())
    ]
    return consequences_of(compared, groups=groups)


def consequences_of(compared: Compared, /, *, groups: Iterable[TouchedGroup]) -> Consequences:
    """This function will put a change and the Devices that were counted for it into words and names."""
    names = parties.list_names()
    touched = cpl.merge(
        Touched(
            entry=compared.words[group.device_model_id],
            effect=DeviceEffect(group.effect),
            suppliers=tuple(
                sorted({names[number] for number in (group.party_id, group.other_party_id) if number})
            ),
            device_count=group.device_count,
        )
        for group in groups
    )
    return Consequences(changes=compared.changes, touched=touched)


def _says_the_same(row: CplRow, match: CplMatch) -> bool:
    return match.added_at is not None and (
        row.smets_chts_version,
        row.gbcs_version,
        row.image_hash,
        list(row.predecessors),
        row.status.value,
        row.added_on,
    ) == (
        match.smets_chts_version,
        match.gbcs_version,
        match.image_hash,
        match.predecessors,
        match.status,
        london_date(match.added_at),
    )


def _entry(device_model_id: int) -> CplFacts:
    found = reads.list_cpl_entries(wanted=Wanted(device_model_id=device_model_id), limit=1)
    if not found:
        raise NoSuchEntry(f"The CPL has no entry {device_model_id}; its list names those there are.")
    return found[0]


def _find(name: ModelName) -> CplFacts:
    of_type = reads.list_cpl_entries(wanted=Wanted(device_type=name.device_type))
    of_model = [one for one in of_type if (one.manufacturer, one.model) == (name.manufacturer, name.model)]
    found = [
        one
        for one in of_model
        if one.firmware_version == name.firmware_version
        and name.hardware_version in {None, one.hardware_version}
    ]
    if not found:
        known = ", ".join(sorted({one.firmware_version for one in of_model}))
        raise NoSuchEntry(
            f"The CPL has no {name.device_type.value} {name.manufacturer}/{name.model} {name.firmware_version}. "
            + (f"Of this model it lists {known}." if known else "It does not list this model at all.")
        )
    if len(found) > 1:
        versions = ", ".join(repr(one.hardware_version) for one in found)
        raise SeveralEntries(
            f"The CPL has this Device Model with the hardware versions {versions}; say which is meant (--hardware)."
        )
    return found[0]


def _words(entry: CplFacts | CplRow) -> str:
    hardware = f" hardware {entry.hardware_version}" if entry.hardware_version else ""
    return f"{entry.device_type} {entry.manufacturer}/{entry.model}{hardware} {entry.firmware_version}"
