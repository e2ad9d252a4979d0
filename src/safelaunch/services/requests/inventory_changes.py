"""Requests that change the inventory: 8.4, Update Inventory, and 12.2, Device Pre-notification (`domain.md` 5.6).

The rules are `domain/inventory_requests.py`. A Device of a home is changed by whoever is responsible for it, one that was
only announced by whoever announced it. Whose a home is follows from registrations and never from these requests.
Each change goes into the history with the request that told it, and into the record.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from safelaunch.domain import admission, calendar
from safelaunch.domain import inventory_requests as rules
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import ChangeKind, Details, Fault
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus
from safelaunch.services import alerts
from safelaunch.services.requests.received import ServiceRequest, Teller
from safelaunch.store.reads import inventory_requests as reads
from safelaunch.store.reads import service_requests
from safelaunch.store.reads.inventory_requests import Announced, ModelFacts, ModelOnCpl, StandingDevice
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import inventory_requests as writes
from safelaunch.store.writes import record
from safelaunch.store.writes.inventory_requests import Change
from safelaunch.wire.duis.requests.inventory import (
    DevicePrenotification,
    UpdateDeviceDetails,
    UpdateInventory,
)
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import DccAlert, DeviceStatusChange, DeviceStatusChangeEvent
from safelaunch.wire.duis.responses.codes import ResponseCode

log = logging.getLogger(__name__)

UPDATE_CODE_OF: Mapping[Fault, ResponseCode] = {
    Fault.UNKNOWN_DEVICE: ResponseCode.E19,
    Fault.NOT_RESPONSIBLE: ResponseCode.E4,
    Fault.SUSPENDED: ResponseCode.E5,
    Fault.NOTHING_SAID: ResponseCode.E080405,
    Fault.WRONG_DEVICE_TYPE: ResponseCode.E080406,
    Fault.NO_SUCH_MOVE: ResponseCode.E080407,
    Fault.COMMISSIONED: ResponseCode.E080408,
    Fault.NOT_ON_CPL: ResponseCode.E080409,
    Fault.OTHER_SPECIFICATION: ResponseCode.E080410,
    Fault.VARIANT_OF_NO_ESME: ResponseCode.E080411,
    Fault.NOT_PENDING: ResponseCode.E080412,
    Fault.DEVICES_BEHIND: ResponseCode.E080413,
    Fault.WRONG_METER_POINT: ResponseCode.E080414,
    Fault.METER_POINT_TAKEN: ResponseCode.E080415,
    Fault.METER_POINT_NOT_KEPT: ResponseCode.E48,
}
"""The codes of 8.4; the numbers exist in the XSD, their meanings are ours (`domain.md` 4.7)."""

PRENOTIFICATION_CODE_OF: Mapping[Fault, ResponseCode] = {
    Fault.KNOWN_ALREADY: ResponseCode.E120201,
    Fault.NOT_ON_CPL: ResponseCode.E120203,
    Fault.OTHER_SPECIFICATION: ResponseCode.E120204,
    Fault.VARIANT_OF_NO_ESME: ResponseCode.E120204,
    Fault.WRONG_GPF: ResponseCode.E120207,
}
"""The codes of 12.2, likewise."""

Found: TypeAlias = StandingDevice | Announced
"""A Device that may be changed: of a home, or only announced."""


@transaction_required
def update_inventory(*, request: ServiceRequest, body: UpdateInventory, at: datetime) -> Answer:
    """This function will answer an 8.4: one change to one Device, or the code of what speaks against it."""
    found = find(request, device_id=body.device_id)
    fault = found if isinstance(found, Fault) else _update(request, found, body, at=at)
    if fault is None:
        return Answer(ResponseCode.I0)
    log.info("%s does not change %s: %s", request.request_id, body.device_id, fault.value)
    return Answer(UPDATE_CODE_OF[fault])


def find(request: ServiceRequest, *, device_id: Eui64) -> Found | Fault:
    """This function will find a Device that a User may change, locked until the transaction ends, or say why not."""
    standing = reads.lock_standing(device_id=device_id)
    if standing is None:
        announced = reads.lock_announced(device_id=device_id)
        if announced is None:
            return Fault.UNKNOWN_DEVICE
        return announced if announced.party_id == request.user.party_id else Fault.NOT_RESPONSIBLE
    target = service_requests.find_target(device_id=device_id)
    is_responsible = target is not None and admission.is_responsible(
        target.as_target(), party_id=request.user.party_id, roles=request.user.roles & admission.REGISTERED
    )
    return standing if is_responsible else Fault.NOT_RESPONSIBLE


def _update(request: ServiceRequest, found: Found, body: UpdateInventory, *, at: datetime) -> Fault | None:
    if body.details is not None:
        return _tell_details(request, found, body.details, at=at)
    if body.deletes:
        return _delete(request, found, at=at)
    if body.mpxn is not None:
        return _tell_meter_point(request, found, body.mpxn.import_mpxn, at=at)
    told = body.status or body.hub_status
    if told is None:
        return Fault.NOTHING_SAID
    fault = rules.judge_status(found.as_standing(), to=told, is_for_hubs=body.hub_status is not None)
    if fault is None:
        move(found, to=told)
        note(
            request=request,
            found=found,
            kind=ChangeKind.STATUS,
            at=at,
            before=found.smi_status,
            after=told.value,
        )
    return fault


def move(found: Found, *, to: SmiStatus, at: datetime | None = None) -> None:
    """This function will give a Device another status; `at` is when a hub was commissioned, if that is told."""
    if isinstance(found, Announced):
        writes.change_announced(device_id=found.device_id, smi_status=to)
    elif found.as_standing().is_hub:
        commissioned_on = None if at is None else calendar.london_date(at)
        writes.change_hub(device_id=found.device_id, smi_status=to, commissioned_on=commissioned_on)
    else:
        writes.change_device(device_id=found.device_id, smi_status=to)


def _tell_details(
    request: ServiceRequest, found: Found, told: UpdateDeviceDetails, *, at: datetime
) -> Fault | None:
    is_model = told.manufacturer or told.model or told.firmware_version
    before = model_of(found)
    after = replace(
        before,
        manufacturer=told.manufacturer or before.manufacturer,
        model=told.model or before.model,
        firmware_version=told.firmware_version or before.firmware_version,
    )
    known = _on_cpl(after)
    details = _details(
        after, known=known, specification=told.smets_chts_version, esme_variant=told.esme_variant
    )
    says_anything = bool(is_model or told.smets_chts_version or told.esme_variant)
    fault = rules.judge_details(found.as_standing(), details=details, says_anything=says_anything)
    if fault is not None:
        return fault
    if isinstance(found, Announced):
        writes.change_announced(
            device_id=found.device_id,
            manufacturer=after.manufacturer,
            model=after.model,
            firmware_version=after.firmware_version or None,
            smets_chts_version=told.smets_chts_version or found.smets_chts_version,
            esme_variant=told.esme_variant or found.esme_variant,
        )
    elif is_model:
        number = known.device_model_id if known else writes.add_model(model=after)
        change = writes.change_hub if found.as_standing().is_hub else writes.change_device
        change(device_id=found.device_id, device_model_id=number)
    said = {"smets_chts_version": told.smets_chts_version, "esme_variant": told.esme_variant}
    note(
        request=request,
        found=found,
        kind=ChangeKind.DETAILS,
        at=at,
        before=_words(before),
        after=_words(after),
        detail={name: value for name, value in said.items() if value is not None},
    )
    return None


def model_of(found: Found) -> ModelFacts:
    """This function will give a Device's Device Model by its words."""
    if isinstance(found, StandingDevice):
        return reads.get_model(device_model_id=found.device_model_id)
    return ModelFacts(
        found.device_type.value, found.manufacturer, found.model, "", found.firmware_version or ""
    )


