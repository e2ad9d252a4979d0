"""The Smart Metering Inventory as JSON: a Device, a home by its meter point, and what the inventory holds."""

from datetime import date, datetime, timedelta

from django.http import HttpRequest
from ninja import Field, Router, Schema

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Act, require
from safelaunch.domain.read_backs import HOUSE_POLICY, MOST_A_DAY, MOST_ATTEMPTS, ReadBackPolicy
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.interfaces.api.campaigns import Why, viewer_of
from safelaunch.services import devices, inventory, read_backs, registrations
from safelaunch.services.devices import DeviceExplained, Home
from safelaunch.services.inventory import Holdings
from safelaunch.store.reads import clock
from safelaunch.store.reads.homes import HomeDevice as HomeRow
from safelaunch.store.reads.read_backs import PartyPolicy
from safelaunch.store.reads.registrations import RegistrationView

router = Router(tags=["inventory"])

_WEEK = 7 * 24 * 60


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


class Registration(Schema):
    """A registration of a supply point; `starts_at` is empty where it always was so as far as is known, `party` for nobody."""

    role: str
    party: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    stands: str


class Registrations(Schema):
    """The registrations of a supply point, oldest first."""

    mpxn: str
    registrations: list[Registration]


class PolicyAsked(Schema):
    """How lost answers are made good: the wait before the first read-back, how many for each, and how many a day."""

    wait_minutes: int = Field(HOUSE_POLICY.wait // timedelta(minutes=1), ge=1, le=_WEEK)
    attempts: int = Field(HOUSE_POLICY.attempts, ge=0, le=MOST_ATTEMPTS)
    daily_budget: int = Field(HOUSE_POLICY.daily_budget, ge=0, le=MOST_A_DAY)


class Policy(Schema):
    """What holds for a Party, or for the house where a Party has stated nothing."""

    party: str
    wait_minutes: int
    attempts: int
    daily_budget: int


class ReadBacks(Schema):
    """The policies that the caller may read, the house's first."""

    policies: list[Policy]


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


@router.get("/smi/registrations", response=Registrations, summary="Who is responsible for a supply point")
def list_registrations(request: HttpRequest, mpxn: str) -> Registrations:
    """Say who was, is and will be responsible for an MPAN or MPRN, oldest first; a Supplier reads no name but its own."""
    at = clock.now()
    found = registrations.show(mpxn=mpxn, viewer_party_id=viewer_of(request).party_id)
    return Registrations(mpxn=mpxn, registrations=[_registration(one, at=at) for one in found])


@router.get("/smi/read-backs", response=ReadBacks, summary="How lost answers to 11.3 are made good")
def list_read_backs(request: HttpRequest) -> ReadBacks:
    """Give the caller's policy, or the house's and everybody's to the DCC."""
    found = read_backs.policies(viewer_party_id=viewer_of(request).party_id)
    return ReadBacks(policies=[_policy(one) for one in found])


@router.put(
    "/smi/read-backs/{party}", response=ReadBacks, summary="Set how a Party's lost answers are made good"
)
def put_read_backs(request: HttpRequest, party: str, asked: PolicyAsked) -> ReadBacks:
    """Set a Party's policy, as an operator; what is not said is as the house has it."""
    policy = ReadBackPolicy(
        wait=timedelta(minutes=asked.wait_minutes), attempts=asked.attempts, daily_budget=asked.daily_budget
    )
    actor = viewer_of(request).actor
    require(actor, Act.STATE_POLICY)
    read_backs.set_policy(party_name=party, policy=policy, actor=actor, at=clock.now())
    return list_read_backs(request)


def _registration(one: RegistrationView, *, at: datetime) -> Registration:
    return Registration(
        role=one.role,
        party=one.party,
        starts_at=None if one.starts_at == SINCE_EVER else one.starts_at,
        ends_at=one.ends_at,
        stands=one.stands(at=at).value,
    )


def _policy(one: PartyPolicy) -> Policy:
    return Policy(
        party=one.party_name,
        wait_minutes=one.policy.wait // timedelta(minutes=1),
        attempts=one.policy.attempts,
        daily_budget=one.policy.daily_budget,
    )


@router.get("/smi/holdings", response=Totals, summary="What the inventory holds")
def count_holdings(request: HttpRequest) -> Holdings:
    """Count the caller's hubs and other Devices by region, type and status; this passes over every Device."""
    return inventory.describe(viewer_party_id=viewer_of(request).party_id)
