"""News of Communications Hubs: 8.14.1 and 8.14.2, installed; 8.14.3 and 8.14.4, coming back (`domain.md` 5.6).

The rules are `domain/inventory_requests.py`, 6 and 7; how an announced hub enters the fleet is `arrivals`, how one
leaves it `leaving`. A hub that has Responsible Suppliers is theirs to speak of; one that has none yet is spoken of by whoever
installs it. What was said beside the status is kept word for word in the history.
"""

import logging
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from safelaunch.domain import inventory_requests as rules
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import ChangeKind, Fault, HubNews
from safelaunch.domain.smi import SmiStatus
from safelaunch.services.requests import arrivals, leaving
from safelaunch.services.requests.inventory_changes import Found, find, move, note
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import homes, service_requests
from safelaunch.store.reads import inventory_requests as reads
from safelaunch.store.reads.inventory_requests import Announced
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.duis.requests.hub_status import (
    FaultReturn,
    FaultReturnType,
    InstallNoSmWan,
    InstallSuccess,
    InstallType,
    NoFaultReturn,
)
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode

log = logging.getLogger(__name__)

CODE_OF: Mapping[Fault, ResponseCode] = {
    Fault.UNKNOWN_DEVICE: ResponseCode.E19,
    Fault.NOT_RESPONSIBLE: ResponseCode.E4,
    Fault.WRONG_DEVICE_TYPE: ResponseCode.E081401,
    Fault.NO_SUCH_MOVE: ResponseCode.E081402,
    Fault.WRONG_OCCASION: ResponseCode.E081405,
}
"""The codes of 8.14; the numbers exist in the XSD, their meanings are ours (`domain.md` 4.7)."""


@transaction_required
def note_installation(
    *, request: ServiceRequest, body: InstallSuccess | InstallNoSmWan, at: datetime
) -> Answer:
    """This function will answer an 8.14.1 or 8.14.2: the hub is installed, on the SM WAN or not."""
    reached_wan = isinstance(body, InstallSuccess)
    found = _hub(request, device_id=body.device_id)
    if isinstance(found, Fault):
        return _refused(request, found)
    if reached_wan and body.install_type is InstallType.NO_SM_WAN:
        return _refused(request, Fault.WRONG_OCCASION)
    is_place_known = homes.find_home_of_mpxn(mpxn=body.mpxn) is not None or (
        isinstance(found, Announced)
        and arrivals.find_new_home(request=request, announced=found, mpxn=body.mpxn) is not None
    )
    # A hub that does not reach the SM WAN is in nobody's fleet yet, wherever it was installed.
    is_warned_of = not is_place_known or (isinstance(found, Announced) and not reached_wan)
    news = rules.judge_installation(
        found.as_standing(), reached_wan=reached_wan, is_place_known=not is_warned_of
    )
    commissioned_at = (body.installed_at or at) if reached_wan else None
    if isinstance(found, Announced) and isinstance(body, InstallSuccess) and isinstance(news, HubNews):
        fault = arrivals.arrive(request=request, announced=found, body=body, at=at)
        if fault is not None:
            return _refused(request, fault)
    return _noted(request, found, news, said=body, at=at, commissioned_at=commissioned_at)


@transaction_required
def note_return(*, request: ServiceRequest, body: FaultReturn | NoFaultReturn, at: datetime) -> Answer:
    """This function will answer an 8.14.3 or 8.14.4: the hub comes back, with a fault or without."""
    target = service_requests.find_target(device_id=body.device_id)
    if target is not None:
        leaving.hold(hub_device_id=target.hub_device_id)
    found = _hub(request, device_id=body.device_id)
    if isinstance(found, Fault):
        return _refused(request, found)
    was_installed = None
    if isinstance(body, FaultReturn):
        was_installed = body.return_type is FaultReturnType.AFTER_INSTALLATION
    news = rules.judge_return(found.as_standing(), was_installed=was_installed)
    return _noted(request, found, news, said=body, at=at)


def _hub(request: ServiceRequest, *, device_id: Eui64) -> Found | Fault:
    found = find(request, device_id=device_id)
    if found is not Fault.NOT_RESPONSIBLE:
        return found
    target = service_requests.find_target(device_id=device_id)
    standing = reads.lock_standing(device_id=device_id)
    if standing is None or target is None:
        # Hubs are announced by whoever ships them, and installed by whoever has the home.
        return reads.lock_announced(device_id=device_id) or Fault.UNKNOWN_DEVICE
    is_anybodys = target.import_party_id is None and target.gas_party_id is None
    return standing if is_anybodys else Fault.NOT_RESPONSIBLE


def _noted(
    request: ServiceRequest,
    found: Found,
    news: HubNews | Fault,
    *,
    said: Any,
    at: datetime,
    commissioned_at: datetime | None = None,
) -> Answer:
    if isinstance(news, Fault):
        return _refused(request, news)
    before = SmiStatus(found.smi_status)
    kind = ChangeKind.NOTED if news.smi_status is before else ChangeKind.STATUS
    answer = Answer(ResponseCode.W081401 if news.is_warned_of else ResponseCode.I0)
    if (
        kind is ChangeKind.STATUS
        and news.smi_status is SmiStatus.DECOMMISSIONED
        and not isinstance(found, Announced)
    ):
        leaving.leave(request=request, found=found, at=at, **_plain(said))
        return answer
    if kind is ChangeKind.STATUS:
        move(found, to=news.smi_status, at=commissioned_at)
    note(
        request=request,
        found=found,
        kind=kind,
        at=at,
        before=before.value,
        after=news.smi_status.value,
        detail={"srv": request.srv.code, **_plain(said)},
    )
    return answer


def _plain(said: Any) -> dict[str, Any]:
    told = {field.name: getattr(said, field.name) for field in fields(said) if field.name != "device_id"}
    return {name: _plainly(value) for name, value in told.items() if value is not None}


def _plainly(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if not isinstance(value, bool | str) else value


def _refused(request: ServiceRequest, fault: Fault) -> Answer:
    log.info("%s is refused: %s", request.request_id, fault.value)
    return Answer(CODE_OF[fault])
