"""The Central Products List: entering and removing Device Models (`domain.md` 3.4).

A file of entries is taken whole or not at all. An entry that is removed stays, WITHDRAWN, with its moment.
Suspending the Devices of a removed Device Model (MP105) is no part of this release; a removal says so.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Conflict, Invalid, NotFound
from safelaunch.domain.smi import DeviceType
from safelaunch.store import transactions
from safelaunch.store.reads import cpl as reads
from safelaunch.store.reads.cpl import CplFacts
from safelaunch.store.writes import cpl as writes
from safelaunch.store.writes import record
from safelaunch.wire import cpl_file


class NoSuchEntry(NotFound):
    """The CPL has no such entry."""


class SeveralEntries(Invalid):
    """More than one entry is meant."""


class AlreadyRemoved(Conflict):
    """The entry has been removed before."""


@dataclass(frozen=True, slots=True)
class CplImported:
    """How many entries of a file are new, changed and unchanged."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class CplRemoved:
    """The entry as it was, and how many Devices of the inventory are of its Device Model."""

    entry: CplFacts
    removed_at: datetime
    device_count: int


def list_entries(*, device_type: DeviceType | None = None) -> list[CplFacts]:
    """This function will list the CPL, or its entries of one type of Device."""
    return reads.list_cpl_entries(device_type=device_type)


def import_entries(*, path: Path, actor: Actor, at: datetime) -> CplImported:
    """This function will enter the Device Models of a file on the CPL, all of them or none.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing or is not such a file.
        FaultyTable: some rows are bad; it holds the fault of each.
    """
    rows = cpl_file.read(path)
    with transactions.transaction():
        new, changed = writes.put(rows=rows, at=at)
        imported = CplImported(new=new, changed=changed, unchanged=len(rows) - new - changed)
        record.append(
            act="IMPORT_CPL",
            actor=actor.name,
            at=at,
            cause=path.name,
            detail={"new": imported.new, "changed": imported.changed, "unchanged": imported.unchanged},
        )
    return imported


@dataclass(frozen=True, slots=True)
class ModelName:
    """What names a Device Model; without `hardware_version` there has to be only one."""

    device_type: DeviceType
    manufacturer: str
    model: str
    firmware_version: str
    hardware_version: str | None = None


def remove(*, name: ModelName, actor: Actor, at: datetime) -> CplRemoved:
    """This function will withdraw the entry of a Device Model.

    Raises:
        NoSuchEntry, SeveralEntries: the name fits none, or more than one.
        AlreadyRemoved: the entry is withdrawn.
    """
    entry = _find(name)
    with transactions.transaction():
        if not writes.withdraw(device_model_id=entry.device_model_id, at=at):
            raise AlreadyRemoved(
                f"{_words(entry)} was removed from the CPL before; to enter it anew, import it as Active."
            )
        devices = reads.count_devices_of_model(device_model_id=entry.device_model_id)
        record.append(
            act="REMOVE_CPL",
            actor=actor.name,
            at=at,
            cause="Removed from the CPL",
            detail={"device_model": _words(entry), "was": entry.status, "devices": devices},
        )
    return CplRemoved(entry=entry, removed_at=at, device_count=devices)


def _find(name: ModelName) -> CplFacts:
    of_type = reads.list_cpl_entries(device_type=name.device_type)
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


def _words(entry: CplFacts) -> str:
    hardware = f" hardware {entry.hardware_version}" if entry.hardware_version else ""
    return f"{entry.device_type} {entry.manufacturer}/{entry.model}{hardware} {entry.firmware_version}"
