"""Importing an inventory: rows are staged by COPY, judged against each other and the store, and merged in sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
from django.db import DatabaseError

from safelaunch.domain.refusals import Conflict
from safelaunch.domain.smi import SmiStatus
from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.smi_rows import Reject, SmiRow

_NULL = "\\N"
_LOCK_WAIT_MILLISECONDS = 10_000


class InventoryBusy(Conflict):
    """Another import, or another writer, holds the inventory."""


class DatabaseFull(Conflict):
    """The database has no room on its disk."""


@contextmanager
def meeting_limits() -> Iterator[None]:
    """This function will turn a full disk and a lock held too long into refusals.

    Raises:
        DatabaseFull, InventoryBusy.
    """
    try:
        yield
    except DatabaseError as error:
        if isinstance(error.__cause__, psycopg.errors.DiskFull):
            raise DatabaseFull(
                "The disk of the database is full, so nothing was imported. Free some room and import again."
            ) from error
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise InventoryBusy(
                "Another import or update holds the inventory, so nothing was imported. Try again when it is done."
            ) from error
        raise


@transaction_required
def open_stage() -> None:
    """This function will wait for a turn to import and make the staging tables, gone when the transaction ends."""
    watch_smi_client()
    widen_smi_memory()
    limit_smi_lock_wait(milliseconds=_LOCK_WAIT_MILLISECONDS)
    lock_smi_import()
    create_smi_stage()
    create_smi_reject()
    create_smi_hub()
    create_smi_device()
    create_smi_supplier()


def watch_smi_client() -> None:
    """This function will let the server notice within a second that this process has died."""
    sql.fetch_value("watch_smi_client")


def widen_smi_memory() -> None:
    """This function will let the large joins and sorts of an import stay in memory."""
    sql.fetch_value("widen_smi_memory")


def limit_smi_lock_wait(*, milliseconds: int) -> None:
    """This function will bound waits for locks until the transaction ends."""
    sql.fetch_value("limit_smi_lock_wait", milliseconds=milliseconds)


def lock_smi_import() -> None:
    """This function will keep other imports out until the transaction ends."""
    sql.fetch_value("lock_smi_import")


def create_smi_stage() -> None:
    """This function will make the table of staged rows."""
    sql.execute("create_smi_stage")


def create_smi_reject() -> None:
    """This function will make the table of rejected rows."""
    sql.execute("create_smi_reject")


def create_smi_hub() -> None:
    """This function will make the table of the file's hubs."""
    sql.execute("create_smi_hub")


def create_smi_device() -> None:
    """This function will make the table of the file's other Devices."""
    sql.execute("create_smi_device")


def create_smi_supplier() -> None:
    """This function will make the table of the hubs whose Suppliers may change."""
    sql.execute("create_smi_supplier")


def copy_smi_stage(*, rows: Sequence[SmiRow], lots: Mapping[str, int]) -> None:
    """This function will stage rows; `lots` gives each hub's lot by its Device ID."""
    sql.copy_octets("copy_smi_stage", [_lines(rows, lots)])


def _lines(rows: Sequence[SmiRow], lots: Mapping[str, int]) -> bytes:
    # Type 2 Devices may have no status; PENDING is the one that claims nothing of them.
    return "".join(
        f"{row.line}\t{row.device_id}\t{row.device_type.value}\t{(row.status or SmiStatus.PENDING).value}"
        f"\t{_escaped(row.manufacturer)}\t{_escaped(row.model)}\t{_escaped(row.hardware_version)}"
        f"\t{row.firmware_version or _NULL}\t{row.hub_device_id or _NULL}\t{row.gpf_device_id or _NULL}"
        f"\t{row.region.value if row.region else _NULL}\t{row.mpxn or _NULL}"
        f"\t{_escaped(row.responsible_party) if row.responsible_party else _NULL}"
        f"\t{_escaped(row.network_party) if row.network_party else _NULL}"
        f"\t{row.commissioned_on or _NULL}\t{lots.get(row.device_id, _NULL)}\n"
        for row in rows
    ).encode()


def _escaped(text: str) -> str:
    # Staged texts are printable, so a backslash is all that COPY would misread.
    return text.replace("\\", "\\\\")


