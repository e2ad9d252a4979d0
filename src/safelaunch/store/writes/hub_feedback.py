"""Keeping what Suppliers found after hubs were upgraded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.hub_feedback import Finding
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """Who says it of which campaign, by which request, and when."""

    campaign_id: int
    party_id: int
    service_request_id: int | None
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """One finding about one hub."""

    device_id: Eui64
    finding: Finding
    words: str | None = None


@transaction_required
def copy_hub_feedback(*, giver: Giver, found: Iterable[Found]) -> None:
    """This function will keep findings, hub by hub."""
    sql.copy_rows(
        "copy_hub_feedback",
        (
            (
                *(giver.campaign_id, giver.party_id, giver.service_request_id),
                *(one.device_id, one.finding.value, one.words, giver.given_at),
            )
            for one in found
        ),
    )
