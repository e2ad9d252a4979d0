"""A hub is replaced in the middle of a campaign (Q15): what becomes of the old one, and who learns of the new one."""

from datetime import timedelta

import pytest

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreachable
from safelaunch.domain.smi import Network
from safelaunch.services import explanations, handovers
from safelaunch.services.explanations import NoSuchHub
from safelaunch.services.requests import arrivals
from safelaunch.store import transactions
from safelaunch.store.models import (
    CommunicationsHub,
    CplEntry,
    Device,
    DeviceModel,
    HubUpgrade,
    InventoryChange,
    SuspensionEpisode,
)
from safelaunch.store.reads.suspensions import list_suspension_history
from safelaunch.store.writes import counts
from safelaunch.store.writes.counts import CountShift
from safelaunch.wire import csp
from tests import estate_factory as factory
from tests.estate_factory import Reporter
from tests.services.registration_scene import register
from tests.services.requests.scene import AT, PREMISES
from tests.services.requests.test_inventory_changes import NEW, NEW_GPF, announce, hub, installed, stand
from tests.services.test_handovers import are_roll_ups_exact, newcomer, told_of
from tests.store.planning_scene import while_planned

pytestmark = pytest.mark.usefixtures("premises")

OLD_HUB, NEW_HUB = Eui64.parse(PREMISES["CHF"]), Eui64.parse(NEW)
DAY = timedelta(days=1)


@pytest.fixture
def campaign():
    """One in mass roll-out that has sent the premises' hub on its way."""
    started = factory.rolling_out()
    targets = {one.device_model_id for one in factory.eligible_hubs(started)}
    if hub().device_model_id not in targets:
        CommunicationsHub.objects.filter(device_id=OLD_HUB).update(device_model_id=min(targets))
        stand("CHF", "COMMISSIONED")
    factory.set_capacity(1_000)
    factory.send_night(started, 0)
    factory.forget_jobs()
    return started


def put(state):
    """Have the premises' hub stand in a state of its upgrade, and the roll-ups with it."""
    row = HubUpgrade.objects.get(device_id=OLD_HUB)
    cell = (row.tranche_id, row.region_id, row.import_party_id, row.gas_party_id)
    shifts = [CountShift(*cell, row.state, -1), CountShift(*cell, state, 1)]
    with transactions.transaction():
        counts.shift(campaign_id=row.campaign_id, shifts=shifts)
        HubUpgrade.objects.filter(device_id=OLD_HUB).update(state=state)


def replace_hub():
    announce(DeviceModel.objects.get(pk=hub().device_model_id))
    return installed(NEW, how="Replacement CHF Install")


@pytest.mark.parametrize("state", ["PLANNED", "INSTRUCTED", "DEPLOYED", "UNKNOWN", "UNREACHABLE", "FAILED"])
def test_the_old_hub_is_a_target_no_more_wherever_it_stood_and_the_new_one_a_fresh_target(campaign, state):
    put(state)
    assert replace_hub() == "I0"
    assert HubUpgrade.objects.get(device_id=OLD_HUB).state == "WITHDRAWN"
    assert InventoryChange.objects.get(device_id=OLD_HUB).detail["withdrawn"] == [state]
    assert are_roll_ups_exact()
    assert NEW_HUB in {one.device_id for one in factory.eligible_hubs(campaign)}
    assert not HubUpgrade.objects.filter(device_id=NEW_HUB).exists()


def test_what_the_old_hub_did_before_is_told_however_late_and_what_was_done_stays_done(campaign):
    replace_hub()
    Reporter().report([OLD_HUB], EventKind.ACTIVATED, at=AT - DAY)
    assert HubUpgrade.objects.get(device_id=OLD_HUB).state == "ACTIVATED"
    assert told_of(OLD_HUB) == {hub().import_party_id, hub().gas_party_id} - {None}
    assert are_roll_ups_exact()


def test_an_upgrade_that_was_done_stays_done(campaign):
    Reporter().report([OLD_HUB], EventKind.ACTIVATED, at=AT - DAY)
    replace_hub()
    assert HubUpgrade.objects.get(device_id=OLD_HUB).state == "ACTIVATED"
    assert InventoryChange.objects.get(device_id=OLD_HUB).detail["withdrawn"] == []
    assert are_roll_ups_exact()


