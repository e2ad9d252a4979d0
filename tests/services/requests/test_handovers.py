"""A change of Supplier and what Users asked of Devices: the loser's lapses, the others' stays, and who may ask from then on."""

from datetime import timedelta

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.srv import WebService
from safelaunch.services import handovers
from safelaunch.services.explanations import explain_home
from safelaunch.store.models import (
    CommunicationsHub,
    Device,
    DeviceCommand,
    OutgoingMessage,
    PartyUser,
    PlannedEvent,
    ServiceRequest,
)
from tests import pki
from tests.services.registration_scene import register
from tests.services.requests import scene
from tests.services.requests.scene import AT, PREMISES, ask

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = f"{AT + 5 * DAY:%Y-%m-%dT%H:%M:%SZ}"
BIRCH = 2


@pytest.fixture(autouse=True)
def birch_reads_electricity(premises):
    PartyUser.objects.filter(user_id=pki.OTHER_SUPPLIER).delete()
    for role in ("IS", "GS"):
        PartyUser.objects.create(user_id=pki.OTHER_SUPPLIER, role=role, party_id=BIRCH, duis_version="5.4")


def read(device="ESME", *, by=None, at=None, execution=None):
    when = f"<sr:ExecutionDateTime>{execution}</sr:ExecutionDateTime>" if execution else ""
    body = f"<sr:ReadFirmwareVersion>{when}</sr:ReadFirmwareVersion>"
    message = scene.request("11.2", body, target=PREMISES[device], variant=1, by=by)
    return ask(message, service=WebService.SEND_COMMAND, at=at or AT).response_code


def test_the_losers_commands_lapse_and_it_is_told_and_the_others_stay():
    for device in ("ESME", "CHF"):
        assert read(device, execution=LATER) == "I99"
    assert read("GSME", by=pki.other_supplier(), execution=LATER) == "I99"
    promised = DeviceCommand.objects.get(device_id=PREMISES["CHF"])
    DeviceCommand.objects.filter(pk=promised.pk).update(state="PROMISED")
    ServiceRequest.objects.filter(pk=promised.service_request_id).update(state="COMPLETED")
    assert read(by=pki.other_supplier()) == "E4"
    change_at = AT + DAY
    register(Eui64.parse(PREMISES["CHF"]), "IS", BIRCH, at=change_at)
    assert handovers.take_effect(at=change_at - HOUR) == 0
    assert handovers.take_effect(at=change_at) == 1
    states = dict(DeviceCommand.objects.values_list("device_id", "state"))
    assert {str(device): state for device, state in states.items()} == {
        PREMISES["ESME"]: "CANCELLED",
        PREMISES["CHF"]: "CANCELLED",
        PREMISES["GSME"]: "WAITING",
    }
    told = OutgoingMessage.objects.values_list("user_id", "code")
    assert list(told) == [(pki.SUPPLIER, "E4")] * 2
    planned = dict(PlannedEvent.objects.values_list("device_id", "cancelled_at"))
    assert {str(device): when for device, when in planned.items()} == {
        PREMISES["ESME"]: change_at,
        PREMISES["CHF"]: change_at,
        PREMISES["GSME"]: None,
    }
    assert read(at=change_at) == "E4"
    assert read(by=pki.other_supplier(), at=change_at) == "I99"
    followers = Device.objects.filter(hub_device_id=PREMISES["CHF"])
    assert set(followers.values_list("party_id", flat=True)) == {BIRCH}


def test_a_party_that_keeps_the_other_fuel_loses_only_the_meter():
    hub = Eui64.parse(PREMISES["CHF"])
    Device.objects.filter(device_id=PREMISES["GSME"]).update(party_id=1)
    CommunicationsHub.objects.filter(device_id=hub).update(gas_party_id=1)
    for device in ("ESME", "CHF", "GSME"):
        assert read(device, execution=LATER) == "I99"
    change_at = AT + DAY
    register(hub, "IS", BIRCH, at=change_at)
    handovers.take_effect(at=change_at)
    states = dict(DeviceCommand.objects.values_list("device_id", "state"))
    assert {str(device): state for device, state in states.items()} == {
        PREMISES["ESME"]: "CANCELLED",
        PREMISES["CHF"]: "WAITING",
        PREMISES["GSME"]: "WAITING",
    }
    assert explain_home(device_id=hub, viewer_party_id=1, at=change_at).is_former is False
