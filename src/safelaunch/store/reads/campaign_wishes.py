"""What Suppliers wished of campaigns, and how it stands with their hubs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.campaign_wishes import WishedHub
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.arrays import Eui64s
from safelaunch.store.models import CampaignNomination


@dataclass(frozen=True, slots=True)
class WishedHubFacts:
    """A hub that a Supplier named, as stored."""

    device_id: Eui64
    is_own: bool
    is_target: bool
    is_in_use: bool
    state: str | None
    is_nominated: bool
    was_deferred: bool

    def as_hub(self) -> WishedHub:
        """This function will give what the rules look at."""
        return WishedHub(
            is_own=self.is_own,
            is_target=self.is_target,
            is_in_use=self.is_in_use,
            state=None if self.state is None else HubState(self.state),
            is_nominated=self.is_nominated,
            was_deferred=self.was_deferred,
        )


@dataclass(frozen=True, slots=True)
class HubResult:
    """How it stands with a hub in a campaign, and the night it went or goes first."""

    device_id: Eui64
    state: str
    night: date | None


def list_wished_hubs(*, campaign_id: int, party_id: int, device_ids: Iterable[Eui64]) -> list[WishedHubFacts]:
    """This function will say of every hub that a Supplier named how it stands; `device_ids` names none twice."""
    return sql.fetch_all(
        "list_wished_hubs",
        WishedHubFacts,
        campaign_id=campaign_id,
        party_id=party_id,
        device_ids=Eui64s(device_ids),
    )


def list_nominated(*, campaign_id: int, party_id: int) -> list[Eui64]:
    """This function will list the hubs on a Supplier's Preferred Pilot List, in the order of their Device IDs."""
    listed = CampaignNomination.objects.filter(campaign_id=campaign_id, party_id=party_id)
    return list(listed.order_by("device_id").values_list("device_id", flat=True))


def list_named_results(
    *, campaign_id: int, party_id: int, device_ids: Iterable[Eui64], since: datetime | None
) -> list[HubResult]:
    """This function will say how it stands with hubs that a Supplier named; since a time, of those that moved."""
    return sql.fetch_all(
        "list_named_results",
        HubResult,
        campaign_id=campaign_id,
        party_id=party_id,
        device_ids=Eui64s(device_ids),
        since=since,
    )


def list_own_results(
    *, campaign_id: int, party_id: int, since: datetime | None, limit: int
) -> list[HubResult]:
    """This function will say how it stands with a Supplier's hubs that have a place in a campaign, `limit` at most."""
    return sql.fetch_all(
        "list_own_results", HubResult, campaign_id=campaign_id, party_id=party_id, since=since, limit=limit
    )


@dataclass(frozen=True, slots=True)
class WishStanding:
    """How it stands with what a Supplier wished for a hub; `standing` is a `domain.campaign_wishes.Standing`."""

    device_id: Eui64
    not_before: datetime | None
    not_after: datetime | None
    state: str | None
    night: date | None
    standing: str


def list_wish_standings(
    *, campaign_id: int, party_id: int, at: datetime, after: Eui64 | None = None, limit: int = 100
) -> list[WishStanding]:
    """This function will list the hubs that a Supplier wished something for and how it stands, from after a Device ID on."""
    return sql.fetch_all(
        "list_wish_standings",
        WishStanding,
        campaign_id=campaign_id,
        party_id=party_id,
        at=at,
        after=after,
        limit=limit,
    )
