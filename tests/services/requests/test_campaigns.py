"""Messages about hub campaigns: stop is the stop of every door, and every hub named has an outcome and a reason."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from safelaunch.domain.campaigns import Phase, Severity
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import UserRole
from safelaunch.services import campaigns as campaign_services
from safelaunch.services.requests.handlers import CAMPAIGN_HANDLERS
from safelaunch.store import transactions
from safelaunch.store.models import (
    Campaign,
    CampaignNomination,
    CampaignWish,
    CampaignWishHub,
    CommunicationsHub,
    RecordEntry,
)
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.reads import hub_feedback
from safelaunch.store.reads.parties import UserFacts
from safelaunch.wire.duis import extension
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.extension import messages
from safelaunch.wire.duis.extension.messages import FoundWord, NominationMode, PilotSchedule, Slot
from safelaunch.wire.duis.extension.own_schema import campaign_schema
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.xml import parse
from tests import estate_factory as factory
from tests import pki
from tests.estate_factory import PUBLISHED_AT

AT = PUBLISHED_AT + timedelta(days=1)
ALDER = 1
HOUR = timedelta(hours=1)
NOWHERE = Eui64.parse("00-DB-00-00-00-00-00-01")


@dataclass
class Message:
    user: UserFacts
    service_request_id: int | None = None


@pytest.fixture(autouse=True)
def campaign(database):
    factory.load_estate()
    return factory.published()


def alder(party_id=ALDER):
    return Message(UserFacts(pki.SUPPLIER, party_id, "Alder Energy", frozenset({UserRole.IS}), "5.4"))


def say(body, *, at=AT, by=None):
    """Handle a message as `process` does, and hold the answer against our schema."""
    (variant,) = [name for name, kind in messages.REQUESTS.items() if isinstance(body, kind)]
    with transactions.transaction():
        answer = CAMPAIGN_HANDLERS[variant](request=by or alder(), body=body, at=at)
    reply = extension.CampaignReply(
        code=answer.code,
        at=at,
        message=extension.CampaignResponse(
            service_reference=variant.partition(".")[0],
            variant=variant,
            reason=answer.reason,
            content=answer.content,
        ),
        request_id=RequestId(pki.SUPPLIER, pki.DSP, 1),
    )
    campaign_schema().check(parse(extension.write_reply(reply)))
    return answer


def hubs(campaign, *, own=True, count=3):
    eligible = factory.eligible_hubs(campaign)
    return [
        hub.device_id
        for hub in sorted(eligible, key=lambda hub: hub.device_id)
        if (ALDER in {hub.import_party_id, hub.gas_party_id}) is own
    ][:count]


def nominate(device_ids, *, mode=NominationMode.ADD, reference="C1", **more):
    return messages.NominatePilot(campaign=reference, mode=mode, device_ids=DeviceIds.of(device_ids), **more)


def slot(device_ids, *, day=0, hours=2):
    begins = factory.evening(day)
    return Slot(
        not_before=begins, not_after=begins + timedelta(hours=hours), device_ids=DeviceIds.of(device_ids)
    )


def outcomes(answer):
    return {(one.verdict.value, one.reason): [*one.device_ids] for one in answer.content.outcomes}


def listed():
    return set(CampaignNomination.objects.filter(party_id=ALDER).values_list("device_id", flat=True))


def test_a_list_is_taken_down_and_the_answer_says_what_it_does(campaign):
    own = hubs(campaign)
    answer = say(nominate(own))
    assert answer.code == "I0"
    assert "Nights are planned by it" in answer.reason
    assert answer.content.closes_at == campaign.list_closes_at
    assert listed() == set(own)
    wish = CampaignWish.objects.get()
    assert (wish.kind, wish.party_id, wish.asked_at) == ("NOMINATE", ALDER, AT)
    assert RecordEntry.objects.latest("pk").detail == {"wish": wish.pk, "taken_down": 3, "refused": 0}


def test_every_hub_has_an_outcome_and_hubs_of_others_look_like_none(campaign):
    own, others = hubs(campaign), hubs(campaign, own=False)
    answer = say(nominate([*own, *others, NOWHERE]))
    assert answer.code == "W901"
    by_verdict = {verdict: found for (verdict, _), found in outcomes(answer).items()}
    assert by_verdict == {"Accepted": own, "Refused": [*others, NOWHERE]}
    assert CampaignWishHub.objects.count() == 7
    assert listed() == set(own)


def test_a_hub_that_is_named_twice_counts_once(campaign):
    own = hubs(campaign)
    assert say(nominate([*own, *own])).code == "I0"
    assert CampaignWishHub.objects.count() == 3


def test_when_no_hub_can_be_taken_each_still_has_its_reason(campaign):
    answer = say(nominate([NOWHERE]))
    assert (answer.code, listed()) == ("E903", set())
    assert len(outcomes(answer)) == 1


def test_a_list_is_added_to_replaced_and_withdrawn(campaign):
    one, two, three = hubs(campaign)
    say(nominate([one]))
    say(nominate([two]))
    assert listed() == {one, two}
    say(nominate([three], mode=NominationMode.REPLACE))
    assert listed() == {three}
    say(nominate([one, two]))
    answer = say(messages.WithdrawNomination(campaign="C1", device_ids=DeviceIds.of([one, NOWHERE])))
    assert (answer.code, listed()) == ("W901", {two, three})
    assert say(messages.WithdrawNomination(campaign="C1")).code == "I0"
    assert listed() == set()
    assert say(messages.WithdrawNomination(campaign="C1")).code == "E903"


def test_a_schedule_gives_hubs_their_slots_and_each_mistake_its_reason(campaign):
    one, two, three = hubs(campaign)
    body = nominate(
        [one, two],
        schedule=PilotSchedule(slots=(slot([one, three], day=1), slot([two], day=1), slot([two], day=2))),
    )
    assert say(body).code == "W901"
    assert dict(CampaignWishHub.objects.values_list("device_id", "outcome")) == {
        one: "TAKEN_DOWN",
        two: "TWO_SLOTS",
        three: "NOT_IN_LIST",
    }
    assert CampaignNomination.objects.get(device_id=one).not_before == factory.evening(1)
    assert say(nominate([two], schedule=PilotSchedule(slots=(slot([two], day=-3),)))).code == "E903"


def test_the_list_closes(campaign):
    late = campaign.list_closes_at + timedelta(minutes=1)
    answer = say(nominate(hubs(campaign)), at=late)
    assert (answer.code, "closed" in answer.reason) == ("E902", True)
    Campaign.objects.update(phase=Phase.MASS_ROLL_OUT)
    assert say(nominate(hubs(campaign)), at=late).code == "I0"


@pytest.mark.parametrize(
    "body",
    [
        nominate([NOWHERE], reference="C9"),
        messages.EmergencyStop(campaign="C9", reason="It breaks."),
        messages.AskResults(campaign="C9"),
        messages.GiveFeedback(
            campaign="C9",
            findings=(
                messages.HubFinding(found=messages.FoundWord.WORKS, device_ids=DeviceIds.of([NOWHERE])),
            ),
        ),
        messages.BringForward(campaign="C9", slot=slot([NOWHERE])),
        messages.Defer(campaign="C9", device_ids=DeviceIds.of([NOWHERE]), grounds="It breaks."),
    ],
)
def test_a_campaign_that_does_not_concern_the_user_does_not_exist(body):
    theirs = say(body)
    assert theirs.code == "E901"
    elsewhere = type(body)(
        **{name: getattr(body, name) for name in body.__dataclass_fields__} | {"campaign": "C1"}
    )
    assert say(elsewhere, by=alder(party_id=99)) == theirs


def test_a_date_is_brought_forward_within_the_window(campaign):
    own = hubs(campaign)
    assert say(messages.BringForward(campaign="C1", slot=slot(own, day=2))).code == "I0"
    assert CampaignWishHub.objects.filter(not_before=factory.evening(2)).count() == 3
    assert say(messages.BringForward(campaign="C1", slot=slot(own, day=-2))).code == "E17"
    assert listed() == set()


def defer(device_ids, **more):
    return messages.Defer(campaign="C1", device_ids=DeviceIds.of(device_ids), grounds="No data.", **more)


def test_a_deferral_holds_at_once_and_is_taken_down_once(campaign):
    own = hubs(campaign)
    answer = say(defer(own, duty="Half-hourly data", until=date(2026, 3, 20)))
    assert (answer.code, answer.content.held_until) == ("I0", date(2026, 3, 20))
    assert "none of them is sent" in answer.reason
    wish = CampaignWish.objects.get()
    assert answer.content.reference == f"D{wish.pk}"
    assert (wish.grounds, wish.duty, wish.until) == ("No data.", "Half-hourly data", date(2026, 3, 20))
    again = say(defer(own))
    assert again.code == "E903"
    assert next(reason for _, reason in outcomes(again)).startswith("The hub has been deferred before")


def test_a_deferral_is_short_and_never_of_a_critical_release(campaign):
    own = hubs(campaign)
    assert say(defer(own, until=date(2026, 5, 20))).code == "E17"
    Campaign.objects.update(severity=Severity.CRITICAL)
    assert say(defer(own)).code == "E902"
    assert not CampaignWish.objects.exists()


def test_a_stop_is_the_stop_of_every_door(campaign):
    answer = say(messages.EmergencyStop(campaign="C1", reason="Meters fall silent."))
    assert (answer.code, answer.content.epoch, answer.content.was_stopped) == ("I0", 2, False)
    held = reads.get(reference="C1")
    assert (held.is_held, held.held_because, held.held_by) == (True, "Meters fall silent.", "Alder Energy")
    assert held.is_sev1_open
    assert factory.waiting_jobs("RECALL")[-1]["epoch"] == 2
    by_portal = campaign_services.stop_now(reference="C1", because="Again", actor=factory.operator(), at=AT)
    assert (by_portal.epoch, by_portal.was_held) == (3, True)


def test_what_has_ended_cannot_be_stopped(campaign):
    Campaign.objects.update(phase=Phase.COMPLETE)
    answer = say(messages.EmergencyStop(campaign="C1", reason="Too late."))
    assert (answer.code, "only a published campaign" in answer.reason) == ("E902", True)


def groups(answer):
    return {one.state: [*one.device_ids] for one in answer.content.groups}


def test_results_are_those_of_the_asker_alone(campaign):
    own, others = hubs(campaign), hubs(campaign, own=False, count=1)
    answer = say(messages.AskResults(campaign="C1", device_ids=DeviceIds.of([*own, *others, NOWHERE])))
    assert (answer.code, answer.content.state, answer.content.as_of) == ("I0", "NOTIFIED", AT)
    assert groups(answer) == {"WAITING": own, "NOT_YOURS": sorted([*others, NOWHERE])}
    assert say(messages.AskResults(campaign="C1")).content.groups == ()


def upgraded(campaign):
    """Alder's hubs that a night has gone to, after it."""
    from safelaunch.services import timetable

    timetable.look(at=factory.evening(0))
    factory.send_night(reads.get(reference="C1"), 0)
    upgrades = factory.upgrades(campaign)
    return [one for one in upgrades if ALDER in {one.import_party_id, one.gas_party_id}]


