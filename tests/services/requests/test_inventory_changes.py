"""8.4, 12.2 and 8.14: the inventory changes as told, the history says by whom, and roll-ups stay right."""

from datetime import date

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.lots import lot_of
from safelaunch.domain.srv import WebService
from safelaunch.store.models import (
    CommunicationsHub,
    CplEntry,
    Device,
    DeviceCommand,
    DeviceModel,
    InventoryChange,
    PartyUser,
    PrenotifiedDevice,
    RecordEntry,
)
from safelaunch.wire.duis import responses
from safelaunch.wire.duis.schema import load
from safelaunch.wire.duis.xml import parse
from tests import estate_factory as factory
from tests import pki
from tests.services.requests import scene
from tests.services.requests.scene import PREMISES, ask, read_inventory, request
from tests.unit.wire.duis.messages import SHARED, needs_shared

pytestmark = pytest.mark.usefixtures("premises")

NEW, NEW_GPF = "00-DB-00-00-00-00-00-01", "00-DB-00-00-00-00-00-02"
MPXN = "1234567890123"


def update(what, *, device_id=PREMISES["ESME"], **more):
    body = f"<sr:UpdateInventory><sr:DeviceID>{device_id}</sr:DeviceID>{what}</sr:UpdateInventory>"
    return ask(request("8.4", body, **more)).response_code


def status(word, *, hub=False, **more):
    field = "UpdateDeviceStatusCH" if hub else "UpdateDeviceStatusExceptCH"
    return update(f"<sr:{field}>{word}</sr:{field}>", **more)


def details(what, **more):
    return update(f"<sr:UpdateDeviceDetails>{what}</sr:UpdateDeviceDetails>", **more)


def delete(device_id):
    return update("<sr:DeleteDevice/>", device_id=device_id)


def listed(device_type="CHF"):
    """A Device Model that is ACTIVE on the CPL."""
    return CplEntry.objects.filter(status="ACTIVE", device_model__device_type=device_type).first()


def announce(model=None, *, device_id=NEW, device_type="CHF", gpf=NEW_GPF, version=None, **more):
    model = model or listed().device_model
    fields = [
        ("DeviceID", device_id),
        ("DeviceManufacturer", model.manufacturer),
        ("DeviceModel", model.model),
        ("DeviceType", device_type),
        ("FirmwareVersion", version or model.firmware_version),
        ("AssociatedGPFDeviceID", gpf),
    ]
    told = "".join(f"<sr:{name}>{value}</sr:{name}>" for name, value in fields if value is not None)
    body = f"<sr:DevicePrenotification>{told}</sr:DevicePrenotification>"
    return ask(request("12.2", body, **more)).response_code


INSTALLED = (
    "<sr:{kind}><sr:DeviceID>{device_id}</sr:DeviceID><sr:CHFInstallType>{how}</sr:CHFInstallType>"
    "<sr:MPxN>{mpxn}</sr:MPxN><sr:AerialInstall>true</sr:AerialInstall>"
    "<sr:CHFLocation>Basement or Cellar</sr:CHFLocation>{checks}</sr:{kind}>"
)
CHECKS = (
    "<sr:PremiseType>Terraced</sr:PremiseType><sr:MetalObstructionCheck>true</sr:MetalObstructionCheck>"
    "<sr:ConnectivityObstructionCheck>true</sr:ConnectivityObstructionCheck>"
    "<sr:SharedObstructionCheck>true</sr:SharedObstructionCheck>"
)


def installed(device_id=PREMISES["CHF"], *, mpxn=None, how="New CHF Install", reached=True, **more):
    body = INSTALLED.format(
        kind="CHFInstallSuccessSMWAN" if reached else "CHFInstallSuccessNoSMWAN",
        device_id=device_id,
        how=how,
        mpxn=mpxn or Device.objects.get(device_id=PREMISES["ESME"]).mpxn,
        checks="" if reached else CHECKS,
    )
    return ask(request("8.14.1" if reached else "8.14.2", body, **more)).response_code


def returned(device_id=PREMISES["CHF"], **more):
    body = (
        f"<sr:CHFNoFaultReturn><sr:DeviceID>{device_id}</sr:DeviceID>"
        "<sr:CHFNoFaultReturnType>No Fault Return (general)</sr:CHFNoFaultReturnType></sr:CHFNoFaultReturn>"
    )
    return ask(request("8.14.4", body, **more)).response_code


def faulty(device_id=PREMISES["CHF"], *, when="post installation"):
    body = (
        f"<sr:CHFFaultReturn><sr:DeviceID>{device_id}</sr:DeviceID>"
        f"<sr:CHFFaultReturnType>Fault identified {when}</sr:CHFFaultReturnType>"
        f"<sr:OtherDeviceID>{PREMISES['ESME']}</sr:OtherDeviceID>"
        "<sr:CHFConnectionMethod>Cradle</sr:CHFConnectionMethod>"
        "<sr:CHFFaultReason>LED Fault</sr:CHFFaultReason></sr:CHFFaultReturn>"
    )
    return ask(request("8.14.3", body)).response_code


