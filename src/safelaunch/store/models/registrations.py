"""Who is responsible for supply points when, as far as it ever changed; and nominations that lapsed with a registration."""

from django.db import models

from safelaunch.domain.smi import UserRole
from safelaunch.store.fields import Eui64Field
from safelaunch.store.models.checks import one_of


class Registration(models.Model):
    """From an instant on a Party is responsible for a supply point in a User Role, until the next row's instant.

    The end is the next row's beginning, so two can never overlap. A supply point that never changed hands has no row:
    the Supplier of its meter in the inventory is responsible, and was as far as is known.
    """

    pk = models.CompositePrimaryKey("mpxn", "role", "starts_at")
    mpxn = models.TextField()
    role = models.TextField()
    starts_at = models.DateTimeField()
    party_id = models.SmallIntegerField(null=True, db_comment="empty where nobody is responsible")
    known_at = models.DateTimeField(db_comment="when this house learnt of it")
    took_effect_at = models.DateTimeField(null=True, db_comment="empty while it is to come")

    class Meta:
        db_table = "registration"
        db_table_comment = "Registrations of supply points that changed hands, or will"
        constraints = [one_of("registration", "role", UserRole)]
        indexes = [
            models.Index(
                fields=["starts_at"],
                condition=models.Q(took_effect_at__isnull=True),
                name="registration_to_come",
            )
        ]


class LapsedNomination(models.Model):
    """A hub that a Supplier nominated and lost: it is told all the same when the hub activates (Q4)."""

    pk = models.CompositePrimaryKey("campaign_id", "device_id", "party_id", "role")
    campaign_id = models.IntegerField()
    device_id = Eui64Field()
    party_id = models.SmallIntegerField()
    role = models.TextField(db_comment="in which it was responsible")
    lapsed_at = models.DateTimeField()

    class Meta:
        db_table = "lapsed_nomination"
        db_table_comment = "Nominations whose Supplier is responsible no longer"
        constraints = [one_of("lapsed_nomination", "role", UserRole)]


class FormerSupplier(models.Model):
    """Who was responsible for a hub until an instant at which its upgrade was under way.

    What the hub did before that instant is told to this Supplier, however late it is reported (Q4).
    """

    pk = models.CompositePrimaryKey("device_id", "role", "until")
    device_id = Eui64Field()
    role = models.TextField()
    until = models.DateTimeField()
    party_id = models.SmallIntegerField(null=True, db_comment="empty where nobody was responsible")

    class Meta:
        db_table = "former_supplier"
        db_table_comment = "Suppliers that lost hubs whose upgrades were under way"
        constraints = [one_of("former_supplier", "role", UserRole)]