def report(*findings):
    said = [
        messages.HubFinding(found=found, words=words, device_ids=DeviceIds.of(device_ids))
        for found, words, device_ids in findings
    ]
    return messages.GiveFeedback(campaign="C1", findings=tuple(said))


def found_of(campaign, **more):
    counts = hub_feedback.count_findings(campaign_id=campaign.campaign_id, **{"party_id": None, **more})
    return {one.finding: (one.hub_count, one.supplier_count) for one in counts}


def test_what_a_supplier_found_is_taken_down_hub_by_hub_and_its_last_word_counts(campaign):
    own = [one.device_id for one in upgraded(campaign)]
    sent, waiting = own[0], next(hub for hub in hubs(campaign, count=40) if hub not in own)
    (other,) = hubs(campaign, own=False, count=1)
    works, silent, beside = FoundWord.WORKS, FoundWord.METER_SILENT, FoundWord.OTHER
    answer = say(report((works, None, [sent, waiting, other, NOWHERE])))
    assert answer.code == "W901"
    assert {verdict: found for (verdict, _), found in outcomes(answer).items() if sent in found} == {
        "Accepted": [sent]
    }
    assert len(outcomes(answer)) == 3
    assert say(report((silent, None, [sent]), (beside, "Hums.", [sent])), at=AT + HOUR).code == "I0"
    assert found_of(campaign) == {"METER_SILENT": (1, 1), "OTHER": (1, 1)}
    assert found_of(campaign, party_id=2) == {}
    (first, second) = hub_feedback.list_faults_found(
        campaign_id=campaign.campaign_id, party_id=ALDER, limit=9
    )
    assert {first.words, second.words} == {"Hums.", None}
    assert (first.device_id, first.supplier, first.given_at) == (sent, "Alder Energy", AT + HOUR)
    everything = hub_feedback.list_feedback_on_hub(device_id=sent, party_id=ALDER, limit=9)
    assert [one.finding for one in everything][-1] == "WORKS"
    assert {one.campaign for one in everything} == {"C1"}
    assert hub_feedback.list_feedback_on_hub(device_id=sent, party_id=2, limit=9) == []
    contradiction = say(report((works, None, [sent]), (silent, None, [sent])), at=AT + 2 * HOUR)
    assert (contradiction.code, len(found_of(campaign))) == ("E903", 2)
    Campaign.objects.update(phase=Phase.COMPLETE)
    assert say(report((works, None, [sent])), at=AT + 3 * HOUR).code == "I0"
    assert found_of(campaign) == {"WORKS": (1, 1)}
    assert RecordEntry.objects.latest("pk").detail == {"WORKS": 1}


def test_results_follow_the_upgrade(campaign):
    (mine, *_) = upgraded(campaign)
    network = factory.network_of(campaign, mine.device_id)
    reporter = factory.Reporter(network=network)
    version = campaign.firmware_version
    reporter.report([mine.device_id], EventKind.ACTIVATED, at=factory.morning(1), firmware_version=version)
    answer = say(messages.AskResults(campaign="C1"), at=factory.morning(1))
    assert groups(answer)["ACTIVATED"] == [mine.device_id]
    assert {one.night for one in answer.content.groups} == {factory.night(0)}
    since = messages.AskResults(campaign="C1", since=factory.morning(1))
    assert groups(say(since, at=factory.morning(1))) == {"ACTIVATED": [mine.device_id]}
    seen = {hub for found in groups(answer).values() for hub in found}
    held = CommunicationsHub.objects.filter(device_id__in=seen)
    assert all(ALDER in {hub.import_party_id, hub.gas_party_id} for hub in held)


def test_statements_do_not_grow_with_the_list(campaign):
    counts = []
    for count in (1, 40):
        with factory.counting_statements() as seen:
            say(nominate(hubs(campaign, count=count)))
        counts.append(len(seen))
    assert counts[0] == counts[1]
