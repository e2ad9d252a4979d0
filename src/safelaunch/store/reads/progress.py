"""How campaigns are getting on, as a viewer may see it; every number comes from a roll-up, never from the fleet.

`party_id` None sees all; with a Party only that Party's campaigns, hubs and reasons are read at all.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.campaigns import CampaignRules, Phase, state_of
from safelaunch.store import sql
from safelaunch.store.reads.campaigns import read_rules


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign with the viewer's counts of hubs; what the viewer may not know is None."""

    campaign_id: int
    reference: str
    title: str
    firmware_version: str
    release_note: str
    severity: str
    priority: str
    phase: str
    phase_since: datetime
    epoch: int
    rules: str
    created_at: datetime
    published_at: datetime | None
    list_closes_at: datetime | None
    pilot_starts_on: date
    pilot_starts_at: datetime | None
    deploy_by: date
    activate_by: date
    held_at: datetime | None
    held_because: str | None
    held_by: str | None
    resume_proposed_by_id: int | None
    resume_proposed_by: str | None
    resume_reason: str | None
    eligible_count: int
    pilot_size: int | None
    planned: int
    in_flight: int
    activated: int
    failed: int
    unknown: int
    unreachable: int
    recalled: int
    withdrawn: int
    gate_proposed_by_id: int | None
    gate_proposed_by: str | None

    @property
    def is_held(self) -> bool:
        """This function will say whether the campaign is held."""
        return self.state == "HELD"

    @property
    def state(self) -> str:
        """This function will give the state people see: the phase, or HELD."""
        return state_of(phase=Phase(self.phase), is_held=self.held_at is not None)

    @property
    def sent(self) -> int:
        """This function will count the hubs that were handed to a network at least once, retries aside."""
        return self.in_flight + self.activated + self.failed + self.unknown + self.unreachable + self.recalled

    @property
    def campaign_rules(self) -> CampaignRules:
        """This function will read the stored rules, which raw SQL hands over as JSON text."""
        return read_rules(json.loads(self.rules))


@dataclass(frozen=True, slots=True)
class RegionProgress:
    """A region's hubs in a campaign."""

    region: str
    network: str
    eligible_count: int
    planned: int
    in_flight: int
    activated: int
    failed: int
    unknown: int
    came_back: int


@dataclass(frozen=True, slots=True)
class NightCounts:
    """What the tranches of one night have come to (hubs)."""

    night: date
    sent: int
    activated: int
    failed: int
    unknown: int


@dataclass(frozen=True, slots=True)
class TrancheRow:
    """One region's tranche of one night (hubs)."""

    tranche_id: int
    night: date
    phase: str
    region: str
    hub_count: int
    planned: int
    in_flight: int
    activated: int
    failed: int
    unknown: int
    came_back: int


@dataclass(frozen=True, slots=True)
class PlannedRegion:
    """Hubs of a campaign and region that go next, or wait because the campaign is held."""

    reference: str
    is_held: bool
    region: str
    hub_count: int


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """Reports that were kept unapplied, by the reason."""

    effect: str
    event_count: int
    latest_at: datetime


@dataclass(frozen=True, slots=True)
class GateStep:
    """What one person decided at a gate."""

    phase: str
    verdict: str
    decision: str
    evidence_digest: str
    note: str
    decided_at: datetime
    person_id: int | None
    decided_by: str


def list_campaign_views(
    *, party_id: int | None, reference: str | None = None, limit: int = 50
) -> list[CampaignView]:
    """This function will list campaigns a viewer may see, newest first, or the one with a reference."""
    return sql.fetch_all(
        "list_campaign_views", CampaignView, party_id=party_id, reference=reference, limit=limit
    )


def find_campaign_view(*, party_id: int | None, reference: str) -> CampaignView | None:
    """This function will find one campaign that a viewer may see."""
    views = list_campaign_views(party_id=party_id, reference=reference, limit=1)
    return views[0] if views else None


def list_region_progress(*, campaign_id: int, party_id: int | None) -> list[RegionProgress]:
    """This function will list a campaign's regions with the viewer's hubs in each."""
    return sql.fetch_all("list_region_progress", RegionProgress, campaign_id=campaign_id, party_id=party_id)


def list_nights(*, campaign_id: int) -> list[NightCounts]:
    """This function will list a campaign's nights, oldest first (all Suppliers together)."""
    return sql.fetch_all("list_nights", NightCounts, campaign_id=campaign_id)


def list_tranche_rows(
    *, campaign_id: int, before_night: date | None = None, before_id: int = 0, limit: int = 25
) -> list[TrancheRow]:
    """This function will give a page of tranches, newest first, after the row with this night and number."""
    return sql.fetch_all(
        "list_tranche_rows",
        TrancheRow,
        campaign_id=campaign_id,
        before_night=before_night,
        before_id=before_id,
        limit=limit,
    )


def list_planned_regions(*, party_id: int | None) -> list[PlannedRegion]:
    """This function will list the viewer's hubs that go next, by campaign and region."""
    return sql.fetch_all("list_planned_regions", PlannedRegion, party_id=party_id)


def list_kept_events(*, limit: int = 10_001) -> list[KeptEvents]:
    """This function will count the latest reports that were kept unapplied, at most `limit` of them."""
    return sql.fetch_all("list_kept_events", KeptEvents, limit=limit)


def list_gate_history(*, campaign_id: int) -> list[GateStep]:
    """This function will list what people decided at a campaign's gates, oldest first."""
    return sql.fetch_all("list_gate_history", GateStep, campaign_id=campaign_id)


def count_alerts(*, campaign_id: int) -> int:
    """This function will count the DCC Alerts a campaign has raised, from the roll-up."""
    return int(sql.fetch_value("count_alerts", campaign_id=campaign_id))
