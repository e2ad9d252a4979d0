"""A Device enters a home, comes further in its life there, or leaves it; and a hub takes a home over (`domain.md` 3.6).

Building blocks of what hubs and meters tell (`services/han_logs.py`), in whose transaction they run; the rules are
`domain/han_log.py`. Each change is in the history of the Device, with the request that began it.
"""

from datetime import datetime

from safelaunch.domain import calendar, han_log
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import OUT_OF_SERVICE, TYPE_2, ChangeKind
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus
from safelaunch.services import firmware_distribution
from safelaunch.services.requests import entering, leaving
from safelaunch.services.requests.inventory_changes import Found, model_of, model_on_cpl, note
from safelaunch.services.requests.received import Teller
from safelaunch.store.reads import inventory_requests as reads
from safelaunch.store.reads.inventory_requests import Announced, StandingDevice
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import han_logs as writes
from safelaunch.store.writes import inventory_requests as inventory
from safelaunch.store.writes import registrations, suspensions
from safelaunch.store.writes.han_logs import Entering

METERS = frozenset({DeviceType.ESME, DeviceType.GSME})


@transaction_required
def admit(
    *, asked: Teller, announced: Announced, hub_device_id: Eui64, mpxn: str | None, at: datetime
) -> None:
    """This function will bring a Device that was only announced into the home whose hub took it into its log.

    One whose firmware left the CPL meanwhile enters Suspended. The hub's Suppliers follow its meters (`domain.md` 2.3).
    """
    if announced.device_type in METERS:
        leaving.hold(hub_device_id=hub_device_id)
    known = model_on_cpl(announced)
    number = known.device_model_id if known else inventory.add_model(model=model_of(announced))
    is_fit = announced.device_type in TYPE_2 or (known is not None and known.cpl_status == CplStatus.ACTIVE)
    to = han_log.once_logged(announced.smi_status)
    entering_device = Entering(
        device_id=announced.device_id,
        hub_device_id=hub_device_id,
        device_type=announced.device_type,
        device_model_id=number,
        smi_status=to,
        mpxn=mpxn or announced.mpxn,
        party_id=asked.user.party_id,
        suspension_id=None if is_fit else entering.suspend(device_model_id=number, at=at),
    )
    writes.admit_device(entering=entering_device, at=at)
    inventory.delete_announced(device_id=announced.device_id)
    if not is_fit:
        entering.tell_of_suspension(device_id=announced.device_id, at=at)
    if announced.device_type in METERS:
        _follow_meters(hub_device_id)
    _keep(asked, announced, before=announced.smi_status, after=to, at=at, hub=hub_device_id)


@transaction_required
def rehome(
    *, asked: Teller, found: StandingDevice, hub_device_id: Eui64, mpxn: str | None, at: datetime
) -> None:
    """This function will have a Device that is in no other log be of the home whose hub took it into its own.

    Its meter point is the one that was named; one that is named with a Device of the home already replaces the one before.
    """
    is_meter = DeviceType(found.device_type) in METERS
    if is_meter:
        leaving.hold(hub_device_id=hub_device_id)
    writes.rehome_device(device_id=found.device_id, hub_device_id=hub_device_id, mpxn=mpxn)
    to = han_log.once_logged(found.held)
    if to is not found.held:
        writes.advance_device(device_id=found.device_id, smi_status=to)
        _keep(asked, found, before=found.held, after=to, at=at, hub=hub_device_id)
    if is_meter:
        _follow_meters(hub_device_id)


@transaction_required
def advance(*, asked: Teller, found: StandingDevice, to: SmiStatus, seen_at: datetime, at: datetime) -> None:
    """This function will have a Device of a home be further in its life, if it is not there yet.

    Args:
        asked: who began it.
        found: the Device.
        to: the status that it has from now on; once it is back, if it is Suspended.
        seen_at: when the hub, or the Device itself, told of it.
        at: when it is taken in.
    """
    if to is found.held:
        return
    is_in_service = to is SmiStatus.COMMISSIONED
    is_meter = DeviceType(found.device_type) in METERS
    if is_in_service and is_meter:
        leaving.hold(hub_device_id=found.hub_device_id)
    writes.advance_device(
        device_id=found.device_id,
        smi_status=to,
        commissioned_on=calendar.london_date(seen_at) if is_in_service else None,
    )
    if is_in_service and is_meter:
        # Of several meters the one in service says whose the home is.
        _follow_meters(found.hub_device_id)
    _keep(asked, found, before=found.held, after=to, at=at, hub=found.hub_device_id)


@transaction_required
def put_out(*, asked: Teller, found: StandingDevice, at: datetime) -> None:
    """This function will take a Device out of its home, to be PENDING in none, with what waited for it."""
    suspensions.end_by_leaving_service(device_id=found.device_id, at=at)
    leaving.lapse(found.device_id, at=at)
    firmware_distribution.leave_service(device_id=found.device_id, at=at)
    model = reads.get_model(device_model_id=found.device_model_id)
    inventory.delete_device(device_id=found.device_id)
    inventory.announce(
        announced=Announced(
            device_id=found.device_id,
            device_type=DeviceType(found.device_type),
            smi_status=SmiStatus.PENDING,
            manufacturer=model.manufacturer,
            model=model.model,
            firmware_version=model.firmware_version or None,
            smets_chts_version=None,
            esme_variant=None,
            gpf_device_id=None,
            mpxn=None,
            party_id=asked.user.party_id,
            prenotified_at=at,
        )
    )
    _keep(
        asked,
        found,
        before=SmiStatus(found.smi_status),
        after=SmiStatus.PENDING,
        at=at,
        hub=found.hub_device_id,
    )


@transaction_required
def take_over(*, asked: Teller, old_hub: Eui64, new_hub: Eui64, at: datetime) -> None:
    """This function will put what is behind one hub behind another, and take the first out of service, if it still is (Q15)."""
    leaving.hold(hub_device_id=old_hub)
    leaving.hold(hub_device_id=new_hub)
    inventory.lock_home(hub_device_id=old_hub)
    inventory.move_home(from_device_id=old_hub, to_device_id=new_hub)
    firmware_distribution.change_hub(hub_device_id=new_hub, at=at)
    found = reads.lock_device(device_id=old_hub)
    if found is not None and SmiStatus(found.smi_status) not in OUT_OF_SERVICE:
        leaving.leave(request=asked, found=found, at=at, replaced_by=str(new_hub))
    _follow_meters(new_hub)


def _follow_meters(hub_device_id: Eui64) -> None:
    registrations.hand_over(pairs=registrations.list_hub_pairs(hub_device_ids=[hub_device_id]))


def _keep(
    asked: Teller, found: Found, *, before: SmiStatus, after: SmiStatus, at: datetime, hub: Eui64
) -> None:
    note(
        request=asked,
        found=found,
        kind=ChangeKind.STATUS,
        at=at,
        before=before.value,
        after=after.value,
        detail={"srv": asked.srv.code, "hub": str(hub)},
    )
