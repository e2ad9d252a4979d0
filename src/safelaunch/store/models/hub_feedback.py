"""What Suppliers found after hubs were upgraded."""

from django.db import models

from safelaunch.domain.hub_feedback import Finding
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.campaigns import Campaign
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.parties import Party
from safelaunch.store.models.service_requests import ServiceRequest


class HubFeedback(models.Model):
    """One finding of one Supplier about one hub; never updated, never deleted, the latest of a Supplier counts."""

    hub_feedback_id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, db_index=False)
    service_request = models.ForeignKey(ServiceRequest, null=True, on_delete=models.PROTECT)
    device_id = Eui64Field()
    finding = models.TextField()
    words = models.TextField(null=True)
    given_at = models.DateTimeField()

    class Meta:
        db_table = "hub_feedback"
        db_table_comment = "What Suppliers found after hubs were upgraded"
        constraints = [one_of("hub_feedback", "finding", Finding)]
        indexes = [
            models.Index(
                fields=["campaign", "party", "device_id", "given_at"], name="hub_feedback_by_campaign"
            ),
            models.Index(fields=["device_id"], name="hub_feedback_by_device"),
        ]
