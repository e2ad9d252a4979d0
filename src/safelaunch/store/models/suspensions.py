"""Suspensions: one row for each act, however many Devices it suspends, and one for each episode that is over.

An open episode stands in the Device's own row (`status_before`, `suspension_id`), so that suspending millions writes
each of them once (`docs/adr/0012-suspension-in-the-row.md`).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.smi import SmiStatus
from safelaunch.domain.suspension import EndCause, EpisodeState, SuspensionCause
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of


class Suspension(models.Model):
    """One act that suspended Devices of one Device Model (MP105)."""

    suspension_id = models.AutoField(primary_key=True)
    device_model_id = models.IntegerField(db_comment="the firmware that the Devices ran")
    cause = models.TextField()
    actor = models.TextField()
    suspended_at = models.DateTimeField()
    device_count = models.IntegerField(db_comment="a hub counts once")
    bucket_count = models.IntegerField(db_comment="how many parts the Devices are spread over in alert_chunk")

    class Meta:
        db_table = "suspension"
        db_table_comment = "Acts that suspended Devices"
        constraints = [one_of("suspension", "cause", SuspensionCause)]
        indexes = [models.Index(fields=["device_model_id"], name="suspension_by_model")]


class SuspensionEpisode(models.Model):
    """An episode that is over; `suspension_id` and `suspended_at` are empty for a Device that arrived Suspended."""

    suspension_episode_id = models.BigAutoField(primary_key=True)
    device_id = Eui64Field()
    ended_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)
    suspension_id = models.IntegerField(null=True)
    status_before = models.TextField(db_comment="the status it held, and has again when it was restored")
    state = models.TextField()
    ended_because = models.TextField()

    class Meta:
        db_table = "suspension_episode"
        db_table_comment = "Episodes of suspension that are over, one row per Device"
        constraints = [
            one_of("suspension_episode", "status_before", SmiStatus),
            one_of("suspension_episode", "state", EpisodeState),
            one_of("suspension_episode", "ended_because", EndCause),
        ]
        indexes = [models.Index(fields=["device_id"], name="suspension_episode_by_device")]


class AlertChunk(models.Model):
    """DCC Alerts of one code to one User ID about many Devices, kept and delivered as one piece."""

    alert_chunk_id = models.BigAutoField(primary_key=True)
    user_id = Eui64Field()
    raised_at = models.DateTimeField()
    suspension_id = models.IntegerField()
    bucket = models.IntegerField(db_comment="hashmacaddr8(device_id) modulo the suspension's bucket_count")
    party_id = models.SmallIntegerField()
    device_count = models.IntegerField()
    code = models.TextField()
    device_ids = ArrayField(Eui64Field())
    is_owed = models.BooleanField(
        db_default=False, db_comment="to be sent: its User had an address when it was raised"
    )
    told_count = models.IntegerField(
        db_default=0, db_comment="of how many Devices, from the first, the message was written"
    )

    class Meta:
        db_table = "alert_chunk"
        db_table_comment = "DCC Alerts about many Devices at once"
        constraints = [one_of("alert_chunk", "code", AlertCode)]
        indexes = [
            models.Index(fields=["suspension_id", "bucket"], name="alert_chunk_of_device"),
            models.Index(
                fields=["user_id", "raised_at", "alert_chunk_id"],
                condition=models.Q(is_owed=True),
                name="alert_chunk_owed",
            ),
        ]
