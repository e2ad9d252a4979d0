"""What Users plan for homes: noted, taken back."""

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
