"""Announced hubs that enter the fleet: told of by 12.2, installed on the SM WAN in a home of the inventory by 8.14.1.

The rule is `domain/inventory_requests.py`, 6. A hub enters in the region of its home and with the Responsible Suppliers
of that home, COMMISSIONED, and counts in the portfolio from then on. Where nobody was in a home before, its MPAN says in which
distributor's area it is, and the hubs there say in which region. A replacement takes the home over (Q15): what is
behind the old hub, and what is planned for it, goes to the new one. The old hub is DECOMMISSIONED, and campaigns let go of
it in the same breath, wherever it stood in them; the new one is a fresh target. The network that carries the home is told
of the new hub by a job, for it will be asked to upgrade it.
"""

from datetime import datetime
from typing import Any

import msgspec

from safelaunch.domain import admission, calendar
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import Fault
from safelaunch.domain.refusals import Unreachable
from safelaunch.domain.smi import CplStatus, DeviceType, Network, UserRole
from safelaunch.gateways.csp import CspGateway
from safelaunch.services import firmware_distribution
from safelaunch.services.jobs import Job
from safelaunch.services.requests import entering, leaving
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import han_logs as areas
from safelaunch.store.reads import homes
from safelaunch.store.reads import inventory_requests as reads
from safelaunch.store.reads import service_requests as targets
from safelaunch.store.reads.inventory_requests import Announced, ModelOnCpl
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import inventory_requests as writes
from safelaunch.store.writes import suspensions
from safelaunch.store.writes.inventory_requests import NewHome
from safelaunch.wire import csp
from safelaunch.wire.duis.requests.hub_status import InstallSuccess, InstallType

_MPAN_LENGTH = 13


@transaction_required
def arrive(
    *, request: ServiceRequest, announced: Announced, body: InstallSuccess, at: datetime
) -> Fault | None:
    """This function will bring an announced hub into the fleet, where its home is known; else it stays announced.

    Returns:
        What speaks against it: the home is not that of whoever says so.
    """
    # Whoever takes an entry off the CPL finds the hub in the fleet, or has done so before its entry is looked up here.
    suspensions.enter_fleet()
    is_replacement = body.install_type is InstallType.REPLACEMENT
    home = _lock_home(body.mpxn, is_leaving=is_replacement)
    if home is not None and not _is_theirs(request, home=home):
        return Fault.NOT_RESPONSIBLE
    model = _model_of(announced)
    place = home or find_new_home(request=request, announced=announced, mpxn=body.mpxn)
    if model is None or place is None:
        return None
    # Locked, so that the home's Suppliers and the Devices behind it are those that the new hub is given.
    old = None if home is None else reads.lock_standing(device_id=home)
    is_listed = model.cpl_status == CplStatus.ACTIVE
    writes.admit_hub(
        announced=announced,
        device_model_id=model.device_model_id,
        home=place,
        commissioned_on=calendar.london_date(body.installed_at or at),
        suspension_id=None if is_listed else entering.suspend(device_model_id=model.device_model_id, at=at),
    )
    writes.delete_announced(device_id=announced.device_id)
    if not is_listed:
        entering.tell_of_suspension(device_id=announced.device_id, at=at)
    if is_replacement and old is not None:
        writes.move_home(from_device_id=old.device_id, to_device_id=announced.device_id)
        firmware_distribution.change_hub(hub_device_id=announced.device_id, at=at)
        leaving.leave(request=request, found=old, at=at, replaced_by=str(announced.device_id))
    _have_network_told(
        announced,
        home=home,
        installed_at=body.installed_at or at,
        is_replacement=is_replacement and old is not None,
    )
    return None


def find_new_home(*, request: ServiceRequest, announced: Announced, mpxn: str) -> NewHome | None:
    """This function will give a home that nobody was in yet, as far as its MPAN says where it is; an MPRN does not.

    Until its first meter has come, and with it who is registered, it is the concern of the Supplier that installs there.
    """
    model = _model_of(announced)
    if len(mpxn) != _MPAN_LENGTH or not (mpxn.isascii() and mpxn.isdecimal()) or model is None:
        return None
    region_id = areas.find_home_area(mpan=mpxn, device_model_id=model.device_model_id)
    if region_id is None:
        return None
    party_id, is_import = request.user.party_id, UserRole.IS in request.user.roles
    if is_import:
        return NewHome(region_id, import_party_id=party_id)
    return NewHome(region_id, gas_party_id=party_id)


def tell_network(
    *, network: Network, installation: dict[str, Any], gateway: CspGateway, at: datetime
) -> None:
    """This function will tell a network of a hub that was installed in a home; telling it twice does no harm.

    Args:
        network: that carries the home.
        installation: members of a `csp.Installation`.
        gateway: the way to the network.
        at: the present moment.

    Raises:
        Unreachable: the network did not answer, or has not been told of the home's hub before; the job is tried again.
        Refused: the network says no, and why.
    """
    transactions.forbid()
    told = msgspec.convert(installation, csp.Installation)
    receipt = gateway.install(network=network, installation=told, at=at)
    if told.home_hub_device_id in receipt.unknown_device_ids:
        raise Unreachable(
            f"CSP {network.value.title()} does not know {told.home_hub_device_id}, the hub of the home in which "
            f"{told.device_id} was installed; it may be told again."
        )


def _have_network_told(
    announced: Announced, *, home: Eui64 | None, installed_at: datetime, is_replacement: bool
) -> None:
    network = homes.find_network(hub_device_id=announced.device_id)
    if network is None:
        return
    installation = csp.Installation(
        device_id=str(announced.device_id),
        gpf_device_id=str(announced.gpf_device_id),
        manufacturer=announced.manufacturer,
        model=announced.model,
        firmware_version=announced.firmware_version or "",
        home_hub_device_id=None if home is None else str(home),
        is_replacement=is_replacement,
        installed_at=installed_at,
    )
    jobs.defer(Job.INSTALL_HUB, network=network.value, installation=msgspec.to_builtins(installation))


def _lock_home(mpxn: str, *, is_leaving: bool) -> Eui64 | None:
    """Find the hub of a home whose Devices stay where they are until the transaction ends, as when it changes hands."""
    home = homes.find_home_of_mpxn(mpxn=mpxn)
    if home is None:
        return None
    if is_leaving:
        # A night that is being planned would not be seen, and send to the old hub.
        leaving.hold(hub_device_id=home)
    writes.lock_home(hub_device_id=home)
    # Another hub may have taken the home over while this one waited for it.
    return homes.find_home_of_mpxn(mpxn=mpxn)


def _is_theirs(request: ServiceRequest, *, home: Eui64) -> bool:
    hub = targets.find_target(device_id=home)
    if hub is None or (hub.import_party_id is None and hub.gas_party_id is None):
        return True
    return admission.is_responsible(
        hub.as_target(), party_id=request.user.party_id, roles=request.user.roles & admission.REGISTERED
    )


def _model_of(announced: Announced) -> ModelOnCpl | None:
    """Give the Device Model that was announced, as the CPL has it now."""
    return reads.find_model_on_cpl(
        device_type=DeviceType.CHF.value,
        manufacturer=announced.manufacturer,
        model=announced.model,
        firmware_version=announced.firmware_version or "",
        hardware_version="",
    )
