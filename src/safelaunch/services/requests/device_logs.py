"""8.11, Update HAN Device Log, and 8.12.1 and 8.12.2, Restore: what Users ask of the logs of hubs (`domain.md` 3.6, 5.6).

The rules are `domain/han_log.py`; what becomes of a request follows from what the hub tells (`services/han_logs.py`). The Access
Control Broker speaks to the hub for the User (the vectors of CCS01 to CCS03), and to a GPF in its own name (GCS59).
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from safelaunch.domain import admission, han_log
from safelaunch.domain import inventory_requests as inventory_rules
from safelaunch.domain.device_commands import ANSWER_WITHIN
from safelaunch.domain.han_log import PATIENCE, Candidate, LogFault, LogKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import HUB_TYPES, OUT_OF_SERVICE, TYPE_2, Fault
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus
from safelaunch.services import wake_ups
from safelaunch.services.jobs import Job
from safelaunch.services.requests import commanding
from safelaunch.services.requests.commanding import LOW_24_BITS, Speaker
from safelaunch.services.requests.inventory_changes import Found, model_on_cpl
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import han_logs as reads
from safelaunch.store.reads import homes, service_requests
from safelaunch.store.reads import inventory_requests as inventory
from safelaunch.store.reads.homes import HomeDevice
from safelaunch.store.reads.inventory_requests import StandingDevice
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import device_commands as command_writes
from safelaunch.store.writes import han_logs as writes
from safelaunch.store.writes.han_logs import NewLogUpdate
from safelaunch.wire.duis.requests.han import (
    JoiningDevice,
    LogRequest,
    RestoreGpfDeviceLog,
    RestoreHanDeviceLog,
    UpdateHanDeviceLog,
)
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.gbcs.catalogue import MessageCode, Payload
from safelaunch.wire.gbcs.device_log import Ccs01Command, Ccs02Command, Ccs03Command, HubLogAlert
from safelaunch.wire.gbcs.gpf_log import Gcs59Command, GpfEntry, LogType

log = logging.getLogger(__name__)

WATCH = "han-logs"
"""The key of the job that looks for changes of logs of which nothing is heard."""

CODE_OF: Mapping[LogFault, ResponseCode] = {
    LogFault.INCOMPLETE: ResponseCode.E081101,
    LogFault.UNKNOWN_DEVICE: ResponseCode.E081102,
    LogFault.WRONG_STATUS: ResponseCode.E081104,
    LogFault.OTHER_HOME: ResponseCode.E081105,
    LogFault.LOG_FULL: ResponseCode.E081106,
    LogFault.WRONG_DEVICE_TYPE: ResponseCode.E081107,
    LogFault.NOT_THEIRS: ResponseCode.E081108,
    LogFault.WRONG_METER_POINT: ResponseCode.E081109,
    LogFault.METER_POINT_TAKEN: ResponseCode.E081110,
    LogFault.NOT_ON_CPL: ResponseCode.E081111,
}
"""The codes of 8.11; the numbers exist in the XSD, their meanings are ours (`domain.md` 4.7)."""

RESTORE_CODE_OF: Mapping[LogKind, Mapping[LogFault, ResponseCode]] = {
    LogKind.RESTORE_HUB: {
        LogFault.NO_SUCH_HUB: ResponseCode.E081202,
        LogFault.SAME_HUB: ResponseCode.E081204,
        LogFault.NO_BACKUP: ResponseCode.E081205,
    },
    LogKind.RESTORE_GPF: {
        LogFault.NO_SUCH_HUB: ResponseCode.E081221,
        LogFault.SAME_HUB: ResponseCode.E081222,
    },
}
"""The codes of 8.12.1 and 8.12.2, likewise."""

_IN_GPF_LOG = frozenset({DeviceType.PPMID}) | TYPE_2
_FAULT_OF = {Fault.METER_POINT_TAKEN: LogFault.METER_POINT_TAKEN}


@transaction_required
def watch(*, at: datetime) -> None:
    """This function will have the changes of logs looked at when the first of them is over its time."""
    next_at = reads.next_log_update_due()
    if next_at is not None:
        wake_ups.wake_later(
            Job.LOOK_AT_HAN_LOGS,
            key=WATCH,
            because=next_at.isoformat(),
            in_seconds=(next_at - at).total_seconds(),
        )


@transaction_required
def update_device_log(*, request: ServiceRequest, body: UpdateHanDeviceLog, at: datetime) -> Answer:
    """This function will answer an 8.11: the hub is asked to take a Device into its log or out of it, now or later."""
    if body.cancels:
        commanding.take_back(request, at=at)
        return Answer(ResponseCode.I0)
    fault = _object(request, body)
    if fault is not None:
        log.info("%s does not touch the log for %s: %s", request.request_id, body.device_id, fault.value)
        return Answer(CODE_OF[fault])
    number = command_writes.draw_command_number()
    speaker = commanding.speaker_of(request, broker=request.dsp_id, number=number, at=at)
    invoke_id, joining = speaker.counter & LOW_24_BITS, body.joining
    payload: Payload = Ccs02Command(invoke_id, body.device_id)
    code = MessageCode.CCS02_REMOVE_FROM_HUB_LOG
    if joining is not None:
        payload = Ccs01Command(invoke_id, body.device_id, joining.install_code, joining.join_seconds)
        code = MessageCode.CCS01_ADD_TO_HUB_LOG
    _note(
        request,
        kind=LogKind.REMOVE if joining is None else LogKind.ADD,
        device_id=body.device_id,
        joining=joining,
        send_at=body.execution_at or at,
        at=at,
    )
    envelope = commanding.compose(request, speaker=speaker, code=code, payload=payload)
    return commanding.deliver(
        request, envelope=envelope, number=number, send_at=body.execution_at or at, at=at
    )


def _object(request: ServiceRequest, body: UpdateHanDeviceLog) -> LogFault | None:
    if (body.asks is LogRequest.ADD) is (body.joining is None):
        return LogFault.INCOMPLETE
    hub = commanding.target_of(request).hub_device_id
    found = inventory.lock_standing(device_id=body.device_id) or inventory.lock_announced(
        device_id=body.device_id
    )
    if found is None:
        return LogFault.UNKNOWN_DEVICE
    candidate = _candidate(found, hub=hub)
    roles = request.user.roles & request.srv.roles
    if not _may_bring(request, candidate):
        return LogFault.NOT_THEIRS
    if body.joining is None:
        return han_log.judge_removal(candidate, roles=roles)
    fault = han_log.judge_addition(candidate, roles=roles, devices_logged=len(_logged(hub)))
    return fault or _object_to_meter_point(found, body.joining)


def _may_bring(request: ServiceRequest, candidate: Candidate) -> bool:
    """Whoever is not responsible for the home was admitted because it has no Supplier of that fuel yet."""
    target = commanding.target_of(request).as_target()
    roles = request.user.roles & request.srv.roles
    return admission.is_responsible(
        target, party_id=request.user.party_id, roles=roles
    ) or candidate.device_type in han_log.founding_types(roles & admission.vacant_roles(target))


def _candidate(found: Found, *, hub: Eui64) -> Candidate:
    known, standing = model_on_cpl(found), found.as_standing()
    home = found.hub_device_id if isinstance(found, StandingDevice) else None
    return Candidate(
        device_type=standing.device_type,
        smi_status=standing.smi_status,
        is_behind_hub=home == hub,
        is_behind_other=home is not None and home != hub,
        cpl_status=CplStatus(known.cpl_status) if known and known.cpl_status else None,
    )


def _logged(hub: Eui64) -> list[HomeDevice]:
    """List the Devices that the inventory has in a hub's log, its GPF aside."""
    return [
        one
        for one in homes.list_home_devices(hub_device_id=hub)
        if one.device_type not in HUB_TYPES
        and SmiStatus(one.smi_status) not in {*OUT_OF_SERVICE, SmiStatus.PENDING}
    ]


