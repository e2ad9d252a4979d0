"""The Smart Metering Inventory: regions, Device Models, the CPL, Communications Hubs and the Devices behind them.

Fleet tables carry plain numbers instead of foreign keys: staging joins prove them once, and twenty million rows
are loaded by COPY. Every hub-keyed table has the hub's Device ID in its key.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from safelaunch.domain.smi import CplStatus, DeviceType, Network, Region, SmiStatus
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of


class CspRegion(models.Model):
    """A CSP region, the network that carries it and what it can carry in a night."""

    region_id = models.SmallAutoField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField()
    network = models.TextField()
    nightly_capacity = models.IntegerField(help_text="hubs per night")

    class Meta:
        db_table = "csp_region"
        db_table_comment = "CSP regions"
        constraints = [one_of("csp_region", "code", Region), one_of("csp_region", "network", Network)]


class DeviceModel(models.Model):
    """A Device Model: manufacturer, model, hardware version and firmware version (`domain.md` 3.4)."""

    device_model_id = models.AutoField(primary_key=True)
    device_type = models.TextField()
    manufacturer = models.TextField()
    model = models.TextField()
    hardware_version = models.TextField()
    firmware_version = models.TextField()

    class Meta:
        db_table = "device_model"
        db_table_comment = "Device Models known to the inventory, whether on the CPL or not"
        constraints = [
            one_of("device_model", "device_type", DeviceType),
            models.UniqueConstraint(
                fields=["device_type", "manufacturer", "model", "hardware_version", "firmware_version"],
                name="device_model_identity",
            ),
        ]


class CplEntry(models.Model):
    """A Device Model on the Central Products List."""

    device_model = models.OneToOneField(DeviceModel, primary_key=True, on_delete=models.PROTECT)
    status = models.TextField()
    smets_chts_version = models.TextField()
    gbcs_version = models.TextField()
    image_hash = models.BinaryField(null=True)
    predecessors = ArrayField(models.TextField(), db_comment="versions an upgrade may start from (MP231)")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cpl_entry"
        db_table_comment = "The Central Products List"
        constraints = [one_of("cpl_entry", "status", CplStatus)]


class CommunicationsHub(models.Model):
    """A Communications Hub: CHF and GPF are one row, so their firmware cannot drift apart (`domain.md` 3.5)."""

    device_id = Eui64Field(primary_key=True)
    gpf_device_id = Eui64Field()
    lot = models.IntegerField(db_comment="random place in the order of turns, drawn from the Device ID")
    device_model_id = models.IntegerField()
    commissioned_on = models.DateField(null=True)
    region_id = models.SmallIntegerField()
    import_party_id = models.SmallIntegerField(null=True)
    gas_party_id = models.SmallIntegerField(null=True)
    suspension_id = models.IntegerField(
        null=True, db_comment="what suspended it; empty when it is not Suspended"
    )
    smi_status = models.TextField()
    status_before = models.TextField(null=True, db_comment="what its suspension restores")
    # The rule of `domain/suspension.is_in_use`, kept with the row so that no statement says it again.
    is_in_use = models.GeneratedField(
        expression=models.Case(
            models.When(~models.Q(smi_status="SUSPENDED"), then=models.Q(smi_status="COMMISSIONED")),
            models.When(status_before__isnull=False, then=models.Q(status_before="COMMISSIONED")),
            default=models.Q(commissioned_on__isnull=False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        db_comment="COMMISSIONED, or SUSPENDED from it",
    )

    class Meta:
        db_table = "communications_hub"
        db_table_comment = "Communications Hubs; Responsible Suppliers are those of the meters behind"
        constraints = [one_of("communications_hub", "smi_status", SmiStatus)]
        # No index holds a column that changes: firmware updates stay HOT (`docs/adr/0006-lots.md`).
        indexes = [
            models.Index(fields=["region_id", "lot"], name="communications_hub_turn"),
            models.Index(fields=["gpf_device_id"], name="communications_hub_gpf"),
        ]


class Device(models.Model):
    """A Device behind a hub: ESME, GSME, PPMID, HCALCS, IHD or CAD."""

    pk = models.CompositePrimaryKey("hub_device_id", "device_id")
    hub_device_id = Eui64Field()
    device_id = Eui64Field()
    device_model_id = models.IntegerField()
    commissioned_on = models.DateField(null=True)
    party_id = models.SmallIntegerField(null=True, db_comment="Responsible Supplier")
    network_party_id = models.SmallIntegerField(null=True, db_comment="Responsible Network Operator")
    device_type = models.TextField()
    smi_status = models.TextField()
    mpxn = models.TextField(null=True)
    suspension_id = models.IntegerField(
        null=True, db_comment="what suspended it; empty when it is not Suspended"
    )
    status_before = models.TextField(null=True, db_comment="what its suspension restores")

    class Meta:
        db_table = "device"
        db_table_comment = "Devices behind Communications Hubs"
        constraints = [one_of("device", "device_type", DeviceType), one_of("device", "smi_status", SmiStatus)]
        indexes = [
            models.Index(fields=["device_id"], name="device_by_id"),
            models.Index(fields=["mpxn"], condition=models.Q(mpxn__isnull=False), name="device_by_mpxn"),
        ]


class PortfolioCount(models.Model):
    """How many hubs share a region, Device Model, pair of Suppliers, status and use; kept exact by every write."""

    pk = models.CompositePrimaryKey(
        "device_model_id", "region_id", "import_party_id", "gas_party_id", "smi_status", "is_in_use"
    )
    device_model_id = models.IntegerField()
    region_id = models.SmallIntegerField()
    import_party_id = models.SmallIntegerField(db_comment="0 for none")
    gas_party_id = models.SmallIntegerField(db_comment="0 for none")
    smi_status = models.TextField()
    is_in_use = models.BooleanField(db_comment="as of its hubs")
    hub_count = models.IntegerField()

    class Meta:
        db_table = "portfolio_count"
        db_table_comment = "Roll-up of communications_hub"


class SmiLoad(models.Model):
    """One load of the inventory: generated or imported."""

    smi_load_id = models.AutoField(primary_key=True)
    source = models.TextField()
    seed = models.BigIntegerField(null=True)
    hub_count = models.IntegerField()
    device_count = models.IntegerField()
    reject_count = models.IntegerField(default=0)
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "smi_load"
        db_table_comment = "Loads of the inventory"
