"""8.3, Decommission Device: a Device leaves its home for good (`domain.md` 3.6, 5.6, 7.2).

The rule is `domain/inventory_requests.py`, 8; what follows is `leaving`. Its network operator is told of a meter (N2), the
Suppliers of its home of a hub (N9); no alert has a body for a display or a switch.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from safelaunch.domain import inventory_requests as rules
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import HUB_TYPES, OUT_OF_SERVICE, Fault, Standing
from safelaunch.domain.smi import DeviceType, UserRole
from safelaunch.services import alerts
from safelaunch.services.requests import leaving
from safelaunch.services.requests.inventory_changes import find
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import homes, service_requests
from safelaunch.store.reads.homes import HomeDevice
from safelaunch.store.reads.inventory_requests import Announced, StandingDevice
from safelaunch.store.reads.service_requests import TargetFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.duis.requests.inventory import DecommissionDevice
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import (
    AssociatedDevice,
    DccAlert,
    DeviceStatusChange,
    DeviceStatusChangeEvent,
    MeterMpxns,
    MeterWithdrawal,
)
from safelaunch.wire.duis.responses.codes import ResponseCode

log = logging.getLogger(__name__)

CODE_OF: Mapping[Fault, ResponseCode] = {
    Fault.UNKNOWN_DEVICE: ResponseCode.E19,
    Fault.NOT_RESPONSIBLE: ResponseCode.E4,
    Fault.DEVICES_BEHIND: ResponseCode.E080301,
    Fault.WRONG_DEVICE_TYPE: ResponseCode.E080302,
    Fault.NO_SUCH_MOVE: ResponseCode.E080302,
}
"""The codes of 8.3; the numbers exist in the XSD, their meanings are ours (`domain.md` 4.7)."""

_NETWORK_ROLES = {DeviceType.ESME: UserRole.ED, DeviceType.GSME: UserRole.GT}
_MOST_ASSOCIATED = 7


@transaction_required
def decommission(*, request: ServiceRequest, body: DecommissionDevice, at: datetime) -> Answer:
    """This function will answer an 8.3: the Device is out of service, or the code of what speaks against it."""
    target = service_requests.find_target(device_id=body.device_id)
    if target is not None and target.device_type in HUB_TYPES:
        leaving.hold(hub_device_id=target.hub_device_id)
    found = find(request, device_id=body.device_id)
    judged = found if isinstance(found, Fault) else _judge(found)
    if isinstance(judged, Fault) or isinstance(found, Fault | Announced) or target is None:
        fault = judged if isinstance(judged, Fault) else Fault.UNKNOWN_DEVICE
        log.info("%s does not decommission %s: %s", request.request_id, body.device_id, fault.value)
        return Answer(CODE_OF[fault])
    if judged:
        leaving.leave(request=request, found=found, at=at)
        _tell(request, found, target, at=at)
    return Answer(ResponseCode.I0)


def _judge(found: StandingDevice | Announced) -> bool | Fault:
    if isinstance(found, Announced):
        return rules.judge_decommissioning(found.as_standing(), is_announced=True)
    standing = found.as_standing()
    if standing.is_hub:
        home = homes.list_home_devices(hub_device_id=found.device_id)
        behind = sum(
            1 for one in home if one.device_type not in HUB_TYPES and one.smi_status not in OUT_OF_SERVICE
        )
        standing = Standing(standing.device_type, standing.smi_status, behind)
    return rules.judge_decommissioning(standing, is_announced=False)


def _tell(request: ServiceRequest, found: StandingDevice, target: TargetFacts, *, at: datetime) -> None:
    change, code, user_ids = _hub_news(target) if found.as_standing().is_hub else _meter_news(found, target)
    if change is None or not user_ids:
        return
    alerts.raise_alert(
        alert=DccAlert(code=code, body=DeviceStatusChangeEvent(device_id=found.device_id, change=change)),
        user_ids=user_ids,
        dsp_id=request.dsp_id,
        at=at,
        device_id=found.device_id,
    )


def _hub_news(target: TargetFacts) -> tuple[DeviceStatusChange | None, DccAlertCode, list[Eui64]]:
    change = DeviceStatusChange(is_hub_decommissioned=True)
    return change, DccAlertCode.N9, alerts.users_of(*target.suppliers)


def _meter_news(
    found: StandingDevice, target: TargetFacts
) -> tuple[DeviceStatusChange | None, DccAlertCode, list[Eui64]]:
    device_type = DeviceType(found.device_type)
    role = _NETWORK_ROLES.get(device_type)
    if role is None or found.mpxn is None:
        return None, DccAlertCode.N2, []
    network = target.electricity_network_party_id if role is UserRole.ED else target.gas_network_party_id
    home = homes.list_home_devices(hub_device_id=found.hub_device_id)
    withdrawal = MeterWithdrawal(
        mpxns=MeterMpxns(import_mpxn=found.mpxn), devices=_associated(home, device_type=device_type)
    )
    return DeviceStatusChange(withdrawal=withdrawal), DccAlertCode.N2, alerts.users_of((network, role))


def _associated(home: list[HomeDevice], *, device_type: DeviceType) -> tuple[AssociatedDevice, ...]:
    """Name what goes with an ESME: the switches of its meter point."""
    if device_type is not DeviceType.ESME:
        return ()
    found = [one for one in home if one.device_type == DeviceType.HCALCS]
    return tuple(
        AssociatedDevice(device_id=one.device_id, device_type=DeviceType.HCALCS)
        for one in found[:_MOST_ASSOCIATED]
    )
