"""DCC Alerts to Users: what the DCC says without being asked (`domain.md` 7).

Each User ID is told in the DUIS version that it speaks; an alert that a version does not have goes as N999. The
Response ID is the DSP's own, with a number that no other alert has, so that a User knows a repeat.

Alerts that a campaign raises by the thousand are rows first, raised in the transaction of what they tell of. Those of
Users with an address are owed: a job makes them into messages, a run at a time, so that what CSPs report is taken in at
the same speed whoever listens. Users without an address see them in the portal, and are owed nothing later.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.firmware_journeys import Reason
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import UserRole
from safelaunch.services import deliveries
from safelaunch.services.alert_bodies import Told, body_of
from safelaunch.services.deliveries import spoken_by
from safelaunch.services.jobs import Job
from safelaunch.services.wake_ups import TELLING
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import parties
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import alerts as writes
from safelaunch.store.writes.alerts import OwedAlert
from safelaunch.store.writes.deliveries import Outgoing, next_alert_numbers
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.leaves import MOMENT
from safelaunch.wire.duis.responses import Reply, write_response
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import DccAlert
from safelaunch.wire.duis.responses.codes import ResponseCode

RUN = 1_000
"""Alerts made into messages by one job before it makes way for others."""

WAITING_AT_MOST = 20_000
"""Messages that wait for a User before chunks wait instead: a User who is away does not fill the house."""

_ANY_DEVICE = Eui64((1 << 64) - 1)
_ANY_DEVICE_TEXT = str(_ANY_DEVICE).encode()
_ANY_HUB = Eui64((1 << 64) - 2)
_ANY_HUB_TEXT = str(_ANY_HUB).encode()
_ANY_MOMENT = datetime(1, 1, 1, tzinfo=UTC)
_ANY_MOMENT_TEXT = MOMENT.write(_ANY_MOMENT).encode()
_ANY_NUMBER = (1 << 64) - 1
_ANY_NUMBER_TEXT = str(_ANY_NUMBER).encode()
"""What is filled in; no Device has these addresses, nothing happened then, and numbers end at half of this one."""


@transaction_required
def raise_alert(
    *,
    alert: DccAlert,
    user_ids: Sequence[Eui64],
    dsp_id: Eui64,
    at: datetime,
    device_id: Eui64 | None = None,
    request_id: RequestId | None = None,
) -> None:
    """This function will queue an alert for Users, with whatever caused it.

    Args:
        alert: the code with its body.
        user_ids: to whom; none is told twice.
        dsp_id: the EUI-64 of the DSP, which says it.
        at: when the DCC says it.
        device_id: the Device whose messages it keeps its place among, if it is about one.
        request_id: the request that it belongs to, if any.
    """
    told = list(dict.fromkeys(user_ids))
    messages = []
    for user_id, number in zip(told, next_alert_numbers(count=len(told)), strict=True):
        user = parties.find_user(user_id=user_id)
        reply = Reply(
            code=ResponseCode.I0,
            at=at,
            message=alert,
            request_id=request_id,
            response_id=RequestId(dsp_id, user_id, number),
        )
        octets = write_response(reply, version=spoken_by(user.duis_version if user else None))
        messages.append(Outgoing(user_id=user_id, octets=octets, code=alert.code.value, device_id=device_id))
    deliveries.queue(messages=messages)


def users_of(*responsible: tuple[int | None, UserRole]) -> list[Eui64]:
    """This function will list the User IDs that Parties hold in User Roles; no Party has none."""
    return [
        user_id
        for party_id, role in responsible
        if party_id is not None
        for user_id in parties.list_user_ids(party_id=party_id, role=role)
    ]


def tell_users(*, dsp_id: Eui64) -> int:
    """This function will make alerts that are owed into messages, oldest first, and give their number.

    Args:
        dsp_id: the EUI-64 of the DSP, which says them.
    """
    with transactions.transaction():
        owed = writes.take_owed_alerts(limit=RUN)
        # A suspension owes its alerts by the thousand; what was raised before it goes first.
        owed += writes.take_owed_chunk(limit=RUN - len(owed), most_waiting=WAITING_AT_MOST)
        if not owed:
            return 0
        deliveries.queue(messages=_messages(owed, dsp_id=dsp_id))
        jobs.defer_once(Job.TELL_USERS, key=TELLING)
    return len(owed)


def _messages(owed: Sequence[OwedAlert], *, dsp_id: Eui64) -> list[Outgoing]:
    """Write alerts; those that differ in Device, hub, time and number alone are written once and filled in.

    A night's alerts to one User do differ in nothing else, and writing one takes a millisecond.
    """
    patterns: dict[OwedAlert, bytes] = {}
    messages = []
    for alert, number in zip(owed, next_alert_numbers(count=len(owed)), strict=True):
        alike = _alike(alert)
        if alike not in patterns:
            patterns[alike] = _written(alike, dsp_id=dsp_id)
        octets = patterns[alike].replace(_ANY_DEVICE_TEXT, str(alert.device_id).encode())
        octets = octets.replace(_ANY_NUMBER_TEXT, str(number).encode())
        if alert.hub_device_id is not None:
            octets = octets.replace(_ANY_HUB_TEXT, str(alert.hub_device_id).encode())
        if alert.happened_at is not None:
            octets = octets.replace(_ANY_MOMENT_TEXT, MOMENT.write(alert.happened_at).encode())
        messages.append(
            Outgoing(user_id=alert.user_id, octets=octets, code=alert.code, device_id=alert.device_id)
        )
    return messages


def _alike(alert: OwedAlert) -> OwedAlert:
    return replace(
        alert,
        device_id=_ANY_DEVICE,
        hub_device_id=None if alert.hub_device_id is None else _ANY_HUB,
        happened_at=None if alert.happened_at is None else _ANY_MOMENT,
    )


def _written(owed: OwedAlert, *, dsp_id: Eui64) -> bytes:
    told = Told(
        device_id=owed.device_id,
        firmware_version=owed.firmware_version,
        smi_firmware_version=owed.smi_firmware_version,
        hub_device_id=owed.hub_device_id,
        request_id=_request_id(owed),
        happened_at=owed.happened_at,
        outcome=None if owed.outcome is None else Reason(owed.outcome),
    )
    reply = Reply(
        code=ResponseCode.I0,
        at=owed.raised_at,
        message=DccAlert(code=DccAlertCode(owed.code), body=body_of(AlertCode(owed.code), told)),
        response_id=RequestId(dsp_id, owed.user_id, _ANY_NUMBER),
    )
    return write_response(reply, version=spoken_by(owed.duis_version))


def _request_id(owed: OwedAlert) -> RequestId | None:
    if owed.originator is None or owed.target is None or owed.counter is None:
        return None
    return RequestId(owed.originator, owed.target, int(owed.counter))
