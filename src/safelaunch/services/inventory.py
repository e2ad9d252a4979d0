"""Importing and exporting the inventory: every good row in, every bad row explained, nothing half-written.

A row is judged for form as it is read (`wire/smi_rows.py`), then against the file and the inventory:
one Device ID names one Device, of one type; hubs, Suppliers and network operators that rows name are known.
A row that was rejected vouches for nothing: Devices behind a rejected hub are rejected too, unless the
inventory knows the hub. Of two rows that claim one Device ID the later is rejected.
Known Devices whose facts differ are changed; Devices that the file leaves out stay as they are.
A hub's Responsible Suppliers are those of its ESME and GSME, whoever its own row names (`domain.md` 2.3).
A known meter whose Supplier differs changes hands from now on, as by registration data (`domain/registrations.py`).
A GPF is part of its hub: a row of its own has to agree with its hub's row, and adds nothing (`domain.md` 3.5).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Conflict, Invalid
from safelaunch.domain.smi import NETWORK_OF, DeviceType, Region
from safelaunch.planning import draws
from safelaunch.services import handovers
from safelaunch.services.estates import NIGHTS_OF_MASS_ROLL_OUT
from safelaunch.store import transactions
from safelaunch.store.reads import inventory as reads
from safelaunch.store.reads.inventory import DeviceTotal, HubTotal, Load
from safelaunch.store.writes import estates, record, registrations
from safelaunch.store.writes import inventory as writes
from safelaunch.wire import smi_file
from safelaunch.wire.smi_rows import REGION_WORDS, SmiRow

_REJECTS_HEADER = b"line,column,value,reason"
_LOADS_SHOWN = 5


class WouldOverwrite(Invalid):
    """The file of rejects would take the place of something else."""


class NotWritten(Conflict):
    """A file could not be written."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; `new`, `changed` and `unchanged` count Devices, `hubs_following` hubs with other Suppliers."""

    hubs: int
    devices: int
    gpf_rows: int
    new: int
    changed: int
    unchanged: int
    hubs_following: int
    rejected: int
    rejects_path: Path | None
    new_models: int
    new_regions: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come; `imported` is there once everything is kept."""

    octets_read: int
    octets_total: int
    good: int
    rejected: int
    imported: Imported | None = None


def import_smi(
    *, path: Path, rejects_path: Path | None = None, actor: Actor, at: datetime
) -> Iterator[Progress]:
    """This function will import an inventory file, yielding how far it has come; the last value says what it did.

    Everything happens in one transaction: whoever stops half-way leaves the inventory as it was.

    Args:
        path: CSV, gzip of CSV, or Parquet, told apart by its first octets.
        rejects_path: where rejected rows are explained, if there are any; by default beside the file.
        actor: who imports, for the record.
        at: the present moment.

    Raises:
        NotFound, Invalid, Unreadable: the file is missing, not a file, not what it should be, or damaged.
        WouldOverwrite: the rejects would take the place of something that is no file of rejects.
        NotWritten, DatabaseFull, InventoryBusy: there is no room, or somebody else is writing.
    """
    _check_is_no_folder(path)
    rejects_path = rejects_path or path.with_name(f"{_stem(path)}.rejects.csv")
    with writing(rejects_path):
        check_rejects_path(rejects_path, source=path)
    progress = Progress(octets_read=0, octets_total=0, good=0, rejected=0)
    with writes.meeting_limits(), transactions.transaction():
        writes.open_stage()
        for batch in smi_file.read(path):
            writes.copy_smi_stage(rows=batch.rows, lots=_lots_of(batch.rows))
            writes.copy_smi_rejects(rejects=batch.rejects)
            progress = Progress(
                octets_read=batch.octets_read,
                octets_total=batch.octets_total,
                good=progress.good + len(batch.rows),
                rejected=progress.rejected + len(batch.rejects),
            )
            yield progress
        is_first = _lock_fleet()
        rejected = progress.rejected + _reject()
        imported = _merge(
            is_first=is_first, rejected=rejected, rejects_path=rejects_path if rejected else None, at=at
        )
        _note(imported, path=path, actor=actor, at=at)
        if rejected:
            with writing(rejects_path):
                smi_file.write_rejects(rejects_path, reads.copy_out_smi_rejects())
    good = progress.good + progress.rejected - rejected
    yield replace(progress, good=good, rejected=rejected, imported=imported)


def _check_is_no_folder(path: Path) -> None:
    # A folder above may forbid the question; opening the file will say so.
    with suppress(PermissionError):
        if path.is_dir():
            raise Invalid(f"{path.name} is a folder; name a file in it.")


def _stem(path: Path) -> str:
    name = path.name
    for suffix in (".gz", ".csv", ".parquet"):
        name = name.removesuffix(suffix)
    return name


def check_rejects_path(rejects_path: Path, *, source: Path) -> None:
    """This function will see to it that rejects take the place of nothing but rejects.

    Raises:
        WouldOverwrite: there is something else.
    """
    if not rejects_path.exists():
        return
    if source.exists() and rejects_path.samefile(source):
        raise WouldOverwrite(
            f"The rejects of {source.name} cannot be written over {source.name}; name another file for them."
        )
    if rejects_path.is_dir() or _head_of(rejects_path) != _REJECTS_HEADER:
        raise WouldOverwrite(
            f"{rejects_path.name} is there already and is no file of rejects; move it away, or name another file."
        )


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_REJECTS_HEADER))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """This function will turn what keeps a file from being written into one sentence.

    Raises:
        NotWritten: no room, no permission or no such folder.
    """
    try:
        yield
    except OSError as error:
        raise NotWritten(
            f"{path.name} could not be written: {error.strerror or error}. Nothing was changed; "
            "make room there or name another place."
        ) from error


def _lots_of(rows: Sequence[SmiRow]) -> dict[str, int]:
    """Draw the lots of a batch's hubs, by Device ID (`gates.md` 5.2)."""
    hubs = [row.device_id for row in rows if row.device_type is DeviceType.CHF]
    octets = bytes.fromhex("".join(hubs).replace("-", ""))
    lots = draws.lots_of(np.frombuffer(octets, ">u8").astype(np.uint64))
    return dict(zip(hubs, lots.tolist(), strict=True))


