"""8.2, Read Inventory: the Devices of one home, to those who may see it."""

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.services import requests
from safelaunch.store.models import CommunicationsHub, Device, PartyUser
from safelaunch.wire.duis import responses
from safelaunch.wire.duis.responses.content import CspRegion
from tests import pki
from tests.services.requests import scene
from tests.services.requests.scene import PREMISES, ask, read_inventory
from tests.unit.wire.duis.messages import SHARED, needs_shared

pytestmark = pytest.mark.usefixtures("premises")
ADDRESS = "<sr:PostCode>AB1 2CD</sr:PostCode><sr:AddressIdentifier>1</sr:AddressIdentifier>"
NOTHING_FOUND, TOO_MANY = "E080201", "E080202"


def devices(response):
    reply = responses.read_response(response)
    return {str(one.device_id): one for one in reply.message.content.devices}


def by_device(device_id):
    return read_inventory(f"<sr:DeviceID>{device_id}</sr:DeviceID>")


@pytest.mark.parametrize("name", sorted(PREMISES))
def test_any_device_of_a_home_names_all_of_it(name):
    response = ask(by_device(PREMISES[name]))
    assert response.response_code == "I0"
    assert set(devices(response)) == set(PREMISES.values())


def test_hub_and_gpf_say_the_same_of_their_firmware_and_only_the_hub_has_a_region():
    found = devices(ask(read_inventory()))
    hub, gpf = found[PREMISES["CHF"]], found[PREMISES["GPF"]]
    assert (hub.manufacturer, hub.model, hub.firmware_version) == (
        gpf.manufacturer,
        gpf.model,
        gpf.firmware_version,
    )
    assert (hub.region, gpf.region) == (CspRegion.SOUTH, None)
    assert hub.status.value == "COMMISSIONED"
    assert hub.cpl_status.value == hub.firmware_version_status.value == "ACTIVE"


def test_meters_have_their_meter_points():
    found = devices(ask(read_inventory()))
    assert len(found[PREMISES["ESME"]].import_mpxn) == 13
    assert len(found[PREMISES["GSME"]].import_mpxn) == 10
    assert found[PREMISES["PPMID"]].import_mpxn is None


def test_a_meter_point_names_its_home():
    mpxn = Device.objects.get(device_id=PREMISES["ESME"]).mpxn
    response = ask(read_inventory(f"<sr:MPxN>{mpxn}</sr:MPxN>"))
    assert PREMISES["CHF"] in devices(response)


def another_home():
    """A home that Alder supplies neither with electricity nor with gas."""
    return CommunicationsHub.objects.exclude(import_party_id=1).exclude(gas_party_id=1).first()


def test_a_home_of_others_is_answered_like_one_that_does_not_exist():
    theirs = ask(by_device(another_home().device_id))
    nobodys = ask(by_device("00-00-00-00-00-00-00-01"))
    assert theirs.response_code == nobodys.response_code == NOTHING_FOUND
    assert theirs.body_xml == nobodys.body_xml


def test_whoever_is_about_to_take_a_home_over_names_its_meter_point():
    hub = another_home()
    mpxn = Device.objects.get(hub_device_id=hub.device_id, device_type="ESME").mpxn
    assert str(hub.device_id) in devices(ask(read_inventory(f"<sr:MPxN>{mpxn}</sr:MPxN>")))


def test_the_gas_supplier_sees_the_home_too():
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(import_party_id=5, gas_party_id=1)
    assert ask(read_inventory()).response_code == "I0"


@pytest.mark.parametrize(("role", "code"), [("ED", "I0"), ("OU", NOTHING_FOUND), ("ES", NOTHING_FOUND)])
def test_other_roles_see_by_device_what_they_are_responsible_for(role, code):
    network = Device.objects.get(device_id=PREMISES["ESME"]).network_party_id
    PartyUser.objects.filter(user_id=pki.OTHER_SUPPLIER).delete()
    PartyUser.objects.create(
        user_id=pki.OTHER_SUPPLIER, role=role, party_id=network if role == "ED" else 9, duis_version="5.4"
    )
    assert ask(read_inventory(by=pki.other_supplier())).response_code == code


@pytest.mark.parametrize(
    "what",
    [
        "<sr:UPRN>12345</sr:UPRN>",
        "<sr:MPxN>9</sr:MPxN>",
        f"<sr:PropertyFilter>{ADDRESS}</sr:PropertyFilter>",
    ],
)
def test_what_the_inventory_does_not_know_is_not_found(what):
    assert ask(read_inventory(what)).response_code == NOTHING_FOUND


def fill(count):
    """Put so many Devices into the premises that its answer has `count`."""
    pattern = Device.objects.get(device_id=PREMISES["PPMID"])
    there = Device.objects.filter(hub_device_id=pattern.hub_device_id).count() + 2
    for number in range(count - there):
        Device.objects.create(
            hub_device_id=pattern.hub_device_id,
            device_id=Eui64(1_000 * count + number),
            device_model_id=pattern.device_model_id,
            device_type="CAD",
            smi_status="PENDING",
        )


def test_seventeen_devices_are_answered_and_eighteen_are_too_many():
    fill(17)
    response = ask(read_inventory())
    assert (response.response_code, len(devices(response))) == ("I0", 17)
    fill(18)
    assert ask(read_inventory()).response_code == TOO_MANY


def test_type_2_devices_have_no_status():
    fill(7)
    (display,) = [one for one in devices(ask(read_inventory())).values() if one.device_type.value == "CAD"]
    assert display.status is None


@needs_shared
def test_the_answer_is_what_the_official_schema_allows():
    from safelaunch.wire.duis.schema import load
    from safelaunch.wire.duis.xml import parse

    taken = scene.accept(read_inventory())
    octets = scene.process(taken)
    assert isinstance(taken, requests.Accepted)
    load(SHARED / "xsd").check(parse(octets))
