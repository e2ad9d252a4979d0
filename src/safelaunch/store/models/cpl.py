"""Changes to the Central Products List: what two people agree on, and what became of every entry."""

from django.db import models

from safelaunch.domain.cpl import EntryAct, ProposalState
from safelaunch.domain.smi import CplStatus
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.hubs import DeviceModel
from safelaunch.store.models.parties import Person


class CplProposal(models.Model):
    """A change to the CPL, proposed with its consequences and applied by a second person."""

    cpl_proposal_id = models.AutoField(primary_key=True)
    source = models.TextField(db_comment="the file, or the entry that is to be removed")
    because = models.TextField()
    rows = models.JSONField(db_comment="the entries as they are to be")
    consequences = models.JSONField(db_comment="what the proposer saw")
    consequences_digest = models.TextField()
    state = models.TextField(default=ProposalState.PROPOSED)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cpl_proposal"
        db_table_comment = "Proposed changes to the Central Products List"
        constraints = [one_of("cpl_proposal", "state", ProposalState)]


class CplEntryChange(models.Model):
    """One thing that happened to one entry; never changed, never removed."""

    cpl_entry_change_id = models.BigAutoField(primary_key=True)
    device_model = models.ForeignKey(DeviceModel, on_delete=models.PROTECT)
    cpl_proposal = models.ForeignKey(CplProposal, null=True, on_delete=models.PROTECT)
    happened_at = models.DateTimeField()
    actor = models.TextField()
    act = models.TextField()
    status_before = models.TextField(null=True)
    status_after = models.TextField()
    detail = models.JSONField(db_comment="what the entry says from now on")

    class Meta:
        db_table = "cpl_entry_change"
        db_table_comment = "History of the Central Products List"
        constraints = [
            one_of("cpl_entry_change", "act", EntryAct),
            one_of("cpl_entry_change", "status_before", CplStatus),
            one_of("cpl_entry_change", "status_after", CplStatus),
        ]
