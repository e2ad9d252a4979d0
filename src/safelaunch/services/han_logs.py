"""What hubs tell of their logs, and meters of their clocks: homes are put together and taken apart by it (`domain.md` 3.6).

The rules are `domain/han_log.py`. Runs in the transaction that took the messages in: who joins or leaves a home is so, is in its
history and is told to those concerned, or nothing is. A home that changes costs a few statements of its own; they are rare.
What is heard twice, or late, does nothing more than what was heard first.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from safelaunch.domain import calendar, han_log
from safelaunch.domain import srv as catalogue
from safelaunch.domain.han_log import PATIENCE, LogEvent, LogKind, LogState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import HUB_TYPES
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole
from safelaunch.services import alerts
from safelaunch.services.jobs import Job
from safelaunch.services.requests import device_logs, homes
from safelaunch.services.requests.received import Asked
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import inventory_requests as inventory
from safelaunch.store.reads import parties, service_requests
from safelaunch.store.reads.inventory_requests import StandingDevice
from safelaunch.store.reads.service_requests import RequestFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import han_logs as writes
from safelaunch.store.writes.han_logs import LogUpdate
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import (
    DccAlert,
    DeviceLogRestored,
    DeviceStatusChange,
    DeviceStatusChangeEvent,
    HanDeviceLogResult,
    HubIds,
    MeterIdentity,
    MeterMpxns,
    PpmidRemoval,
)
from safelaunch.wire.gbcs.device_log import HubLogAlert

log = logging.getLogger(__name__)

RUN = 200
"""Changes of logs that become doubtful in one go, before the job makes way for others."""

_NETWORK = {DeviceType.ESME: UserRole.ED, DeviceType.GSME: UserRole.GT}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a hub or GPF answered to a command about its log, and whether the log is as it was to be."""

    service_request_id: int
    is_logged: bool
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class LogTold:
    """What a hub told of its log by itself."""

    hub_device_id: Eui64
    alert: HubLogAlert
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class ClockSet:
    """A meter that took the time from its Supplier."""

    device_id: Eui64
    service_request_id: int
    happened_at: datetime


@dataclass(slots=True)
class Heard:
    """What a run of messages says of homes, in the order in which it was said."""

    answers: list[Answered] = field(default_factory=list)
    logs: list[LogTold] = field(default_factory=list)
    clocks: list[ClockSet] = field(default_factory=list)


@transaction_required
def take_in(heard: Heard, *, dsp_id: Eui64, at: datetime) -> None:
    """This function will have homes be as hubs and meters say, with whoever has to know of it.

    Args:
        heard: what they said.
        dsp_id: the EUI-64 of the DSP, which tells Users.
        at: when it is taken in.
    """
    if heard.answers or heard.logs:
        updates = writes.lock_log_updates(
            hub_device_ids={one.hub_device_id for one in heard.logs},
            service_request_ids={one.service_request_id for one in heard.answers},
        )
        _Logs(updates, dsp_id=dsp_id, at=at).take_in(heard)
        device_logs.watch(at=at)
    for clock in heard.clocks:
        _commission(clock, dsp_id=dsp_id, at=at)


def look(*, dsp_id: Eui64, at: datetime) -> int:
    """This function will tell Users of changes of logs of which nothing was heard in time (N25), and give their number."""
    with transactions.transaction():
        overdue = writes.doubt_log_updates(at=at, limit=RUN)
        requests = service_requests.list_by_number(
            service_request_ids={one.service_request_id for one in overdue}
        )
        for one in overdue:
            if one.state == LogState.DOUBTFUL and one.kind in {LogKind.ADD, LogKind.REMOVE}:
                _tell_result(requests[one.service_request_id], DccAlertCode.N25, dsp_id=dsp_id, at=at)
        if len(overdue) == RUN:
            jobs.defer_once(Job.LOOK_AT_HAN_LOGS, key=device_logs.WATCH)
        else:
            device_logs.watch(at=at)
    return len(overdue)


