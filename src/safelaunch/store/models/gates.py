"""Gate decisions: append-only, each with the evidence that was seen."""

from django.db import models

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.gates import Decision, Verdict
from safelaunch.store.models.campaigns import Campaign
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.parties import Person


class GateDecision(models.Model):
    """What one person decided at a gate; a gate opens when two people have decided PROCEED on the same evidence."""

    gate_decision_id = models.AutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    phase = models.TextField(db_comment="the phase the gate closes")
    verdict = models.TextField()
    decision = models.TextField()
    reasons = models.JSONField()
    evidence = models.JSONField()
    evidence_digest = models.TextField()
    person = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, db_comment="null: a rule of the house"
    )
    note = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "gate_decision"
        db_table_comment = "Decisions at gates, with the evidence seen"
        constraints = [
            one_of("gate_decision", "phase", Phase),
            one_of("gate_decision", "verdict", Verdict),
            one_of("gate_decision", "decision", Decision),
        ]
        indexes = [models.Index(fields=["campaign", "phase"], name="gate_decision_by_gate")]
