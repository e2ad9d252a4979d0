"""Supplier and hub change in the middle of a pilot, a Safe Launch and a mass roll-out, while two Suppliers watch.

Nine homes of one campaign, three in each phase, change between the instruction of their hub and its activation: one by
registration data (Q4), one by another hub (8.14.1, Q15), one by registration and new credentials (6.23). The processes,
the door, the signatures, the networks and the receivers are real. What each Supplier was sent is held, message for
message, against what the pure rule says of the registrations as they were when each hub activated.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from safelaunch.domain.campaigns import CampaignRules
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.domain.responsibility import Registration, activation_receivers, check, responsible
from safelaunch.domain.smi import UserRole
from safelaunch.services import timetable
from safelaunch.services.explanations import NoSuchHub, explain_home
from safelaunch.store.models import (
    CampaignNomination,
    CommunicationsHub,
    Device,
    DeviceModel,
    HubUpgrade,
    InventoryChange,
    PartyUser,
    RecordEntry,
    SupplierNotice,
)
from safelaunch.store.reads import campaigns as campaign_reads
from safelaunch.store.reads import progress
from tests import estate_factory as factory
from tests.conftest import empty
from tests.e2e.two_suppliers import failed_jobs, new_credentials, replacement, running, watching
from tests.services.registration_scene import register

pytestmark = pytest.mark.processes

HUBS, SEED = 400, 7
REFERENCE = "C1"
PHASES = ("PILOT", "SAFE_LAUNCH", "MASS_ROLL_OUT")
IS, GS = UserRole.IS, UserRole.GS
QUICK = CampaignRules(
    pilot_share=0.12, pilot_steps=((0, 1.0),), safe_launch_share=0.4, soak_days=1, silence_window_days=1,
    min_hubs=5, growth_floor=1_000,
)  # fmt: skip
MOST_TURNS = 60
NEVER_DONE = timedelta(days=3_000)


@dataclass(frozen=True)
class Home:
    """A home that changes: its hub and meter, who had the gas, when what changed, and by what."""

    how: str
    phase: str
    hub: Eui64
    esme: Eui64
    mpxn: str
    changed_at: datetime
    new_hub: Eui64 | None = None


class Play:
    """The campaign from its notice to its end, and what is done in its midst."""

    def __init__(self, running, losing, gaining):
        self.running, self.losing, self.gaining = running, losing, gaining
        self.pairs = {
            hub.device_id: (hub.import_party_id, hub.gas_party_id) for hub in CommunicationsHub.objects.all()
        }
        self.homes: list[Home] = []
        self.models = dict(CommunicationsHub.objects.values_list("device_id", "device_model_id"))
        self.is_nominated: set[Eui64] = set()

    def roll_out(self):
        for _ in range(MOST_TURNS):
            turn = self.running.director.take_turn()
            phase = turn.campaign.phase.value
            if phase == "COMPLETE":
                return
            assert not turn.campaign.is_held
            if phase in PHASES and not any(home.phase == phase for home in self.homes):
                self.change_three(phase)
        raise AssertionError("The campaign does not end.")

    def change_three(self, phase):
        """Once a night has three homes of the losing Supplier's on their way, have each change in its own manner."""
        rows = HubUpgrade.objects.filter(state="INSTRUCTED", import_party_id=self.losing.party_id)
        hubs = list(rows.order_by("device_id").values_list("device_id", flat=True))
        changed = {home.hub for home in self.homes} | {home.new_hub for home in self.homes}
        free = [hub for hub in hubs if hub not in changed and self.is_fit(hub)]
        if len(free) < 3:
            return
        for how, hub in zip(("registered", "replaced", "new credentials"), free, strict=False):
            getattr(self, how.replace(" ", "_"))(self.home(how, phase, hub))

    def is_fit(self, hub):
        """Whether the gaining Supplier has nothing to do with a home yet, and it has one ESME."""
        gas = self.pairs[hub][1]
        meters = Device.objects.filter(hub_device_id=hub, device_type="ESME").count()
        return gas not in (self.gaining.party_id, self.losing.party_id) and meters == 1

    def home(self, how, phase, hub):
        esme = Device.objects.get(hub_device_id=hub, device_type="ESME")
        return Home(how, phase, hub, esme.device_id, esme.mpxn, self.running.now)

    def registered(self, home):
        if home.phase != "MASS_ROLL_OUT":
            # Nominations reach a campaign by its window; here it only matters that there is one.
            CampaignNomination.objects.create(
                campaign_id=campaign_reads.get(reference=REFERENCE).campaign_id,
                party_id=self.losing.party_id,
                device_id=home.hub,
                campaign_wish_id=1,
            )
            self.is_nominated.add(home.hub)
        self.hand_over(home)
        self.homes.append(home)

    def hand_over(self, home):
        now, former = home.changed_at, home.changed_at + timedelta(seconds=1)
        with pytest.raises(NoSuchHub):
            explain_home(device_id=home.hub, viewer_party_id=self.gaining.party_id, at=now)
        assert self.read(home, by=self.losing) == "I0"
        assert self.read(home, by=self.gaining) != "I0"
        register(home.hub, "IS", self.gaining.party_id, at=now)
        self.running.settle()
        assert HubUpgrade.objects.get(device_id=home.hub).state == "INSTRUCTED"
        assert self.read(home, by=self.gaining) == "I0"
        assert self.read(home, by=self.losing) != "I0"
        seen = explain_home(device_id=home.hub, viewer_party_id=self.gaining.party_id, at=former)
        assert (seen.is_former, "PLANNED" in {one.what for one in seen.happenings}) == (False, True)
        left = explain_home(device_id=home.hub, viewer_party_id=self.losing.party_id, at=former)
        assert (left.is_former, left.devices) == (True, [])

    def read(self, home, *, by):
        """8.2 about the meter, through the door."""
        body = f"<sr:ReadInventory><sr:DeviceID>{home.esme}</sr:DeviceID></sr:ReadInventory>"
        return self.running.post("8.2", body, target=DSP, variant=8, by=by.identities["IS"])

    def replaced(self, home):
        model = DeviceModel.objects.get(pk=self.models[home.hub])
        new = replacement(
            self.running,
            hub=home.hub,
            mpxn=home.mpxn,
            model=model,
            number=len(self.homes),
            by=self.losing.identities["IS"],
        )
        self.running.settle()
        assert HubUpgrade.objects.get(device_id=home.hub).state == "WITHDRAWN"
        assert CommunicationsHub.objects.get(device_id=home.hub).smi_status == "DECOMMISSIONED"
        assert Device.objects.get(device_id=home.esme).hub_device_id == new
        assert not HubUpgrade.objects.filter(device_id=new).exists()
        self.homes.append(Home(**{**vars(home), "new_hub": new}))
        self.pairs[new] = self.pairs[home.hub]

    def new_credentials(self, home):
        # Whose a Device is follows from registrations, and never from the request: first the one, then the other.
        ask = {"esme": home.esme, "mpxn": home.mpxn, "by": self.gaining.identities["IS"]}
        assert new_credentials(self.running, **ask) == "E4"
        self.hand_over(home)
        assert new_credentials(self.running, **ask) == "I99"
        self.running.settle()
        self.homes.append(home)

    # What the rule says of it

    def registrations(self, hub):
        """The registrations of a home as they came about, written down from what was done."""
        import_party, gas_party = self.pairs[hub]
        until = next((h.changed_at for h in self.homes if h.hub == hub and h.how != "replaced"), None)
        found = []
        if import_party is not None:
            found.append(Registration("E", IS, import_party, SINCE_EVER, until))
        if until is not None:
            found.append(Registration("E", IS, self.gaining.party_id, until))
        if gas_party is not None:
            found.append(Registration("G", GS, gas_party, SINCE_EVER))
        return check(found)

    def expected_alerts(self, watcher):
        """Every alert that a watcher is entitled to, by User ID, code and Device."""
        users = set(PartyUser.objects.filter(party_id=watcher.party_id).values_list("user_id", "role"))
        expected = Counter()
        for upgrade in HubUpgrade.objects.filter(state="ACTIVATED"):
            held, at = self.registrations(upgrade.device_id), upgrade.activated_at
            nominated_by = self.losing.party_id if upgrade.device_id in self.is_nominated else None
            told = activation_receivers(
                responsible_now=[p for role in (IS, GS) if (p := responsible(held, role=role, at=at))],
                nominated_by=nominated_by,
            )
            roles = {role for role in (IS, GS) if responsible(held, role=role, at=at) == watcher.party_id}
            roles |= {IS} if nominated_by == watcher.party_id else set()
            assert bool(roles) == (watcher.party_id in told)
            expected.update({(user, "N64", upgrade.device_id) for user, role in users if role in roles})
        gains = watcher is self.gaining
        for home in self.homes:
            if home.how == "new credentials":
                codes = ("N26", "N42") if gains else ("N27", "N42")
                user = watcher.identities["IS"].certificate.eui
                expected.update((user, word, home.esme) for word in codes)
        return expected


