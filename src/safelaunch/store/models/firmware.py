"""Firmware that Suppliers sent for Devices: images once each, requests, and what becomes of each Device."""

from django.db import models

from safelaunch.domain.firmware_requests import FIRMWARE, PPMID_FIRMWARE, Exclusion, TargetState
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.service_requests import ServiceRequest


class FirmwareImage(models.Model):
    """An OTA Upgrade Image as it came, once however often it is sent (`domain.md` 8.3 item 7)."""

    digest = models.BinaryField(primary_key=True, db_comment="SHA-256 of the octets")
    manufacturer_image_hash = models.BinaryField(
        db_comment="SHA-256 of the Manufacturer Image: what the CPL and 11.3 name"
    )
    octets = models.BinaryField()
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "firmware_image"
        db_table_comment = "OTA Upgrade Images, once each"


class FirmwareRequest(models.Model):
    """An 11.1 or 11.4 whose image was taken."""

    service_request = models.OneToOneField(ServiceRequest, primary_key=True, on_delete=models.PROTECT)
    image = models.ForeignKey(FirmwareImage, on_delete=models.PROTECT)
    srv = models.TextField()
    firmware_version = models.TextField()
    party_id = models.SmallIntegerField(db_comment="the Supplier who asks")
    user_id = Eui64Field()
    requested_at = models.DateTimeField()
    target_count = models.IntegerField(db_comment="different Devices named")
    excluded_count = models.IntegerField()

    class Meta:
        db_table = "firmware_request"
        db_table_comment = "Firmware requests of Suppliers"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(srv__in=[FIRMWARE, PPMID_FIRMWARE]), name="firmware_request_srv_code"
            ),
            models.CheckConstraint(
                condition=models.Q(excluded_count__gte=0, excluded_count__lte=models.F("target_count")),
                name="firmware_request_counts",
            ),
        ]


class FirmwareTarget(models.Model):
    """A Device of a firmware request; one that the inventory does not know has no hub."""

    pk = models.CompositePrimaryKey("service_request_id", "device_id")
    service_request_id = models.BigIntegerField()
    device_id = Eui64Field()
    hub_device_id = Eui64Field(null=True)
    device_type = models.TextField(null=True)
    state = models.TextField()
    exclusion = models.TextField(null=True, db_comment="why it does not have the firmware")
    state_changed_at = models.DateTimeField()

    class Meta:
        db_table = "firmware_target"
        db_table_comment = "Devices of firmware requests"
        constraints = [
            one_of("firmware_target", "state", TargetState),
            one_of("firmware_target", "exclusion", Exclusion),
            models.CheckConstraint(
                condition=models.Q(state=TargetState.EXCLUDED, exclusion__isnull=False)
                | (~models.Q(state=TargetState.EXCLUDED) & models.Q(exclusion__isnull=True)),
                name="firmware_target_excluded_because",
            ),
            # Whatever happens at once elsewhere, no Device has two requests that are not done.
            models.UniqueConstraint(
                fields=["device_id"],
                condition=models.Q(state=TargetState.REQUESTED),
                name="firmware_target_in_progress",
            ),
        ]
