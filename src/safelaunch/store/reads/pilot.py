"""The Default Pilot List."""

from collections.abc import Mapping
from dataclasses import dataclass

from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class _RegionCount:
    region_id: int
    hub_count: int


def count_pilot_waiting(*, campaign_id: int) -> Mapping[int, int]:
    """This function will count the eligible pilot hubs that have not had their turn, per region."""
    rows = sql.fetch_all("count_pilot_waiting", _RegionCount, campaign_id=campaign_id)
    return {row.region_id: row.hub_count for row in rows}
