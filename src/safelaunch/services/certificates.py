"""The certificates this house trusts: imported by a person who vouches for them, revoked for good (`domain.md` 13.5).

A certificate that expired or was revoked is still found, so that whoever signs with it is told what is wrong; only one
that is unknown is answered as unknown. Messages that were accepted before a revocation stay accepted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Conflict, Invalid, NotFound
from safelaunch.store import transactions
from safelaunch.store.reads import certificates as reads
from safelaunch.store.reads.certificates import FiledCertificate
from safelaunch.store.writes import certificates as writes
from safelaunch.store.writes import record
from safelaunch.wire import smki
from safelaunch.wire.smki import OrganisationCertificate


class OtherCertificate(Conflict):
    """Another certificate has this issuer and serial number."""


class NoSuchCertificate(NotFound):
    """No certificate of that name has been filed."""


class SeveralCertificates(Invalid):
    """More than one certificate is meant."""


class AlreadyRevoked(Conflict):
    """The certificate was revoked before."""


class RevokedCertificate(smki.OutOfDateCertificate):
    """The message is signed by a certificate that was revoked."""


@dataclass(frozen=True, slots=True)
class CertificatesImported:
    """How many of the certificates handed in are new, and how many were known."""

    new: int
    known: int


def import_certificates(
    *, files: Sequence[bytes], actor: Actor, at: datetime, accepts_decimal_role: bool = False
) -> CertificatesImported:
    """This function will file certificates, all of them or none; whoever hands them in vouches for them.

    Args:
        files: PEM or DER, one certificate each.
        actor: who vouches, for the record.
        at: when.
        accepts_decimal_role: whether an OU of `137` is read as role 89 (`domain.md` 13.5).

    Raises:
        UnreadableCertificate: one of them is not an organisation's certificate.
        OtherCertificate: another certificate of that name is filed already.
    """
    given = [
        (smki.read_certificate(octets, accepts_decimal_role=accepts_decimal_role), smki.to_der(octets))
        for octets in files
    ]
    with transactions.transaction():
        new = sum(_file(certificate, der=der, at=at) for certificate, der in given)
        record.append(
            act="IMPORT_CERTIFICATES",
            actor=actor.name,
            at=at,
            cause="Vouched for",
            detail={"certificates": [_words(certificate) for certificate, _ in given], "new": new},
        )
    return CertificatesImported(new=new, known=len(given) - new)


def _file(certificate: OrganisationCertificate, *, der: bytes, at: datetime) -> bool:
    is_new = writes.add(certificate=certificate, der=der, at=at)
    filed = reads.find(issuer=certificate.issuer, serial=certificate.serial)
    if filed is not None and filed.der != der:
        raise OtherCertificate(
            f"Another certificate of {certificate.issuer} with the serial number {certificate.serial} is filed "
            "already, so a message could not say which of them it means. Ask the issuer which one is right."
        )
    return is_new


def list_certificates(*, eui: Eui64 | None = None) -> list[FiledCertificate]:
    """This function will list the certificates filed here, or those of one organisation."""
    return reads.list_all(eui=eui)


def revoke(
    *, serial: int, because: str, actor: Actor, at: datetime, issuer: str | None = None
) -> FiledCertificate:
    """This function will revoke a certificate for good: nothing it signs is accepted from now on.

    Raises:
        NoSuchCertificate, SeveralCertificates: the serial number fits none, or several and no issuer was named.
        AlreadyRevoked: it was revoked before.
    """
    named = [
        one
        for one in reads.list_by_serial(serial=serial)
        if issuer is None or one.issuer == smki.issuer_text(issuer)
    ]
    if not named:
        raise NoSuchCertificate(
            f"No certificate with the serial number {serial} is filed; safelaunch certificate list shows them."
        )
    if len(named) > 1:
        raise SeveralCertificates(
            f"{len(named)} certificates have the serial number {serial}; name the issuer too (--issuer)."
        )
    (meant,) = named
    with transactions.transaction():
        if not writes.revoke(issuer=meant.issuer, serial=serial, because=because, at=at):
            raise AlreadyRevoked(f"The certificate {serial} of {meant.eui} was revoked before.")
        record.append(
            act="REVOKE_CERTIFICATE",
            actor=actor.name,
            at=at,
            cause=because,
            detail={"certificate": f"{meant.issuer} {meant.serial}", "eui": str(meant.eui)},
        )
    return meant


def find_certificate(*, issuer: str, serial: int) -> OrganisationCertificate | None:
    """This function will give a trusted certificate by its name, or nothing when none is filed.

    Raises:
        RevokedCertificate: it was revoked.
    """
    filed = reads.find(issuer=issuer, serial=serial)
    if filed is None:
        return None
    if filed.revoked_at is not None:
        raise RevokedCertificate(
            f"The certificate {serial} of {filed.eui} was revoked on {filed.revoked_at:%d %B %Y}: "
            f"{filed.revoked_because}. Sign with a certificate that is in force."
        )
    return smki.read_certificate(filed.der, accepts_decimal_role=True)


def _words(certificate: OrganisationCertificate) -> str:
    return f"{certificate.issuer} {certificate.serial} ({certificate.eui}, role {certificate.role:02X})"
