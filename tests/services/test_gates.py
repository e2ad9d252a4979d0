"""Gates on a real database: evidence gathered, judged, decided by two people, and stopped by rule."""

from datetime import timedelta

import pytest

from safelaunch.domain.campaigns import CampaignRules, Phase
from safelaunch.domain.gates import Decision, EvidenceMoved, GateNotReady, Verdict
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.people import RULE, Role, SamePerson
from safelaunch.domain.refusals import Forbidden
from safelaunch.services import campaigns, gates
from safelaunch.store.models import Campaign, GateDecision, Party, RecordEntry
from safelaunch.store.reads import campaigns as reads
from tests import estate_factory as factory
from tests.estate_factory import Reporter, evening, morning

pytestmark = pytest.mark.usefixtures("database")
RULES = CampaignRules(pilot_share=0.05, min_hubs=50)


@pytest.fixture(autouse=True)
def estate(database):
    factory.load_estate()
    factory.set_capacity(1_000)


@pytest.fixture
def pilot():
    """A pilot whose every hub has been sent, on day 6; gives the campaign and the hubs' Device IDs."""
    campaign = factory.piloting(rules=RULES)
    hubs = [hub for day in (0, 3, 6) for hub in factory.send_night(campaign, day).hubs]
    assert len(hubs) == campaign.pilot_size > 50
    return campaign, hubs


@pytest.fixture
def people():
    return factory.make_person("Peter", Role.OPERATOR), factory.make_person("Ada", Role.APPROVER)


def review(day):
    return gates.review(reference="C1", at=morning(day))


def decide(actor, *, day, decision=Decision.PROCEED, digest=None, note=""):
    return gates.decide(
        reference="C1",
        decision=decision,
        evidence_digest=digest or review(day).evidence.digest(),
        note=note,
        actor=actor,
        at=morning(day),
    )


def succeed(hubs, *, day=7):
    Reporter().report(hubs, EventKind.ACTIVATED, at=morning(day))


def verdicts(found):
    return {criterion.name: criterion.verdict for criterion in found.assessment.criteria}


def test_a_campaign_that_is_not_running_has_no_gate():
    factory.published()
    with pytest.raises(gates.NoGateHere, match="Campaign C1 is NOTIFIED; gates close the pilot"):
        gates.review(reference="C1", at=morning(0))


def test_a_pilot_that_has_sent_nothing_is_insufficient_in_every_measure():
    factory.piloting()
    found = review(1)
    assert found.assessment.verdict is Verdict.INSUFFICIENT
    assert found.evidence.sent == 0
    assert found.evidence.waiting == reads.get(reference="C1").pilot_size


def test_a_healthy_pilot_that_has_soaked_passes(pilot):
    _, hubs = pilot
    succeed(hubs)
    assert verdicts(review(13))["maturity"] is Verdict.INSUFFICIENT
    found = review(15)
    assert found.assessment.verdict is Verdict.PASS, found.assessment.reasons
    assert (found.evidence.sent, found.evidence.activated, found.evidence.soaked) == (len(hubs),) * 3
    assert (found.evidence.waiting, found.evidence.silent_upgraded, found.evidence.open_sev1) == (0, 0, 0)
    assert found.evidence.days_control > 0


def test_an_early_step_of_the_pilot_opens_nothing_however_well_it_went():
    campaign = factory.piloting(rules=RULES)
    succeed(factory.send_night(campaign, 0).hubs, day=1)
    # Held over the later steps: everything that was sent has soaked, and it is still only a handful.
    found = review(9)
    others = {name: verdict for name, verdict in verdicts(found).items() if name != "size"}
    assert set(others.values()) == {Verdict.PASS}
    assert verdicts(found)["size"] is Verdict.INSUFFICIENT
    assert found.evidence.waiting == campaign.pilot_size - found.evidence.sent


