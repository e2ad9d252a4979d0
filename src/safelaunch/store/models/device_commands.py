"""Commands to Devices, what Devices said, and the certificates by which they are believed."""

from django.db import models

from safelaunch.domain.device_commands import CommandState, MessageEffect
from safelaunch.domain.smi import Network
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of
from safelaunch.store.models.parties import Party
from safelaunch.store.models.service_requests import ServiceRequest
from safelaunch.wire.smki_devices import KeyUse


class DeviceCertificate(models.Model):
    """A certificate of a Device, once its issuer was found to be trusted."""

    pk = models.CompositePrimaryKey("device_id", "use")
    device_id = Eui64Field()
    use = models.TextField()
    der = models.BinaryField()
    fetched_at = models.DateTimeField()

    class Meta:
        db_table = "device_certificate"
        db_table_comment = "Device certificates of the SMKI"
        constraints = [one_of("device_certificate", "use", KeyUse)]


class DeviceCommand(models.Model):
    """A GBCS command to one Device, on behalf of one request; its number is its name at the CSP."""

    device_command_id = models.BigAutoField(primary_key=True)
    service_request = models.ForeignKey(ServiceRequest, on_delete=models.PROTECT)
    user_id = Eui64Field()
    srv = models.TextField()
    device_id = Eui64Field()
    hub_device_id = Eui64Field()
    network = models.TextField()
    message_code = models.IntegerField()
    originator = Eui64Field(db_comment="who speaks in the GBCS message: the User, or the ACB for it")
    originator_counter = models.DecimalField(max_digits=20, decimal_places=0)
    gbcs = models.BinaryField(db_comment="without its MAC, which is made when it is sent")
    state = models.TextField()
    send_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    execute_at = models.DateTimeField(
        null=True, db_comment="kept by the Device; the last second of 9999 cancels"
    )
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    read_back_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, db_comment="the activation whose answer was lost"
    )
    read_at = models.DateTimeField(
        null=True, db_comment="when its Device is to be read back, for its answer was lost"
    )
    read_count = models.SmallIntegerField(db_default=0, db_comment="read-backs made for its lost answer")

    class Meta:
        db_table = "device_command"
        db_table_comment = "GBCS commands to Devices"
        constraints = [
            one_of("device_command", "state", CommandState),
            one_of("device_command", "network", Network),
            models.UniqueConstraint(
                fields=["device_id", "originator", "originator_counter", "message_code"],
                name="device_command_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["network", "send_at"],
                condition=models.Q(state=CommandState.WAITING),
                name="device_command_waiting",
            ),
            models.Index(
                fields=["network", "expires_at"],
                condition=models.Q(state__in=[CommandState.WAITING, CommandState.SENT]),
                name="device_command_open",
            ),
            models.Index(
                fields=["device_id"],
                condition=models.Q(state=CommandState.PROMISED),
                name="device_command_promised",
            ),
            models.Index(
                fields=["read_at"], condition=models.Q(read_at__isnull=False), name="device_command_to_read"
            ),
            models.Index(
                fields=["send_at"],
                condition=models.Q(read_back_of__isnull=False),
                name="device_command_read_backs",
            ),
        ]


class PartyReadBacks(models.Model):
    """How a Party's lost answers are made good; a Party without a row has the policy of the house."""

    party = models.OneToOneField(Party, primary_key=True, on_delete=models.CASCADE)
    wait = models.DurationField()
    attempts = models.SmallIntegerField()
    daily_budget = models.IntegerField()

    class Meta:
        db_table = "party_read_backs"
        db_table_comment = "Policies of Parties for lost answers"


class DeviceMessage(models.Model):
    """A GBCS message of a Device as a CSP brought it; never dropped, judged once."""

    pk = models.CompositePrimaryKey("network", "number")
    network = models.TextField()
    number = models.BigIntegerField()
    device_id = Eui64Field()
    command_name = models.TextField(null=True, db_comment="the command that the CSP says it answers")
    gbcs = models.BinaryField()
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    effect = models.TextField(null=True)
    device_command = models.ForeignKey(DeviceCommand, null=True, on_delete=models.PROTECT)
    is_verified = models.BooleanField(
        null=True, db_comment="false where only the User can check the MAC, or it is not the Device's"
    )

    class Meta:
        db_table = "device_message"
        db_table_comment = "GBCS messages of Devices, and what each did"
        constraints = [
            one_of("device_message", "network", Network),
            models.CheckConstraint(
                condition=models.Q(effect__isnull=True)
                | models.Q(effect__in=[effect.value for effect in MessageEffect]),
                name="device_message_effect_code",
            ),
        ]
        indexes = [
            models.Index(fields=["device_id", "happened_at"], name="device_message_by_device"),
            models.Index(
                fields=["network", "number"],
                condition=models.Q(effect__isnull=True),
                name="device_message_unjudged",
            ),
        ]
