"""What Suppliers wished of campaigns, hub by hub, and the Preferred Pilot Lists that stand."""

from django.db import models

from safelaunch.domain.campaign_wishes import WishKind, WishOutcome
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.campaigns import Campaign
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.parties import Party
from safelaunch.store.models.service_requests import ServiceRequest


class CampaignWish(models.Model):
    """One wish of one Supplier; never updated, never deleted. Evidence stays in the signed request."""

    campaign_wish_id = models.BigAutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    party = models.ForeignKey(Party, on_delete=models.PROTECT)
    service_request = models.ForeignKey(ServiceRequest, null=True, on_delete=models.PROTECT)
    kind = models.TextField()
    asked_at = models.DateTimeField()
    replaces = models.BooleanField(default=False, db_comment="the list takes the place of the one before")
    grounds = models.TextField(null=True)
    duty = models.TextField(null=True)
    until = models.DateField(null=True)
    evidence_count = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "campaign_wish"
        db_table_comment = "Nominations, withdrawals, bring-forwards and deferrals as asked"
        constraints = [one_of("campaign_wish", "kind", WishKind)]
        indexes = [models.Index(fields=["campaign", "party"], name="campaign_wish_by_party")]


class CampaignWishHub(models.Model):
    """What became of a wish for one hub."""

    pk = models.CompositePrimaryKey("campaign_wish_id", "device_id")
    campaign_wish_id = models.BigIntegerField()
    device_id = Eui64Field()
    outcome = models.TextField()
    not_before = models.DateTimeField(null=True)
    not_after = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaign_wish_hub"
        db_table_comment = "Outcome of each wish per hub"
        constraints = [one_of("campaign_wish_hub", "outcome", WishOutcome)]
        indexes = [models.Index(fields=["device_id"], name="campaign_wish_hub_by_device")]


class CampaignNomination(models.Model):
    """A hub on a Supplier's Preferred Pilot List, with the slot it is wished in."""

    pk = models.CompositePrimaryKey("campaign_id", "party_id", "device_id")
    campaign_id = models.IntegerField()
    party_id = models.SmallIntegerField()
    device_id = Eui64Field()
    campaign_wish_id = models.BigIntegerField(db_comment="the wish that put it there last")
    not_before = models.DateTimeField(null=True)
    not_after = models.DateTimeField(null=True)

    class Meta:
        db_table = "campaign_nomination"
        db_table_comment = "Preferred Pilot Lists as they stand"
