"""Changes of Tenancy: the premises that had one, who was told of it, and the displays that are to clear."""

from django.db import models

from safelaunch.domain.tenancy import SOURCES, Cause
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of


class Tenancy(models.Model):
    """The tenancy epoch of one premises; those that never had a change have no row."""

    hub_device_id = Eui64Field(primary_key=True)
    epoch = models.IntegerField()
    began_at = models.DateTimeField(db_comment="what was recorded before is the previous occupier's")
    cause = models.TextField()
    noted_at = models.DateTimeField(db_comment="when the epoch was taken down")
    look_at = models.DateTimeField(
        null=True, db_comment="when its firmware is next looked at; empty when every display has cleared"
    )

    class Meta:
        db_table = "tenancy"
        db_table_comment = "Tenancy epochs of premises"
        constraints = [one_of("tenancy", "cause", Cause)]
        indexes = [
            models.Index(
                fields=["look_at"], condition=models.Q(look_at__isnull=False), name="tenancy_to_look_at"
            )
        ]


class TenancySource(models.Model):
    """An ESME or GPF that hides what was recorded before a moment (`domain/tenancy.py`, rule 2)."""

    pk = models.CompositePrimaryKey("hub_device_id", "device_id")
    hub_device_id = Eui64Field()
    device_id = Eui64Field()
    device_type = models.TextField()
    restricted_at = models.DateTimeField()
    number = models.BigIntegerField(db_comment="of the newest command that was answered")
    cause = models.TextField()
    told_at = models.DateTimeField(db_comment="when the Device said so")

    class Meta:
        db_table = "tenancy_source"
        db_table_comment = "What displays can learn of a Change of Tenancy, and from whom"
        constraints = [
            one_of("tenancy_source", "cause", Cause),
            models.CheckConstraint(
                condition=models.Q(device_type__in=sorted(kind.value for kind in SOURCES)),
                name="tenancy_source_type_code",
            ),
        ]


class TenancyDisplay(models.Model):
    """A display that was in the home, and one fuel of which it may hold another's data."""

    pk = models.CompositePrimaryKey("hub_device_id", "device_id", "source_device_id")
    hub_device_id = Eui64Field()
    device_id = Eui64Field()
    source_device_id = Eui64Field()
    able_since = models.DateTimeField(
        null=True, db_comment="when all firmware that it takes to clear was first seen to be there"
    )

    class Meta:
        db_table = "tenancy_display"
        db_table_comment = "Displays that are to clear what was recorded before a Change of Tenancy"
