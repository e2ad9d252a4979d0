"""A Device of a home leaves service: its hub is replaced (8.14.1) or comes back (8.14.3, 8.14.4), or 8.3 says so.

It is DECOMMISSIONED and stays in the inventory, where its history is. A suspension is over without a return, what waits to
be sent to it is taken back and its Users are told, what was planned for it is forgotten, firmware on its way to it is given
up, and campaigns let go of a hub wherever it stood in them (Q15). A building block of the requests that say so; it runs in their transaction.
"""

from datetime import datetime
from typing import Any

from safelaunch.domain.device_commands import CommandEvent
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import ChangeKind
from safelaunch.domain.smi import SmiStatus
from safelaunch.services import firmware_distribution
from safelaunch.services.requests import outcomes
from safelaunch.services.requests.inventory_changes import move, note
from safelaunch.services.requests.received import Teller
from safelaunch.store.reads.inventory_requests import StandingDevice
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import device_commands, planned_events, registrations, suspensions
from safelaunch.store.writes import inventory_requests as writes
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode

OUT_OF_SERVICE = ResponseCode.E5
"""What waited for the Device: its status is not one in which it is asked anything."""


@transaction_required
def hold(*, hub_device_id: Eui64) -> None:
    """This function will keep campaigns from planning a hub, and reports from moving its upgrades, until the transaction ends.

    It goes before the hub is locked: campaigns, then upgrades, then hubs is the order of handovers and reports.
    """
    registrations.lock_open_campaigns()
    registrations.lock_hub_upgrades(hub_device_ids=[hub_device_id])


@transaction_required
def leave(*, request: Teller, found: StandingDevice, at: datetime, **said: Any) -> None:
    """This function will take a Device out of service with all that follows, and keep it in the history with what was said."""
    is_hub = found.as_standing().is_hub
    withdrawn = writes.withdraw_leaving(device_id=found.device_id, at=at) if is_hub else []
    suspensions.end_by_leaving_service(device_id=found.device_id, at=at)
    move(found, to=SmiStatus.DECOMMISSIONED)
    lapsed = sum(lapse(one, at=at) for one in (found.device_id, found.gpf_device_id) if one is not None)
    journeys = firmware_distribution.leave_service(device_id=found.device_id, at=at)
    note(
        request=request,
        found=found,
        kind=ChangeKind.STATUS,
        at=at,
        before=found.smi_status,
        after=SmiStatus.DECOMMISSIONED.value,
        detail={
            "srv": request.srv.code,
            "lapsed_commands": lapsed,
            "ended_journeys": journeys,
            "withdrawn": withdrawn,
            **said,
        },
    )


@transaction_required
def lapse(device_id: Eui64, *, at: datetime) -> int:
    """This function will take back what waits for a Device, tell those who asked for it, and give how much it was."""
    planned_events.cancel_all(device_id=device_id, at=at)
    waiting = device_commands.lock_waiting_commands(device_id=device_id)
    device_commands.move_commands(device_command_ids=waiting, event=CommandEvent.CANCEL, at=at)
    requests = sorted(set(waiting.values()))
    outcomes.complete_all(answers={one: Answer(OUT_OF_SERVICE) for one in requests}, at=at)
    return len(waiting)
