"""SEC Parties, their User IDs, and the people who act for them."""

from django.db import models

from safelaunch.domain.people import Role
from safelaunch.domain.smi import PartyKind, UserRole
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of


class Party(models.Model):
    """A SEC Party; one Party may hold several User IDs (R-TABASC-3, Q5)."""

    party_id = models.SmallAutoField(primary_key=True)
    name = models.TextField(unique=True)
    kind = models.TextField()

    class Meta:
        db_table = "party"
        db_table_comment = "SEC Parties"
        constraints = [one_of("party", "kind", PartyKind)]


class PartyUser(models.Model):
    """A User ID: the EUI-64 that stands in RequestIDs, with its User Role (`domain.md` 2.1, 2.3)."""

    pk = models.CompositePrimaryKey("user_id", "role")
    user_id = Eui64Field()
    role = models.TextField()
    party = models.ForeignKey(Party, on_delete=models.PROTECT)
    duis_version = models.TextField(default="5.4")

    class Meta:
        db_table = "party_user"
        db_table_comment = "User IDs of Parties, one row per User Role"
        constraints = [one_of("party_user", "role", UserRole)]


class UserReceiver(models.Model):
    """Where a User ID receives responses and alerts, and how it last answered (`domain.md` 13.3)."""

    user_id = Eui64Field(primary_key=True)
    address = models.TextField(db_comment="http or https")
    failures = models.IntegerField(default=0, db_comment="tries in a row without an answer")
    next_try_at = models.DateTimeField(null=True)
    last_problem = models.TextField(null=True)
    last_heard_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "user_receiver"
        db_table_comment = "Receive addresses of User IDs"


class Person(models.Model):
    """Somebody who acts: their roles say what they may do, their Party whose homes they see."""

    person_id = models.AutoField(primary_key=True)
    name = models.TextField(unique=True)
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT)
    role = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "person"
        db_table_comment = "People; nobody has a password"
        constraints = [
            one_of("person", "role", Role),
            models.CheckConstraint(
                condition=models.Q(role=Role.SUPPLIER, party__isnull=False)
                | (~models.Q(role=Role.SUPPLIER) & models.Q(party__isnull=True)),
                name="person_supplier_has_party",
            ),
        ]


class SignInLink(models.Model):
    """A one-time way in; only the digest of its token is kept."""

    token_digest = models.BinaryField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sign_in_link"
        db_table_comment = "One-time sign-in links"
