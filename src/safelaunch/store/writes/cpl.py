"""Writing the Central Products List."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from safelaunch.domain.calendar import moment
from safelaunch.domain.smi import CplStatus
from safelaunch.store import sql
from safelaunch.store.models import CplEntry
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.cpl_file import CplRow


@dataclass(frozen=True, slots=True)
class _Put:
    is_new: bool


@transaction_required
def put(*, rows: Sequence[CplRow], at: datetime) -> tuple[int, int]:
    """This function will enter Device Models on the CPL, and give how many entries are new and how many changed."""
    add_cpl_models(rows=rows)
    written = put_cpl_entries(rows=rows, at=at)
    new = sum(written)
    return new, len(written) - new


def add_cpl_models(*, rows: Sequence[CplRow]) -> int:
    """This function will add the Device Models that are not known yet, and give their number."""
    return sql.execute("add_cpl_models", **_identities(rows))


def put_cpl_entries(*, rows: Sequence[CplRow], at: datetime) -> list[bool]:
    """This function will write the entries that differ, and say of each whether it is new."""
    written = sql.fetch_all(
        "put_cpl_entries",
        _Put,
        **_identities(rows),
        smets_chts_versions=[row.smets_chts_version for row in rows],
        gbcs_versions=[row.gbcs_version for row in rows],
        image_hashes=[row.image_hash for row in rows],
        predecessors=[" ".join(row.predecessors) for row in rows],
        statuses=[row.status.value for row in rows],
        added_at=[moment(row.added_on, time()) for row in rows],
        at=at,
    )
    return [one.is_new for one in written]


def _identities(rows: Sequence[CplRow]) -> dict[str, list[str]]:
    return {
        "device_types": [row.device_type.value for row in rows],
        "manufacturers": [row.manufacturer for row in rows],
        "models": [row.model for row in rows],
        "hardware_versions": [row.hardware_version for row in rows],
        "firmware_versions": [row.firmware_version for row in rows],
    }


@transaction_required
def withdraw(*, device_model_id: int, at: datetime) -> bool:
    """This function will withdraw an entry, and say whether it was there to be withdrawn."""
    entry = CplEntry.objects.filter(device_model_id=device_model_id).exclude(status=CplStatus.WITHDRAWN)
    return bool(entry.update(status=CplStatus.WITHDRAWN, removed_at=at))
