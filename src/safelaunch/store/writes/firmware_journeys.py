"""Journeys of firmware to Devices: locked, moved and told of, one statement for any number of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.firmware_journeys import (
    JourneyEvent,
    Leg,
    Reason,
    Standing,
    TargetState,
)
from safelaunch.domain.firmware_requests import Exclusion
from safelaunch.domain.hub_upgrades import IN_FLIGHT
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s, Integers, Moments, SomeMoments, Texts
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    service_request_id: int
    device_id: Eui64
    hub_device_id: Eui64 | None
    device_type: str | None
    state: str
    reason: str | None
    attempt: int
    due_at: datetime | None
    firmware_version: str
    user_id: Eui64
    manufacturer_image_hash: bytes = b""
    srv: str = ""
    image_digest: bytes = b""


@dataclass(slots=True)
class Journey:
    """A Device of a firmware request whose row is locked; `standing` changes as events are judged."""

    service_request_id: int
    device_id: Eui64
    hub_device_id: Eui64
    firmware_version: str
    user_id: Eui64
    manufacturer_image_hash: bytes
    standing: Standing
    srv: str = ""
    image_digest: bytes = b""
    changed_at: datetime | None = field(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An entry of a timeline; `state` is None when the event moved nothing, network and number when nobody reported it."""

    service_request_id: int
    device_id: Eui64
    event: JourneyEvent
    state: TargetState | None
    leg: Leg
    reason: Reason | None
    attempt: int
    happened_at: datetime
    network: Network | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """An alert about firmware on its way; `outcome` is the reason of a failure."""

    code: AlertCode
    journey: Journey
    happened_at: datetime
    outcome: Reason | None = None


@dataclass(frozen=True, slots=True)
class _NumberRow:
    number: int


@transaction_required
def lock_firmware_journeys(*, device_ids: Collection[Eui64]) -> dict[Eui64, Journey]:
    """This function will lock the latest journey of each of some Devices, but for those that were excluded."""
    rows = sql.fetch_all("lock_firmware_journeys", _Row, device_ids=Eui64s(device_ids))
    return {row.device_id: _journey(row) for row in rows}


@transaction_required
def lock_firmware_at(*, device_id: Eui64) -> list[Journey]:
    """This function will lock the journeys under way to a Device, or to any Device behind it if it is a hub."""
    return [_journey(row) for row in sql.fetch_all("lock_firmware_at", _Row, device_id=device_id)]


@transaction_required
def move_firmware_behind(*, hub_device_id: Eui64, journeys: Sequence[Journey]) -> None:
    """This function will have journeys that are locked go on behind another hub."""
    sql.execute(
        "move_firmware_behind",
        hub_device_id=hub_device_id,
        device_ids=Eui64s(one.device_id for one in journeys),
    )
    for one in journeys:
        one.hub_device_id = hub_device_id


@transaction_required
def lock_due_firmware(*, at: datetime, limit: int) -> list[Journey]:
    """This function will lock journeys whose clocks have run out, at most `limit`."""
    return [_journey(row) for row in sql.fetch_all("lock_due_firmware", _Row, at=at, limit=limit)]


@transaction_required
def lock_firmware_that_waited(*, kinds: Collection[tuple[str, str]], limit: int) -> list[Journey]:
    """This function will lock Devices that wait for a hub of these GBCS versions and networks, at most `limit`."""
    rows = sql.fetch_all(
        "lock_firmware_that_waited",
        _Row,
        gbcs_versions=Texts(version for version, _ in kinds),
        networks=Texts(network for _, network in kinds),
        limit=limit,
    )
    return [_journey(row) for row in rows]


@transaction_required
def lock_firmware_request_in(
    *, service_request_id: int, states: Collection[TargetState], exclusion: Exclusion
) -> list[Journey]:
    """This function will lock Devices of a request that stand in some states.

    Args:
        service_request_id: of the request.
        states: where they stand.
        exclusion: why they were excluded, if they were; Devices that have another update in progress are left out.
    """
    rows = sql.fetch_all(
        "lock_firmware_request_in",
        _Row,
        service_request_id=service_request_id,
        states=list(states),
        exclusion=exclusion,
    )
    return [_journey(row) for row in rows]


@transaction_required
def take_firmware_to_send(*, network: Network, permits: int, limit: int) -> list[Journey]:
    """This function will give the next Devices that a network is to bring their image, at most `limit`.

    Args:
        network: one network; one sender at a time.
        permits: how many Devices of a region may be on their way at a time.
        limit: how many are taken at once.
    """
    rows = sql.fetch_all(
        "take_firmware_to_send",
        _Row,
        network=network,
        permits=permits,
        hub_states=list(IN_FLIGHT),
        limit=limit,
    )
    return [_journey(row) for row in rows]


