"""The Smart Metering Inventory as JSON: a Device, a home by its meter point, and what the inventory holds."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Router, Schema

from safelaunch.domain.identifiers import Eui64
from safelaunch.interfaces.api.campaigns import Why, viewer_of
from safelaunch.services import devices, inventory
from safelaunch.services.devices import DeviceExplained, Home
from safelaunch.services.inventory import Holdings
from safelaunch.store.reads import clock
from safelaunch.store.reads.homes import HomeDevice as HomeRow

router = Router(tags=["inventory"])


class DeviceFacts(Schema):
    """What a Device is; no Supplier and no meter point but the caller's own is named to a Supplier."""

    device_type: str
    smi_status: str
    status_before: str | None
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    device_model_id: int | None
    smets_chts_version: str | None
    gbcs_version: str | None
    cpl_status: str | None
    commissioned_on: date | None
    region: str | None
    mpxn: str | None
    supplier: str | None
    network_operator: str | None


class Path(Schema):
    """A version that the CPL lists as Active and lets the Device become."""

    device_model_id: int
    firmware_version: str
    gbcs_version: str


class Happening(Schema):
    """One thing that happened to a Device."""

    happened_at: datetime
    source: str
    what: str
    detail: str | None


class Device(Schema):
    """A Device, how it stands and why, what its Supplier may do next, and what happened to it (newest first).

    A former Supplier is told that its time is over and what happened in it; `device` is then empty.
    """

    device_id: str
    hub_device_id: str | None
    is_former: bool
    device: DeviceFacts | None
    explanation: Why
    paths: list[Path]
    next_steps: list[str]
    happenings: list[Happening]

    @staticmethod
    def resolve_device_id(found: DeviceExplained) -> str:
        """This function will write the Device ID in the field's form."""
        return str(found.device_id)

    @staticmethod
    def resolve_hub_device_id(found: DeviceExplained) -> str | None:
        """This function will write the hub's Device ID in the field's form; there is none before it has a home."""
        return str(found.hub_device_id) if found.hub_device_id is not None else None


class HomeDevice(Schema):
    """A Device of a home, as 8.2 gives it."""

    device_id: str
    device_type: str
    smi_status: str
    manufacturer: str
    model: str
    firmware_version: str
    smets_chts_version: str | None
    gbcs_version: str | None
    cpl_status: str | None
    commissioned_on: date | None
    mpxn: str | None
    region: str | None

    @staticmethod
    def resolve_device_id(found: HomeRow) -> str:
        """This function will write the Device ID in the field's form."""
        return str(found.device_id)


class HomeDevices(Schema):
    """The Devices of a home, the hub and its GPF first; at most 17."""

    hub_device_id: str
    devices: list[HomeDevice]

    @staticmethod
    def resolve_hub_device_id(found: Home) -> str:
        """This function will write the hub's Device ID in the field's form."""
        return str(found.hub_device_id)


class HubTotal(Schema):
    """Hubs of one region and status."""

    region: str
    smi_status: str
    hub_count: int


class DeviceTotal(Schema):
    """Devices of one type and status."""

    device_type: str
    smi_status: str
    device_count: int


class Load(Schema):
    """One load of the inventory."""

    source: str
    hub_count: int
    device_count: int
    reject_count: int
    loaded_at: datetime


class Totals(Schema):
    """What the inventory holds of the caller's; loads are the DCC's to know."""

    hubs: list[HubTotal]
    devices: list[DeviceTotal]
    loads: list[Load]


@router.get("/smi/devices/{device_id}", response=Device, summary="One Device, and why it stands as it does")
def show_device(request: HttpRequest, device_id: str) -> DeviceExplained:
    """Explain one Device of the caller's homes."""
    return devices.explain_device(
        device_id=Eui64.parse(device_id), viewer_party_id=viewer_of(request).party_id, at=clock.now()
    )


@router.get("/smi/homes", response=HomeDevices, summary="The Devices of a home by its meter point")
def list_home(request: HttpRequest, mpxn: str) -> Home:
    """List the Devices of the home that an MPAN or MPRN of the caller's belongs to."""
    return devices.list_home(mpxn=mpxn, viewer_party_id=viewer_of(request).party_id, at=clock.now())


@router.get("/smi/holdings", response=Totals, summary="What the inventory holds")
def count_holdings(request: HttpRequest) -> Holdings:
    """Count the caller's hubs and other Devices by region, type and status; this passes over every Device."""
    return inventory.describe(viewer_party_id=viewer_of(request).party_id)
