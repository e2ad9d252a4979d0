"""What Users mean to do in homes, as their requests tell."""

from django.db import models

from safelaunch.domain.planned_events import PlannedKind
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.service_requests import ServiceRequest


class PlannedEvent(models.Model):
    """One thing that is planned for one Device."""

    planned_event_id = models.BigAutoField(primary_key=True)
    device_id = Eui64Field()
    hub_device_id = Eui64Field(null=True)
    kind = models.TextField()
    planned_from = models.DateTimeField()
    planned_until = models.DateTimeField(null=True, db_comment="exclusive; none for what stands open")
    user_id = Eui64Field(null=True, db_comment="who asked for it by a request")
    service_request = models.ForeignKey(ServiceRequest, null=True, on_delete=models.PROTECT)
    party_id = models.SmallIntegerField(null=True, db_comment="who told of it in a file")
    note = models.TextField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "planned_event"
        db_table_comment = "What Users plan for homes, for the calendar of conflicts"
        constraints = [
            one_of("planned_event", "kind", PlannedKind),
            models.CheckConstraint(
                condition=models.Q(user_id__isnull=False, service_request__isnull=False)
                | models.Q(party_id__isnull=False),
                name="planned_event_has_a_source",
            ),
        ]
        indexes = [
            models.Index(
                fields=["hub_device_id", "planned_from"],
                condition=models.Q(cancelled_at__isnull=True),
                name="planned_event_by_hub",
            ),
            models.Index(
                fields=["device_id", "kind"],
                condition=models.Q(cancelled_at__isnull=True),
                name="planned_event_by_device",
            ),
        ]
