"""8.1.1, Commission Device: a meter takes the time from its Supplier, and is in service (`domain.md` 3.6, 5.6).

An ESME is commissioned by ECS70, a GSME by GCS28; both are critical. What its answer does is `services/han_logs.py`.
"""

from datetime import datetime, timedelta

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType
from safelaunch.services.requests import commanding, pre_commands
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.duis.requests.firmware import SignedPreCommand
from safelaunch.wire.duis.requests.han import CommissionDevice
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.gbcs.catalogue import MessageCode, Payload
from safelaunch.wire.gbcs.clocks import Ecs70Command, Gcs28Command
from safelaunch.wire.gbcs.times import DlmsTime


@transaction_required
def commission_device(
    *, request: ServiceRequest, body: CommissionDevice | SignedPreCommand, at: datetime
) -> Answer:
    """This function will give out the Pre-Command of a commissioning, or send the one that was signed."""
    if isinstance(body, SignedPreCommand):
        return pre_commands.carry_signed(request, body=body, at=at)
    try:
        code, payload = _setting(request, body)
    except (Invalid, OverflowError):
        return Answer(pre_commands.NO_GBCS_TIME)
    return pre_commands.give_out(request, code=code, payload=payload)


def _setting(request: ServiceRequest, body: CommissionDevice) -> tuple[MessageCode, Payload]:
    begins, ends = body.current_at, body.current_at + timedelta(seconds=body.tolerance_seconds)
    if commanding.target_of(request).device_type == DeviceType.GSME:
        return MessageCode.GCS28_COMMISSION, Gcs28Command(begins, ends)
    invoke_id = request.request_id.counter & commanding.LOW_24_BITS
    times = DlmsTime.at_moment(begins), DlmsTime.at_moment(ends)
    return MessageCode.ECS70_COMMISSION, Ecs70Command(invoke_id, *times)
