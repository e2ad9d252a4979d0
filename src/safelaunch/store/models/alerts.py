"""DCC Alerts raised, one row per addressee."""

from django.db import models

from safelaunch.domain.alerts import AlertCode
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of


class DccAlert(models.Model):
    """A DCC Alert to one User ID about one Device (N64: R-0024-26; N28, N29, N52: MP105)."""

    dcc_alert_id = models.BigAutoField(primary_key=True)
    device_id = Eui64Field()
    user_id = Eui64Field()
    raised_at = models.DateTimeField()
    campaign_id = models.IntegerField(null=True)
    party_id = models.SmallIntegerField()
    code = models.TextField()
    firmware_version = models.TextField(null=True)
    smi_firmware_version = models.TextField(null=True, db_comment="what the inventory has instead (N52)")
    hub_device_id = Eui64Field(null=True)
    service_request_id = models.BigIntegerField(
        null=True, db_comment="the firmware request that it belongs to"
    )
    happened_at = models.DateTimeField(null=True)
    outcome = models.TextField(null=True, db_comment="why the firmware did not get on; empty when it did")
    is_owed = models.BooleanField(
        db_default=False, db_comment="to be sent: its User had an address when it was raised"
    )

    class Meta:
        db_table = "dcc_alert"
        db_table_comment = "DCC Alerts, one row per addressee"
        constraints = [one_of("dcc_alert", "code", AlertCode)]
        indexes = [
            models.Index(fields=["device_id"], name="dcc_alert_by_device"),
            models.Index(fields=["dcc_alert_id"], condition=models.Q(is_owed=True), name="dcc_alert_owed"),
        ]


class AlertCount(models.Model):
    """Alerts raised per campaign, code, Party and region; by region, so that networks never wait for each other."""

    pk = models.CompositePrimaryKey("campaign_id", "code", "party_id", "region_id")
    campaign_id = models.IntegerField()
    code = models.TextField()
    party_id = models.SmallIntegerField()
    region_id = models.SmallIntegerField()
    alert_count = models.IntegerField()

    class Meta:
        db_table = "alert_count"
        db_table_comment = "Roll-up of dcc_alert"
