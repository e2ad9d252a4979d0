"""Announced hubs that enter the fleet: told of by 12.2, installed on the SM WAN in a home of the inventory by 8.14.1.

The rule is `domain/inventory_requests.py`, 6. A hub enters in the region of its home and with the Responsible Suppliers
of that home, COMMISSIONED, and counts in the portfolio from then on. A replacement takes the home over (Q15): what is
behind the old hub, and what is planned for it, goes to the new one. The old hub is DECOMMISSIONED, and campaigns let go of
it in the same breath, wherever it stood in them; the new one is a fresh target. The network that carries the home is told
of the new hub by a job, for it will be asked to upgrade it.
"""

from datetime import datetime
from typing import Any

import msgspec

from safelaunch.domain import admission, calendar
from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import Fault
from safelaunch.domain.people import RULE
from safelaunch.domain.refusals import Unreachable
from safelaunch.domain.smi import CplStatus, DeviceType, Network, UserRole
from safelaunch.domain.suspension import SuspensionCause
from safelaunch.gateways.csp import CspGateway
from safelaunch.services import firmware_distribution
from safelaunch.services.jobs import Job
from safelaunch.services.requests import leaving
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.services.wake_ups import TELLING
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import homes
from safelaunch.store.reads import inventory_requests as reads
from safelaunch.store.reads import service_requests as targets
from safelaunch.store.reads.inventory_requests import Announced, ModelOnCpl
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import inventory_requests as writes
from safelaunch.store.writes import suspensions
from safelaunch.store.writes.suspensions import Act, Told
from safelaunch.wire import csp
from safelaunch.wire.duis.requests.hub_status import InstallSuccess, InstallType


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
    if home is None:
        return None
    if not _is_theirs(request, home=home):
        return Fault.NOT_RESPONSIBLE
    model = _model_of(announced)
    if model is None:
        return None
    # Locked, so that the home's Suppliers and the Devices behind it are those that the new hub is given.
    old = reads.lock_standing(device_id=home)
    is_listed = model.cpl_status == CplStatus.ACTIVE
    writes.admit_hub(
        announced=announced,
        device_model_id=model.device_model_id,
        home_device_id=home,
        commissioned_on=calendar.london_date(body.installed_at or at),
        suspension_id=None if is_listed else _suspended_by(model, at=at),
    )
    writes.delete_announced(device_id=announced.device_id)
    if not is_listed:
        _tell_of_suspension(announced.device_id, at=at)
    if is_replacement and old is not None:
        writes.move_home(from_device_id=home, to_device_id=announced.device_id)
        firmware_distribution.change_hub(hub_device_id=announced.device_id, at=at)
        leaving.leave(request=request, found=old, at=at, replaced_by=str(announced.device_id))
    _have_network_told(
        announced, home=home, installed_at=body.installed_at or at, is_replacement=is_replacement
    )
    return None


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
    announced: Announced, *, home: Eui64, installed_at: datetime, is_replacement: bool
) -> None:
    network = homes.find_network(hub_device_id=home)
    if network is None:
        return
    installation = csp.Installation(
        device_id=str(announced.device_id),
        gpf_device_id=str(announced.gpf_device_id),
        manufacturer=announced.manufacturer,
        model=announced.model,
        firmware_version=announced.firmware_version or "",
        home_hub_device_id=str(home),
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


def _suspended_by(model: ModelOnCpl, *, at: datetime) -> int:
    """Begin the suspension of a hub whose firmware left the CPL after it was announced (`domain.md` 3.6)."""
    [act] = suspensions.begin(
        acts=[Act(device_model_id=model.device_model_id, device_count=1)],
        cause=SuspensionCause.UNLISTED_FIRMWARE,
        actor=RULE.name,
        at=at,
    )
    return act.suspension_id


def _tell_of_suspension(device_id: Eui64, *, at: datetime) -> None:
    entered = targets.find_target(device_id=device_id)
    if entered is None:
        return
    suppliers = ((entered.import_party_id, UserRole.IS), (entered.gas_party_id, UserRole.GS))
    suspensions.raise_device_alerts(
        told=[
            Told(code=AlertCode.N28, device_id=device_id, party_id=party_id, role=role)
            for party_id, role in suppliers
            if party_id is not None
        ],
        at=at,
    )
    jobs.defer_once(Job.TELL_USERS, key="tell-users-arrivals", lock=TELLING)
