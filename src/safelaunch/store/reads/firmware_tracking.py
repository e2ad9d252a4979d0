"""Where firmware stands on its way to Devices, for whoever asks; a viewer's Party limits what is seen to its own requests."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.firmware_journeys import RETRYABLE, Reason
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints
from safelaunch.store.reads.firmware import FirmwareTargetFacts


@dataclass(frozen=True, slots=True)
class RequestView:
    """A firmware request with how many of its Devices stand where; the five counts sum up to its targets."""

    service_request_id: int
    srv: str
    firmware_version: str
    party: str
    requested_at: datetime
    target_count: int
    open_count: int
    activated_count: int
    excluded_count: int
    unknown_count: int
    failed_count: int


@dataclass(frozen=True, slots=True)
class StandingCount:
    """Devices that stand alike, as stored codes: how many, how many of them past their clock, and since when."""

    state: str
    device_type: str | None
    exclusion: str | None
    reason: str | None
    is_open: bool
    device_count: int
    overdue_count: int
    first_due_at: datetime | None
    oldest_since: datetime


@dataclass(frozen=True, slots=True)
class JourneyView:
    """A firmware request of one Device and where it stands, as stored codes."""

    service_request_id: int
    srv: str
    firmware_version: str
    party: str
    requested_at: datetime
    hub_device_id: Eui64 | None
    device_type: str | None
    state: str
    exclusion: str | None
    reason: str | None
    attempt: int
    state_changed_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventView:
    """An entry of a timeline; `state` is None when it moved nothing, `network` and `number` name the evidence."""

    service_request_id: int
    event: str
    state: str | None
    leg: str
    reason: str | None
    attempt: int
    happened_at: datetime
    recorded_at: datetime
    network: str | None
    number: int | None


def list_firmware_requests(
    *, party_id: int | None, before: int | None = None, limit: int = 50
) -> list[RequestView]:
    """This function will list firmware requests, newest first.

    Args:
        party_id: of the viewer; None sees all.
        before: the last number of the page before.
        limit: the most requests of a page.
    """
    return sql.fetch_all("list_firmware_requests", RequestView, party_id=party_id, before=before, limit=limit)


def count_firmware_standings(
    *, party_id: int | None, at: datetime, service_request_id: int | None = None
) -> list[StandingCount]:
    """This function will count Devices by where they stand and why, of one request or of all."""
    return sql.fetch_all(
        "count_firmware_standings",
        StandingCount,
        party_id=party_id,
        service_request_id=service_request_id,
        at=at,
    )


def list_firmware_devices(
    *,
    service_request_id: int,
    party_id: int | None,
    state: str | None = None,
    reason: str | None = None,
    after: Eui64 | None = None,
    limit: int = 100,
) -> list[FirmwareTargetFacts]:
    """This function will list Devices of a request by Device ID, a page at a time.

    Args:
        service_request_id: of the request.
        party_id: of the viewer; None sees all.
        state: where they stand; None for anywhere.
        reason: of their failure, or of their exclusion; None for any.
        after: the last Device ID of the page before.
        limit: the most Devices of a page.
    """
    return sql.fetch_all(
        "list_firmware_devices",
        FirmwareTargetFacts,
        service_request_id=service_request_id,
        party_id=party_id,
        state=state,
        reason=reason,
        after=after,
        limit=limit,
    )


def list_device_journeys(*, device_id: Eui64, party_id: int | None, limit: int = 20) -> list[JourneyView]:
    """This function will list the firmware requests of a Device, newest first, at most `limit`."""
    return sql.fetch_all(
        "list_device_journeys", JourneyView, device_id=device_id, party_id=party_id, limit=limit
    )


def list_firmware_events(*, device_id: Eui64, service_request_ids: Collection[int]) -> list[EventView]:
    """This function will give the timeline of a Device's firmware requests."""
    return sql.fetch_all(
        "list_firmware_events",
        EventView,
        device_id=device_id,
        service_request_ids=Bigints(service_request_ids),
    )


@dataclass(frozen=True, slots=True)
class JourneyEnd:
    """Where a Device that set out stands; `is_given_up` where its image did not get there and is not sent again."""

    service_request_id: int
    device_id: Eui64
    device_type: str
    state: str
    firmware_version: str
    user_id: Eui64
    is_given_up: bool


def walk_firmware_ends(*, after: tuple[int, Eui64], limit: int) -> list[JourneyEnd]:
    """This function will list where Devices that set out stand, by request and Device, after a place in that order."""
    return sql.fetch_all(
        "walk_firmware_ends",
        JourneyEnd,
        after_request=after[0],
        after_device=after[1],
        failed=list(RETRYABLE),
        left_hub=Reason.LEFT_THE_HUB,
        limit=limit,
    )
