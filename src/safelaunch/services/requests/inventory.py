"""Requests about the inventory: 8.2, Read Inventory (`domain.md` 3.3, 5.6).

Who may see a home:
- A User that names a meter point sees its home: whoever is about to take it over has to (`domain.md` 5.1), and whoever
  does not supply it has no other way to know its number.
- A User that names a Device sees its home when its Party is responsible for the hub: as Supplier or network operator.

A home that may not be seen is answered like one that does not exist. The inventory knows homes by Devices and meter
points; one named by UPRN or by its address is not found. A Device that was pre-notified and is in no home yet is seen by
whoever announced it; a hub with its GPF.
"""

from dataclasses import replace
from datetime import datetime

from safelaunch.domain import admission
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.inventory_requests import TYPE_2
from safelaunch.domain.smi import CplStatus, DeviceType, Region, SmiStatus
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import homes
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.reads.homes import HomeDevice
from safelaunch.store.reads.inventory_requests import find_announced
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.duis.requests.inventory import ReadInventory
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import MAX_DEVICES, CspRegion, DspInventory, InventoryDevice

NOTHING_FOUND = ResponseCode.E080201
TOO_MANY = ResponseCode.E080202

_REGIONS = {
    Region.NORTH: CspRegion.NORTH,
    Region.CENTRAL: CspRegion.CENTRAL,
    Region.SOUTH: CspRegion.SOUTH,
    Region.NORTH_4G: CspRegion.NORTH_4G,
    Region.CENTRAL_4G: CspRegion.CENTRAL_4G,
    Region.SOUTH_4G: CspRegion.SOUTH_4G,
}


@transaction_required
def read_inventory(*, request: ServiceRequest, body: ReadInventory, at: datetime) -> Answer:
    """This function will answer an 8.2 with the Devices of the home it names, 17 at most."""
    del at
    hub_device_id = _home(request, body)
    if hub_device_id is None:
        return _announced(request, body)
    devices = homes.list_home_devices(hub_device_id=hub_device_id)
    if len(devices) > MAX_DEVICES:
        return Answer(TOO_MANY)
    return Answer(ResponseCode.I0, DspInventory(devices=tuple(_said(device) for device in devices)))


def _home(request: ServiceRequest, body: ReadInventory) -> Eui64 | None:
    if body.mpxn is not None:
        return homes.find_home_of_mpxn(mpxn=body.mpxn)
    found = None if body.device_id is None else reads.find_target(device_id=body.device_id)
    if found is None:
        return None
    hub = reads.find_target(device_id=found.hub_device_id)
    is_seen = hub is not None and admission.is_responsible(
        hub.as_target(), party_id=request.user.party_id, roles=request.user.roles & admission.REGISTERED
    )
    return found.hub_device_id if is_seen else None


def _announced(request: ServiceRequest, body: ReadInventory) -> Answer:
    found = None if body.device_id is None else find_announced(device_id=body.device_id)
    if (
        found is None
        or found.party_id != request.user.party_id
        or reads.find_target(device_id=found.device_id)
    ):
        return Answer(NOTHING_FOUND)
    device = InventoryDevice(
        device_id=found.device_id,
        device_type=found.device_type,
        status=None if found.device_type in TYPE_2 else found.smi_status,
        manufacturer=found.manufacturer,
        model=found.model,
        smets_chts_version=found.smets_chts_version,
        firmware_version=found.firmware_version,
        import_mpxn=found.mpxn if found.device_type is not DeviceType.CHF else None,
        esme_variant=found.esme_variant,
    )
    if found.gpf_device_id is None:
        return Answer(ResponseCode.I0, DspInventory(devices=(device,)))
    gpf = replace(device, device_id=found.gpf_device_id, device_type=DeviceType.GPF)
    return Answer(ResponseCode.I0, DspInventory(devices=(device, gpf)))


def _said(device: HomeDevice) -> InventoryDevice:
    device_type = DeviceType(device.device_type)
    status = None if device.cpl_status is None else CplStatus(device.cpl_status)
    return InventoryDevice(
        device_id=device.device_id,
        device_type=device_type,
        status=None if device_type in TYPE_2 else SmiStatus(device.smi_status),
        manufacturer=device.manufacturer,
        model=device.model,
        smets_chts_version=device.smets_chts_version,
        firmware_version=device.firmware_version or None,
        firmware_version_status=status,
        cpl_status=status,
        commissioned_on=device.commissioned_on,
        import_mpxn=device.mpxn,
        region=None if device.region is None else _REGIONS[Region(device.region)],
        gbcs_version=device.gbcs_version or None,
    )
