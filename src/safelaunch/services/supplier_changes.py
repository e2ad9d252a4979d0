"""A Device has told that it obeys another Supplier: who is told of that (N26, N27, N42), and what is kept.

Runs in the transaction that took the Device's message in. Whose the Device is follows from registrations; the history
keeps that its credentials changed, when, and between whom.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import ChangeKind
from safelaunch.domain.smi import DeviceType
from safelaunch.services import alerts
from safelaunch.store.reads import device_commands, homes, parties
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import inventory_requests as writes
from safelaunch.store.writes.inventory_requests import Change
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import (
    AlertBody,
    CertificateType,
    ChangeOfSupplier,
    CounterFloors,
    DccAlert,
    DeviceChangeOfSupplier,
    MeterMpxns,
    NewCertificate,
    RemotePartyRole,
    SecurityCredentialsUpdated,
)
from safelaunch.wire.gbcs.catalogue import open_envelope
from safelaunch.wire.gbcs.credentials import Cell, Cs02bCommand
from safelaunch.wire.gbcs.message import parse

_TYPE_OF: Mapping[Cell, CertificateType] = {
    Cell.SIGNING: CertificateType.DIGITAL_SIGNING,
    Cell.AGREEMENT: CertificateType.KEY_AGREEMENT,
    Cell.TOP_UP: CertificateType.KEY_AGREEMENT_TOP_UP,
}


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A Device that obeys another Supplier since `changed_at`, by which command; `losing` is whom it obeyed before, if it said so."""

    device_id: Eui64
    device_command_id: int
    service_request_id: int
    losing: Eui64 | None
    changed_at: datetime


@transaction_required
def tell(handed_over: Sequence[HandedOver], *, dsp_id: Eui64, at: datetime) -> None:
    """This function will tell the gaining and the losing Supplier of each Device, and keep it in the history."""
    if not handed_over:
        return
    requests = reads.list_by_number(service_request_ids={one.service_request_id for one in handed_over})
    commands = device_commands.list_gbcs(device_command_ids={one.device_command_id for one in handed_over})
    for one in handed_over:
        request_id = requests[one.service_request_id].request_id
        gaining, losing = request_id.originator, _losing(one, gaining=request_id.originator)
        told: list[tuple[DccAlertCode, AlertBody | None, list[Eui64]]] = [
            (DccAlertCode.N26, ChangeOfSupplier(request_id=request_id), [gaining]),
            (DccAlertCode.N27, _lost(one.device_id), losing),
            (DccAlertCode.N42, _updated(one.device_id, commands[one.device_command_id]), [gaining, *losing]),
        ]
        for code, body, user_ids in told:
            if body is None:
                continue
            alerts.raise_alert(
                alert=DccAlert(code=code, body=body),
                user_ids=user_ids,
                dsp_id=dsp_id,
                at=at,
                device_id=one.device_id,
                request_id=request_id if code is DccAlertCode.N26 else None,
            )
        _keep(one, gaining=gaining, at=at)


def _losing(one: HandedOver, *, gaining: Eui64) -> list[Eui64]:
    """Give the User that a Device obeyed before, if that is another and known here."""
    if one.losing is None or one.losing == gaining or parties.find_user(user_id=one.losing) is None:
        return []
    return [one.losing]


def _updated(device_id: Eui64, gbcs: bytes) -> SecurityCredentialsUpdated | None:
    """Say which certificates a Device was given, and below which counters it hears no more."""
    command = open_envelope(parse(gbcs)).payload
    if not isinstance(command, Cs02bCommand):
        return None
    certificates = tuple(
        NewCertificate(
            certificate_type=_TYPE_OF[one.cell],
            # The schema names this digest; it tells certificates apart and proves nothing.
            sha1=hashlib.sha1(one.certificate, usedforsecurity=False).digest(),
        )
        for one in command.replacements
    )
    floors = None
    if command.floor is not None:
        floors = CounterFloors(floor=command.floor, top_up_floor=command.top_up_floor)
    return SecurityCredentialsUpdated(
        device_id=device_id, role=RemotePartyRole.SUPPLIER, floors=floors, certificates=certificates
    )


def _lost(device_id: Eui64) -> ChangeOfSupplier | None:
    """Say which Device it was, and its meter point: a GPF has its GSME's."""
    target = reads.find_target(device_id=device_id)
    if target is None:
        return None
    home = homes.list_home_devices(hub_device_id=target.hub_device_id)
    own = (one.mpxn for one in home if one.device_id == device_id and one.mpxn)
    gas = (one.mpxn for one in home if one.device_type == DeviceType.GSME and one.mpxn)
    mpxn = next(own, None) or (next(gas, None) if target.device_type == DeviceType.GPF else None)
    if mpxn is None:
        return None
    lost = DeviceChangeOfSupplier(
        device_id=device_id,
        device_type=DeviceType(target.device_type),
        mpxns=MeterMpxns(import_mpxn=mpxn),
    )
    return ChangeOfSupplier(device=lost)


def _keep(one: HandedOver, *, gaining: Eui64, at: datetime) -> None:
    user = parties.find_user(user_id=gaining)
    if user is None:
        return
    change = Change(
        device_id=one.device_id,
        kind=ChangeKind.NOTED,
        party_id=user.party_id,
        service_request_id=one.service_request_id,
        at=at,
        before=None if one.losing is None else str(one.losing),
        after=str(gaining),
        detail={"srv": "6.23"},
    )
    writes.append_change(change=change)