def stand(name, smi_status):
    """Give a Device of the premises a status, with the roll-up that goes with it."""
    if name != "CHF":
        Device.objects.filter(device_id=PREMISES[name]).update(smi_status=smi_status)
        return
    CommunicationsHub.objects.filter(device_id=PREMISES[name]).update(smi_status=smi_status)
    from safelaunch.store import transactions
    from safelaunch.store.writes import estates

    with transactions.transaction():
        estates.count_portfolio()


def hub():
    return CommunicationsHub.objects.get(device_id=PREMISES["CHF"])


def meter():
    return Device.objects.get(device_id=PREMISES["ESME"])


def assert_roll_up():
    assert factory.portfolio() == factory.recount_portfolio()


def last():
    return InventoryChange.objects.latest("pk")


def test_a_status_is_told_and_kept_with_who_told_it():
    stand("ESME", "PENDING")
    assert status("InstalledNotCommissioned") == "I0"
    assert meter().smi_status == "INSTALLED_NOT_COMMISSIONED"
    kept = last()
    assert (kept.kind, kept.before, kept.after) == ("STATUS", "PENDING", "INSTALLED_NOT_COMMISSIONED")
    assert (kept.device_id, kept.party.name) == (Eui64.parse(PREMISES["ESME"]), "Alder Energy")
    assert kept.service_request.service_reference_variant == "8.4"
    entry = RecordEntry.objects.latest("pk")
    assert (entry.act, entry.actor) == ("UPDATE_INVENTORY", "Alder Energy")
    assert entry.cause.startswith("8.4 ")


@pytest.mark.parametrize("name", ["CHF", "GPF"])
def test_a_hub_is_told_by_either_device_id_and_the_roll_up_follows(name):
    assert status("Withdrawn", hub=True, device_id=PREMISES[name], by=pki.supplier()) == (
        "I0" if name == "CHF" else "E4"
    )
    assert hub().smi_status == ("WITHDRAWN" if name == "CHF" else "COMMISSIONED")
    assert_roll_up()


@pytest.mark.parametrize(
    ("word", "more", "code"),
    [
        ("Pending", {}, "E080407"),
        ("Pending", {"device_id": PREMISES["CHF"]}, "E080406"),
        ("Pending", {"device_id": NEW}, "E19"),
        ("Pending", {"device_id": PREMISES["GSME"]}, "E4"),
        ("Withdrawn", {"hub": True}, "E080406"),
    ],
)
def test_a_status_that_cannot_be_is_refused_and_nothing_changes(word, more, code):
    assert status(word, **more) == code
    assert not InventoryChange.objects.exists()


def test_nobody_lifts_a_suspension():
    stand("CHF", "SUSPENDED")
    assert status("Commissioned", hub=True, device_id=PREMISES["CHF"]) == "E5"


def test_details_of_what_is_not_commissioned_name_a_model_on_the_cpl():
    stand("ESME", "PENDING")
    entry = listed("ESME").device_model
    told = (
        f"<sr:DeviceManufacturer>{entry.manufacturer}</sr:DeviceManufacturer>"
        f"<sr:DeviceModel>{entry.model}</sr:DeviceModel>"
        f"<sr:FirmwareVersion>{entry.firmware_version}</sr:FirmwareVersion>"
    )
    assert details(told) == "I0"
    model = DeviceModel.objects.get(pk=meter().device_model_id)
    assert (model.manufacturer, model.model, model.firmware_version) == (
        entry.manufacturer,
        entry.model,
        entry.firmware_version,
    )
    assert details("<sr:FirmwareVersion>FFFFFFFF</sr:FirmwareVersion>") == "E080409"
    assert details("") == "E080405"


def test_details_of_a_hub_move_it_in_the_roll_up():
    stand("CHF", "PENDING")
    before = DeviceModel.objects.get(pk=hub().device_model_id)
    other = CplEntry.objects.exclude(device_model=before).filter(
        device_model__device_type="CHF", status="ACTIVE"
    )
    model = other.first().device_model
    told = (
        f"<sr:DeviceManufacturer>{model.manufacturer}</sr:DeviceManufacturer>"
        f"<sr:DeviceModel>{model.model}</sr:DeviceModel>"
        f"<sr:FirmwareVersion>{model.firmware_version}</sr:FirmwareVersion>"
    )
    assert details(told, device_id=PREMISES["CHF"]) == "I0"
    assert hub().device_model_id != before.pk
    assert_roll_up()


