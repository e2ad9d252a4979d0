"""Logs of Communications Hubs: what Users asked of them, and what each hub told last of its own."""

from django.db import models

from safelaunch.domain.han_log import LogKind, LogState
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.service_requests import ServiceRequest


class HanLogUpdate(models.Model):
    """A change of a hub's log that a User asked for (8.11, 8.12), until the hub has told what became of it."""

    han_log_update_id = models.BigAutoField(primary_key=True)
    service_request = models.OneToOneField(ServiceRequest, on_delete=models.PROTECT)
    kind = models.TextField()
    hub_device_id = Eui64Field(db_comment="whose log it is; of a GPF's log, its hub")
    device_id = Eui64Field(db_comment="which Device; of a restoration, the hub that stood there before")
    mpxn = models.TextField(null=True)
    join_seconds = models.IntegerField(null=True)
    state = models.TextField()
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(db_comment="from when on nobody knows what became of it")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "han_log_update"
        db_table_comment = "Changes of hubs' device logs"
        constraints = [
            one_of("han_log_update", "kind", LogKind),
            one_of("han_log_update", "state", LogState),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state__in=[LogState.ASKED, LogState.LOGGED]),
                name="han_log_update_due",
            ),
            models.Index(
                fields=["hub_device_id"],
                condition=models.Q(state__in=[LogState.ASKED, LogState.LOGGED, LogState.DOUBTFUL]),
                name="han_log_update_heard",
            ),
            models.Index(fields=["device_id", "asked_at"], name="han_log_update_by_device"),
        ]


class HubLogBackup(models.Model):
    """What a hub told last of its own log, for the hub that may take its place; the payload of its alert (8F12)."""

    hub_device_id = Eui64Field(primary_key=True)
    payload = models.BinaryField()
    told_at = models.DateTimeField()

    class Meta:
        db_table = "hub_log_backup"
        db_table_comment = "Backups of hubs' device logs"
