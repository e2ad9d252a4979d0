"""The roll-ups of hub upgrades: kept exact by every move, in the transaction of the move."""

from collections.abc import Sequence
from dataclasses import dataclass

from safelaunch.store import sql
from safelaunch.store.arrays import Integers, Texts
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True)
class CountShift:
    """How many hubs of a tranche and pair of Suppliers entered (or left, below 0) a state."""

    tranche_id: int
    region_id: int
    import_party_id: int
    gas_party_id: int
    state: str
    change: int


@transaction_required
def shift(*, campaign_id: int, shifts: Sequence[CountShift]) -> None:
    """This function will add changes to both roll-ups of a campaign."""
    if shifts:
        shift_tranche_counts(shifts=shifts)
        shift_supplier_counts(campaign_id=campaign_id, shifts=shifts)


def shift_tranche_counts(*, shifts: Sequence[CountShift]) -> None:
    """This function will add changes to the counts per tranche."""
    sql.execute(
        "shift_tranche_counts",
        tranche_ids=Integers(shift.tranche_id for shift in shifts),
        states=Texts(shift.state for shift in shifts),
        changes=Integers(shift.change for shift in shifts),
    )


def shift_supplier_counts(*, campaign_id: int, shifts: Sequence[CountShift]) -> None:
    """This function will add changes to the counts per pair of Suppliers."""
    sql.execute(
        "shift_supplier_counts",
        campaign_id=campaign_id,
        import_party_ids=Integers(shift.import_party_id for shift in shifts),
        gas_party_ids=Integers(shift.gas_party_id for shift in shifts),
        region_ids=Integers(shift.region_id for shift in shifts),
        states=Texts(shift.state for shift in shifts),
        changes=Integers(shift.change for shift in shifts),
    )
