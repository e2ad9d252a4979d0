"""Regions, exposure and chunks as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """A CSP region."""

    region_id: int
    code: str
    name: str
    network: str
    nightly_capacity: int


@dataclass(frozen=True, slots=True)
class CampaignRegionFacts:
    """Where a region stands in a campaign."""

    region_id: int
    code: str
    name: str
    network: str
    nightly_capacity: int
    place: int
    eligible_count: int
    is_exhausted: bool


@dataclass(frozen=True, slots=True)
class _RegionCount:
    region_id: int
    hub_count: int


@dataclass(frozen=True, slots=True)
class WaitingChunk:
    """A chunk that is planned, or was being sent when a worker ended."""

    chunk_id: int
    hub_count: int
    network: str


@dataclass(frozen=True, slots=True)
class _ChunkHubs:
    chunk_id: int
    device_ids: str


def list_regions() -> list[RegionFacts]:
    """This function will list the CSP regions."""
    return sql.fetch_all("list_regions", RegionFacts)


def list_campaign_regions(*, campaign_id: int) -> list[CampaignRegionFacts]:
    """This function will list the regions of a campaign and where each has got to."""
    return sql.fetch_all("list_campaign_regions", CampaignRegionFacts, campaign_id=campaign_id)


def count_committed(*, night: date) -> Mapping[int, int]:
    """This function will count, per region, the hubs of all campaigns that a night has to carry already."""
    rows = sql.fetch_all("count_committed", _RegionCount, night=night)
    return {row.region_id: row.hub_count for row in rows}


def count_sent(*, campaign_id: int) -> Mapping[int, int]:
    """This function will count the hubs that have had their turn, per region."""
    rows = sql.fetch_all("count_sent", _RegionCount, campaign_id=campaign_id)
    return {row.region_id: row.hub_count for row in rows}


def count_proven(*, campaign_id: int, soaked_by: date) -> int:
    """This function will count hubs of soaked tranches whose outcome is known."""
    return int(sql.fetch_value("count_proven", campaign_id=campaign_id, soaked_by=soaked_by))


def count_left_behind(*, campaign_id: int) -> int:
    """This function will count eligible hubs that the campaign has not spoken of yet."""
    return int(sql.fetch_value("count_left_behind", campaign_id=campaign_id))


def is_anyone_left_behind(*, campaign_id: int) -> bool:
    """This function will say whether the fleet holds an eligible hub that no row of the campaign speaks of."""
    return bool(sql.fetch_value("is_anyone_left_behind", campaign_id=campaign_id))


def list_waiting_chunks(*, campaign_id: int, at: datetime) -> list[WaitingChunk]:
    """This function will list chunks that may go: planned, or being sent when a worker ended; by network."""
    return sql.fetch_all("list_waiting_chunks", WaitingChunk, campaign_id=campaign_id, at=at)


def has_chunk_of_the_hour(*, campaign_id: int, at: datetime) -> bool:
    """This function will say whether hubs that had an hour of their own may go now."""
    return bool(sql.fetch_value("has_chunk_of_the_hour", campaign_id=campaign_id, at=at))


def may_still_send(*, campaign_id: int, epoch: int) -> bool:
    """This function will say whether no stop has overtaken the fence under which chunks were taken for sending."""
    return bool(sql.fetch_value("may_still_send", campaign_id=campaign_id, epoch=epoch))


def list_hubs_of_chunks(*, chunk_ids: list[int], states: list[str]) -> dict[int, list[str]]:
    """This function will list, by chunk, the Device IDs that are in one of the states, in order and as they travel."""
    found = sql.fetch_all("list_hubs_of_chunks", _ChunkHubs, chunk_ids=chunk_ids, states=states)
    return {chunk.chunk_id: chunk.device_ids.split() for chunk in found}


def count_open_chunks(*, campaign_id: int) -> int:
    """This function will count chunks that still wait for something."""
    return int(sql.fetch_value("count_open_chunks", campaign_id=campaign_id))