def _reject() -> int:
    """Reject what does not fit the rest of the file or the inventory, hubs before what is behind them."""
    writes.analyze_smi_stage()
    return sum(
        (
            writes.reject_repeated_ids(reason="Line %s claims this Device ID already."),
            writes.reject_unknown_suppliers(
                reason="There is no Supplier of this name; make it known first (safelaunch smi parties)."
            ),
            writes.reject_unknown_networks(
                reason="There is no network operator of this name; make it known first (safelaunch smi parties)."
            ),
            writes.reject_other_types(
                reason="The inventory knows this Device as a %s; a Device cannot change its type."
            ),
            writes.reject_taken_gpfs(
                reason="The inventory knows this Device ID as another Device or as the GPF of another hub."
            ),
            writes.reject_unknown_hubs(
                reason="This hub is neither among the good rows of the file nor in the inventory."
            ),
            writes.reject_other_gpfs(
                other_gpf="This is not the GPF that its hub's row names.",
                other_model="A GPF has its hub's manufacturer, model, hardware and firmware version; this row differs.",
            ),
        )
    )


def _lock_fleet() -> bool:
    """Keep other writers of the fleet out, and say whether this is its first load."""
    writes.lock_fleet()
    is_first = reads.is_fleet_empty()
    if is_first:
        writes.empty_fleet()
    return is_first