def _on_cpl(model: ModelFacts) -> ModelOnCpl | None:
    return reads.find_model_on_cpl(
        # The CPL lists a hub once, by its CHF (`domain.md` 3.5).
        device_type="CHF" if model.device_type == DeviceType.GPF else model.device_type,
        manufacturer=model.manufacturer,
        model=model.model,
        firmware_version=model.firmware_version,
        hardware_version=model.hardware_version,
    )


def _details(
    model: ModelFacts, *, known: ModelOnCpl | None, specification: str | None, esme_variant: str | None
) -> Details:
    return Details(
        device_type=DeviceType(model.device_type),
        firmware_version=model.firmware_version or None,
        specification=specification,
        esme_variant=esme_variant,
        cpl_status=CplStatus(known.cpl_status) if known and known.cpl_status else None,
        listed_specification=known.smets_chts_version if known else None,
    )


def model_on_cpl(found: Found) -> ModelOnCpl | None:
    """This function will give a Device's Device Model as the CPL has it now, or nothing when no Device runs it."""
    return _on_cpl(model_of(found))


def _words(model: ModelFacts) -> str:
    return " ".join(word for word in (model.manufacturer, model.model, model.firmware_version) if word)


def _delete(request: ServiceRequest, found: Found, *, at: datetime) -> Fault | None:
    fault = rules.judge_deletion(found.as_standing())
    if fault is not None:
        return fault
    target = service_requests.find_target(device_id=found.device_id)
    if isinstance(found, Announced):
        writes.delete_announced(device_id=found.device_id)
    elif found.as_standing().is_hub:
        writes.delete_hub(device_id=found.device_id)
    else:
        writes.delete_device(device_id=found.device_id)
    note(request=request, found=found, kind=ChangeKind.DELETED, at=at, before=_words(model_of(found)))
    if target is not None:
        _tell_of_deletion(request, found, suppliers=alerts.users_of(*target.suppliers), at=at)
    return None


