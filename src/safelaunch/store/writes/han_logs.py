"""Changing hubs' logs as Users asked and hubs told: noted, moved, doubted, and Devices brought into homes and out of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.han_log import HEARD, MACHINE, LogEvent, LogKind, LogState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, SmiStatus
from safelaunch.store import sql
from safelaunch.store.arrays import Bigints, Eui64s
from safelaunch.store.models import Device, HanLogUpdate
from safelaunch.store.reads.han_logs import area_of
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLogUpdate:
    """A change of a hub's log that is asked for; `due_at` is when the hub's word is missing."""

    service_request_id: int
    kind: LogKind
    hub_device_id: Eui64
    device_id: Eui64
    asked_at: datetime
    due_at: datetime
    mpxn: str | None = None
    join_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class LogUpdate:
    """A change of a hub's log that is locked."""

    han_log_update_id: int
    service_request_id: int
    kind: LogKind
    hub_device_id: Eui64
    device_id: Eui64
    mpxn: str | None
    join_seconds: int | None
    state: LogState
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class _UpdateRow:
    han_log_update_id: int
    service_request_id: int
    kind: str
    hub_device_id: Eui64
    device_id: Eui64
    mpxn: str | None
    join_seconds: int | None
    state: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Doubted:
    """A change of a hub's log of which nothing was heard in time, or that was taken back before it went out."""

    service_request_id: int
    kind: str
    device_id: Eui64
    state: str


@transaction_required
def add_log_update(*, update: NewLogUpdate) -> None:
    """This function will note a change of a hub's log that was asked for."""
    HanLogUpdate.objects.create(
        state=MACHINE.initial, **{name: getattr(update, name) for name in update.__slots__}
    )


@transaction_required
def lock_log_updates(
    *, hub_device_ids: Collection[Eui64], service_request_ids: Collection[int]
) -> list[LogUpdate]:
    """This function will lock the changes of some hubs' logs, and those of some requests, that are not over."""
    rows = sql.fetch_all(
        "lock_log_updates",
        _UpdateRow,
        hub_device_ids=Eui64s(hub_device_ids),
        service_request_ids=Bigints(service_request_ids),
        states=[state.value for state in HEARD],
    )
    return [
        LogUpdate(
            han_log_update_id=row.han_log_update_id,
            service_request_id=row.service_request_id,
            kind=LogKind(row.kind),
            hub_device_id=row.hub_device_id,
            device_id=row.device_id,
            mpxn=row.mpxn,
            join_seconds=row.join_seconds,
            state=LogState(row.state),
            asked_at=row.asked_at,
        )
        for row in rows
    ]


@transaction_required
def move_log_update(
    *, han_log_update_id: int, event: LogEvent, at: datetime, due_at: datetime | None = None
) -> bool:
    """This function will move a change of a hub's log along its machine, and say whether it did."""
    to_state = MACHINE.target(event)
    touched = sql.execute(
        "move_log_update",
        han_log_update_id=han_log_update_id,
        from_states=MACHINE.sources(event),
        to_state=to_state.value,
        due_at=due_at,
        ended_at=None if to_state is LogState.LOGGED else at,
    )
    return touched == 1


@transaction_required
def doubt_log_updates(*, at: datetime, limit: int) -> list[Doubted]:
    """This function will have changes of hubs' logs become doubtful whose time is over, a number of them."""
    return sql.fetch_all(
        "doubt_log_updates",
        Doubted,
        at=at,
        from_states=MACHINE.sources(LogEvent.DOUBT),
        doubtful=MACHINE.target(LogEvent.DOUBT).value,
        taken_back=MACHINE.target(LogEvent.TAKE_BACK).value,
        limit=limit,
    )


@transaction_required
def keep_log_backup(*, hub_device_id: Eui64, payload: bytes, told_at: datetime) -> None:
    """This function will keep what a hub told of its log, unless it has told of it later."""
    sql.execute("keep_log_backup", hub_device_id=hub_device_id, payload=payload, told_at=told_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """A Device that enters a home; `suspension_id` is what suspends it as it enters, if anything does."""

    device_id: Eui64
    hub_device_id: Eui64
    device_type: DeviceType
    device_model_id: int
    smi_status: SmiStatus
    mpxn: str | None
    party_id: int
    suspension_id: int | None = None


@transaction_required
def admit_device(*, entering: Entering, at: datetime) -> None:
    """This function will bring a Device into the home of a hub; `party_id` counts where nobody else is responsible for it."""
    is_suspended = entering.suspension_id is not None
    has_mpan = entering.mpxn is not None and entering.device_type is not DeviceType.GSME
    area_from, area_until = area_of(entering.mpxn) if has_mpan and entering.mpxn else (None, None)
    sql.execute(
        "admit_device",
        device_id=entering.device_id,
        hub_device_id=entering.hub_device_id,
        device_type=entering.device_type.value,
        device_model_id=entering.device_model_id,
        smi_status=(SmiStatus.SUSPENDED if is_suspended else entering.smi_status).value,
        status_before=entering.smi_status.value if is_suspended else None,
        suspension_id=entering.suspension_id,
        mpxn=entering.mpxn,
        party_id=entering.party_id,
        area_from=area_from,
        area_until=area_until,
        at=at,
    )


@transaction_required
def rehome_device(*, device_id: Eui64, hub_device_id: Eui64, mpxn: str | None) -> None:
    """This function will bring a Device that the inventory has behind a hub into the home of another, with its meter point."""
    sql.execute("rehome_device", device_id=device_id, hub_device_id=hub_device_id, mpxn=mpxn)


@transaction_required
def advance_device(*, device_id: Eui64, smi_status: SmiStatus, commissioned_on: date | None = None) -> None:
    """This function will have a Device be further in its life; one that is Suspended will be once it is back."""
    told: dict[str, object] = {} if commissioned_on is None else {"commissioned_on": commissioned_on}
    rows = Device.objects.filter(device_id=device_id)
    rows.filter(smi_status=SmiStatus.SUSPENDED).update(status_before=smi_status, **told)
    rows.exclude(smi_status=SmiStatus.SUSPENDED).update(smi_status=smi_status, **told)