DSP = "90-B3-D5-1F-30-00-00-02"


@pytest.fixture(scope="module")
def played(migrated_database, tmp_path_factory):
    """The play after its end, with everything that was to arrive having arrived."""
    starts_at = factory.PUBLISHED_AT
    factory.load_estate(hubs=HUBS, seed=SEED)
    timetable.step_clock(to=starts_at)
    losing, gaining = two_suppliers()
    directory = tmp_path_factory.mktemp("journeys")
    with (
        running(directory, hubs=HUBS, seed=SEED, reference=REFERENCE, starts_at=starts_at) as installation,
        watching(losing, gaining) as (loser, gainer),
    ):
        factory.draft(REFERENCE, firmware_version=factory.target_version(hubs=HUBS, seed=SEED), rules=QUICK)
        factory.publish(REFERENCE)
        play = Play(installation, loser, gainer)
        play.notices = dict(SupplierNotice.objects.values_list("party_id", "hub_count"))
        play.roll_out()
        installation.wait_for_post()
        yield play
    empty()


def two_suppliers():
    """The Supplier of most hubs, and another that reads electricity and gas but has few."""
    hubs = Counter(CommunicationsHub.objects.values_list("import_party_id", flat=True))
    both = Counter(PartyUser.objects.filter(role__in=["IS", "GS"]).values_list("party_id", flat=True))
    ranked = [party for party, _ in hubs.most_common() if party and both[party] > 1]
    return ranked[0], ranked[-1]


