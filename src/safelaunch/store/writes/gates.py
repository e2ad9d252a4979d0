"""Gate decisions: append-only."""

from dataclasses import asdict
from datetime import datetime

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.gates import Decision, GateAssessment, GateEvidence
from safelaunch.store.models import GateDecision
from safelaunch.store.transactions import transaction_required


@transaction_required
def append_decision(
    *,
    campaign_id: int,
    phase: Phase,
    assessment: GateAssessment,
    evidence: GateEvidence,
    decision: Decision,
    person_id: int | None,
    note: str,
    at: datetime,
) -> None:
    """This function will keep a decision with the evidence that was seen."""
    GateDecision.objects.create(
        campaign_id=campaign_id,
        phase=phase,
        verdict=assessment.verdict,
        decision=decision,
        reasons=[criterion.reason for criterion in assessment.criteria],
        evidence={**asdict(evidence), "as_of": evidence.as_of.isoformat()},
        evidence_digest=evidence.digest(),
        person_id=person_id,
        note=note,
        decided_at=at,
    )