def _object_to_meter_point(found: Found, joining: JoiningDevice) -> LogFault | None:
    if joining.import_mpxn is None:
        return None
    standing = found.as_standing()
    is_taken = inventory.is_meter_point_taken(
        mpxn=joining.import_mpxn, device_type=standing.device_type.value, device_id=found.device_id
    )
    fault = inventory_rules.judge_meter_point(standing, mpxn=joining.import_mpxn, is_taken=is_taken)
    return None if fault is None else _FAULT_OF.get(fault, LogFault.WRONG_METER_POINT)


def _note(
    request: ServiceRequest,
    *,
    kind: LogKind,
    device_id: Eui64,
    send_at: datetime,
    at: datetime,
    joining: JoiningDevice | None = None,
) -> None:
    """Note what is asked of a log, and when the hub's word on it is missing; and have somebody look then."""
    join_seconds = None if joining is None else joining.join_seconds
    writes.add_log_update(
        update=NewLogUpdate(
            service_request_id=request.service_request_id,
            kind=kind,
            hub_device_id=commanding.target_of(request).hub_device_id,
            device_id=device_id,
            asked_at=at,
            due_at=send_at + ANSWER_WITHIN + timedelta(seconds=join_seconds or 0) + PATIENCE,
            mpxn=None if joining is None else joining.import_mpxn,
            join_seconds=join_seconds,
        )
    )
    watch(at=at)