def test_a_hub_that_is_replaced_while_its_night_is_planned_is_not_sent_to(monkeypatch):
    campaign = factory.rolling_out()
    targets = {one.device_model_id for one in factory.eligible_hubs(campaign)}
    CommunicationsHub.objects.filter(device_id=OLD_HUB).update(device_model_id=min(targets))
    stand("CHF", "COMMISSIONED")
    factory.set_capacity(1_000)
    announce(DeviceModel.objects.get(pk=hub().device_model_id))
    answers = []

    def replace():
        answers.append(installed(NEW, how="Replacement CHF Install"))

    with while_planned(campaign, monkeypatch, replace) as replacing:
        assert replacing.is_alive()
    assert answers == ["I0"]
    assert HubUpgrade.objects.get(device_id=OLD_HUB).state == "WITHDRAWN"
    assert are_roll_ups_exact()


class Told:
    """A network that keeps what it is told of new hubs."""

    def __init__(self):
        self.installations = []
        self.receipt = csp.Receipt(accepted=1)

    def install(self, *, network, installation, at):
        self.installations.append((network, installation, at))
        return self.receipt


def test_the_network_is_told_of_the_new_hub_once_it_is_in_the_fleet():
    factory.forget_jobs()
    replace_hub()
    [job] = factory.waiting_jobs("INSTALL_HUB")
    network = Told()
    arrivals.tell_network(
        network=Network(job["network"]), installation=job["installation"], gateway=network, at=AT
    )
    [(name, installation, _)] = network.installations
    assert name is Network.SOUTH
    assert (installation.device_id, installation.gpf_device_id) == (NEW, NEW_GPF)
    assert (installation.home_hub_device_id, installation.is_replacement) == (PREMISES["CHF"], True)
    assert installation.installed_at == AT
    network.receipt = csp.Receipt(accepted=0, unknown_device_ids=[PREMISES["CHF"]])
    with pytest.raises(Unreachable, match="does not know"):
        arrivals.tell_network(network=Network.SOUTH, installation=job["installation"], gateway=network, at=AT)


def test_a_hub_that_waits_for_a_home_or_is_refused_is_told_to_nobody():
    announce()
    installed(NEW, mpxn="1000999888")
    CommunicationsHub.objects.filter(device_id=OLD_HUB).update(import_party_id=5, gas_party_id=6)
    factory.forget_jobs()
    assert installed(NEW, how="Replacement CHF Install") == "E4"
    assert factory.waiting_jobs("INSTALL_HUB") == []


def test_the_suspension_of_a_replaced_hub_is_over_without_a_return():
    stand("CHF", "SUSPENDED")
    CommunicationsHub.objects.filter(device_id=OLD_HUB).update(status_before="COMMISSIONED")
    replace_hub()
    assert hub().status_before is None
    episode = SuspensionEpisode.objects.get()
    assert (episode.device_id, episode.status_before) == (OLD_HUB, "COMMISSIONED")
    assert (episode.state, episode.ended_because, episode.ended_at) == ("ENDED", "LEFT_SERVICE", AT)
    assert told_of(OLD_HUB, "N29") == set()


def test_a_hub_whose_firmware_left_the_cpl_on_its_way_enters_suspended_and_is_told_of_once():
    announce(DeviceModel.objects.get(pk=hub().device_model_id))
    CplEntry.objects.filter(device_model_id=hub().device_model_id).update(status="WITHDRAWN")
    assert installed(NEW, how="Replacement CHF Install") == "I0"
    entered = CommunicationsHub.objects.get(device_id=NEW_HUB)
    assert (entered.smi_status, entered.status_before, entered.is_in_use) == (
        "SUSPENDED",
        "COMMISSIONED",
        True,
    )
    assert told_of(NEW_HUB, "N28") == {entered.import_party_id, entered.gas_party_id} - {None}
    [episode] = list_suspension_history(device_id=NEW_HUB)
    assert (episode.state, episode.suspended_at, episode.cause) == ("SUSPENDED", AT, "UNLISTED_FIRMWARE")
    assert are_roll_ups_exact()


def test_a_former_supplier_learns_nothing_of_a_hub_that_came_after_it():
    losing, alder = newcomer(hub()), hub().import_party_id
    Device.objects.filter(hub_device_id=OLD_HUB, party_id=alder).update(party_id=losing)
    CommunicationsHub.objects.filter(device_id=OLD_HUB).update(import_party_id=losing)
    stand("CHF", "COMMISSIONED")
    assert register(OLD_HUB, "IS", alder, at=AT - 2 * DAY) == losing
    handovers.take_effect(at=AT - 2 * DAY)
    assert explanations.explain_home(device_id=OLD_HUB, viewer_party_id=losing, at=AT).is_former
    replace_hub()
    with pytest.raises(NoSuchHub):
        explanations.explain_home(device_id=NEW_HUB, viewer_party_id=losing, at=AT + DAY)
