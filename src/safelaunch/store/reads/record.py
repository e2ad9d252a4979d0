"""Reading the record."""

from safelaunch.domain.record import RecordEntry
from safelaunch.store import sql


def list_record(*, after: int = 0, campaign_id: int | None = None, limit: int = 1000) -> list[RecordEntry]:
    """This function will give entries after a number, oldest first."""
    return sql.fetch_all("list_record", RecordEntry, after=after, campaign_id=campaign_id, limit=limit)
