"""8.3: a Device leaves its home, and everything that was meant for it with it."""

from datetime import timedelta

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.store import transactions
from safelaunch.store.models import (
    CommunicationsHub,
    Device,
    DeviceCommand,
    DeviceModel,
    HubUpgrade,
    InventoryChange,
    OutgoingMessage,
    PartyUser,
    PlannedEvent,
    ServiceRequest,
    SuspensionEpisode,
)
from safelaunch.store.writes import estates
from safelaunch.wire.duis.envelope import read_response as read_envelope
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.duis.responses.alerts import AssociatedDevice
from safelaunch.wire.duis.xml import parse
from tests import estate_factory as factory
from tests.services.requests import scene
from tests.services.requests.scene import AT, PREMISES, ask, request
from tests.services.requests.test_inventory_changes import NEW, announce, returned
from tests.services.test_handovers import are_roll_ups_exact

pytestmark = pytest.mark.usefixtures("premises")

DAY = timedelta(days=1)


def decommission(name="ESME", *, device_id=None, **more):
    body = (
        "<sr:DecommissionDevice>"
        f"<sr:DeviceID>{device_id or PREMISES[name]}</sr:DeviceID></sr:DecommissionDevice>"
    )
    return ask(request("8.3", body, **more)).response_code


def kept(name):
    return Device.objects.get(device_id=PREMISES[name])


def told(code):
    """The alerts of a code: to whom, and what they say."""
    schema, found = scene.official_schema(), []
    for row in OutgoingMessage.objects.filter(code=code).order_by("pk"):
        root = parse(bytes(row.octets))
        if schema is not None:
            schema.check(root)
        found.append((row.user_id, read_response(read_envelope(root)).message.body))
    return found


def users(party_id, role):
    return list(PartyUser.objects.filter(party_id=party_id, role=role).values_list("user_id", flat=True))


def test_a_meter_leaves_and_its_network_operator_is_told_what_goes_with_it():
    was = kept("ESME")
    assert decommission() == "I0"
    now = kept("ESME")
    assert (now.smi_status, now.status_before, now.mpxn) == ("DECOMMISSIONED", None, was.mpxn)
    change = InventoryChange.objects.get(device_id=was.device_id)
    assert (change.before, change.after, change.detail["srv"]) == ("COMMISSIONED", "DECOMMISSIONED", "8.3")
    messages = told("N2")
    assert [user_id for user_id, _ in messages] == users(was.network_party_id, "ED") != []
    [body] = {body for _, body in messages}
    assert body.device_id == was.device_id
    assert body.change.withdrawal.mpxns.import_mpxn == was.mpxn
    assert body.change.withdrawal.devices == (
        AssociatedDevice(device_id=kept("HCALCS").device_id, device_type="HCALCS"),
    )


def test_saying_it_again_is_told_yes_and_changes_nothing():
    assert [decommission(), decommission()] == ["I0", "I0"]
    assert InventoryChange.objects.count() == 1
    assert len(told("N2")) == len(users(kept("ESME").network_party_id, "ED"))


def test_a_suspended_device_leaves_without_a_return():
    Device.objects.filter(device_id=PREMISES["HCALCS"]).update(
        smi_status="SUSPENDED", status_before="WHITELISTED"
    )
    assert decommission("HCALCS") == "I0"
    episode = SuspensionEpisode.objects.get()
    assert (episode.status_before, episode.state, episode.ended_because) == (
        "WHITELISTED",
        "ENDED",
        "LEFT_SERVICE",
    )
    assert told("N2") == told("N29") == []


