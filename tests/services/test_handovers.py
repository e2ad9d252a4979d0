"""A change of Supplier in the middle of a campaign: what goes on, what lapses, who is told, and that it happens once."""

from collections import Counter
from datetime import timedelta

import pytest

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.services import handovers, timetable
from safelaunch.services.explanations import NoSuchHub, explain_home
from safelaunch.store.models import (
    Campaign,
    CampaignNomination,
    CommunicationsHub,
    DccAlert,
    HubUpgrade,
    LapsedNomination,
    PartyUser,
    RecordEntry,
    Registration,
    SupplierNotice,
)
from safelaunch.store.reads import progress
from safelaunch.store.writes import record
from tests import estate_factory as factory
from tests.estate_factory import Reporter, evening, morning
from tests.services.registration_scene import register, register_all

HOUR = timedelta(hours=1)


def hub_of(device_id):
    return CommunicationsHub.objects.get(device_id=device_id)


def are_roll_ups_exact():
    return (
        factory.portfolio() == factory.recount_portfolio()
        and factory.roll_ups() == factory.recounted_roll_ups()
    )


def newcomer(hub):
    """A Supplier that has nothing to do with a hub, and User IDs for both fuels."""
    return newcomers(hub, 1)[0]


def newcomers(hub, count):
    users = PartyUser.objects.filter(role__in=["IS", "GS"])
    roles = Counter(users.values_list("party_id", flat=True))
    held = {hub.import_party_id, hub.gas_party_id}
    return sorted(party for party, ids in roles.items() if ids > 1 and party not in held)[:count]


def told_of(device_id, code="N64"):
    return set(DccAlert.objects.filter(code=code, device_id=device_id).values_list("party_id", flat=True))


@pytest.fixture(autouse=True)
def estate(database):
    factory.load_estate()


def hub_of_one_fuel(hubs):
    """The first hub whose import Supplier does not have the gas."""
    return next(
        hub for hub in map(hub_of, hubs) if hub.import_party_id and hub.import_party_id != hub.gas_party_id
    )


@pytest.mark.parametrize("phase", ["PILOT", "SAFE_LAUNCH", "MASS_ROLL_OUT"])
def test_what_is_under_way_goes_on_and_the_present_supplier_is_told(phase):
    """Two Suppliers watch a hub change hands between its instruction and its activation."""
    campaign = factory.rolling_out()
    factory.set_capacity(20)
    hubs = factory.send_night(campaign, 0).hubs
    Campaign.objects.update(phase=phase)
    hub = hub_of_one_fuel(hubs)
    gaining = newcomer(hub)
    losing = register(hub.device_id, "IS", gaining, at=morning(1))
    notice = SupplierNotice.objects.get(party_id=losing).hub_count
    CampaignNomination.objects.create(
        campaign_id=campaign.campaign_id, party_id=losing, device_id=hub.device_id, campaign_wish_id=1
    )
    with pytest.raises(NoSuchHub):
        explain_home(device_id=hub.device_id, viewer_party_id=gaining, at=morning(1) - HOUR)
    factory.forget_jobs()
    timetable.look(at=morning(1))
    assert len(factory.waiting_jobs("TAKE_REGISTRATIONS")) == 1
    assert handovers.take_effect(at=morning(1)) == 1
    assert handovers.take_effect(at=morning(1)) == 0
    upgrade = HubUpgrade.objects.get(device_id=hub.device_id)
    assert (upgrade.state, upgrade.import_party_id) == ("INSTRUCTED", gaining)
    assert are_roll_ups_exact()
    assert SupplierNotice.objects.get(party_id=losing).hub_count == notice - 1
    assert CampaignNomination.objects.count() == 0
    assert LapsedNomination.objects.get().party_id == losing
    noticed = RecordEntry.objects.get(act="HAND_OVER").detail["noticed"]
    assert [(one["hubs"], one["days_left"] > 200) for one in noticed] == [(1, True)]
    Reporter().report([hub.device_id], EventKind.ACTIVATED, at=evening(1))
    assert told_of(hub.device_id) == {gaining, losing, hub.gas_party_id} - {None}
    assert are_roll_ups_exact()
    seen = explain_home(device_id=hub.device_id, viewer_party_id=gaining, at=evening(1))
    assert "ACTIVATED" in [one.what for one in seen.happenings]
    assert "PLANNED" in [one.what for one in seen.happenings]
    former = explain_home(device_id=hub.device_id, viewer_party_id=losing, at=evening(1))
    assert former.is_former
    assert [one.what for one in former.happenings][-1] == "PLANNED"
    assert not {"ACTIVATED", "N64"} & {one.what for one in former.happenings}
    assert (former.devices, former.suspensions) == ([], [])
    assert former.upgrade.headline.startswith("You have not been responsible for this hub since")
    view = progress.find_campaign_view(party_id=gaining, reference="C1")
    assert view.activated == 1


