"""Hubs with turns of their own: wished, deferred, busy. None is chosen or handed over before it may, and none is lost."""

from collections import Counter
from datetime import timedelta

import pytest

from safelaunch.domain.campaign_wishes import Slot, WishKind
from safelaunch.domain.deferrals import Decision, Proposed
from safelaunch.domain.people import Role
from safelaunch.domain.planned_events import PlannedKind
from safelaunch.services import deferrals, own_turns, timetable, wishes
from safelaunch.services.deferrals import Asked
from safelaunch.services.wishes import Wished
from safelaunch.store import transactions
from safelaunch.store.models import (
    Chunk,
    CommunicationsHub,
    HubUpgrade,
    OwnTurn,
    Party,
    PilotHub,
    PlannedEvent,
)
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.writes import tranches
from tests import estate_factory as factory
from tests.estate_factory import evening, night

pytestmark = pytest.mark.usefixtures("database")
ALDER = 1
AT = factory.PUBLISHED_AT + timedelta(days=1)


@pytest.fixture(autouse=True)
def estate(database):
    factory.load_estate()


@pytest.fixture
def alder():
    return factory.make_person("Sam", Role.SUPPLIER, party="Alder Energy")


def own(campaign, *, party=ALDER):
    hubs = [
        hub for hub in factory.eligible_hubs(campaign) if party in {hub.import_party_id, hub.gas_party_id}
    ]
    return sorted(hub.device_id for hub in hubs)


def defer(hubs, actor, *, at=AT, **more):
    asked = Asked("Half-hourly data would stop.", **more)
    return deferrals.request(reference="C1", device_ids=hubs, asked=asked, actor=actor, at=at)


def busy(hub, begins, *, kind=PlannedKind.TARIFF, hours=1):
    return PlannedEvent.objects.create(
        device_id=hub,
        hub_device_id=hub,
        kind=kind,
        planned_from=begins,
        planned_until=begins + timedelta(hours=hours),
        party_id=ALDER,
    )


def sent(campaign, day):
    """The hubs of a night, as they were handed over."""
    return set(factory.send_night(campaign, day).hubs)


def reopen(campaign):
    """Give every region another pass, as the daily review does when somebody is left behind."""
    with transactions.transaction():
        tranches.reopen_regions(campaign_id=campaign.campaign_id)


def names(hubs):
    return {str(hub) for hub in hubs}


def test_a_deferred_hub_is_never_sent_and_goes_when_the_hold_is_lifted(alder):
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    held = own(campaign)[:5]
    defer(held, alder, at=evening(0, hour=12))
    first = sent(campaign, 0)
    assert first
    assert not first & names(held)
    arthur, gail = factory.make_person("Arthur", Role.APPROVER), factory.make_person("Gail", Role.GOVERNANCE)
    number = OwnTurn.objects.first().campaign_wish_id
    refusal = Proposed(Decision.REFUSE, "No material vulnerability.", None)
    deferrals.propose(number=number, proposed=refusal, actor=gail, at=evening(1, hour=9))
    assert not sent(campaign, 1) & names(held), "one person alone decides nothing"
    deferrals.agree(number=number, actor=arthur, at=evening(2, hour=9))
    reopen(campaign)
    assert sent(campaign, 2) == names(held)
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_a_hub_that_is_deferred_after_it_was_planned_is_not_handed_over(alder):
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    factory.plan(campaign, 0)
    planned = set(HubUpgrade.objects.values_list("device_id", flat=True))
    held = [hub for hub in own(campaign) if hub in planned][:4]
    defer(held, alder, at=evening(0, hour=21))
    gateway = factory.RecordingGateway()
    factory.dispatch_all(campaign, gateway, at=evening(0, hour=22))
    assert set(gateway.hubs) == names(planned) - names(held)
    assert not HubUpgrade.objects.filter(device_id__in=held).exists()
    assert sum(Chunk.objects.values_list("hub_count", flat=True)) == len(gateway.hubs)
    assert factory.roll_ups() == factory.recounted_roll_ups()
    late = defer(
        [next(hub for hub in own(campaign) if hub in planned and hub not in held)],
        alder,
        at=evening(0, hour=23),
    )
    assert [one.outcome for one in late.taken.judged] == ["HAS_BEGUN"]


def test_a_home_that_is_busy_moves_its_hub_and_one_that_is_read_does_not():
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    hubs = own(campaign)
    tonight, early, read, cancelled, tomorrow = hubs[:5]
    busy(tonight, evening(0, hour=23))
    busy(early, evening(0, hour=19))
    busy(read, evening(0, hour=23), kind=PlannedKind.BULK_READ)
    busy(tomorrow, evening(1, hour=23))
    taken_back = busy(cancelled, evening(0, hour=23))
    PlannedEvent.objects.filter(pk=taken_back.pk).update(cancelled_at=evening(0, hour=19))
    first = sent(campaign, 0)
    assert names([read, cancelled, tomorrow]) <= first
    assert not names([tonight, early]) & first
    moved = OwnTurn.objects.get(device_id=tonight)
    assert (moved.cause, moved.not_before, moved.planned_kind) == ("CONFLICT", evening(1, hour=1), "TARIFF")
    reopen(campaign)
    assert sent(campaign, 1) == names([tonight, early])


