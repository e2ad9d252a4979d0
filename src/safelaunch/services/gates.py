"""Gates: gather the evidence, judge it, let two people decide, stop by rule (architecture 2.6 C, R-0024-8, R-0024-9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from safelaunch.domain import calendar, gates, people
from safelaunch.domain.campaigns import GATE_AFTER, RUNNING, Phase
from safelaunch.domain.gates import (
    Decision,
    EvidenceMoved,
    GateAssessment,
    GateDecision,
    GateEvidence,
    Verdict,
)
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.domain.people import RULE, Act, Actor
from safelaunch.domain.refusals import Conflict, Invalid
from safelaunch.domain.tranches import Exposure, left_in_phase
from safelaunch.planning import gate_statistics
from safelaunch.services import holds
from safelaunch.store import transactions
from safelaunch.store.reads import campaigns, pilot, tranches
from safelaunch.store.reads import gates as reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.reads.gates import DecisionFacts
from safelaunch.store.writes import campaigns as campaign_writes
from safelaunch.store.writes import gates as writes
from safelaunch.store.writes import record

WATCH_DAYS = 14
"""How far back mass roll-out is watched; a phase that a gate closes is watched from its start, however long it takes."""

DETECTION_DAYS = 2
"""A hub is reported silent after 48 hours without traffic (`gates.md` 5.1)."""


class NoGateHere(Conflict):
    """The campaign is in no phase that a gate closes."""


@dataclass(frozen=True, slots=True)
class GateReview:
    """A gate as a person sees it: the evidence, the verdict, and what has been decided on this evidence."""

    reference: str
    phase: Phase
    has_gate: bool
    evidence: GateEvidence
    assessment: GateAssessment
    proposals: list[DecisionFacts]


def review(*, reference: str, at: datetime) -> GateReview:
    """This function will review the gate that closes a campaign's present phase.

    Raises:
        NoSuchCampaign; NoGateHere when the campaign is not running.
    """
    return _review(campaigns.get(reference=reference), at=at)


def _review(campaign: CampaignFacts, *, at: datetime) -> GateReview:
    if campaign.phase not in RUNNING:
        raise NoGateHere(
            f"Campaign {campaign.reference} is {campaign.state}; gates close the pilot and the Safe Launch."
        )
    has_gate = campaign.phase in GATE_AFTER
    evidence = gather(campaign, at=at)
    judge = gates.assess if has_gate else gates.watch
    digest = evidence.digest()
    decided = reads.list_decisions(campaign_id=campaign.campaign_id, phase=campaign.phase)
    return GateReview(
        reference=campaign.reference,
        phase=campaign.phase,
        has_gate=has_gate,
        evidence=evidence,
        assessment=judge(evidence, rules=campaign.rules),
        proposals=[
            decision
            for decision in decided
            if decision.evidence_digest == digest and decision.decision == Decision.PROCEED
        ],
    )


def gather(campaign: CampaignFacts, *, at: datetime) -> GateEvidence:
    """This function will gather what is known of a campaign's present phase, as of the latest turn of the day."""
    as_of = calendar.last_turn(at)
    rules, campaign_id = campaign.rules, campaign.campaign_id
    phases = [campaign.phase]
    from_time = campaign.phase_since
    if campaign.phase not in GATE_AFTER:
        from_time = max(from_time, as_of - timedelta(days=WATCH_DAYS))
    outcomes = reads.count_outcomes(
        campaign_id=campaign_id, phases=phases, from_night=calendar.london_date(from_time) - timedelta(days=1)
    )
    activated, failed = outcomes.get(HubState.ACTIVATED, 0), outcomes.get(HubState.FAILED, 0)
    window = timedelta(days=rules.silence_window_days + DETECTION_DAYS)
    upgraded = reads.watch(
        campaign_id=campaign_id, phases=phases, from_time=from_time, window=window, as_of=as_of
    )
    untouched = max(0, tranches.count_left_behind(campaign_id=campaign_id))
    silent_control = _count_silent_controls(campaign, from_time=from_time, as_of=as_of)
    days_control = untouched * max(0.0, (as_of - from_time) / timedelta(days=1))
    return GateEvidence(
        sent=sum(count for state, count in outcomes.items() if state is not HubState.PLANNED),
        waiting=_waiting(campaign, untouched=untouched, as_of=as_of) + outcomes.get(HubState.PLANNED, 0),
        activated=activated,
        failed=failed,
        unknown=sum(outcomes.get(state, 0) for state in _UNANSWERED),
        soaked=_soaked(campaign, phases=phases, as_of=as_of),
        success=gate_statistics.share(hits=activated, total=activated + failed, confidence=rules.confidence),
        silent_upgraded=upgraded.silent_count,
        silent_control=silent_control,
        days_upgraded=round(upgraded.hub_days, 1),
        days_control=round(days_control, 1),
        silence_increase=gate_statistics.increase(
            treated=gate_statistics.rate(
                events=upgraded.silent_count, exposure=upgraded.hub_days, confidence=rules.confidence
            ),
            control=gate_statistics.rate(
                events=silent_control, exposure=days_control, confidence=rules.confidence
            ),
            per=rules.silence_window_days,
        ),
        open_sev1=int(campaign.is_sev1_open),
        as_of=as_of,
    )


_UNANSWERED = (HubState.INSTRUCTED, HubState.DEPLOYED, HubState.UNKNOWN)


