"""Messages on their way to Users, and where each User receives them."""

from django.db import models
from django.db.models.functions import Now

from safelaunch.domain.deliveries import DeliveryState
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.service_requests import ServiceRequest


class OutgoingMessage(models.Model):
    """A response or alert for a User; its octets never change once they are signed."""

    outgoing_message_id = models.BigAutoField(primary_key=True)
    user_id = Eui64Field()
    device_id = Eui64Field(null=True, db_comment="messages about one Device keep their order")
    service_request = models.ForeignKey(ServiceRequest, null=True, on_delete=models.PROTECT)
    code = models.TextField(db_comment="response code or alert code, for people")
    octets = models.BinaryField()
    is_signed = models.BooleanField()
    state = models.TextField()
    queued_at = models.DateTimeField(
        db_default=Now(), db_comment="the wall's time, for receivers live in real time"
    )
    refusals = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True, db_comment="when it was delivered or parked")
    last_problem = models.TextField(null=True)

    class Meta:
        db_table = "outgoing_message"
        db_table_comment = "Messages to Users"
        constraints = [one_of("outgoing_message", "state", DeliveryState)]
        indexes = [
            models.Index(
                fields=["user_id", "outgoing_message_id"],
                condition=models.Q(state=DeliveryState.QUEUED),
                name="outgoing_message_queued",
            ),
            models.Index(
                fields=["user_id", "outgoing_message_id"],
                condition=models.Q(state=DeliveryState.PARKED),
                name="outgoing_message_parked",
            ),
            models.Index(
                fields=["user_id", "device_id", "outgoing_message_id"],
                condition=models.Q(state=DeliveryState.QUEUED, device_id__isnull=False),
                name="outgoing_message_by_device",
            ),
            models.Index(
                fields=["settled_at"],
                condition=models.Q(state=DeliveryState.DELIVERED),
                name="outgoing_message_taken",
            ),
        ]
