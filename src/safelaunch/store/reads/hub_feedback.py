"""What Suppliers found after hubs were upgraded; with a Party, what that Party said and nobody else."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many hubs of a campaign a finding was last told of, by how many Suppliers, and when last."""

    finding: str
    hub_count: int
    supplier_count: int
    last_given_at: datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    """A finding about one hub; `campaign` is None where the campaign was asked for."""

    device_id: Eui64
    finding: str
    words: str | None
    given_at: datetime
    supplier: str
    campaign: str | None


def count_findings(*, campaign_id: int, party_id: int | None) -> list[FindingCount]:
    """This function will count what was found in a campaign, by the last word of each Supplier on each hub."""
    return sql.fetch_all("count_findings", FindingCount, campaign_id=campaign_id, party_id=party_id)


def list_faults_found(*, campaign_id: int, party_id: int | None, limit: int) -> list[Feedback]:
    """This function will list the hubs of which a Supplier last said that something is wrong, the latest first."""
    return sql.fetch_all(
        "list_faults_found", Feedback, campaign_id=campaign_id, party_id=party_id, limit=limit
    )


def list_feedback_on_hub(*, device_id: Eui64, party_id: int | None, limit: int) -> list[Feedback]:
    """This function will list what Suppliers found of a hub, the latest first."""
    return sql.fetch_all(
        "list_feedback_on_hub", Feedback, device_id=device_id, party_id=party_id, limit=limit
    )
