"""Campaigns as values."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from safelaunch.domain.campaigns import OPEN, CampaignRules, Phase, Priority, Severity, state_of
from safelaunch.domain.refusals import NotFound
from safelaunch.store import sql
from safelaunch.store.models import Campaign


class NoSuchCampaign(NotFound):
    """No campaign has this reference."""


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """A campaign as it stands."""

    campaign_id: int
    reference: str
    title: str
    firmware_version: str
    release_note: str
    severity: Severity
    priority: Priority
    pilot_starts_on: date
    deploy_by: date
    activate_by: date
    rules: CampaignRules
    lot_offset: int
    phase: Phase
    phase_since: datetime
    epoch: int
    held_at: datetime | None
    held_because: str | None
    held_by: str | None
    is_sev1_open: bool
    resume_proposed_by_id: int | None
    resume_reason: str | None
    created_at: datetime
    published_at: datetime | None
    list_closes_at: datetime | None
    pilot_starts_at: datetime | None
    eligible_count: int
    pilot_size: int
    last_planned_night: date | None
    last_reviewed_on: date | None

    @property
    def is_held(self) -> bool:
        """This function will say whether the campaign is held."""
        return self.held_at is not None

    @property
    def state(self) -> str:
        """This function will give the state people see."""
        return state_of(phase=self.phase, is_held=self.is_held)


def read_rules(stored: dict[str, Any]) -> CampaignRules:
    """This function will read a campaign's rules as stored."""
    steps = tuple((int(day), float(share)) for day, share in stored["pilot_steps"])
    return CampaignRules(**{**stored, "pilot_steps": steps})


def get(*, reference: str) -> CampaignFacts:
    """This function will find a campaign by its reference.

    Raises:
        NoSuchCampaign: there is none; the sentence lists those there are.
    """
    campaign = Campaign.objects.filter(reference=reference).first()
    if campaign is None:
        known = ", ".join(Campaign.objects.order_by("-campaign_id").values_list("reference", flat=True)[:5])
        raise NoSuchCampaign(
            f"There is no campaign {reference!r}. "
            + (f"The latest are {known}." if known else "None has been created yet.")
        )
    return _facts(campaign)


def get_by_id(*, campaign_id: int) -> CampaignFacts:
    """This function will find a campaign by its number."""
    return _facts(Campaign.objects.get(campaign_id=campaign_id))


def lock(*, campaign_id: int) -> CampaignFacts:
    """This function will find a campaign and keep others from changing it until the transaction ends."""
    return _facts(Campaign.objects.select_for_update().get(campaign_id=campaign_id))


def list_open() -> list[CampaignFacts]:
    """This function will list campaigns that are published and not ended, held ones included."""
    return [_facts(row) for row in Campaign.objects.filter(phase__in=OPEN).order_by("campaign_id")]


def list_all() -> list[CampaignFacts]:
    """This function will list the latest 200 campaigns, newest first."""
    return [_facts(row) for row in Campaign.objects.order_by("-campaign_id")[:200]]


def find_ids(*, references: list[str]) -> dict[str, tuple[int, str]]:
    """This function will map references to (campaign_id, firmware_version), in order of number, without unknown ones."""
    rows = Campaign.objects.filter(reference__in=references).order_by("campaign_id")
    named = rows.values_list("reference", "campaign_id", "firmware_version")
    return {reference: (campaign_id, version) for reference, campaign_id, version in named}


def _facts(campaign: Campaign) -> CampaignFacts:
    stored = {field.name: getattr(campaign, field.name) for field in fields(CampaignFacts)}
    return CampaignFacts(
        **{
            **stored,
            "severity": Severity(campaign.severity),
            "priority": Priority(campaign.priority),
            "phase": Phase(campaign.phase),
            "rules": read_rules(campaign.rules),
        }
    )


@dataclass(frozen=True, slots=True)
class TargetOption:
    """A Device Model of hubs, the one it would become, and what the CPL says of that one."""

    from_model_id: int
    to_model_id: int
    manufacturer: str
    model: str
    from_version: str
    cpl_status: str
    cpl_added_at: datetime


def list_target_options(*, firmware_version: str) -> list[TargetOption]:
    """This function will list the upgrades to a firmware version that the CPL's pathways allow (MP231)."""
    return sql.fetch_all("list_target_options", TargetOption, firmware_version=firmware_version)


def list_targets(*, campaign_id: int) -> list[TargetOption]:
    """This function will list the Device Models a campaign upgrades."""
    return sql.fetch_all("list_targets", TargetOption, campaign_id=campaign_id)


@dataclass(frozen=True, slots=True)
class EligibleCount:
    """Eligible hubs of a region and a pair of Suppliers (0 for none)."""

    region_id: int
    import_party_id: int
    gas_party_id: int
    hub_count: int


def count_eligible(*, campaign_id: int) -> list[EligibleCount]:
    """This function will count a campaign's eligible hubs from the portfolio roll-up, never from the fleet."""
    return sql.fetch_all("count_eligible", EligibleCount, campaign_id=campaign_id)


def list_hub_models() -> list[str]:
    """This function will list hub models as `manufacturer/model`, for sentences that name what there is."""
    return [row.name for row in sql.fetch_all("list_hub_models", _Name)]


@dataclass(frozen=True, slots=True)
class _Name:
    name: str
