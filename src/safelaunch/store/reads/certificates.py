"""SMKI certificates as values."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.store.models import SmkiCertificate
from safelaunch.wire.smki import issuer_text


@dataclass(frozen=True, slots=True)
class FiledCertificate:
    """A certificate as it was filed; `serial` is decimal text, because it is longer than any column of numbers."""

    issuer: str
    serial: str
    role: int
    eui: Eui64
    valid_from: datetime
    valid_until: datetime
    der: bytes
    imported_at: datetime
    revoked_at: datetime | None
    revoked_because: str | None


def find(*, issuer: str, serial: int) -> FiledCertificate | None:
    """This function will give the certificate of that name, revoked or not, or nothing."""
    found = SmkiCertificate.objects.filter(issuer=issuer_text(issuer), serial=str(serial)).first()
    return None if found is None else _facts(found)


def list_all(*, eui: Eui64 | None = None) -> list[FiledCertificate]:
    """This function will list certificates, or those of one organisation, the newest first."""
    chosen = SmkiCertificate.objects.all() if eui is None else SmkiCertificate.objects.filter(eui=eui)
    return [_facts(one) for one in chosen.order_by("eui", "-valid_from", "serial")]


def list_by_serial(*, serial: int) -> list[FiledCertificate]:
    """This function will list the certificates that have a serial number, whoever issued them."""
    return [_facts(one) for one in SmkiCertificate.objects.filter(serial=str(serial)).order_by("issuer")]


def _facts(row: SmkiCertificate) -> FiledCertificate:
    return FiledCertificate(
        issuer=row.issuer,
        serial=row.serial,
        role=row.role,
        eui=row.eui,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        der=bytes(row.der),
        imported_at=row.imported_at,
        revoked_at=row.revoked_at,
        revoked_because=row.revoked_because,
    )
