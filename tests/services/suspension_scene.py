"""One home with a hub, two meters, a display and a switch, of two Suppliers and two networks; and who changes the CPL.

The electricity Supplier has a User ID of its own for gas, which is no concern of this home.
"""

from datetime import UTC, date, datetime, timedelta

from safelaunch.domain import people
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Role
from safelaunch.domain.smi import DeviceType
from safelaunch.services import cpl, cpl_changes
from safelaunch.services import people as people_services
from safelaunch.store import transactions
from safelaunch.store.models import (
    CommunicationsHub,
    CplEntry,
    CspRegion,
    Device,
    DeviceModel,
    Party,
    PartyUser,
    Person,
)
from safelaunch.store.reads.suspensions import list_alerts_about
from safelaunch.store.writes import estates

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
LATER = AT + timedelta(days=7)
LATEST = AT + timedelta(days=14)
OLD, NEW, NEWEST = "00000001", "00000002", "00000003"

HUB, GPF, ESME, GSME, PPMID, HCALCS = (Eui64(0x00DB1234567890A0 + place) for place in range(6))
ELECTRIC, GAS, WIRES, PIPES, SECOND_ELECTRIC, ELECTRIC_GAS = (
    Eui64(0x90B3D51F30010000 + place) for place in range(6)
)
USERS = [
    (ELECTRIC, "IS", "Alder"),
    (SECOND_ELECTRIC, "IS", "Alder"),
    (ELECTRIC_GAS, "GS", "Alder"),
    (GAS, "GS", "Birch"),
    (WIRES, "ED", "Wires"),
    (PIPES, "GT", "Pipes"),
]
KINDS = {ESME: "ESME", GSME: "GSME", PPMID: "PPMID", HCALCS: "HCALCS"}
RECEIVERS = {
    HUB: {ELECTRIC, SECOND_ELECTRIC, GAS},
    ESME: {ELECTRIC, SECOND_ELECTRIC, WIRES},
    HCALCS: {ELECTRIC, SECOND_ELECTRIC, WIRES},
    GSME: {GAS, PIPES},
    PPMID: {ELECTRIC, SECOND_ELECTRIC, GAS},
}
"""Who is told of each Device's suspension and return, at which User IDs."""


def build(*, status: str = "COMMISSIONED") -> None:
    """Make the home, its CPL with three Active versions of each Device Model, and three people."""
    parties = {
        name: Party.objects.create(name=name, kind="SUPPLIER" if place < 2 else "NETWORK_OPERATOR")
        for place, name in enumerate(("Alder", "Birch", "Wires", "Pipes"))
    }
    for user_id, role, name in USERS:
        PartyUser.objects.create(user_id=user_id, role=role, party=parties[name])
    region = CspRegion.objects.create(code="NORTH", name="North", network="NORTH", nightly_capacity=10)
    for kind in ("CHF", *KINDS.values()):
        for version in (OLD, NEW, NEWEST):
            enter(kind, version)
    alder, birch, wires, pipes = (parties[name].party_id for name in ("Alder", "Birch", "Wires", "Pipes"))
    CommunicationsHub.objects.create(
        device_id=HUB, gpf_device_id=GPF, lot=1, device_model_id=model("CHF").pk, region_id=region.region_id,
        import_party_id=alder, gas_party_id=birch, smi_status=status, commissioned_on=date(2022, 1, 1),
    )  # fmt: skip
    for device_id, kind in KINDS.items():
        Device.objects.create(
            hub_device_id=HUB, device_id=device_id, device_model_id=model(kind).pk, device_type=kind,
            smi_status=status, party_id=birch if kind == "GSME" else alder,
            network_party_id=pipes if kind == "GSME" else wires, commissioned_on=date(2022, 1, 1),
        )  # fmt: skip
    with transactions.transaction():
        estates.count_portfolio()
    for name, role in (("Olivia", Role.OPERATOR), ("Arthur", Role.APPROVER), ("Anna", Role.APPROVER)):
        people_services.create_person(name=name, role=role, at=AT)


def enter(kind: str, version: str, *, status: str = "ACTIVE") -> None:
    """Enter a Device Model on the CPL."""
    made = DeviceModel.objects.create(
        device_type=kind, manufacturer="ABCD", model="0001", hardware_version="1", firmware_version=version
    )
    CplEntry.objects.create(
        device_model=made,
        status=status,
        smets_chts_version="SMETS V5.1",
        gbcs_version="4.2",
        predecessors=[],
        added_at=AT,
    )


def model(kind: str, version: str = OLD) -> DeviceModel:
    """The Device Model of a type, by its version."""
    return DeviceModel.objects.get(device_type=kind, firmware_version=version)


def person(name: str) -> people.Actor:
    """Somebody, as who acts."""
    found = Person.objects.get(name=name)
    return people.Actor(name=name, role=Role(found.role), person_id=found.person_id, party_id=None)


def removal(kind: str, version: str = OLD) -> cpl.Change:
    """The change that takes a Device Model off the CPL."""
    return cpl.removal_of(
        cpl.ModelName(
            device_type=DeviceType(kind), manufacturer="ABCD", model="0001", firmware_version=version
        )
    )


def reinstatement(kind: str, version: str = OLD) -> cpl.Change:
    """The change that enters a removed Device Model anew."""
    [row] = removal(kind, NEWEST).rows
    kept = {**row.as_json(), "firmware_version": version, "status": "ACTIVE"}
    return cpl.Change(source="back.csv", rows=(type(row).from_json(kept, line=1),))


def make(change: cpl.Change, *, at: datetime = LATER) -> None:
    """Propose a change and approve it."""
    proposal = cpl_changes.propose(change, because="Recalled", actor=person("Olivia"), at=at)
    cpl_changes.approve(cpl_proposal_id=proposal.cpl_proposal_id, actor=person("Arthur"), at=at)


def state_of(device_id: Eui64) -> tuple[str, str | None, str]:
    """Status, remembered status and firmware version of a Device."""
    kind = CommunicationsHub if device_id == HUB else Device
    found = kind.objects.get(device_id=device_id)
    version = DeviceModel.objects.get(pk=found.device_model_id).firmware_version
    return found.smi_status, found.status_before, version


def told_about(device_id: Eui64, code: str) -> list[Eui64]:
    """The User IDs that an alert about a Device was raised to, one for each time."""
    return sorted(one.user_id for one in list_alerts_about(device_id=device_id) if one.code == code)
