"""A deferral from its request to its end: held at once, decided by two, appealed, expired; scoped, hashed and recorded."""

import hashlib
from datetime import timedelta

import pytest

from safelaunch.domain import deferrals as rules
from safelaunch.domain.campaigns import Severity
from safelaunch.domain.deferrals import Clock, Decision, Proposed
from safelaunch.domain.machine import NoSuchMove
from safelaunch.domain.people import Role, SamePerson
from safelaunch.domain.refusals import Forbidden, Invalid
from safelaunch.services import deferrals, explanations, timetable, wishes
from safelaunch.services.deferrals import Asked
from safelaunch.store.models import Campaign, CampaignWish, CommunicationsHub, OwnTurn, RecordEntry
from safelaunch.store.reads import deferrals as reads
from tests import estate_factory as factory
from tests.estate_factory import PUBLISHED_AT

AT = PUBLISHED_AT + timedelta(days=1)
DAY = timedelta(days=1)
ALDER = 1


@pytest.fixture(autouse=True)
def campaign(database):
    factory.load_estate()
    return factory.published()


@pytest.fixture
def people(campaign):
    return {
        "sam": factory.make_person("Sam", Role.SUPPLIER, party="Alder Energy"),
        "gail": factory.make_person("Gail", Role.GOVERNANCE),
        "glen": factory.make_person("Glen", Role.GOVERNANCE),
        "arthur": factory.make_person("Arthur", Role.APPROVER),
    }


def own(campaign, count=3, *, dual=False):
    hubs = [
        hub.device_id
        for hub in factory.eligible_hubs(campaign)
        if ALDER in {hub.import_party_id, hub.gas_party_id}
        and (not dual or None not in {hub.import_party_id, hub.gas_party_id})
        and (not dual or hub.import_party_id != hub.gas_party_id)
    ]
    return sorted(hubs)[:count]


def ask(campaign, sam, *, hubs=None, at=AT, **more):
    asked = Asked(**{"grounds": "Half-hourly data would stop.", **more})
    return deferrals.request(reference="C1", device_ids=hubs or own(campaign), asked=asked, actor=sam, at=at)


def holds(at):
    return OwnTurn.objects.filter(cause="DEFERRAL", not_before__gt=at).count()


def proposal(decision=Decision.REFUSE, direction=None):
    return Proposed(decision, "No duty is at risk.", direction)


def test_a_deferral_holds_from_the_moment_it_is_made_and_keeps_its_evidence(campaign, people):
    file = ("report.pdf", "application/pdf", b"%PDF-1.7 found it")
    made = ask(campaign, people["sam"], duty="BSC section S", files=[file])
    assert (made.taken.taken, holds(AT)) == (3, 3)
    seen = reads.get(number=made.number, party_id=ALDER)
    assert (seen.state, seen.hub_count, seen.duty, seen.clock(AT)) == (
        "REQUESTED",
        3,
        "BSC section S",
        Clock.RUNNING,
    )
    assert seen.decision_due_at > AT + 6 * DAY
    (kept,) = reads.list_deferral_files(number=made.number)
    assert (kept.octets, kept.sha256) == (len(file[2]), hashlib.sha256(file[2]).hexdigest())
    assert reads.get_file_content(number=made.number, deferral_file_id=kept.deferral_file_id) == file[2]
    assert RecordEntry.objects.latest("pk").act == "DEFER"
    with pytest.raises(reads.NoSuchDeferral):
        reads.get(number=made.number, party_id=2)
    why = explanations.explain_hub(device_id=own(campaign)[0], viewer_party_id=ALDER, at=AT)
    assert why.headline.startswith("Deferred: it is not sent before")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"grounds": " "}, "grounds"),
        ({"files": [("a", "b", b"c")] * 6}, "5 files"),
        ({"files": [("big.bin", "b", bytes(1_000_001))]}, "big.bin has 1,000,001 octets"),
    ],
)
def test_a_deferral_without_grounds_or_with_too_much_evidence_is_refused_whole(campaign, people, more, words):
    with pytest.raises(Invalid, match=words):
        ask(campaign, people["sam"], **more)
    assert not CampaignWish.objects.exists()
    assert not OwnTurn.objects.exists()


def test_who_may_not_and_what_is_closed_is_refused(campaign, people):
    with pytest.raises(Forbidden):
        ask(campaign, people["gail"])
    with pytest.raises(wishes.NotTaken):
        ask(campaign, people["sam"], until=(AT + 60 * DAY).date())
    Campaign.objects.update(severity=Severity.CRITICAL)
    with pytest.raises(wishes.NotTaken, match="CRITICAL"):
        ask(campaign, people["sam"])