def copy_smi_rejects(*, rejects: Iterable[Reject]) -> None:
    """This function will keep rejected rows; what PostgreSQL cannot hold, the NUL, is shown by its code."""
    sql.copy_rows(
        "copy_smi_rejects",
        ((one.line, one.column, one.value.replace("\0", "\\x00"), one.reason) for one in rejects),
    )


def analyze_smi_stage() -> None:
    """This function will let the planner know how many rows were staged."""
    sql.execute("analyze_smi_stage")


def analyze_smi_hub() -> None:
    """This function will let the planner know how many hubs were staged."""
    sql.execute("analyze_smi_hub")


def analyze_smi_device() -> None:
    """This function will let the planner know how many Devices were staged."""
    sql.execute("analyze_smi_device")


def analyze_smi_supplier() -> None:
    """This function will let the planner know how many hubs may change their Suppliers."""
    sql.execute("analyze_smi_supplier")


def reject_repeated_ids(*, reason: str) -> int:
    """This function will reject the later row when two claim one Device ID; `%s` in the reason is the first line."""
    return sql.execute("reject_repeated_ids", reason=reason)


def reject_unknown_suppliers(*, reason: str) -> int:
    """This function will reject rows whose responsible party is no known Supplier."""
    return sql.execute("reject_unknown_suppliers", reason=reason)


def reject_unknown_networks(*, reason: str) -> int:
    """This function will reject rows whose network party is no known network operator."""
    return sql.execute("reject_unknown_networks", reason=reason)


def reject_other_types(*, reason: str) -> int:
    """This function will reject rows whose Device is known as another type, `%s` in the reason."""
    return sql.execute("reject_other_types", reason=reason)


def reject_taken_gpfs(*, reason: str) -> int:
    """This function will reject hubs whose GPF's Device ID belongs to something else."""
    return sql.execute("reject_taken_gpfs", reason=reason)


def reject_unknown_hubs(*, reason: str) -> int:
    """This function will reject Devices whose hub is known neither to the file nor to the inventory."""
    return sql.execute("reject_unknown_hubs", reason=reason)


def reject_other_gpfs(*, other_gpf: str, other_model: str) -> int:
    """This function will reject GPF rows that disagree with their hub's row."""
    return sql.execute("reject_other_gpfs", other_gpf=other_gpf, other_model=other_model)


def lock_fleet() -> None:
    """This function will keep every other writer of the fleet out until the transaction ends."""
    sql.execute("lock_fleet")


def empty_fleet() -> None:
    """This function will make the tables of an empty fleet as small as they are, for the planner's sake."""
    sql.execute("empty_fleet")


def add_device_models() -> int:
    """This function will add the Device Models that are not known yet, and give their number."""
    return sql.execute("add_device_models")


def analyze_device_models() -> None:
    """This function will let the planner know of new Device Models."""
    sql.execute("analyze_device_models")


def add_regions(*, codes: list[str], names: list[str], networks: list[str], nights: int) -> int:
    """This function will add the regions that hold hubs and are not known yet, and give their number.

    `nights` is how many nights a region takes to carry all its hubs.
    """
    return sql.execute("add_regions", codes=codes, names=names, networks=networks, nights=nights)


def resolve_smi_hubs() -> int:
    """This function will give the file's hubs the numbers of the inventory."""
    return sql.execute("resolve_smi_hubs")


def resolve_smi_devices() -> int:
    """This function will give the file's other Devices the numbers of the inventory."""
    return sql.execute("resolve_smi_devices")


def find_smi_suppliers() -> int:
    """This function will find the hubs whose Suppliers may change; it must run before Devices are updated."""
    return sql.execute("find_smi_suppliers")


def update_devices() -> int:
    """This function will bring known Devices to what the file says, and give the number that differed."""
    return sql.execute("update_devices")


def insert_devices() -> int:
    """This function will add the Devices that are not known yet, and give their number."""
    return sql.execute("insert_devices")


def settle_smi_suppliers() -> int:
    """This function will say who is responsible for each hub that may change; Devices have to be up to date."""
    return sql.execute("settle_smi_suppliers")


def update_hubs() -> int:
    """This function will bring known hubs to what the file says, and give the number that differed."""
    return sql.execute("update_hubs")


def update_hub_suppliers() -> int:
    """This function will let known hubs follow the Suppliers of their meters, and give the number that changed."""
    return sql.execute("update_hub_suppliers")


def insert_hubs() -> int:
    """This function will add the hubs that are not known yet, and give their number."""
    return sql.execute("insert_hubs")
