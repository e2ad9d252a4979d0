"""The record: every act, in order, chained by digest so that nothing can be taken out or changed unseen."""

from django.db import models

from safelaunch.store.models.campaigns import Campaign


class RecordEntry(models.Model):
    """One act: who, when, why, and what was seen. Append-only (a trigger refuses anything else)."""

    record_entry_id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.PROTECT)
    act = models.TextField()
    actor = models.TextField()
    happened_at = models.DateTimeField()
    cause = models.TextField()
    detail = models.JSONField()
    previous_digest = models.TextField()
    digest = models.TextField(unique=True)

    class Meta:
        db_table = "record_entry"
        db_table_comment = "Hash-chained audit record"


class SteppedClock(models.Model):
    """The time of a demonstration: one row, moved forward by its director. Absent in production."""

    stepped_clock_id = models.SmallIntegerField(primary_key=True, default=1)
    shows = models.DateTimeField()

    class Meta:
        db_table = "stepped_clock"
        db_table_comment = "The stepped clock of demonstrations"
        constraints = [
            models.CheckConstraint(condition=models.Q(stepped_clock_id=1), name="stepped_clock_one_row")
        ]