def _merge(*, is_first: bool, rejected: int, rejects_path: Path | None, at: datetime) -> Imported:
    """Bring the inventory to what the staged rows say, and its roll-up with it."""
    staged = reads.count_smi_staged()
    new_models = writes.add_device_models()
    if new_models:
        writes.analyze_device_models()
    new_regions = writes.add_regions(
        codes=[region.value for region in Region],
        names=[REGION_WORDS[region] for region in Region],
        networks=[NETWORK_OF[region].value for region in Region],
        nights=NIGHTS_OF_MASS_ROLL_OUT,
    )
    writes.resolve_smi_hubs()
    writes.resolve_smi_devices()
    if is_first:
        estates.drop_keys()
    new, changed, hubs_following = _upsert(at=at)
    if is_first:
        estates.build_keys()
        estates.analyze()
    if new or changed or hubs_following:
        # Other writers of hubs are locked out, so counting anew is exact; it takes two seconds for the whole of GB.
        estates.count_portfolio()
    return Imported(
        hubs=staged.hubs,
        devices=staged.devices,
        gpf_rows=staged.gpfs,
        new=new,
        changed=changed,
        unchanged=staged.hubs + staged.devices - new - changed,
        hubs_following=hubs_following,
        rejected=rejected,
        rejects_path=rejects_path,
        new_models=new_models,
        new_regions=new_regions,
    )


def _upsert(*, at: datetime) -> tuple[int, int, int]:
    """Give how many Devices are new, how many changed, and how many hubs have other Suppliers."""
    writes.analyze_smi_hub()
    writes.analyze_smi_device()
    writes.find_smi_suppliers()
    writes.analyze_smi_supplier()
    if registrations.note_smi_registrations(at=at):
        # What follows from a change of Supplier follows here as well: upgrades, what lapses, notices.
        handovers.defer_next(at=at)
    changed = writes.update_devices()
    new = writes.insert_devices()
    writes.settle_smi_suppliers()
    # Without this the planner takes the settled rows, new since the last look, for none at all.
    writes.analyze_smi_supplier()
    changed += writes.update_hubs()
    hubs_following = writes.update_hub_suppliers()
    new += writes.insert_hubs()
    return new, changed, hubs_following


def _note(imported: Imported, *, path: Path, actor: Actor, at: datetime) -> None:
    estates.note_load(
        source=f"imported {path.name}",
        seed=None,
        hub_count=imported.hubs,
        device_count=imported.devices,
        reject_count=imported.rejected,
        at=at,
    )
    record.append(
        act="IMPORT_SMI",
        actor=actor.name,
        at=at,
        cause=path.name,
        detail={
            "new": imported.new,
            "changed": imported.changed,
            "unchanged": imported.unchanged,
            "rejected": imported.rejected,
        },
    )


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """How many Devices of an inventory have been written."""

    written: int
    total: int


def export_smi(*, path: Path) -> Iterator[ExportProgress]:
    """This function will write the whole inventory to a file, yielding how far it has come.

    Rows come in order of hubs, each hub before what is behind it; the order and the words are those that
    `import_smi` reads. The file appears under its name once it is whole.

    Raises:
        Invalid: the name ends neither in .csv, .csv.gz nor .parquet.
        NotWritten: there is no room, no permission or no such folder.
    """
    _check_is_no_folder(path)
    with writing(path), transactions.transaction():
        total = reads.count_devices_kept()
        written = 0
        for written in smi_file.write(path, reads.copy_out_inventory()):
            yield ExportProgress(written=written, total=total)
    yield ExportProgress(written=written, total=total)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the inventory holds, and where it came from."""

    hubs: tuple[HubTotal, ...]
    devices: tuple[DeviceTotal, ...]
    loads: tuple[Load, ...]


def describe(*, viewer_party_id: int | None = None, is_counted: bool = True) -> Holdings:
    """This function will count the inventory, or a Party's homes, by region, type and status, and list its latest loads.

    Args:
        viewer_party_id: whose homes; None is all of them. Loads are the DCC's to know.
        is_counted: whether Devices are counted too, which passes over each; hubs are counted in a roll-up.
    """
    return Holdings(
        hubs=tuple(reads.list_hub_totals(party_id=viewer_party_id)),
        devices=tuple(reads.list_device_totals(party_id=viewer_party_id)) if is_counted else (),
        loads=() if viewer_party_id is not None else tuple(reads.list_smi_loads(limit=_LOADS_SHOWN)),
    )