class _Logs:
    """The changes of some hubs' logs, locked, as messages move them one after another."""

    def __init__(self, updates: Iterable[LogUpdate], *, dsp_id: Eui64, at: datetime) -> None:
        self._updates = {one.han_log_update_id: one for one in updates}
        self._dsp_id, self._at = dsp_id, at

    def take_in(self, heard: Heard) -> None:
        """This function will move them by what was heard, and keep what hubs told of their logs."""
        by_request = {one.service_request_id: one for one in self._updates.values()}
        for answer in heard.answers:
            if (update := by_request.get(answer.service_request_id)) is not None:
                self._answered(update, answer)
        for told in heard.logs:
            writes.keep_log_backup(
                hub_device_id=told.hub_device_id,
                payload=told.alert.to_octets(),
                told_at=told.happened_at,
            )
            for update in list(self._updates.values()):
                if update.hub_device_id == told.hub_device_id and told.happened_at >= update.asked_at:
                    self._told(update, told)

    def _answered(self, update: LogUpdate, answer: Answered) -> None:
        if not answer.is_logged:
            self._move(update, LogEvent.REFUSE)
        elif update.kind is LogKind.ADD:
            join_time = timedelta(seconds=update.join_seconds or 0)
            if self._log(update):
                self._move(update, LogEvent.LOG, due_at=answer.happened_at + join_time + PATIENCE)
        elif update.kind is LogKind.REMOVE:
            self._remove(update)
        else:
            self._restore(update)

    def _told(self, update: LogUpdate, told: LogTold) -> None:
        is_joined = update.device_id in {one.device_id for one in told.alert.log.devices}
        if update.kind is LogKind.ADD and is_joined and self._log(update):
            found = inventory.lock_standing(device_id=update.device_id)
            if found is not None:
                to = han_log.once_joined(found.held, device_type=DeviceType(found.device_type))
                homes.advance(asked=_asked(update), found=found, to=to, seen_at=told.happened_at, at=self._at)
            self._finish(update)
        elif update.kind is LogKind.REMOVE and not is_joined:
            found = inventory.lock_standing(device_id=update.device_id)
            # What has not joined is not told of, whether it is in the log or not.
            if found is not None and found.held is not SmiStatus.WHITELISTED:
                self._remove(update)

    def _log(self, update: LogUpdate) -> bool:
        """Have a Device be of the home whose hub took it into its log, and say whether it is."""
        asked, hub = _asked(update), update.hub_device_id
        found = inventory.lock_standing(device_id=update.device_id)
        if found is None:
            announced = inventory.lock_announced(device_id=update.device_id)
            if announced is not None:
                homes.admit(
                    asked=asked, announced=announced, hub_device_id=hub, mpxn=update.mpxn, at=self._at
                )
            return announced is not None
        if found.hub_device_id != hub and found.held is not SmiStatus.PENDING:
            log.info("%s has come to another home since it was asked for.", update.device_id)
            return False
        if found.held is SmiStatus.PENDING or update.mpxn not in (None, found.mpxn):
            homes.rehome(asked=asked, found=found, hub_device_id=hub, mpxn=update.mpxn, at=self._at)
        return True

    def _remove(self, update: LogUpdate) -> None:
        """Take a Device out of its home, and tell the other Supplier of a display (N43)."""
        found = inventory.lock_standing(device_id=update.device_id)
        is_of_home = found is not None and found.hub_device_id == update.hub_device_id
        if found is not None and is_of_home and han_log.leaves_home(SmiStatus(found.smi_status)):
            asked = _asked(update)
            homes.put_out(asked=asked, found=found, at=self._at)
            if found.device_type == DeviceType.PPMID:
                self._tell_of_removal(update, asked)
        self._finish(update)

    def _restore(self, update: LogUpdate) -> None:
        """Have what was behind the hub before be behind the one that took over its log, and tell the Suppliers (N30, N31)."""
        if not self._move(update, LogEvent.FINISH):
            return
        is_hub = update.kind is LogKind.RESTORE_HUB
        if is_hub:
            homes.take_over(
                asked=_asked(update), old_hub=update.device_id, new_hub=update.hub_device_id, at=self._at
            )
        ids = _hub_ids(old=update.device_id, new=update.hub_device_id)
        restored = DeviceLogRestored(
            restored_on=calendar.london_date(self._at),
            hub_log=ids if is_hub else None,
            gpf_log=None if is_hub else ids,
        )
        target = service_requests.find_target(device_id=update.hub_device_id)
        alerts.raise_alert(
            alert=DccAlert(code=DccAlertCode.N30 if is_hub else DccAlertCode.N31, body=restored),
            user_ids=[] if target is None else alerts.users_of(*target.suppliers),
            dsp_id=self._dsp_id,
            at=self._at,
            device_id=update.hub_device_id,
        )

    def _tell_of_removal(self, update: LogUpdate, asked: Asked) -> None:
        target = service_requests.find_target(device_id=update.hub_device_id)
        others = [] if target is None else [one for one in target.suppliers if one[0] != asked.user.party_id]
        alerts.raise_alert(
            alert=DccAlert(
                code=DccAlertCode.N43,
                body=PpmidRemoval(device_id=update.device_id, hub_id=update.hub_device_id),
            ),
            user_ids=alerts.users_of(*others),
            dsp_id=self._dsp_id,
            at=self._at,
            device_id=update.device_id,
        )

    def _finish(self, update: LogUpdate) -> None:
        if self._move(update, LogEvent.FINISH):
            request = service_requests.get(service_request_id=update.service_request_id)
            _tell_result(request, DccAlertCode.N24, dsp_id=self._dsp_id, at=self._at)

    def _move(self, update: LogUpdate, event: LogEvent, *, due_at: datetime | None = None) -> bool:
        moved = writes.move_log_update(
            han_log_update_id=update.han_log_update_id, event=event, at=self._at, due_at=due_at
        )
        if moved and event is not LogEvent.LOG:
            del self._updates[update.han_log_update_id]
        return moved


