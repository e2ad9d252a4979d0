"""What the CSPs reported: append-only, at least once made exactly once. This is also the ledger of hub upgrades."""

from django.db import models

from safelaunch.domain.events import Effect
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import Network
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of


class CspBatch(models.Model):
    """A signed batch of events as it arrived."""

    pk = models.CompositePrimaryKey("network", "batch")
    network = models.TextField()
    batch = models.BigIntegerField()
    event_count = models.IntegerField()
    body_digest = models.BinaryField(db_comment="SHA-256 of the signed body")
    received_at = models.DateTimeField()

    class Meta:
        db_table = "csp_batch"
        db_table_comment = "Signed event batches received"
        constraints = [one_of("csp_batch", "network", Network)]


class CspEvent(models.Model):
    """One report about one hub; never updated, never deleted."""

    pk = models.CompositePrimaryKey("network", "number")
    network = models.TextField()
    number = models.BigIntegerField()
    device_id = Eui64Field()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    campaign_id = models.IntegerField(null=True)
    attempt = models.SmallIntegerField(null=True)
    kind = models.TextField()
    effect = models.TextField()
    state = models.TextField(null=True, db_comment="the hub's state after the event, when applied")
    firmware_version = models.TextField(null=True)
    reason = models.TextField(null=True)

    class Meta:
        db_table = "csp_event"
        db_table_comment = "Reports from the CSPs, and what each did"
        constraints = [
            one_of("csp_event", "network", Network),
            one_of("csp_event", "kind", EventKind),
            one_of("csp_event", "effect", Effect),
        ]
        indexes = [
            models.Index(fields=["device_id"], name="csp_event_by_device"),
            models.Index(
                fields=["happened_at"], condition=models.Q(kind=EventKind.SILENT), name="csp_event_silent"
            ),
            models.Index(
                fields=["received_at"],
                condition=models.Q(effect__in=[Effect.UNKNOWN_HUB, Effect.NOT_INSTRUCTED]),
                name="csp_event_kept",
            ),
        ]
