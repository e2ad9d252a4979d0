"""A home from its first announcement to its last Device: every step by DUIS, the hub's own word and its Suppliers' eyes."""

from datetime import timedelta

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.store.models import CommunicationsHub, Device, InventoryChange, PartyUser, PrenotifiedDevice
from safelaunch.wire.duis.responses import read_response
from tests import estate_factory as factory
from tests import pki
from tests.device_network import FAULTLESS, device_network
from tests.services.requests import home_scene as home
from tests.services.requests import scene
from tests.services.requests.scene import AT, ask, read_inventory, request

pytestmark = pytest.mark.usefixtures("premises")

HUB, GPF = "00-DB-00-00-00-00-01-01", "00-DB-00-00-00-00-01-02"
NEXT_HUB, NEXT_GPF = "00-DB-00-00-00-00-02-01", "00-DB-00-00-00-00-02-02"
ESME, GSME, PPMID = (f"00-DB-00-00-00-00-03-0{place}" for place in (1, 2, 3))
MPRN = "7012345678"
BIRCH = Eui64.parse("90-B3-D5-1F-30-03-00-00")


def birch():
    return pki.identity(BIRCH, serial=pki.FIRST_SERIAL + 2)


def cedar():
    user = PartyUser.objects.filter(party__name="Cedar Energy", role="IS").first()
    return pki.identity(user.user_id, serial=pki.FIRST_SERIAL + 3)


@pytest.fixture
def network(tmp_path):
    scene.vouch(birch(), cedar())
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS) as opened:
        yield opened


def test_a_home_is_put_together_read_given_another_hub_and_taken_apart(network):
    mpan, at = home.southern_mpan(), AT
    assert home.install_hub(network, HUB, GPF, mpxn=mpan) == "I0"
    hub = CommunicationsHub.objects.get(device_id=Eui64.parse(HUB))
    assert (hub.smi_status, hub.gas_party_id) == ("COMMISSIONED", None)
    home.bring(network, ESME, "ESME", hub=HUB, suppliers=[pki.SUPPLIER])
    home.bring(network, GSME, "GSME", hub=HUB, suppliers=[BIRCH])
    home.bring(network, PPMID, "PPMID", hub=HUB)
    assert home.add(ESME, hub=HUB, mpxn=mpan) == "I99"
    assert home.status_of(ESME) is None
    at = home.converse(network, at=at)
    assert home.status_of(ESME) == ("INSTALLED_NOT_COMMISSIONED", mpan, HUB)
    assert home.alerts_to(pki.SUPPLIER) == ["N24"]
    assert home.add(GSME, hub=HUB, mpxn=MPRN, by=birch(), at=at) == "I99"
    assert home.add(PPMID, hub=HUB, at=at) == "I99"
    at = home.converse(network, at=at)
    assert home.status_of(PPMID)[0] == "COMMISSIONED"
    hub.refresh_from_db()
    assert hub.gas_party_id == Device.objects.get(device_id=Eui64.parse(GSME)).party_id is not None
    assert home.commission(network, ESME, at=at) == "I99"
    assert home.commission(network, GSME, by=birch(), at=at) == "I99"
    at = home.converse(network, at=at, until=at + timedelta(hours=1))
    assert {home.status_of(one)[0] for one in (ESME, GSME, PPMID)} == {"COMMISSIONED"}
    for by, code in ((pki.supplier(), "I0"), (birch(), "I0"), (cedar(), "E080201")):
        assert ask(read_inventory(f"<sr:DeviceID>{HUB}</sr:DeviceID>", by=by), at=at).response_code == code
    read = read_response(ask(read_inventory(f"<sr:MPxN>{MPRN}</sr:MPxN>"), at=at)).message.content
    assert {str(one.device_id) for one in read.devices} == {HUB, GPF, ESME, GSME, PPMID}
    assert not PrenotifiedDevice.objects.exists()
    assert factory.portfolio() == factory.recount_portfolio()

    assert (
        home.install_hub(network, NEXT_HUB, NEXT_GPF, mpxn=mpan, how="Replacement CHF Install", at=at) == "I0"
    )
    assert home.restore(HUB, target=NEXT_HUB, at=at) == "I99"
    assert home.restore(GPF, target=NEXT_GPF, srv="8.12.2", by=birch(), at=at) == "I99"
    at = home.converse(network, at=at)
    assert home.alerts_to(pki.SUPPLIER)[-2:] == home.alerts_to(BIRCH)[-2:] == ["N30", "N31"]
    assert home.status_of(ESME) == ("COMMISSIONED", mpan, NEXT_HUB)

    assert home.remove(PPMID, hub=NEXT_HUB, at=at) == "I99"
    at = home.converse(network, at=at)
    assert home.status_of(PPMID) is None
    assert PrenotifiedDevice.objects.get().smi_status == "PENDING"
    assert home.alerts_to(BIRCH)[-1] == "N43"
    history = InventoryChange.objects.filter(device_id=Eui64.parse(PPMID)).order_by("pk")
    assert [one.after for one in history][1:] == ["WHITELISTED", "COMMISSIONED", "PENDING"]

    for device, by in ((ESME, pki.supplier()), (GSME, birch()), (NEXT_HUB, pki.supplier())):
        told = f"<sr:DecommissionDevice><sr:DeviceID>{device}</sr:DeviceID></sr:DecommissionDevice>"
        assert ask(request("8.3", told, by=by), at=at).response_code == "I0"
    assert home.alerts_to(pki.SUPPLIER)[-1] == home.alerts_to(BIRCH)[-1] == "N9"
    assert {home.status_of(one)[0] for one in (ESME, GSME)} == {"DECOMMISSIONED"}
    assert factory.portfolio() == factory.recount_portfolio()