def test_hubs_that_have_not_answered_are_no_success(pilot):
    _, hubs = pilot
    succeed(hubs[: len(hubs) // 2])
    found = review(15)
    assert found.assessment.verdict is Verdict.INSUFFICIENT
    assert found.evidence.unknown == len(hubs) - len(hubs) // 2
    assert verdicts(found)["activation"] is Verdict.PASS


def test_failures_beyond_doubt_fail_the_gate(pilot):
    _, hubs = pilot
    Reporter().report(hubs[:10], EventKind.ACTIVATION_FAILED, at=morning(7))
    Reporter(number=100, batch=10).report(hubs[10:], EventKind.ACTIVATED, at=morning(7))
    assert verdicts(review(15))["activation"] is Verdict.FAIL


def test_silence_after_activation_fails_the_gate_and_silence_before_it_does_not(pilot):
    _, hubs = pilot
    silent = Reporter(number=1_000, batch=100)
    silent.report(hubs[:30], EventKind.SILENT, at=morning(6), campaign=None, attempt=None)
    succeed(hubs, day=7)
    assert review(15).evidence.silent_upgraded == 0
    silent.report(hubs[:30], EventKind.SILENT, at=evening(8), campaign=None, attempt=None)
    found = review(15)
    assert found.evidence.silent_upgraded == 30
    assert verdicts(found)["silence"] is Verdict.FAIL


def test_without_controls_a_gate_never_passes(pilot):
    campaign, hubs = pilot
    succeed(hubs)
    from safelaunch.store.models import PortfolioCount

    models = [target.from_model_id for target in reads.list_targets(campaign_id=campaign.campaign_id)]
    PortfolioCount.objects.filter(device_model_id__in=models).update(hub_count=0)
    found = review(15)
    assert found.evidence.silence_increase is None
    assert found.assessment.verdict is Verdict.INSUFFICIENT


def test_a_pilot_that_was_held_for_weeks_keeps_its_evidence(pilot):
    _, hubs = pilot
    succeed(hubs)
    found = review(45)
    assert found.evidence.sent == found.evidence.activated == len(hubs)
    assert verdicts(found)["maturity"] is Verdict.PASS


def test_two_people_on_the_same_evidence_open_the_gate(pilot, people):
    campaign, hubs = pilot
    proposer, approver = people
    succeed(hubs)
    assert decide(proposer, day=15).phase is Phase.PILOT
    assert [proposal.person_name for proposal in review(15).proposals] == ["Peter"]
    assert decide(approver, day=15, note="Looks good.").phase is Phase.SAFE_LAUNCH
    assert list(GateDecision.objects.values_list("decision", "verdict")) == [("PROCEED", "PASS")] * 2
    acts = list(RecordEntry.objects.order_by("record_entry_id").values_list("act", flat=True))
    assert acts[-2:] == ["PROPOSE_GATE", "APPROVE_GATE"]
    safe_launch = review(16)
    assert (safe_launch.phase, safe_launch.evidence.sent) == (Phase.SAFE_LAUNCH, 0)
    assert safe_launch.evidence.waiting == max(1, round(0.01 * campaign.eligible_count))
    assert safe_launch.proposals == []


def test_one_person_never_opens_a_gate_alone(pilot, people):
    _, hubs = pilot
    _, approver = people
    succeed(hubs)
    decide(approver, day=15)
    with pytest.raises(SamePerson):
        decide(approver, day=15)
    assert reads.get(reference="C1").phase is Phase.PILOT


def test_only_an_approver_is_the_second_pair_of_eyes(pilot, people):
    _, hubs = pilot
    proposer, _ = people
    succeed(hubs)
    decide(proposer, day=15)
    with pytest.raises(Forbidden):
        decide(factory.make_person("Otto", Role.OPERATOR), day=15)
    with pytest.raises(Forbidden):
        decide(RULE, day=15)


def test_evidence_that_moved_asks_for_another_look(pilot, people):
    _, hubs = pilot
    proposer, approver = people
    succeed(hubs[1:])
    digest = review(16).evidence.digest()
    decide(proposer, day=16, digest=digest)
    Reporter(number=500, batch=50).report(hubs[:1], EventKind.ACTIVATED, at=morning(8))
    with pytest.raises(EvidenceMoved):
        decide(approver, day=16, digest=digest)
    assert decide(approver, day=16).phase is Phase.PILOT, "a proposal on other evidence is no first vote"


def test_a_gate_that_does_not_pass_cannot_be_opened(pilot, people):
    proposer, _ = people
    with pytest.raises(GateNotReady, match="The gate says INSUFFICIENT"):
        decide(proposer, day=8)
    assert GateDecision.objects.count() == 0


def test_one_person_holds_at_a_gate(pilot, people):
    proposer, _ = people
    held = decide(proposer, day=8, decision=Decision.HOLD, note="Odd noises.")
    assert (held.is_held, held.held_because, held.epoch) == (True, "Odd noises.", 2)
    with pytest.raises(gates.NoGateHere, match="Campaign C1 is HELD"):
        decide(proposer, day=8)


def test_mass_roll_out_is_watched_and_has_no_gate(people):
    proposer, _ = people
    factory.rolling_out()
    found = review(3)
    assert not found.has_gate
    assert [criterion.name for criterion in found.assessment.criteria] == ["activation", "silence", "incidents"]
    with pytest.raises(gates.NoGateHere, match="there is no gate to decide"):
        decide(proposer, day=3)


def test_the_rule_stops_a_failing_phase_once_and_says_why(pilot):
    campaign, hubs = pilot
    Reporter().report(hubs, EventKind.ACTIVATION_FAILED, at=morning(7))
    assessment = gates.stop_if_failing(campaign_id=campaign.campaign_id, at=morning(8))
    assert assessment is not None
    assert assessment.verdict is Verdict.FAIL
    held = reads.get(reference="C1")
    assert (held.is_held, held.held_by, held.is_sev1_open) == (True, "Safelaunch", False)
    assert "98% are needed" in (held.held_because or "")
    decision = GateDecision.objects.get()
    assert (decision.decision, decision.verdict, decision.person_id) == ("HOLD", "FAIL", None)
    assert gates.stop_if_failing(campaign_id=campaign.campaign_id, at=morning(9)) is None
    assert GateDecision.objects.count() == 1


def test_the_rule_leaves_a_phase_alone_while_nothing_is_proven(pilot):
    campaign, _ = pilot
    assessment = gates.stop_if_failing(campaign_id=campaign.campaign_id, at=morning(8))
    assert assessment is not None
    assert assessment.verdict is Verdict.INSUFFICIENT
    assert not reads.get(reference="C1").is_held


def test_an_open_incident_keeps_the_gate_shut_until_the_campaign_is_resumed(pilot, people):
    _, hubs = pilot
    proposer, approver = people
    succeed(hubs)
    supplier = factory.make_person("Sam", Role.SUPPLIER, party=Party.objects.get(party_id=1).name)
    campaigns.stop_now(reference="C1", because="Look.", actor=supplier, at=morning(15))
    assert verdicts(review(15))["incidents"] is Verdict.FAIL
    campaigns.propose_resume(reference="C1", reason="Clear.", actor=proposer, at=morning(15))
    campaigns.approve_resume(reference="C1", actor=approver, at=morning(15))
    assert review(15).assessment.verdict is Verdict.PASS


def test_the_evidence_kept_with_a_decision_is_what_was_seen(pilot, people):
    _, hubs = pilot
    succeed(hubs)
    seen = review(15)
    decide(people[0], day=15)
    kept = GateDecision.objects.get()
    assert kept.evidence_digest == seen.evidence.digest()
    assert kept.evidence["activated"] == seen.evidence.activated == len(hubs)
    assert kept.reasons == [criterion.reason for criterion in seen.assessment.criteria]
    assert Campaign.objects.get().phase_since < morning(15) - timedelta(days=10)
