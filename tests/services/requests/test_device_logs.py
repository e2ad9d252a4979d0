"""8.11 and 8.12 through the simulator: what is refused, what is heard late or never, and what follows from it."""

from datetime import timedelta

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.services import devices, han_logs
from safelaunch.store.models import (
    CommunicationsHub,
    CplEntry,
    Device,
    DeviceCommand,
    HanLogUpdate,
    HubLogBackup,
    PrenotifiedDevice,
)
from safelaunch.wire.gbcs.catalogue import read
from safelaunch.wire.gbcs.device_log import Ccs01Command
from tests import estate_factory as factory
from tests import pki
from tests.device_network import FAULTLESS, LOSSY, device_network
from tests.services.requests import home_scene as home
from tests.services.requests.scene import AT, PREMISES, ask, read_version
from tests.services.requests.test_inventory_changes import listed
from tests.services.test_handovers import told_of

pytestmark = pytest.mark.usefixtures("premises")

HUB, GPF = PREMISES["CHF"], PREMISES["GPF"]
NEW, OTHER = "00-DB-00-00-00-00-04-01", "00-DB-00-00-00-00-04-02"
HOUR = timedelta(hours=1)


@pytest.fixture
def network(tmp_path):
    with device_network(tmp_path, starts_at=AT, scenario=FAULTLESS) as opened:
        yield opened


@pytest.fixture
def lossy(tmp_path):
    with device_network(tmp_path, starts_at=AT, scenario=LOSSY) as opened:
        yield opened


def states():
    return list(HanLogUpdate.objects.order_by("pk").values_list("state", flat=True))


def look(at):
    return han_logs.look(dsp_id=pki.DSP, at=at)


def explained(device_id, *, at=AT):
    return devices.explain_device(device_id=Eui64.parse(device_id), viewer_party_id=None, at=at)


def test_what_speaks_against_a_change_of_the_log_is_told_by_its_code(network):
    home.bring(network, NEW, "PPMID", hub=HUB)
    esme = Device.objects.get(device_id=Eui64.parse(PREMISES["ESME"]))
    point = Device.objects.exclude(hub_device_id=esme.hub_device_id).filter(device_type="ESME").first().mpxn
    wren = pki.identity(Eui64.parse("00-DB-12-34-56-78-00-04"), serial=pki.FIRST_SERIAL + 9)
    home.scene.vouch(wren)
    for code, given in [
        ("E081101", home._log_request(NEW, "Add", "", hub=HUB, by=None, at=AT)),
        ("E081102", home.add(OTHER, hub=HUB)),
        ("E081104", home.add(PREMISES["ESME"], hub=HUB)),
        ("E081105", home.remove(NEW, hub=HUB)),
        ("E081107", home.add(GPF, hub=HUB)),
        ("E081108", home.add(NEW, hub=HUB, by=wren)),
        ("E081109", home.add(NEW, hub=HUB, mpxn=point)),
        ("E11", home.add(NEW, hub=GPF)),
        ("E12", home.add(NEW, hub=HUB, variant=4)),
    ]:
        assert given == code
    CplEntry.objects.filter(device_model__device_type="PPMID").update(status="WITHDRAWN")
    assert home.add(NEW, hub=HUB) == "E081111"
    assert states() == []
    assert home.restore("00-DB-00-00-00-00-04-09", target=HUB) == "E081202"
    assert home.restore(HUB, target=HUB) == "E081204"
    neighbour = (
        CommunicationsHub.objects.filter(import_party_id=esme.party_id).exclude(pk=Eui64.parse(HUB)).first()
    )
    assert home.restore(neighbour.device_id, target=HUB) == "E081205"
    assert home.restore(GPF, target=GPF, srv="8.12.2") in {"E4", "E081222"}


