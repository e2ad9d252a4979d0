"""Whoever enters the fleet with firmware that the CPL lists as Active no more enters it Suspended (`domain.md` 3.6)."""

from datetime import datetime

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import RULE
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.suspension import RECEIVERS, SuspensionCause
from safelaunch.services.jobs import Job
from safelaunch.services.wake_ups import TELLING
from safelaunch.store import jobs
from safelaunch.store.reads import service_requests as targets
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import suspensions
from safelaunch.store.writes.suspensions import Act, Told


@transaction_required
def suspend(*, device_model_id: int, at: datetime) -> int:
    """This function will begin the suspension of one Device that is about to enter, and give its number."""
    [act] = suspensions.begin(
        acts=[Act(device_model_id=device_model_id, device_count=1)],
        cause=SuspensionCause.UNLISTED_FIRMWARE,
        actor=RULE.name,
        at=at,
    )
    return act.suspension_id


@transaction_required
def tell_of_suspension(*, device_id: Eui64, at: datetime) -> None:
    """This function will raise N28 about a Device that has entered, to those who receive it for its type."""
    entered = targets.find_target(device_id=device_id)
    if entered is None:
        return
    receivers = RECEIVERS.get(DeviceType(entered.device_type), ())
    suspensions.raise_device_alerts(
        told=[
            Told(code=AlertCode.N28, device_id=device_id, party_id=party_id, role=role)
            for role in receivers
            if (party_id := entered.responsible[role]) is not None
        ],
        at=at,
    )
    jobs.defer_once(Job.TELL_USERS, key="tell-users-arrivals", lock=TELLING)