@pytest.mark.parametrize("role", ["IS", "GS"])
def test_whose_a_hub_was_when_it_activated_is_told_however_late_it_or_a_handover_comes(role):
    """Q4 names the instant of activation: the report may come days later, or before the job of a registration has run."""
    campaign = factory.rolling_out()
    factory.set_capacity(20)
    hubs = map(hub_of, factory.send_night(campaign, 0).hubs)
    hub = next(
        hub for hub in hubs if hub.gas_party_id and hub.import_party_id not in (None, hub.gas_party_id)
    )
    first, other = hub.import_party_id, hub.gas_party_id
    if role == "GS":
        first, other = other, first
    second, third = newcomers(hub, 2)
    register(hub.device_id, role, second, at=morning(1))
    stated = Registration.objects.get(party_id=second)
    Registration.objects.create(
        mpxn=stated.mpxn, role=role, starts_at=morning(3), party_id=third, known_at=morning(1)
    )
    whose = {morning(1) - HOUR: first, morning(1): second, morning(3) - HOUR: second, morning(3): third}
    reporter = Reporter()

    def told():
        return {at: told_of_activation(hub.device_id, reporter, at=at) for at in whose}

    expected = {at: {party, other} for at, party in whose.items()}
    for carried_out_until in (None, morning(1), morning(3)):
        if carried_out_until:
            assert handovers.take_effect(at=carried_out_until) == 1
        assert told() == expected


def told_of_activation(device_id, reporter, *, at):
    """Have a hub activate at an instant, say so days later, give the Parties that hear of it, and forget it all."""
    reporter.send([reporter.event(device_id, EventKind.ACTIVATED, at=at)], at=evening(5))
    told = told_of(device_id)
    HubUpgrade.objects.filter(device_id=device_id).update(state="INSTRUCTED")
    DccAlert.objects.all().delete()
    return told


def test_a_hub_that_is_planned_later_is_planned_under_its_new_supplier():
    campaign = factory.rolling_out()
    factory.set_capacity(20)
    hub = hub_of_one_fuel([one.device_id for one in factory.eligible_hubs(campaign)])
    gaining = newcomer(hub)
    losing = register(hub.device_id, "IS", gaining, at=morning(0))
    handovers.take_effect(at=morning(0))
    for day in range(40):
        factory.send_night(campaign, day)
        if HubUpgrade.objects.filter(device_id=hub.device_id).exists():
            break
    assert HubUpgrade.objects.get(device_id=hub.device_id).import_party_id == gaining
    Reporter().report([hub.device_id], EventKind.ACTIVATED, at=evening(41))
    assert losing not in told_of(hub.device_id)
    assert are_roll_ups_exact()


def test_whoever_dies_in_the_middle_leaves_everything_and_the_next_does_it_once(monkeypatch):
    campaign = factory.rolling_out()
    hubs = [one for one in factory.eligible_hubs(campaign) if one.import_party_id][:5]
    register_all({hub.device_id: newcomer(hub) for hub in hubs}, "IS", at=morning(1))
    monkeypatch.setattr(handovers, "RUN", 3)
    with monkeypatch.context() as patch:
        patch.setattr(record, "append", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            handovers.take_effect(at=morning(1))
    assert {hub_of(hub.device_id).import_party_id for hub in hubs} == {h.import_party_id for h in hubs}
    factory.forget_jobs()
    assert handovers.take_effect(at=morning(1)) == 3
    assert len(factory.waiting_jobs("TAKE_REGISTRATIONS")) == 1
    assert handovers.take_effect(at=morning(1)) == 2
    assert handovers.take_effect(at=morning(1)) == 0
    assert [hub_of(hub.device_id).import_party_id for hub in hubs] == [newcomer(hub) for hub in hubs]
    assert are_roll_ups_exact()


def test_statements_do_not_grow_with_the_supply_points():
    campaign = factory.rolling_out()
    hubs = [one for one in factory.eligible_hubs(campaign) if one.import_party_id][:41]
    register(hubs[0].device_id, "IS", newcomer(hubs[0]), at=morning(1))
    with factory.counting_statements() as one:
        assert handovers.take_effect(at=morning(1)) == 1
    register_all({hub.device_id: newcomer(hub) for hub in hubs[1:]}, "IS", at=morning(2))
    with factory.counting_statements() as forty:
        assert handovers.take_effect(at=morning(2)) == 40
    # One more where somebody has lost the whole hub, and may have nominated it.
    assert len(forty) <= len(one) + 1 < 30