def test_a_device_that_does_not_join_is_doubted_once_and_believed_later(network):
    home.bring(network, NEW, "PPMID", hub=PREMISES["CHF"])
    assert home.add(NEW, hub=HUB, seconds=1) == "I99"
    command = read(bytes(DeviceCommand.objects.get().gbcs))
    assert command.payload == Ccs01Command(
        command.header.originator_counter & 0xFFFFFF, Eui64.parse(NEW), bytes.fromhex(home.CODE), 1
    )
    assert explained(NEW).explanation.reasons[0].startswith("Its hub was asked to let it join; N24")
    at = home.converse(network)
    assert (home.status_of(NEW)[0], states()) == ("WHITELISTED", ["LOGGED"])
    found = explained(NEW, at=at)
    assert found.explanation.headline.startswith(
        "Not in service yet: whitelisted since Tuesday 1 January 2030"
    )
    assert "N25 if it has not by" in found.explanation.reasons[0]
    assert found.next_steps[0].startswith("Have it join")
    assert look(at) == 0
    assert (look(at + HOUR), look(at + HOUR)) == (1, 0)
    assert (home.alerts_to(pki.SUPPLIER), states()) == (["N25"], ["DOUBTFUL"])
    at += HOUR
    assert home.add(NEW, hub=HUB, at=at) == "I99"
    home.converse(network, at=at)
    assert (home.status_of(NEW)[0], states()) == ("COMMISSIONED", ["DONE", "DONE"])
    assert home.alerts_to(pki.SUPPLIER) == ["N25", "N24", "N24"]


def test_a_hub_whose_answers_are_lost_is_believed_by_what_its_log_holds(lossy):
    home.bring(lossy, NEW, "PPMID", hub=HUB)
    assert home.add(NEW, hub=HUB) == "I99"
    home.converse(lossy)
    assert (home.status_of(NEW)[0], states()) == ("COMMISSIONED", ["DONE"])
    assert home.alerts_to(pki.SUPPLIER) == ["N24"]
    assert HubLogBackup.objects.get().hub_device_id == Eui64.parse(HUB)


def test_what_is_taken_back_before_it_went_out_is_nobody_s_doubt(network):
    home.bring(network, NEW, "PPMID", hub=HUB)
    when = "<sr:ExecutionDateTime>{}</sr:ExecutionDateTime>"
    assert home.add(NEW, hub=HUB, when=when.format("2030-01-02T12:00:00Z")) == "I99"
    assert home.add(NEW, hub=HUB, when=when.format("3000-12-31T00:00:00Z")) == "I0"
    assert look(AT + 48 * HOUR) == 1
    assert (states(), home.alerts_to(pki.SUPPLIER)) == (["TAKEN_BACK"], [])
    assert PrenotifiedDevice.objects.get().smi_status == "PENDING"


def test_firmware_that_left_the_cpl_on_the_way_brings_a_device_in_suspended_and_told_of_once(network):
    home.bring(network, NEW, "PPMID", hub=HUB)
    home.add(NEW, hub=HUB)
    CplEntry.objects.filter(pk=listed("PPMID").pk).update(status="WITHDRAWN")
    home.converse(network)
    entered = Device.objects.get(device_id=Eui64.parse(NEW))
    assert (entered.smi_status, entered.status_before) == ("SUSPENDED", "COMMISSIONED")
    hub = CommunicationsHub.objects.get(device_id=Eui64.parse(HUB))
    assert told_of(Eui64.parse(NEW), "N28") == {hub.import_party_id, hub.gas_party_id} - {None}


def test_a_log_is_restored_to_a_hub_that_was_installed_beside_the_old_one(network):
    home.bring(network, NEW, "PPMID", hub=HUB)
    home.add(NEW, hub=HUB)
    at = home.converse(network)
    mpan = Device.objects.get(device_id=Eui64.parse(PREMISES["ESME"])).mpxn
    hub, gpf = "00-DB-00-00-00-00-05-01", "00-DB-00-00-00-00-05-02"
    assert home.install_hub(network, hub, gpf, mpxn=mpan, at=at) == "I0"
    assert home.restore(HUB, target=hub, at=at) == "I99"
    at = home.converse(network, at=at)
    assert home.status_of(NEW)[2] == home.status_of(PREMISES["ESME"])[2] == hub
    assert CommunicationsHub.objects.get(device_id=Eui64.parse(HUB)).smi_status == "DECOMMISSIONED"
    assert home.alerts_to(pki.SUPPLIER) == ["N24", "N30"]
    asked = ask(read_version(), service=home.SEND, at=at)
    home.converse(network, at=at)
    assert (asked.response_code, DeviceCommand.objects.latest("pk").state) == ("I99", "ANSWERED")
    assert factory.portfolio() == factory.recount_portfolio()
