"""The pilot of a campaign: the Default Pilot List, and what Suppliers preferred."""

from safelaunch.domain.lots import LOTS
from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required

OVERSAMPLE = 20
"""Candidates looked at for each hub wanted, so that rare HAN topologies are seen."""


@transaction_required
def compile_pilot_list(*, campaign_id: int, share: float, cap: int, lot_offset: int) -> int:
    """This function will choose the Default Pilot List in random order and give its size (Q8, R-0024-24)."""
    return sql.execute(
        "compile_pilot_list",
        campaign_id=campaign_id,
        share=share,
        cap=cap,
        lot_offset=lot_offset,
        lots=LOTS,
        oversample=OVERSAMPLE,
    )


@transaction_required
def drop_answered_pilot_hubs(*, campaign_id: int) -> int:
    """This function will take hubs out of the pilot whose Suppliers listed others, and give their number (R-0024-5)."""
    return sql.execute("drop_answered_pilot_hubs", campaign_id=campaign_id)


@transaction_required
def add_preferred_pilot_hubs(*, campaign_id: int, lot_offset: int) -> int:
    """This function will put the hubs that Suppliers listed into the pilot, and give the number of those that join."""
    return sql.execute("add_preferred_pilot_hubs", campaign_id=campaign_id, lot_offset=lot_offset, lots=LOTS)
