"""Reading the record."""

import json
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.record import RecordEntry
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class _Row:
    record_entry_id: int
    campaign_id: int | None
    act: str
    actor: str
    happened_at: datetime
    cause: str
    detail: str
    previous_digest: str
    digest: str


def list_record(*, after: int = 0, campaign_id: int | None = None, limit: int = 1000) -> list[RecordEntry]:
    """This function will give entries after a number, oldest first."""
    rows = sql.fetch_all("list_record", _Row, after=after, campaign_id=campaign_id, limit=limit)
    return [
        RecordEntry(
            record_entry_id=row.record_entry_id,
            campaign_id=row.campaign_id,
            act=row.act,
            actor=row.actor,
            happened_at=row.happened_at,
            cause=row.cause,
            # Django leaves JSON of raw statements as text.
            detail=json.loads(row.detail),
            previous_digest=row.previous_digest,
            digest=row.digest,
        )
        for row in rows
    ]
