"""Devices that wait for their 11.3, and the way to each."""

from collections.abc import Collection
from dataclasses import dataclass

from safelaunch.domain.firmware_journeys import ACTIVATED_AGAIN, MACHINE, JourneyEvent
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.arrays import Eui64s


@dataclass(frozen=True, slots=True)
class _DeviceRow:
    device_id: Eui64


@dataclass(frozen=True, slots=True)
class _RequestRow:
    service_request_id: int


@dataclass(frozen=True, slots=True)
class ActivationRoute:
    """How a Device is reached whose firmware may be activated."""

    device_id: Eui64
    hub_device_id: Eui64
    device_type: str
    network: str


def list_activatable(*, service_request_id: int, again: bool, limit: int) -> list[Eui64]:
    """This function will list Devices of a firmware request that hold its image and wait for an 11.3.

    Args:
        service_request_id: of the request.
        again: those whose last activation failed, and may succeed; otherwise those that were sent none.
        limit: at most so many.
    """
    rows = sql.fetch_all(
        "list_activatable",
        _DeviceRow,
        service_request_id=service_request_id,
        again=again,
        reasons=list(ACTIVATED_AGAIN),
        limit=limit,
    )
    return [row.device_id for row in rows]


def list_activatable_requests() -> list[int]:
    """This function will list firmware requests of which a Device holds the image and waits for its first 11.3."""
    return [row.service_request_id for row in sql.fetch_all("list_activatable_requests", _RequestRow)]


def find_counter(*, originator: Eui64) -> int:
    """This function will give the highest counter that an originator has used; 0 when it has used none."""
    return int(sql.fetch_value("find_counter", originator=originator) or 0)


def list_activation_routes(
    *, service_request_id: int, device_ids: Collection[Eui64]
) -> dict[Eui64, ActivationRoute]:
    """This function will give the way to those of some Devices whose firmware may be activated for a request."""
    rows = sql.fetch_all(
        "list_activation_routes",
        ActivationRoute,
        service_request_id=service_request_id,
        device_ids=Eui64s(device_ids),
        states=MACHINE.sources(JourneyEvent.SEND_ACTIVATION),
    )
    return {row.device_id: row for row in rows}