@transaction_required
def list_known_firmware_numbers(*, network: Network, numbers: Collection[int]) -> set[int]:
    """This function will say which reports of a network stand in a timeline already."""
    rows = sql.fetch_all("list_known_firmware_numbers", _NumberRow, network=network, numbers=Bigints(numbers))
    return {row.number for row in rows}


@transaction_required
def move_firmware_journeys(*, journeys: Sequence[Journey]) -> None:
    """This function will bring Devices to where their journeys stand."""
    moved = [one for one in journeys if one.changed_at is not None]
    if moved:
        sql.execute(
            "move_firmware_journeys",
            service_request_ids=Bigints(one.service_request_id for one in moved),
            device_ids=Eui64s(one.device_id for one in moved),
            states=Texts(one.standing.state for one in moved),
            reasons=Texts(one.standing.reason for one in moved),
            attempts=Integers(one.standing.attempt for one in moved),
            times=Moments(one.changed_at for one in moved if one.changed_at is not None),
            dues=SomeMoments(one.standing.due_at for one in moved),
        )


@transaction_required
def append_firmware_events(*, events: Sequence[NewEvent], at: datetime) -> None:
    """This function will write what happened into the timelines."""
    if events:
        sql.execute(
            "append_firmware_events",
            at=at,
            service_request_ids=Bigints(one.service_request_id for one in events),
            device_ids=Eui64s(one.device_id for one in events),
            events=Texts(one.event for one in events),
            states=Texts(one.state for one in events),
            legs=Texts(one.leg for one in events),
            reasons=Texts(one.reason for one in events),
            attempts=Integers(one.attempt for one in events),
            times=Moments(one.happened_at for one in events),
            networks=Texts(one.network for one in events),
            numbers=[one.number for one in events],
        )


@transaction_required
def raise_firmware_alerts(*, alerts: Sequence[NewAlert], at: datetime) -> bool:
    """This function will raise alerts to those who asked for firmware, and say whether one is owed to an address."""
    if not alerts:
        return False
    return bool(
        sql.fetch_value(
            "raise_firmware_alerts",
            at=at,
            codes=Texts(one.code for one in alerts),
            device_ids=Eui64s(one.journey.device_id for one in alerts),
            user_ids=Eui64s(one.journey.user_id for one in alerts),
            firmware_versions=Texts(one.journey.firmware_version for one in alerts),
            hub_device_ids=Eui64s(one.journey.hub_device_id for one in alerts),
            service_request_ids=Bigints(one.journey.service_request_id for one in alerts),
            times=Moments(one.happened_at for one in alerts),
            outcomes=Texts(one.outcome or "" for one in alerts),
        )
    )


@transaction_required
def raise_display_alerts(*, alerts: Sequence[NewAlert], at: datetime) -> bool:
    """This function will raise what displays said to both Suppliers of their homes, and say whether one is owed."""
    if not alerts:
        return False
    return bool(
        sql.fetch_value(
            "raise_display_alerts",
            at=at,
            code=AlertCode.N39,
            device_ids=Eui64s(one.journey.device_id for one in alerts),
            firmware_versions=Texts(one.journey.firmware_version for one in alerts),
            hub_device_ids=Eui64s(one.journey.hub_device_id for one in alerts),
            service_request_ids=Bigints(one.journey.service_request_id for one in alerts),
            times=Moments(one.happened_at for one in alerts),
            outcomes=Texts(one.outcome or "" for one in alerts),
        )
    )


def _journey(row: _Row) -> Journey:
    if row.hub_device_id is None or row.device_type is None:
        raise ValueError(f"The Device {row.device_id} has a journey and no hub.")
    return Journey(
        service_request_id=row.service_request_id,
        device_id=row.device_id,
        hub_device_id=row.hub_device_id,
        firmware_version=row.firmware_version,
        user_id=row.user_id,
        manufacturer_image_hash=bytes(row.manufacturer_image_hash),
        standing=Standing(
            state=TargetState(row.state),
            device_type=DeviceType(row.device_type),
            attempt=row.attempt,
            reason=None if row.reason is None else Reason(row.reason),
            due_at=row.due_at,
        ),
        srv=row.srv,
        image_digest=bytes(row.image_digest),
    )
