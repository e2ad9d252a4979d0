"""Whatever Suppliers defer, wish and plan, and whenever: no night passes a capacity, and nobody is sent who may not go."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelaunch.domain import calendar
from safelaunch.domain.campaign_wishes import Slot, WishKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.own_turns import BLOCKING, CLASH_MARGIN
from safelaunch.domain.people import Role
from safelaunch.domain.planned_events import PlannedKind
from safelaunch.services import campaigns, deferrals, wishes
from safelaunch.services.deferrals import Asked
from safelaunch.services.wishes import Wished
from safelaunch.store.models import (
    Campaign,
    Chunk,
    CommunicationsHub,
    Deferral,
    HubUpgrade,
    Party,
    PlannedEvent,
)
from tests import estate_factory as factory
from tests.conftest import empty
from tests.estate_factory import evening, night

pytestmark = pytest.mark.usefixtures("database")
FLEET = 120


class Roll:
    """A roll-out in which everybody asks for something, and what is known of it without asking the planner."""

    def __init__(self, random):
        empty()
        factory.load_estate(hubs=FLEET)
        self.random = random
        self.campaign = factory.rolling_out()
        self.hubs = sorted(hub.device_id for hub in factory.eligible_hubs(self.campaign))
        self.actors = [
            factory.make_person(f"Person {name}", Role.SUPPLIER, party=name) for name in suppliers()
        ]
        self.deferred: dict[int, list[Eui64]] = {}

    def some(self):
        return self.random.sample(self.hubs, self.random.randint(1, 12))

    def act(self, at):
        """Somebody defers, wishes a time, or plans something for homes."""
        actor = self.random.choice(self.actors)
        what = self.random.choice(["defer", "wish", "plan", "withdraw"])
        if what == "defer":
            made = deferrals.request(
                reference="C1", device_ids=self.some(), asked=Asked("It breaks."), actor=actor, at=at
            )
            if made.taken.taken:
                self.deferred[made.number] = [
                    one.device_id for one in made.taken.judged if one.outcome == "TAKEN_DOWN"
                ]
        elif what == "wish":
            begins = at + timedelta(hours=self.random.randint(-3, 40))
            slot = Slot(max(begins, evening(0, hour=18)), begins + timedelta(hours=12))
            wishes.ask(
                WishKind.BRING_FORWARD,
                Wished(self.some(), slot),
                reference="C1",
                actor=actor,
                at=at,
            )
        elif what == "plan":
            begins = at + timedelta(hours=self.random.randint(-2, 30))
            for hub in self.some():
                PlannedEvent.objects.create(
                    device_id=hub,
                    hub_device_id=hub,
                    kind=self.random.choice(list(PlannedKind)),
                    planned_from=begins,
                    planned_until=begins + timedelta(hours=1),
                    party_id=actor.party_id,
                )
        elif self.deferred:
            number, _ = self.deferred.popitem()
            state = Deferral.objects.select_related("campaign_wish").get(campaign_wish_id=number)
            owner = next(one for one in self.actors if one.party_id == state.campaign_wish.party_id)
            deferrals.withdraw(number=number, actor=owner, at=at)

    def may_not_go(self, at):
        """Hubs that are deferred, or whose homes are busy between now and the morning, by the rules alone."""
        morning = calendar.end_of_night(calendar.night_open(at))
        held = {hub for hubs in self.deferred.values() for hub in hubs}
        busy = PlannedEvent.objects.filter(
            kind__in=[kind.value for kind in BLOCKING],
            planned_from__lt=morning + CLASH_MARGIN,
            planned_until__gt=at - CLASH_MARGIN,
        )
        return held | set(busy.values_list("hub_device_id", flat=True))


def suppliers():
    return list(Party.objects.filter(kind="SUPPLIER").order_by("party_id").values_list("name", flat=True)[:3])


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(capacity=st.integers(1, 12), random=st.randoms(use_true_random=False))
def test_no_hub_is_sent_while_it_is_deferred_stopped_or_busy_and_no_region_carries_more_than_it_can(
    database, capacity, random
):
    roll = Roll(random)
    factory.set_capacity(capacity)
    regions = dict(CommunicationsHub.objects.values_list("device_id", "region_id"))
    for day in range(4):
        roll.act(evening(day, hour=10))
        factory.plan(roll.campaign, day)
        given_to = Counter()
        for chunk in Chunk.objects.filter(tranche__night=night(day)):
            given_to[chunk.region_id] += chunk.hub_count
        assert all(count <= capacity for count in given_to.values())
        roll.act(evening(day, hour=21))
        is_stopped = random.random() < 0.3
        if is_stopped:
            campaigns.stop_now(reference="C1", because="", actor=factory.operator(), at=evening(day, hour=21))
        sent = Counter()
        for hour in (21, 23):
            gateway = factory.RecordingGateway()
            factory.dispatch_all(roll.campaign, gateway, at=evening(day, hour=hour))
            went = {Eui64.parse(hub) for hub in gateway.hubs}
            assert not (is_stopped and went)
            assert not went & roll.may_not_go(evening(day, hour=hour))
            sent.update(regions[hub] for hub in went)
        # What a stop left behind goes with another night's, within that one's capacity.
        assert all(count <= capacity for count in sent.values())
        assert factory.roll_ups() == factory.recounted_roll_ups()
        Campaign.objects.update(held_at=None, held_because=None)
    assert sum(Chunk.objects.values_list("hub_count", flat=True)) >= HubUpgrade.objects.count()