def test_a_home_that_becomes_busy_after_its_night_was_planned_is_passed_over():
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    factory.plan(campaign, 0)
    hub = HubUpgrade.objects.order_by("device_id").first().device_id
    busy(hub, evening(0, hour=22), kind=PlannedKind.CHANGE_OF_SUPPLIER)
    gateway = factory.RecordingGateway()
    factory.dispatch_all(campaign, gateway, at=evening(0, hour=21))
    assert str(hub) not in gateway.hubs
    assert OwnTurn.objects.get().device_id == hub
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_wished_hubs_go_first_at_their_hour_and_within_the_capacity(alder):
    campaign = factory.rolling_out()
    factory.set_capacity(3)
    hubs = own(campaign)
    wished = hubs[:6]
    slot = Slot(evening(1, hour=22), evening(1, hour=23))
    taken = wishes.ask(
        WishKind.BRING_FORWARD,
        Wished(wished, slot),
        reference="C1",
        actor=alder,
        at=evening(0, hour=9),
    )
    assert taken.taken == 6
    assert not sent(campaign, 0) & names(wished)
    factory.plan(campaign, 1)
    planned = HubUpgrade.objects.filter(device_id__in=wished)
    regions = Counter(planned.values_list("region_id", flat=True))
    assert regions
    assert max(regions.values()) <= 3
    gateway = factory.RecordingGateway()
    factory.dispatch_all(campaign, gateway, at=evening(1, hour=20))
    assert not set(gateway.hubs) & names(wished), "their hour has not come"
    timetable.look(at=evening(1, hour=21))
    factory.forget_jobs()
    timetable.look(at=evening(1, hour=22))
    assert factory.waiting_jobs("PLAN_TONIGHT")
    factory.dispatch_all(campaign, gateway, at=evening(1, hour=22))
    assert names(planned.values_list("device_id", flat=True)) <= set(gateway.hubs)
    assert sent(campaign, 2) >= names(set(wished) - set(planned.values_list("device_id", flat=True)))


def test_a_preferred_list_in_time_is_the_pilot_of_that_supplier_and_of_nobody_else(alder):
    campaign = factory.published()
    default = set(PilotHub.objects.values_list("device_id", flat=True))
    mine, others = (
        set(own(campaign)),
        {hub.device_id for hub in factory.eligible_hubs(campaign)} - set(own(campaign)),
    )
    preferred = sorted(mine - default)[:9]
    wishes.ask(WishKind.NOMINATE, Wished(preferred), reference="C1", actor=alder, at=AT)
    timetable.look(at=evening(0))
    piloted = set(PilotHub.objects.values_list("device_id", flat=True))
    assert piloted & mine == set(preferred)
    assert piloted & others == default & others
    assert reads.get(reference="C1").pilot_size == len(piloted)


def test_silence_accepts_the_default_and_an_empty_list_is_silence(alder):
    campaign = factory.published()
    default = set(PilotHub.objects.values_list("device_id", flat=True))
    hubs = own(campaign)[:3]
    wishes.ask(WishKind.NOMINATE, Wished(hubs), reference="C1", actor=alder, at=AT)
    wishes.ask(WishKind.WITHDRAW, Wished(None), reference="C1", actor=alder, at=AT)
    timetable.look(at=evening(0))
    assert set(PilotHub.objects.values_list("device_id", flat=True)) == default
    assert reads.get(reference="C1").pilot_size == campaign.pilot_size


def test_nothing_is_asked_of_a_campaign_without_own_turns():
    campaign = factory.rolling_out()
    with factory.counting_statements() as seen, transactions.transaction():
        assert own_turns.begin_night(campaign, night=night(0), at=evening(0)) is False
    assert len([one for one in seen if "own_turn" in one]) == 1


def test_a_hub_nominated_in_mass_roll_out_goes_ahead(alder):
    campaign = factory.rolling_out()
    factory.set_capacity(2)
    nominated = own(campaign)[-1]
    taken = wishes.ask(
        WishKind.NOMINATE, Wished([nominated]), reference="C1", actor=alder, at=evening(0, hour=9)
    )
    assert taken.taken == 1
    assert str(nominated) in sent(campaign, 0)
    (standing,) = wishes.list_standings(reference="C1", actor=alder, at=evening(0, hour=21))
    assert (standing.standing, standing.night) == ("AS_WISHED", night(0))


def test_of_two_suppliers_wishes_the_later_holds(alder):
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    hub = next(
        hub
        for hub in factory.eligible_hubs(campaign)
        if hub.import_party_id == ALDER != (hub.gas_party_id or ALDER)
    )
    party = Party.objects.get(party_id=hub.gas_party_id).name
    other = factory.make_person("Gus", Role.SUPPLIER, party=party)
    for actor, day in ((alder, 0), (other, 2)):
        slot = Slot(evening(day, hour=18), evening(day, hour=23))
        wished = Wished([hub.device_id], slot)
        wishes.ask(WishKind.BRING_FORWARD, wished, reference="C1", actor=actor, at=evening(0, hour=9))
    went = [str(hub.device_id) in sent(campaign, day) for day in (0, 1)]
    assert went == [False, False]
    (mine,) = wishes.list_standings(reference="C1", actor=alder, at=evening(1, hour=21))
    assert mine.standing == "KEPT_BACK"
    reopen(campaign)
    assert str(hub.device_id) in sent(campaign, 2)


def test_a_wish_lapses_with_the_responsibility_for_the_home(alder):
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    (hub,) = own(campaign)[:1]
    slot = Slot(evening(9), evening(10))
    wishes.ask(
        WishKind.BRING_FORWARD, Wished([hub], slot), reference="C1", actor=alder, at=evening(0, hour=9)
    )
    CommunicationsHub.objects.filter(device_id=hub).update(import_party_id=2, gas_party_id=None)
    assert str(hub) not in sent(campaign, 0)
    reopen(campaign)
    assert str(hub) in sent(campaign, 1), "nobody's wish stands, and its lot has come up"
    (standing,) = wishes.list_standings(reference="C1", actor=alder, at=evening(1))
    assert standing.standing in {"ANOTHER_NIGHT", "LAPSED"}
