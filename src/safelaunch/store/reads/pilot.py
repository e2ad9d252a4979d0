"""The pilot of a campaign: the Default Pilot List, and what Suppliers preferred."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class _RegionCount:
    region_id: int
    hub_count: int


def count_pilot_waiting(*, campaign_id: int, until: datetime) -> Mapping[int, int]:
    """This function will count the eligible pilot hubs that have not had their turn and may have it before a moment, per region."""
    rows = sql.fetch_all("count_pilot_waiting", _RegionCount, campaign_id=campaign_id, until=until)
    return {row.region_id: row.hub_count for row in rows}


def count_pilot_hubs(*, campaign_id: int) -> int:
    """This function will count the hubs of a campaign's pilot."""
    return int(sql.fetch_value("count_pilot_hubs", campaign_id=campaign_id))