def test_what_waits_for_the_device_is_taken_back_and_told_of_once():
    later = (AT + DAY).isoformat().replace("+00:00", "Z")
    read = f"<sr:ReadFirmwareVersion><sr:ExecutionDateTime>{later}</sr:ExecutionDateTime></sr:ReadFirmwareVersion>"
    for name in ("ESME", "HCALCS"):
        asked = request("11.2", read, target=PREMISES[name], variant=1)
        assert ask(asked, service=scene.WebService.SEND_COMMAND).response_code == "I99"
    assert decommission() == "I0"
    states = dict(DeviceCommand.objects.values_list("device_id", "state"))
    assert states == {kept("ESME").device_id: "CANCELLED", kept("HCALCS").device_id: "WAITING"}
    assert PlannedEvent.objects.filter(device_id=PREMISES["ESME"], cancelled_at=None).count() == 0
    outcomes = OutgoingMessage.objects.filter(
        service_request__in=ServiceRequest.objects.filter(service_reference_variant="11.2")
    )
    assert list(outcomes.values_list("code", flat=True)) == ["E5"]


def test_a_hub_leaves_its_campaigns_once_nothing_in_service_is_behind_it():
    campaign = factory.rolling_out()
    hub = CommunicationsHub.objects.filter(device_id=PREMISES["CHF"])
    hub.update(device_model_id=min(one.device_model_id for one in factory.eligible_hubs(campaign)))
    with transactions.transaction():
        estates.count_portfolio()
    factory.set_capacity(1_000)
    factory.send_night(campaign, 0)
    assert decommission("CHF") == "E080301"
    assert HubUpgrade.objects.get(device_id=PREMISES["CHF"]).state != "WITHDRAWN"
    Device.objects.filter(hub_device_id=PREMISES["CHF"]).update(smi_status="DECOMMISSIONED")
    assert decommission("CHF") == "I0"
    left = hub.get()
    assert (left.smi_status, left.is_in_use) == ("DECOMMISSIONED", False)
    assert HubUpgrade.objects.get(device_id=PREMISES["CHF"]).state == "WITHDRAWN"
    assert are_roll_ups_exact()
    suppliers = {*users(left.import_party_id, "IS"), *users(left.gas_party_id, "GS")}
    messages = told("N9")
    assert {user_id for user_id, _ in messages} == suppliers
    assert len(messages) == len(suppliers)
    assert all(body.change.is_hub_decommissioned for _, body in messages)


def test_a_hub_that_comes_back_leaves_its_campaigns_likewise():
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    hub = CommunicationsHub.objects.filter(device_id=PREMISES["CHF"])
    hub.update(device_model_id=min(one.device_model_id for one in factory.eligible_hubs(campaign)))
    Device.objects.filter(hub_device_id=PREMISES["CHF"]).delete()
    with transactions.transaction():
        estates.count_portfolio()
    factory.send_night(campaign, 0)
    assert returned() == "I0"
    assert hub.get().smi_status == "DECOMMISSIONED"
    assert HubUpgrade.objects.get(device_id=PREMISES["CHF"]).state == "WITHDRAWN"
    detail = InventoryChange.objects.get(device_id=PREMISES["CHF"]).detail
    assert (detail["srv"], detail["withdrawn"]) == ("8.14.4", ["INSTRUCTED"])
    assert are_roll_ups_exact()


def test_nobody_decommissions_what_is_not_theirs_or_not_there():
    CommunicationsHub.objects.filter(device_id=PREMISES["CHF"]).update(import_party_id=5, gas_party_id=6)
    Device.objects.filter(device_id=PREMISES["ESME"]).update(party_id=5)
    assert decommission("ESME") == decommission("CHF") == "E4"
    assert decommission(device_id="00-DB-00-00-00-00-00-99") == "E19"
    assert InventoryChange.objects.count() == 0


def test_what_was_only_announced_is_deleted_instead():
    announce(
        DeviceModel.objects.get(pk=CommunicationsHub.objects.get(device_id=PREMISES["CHF"]).device_model_id)
    )
    assert decommission(device_id=NEW) == "E080302"
    assert not CommunicationsHub.objects.filter(device_id=Eui64.parse(NEW)).exists()
