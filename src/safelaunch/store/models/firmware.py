"""Firmware that Suppliers sent for Devices: images once each, requests, what becomes of each Device, and how it came to it."""

from django.db import models

from safelaunch.domain.firmware_journeys import IN_PROGRESS, RETRYABLE, JourneyEvent, Leg, Reason, TargetState
from safelaunch.domain.firmware_requests import FIRMWARE, PPMID_FIRMWARE, Exclusion
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
    """A Device of a firmware request and where its journey stands; one that the inventory does not know has no hub."""

    pk = models.CompositePrimaryKey("service_request_id", "device_id")
    service_request_id = models.BigIntegerField()
    device_id = Eui64Field()
    hub_device_id = Eui64Field(null=True)
    region_id = models.SmallIntegerField(null=True, db_comment="of the hub, when the request was judged")
    device_type = models.TextField(null=True)
    state = models.TextField()
    exclusion = models.TextField(null=True, db_comment="why it did not have the firmware when it was judged")
    reason = models.TextField(null=True, db_comment="of the failure that it stands at")
    attempt = models.SmallIntegerField(db_default=1, db_comment="sendings to its network, with the next one")
    state_changed_at = models.DateTimeField()
    due_at = models.DateTimeField(
        null=True, db_comment="when the clock of its leg runs out, or it is sent again"
    )
    is_open = models.GeneratedField(
        # Django takes conditions as well as expressions.
        expression=models.Q(state__in=IN_PROGRESS) | models.Q(state__in=RETRYABLE, due_at__isnull=False),  # type: ignore[arg-type]  # as said
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        db_table = "firmware_target"
        db_table_comment = "Devices of firmware requests"
        constraints = [
            one_of("firmware_target", "state", TargetState),
            one_of("firmware_target", "exclusion", Exclusion),
            one_of("firmware_target", "reason", Reason),
            models.CheckConstraint(
                condition=~models.Q(state=TargetState.EXCLUDED) | models.Q(exclusion__isnull=False),
                name="firmware_target_excluded_because",
            ),
            # Whatever happens at once elsewhere, no Device has two requests that are not done.
            models.UniqueConstraint(
                fields=["device_id"],
                condition=models.Q(is_open=True),
                name="firmware_target_in_progress",
            ),
        ]
        indexes = [
            models.Index(fields=["device_id", "service_request_id"], name="firmware_target_by_device"),
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="firmware_target_due"
            ),
            models.Index(
                fields=["region_id", "service_request_id", "device_id"],
                condition=models.Q(state=TargetState.REQUESTED),
                name="firmware_target_to_send",
            ),
            models.Index(
                fields=["region_id"],
                condition=models.Q(state=TargetState.SENT_TO_CSP),
                name="firmware_target_on_its_way",
            ),
        ]


class FirmwareEvent(models.Model):
    """What happened to a Device of a firmware request; `state` is empty when it moved nothing."""

    firmware_event_id = models.BigAutoField(primary_key=True)
    service_request_id = models.BigIntegerField()
    device_id = Eui64Field()
    event = models.TextField()
    state = models.TextField(
        null=True, db_comment="where it led; empty when it came too late to lead anywhere"
    )
    leg = models.TextField(db_comment="who says so")
    reason = models.TextField(null=True)
    attempt = models.SmallIntegerField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    network = models.TextField(null=True, db_comment="whose report or message is the evidence")
    number = models.BigIntegerField(null=True, db_comment="of that report or message")

    class Meta:
        db_table = "firmware_event"
        db_table_comment = "The timelines of firmware on its way to Devices"
        constraints = [
            one_of("firmware_event", "event", JourneyEvent),
            one_of("firmware_event", "state", TargetState),
            one_of("firmware_event", "leg", Leg),
            one_of("firmware_event", "reason", Reason),
            # A report that comes twice is recorded once.
            models.UniqueConstraint(
                fields=["network", "number"],
                condition=models.Q(number__isnull=False),
                name="firmware_event_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["service_request_id", "device_id", "firmware_event_id"],
                name="firmware_event_by_target",
            )
        ]
