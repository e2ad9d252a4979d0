"""Two Suppliers choose and defer in one campaign that runs from its notice to its end, with real processes and networks.

In time and late, partly wrong, an earlier night, two Suppliers of one home, deferrals that are accepted, refused and expire.
What was sent when is held against what was asked.
"""

from collections import Counter
from datetime import timedelta

import pytest

from safelaunch.domain import calendar
from safelaunch.domain.campaign_wishes import Closed, Slot, WishKind
from safelaunch.domain.campaigns import CampaignRules
from safelaunch.domain.deferrals import Decision, Proposed
from safelaunch.domain.people import Role
from safelaunch.services import deferrals, timetable, wishes
from safelaunch.services.deferrals import Asked
from safelaunch.services.wishes import NotTaken, Wished
from safelaunch.store.models import Chunk, Deferral, HubUpgrade, Party, PilotHub, Tranche
from safelaunch.store.reads import campaigns as reads
from tests import estate_factory as factory
from tests.conftest import empty
from tests.e2e.two_suppliers import failed_jobs, running
from tests.estate_factory import evening, night

pytestmark = pytest.mark.processes

HUBS, SEED = 300, 7
QUICK = CampaignRules(
    pilot_share=0.1, pilot_steps=((0, 1.0),), safe_launch_share=0.2, soak_days=1, silence_window_days=1,
    min_hubs=5, growth_floor=1_000,
)  # fmt: skip


class Play:
    """What two Suppliers ask for before the pilot, and what becomes of it."""

    def __init__(self):
        self.campaign = reads.get(reference="C1")
        self.hubs = sorted(factory.eligible_hubs(self.campaign), key=lambda hub: hub.device_id)
        importers = Counter(hub.import_party_id for hub in self.hubs)
        shared = (hub for hub in self.hubs if hub.gas_party_id not in {None, hub.import_party_id})
        self.dual = max(shared, key=lambda hub: importers[hub.import_party_id])
        self.parties = (self.dual.import_party_id, self.dual.gas_party_id)
        names = Party.objects.in_bulk(self.parties)
        self.one, self.two = (
            factory.make_person(f"Person {party}", Role.SUPPLIER, party=names[party].name)
            for party in self.parties
        )
        self.gail = factory.make_person("Gail", Role.GOVERNANCE)
        self.glen = factory.make_person("Glen", Role.GOVERNANCE)

    def own(self, party):
        """Hubs of one of the two Suppliers that the other has nothing to do with."""
        other = next(each for each in self.parties if each != party)
        found = [hub for hub in self.hubs if party in {hub.import_party_id, hub.gas_party_id}]
        return [hub.device_id for hub in found if other not in {hub.import_party_id, hub.gas_party_id}]

    def choose(self, at):
        default = set(PilotHub.objects.values_list("device_id", flat=True))
        mine, others = self.own(self.parties[0]), self.own(self.parties[1])
        waiting = [hub for hub in mine if hub not in default]
        self.listed, rest = waiting[:6], waiting[6:]
        assert len(rest) >= 6
        taken = wishes.ask(
            WishKind.NOMINATE, Wished([*self.listed, *others[:2]]), reference="C1", actor=self.one, at=at
        )
        self.outcomes = [one.outcome.value for one in taken.judged]
        self.default_others = default & set(others)
        for actor, day in ((self.one, 9), (self.two, 12)):
            slot = Slot(evening(day, hour=18), evening(day + 1, hour=18))
            wishes.ask(
                WishKind.BRING_FORWARD,
                Wished([self.dual.device_id], slot),
                reference="C1",
                actor=actor,
                at=at,
            )
        self.accepted, self.refused, self.expired = rest[:2], rest[2:4], rest[4:6]
        until = {"accepted": 16, "refused": 25, "expired": 14}
        self.numbers = {
            name: deferrals.request(
                reference="C1",
                device_ids=getattr(self, name),
                asked=Asked("It breaks.", until=night(day)),
                actor=self.one,
                at=evening(0, hour=9),
            ).number
            for name, day in until.items()
        }
        for name, decision in (("accepted", Decision.ACCEPT), ("refused", Decision.REFUSE)):
            proposed = Proposed(decision, "So it is.", None)
            number = self.numbers[name]
            deferrals.propose(number=number, proposed=proposed, actor=self.gail, at=evening(0, hour=10))
            deferrals.agree(number=number, actor=self.glen, at=evening(0, hour=11))

    def roll_out(self, installation):
        for _ in range(120):
            if installation.director.take_turn().campaign.phase.value == "COMPLETE":
                return
        raise AssertionError("The campaign does not end.")


