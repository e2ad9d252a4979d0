"""Hubs change hands while they are planned and reported on: each waits for the other, and both count right."""

import threading

import pytest

from safelaunch.services import handovers
from safelaunch.store.models import CommunicationsHub, DccAlert, HubUpgrade
from tests import estate_factory as factory
from tests.estate_factory import evening
from tests.services.registration_scene import register, register_all
from tests.store.planning_scene import while_planned
from tests.store.test_simultaneous_writes import Activation, alone

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def campaign(database):
    factory.load_estate()
    factory.set_capacity(20)
    return factory.rolling_out()


def newcomer_of(hub):
    return next(party for party in (1, 2, 3) if party not in {hub.import_party_id, hub.gas_party_id})


def take_effect():
    """Hand over in a thread of its own, and give the thread."""
    taking = threading.Thread(target=alone, args=(lambda: handovers.take_effect(at=evening(0)),))
    taking.start()
    taking.join(timeout=1)
    return taking


def pairs_agree():
    hubs = {
        hub.device_id: (hub.import_party_id or 0, hub.gas_party_id or 0)
        for hub in CommunicationsHub.objects.all()
    }
    return all(
        (row.import_party_id, row.gas_party_id) == hubs[row.device_id] for row in HubUpgrade.objects.all()
    )


def test_a_hub_that_changes_hands_while_it_is_planned_is_planned_under_whoever_has_it_then(
    campaign, monkeypatch
):
    homes = [one for one in factory.eligible_hubs(campaign) if one.import_party_id]
    register_all({hub.device_id: newcomer_of(hub) for hub in homes}, "IS", at=evening(0))
    with while_planned(campaign, monkeypatch, lambda: handovers.take_effect(at=evening(0))) as taking:
        assert taking.is_alive()
    assert HubUpgrade.objects.count() > 0
    assert pairs_agree()
    assert factory.roll_ups() == factory.recounted_roll_ups()
    assert factory.portfolio() == factory.recount_portfolio()


def test_a_hub_that_changes_hands_while_its_activation_is_reported_is_told_to_whoever_has_it_then(campaign):
    sent = factory.send_night(campaign, 0).hubs
    hub = CommunicationsHub.objects.filter(device_id__in=sent, import_party_id__isnull=False).first()
    gaining = newcomer_of(hub)
    losing = register(hub.device_id, "IS", gaining, at=evening(0))
    with Activation(campaign, hub.device_id):
        taking = take_effect()
        assert taking.is_alive()
    taking.join(timeout=30)
    assert not taking.is_alive()
    told = set(DccAlert.objects.filter(code="N64").values_list("party_id", flat=True))
    # It activated when the registration had begun, and was reported before that was carried out.
    assert gaining in told
    assert losing not in told - {hub.gas_party_id}
    assert pairs_agree()
    assert factory.roll_ups() == factory.recounted_roll_ups()
    assert factory.portfolio() == factory.recount_portfolio()