def homes_by(played, how):
    found = [home for home in played.homes if home.how == how]
    assert [home.phase for home in found] == list(PHASES)
    return found


def test_what_was_under_way_ends_with_the_suppliers_that_the_rule_names(played):
    for how in ("registered", "new credentials"):
        for home in homes_by(played, how):
            upgrade = HubUpgrade.objects.get(device_id=home.hub)
            assert upgrade.state == "ACTIVATED"
            assert upgrade.activated_at > home.changed_at
            held = played.registrations(home.hub)
            now = CommunicationsHub.objects.get(device_id=home.hub)
            assert now.import_party_id == upgrade.import_party_id == played.gaining.party_id
            assert now.import_party_id == responsible(held, role=IS, at=upgrade.activated_at)
            assert now.gas_party_id == responsible(held, role=GS, at=upgrade.activated_at)


def test_a_replaced_hub_is_no_target_any_more_and_the_new_one_is_a_fresh_target(played):
    for home in homes_by(played, "replaced"):
        old, new = (HubUpgrade.objects.get(device_id=hub) for hub in (home.hub, home.new_hub))
        assert (old.state, old.activated_at) == ("WITHDRAWN", None)
        assert (new.state, new.attempt, new.import_party_id) == ("ACTIVATED", 1, played.losing.party_id)
        assert new.activated_at > home.changed_at
        told = InventoryChange.objects.get(device_id=home.hub)
        assert (told.after, told.detail["withdrawn"]) == ("DECOMMISSIONED", ["INSTRUCTED"])


def test_each_supplier_was_sent_what_it_is_entitled_to_and_nothing_else(played):
    for watcher in (played.losing, played.gaining):
        assert watcher.alerts() == played.expected_alerts(watcher)
    nominated = {hub for _, code, hub in played.losing.alerts() if code == "N64"} & played.is_nominated
    assert len(nominated) == 2


def test_answers_go_to_whoever_asked(played):
    asked = [reply for _, reply in played.gaining.replies() if reply.request_id is not None]
    answers = [reply for reply in asked if str(reply.code) == "I0" and reply.message is not None]
    assert {reply.request_id.originator for reply in answers} == set(played.gaining.receivers) & {
        played.gaining.identities["IS"].certificate.eui
    }
    assert not [reply for _, reply in played.losing.replies() if reply.request_id is not None]


def test_counts_and_roll_ups_equal_a_recount_and_the_networks_own_truth(played):
    assert factory.portfolio() == factory.recount_portfolio()
    assert factory.roll_ups() == factory.recounted_roll_ups()
    states = Counter(HubUpgrade.objects.values_list("state", flat=True))
    assert set(states) == {"ACTIVATED", "WITHDRAWN"}
    assert states["WITHDRAWN"] == 3
    truth = played.running.truth(REFERENCE)
    assert (truth["instructed"], truth["activated"]) == (states.total(), states["ACTIVATED"])
    for watcher in (played.losing, played.gaining):
        mine = HubUpgrade.objects.filter(import_party_id=watcher.party_id)
        mine |= HubUpgrade.objects.filter(gas_party_id=watcher.party_id)
        view = progress.find_campaign_view(party_id=watcher.party_id, reference=REFERENCE)
        assert view.activated == mine.filter(state="ACTIVATED").count()
    assert failed_jobs() == []


def test_notice_of_the_campaign_follows_each_home(played):
    now = dict(SupplierNotice.objects.values_list("party_id", "hub_count"))
    moved = 6
    assert now[played.losing.party_id] == played.notices[played.losing.party_id] - moved
    assert now[played.gaining.party_id] == played.notices.get(played.gaining.party_id, 0) + moved
    noticed = [
        one for entry in RecordEntry.objects.filter(act="HAND_OVER") for one in entry.detail["noticed"]
    ]
    assert sum(one["hubs"] for one in noticed) == moved
    assert all(0 < one["days_left"] < NEVER_DONE.days for one in noticed)