def test_a_commissioned_device_keeps_its_version():
    assert details("<sr:FirmwareVersion>FFFFFFFF</sr:FirmwareVersion>") == "E080408"


def test_what_is_pending_is_deleted_and_nothing_else():
    assert delete(PREMISES["ESME"]) == "E080412"
    stand("ESME", "PENDING")
    assert delete(PREMISES["ESME"]) == "I0"
    assert not Device.objects.filter(device_id=PREMISES["ESME"]).exists()
    assert last().kind == "DELETED"


def test_a_hub_is_deleted_when_nothing_is_behind_it():
    stand("CHF", "PENDING")
    assert delete(PREMISES["CHF"]) == "E080413"
    Device.objects.filter(hub_device_id=PREMISES["CHF"]).delete()
    assert delete(PREMISES["CHF"]) == "I0"
    assert_roll_up()


def test_a_meter_has_its_own_meter_point():
    told = "<sr:UpdateMPxN><sr:{0}>{1}</sr:{0}></sr:UpdateMPxN>"
    other = Device.objects.filter(device_type="ESME", mpxn__isnull=False).exclude(device_id=PREMISES["ESME"])[
        0
    ]
    assert update(told.format("ImportMPxN", other.mpxn)) == "E080415"
    assert update(told.format("ImportMPxN", "12345")) == "E080414"
    assert update(told.format("ExportMPAN", MPXN)) == "E48"
    assert update(told.format("ImportMPxN", MPXN)) == "I0"
    assert meter().mpxn == MPXN


def test_an_announced_hub_is_seen_with_its_gpf_by_whoever_announced_it():
    assert announce() == "I0"
    kept = PrenotifiedDevice.objects.get()
    assert (kept.smi_status, kept.gpf_device_id, kept.party.name) == (
        "PENDING",
        Eui64.parse(NEW_GPF),
        "Alder Energy",
    )
    assert last().kind == "PRENOTIFIED"
    for device_id in (NEW, NEW_GPF):
        seen = responses.read_response(ask(read_inventory(f"<sr:DeviceID>{device_id}</sr:DeviceID>")))
        assert [str(one.device_id) for one in seen.message.content.devices] == [NEW, NEW_GPF]
    theirs = ask(read_inventory(f"<sr:DeviceID>{NEW}</sr:DeviceID>", by=pki.other_supplier()))
    assert theirs.response_code == "E080201"


def test_a_device_is_announced_once():
    assert announce(device_id=PREMISES["CHF"]) == "E120201"
    assert announce() == "I0"
    assert announce() == "E120201"
    assert announce(device_id=NEW_GPF, gpf=PREMISES["GPF"]) == "E120201"
    assert announce(device_id="00-DB-00-00-00-00-00-03") == "E120207"
    assert PrenotifiedDevice.objects.count() == 1


def test_what_is_announced_is_on_the_cpl_unless_it_is_type_2():
    assert announce(version="FFFFFFFF") == "E120203"
    assert announce(device_type="PPMID", gpf=None) == "E120203"
    assert announce(device_type="IHD", gpf=None) == "I0"


def test_what_was_announced_is_changed_and_deleted_by_whoever_announced_it():
    announce()
    assert status("InstalledNotCommissioned", hub=True, device_id=NEW, by=pki.other_supplier()) == "E4"
    assert details("<sr:FirmwareVersion>FFFFFFFF</sr:FirmwareVersion>", device_id=NEW) == "E080409"
    assert delete(NEW) == "I0"
    assert not PrenotifiedDevice.objects.exists()


def test_an_installed_hub_is_commissioned_on_the_day():
    stand("CHF", "PENDING")
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(commissioned_on=None)
    assert installed() == "I0"
    assert (hub().smi_status, hub().commissioned_on) == ("COMMISSIONED", date(2030, 1, 1))
    assert last().detail["location"] == "Basement or Cellar"
    assert_roll_up()


def test_a_hub_without_the_sm_wan_is_installed_only():
    stand("CHF", "PENDING")
    assert installed(reached=False, how="CHF Install - no SM WAN") == "I0"
    assert hub().smi_status == "INSTALLED_NOT_COMMISSIONED"
    assert_roll_up()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "I0"),
        ({"mpxn": "1000999888"}, "W081401"),
        ({"reached": False}, "W081401"),
        ({"how": "CHF Install - no SM WAN"}, "E081405"),
        ({"device_id": PREMISES["ESME"]}, "E081401"),
        ({"device_id": NEW}, "E19"),
    ],
)
def test_news_of_a_commissioned_hub_changes_nothing(more, code):
    before = hub().commissioned_on
    assert installed(**more) == code
    assert (hub().smi_status, hub().commissioned_on) == ("COMMISSIONED", before)


