"""What Users plan for homes: noted, taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.planned_events import PlannedKind
from safelaunch.store import sql
from safelaunch.store.models import PlannedEvent
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Something a User plans for a Device, from when until when; until None, it stands open."""

    device_id: Eui64
    hub_device_id: Eui64 | None
    kind: PlannedKind
    planned_from: datetime
    planned_until: datetime | None
    user_id: Eui64
    service_request_id: int


@transaction_required
def add(*, plan: Plan) -> None:
    """This function will note a plan."""
    PlannedEvent.objects.create(**{name: getattr(plan, name) for name in plan.__slots__})


@transaction_required
def cancel_planned_events(*, user_id: Eui64, device_id: Eui64, kind: PlannedKind, at: datetime) -> int:
    """This function will take back what a User planned for a Device and has not done, and give how much that was."""
    return sql.execute("cancel_planned_events", user_id=user_id, device_id=device_id, kind=kind, at=at)


@transaction_required
def cancel_all(*, device_id: Eui64, at: datetime) -> int:
    """This function will take back everything that is planned for a Device, whoever planned it, and give how much that was."""
    return PlannedEvent.objects.filter(device_id=device_id, cancelled_at=None).update(cancelled_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPlan:
    """Something a Supplier tells in a file that it plans for a home."""

    device_id: Eui64
    hub_device_id: Eui64
    kind: PlannedKind
    planned_from: datetime
    planned_until: datetime
    note: str


@transaction_required
def copy_planned_events(*, party_id: int, plans: Iterable[ToldPlan]) -> None:
    """This function will note what a Supplier tells that it plans."""
    rows = (
        (
            one.device_id,
            one.hub_device_id,
            one.kind.value,
            one.planned_from,
            one.planned_until,
            party_id,
            one.note or None,
        )
        for one in plans
    )
    sql.copy_rows("copy_planned_events", rows)


@transaction_required
def take_back_told_events(*, party_id: int, at: datetime) -> int:
    """This function will take back what a Supplier told in files and is not over, and give how much that was."""
    return sql.execute("take_back_told_events", party_id=party_id, at=at)