def test_two_people_accept_it_and_the_hold_stands(campaign, people):
    number = ask(campaign, people["sam"]).number
    with pytest.raises(rules.NothingProposed):
        deferrals.agree(number=number, actor=people["arthur"], at=AT)
    deferrals.propose(number=number, proposed=proposal(Decision.ACCEPT), actor=people["gail"], at=AT + DAY)
    with pytest.raises(SamePerson):
        deferrals.agree(number=number, actor=people["gail"], at=AT + DAY)
    after = deferrals.agree(number=number, actor=people["arthur"], at=AT + DAY)
    assert (after.state, after.decided_by, after.clock(AT + 90 * DAY)) == ("ACCEPTED", "Arthur", Clock.MET)
    assert holds(AT + DAY) == 3
    assert [entry.act for entry in RecordEntry.objects.order_by("-pk")[:2]] == [
        "DECIDE_DEFERRAL",
        "PROPOSE_DEFERRAL_DECISION",
    ]


def test_a_refusal_ends_the_hold_and_an_appeal_holds_again_until_the_panel_directs(campaign, people):
    number = ask(campaign, people["sam"]).number
    deferrals.propose(number=number, proposed=proposal(), actor=people["gail"], at=AT)
    refused = deferrals.agree(number=number, actor=people["arthur"], at=AT + DAY)
    assert (refused.state, holds(AT + DAY)) == ("REFUSED", 0)
    appealed = deferrals.appeal(
        number=number, why="The Panel has not seen it.", actor=people["sam"], at=AT + 2 * DAY
    )
    assert (appealed.state, holds(AT + 2 * DAY)) == ("APPEALED", 3)
    assert appealed.clock(AT + 2 * DAY) is Clock.RUNNING
    with pytest.raises(rules.NeedsDirection):
        deferrals.propose(number=number, proposed=proposal(), actor=people["gail"], at=AT + 3 * DAY)
    directed = proposal(direction="SECP 121, item 4")
    deferrals.propose(number=number, proposed=directed, actor=people["gail"], at=AT + 3 * DAY)
    last = deferrals.agree(number=number, actor=people["glen"], at=AT + 3 * DAY)
    assert (last.state, last.direction, holds(AT + 3 * DAY)) == ("DISMISSED", "SECP 121, item 4", 0)
    with pytest.raises(NoSuchMove):
        deferrals.appeal(number=number, why="Again.", actor=people["sam"], at=AT + 4 * DAY)


def test_it_expires_with_its_last_day_and_its_supplier_may_withdraw_it(campaign, people):
    until = (AT + 5 * DAY).date()
    number = ask(campaign, people["sam"], until=until).number
    timetable.look(at=AT + 5 * DAY)
    assert (reads.get(number=number, party_id=None).state, holds(AT + 5 * DAY)) == ("REQUESTED", 3)
    timetable.look(at=AT + 6 * DAY)
    assert (reads.get(number=number, party_id=None).state, holds(AT + 6 * DAY)) == ("EXPIRED", 0)
    assert RecordEntry.objects.latest("pk").act == "EXPIRE_DEFERRAL"
    other = ask(campaign, people["sam"], hubs=own(campaign, 5)[3:], at=AT + 6 * DAY).number
    deferrals.withdraw(number=other, actor=people["sam"], at=AT + 7 * DAY)
    assert (reads.get(number=other, party_id=ALDER).state, holds(AT + 7 * DAY)) == ("WITHDRAWN", 0)


def test_the_other_supplier_of_the_home_is_told_how_many_and_not_why(campaign, people):
    hubs = own(campaign, 4, dual=True)
    ask(campaign, people["sam"], hubs=hubs)
    hub = CommunicationsHub.objects.get(device_id=hubs[0])
    other = hub.gas_party_id if hub.import_party_id == ALDER else hub.import_party_id
    (told,) = reads.list_deferred_by_others(party_id=other, at=AT)
    assert told.reference == "C1"
    assert 1 <= told.hub_count <= 4
    assert reads.list_deferred_by_others(party_id=ALDER, at=AT) == []
    assert reads.list_deferrals(party_id=other) == []
    why = explanations.explain_hub(device_id=hubs[0], viewer_party_id=other, at=AT)
    assert why.reasons[0].startswith("Another Supplier of the home")


def test_a_deferral_of_a_former_supplier_holds_no_longer(campaign, people):
    (hub,) = own(campaign, 1)
    ask(campaign, people["sam"], hubs=[hub])
    CommunicationsHub.objects.filter(device_id=hub).update(import_party_id=2, gas_party_id=2)
    assert reads.list_deferred_by_others(party_id=2, at=AT) == []
    timetable.look(at=factory.evening(0))


def test_statements_do_not_grow_with_the_hubs(campaign, people):
    counts = []
    for hubs in (own(campaign, 1), own(campaign, 40)[1:]):
        with factory.counting_statements() as seen:
            ask(campaign, people["sam"], hubs=hubs)
        counts.append(len(seen))
    assert counts[0] == counts[1]
