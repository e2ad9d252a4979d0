"""The Default Pilot List."""

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
