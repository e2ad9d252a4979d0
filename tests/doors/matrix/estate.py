"""One estate of four Suppliers, everybody who looks at it, and what of it each may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from django.apps import apps
from django.db import connection
from django.test import Client

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor, Role
from safelaunch.services import cpl, cpl_changes, deferrals, people
from safelaunch.store import models as m
from tests.doors.matrix.addresses import Address
from tests.doors.portal import scene
from tests.doors.portal.scene import HUB, OTHER_HUB, UNTOUCHED_HUB

NOBODY = "nobody"
DCC = frozenset({"Olivia", "Arthur", "Gail"})
SUPPLIERS = frozenset({"Bea of Beacon", "Lars of Larkspur", "Tess of Tidewater", "Zoe of Zephyr"})
BEA, LARS, TESS, ZOE = sorted(SUPPLIERS)
EVERYBODY = DCC | SUPPLIERS
ROLES = {
    "Arthur": ("approver", None),
    "Olivia": ("operator", None),
    "Gail": ("governance", None),
    BEA: ("supplier", "Beacon Energy"),
    LARS: ("supplier", "Larkspur Power"),
    TESS: ("supplier", "Tidewater Gas"),
    ZOE: ("supplier", "Zephyr Supply"),
}
"""Role and Party of everybody who looks; whoever proposes comes last of those who may, so that the other may approve."""
LARKSPUR_USER = Eui64.parse("90-B3-D5-1F-30-01-00-01")
OWNERS = {"party_id", "import_party_id", "gas_party_id"}
"""Columns that say whose a row is."""
DRAFT = "CH-2026-08"
OTHER_MPAN, OTHER_MPRN, MPAN, MPRN = "2012345678901", "8654321009", "1012345678901", "7654321009"


@dataclass(frozen=True)
class Subject:
    """Something that a parameter may name, and who may see it; to everybody else it does not exist."""

    value: str
    seers: frozenset[str] = frozenset()


def ids(*device_ids: Eui64, seers: frozenset[str]) -> tuple[Subject, ...]:
    return tuple(Subject(str(device_id), seers) for device_id in device_ids)


NO_DEVICE = Subject("00-DB-12-34-56-79-99-A2")
HUBS = (
    *ids(HUB, seers=DCC | {BEA, TESS}),
    *ids(OTHER_HUB, seers=DCC | {LARS}),
    *ids(UNTOUCHED_HUB, seers=DCC | {BEA}),
    NO_DEVICE,
)
METERS = (
    *ids(Eui64(HUB.value - 2), Eui64(HUB.value + 2), seers=DCC | {BEA, TESS}),
    *ids(Eui64(OTHER_HUB.value - 2), seers=DCC | {LARS}),
)
SUBJECTS: dict[str, tuple[Subject, ...]] = {
    "reference": (
        Subject(scene.REFERENCE, DCC | {BEA, LARS, TESS}),
        Subject(DRAFT, DCC),
        Subject("CH-2026-99"),
    ),
    "device_id": HUBS,
    "mpxn": (
        Subject(MPAN, DCC | {BEA}),
        Subject(MPRN, DCC | {TESS}),
        Subject(OTHER_MPAN, DCC | {LARS}),
        Subject("9999999999999"),
    ),
    "device_model_id": (Subject("2", EVERYBODY), Subject("999")),
    "number": (Subject("1", DCC), Subject("9")),
    "token": (Subject("x" * 43),),
    "party": (Subject("Larkspur Power", DCC), Subject("Nobody at all")),
}
"""What each parameter may name, by the parameter's name; a parameter that is not here has to say whose its things are."""
SUBJECTS_AT: dict[tuple[str, str], tuple[Subject, ...]] = {
    ("device", "device_id"): HUBS + METERS,
    ("file", "number"): (Subject("1", DCC | {BEA}), Subject("9")),
    ("file", "file_number"): (Subject("1", DCC | {BEA}), Subject("9")),
    ("file", "file"): (Subject("1", DCC | {BEA}), Subject("9")),
    ("deferral", "number"): (Subject("1", DCC | {BEA}), Subject("2", DCC | {LARS}), Subject("9")),
}
"""Where a parameter may name other things: by a part of the address's name too, the first that fits."""
QUERIES: dict[str, tuple[dict[str, str], ...]] = {
    "hubs": ({"device_id": str(OTHER_HUB)}, {"device_id": OTHER_MPAN}, {"device_id": OTHER_MPRN}),
    "portfolio": ({"supplier": "2"},),
    "portfolio_csv": ({"supplier": "2"},),
}
"""What a page that need not be asked anything may be asked of another's."""


def subjects_of(address: Address) -> Iterator[dict[str, Subject]]:
    """Every choice of what the parameters of an address name."""
    choices = []
    for name in address.parameters:
        fitting = (
            them for (part, named), them in SUBJECTS_AT.items() if part in address.name and named == name
        )
        found = next(fitting, SUBJECTS.get(name))
        assert found, f"Say in SUBJECTS whose things the parameter {name!r} of {address} names."
        choices.append([(name, subject) for subject in found])
    return (dict(choice) for choice in product(*choices))


