"""Service Requests as they came, what they were answered, and the counters that make a repeat impossible."""

from django.db import models
from django.db.models.functions import Now

from safelaunch.domain.service_requests import RequestState
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of


class ServiceMessage(models.Model):
    """The signed octets of an accepted request, once."""

    digest = models.BinaryField(primary_key=True, db_comment="SHA-256 of the octets")
    octets = models.BinaryField()
    kept_since = models.DateTimeField(
        db_default=Now(), db_comment="the wall's time; deleted some time after it"
    )

    class Meta:
        db_table = "service_message"
        db_table_comment = "Signed requests, as they came"
        indexes = [models.Index(fields=["kept_since"], name="service_message_by_age")]


class ServiceRequest(models.Model):
    """One authentic request of a User, accepted or refused (`domain.md` 4.9)."""

    service_request_id = models.BigAutoField(primary_key=True)
    originator = Eui64Field()
    target = Eui64Field()
    counter = models.DecimalField(max_digits=20, decimal_places=0)
    is_signed_pre_command = models.BooleanField(
        db_comment="Command Variants 5 to 7, which reuse the Request ID of their Pre-Command"
    )
    command_variant = models.SmallIntegerField()
    service_reference = models.TextField()
    service_reference_variant = models.TextField()
    body_name = models.TextField()
    schema_version = models.TextField()
    certificate_issuer = models.TextField()
    certificate_serial = models.TextField()
    was_reformatted = models.BooleanField(db_comment="verified only without the white space between elements")
    message_digest = models.BinaryField()
    state = models.TextField()
    received_at = models.DateTimeField()
    response_code = models.TextField(null=True)
    response = models.BinaryField(null=True, db_comment="the signed synchronous answer")
    answered_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(
        null=True, db_comment="the answer went out on the User's connection"
    )
    outcome_code = models.TextField(null=True, db_comment="of the asynchronous outcome")
    completed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "service_request"
        db_table_comment = "Service Requests"
        constraints = [
            one_of("service_request", "state", RequestState),
            models.UniqueConstraint(
                fields=["originator", "target", "counter", "is_signed_pre_command"],
                name="service_request_once",
            ),
        ]
        indexes = [
            models.Index(fields=["target", "received_at"], name="service_request_by_target"),
            models.Index(
                fields=["received_at"],
                condition=models.Q(state__in=[RequestState.ACCEPTED, RequestState.ACKNOWLEDGED]),
                name="service_request_open",
            ),
        ]


class OriginatorCounter(models.Model):
    """The highest counter seen of an originator, in each of its series (`domain.md` 4.2)."""

    pk = models.CompositePrimaryKey("originator", "is_top_up")
    originator = Eui64Field()
    is_top_up = models.BooleanField(db_comment="top-ups count in a series of their own")
    counter = models.DecimalField(max_digits=20, decimal_places=0)

    class Meta:
        db_table = "originator_counter"
        db_table_comment = "Highest Request ID counters"
