"""Organisation certificates of the SMKI that signatures may name (`domain.md` 13.5)."""

from django.db import models

from safelaunch.store.fields import Eui64Field


class SmkiCertificate(models.Model):
    """A certificate that somebody here vouched for; revoked ones stay, so that old messages can still be judged."""

    pk = models.CompositePrimaryKey("issuer", "serial")
    issuer = models.TextField(db_comment="RFC 2253, without spaces after commas")
    serial = models.TextField(db_comment="decimal; up to 160 bits")
    role = models.SmallIntegerField(db_comment="the OU, such as 135 for 87")
    eui = Eui64Field()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    der = models.BinaryField()
    imported_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.TextField(null=True)

    class Meta:
        db_table = "smki_certificate"
        db_table_comment = "SMKI organisation certificates"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_because__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_because__isnull=False),
                name="smki_certificate_revoked_because",
            )
        ]
        indexes = [models.Index(fields=["eui"], name="smki_certificate_by_eui")]
