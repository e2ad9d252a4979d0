"""What Users said of the inventory: Devices that are announced and not in a home yet, and the history of changes."""

from django.db import models

from safelaunch.domain.inventory_requests import ChangeKind
from safelaunch.domain.smi import DeviceType, SmiStatus
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.parties import Party
from safelaunch.store.models.service_requests import ServiceRequest


class PrenotifiedDevice(models.Model):
    """A Device that was pre-notified (12.2) and has no place in a home yet; the fleet's tables know homes only."""

    device_id = Eui64Field(primary_key=True)
    device_type = models.TextField()
    smi_status = models.TextField()
    manufacturer = models.TextField()
    model = models.TextField()
    firmware_version = models.TextField(null=True)
    smets_chts_version = models.TextField(null=True)
    esme_variant = models.TextField(null=True)
    gpf_device_id = Eui64Field(null=True)
    mpxn = models.TextField(null=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, db_comment="who announced it")
    prenotified_at = models.DateTimeField()

    class Meta:
        db_table = "prenotified_device"
        db_table_comment = "Devices announced by 12.2"
        constraints = [
            one_of("prenotified_device", "device_type", DeviceType),
            one_of("prenotified_device", "smi_status", SmiStatus),
            models.UniqueConstraint(fields=["gpf_device_id"], name="prenotified_device_one_gpf"),
        ]


class InventoryChange(models.Model):
    """One change, or one piece of news, that a User told of a Device; never updated, never deleted."""

    inventory_change_id = models.BigAutoField(primary_key=True)
    device_id = Eui64Field()
    happened_at = models.DateTimeField()
    kind = models.TextField()
    before = models.TextField(null=True)
    after = models.TextField(null=True)
    detail = models.JSONField(default=dict, db_comment="what else was said")
    party = models.ForeignKey(Party, on_delete=models.PROTECT)
    service_request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT)

    class Meta:
        db_table = "inventory_change"
        db_table_comment = "History of what Users told of Devices"
        constraints = [one_of("inventory_change", "kind", ChangeKind)]
        indexes = [models.Index(fields=["device_id", "happened_at"], name="inventory_change_by_device")]