def test_an_announced_hub_is_installed_by_anybody_and_waits_for_a_home_that_is_known():
    announce()
    PartyUser.objects.filter(user_id=pki.OTHER_SUPPLIER).delete()
    PartyUser.objects.create(user_id=pki.OTHER_SUPPLIER, role="IS", party_id=2)
    mpxn = "1000999888"
    assert installed(NEW, mpxn=mpxn, reached=False, by=pki.other_supplier()) == "W081401"
    assert PrenotifiedDevice.objects.get().smi_status == "INSTALLED_NOT_COMMISSIONED"
    assert installed(NEW, mpxn=mpxn, by=pki.other_supplier()) == "W081401"
    assert PrenotifiedDevice.objects.get().smi_status == "COMMISSIONED"
    assert installed(NEW, reached=False) == "W081401"
    assert not CommunicationsHub.objects.filter(device_id=NEW).exists()


def test_an_announced_hub_enters_the_fleet_where_its_home_is():
    announce()
    assert installed(NEW) == "I0"
    new = CommunicationsHub.objects.get(device_id=NEW)
    assert (new.gpf_device_id, new.smi_status, new.commissioned_on) == (
        Eui64.parse(NEW_GPF),
        "COMMISSIONED",
        date(2030, 1, 1),
    )
    assert (new.region_id, new.import_party_id, new.gas_party_id) == (
        hub().region_id,
        hub().import_party_id,
        hub().gas_party_id,
    )
    assert new.lot == lot_of(new.device_id)
    assert hub().smi_status == "COMMISSIONED"
    assert not PrenotifiedDevice.objects.exists()
    assert (last().before, last().after) == ("PENDING", "COMMISSIONED")
    assert_roll_up()
    assert installed(NEW) == "I0"
    assert returned(NEW) == "I0"
    assert CommunicationsHub.objects.get(device_id=NEW).smi_status == "DECOMMISSIONED"
    assert_roll_up()


def test_a_replacement_takes_the_home_over_and_the_hub_before_it_is_done_with():
    announce()
    behind = Device.objects.filter(hub_device_id=PREMISES["CHF"]).count()
    ask(scene.read_version(), service=WebService.SEND_COMMAND)
    assert installed(NEW, how="Replacement CHF Install") == "I0"
    assert Device.objects.filter(hub_device_id=NEW).count() == behind > 0
    assert DeviceCommand.objects.get().hub_device_id == Eui64.parse(NEW)
    assert hub().smi_status == "DECOMMISSIONED"
    changes = InventoryChange.objects.order_by("-pk")[:2]
    assert {str(one.device_id): one.after for one in changes} == {
        NEW: "COMMISSIONED",
        PREMISES["CHF"]: "DECOMMISSIONED",
    }
    assert_roll_up()
    assert returned() == "I0"


def test_a_home_of_others_is_given_no_hub():
    announce()
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(import_party_id=5, gas_party_id=6)
    for how in ("New CHF Install", "Replacement CHF Install"):
        assert installed(NEW, how=how) == "E4"
    assert PrenotifiedDevice.objects.get().smi_status == "PENDING"


def test_a_hub_of_others_is_not_spoken_of_until_it_is_nobodys():
    stand("CHF", "PENDING")
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(import_party_id=5, gas_party_id=6)
    assert installed() == "E4"
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(
        import_party_id=None, gas_party_id=None
    )
    stand("CHF", "PENDING")
    assert installed() == "I0"
    assert_roll_up()


def test_a_hub_comes_back_when_its_home_has_let_go():
    assert returned() == "W081401"
    assert hub().smi_status == "COMMISSIONED"
    assert faulty(when="prior to installation") == "E081405"
    Device.objects.filter(hub_device_id=PREMISES["CHF"]).delete()
    assert faulty() == "I0"
    assert hub().smi_status == "DECOMMISSIONED"
    assert last().detail["other_device_id"] == PREMISES["ESME"]
    assert returned() == "I0"
    assert installed(mpxn="1") == "E081402"
    assert_roll_up()


@needs_shared
@pytest.mark.parametrize(
    "message",
    [
        lambda: request(
            "8.4",
            f"<sr:UpdateInventory><sr:DeviceID>{PREMISES['ESME']}</sr:DeviceID><sr:DeleteDevice/></sr:UpdateInventory>",
        ),
        lambda: request(
            "8.14.4",
            f"<sr:CHFNoFaultReturn><sr:DeviceID>{PREMISES['CHF']}</sr:DeviceID><sr:CHFNoFaultReturnType>"
            "Lost or Stolen Hub</sr:CHFNoFaultReturnType></sr:CHFNoFaultReturn>",
        ),
    ],
)
def test_answers_are_what_the_official_schema_allows(message):
    load(SHARED / "xsd").check(parse(scene.process(scene.accept(message()))))