def _commission(clock: ClockSet, *, dsp_id: Eui64, at: datetime) -> None:
    """Have a meter be in service that took the time from its Supplier, and tell its network operator (N1)."""
    found = inventory.lock_standing(device_id=clock.device_id)
    if found is None or found.as_standing().device_type in HUB_TYPES:
        return
    to = han_log.once_commissioned(found.held)
    if to is found.held:
        return
    asked = _asked_by(clock.service_request_id)
    homes.advance(asked=asked, found=found, to=to, seen_at=clock.happened_at, at=at)
    if found.mpxn is not None:
        _tell_network(found, mpxn=found.mpxn, dsp_id=dsp_id, at=at)


def _tell_network(found: StandingDevice, *, mpxn: str, dsp_id: Eui64, at: datetime) -> None:
    target, role = (
        service_requests.find_target(device_id=found.device_id),
        _NETWORK.get(DeviceType(found.device_type)),
    )
    if target is None or role is None:
        return
    identity = MeterIdentity(mpxns=MeterMpxns(import_mpxn=mpxn))
    event = DeviceStatusChangeEvent(
        device_id=found.device_id, change=DeviceStatusChange(meter_identity=identity)
    )
    alerts.raise_alert(
        alert=DccAlert(code=DccAlertCode.N1, body=event),
        user_ids=alerts.users_of((target.responsible[role], role)),
        dsp_id=dsp_id,
        at=at,
        device_id=found.device_id,
    )


def _tell_result(request: RequestFacts, code: DccAlertCode, *, dsp_id: Eui64, at: datetime) -> None:
    alerts.raise_alert(
        alert=DccAlert(code=code, body=HanDeviceLogResult(request_id=request.request_id)),
        user_ids=[request.request_id.originator],
        dsp_id=dsp_id,
        at=at,
        # After the answer of the hub, which keeps its place among the hub's messages.
        device_id=request.request_id.target,
        request_id=request.request_id,
    )


def _hub_ids(*, old: Eui64, new: Eui64) -> HubIds:
    gpfs = {}
    for hub in (old, new):
        found = inventory.lock_device(device_id=hub)
        gpfs[hub] = hub if found is None or found.gpf_device_id is None else found.gpf_device_id
    return HubIds(old_hub_id=old, new_hub_id=new, old_gpf_id=gpfs[old], new_gpf_id=gpfs[new])


def _asked(update: LogUpdate) -> Asked:
    return _asked_by(update.service_request_id)


def _asked_by(service_request_id: int) -> Asked:
    request = service_requests.get(service_request_id=service_request_id)
    user = parties.find_user(user_id=request.request_id.originator)
    if user is None:
        raise NotFound(f"Nobody has the User ID {request.request_id.originator} any more.")
    return Asked(service_request_id, request.request_id, catalogue.find(request.srv), user)
