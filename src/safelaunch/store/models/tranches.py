"""Tranches, the chunks they are handed over in, and the upgrade of each hub."""

from django.db import models

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.chunks import ChunkState
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.campaigns import Campaign
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.hubs import CspRegion


class Tranche(models.Model):
    """The hubs of one region that first go in one night."""

    tranche_id = models.AutoField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    region = models.ForeignKey(CspRegion, on_delete=models.PROTECT)
    night = models.DateField()
    phase = models.TextField()
    planned_at = models.DateTimeField()

    class Meta:
        db_table = "tranche"
        db_table_comment = "Nightly tranches per region"
        constraints = [
            one_of("tranche", "phase", Phase),
            models.UniqueConstraint(fields=["campaign", "night", "region"], name="tranche_once_a_night"),
        ]


class Chunk(models.Model):
    """A transport chunk: the hubs that are handed to a network together, and the fence they carry."""

    chunk_id = models.BigAutoField(primary_key=True)
    tranche = models.ForeignKey(Tranche, on_delete=models.CASCADE)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    region = models.ForeignKey(CspRegion, on_delete=models.PROTECT)
    attempt = models.SmallIntegerField(default=1)
    hub_count = models.IntegerField()
    state = models.TextField(default=ChunkState.PLANNED)
    epoch = models.IntegerField(null=True)
    planned_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, db_comment="of hubs with an hour of their own")
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    chased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "chunk"
        db_table_comment = "Units of dispatch"
        constraints = [one_of("chunk", "state", ChunkState)]
        indexes = [
            models.Index(
                fields=["campaign", "chunk_id"],
                condition=~models.Q(state__in=[ChunkState.CLOSED, ChunkState.WITHDRAWN]),
                name="chunk_open",
            )
        ]


class HubUpgrade(models.Model):
    """The upgrade of one hub in one campaign (`domain/hub_upgrades.py`)."""

    pk = models.CompositePrimaryKey("campaign_id", "device_id")
    campaign_id = models.IntegerField()
    device_id = Eui64Field()
    chunk_id = models.BigIntegerField(db_comment="of the present attempt")
    state_since = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    tranche_id = models.IntegerField(db_comment="of the first attempt")
    region_id = models.SmallIntegerField()
    from_model_id = models.IntegerField()
    import_party_id = models.SmallIntegerField(db_comment="0 for none")
    gas_party_id = models.SmallIntegerField(db_comment="0 for none")
    attempt = models.SmallIntegerField(default=1)
    read_count = models.SmallIntegerField(default=0, db_comment="read-backs sent in this attempt")
    state = models.TextField()

    class Meta:
        db_table = "hub_upgrade"
        db_table_comment = "Upgrades of hubs: rows only for what is firm or has happened"
        constraints = [one_of("hub_upgrade", "state", HubState)]
        indexes = [models.Index(fields=["chunk_id"], name="hub_upgrade_by_chunk")]


class PilotHub(models.Model):
    """A hub of the Default Pilot List (R-0024-24), with its place in the pilot's steps."""

    pk = models.CompositePrimaryKey("campaign_id", "device_id")
    campaign_id = models.IntegerField()
    device_id = Eui64Field()
    place = models.IntegerField(db_comment="order within the pilot, from 0")
    region_id = models.SmallIntegerField()

    class Meta:
        db_table = "pilot_hub"
        db_table_comment = "Default Pilot Lists"
        indexes = [models.Index(fields=["campaign_id", "region_id", "place"], name="pilot_hub_turn")]


class TrancheCount(models.Model):
    """Hubs of a tranche per state."""

    pk = models.CompositePrimaryKey("tranche_id", "state")
    tranche_id = models.IntegerField()
    state = models.TextField()
    hub_count = models.IntegerField()

    class Meta:
        db_table = "tranche_count"
        db_table_comment = "Roll-up of hub_upgrade by tranche"
        constraints = [one_of("tranche_count", "state", HubState)]


class SupplierCount(models.Model):
    """Hubs of a pair of Suppliers per region and state."""

    pk = models.CompositePrimaryKey("campaign_id", "import_party_id", "gas_party_id", "region_id", "state")
    campaign_id = models.IntegerField()
    import_party_id = models.SmallIntegerField(db_comment="0 for none")
    gas_party_id = models.SmallIntegerField(db_comment="0 for none")
    region_id = models.SmallIntegerField()
    state = models.TextField()
    hub_count = models.IntegerField()

    class Meta:
        db_table = "supplier_count"
        db_table_comment = "Roll-up of hub_upgrade by pair of Suppliers"
        constraints = [one_of("supplier_count", "state", HubState)]