def _waiting(campaign: CampaignFacts, *, untouched: int, as_of: datetime) -> int:
    """Hubs of the phase that no night has been given yet."""
    campaign_id, remaining = campaign.campaign_id, untouched
    if campaign.phase is Phase.PILOT:
        remaining = sum(pilot.count_pilot_waiting(campaign_id=campaign_id, until=as_of).values())
    exposure = Exposure(
        sent=sum(tranches.count_sent(campaign_id=campaign_id).values()),
        proven=0,
        eligible=campaign.eligible_count,
        pilot_size=campaign.pilot_size,
    )
    return left_in_phase(phase=campaign.phase, rules=campaign.rules, exposure=exposure, remaining=remaining)


def _soaked(campaign: CampaignFacts, *, phases: Sequence[Phase], as_of: datetime) -> int:
    if campaign.phase not in GATE_AFTER:
        return 0
    return reads.count_soaked(
        campaign_id=campaign.campaign_id,
        phases=phases,
        soaked_by=as_of - timedelta(days=campaign.rules.soak_days),
    )


def _count_silent_controls(campaign: CampaignFacts, *, from_time: datetime, as_of: datetime) -> int:
    models = [target.from_model_id for target in campaigns.list_targets(campaign_id=campaign.campaign_id)]
    return reads.count_silent_controls(
        campaign_id=campaign.campaign_id, from_model_ids=models, from_time=from_time, as_of=as_of
    )


def decide(
    *,
    reference: str,
    decision: Decision,
    evidence_digest: str,
    note: str,
    actor: Actor,
    at: datetime,
) -> CampaignFacts:
    """This function will record one person's decision at a gate; the second PROCEED on the same evidence opens it.

    Raises:
        Forbidden, SamePerson, NoSuchCampaign, NoGateHere; GateNotReady when the verdict is not PASS; EvidenceMoved
        when the evidence is no longer what the person saw.
    """
    people.require(actor, Act.PROPOSE)
    with transactions.transaction():
        campaign = campaigns.lock(campaign_id=campaigns.get(reference=reference).campaign_id)
        seen = _review(campaign, at=at)
        _check(campaign, seen, decision=decision, evidence_digest=evidence_digest, actor=actor)
        taken = GateDecision(
            phase=campaign.phase,
            assessment=seen.assessment,
            evidence=seen.evidence,
            decision=decision,
            person_id=actor.person_id,
            note=note,
            decided_at=at,
        )
        writes.append_decision(campaign_id=campaign.campaign_id, taken=taken)
        _carry_out(campaign, seen, decision=decision, note=note, actor=actor, at=at)
    return campaigns.get(reference=reference)


def _check(
    campaign: CampaignFacts, seen: GateReview, *, decision: Decision, evidence_digest: str, actor: Actor
) -> None:
    if actor.person_id is None:
        raise Invalid("Only a person can decide at a gate.")
    if not seen.has_gate or campaign.is_held:
        raise NoGateHere(f"Campaign {campaign.reference} is {campaign.state}; there is no gate to decide.")
    if seen.evidence.digest() != evidence_digest:
        raise EvidenceMoved(
            "The evidence has changed since you looked; look at the new figures and decide again."
        )
    if decision is Decision.PROCEED:
        gates.require_passed(seen.assessment)
        if seen.proposals:
            people.require(actor, Act.APPROVE)
            for proposal in seen.proposals:
                people.require_second_person(proposer_id=proposal.person_id or 0, approver=actor)


def _carry_out(
    campaign: CampaignFacts, seen: GateReview, *, decision: Decision, note: str, actor: Actor, at: datetime
) -> None:
    detail = {"phase": campaign.phase.value, "evidence": seen.evidence.digest()}
    cause = note or f"Gate {campaign.phase.value}: {seen.assessment.verdict.value}"
    if decision is Decision.HOLD:
        holds.hold(campaign=campaign, because=cause, actor=actor, at=at)
        return
    act = "APPROVE_GATE" if seen.proposals else "PROPOSE_GATE"
    record.append(
        act=act, actor=actor.name, at=at, cause=cause, campaign_id=campaign.campaign_id, detail=detail
    )
    if seen.proposals:
        campaign_writes.move(
            campaign_id=campaign.campaign_id, phase=campaign.phase, event=GATE_AFTER[campaign.phase], at=at
        )


def stop_if_failing(*, campaign_id: int, at: datetime) -> GateAssessment | None:
    """This function will hold a running campaign by rule when its evidence says FAIL, and give the assessment.

    Missing or weak evidence does not stop a running phase: it keeps the phase from growing and the gate from opening.
    """
    with transactions.transaction():
        campaign = campaigns.lock(campaign_id=campaign_id)
        if campaign.phase not in RUNNING or campaign.is_held:
            return None
        evidence = gather(campaign, at=at)
        assessment = gates.watch(evidence, rules=campaign.rules)
        if assessment.verdict is Verdict.FAIL:
            taken = GateDecision(
                phase=campaign.phase,
                assessment=assessment,
                evidence=evidence,
                decision=Decision.HOLD,
                person_id=None,
                note="Stopped by rule.",
                decided_at=at,
            )
            writes.append_decision(campaign_id=campaign_id, taken=taken)
            holds.hold(campaign=campaign, because=" ".join(assessment.reasons), actor=RULE, at=at)
    return assessment