def _tell_of_deletion(request: ServiceRequest, found: Found, *, suppliers: list[Eui64], at: datetime) -> None:
    """Tell the Suppliers of a home that a Device is not of it any more (N8); one in no home is nobody else's concern."""
    change = DeviceStatusChange(is_removed=True)
    alerts.raise_alert(
        alert=DccAlert(
            code=DccAlertCode.N8, body=DeviceStatusChangeEvent(device_id=found.device_id, change=change)
        ),
        user_ids=suppliers,
        dsp_id=request.dsp_id,
        at=at,
        device_id=found.device_id,
    )


def _tell_meter_point(
    request: ServiceRequest, found: Found, mpxn: str | None, *, at: datetime
) -> Fault | None:
    if mpxn is None:
        # The inventory keeps one meter point for each Device: the import MPAN, or the MPRN.
        return Fault.METER_POINT_NOT_KEPT
    is_taken = reads.is_meter_point_taken(
        mpxn=mpxn, device_type=str(found.device_type), device_id=found.device_id
    )
    fault = rules.judge_meter_point(found.as_standing(), mpxn=mpxn, is_taken=is_taken)
    if fault is not None:
        return fault
    if isinstance(found, Announced):
        writes.change_announced(device_id=found.device_id, mpxn=mpxn)
    else:
        writes.change_device(device_id=found.device_id, mpxn=mpxn)
    note(request=request, found=found, kind=ChangeKind.MPXN, at=at, before=found.mpxn, after=mpxn)
    return None


@transaction_required
def prenotify(*, request: ServiceRequest, body: DevicePrenotification, at: datetime) -> Answer:
    """This function will answer a 12.2: the Device is announced, PENDING, or the code of what speaks against it."""
    model = ModelFacts(body.device_type.value, body.manufacturer, body.model, "", body.firmware_version or "")
    details = _details(
        model, known=_on_cpl(model), specification=body.smets_chts_version, esme_variant=body.esme_variant
    )
    fault = rules.judge_prenotification(
        details,
        is_known=_is_known(body.device_id),
        names_gpf=body.gpf_device_id is not None,
        is_gpf_known=body.gpf_device_id is not None
        and (body.gpf_device_id == body.device_id or _is_known(body.gpf_device_id)),
    )
    announced = Announced(
        device_id=body.device_id,
        device_type=body.device_type,
        smi_status=SmiStatus.PENDING,
        manufacturer=body.manufacturer,
        model=body.model,
        firmware_version=body.firmware_version,
        smets_chts_version=body.smets_chts_version or details.listed_specification,
        esme_variant=body.esme_variant,
        gpf_device_id=body.gpf_device_id,
        mpxn=None,
        party_id=request.user.party_id,
        prenotified_at=at,
    )
    if fault is None and not writes.announce(announced=announced):
        fault = Fault.KNOWN_ALREADY
    if fault is not None:
        log.info("%s does not announce %s: %s", request.request_id, body.device_id, fault.value)
        return Answer(PRENOTIFICATION_CODE_OF[fault])
    note(request=request, found=announced, kind=ChangeKind.PRENOTIFIED, at=at, after=_words(model))
    return Answer(ResponseCode.I0)


def _is_known(device_id: Eui64) -> bool:
    return (
        service_requests.find_target(device_id=device_id) is not None
        or reads.find_announced(device_id=device_id) is not None
    )


def note(
    *,
    request: Teller,
    found: Found,
    kind: ChangeKind,
    at: datetime,
    **said: Any,
) -> None:
    """This function will keep what was told of a Device, in its history and in the record.

    Args:
        request: who told it.
        found: the Device.
        kind: what became of it.
        at: when.
        said: `before`, `after` and `detail` of the `Change`.
    """
    change = Change(
        device_id=found.device_id,
        kind=kind,
        party_id=request.user.party_id,
        service_request_id=request.service_request_id,
        at=at,
        **said,
    )
    writes.append_change(change=change)
    record.append(
        act="UPDATE_INVENTORY",
        actor=request.user.party_name,
        at=at,
        cause=f"{request.srv.code} {request.request_id}",
        detail={
            "device_id": str(found.device_id),
            "kind": kind.value,
            "before": change.before,
            "after": change.after,
        },
    )