@pytest.fixture(scope="module")
def played(migrated_database, tmp_path_factory):
    starts_at = factory.PUBLISHED_AT
    factory.load_estate(hubs=HUBS, seed=SEED)
    timetable.step_clock(to=starts_at)
    directory = tmp_path_factory.mktemp("choice")
    with running(directory, hubs=HUBS, seed=SEED, reference="C1", starts_at=starts_at) as installation:
        factory.draft("C1", firmware_version=factory.target_version(hubs=HUBS, seed=SEED), rules=QUICK)
        factory.publish("C1")
        play = Play()
        play.choose(starts_at + timedelta(days=1))
        play.roll_out(installation)
        yield play
    empty()


def nights_of(hubs):
    nights = dict(Tranche.objects.values_list("tranche_id", "night"))
    return [nights[one.tranche_id] for one in HubUpgrade.objects.filter(device_id__in=hubs)]


def test_a_list_in_time_and_partly_wrong_is_the_pilot_of_its_supplier_and_the_default_stands_for_the_other(
    played,
):
    assert played.outcomes == ["TAKEN_DOWN"] * 6 + ["NOT_YOURS"] * 2
    piloted = set(PilotHub.objects.values_list("device_id", flat=True))
    assert piloted & set(played.own(played.parties[0])) == set(played.listed)
    assert piloted & set(played.own(played.parties[1])) == played.default_others
    tranches = HubUpgrade.objects.filter(device_id__in=played.listed).values("tranche_id")
    assert {one.phase for one in Tranche.objects.filter(tranche_id__in=tranches)} == {"PILOT"}


def test_a_list_that_comes_too_late_is_refused_and_changes_nothing(played):
    with pytest.raises(NotTaken) as refusal:
        wishes.ask(
            WishKind.NOMINATE,
            Wished(played.own(played.parties[1])[:1]),
            reference="C1",
            actor=played.two,
            at=played.campaign.list_closes_at + timedelta(minutes=1),
        )
    assert refusal.value.closed in {Closed.LIST_CLOSED, Closed.PHASE}


def test_of_two_suppliers_of_a_home_the_later_night_holds(played):
    (went,) = nights_of([played.dual.device_id])
    assert went >= night(12)


def test_deferred_hubs_go_after_their_holds_and_each_deferral_ends_as_it_was_decided(played):
    states = {
        name: Deferral.objects.get(campaign_wish_id=number).state for name, number in played.numbers.items()
    }
    assert states == {"accepted": "EXPIRED", "refused": "REFUSED", "expired": "EXPIRED"}
    for hubs, last in ((played.accepted, 16), (played.expired, 14)):
        chunks = HubUpgrade.objects.filter(device_id__in=hubs).values("chunk_id")
        sent = Chunk.objects.filter(chunk_id__in=chunks).values_list("sent_at", flat=True)
        assert min(sent) >= calendar.end_of_day(night(last))
    assert len(nights_of(played.refused)) == 2


def test_every_hub_was_upgraded_once_and_the_counts_are_right(played):
    assert HubUpgrade.objects.filter(state="ACTIVATED").count() == len(played.hubs)
    assert factory.roll_ups() == factory.recounted_roll_ups()
    assert failed_jobs() == []
