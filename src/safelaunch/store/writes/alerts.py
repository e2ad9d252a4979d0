"""Taking DCC Alerts that are owed to Users with an address."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True)
class OwedAlert:
    """An alert that was raised and is to be sent.

    `duis_version` is empty for a User ID that nobody has any more. Alerts about firmware on its way have a hub, a time, an
    outcome if it was a failure, and a request: who asked, whom, under which counter.
    """

    code: str
    device_id: Eui64
    user_id: Eui64
    firmware_version: str | None
    smi_firmware_version: str | None
    raised_at: datetime
    duis_version: str
    hub_device_id: Eui64 | None = None
    happened_at: datetime | None = None
    outcome: str | None = None
    originator: Eui64 | None = None
    target: Eui64 | None = None
    counter: Decimal | None = None


@transaction_required
def take_owed_alerts(*, limit: int) -> list[OwedAlert]:
    """This function will take the oldest alerts that are owed, at most `limit`, in the order in which they were raised."""
    return sql.fetch_all("take_owed_alerts", OwedAlert, limit=limit)


@transaction_required
def take_owed_chunk(*, limit: int, most_waiting: int) -> list[OwedAlert]:
    """This function will take at most `limit` alerts of the oldest chunk that is owed, in its order.

    Args:
        limit: how many.
        most_waiting: messages that may wait for a User before its chunks wait too.
    """
    return sql.fetch_all("take_owed_chunk", OwedAlert, limit=limit, most_waiting=most_waiting)
