"""Deleting what was kept long enough."""

from datetime import datetime

from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required


@transaction_required
def forget_messages_taken(*, before: datetime, limit: int) -> int:
    """This function will delete messages that Users took before a moment, at most `limit`, and give their number."""
    return sql.execute("forget_messages_taken", before=before, limit=limit)


@transaction_required
def forget_service_messages(*, before: datetime, limit: int) -> int:
    """This function will delete octets of requests that came before a moment, at most `limit`, and give their number.

    Those of requests that are not done stay.
    """
    return sql.execute("forget_service_messages", before=before, limit=limit)
