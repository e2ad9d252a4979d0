"""Filing SMKI certificates, one at a time, by the ORM."""

from datetime import datetime

from safelaunch.store.models import SmkiCertificate
from safelaunch.store.transactions import transaction_required
from safelaunch.wire.smki import OrganisationCertificate, issuer_text


@transaction_required
def add(*, certificate: OrganisationCertificate, der: bytes, at: datetime) -> bool:
    """This function will file a certificate unless it is there, and say whether it was new."""
    _, is_new = SmkiCertificate.objects.get_or_create(
        issuer=issuer_text(certificate.issuer),
        serial=str(certificate.serial),
        defaults={
            "role": certificate.role,
            "eui": certificate.eui,
            "valid_from": certificate.valid_from,
            "valid_until": certificate.valid_until,
            "der": der,
            "imported_at": at,
        },
    )
    return is_new


@transaction_required
def revoke(*, issuer: str, serial: int, because: str, at: datetime) -> bool:
    """This function will revoke a certificate that is not revoked yet, and say whether it was."""
    standing = SmkiCertificate.objects.filter(
        issuer=issuer_text(issuer), serial=str(serial), revoked_at__isnull=True
    )
    return standing.update(revoked_at=at, revoked_because=because) == 1