def furnish() -> dict[str, Client]:
    """Make the estate and sign everybody in."""
    built = scene.build(hubs=40_000, nights=20)
    draft = m.Campaign.objects.filter(campaign_id=built.campaign_id).values().get()
    kept_back = {"campaign_id": None, "reference": DRAFT, "phase": "DRAFT", "published_at": None}
    m.Campaign.objects.create(**{**draft, **kept_back, "title": "Kept back"})
    _home_of(built.larkspur)
    for party_id, device_id in ((built.beacon, HUB), (built.tidewater, HUB), (built.larkspur, OTHER_HUB)):
        m.HubFeedback.objects.create(
            campaign_id=built.campaign_id,
            party_id=party_id,
            device_id=device_id,
            finding="METER_SILENT",
            words=f"Said by {party_id}",
            given_at=scene.AT,
        )
    scene.change_tenancy()
    clients = {name: _signed_in(name) for name in ROLES} | {NOBODY: Client(SERVER_NAME="localhost")}
    _propose()
    _defer()
    return clients


def _home_of(party_id: int) -> None:
    """A home with an alert, and an announced Device, of one Supplier alone."""
    for offset, kind, mpxn in ((-2, "ESME", OTHER_MPAN), (-1, "GSME", OTHER_MPRN), (2, "PPMID", None)):
        m.Device.objects.create(
            hub_device_id=OTHER_HUB,
            device_id=Eui64(OTHER_HUB.value + offset),
            device_model_id=m.DeviceModel.objects.get(device_type=kind).device_model_id,
            party_id=party_id,
            device_type=kind,
            smi_status="COMMISSIONED",
            mpxn=mpxn,
        )
    m.PartyUser.objects.create(user_id=LARKSPUR_USER, role="IS", party_id=party_id)
    alert = m.DccAlert.objects.filter(device_id=HUB).values().first()
    new = {name: value for name, value in alert.items() if name not in {"pk", "dcc_alert_id"}}
    m.DccAlert.objects.create(**{**new, "device_id": OTHER_HUB, "party_id": party_id})
    m.PrenotifiedDevice.objects.create(
        device_id=Eui64(OTHER_HUB.value + 9),
        device_type="ESME",
        smi_status="PENDING",
        manufacturer="Landis+Gyr",
        model="E470",
        firmware_version="0A010203",
        party_id=party_id,
        prenotified_at=scene.AT,
    )


def _propose() -> None:
    olivia = m.Person.objects.get(name="Olivia")
    actor = Actor(name="Olivia", role=Role.OPERATOR, person_id=olivia.person_id)
    entry = m.CplEntry.objects.earliest("pk")
    change = cpl.change_of(device_model_id=entry.pk, said={"status": "Withdrawn"})
    cpl_changes.propose(change, because="Recalled by its maker", actor=actor, at=scene.AT)


def _defer() -> None:
    for name, hub in ((BEA, UNTOUCHED_HUB), (LARS, OTHER_HUB)):
        asker = m.Person.objects.get(name=name)
        actor = Actor(name=name, role=Role.SUPPLIER, person_id=asker.person_id, party_id=asker.party_id)
        asked = deferrals.Asked(
            grounds=f"Grounds of {name}", files=[("letter.txt", "text/plain", name.encode())]
        )
        deferrals.request(reference=scene.REFERENCE, device_ids=[hub], asked=asked, actor=actor, at=scene.AT)


def _signed_in(name: str) -> Client:
    role, party = ROLES[name]
    people.create_person(name=name, role=role, party_name=party, at=scene.AT)
    client = Client(SERVER_NAME="localhost")
    token = people.issue_link(name=name, at=scene.AT)
    assert client.post(f"/sign-in/{token}/").status_code == 302
    return client


def take_away(party_name: str) -> int:
    """Take from every table what is of one Supplier alone, and what the DCC has for itself; count tables that held some."""
    party_id = m.Party.objects.get(name=party_name).party_id
    touched = 0
    with connection.cursor() as cursor:
        # Rows go in any order, and references to them stay behind.
        cursor.execute("SET session_replication_role = replica")
        for model in apps.get_app_config("store").get_models():
            table = model._meta.db_table
            columns = {field.column for field in model._meta.concrete_fields} & OWNERS
            if columns and table != "party":
                is_theirs = " AND ".join(f"{column} = {party_id}" for column in sorted(columns))
                cursor.execute(f"DELETE FROM {table} WHERE {is_theirs}")
                touched += cursor.rowcount > 0
        cursor.execute("UPDATE party SET name = 'Somebody else' WHERE party_id = %s", [party_id])
        cursor.execute("UPDATE person SET name = 'Colleague ' || person_id WHERE party_id IS NULL")
        cursor.execute("DELETE FROM cpl_proposal")
        cursor.execute("DELETE FROM campaign WHERE phase = 'DRAFT'")
        for table, column in (
            ("campaign", "eligible_count"),
            ("campaign", "pilot_size"),
            ("campaign_region", "eligible_count"),
            ("tranche_count", "hub_count"),
            ("chunk", "hub_count"),
        ):
            cursor.execute(f"UPDATE {table} SET {column} = 3 * {column} + 1")
        cursor.execute("SET session_replication_role = origin")
    return touched


NEW_ENTRY = (
    "device_type,manufacturer,model,hardware_version,firmware_version,smets_chts_version,gbcs_version,image_hash,"
    "predecessors,status,added_on\r\n"
    "PPMID,Chameleon,IHD6,02,0A010204,V1.5,4.1,,0A010203,Active,2026-12-01\r\n"
)
