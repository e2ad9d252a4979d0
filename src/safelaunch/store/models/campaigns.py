"""Campaigns: what is released, to which Device Models, by which rules, and where each region has got to."""

from django.db import models

from safelaunch.domain.campaigns import Phase, Priority, Severity
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.parties import Party, Person


class Campaign(models.Model):
    """A Communications Hub firmware campaign (SECMP0024)."""

    campaign_id = models.AutoField(primary_key=True)
    reference = models.TextField(unique=True)
    title = models.TextField()
    firmware_version = models.TextField()
    release_note = models.TextField()
    severity = models.TextField()
    priority = models.TextField()
    pilot_starts_on = models.DateField()
    deploy_by = models.DateField()
    activate_by = models.DateField()
    rules = models.JSONField(db_comment="CampaignRules: the numbers of Q1 to Q18 for this campaign")
    lot_offset = models.IntegerField(db_comment="recorded seed of the order of turns")
    phase = models.TextField(default=Phase.DRAFT)
    phase_since = models.DateTimeField()
    epoch = models.IntegerField(default=1, db_comment="raised by every hold; every hop refuses an older one")
    held_at = models.DateTimeField(null=True)
    held_because = models.TextField(null=True)
    held_by = models.TextField(null=True)
    held_by_party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT)
    is_sev1_open = models.BooleanField(default=False)
    resume_proposed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    resume_reason = models.TextField(null=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    list_closes_at = models.DateTimeField(null=True)
    pilot_starts_at = models.DateTimeField(null=True)
    eligible_count = models.IntegerField(default=0, db_comment="hubs eligible when published")
    pilot_size = models.IntegerField(default=0)
    last_planned_night = models.DateField(null=True)
    last_reviewed_on = models.DateField(null=True)
    pilot_settled_at = models.DateTimeField(
        null=True, db_comment="when Preferred Pilot Lists took the place of the default"
    )

    class Meta:
        db_table = "campaign"
        db_table_comment = "Communications Hub firmware campaigns"
        constraints = [
            one_of("campaign", "phase", Phase),
            one_of("campaign", "severity", Severity),
            one_of("campaign", "priority", Priority),
            models.CheckConstraint(
                condition=models.Q(held_at__isnull=True, held_because__isnull=True)
                | models.Q(held_at__isnull=False, held_because__isnull=False),
                name="campaign_hold_has_reason",
            ),
        ]


class CampaignTarget(models.Model):
    """A Device Model the release upgrades, and the one it becomes."""

    pk = models.CompositePrimaryKey("campaign_id", "from_model_id")
    campaign_id = models.IntegerField()
    from_model_id = models.IntegerField()
    to_model_id = models.IntegerField()
    is_open = models.BooleanField(
        default=False, db_comment="claimed by a campaign that is published and not ended"
    )

    class Meta:
        db_table = "campaign_target"
        db_table_comment = "Device Models a campaign upgrades"
        constraints = [
            models.UniqueConstraint(
                fields=["from_model_id"],
                condition=models.Q(is_open=True),
                name="campaign_target_one_open_campaign",
            )
        ]


class CampaignRegion(models.Model):
    """How far round the lots a region has come in a campaign (`domain/lots.py`)."""

    pk = models.CompositePrimaryKey("campaign_id", "region_id")
    campaign_id = models.IntegerField()
    region_id = models.SmallIntegerField()
    place = models.BigIntegerField(default=0, db_comment="places below this have had their turn")
    eligible_count = models.IntegerField(db_comment="hubs eligible when published")
    is_exhausted = models.BooleanField(default=False)

    class Meta:
        db_table = "campaign_region"
        db_table_comment = "Where each region stands in a campaign's order of turns"


class SupplierNotice(models.Model):
    """The notice of a campaign to one Supplier, with that Supplier's own numbers (R-0024-1, R-0024-17)."""

    pk = models.CompositePrimaryKey("campaign_id", "party_id")
    campaign_id = models.IntegerField()
    party_id = models.SmallIntegerField()
    hub_count = models.IntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "supplier_notice"
        db_table_comment = "Notices of campaigns to Suppliers"
