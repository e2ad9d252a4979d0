"""Moving the stepped clock of a demonstration."""

from datetime import datetime

from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required


@transaction_required
def set_stepped_clock(*, shows: datetime) -> None:
    """This function will move the stepped clock forward to a time; it never goes back."""
    sql.execute("set_stepped_clock", shows=shows)