@transaction_required
def restore_hub_log(*, request: ServiceRequest, body: RestoreHanDeviceLog, at: datetime) -> Answer:
    """This function will answer an 8.12.1: the hub is given the log of the one that stood there before."""
    old = inventory.lock_device(device_id=body.old_hub_id)
    backup = reads.find_log_backup(hub_device_id=body.old_hub_id)
    fault = _object_to_restoring(request, old, named=body.old_hub_id, has_backup=backup is not None)
    if fault is not None or old is None or backup is None:
        return _not_restored(request, fault or LogFault.NO_SUCH_HUB, kind=LogKind.RESTORE_HUB)
    kept = HubLogAlert.from_octets(backup).log
    number = command_writes.draw_command_number()
    speaker = commanding.speaker_of(request, broker=request.dsp_id, number=number, at=at)
    envelope = commanding.compose(
        request,
        speaker=speaker,
        code=MessageCode.CCS03_RESTORE_HUB_LOG,
        payload=Ccs03Command(speaker.counter & LOW_24_BITS, kept),
    )
    _note(request, kind=LogKind.RESTORE_HUB, device_id=old.device_id, send_at=at, at=at)
    return commanding.deliver(request, envelope=envelope, number=number, send_at=at, at=at)


@transaction_required
def restore_gpf_log(*, request: ServiceRequest, body: RestoreGpfDeviceLog, at: datetime) -> Answer:
    """This function will answer an 8.12.2: the GPF is given the log of the one that stood there before.

    The log of a GPF holds the displays of its home, which the inventory knows; so no backup is needed.
    """
    old = inventory.lock_device(device_id=body.old_gpf_id)
    fault = _object_to_restoring(request, old, named=body.old_gpf_id, has_backup=True)
    if fault is not None or old is None:
        return _not_restored(request, fault or LogFault.NO_SUCH_HUB, kind=LogKind.RESTORE_GPF)
    homes_of = (old.device_id, commanding.target_of(request).hub_device_id)
    entries = tuple(
        GpfEntry(one.device_id, LogType.of(DeviceType(one.device_type)))
        for hub in homes_of
        for one in _logged(hub)
        if DeviceType(one.device_type) in _IN_GPF_LOG
    )
    number = command_writes.draw_command_number()
    envelope = commanding.compose(
        request,
        speaker=Speaker(request.dsp_id, number),
        code=MessageCode.GCS59_RESTORE_GPF_LOG,
        payload=Gcs59Command(entries),
    )
    _note(request, kind=LogKind.RESTORE_GPF, device_id=old.device_id, send_at=at, at=at)
    return commanding.deliver(request, envelope=envelope, number=number, send_at=at, at=at)


def _object_to_restoring(
    request: ServiceRequest, old: StandingDevice | None, *, named: Eui64, has_backup: bool
) -> LogFault | None:
    """Object to a hub that is none, is named by its other Device ID, or belongs to the home of others."""
    wanted = old and (old.gpf_device_id if old.device_type == DeviceType.GPF else old.device_id)
    target = service_requests.find_target(device_id=named)
    is_theirs = (
        old is not None
        and target is not None
        and wanted == named
        and old.device_type == commanding.target_of(request).device_type
        and admission.is_responsible(
            target.as_target(),
            party_id=request.user.party_id,
            roles=request.user.roles & request.srv.roles,
        )
    )
    is_same = old is not None and old.device_id == commanding.target_of(request).hub_device_id
    return han_log.judge_restoration(is_old_theirs=is_theirs, is_same=is_same, has_backup=has_backup)


def _not_restored(request: ServiceRequest, fault: LogFault, *, kind: LogKind) -> Answer:
    log.info("%s restores no log: %s", request.request_id, fault.value)
    return Answer(RESTORE_CODE_OF[kind][fault])
