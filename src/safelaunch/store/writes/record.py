"""Adding to the record."""

import json
from datetime import datetime
from typing import Any

from safelaunch.domain import record
from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required


@transaction_required
def append(
    *,
    act: str,
    actor: str,
    at: datetime,
    cause: str,
    campaign_id: int | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """This function will add one act to the record, chained to the last."""
    lock_record()
    previous = last_record_digest() or record.GENESIS
    body = {"cause": cause, "detail": detail or {}}
    append_record_entry(
        campaign_id=campaign_id,
        act=act,
        actor=actor,
        happened_at=at,
        cause=cause,
        detail=json.dumps(body["detail"]),
        previous_digest=previous,
        digest=record.digest_of(
            previous=previous, campaign_id=campaign_id, act=act, actor=actor, happened_at=at, body=body
        ),
    )


def lock_record() -> None:
    """This function will wait for a turn to extend the chain, until the transaction ends."""
    sql.fetch_value("lock_record")


def last_record_digest() -> str | None:
    """This function will give the digest of the newest entry."""
    digest: str | None = sql.fetch_value("last_record_digest")
    return digest


def append_record_entry(**entry: Any) -> None:
    """This function will insert an entry whose digest has been computed."""
    sql.execute("append_record_entry", **entry)
