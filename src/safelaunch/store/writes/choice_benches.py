"""The ground on which conflicts are looked up; only ever in a scratch database."""

from datetime import datetime

from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required


@transaction_required
def make_homes_busy(*, hub_count: int, planned_from: datetime) -> int:
    """This function will have something planned for as many homes, and give their number."""
    return sql.execute("make_homes_busy", hub_count=hub_count, planned_from=planned_from)
