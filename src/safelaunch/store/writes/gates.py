"""Gate decisions: append-only."""

from dataclasses import asdict

from safelaunch.domain.gates import GateDecision
from safelaunch.store import models
from safelaunch.store.transactions import transaction_required


@transaction_required
def append_decision(*, campaign_id: int, taken: GateDecision) -> None:
    """This function will keep a decision with the evidence that was seen."""
    models.GateDecision.objects.create(
        campaign_id=campaign_id,
        phase=taken.phase,
        verdict=taken.assessment.verdict,
        decision=taken.decision,
        reasons=[criterion.reason for criterion in taken.assessment.criteria],
        evidence={**asdict(taken.evidence), "as_of": taken.evidence.as_of.isoformat()},
        evidence_digest=taken.evidence.digest(),
        person_id=taken.person_id,
        note=taken.note,
        decided_at=taken.decided_at,
    )
