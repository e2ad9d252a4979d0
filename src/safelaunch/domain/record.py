"""The record: every act with actor, time and cause, chained so that no entry can be changed or removed unseen.

An entry's digest is SHA-256 over the digest before it and its own canonical JSON.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from safelaunch.domain.refusals import Unreadable

GENESIS = "0" * 64
"""What the first entry follows."""


class BrokenChain(Unreadable):
    """The record does not add up: an entry was changed, removed or put in."""


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One act."""

    record_entry_id: int
    campaign_id: int | None
    act: str
    actor: str
    happened_at: datetime
    cause: str
    detail: dict[str, Any]
    previous_digest: str
    digest: str


def digest_of(
    *,
    previous: str,
    campaign_id: int | None,
    act: str,
    actor: str,
    happened_at: datetime,
    body: dict[str, Any],
) -> str:
    """This function will give the digest of an entry; `body` holds its cause and detail."""
    content = [campaign_id, act, actor, happened_at.astimezone(UTC).isoformat(), body]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}{canonical}".encode()).hexdigest()


def verify(entries: list[RecordEntry], *, previous: str = GENESIS) -> str:
    """This function will check a stretch of the record and give the digest it ends with.

    Raises:
        BrokenChain: with the number of the first entry that does not fit.
    """
    for entry in entries:
        expected = digest_of(
            previous=previous,
            campaign_id=entry.campaign_id,
            act=entry.act,
            actor=entry.actor,
            happened_at=entry.happened_at,
            body={"cause": entry.cause, "detail": entry.detail},
        )
        if entry.previous_digest != previous or entry.digest != expected:
            raise BrokenChain(
                f"Entry {entry.record_entry_id} of the record does not follow the one before it."
            )
        previous = entry.digest
    return previous
