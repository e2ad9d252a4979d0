"""Keys of Devices and of organisations, as far as GBCS needs them (`domain.md` 13.5).

Certificates of Devices are fetched from the SMKI when they are first needed, believed when their issuer is trusted, and
kept. Those of organisations are filed by a person (`services/certificates.py`), in roles 02 and 03 for GBCS.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable
from safelaunch.gateways.smki import DeviceCertificates
from safelaunch.store import transactions
from safelaunch.store.reads import certificates as filed
from safelaunch.store.reads import device_commands as reads
from safelaunch.store.writes import device_commands as writes
from safelaunch.wire import smki, smki_devices
from safelaunch.wire.smki import OrganisationCertificate
from safelaunch.wire.smki_devices import KeyUse

REMOTE_PARTIES = frozenset({0x02, 0x03})
"""The roles of Suppliers and network operators, who are known to Devices."""

_AT_ONCE = 1_000

DeviceKeys = dict[tuple[Eui64, KeyUse], EllipticCurvePublicKey]


@dataclass(frozen=True, slots=True)
class Repository:
    """Where certificates of Devices are found, and the authorities (PEM) whose certificates are believed."""

    certificates: DeviceCertificates
    authorities: tuple[bytes, ...]


def find_keys(*, device_ids: Collection[Eui64], repository: Repository, at: datetime) -> DeviceKeys:
    """This function will give the keys of Devices, fetching what is not kept yet; those of strangers are absent.

    Raises:
        Unreachable: certificates are missing, and the repository does not answer.
        Refused: the repository says no.
    """
    transactions.forbid()
    kept = reads.list_device_certificates(device_ids=device_ids)
    missing = sorted({device_id for device_id in device_ids if not _is_complete(device_id, kept)})
    fresh: dict[tuple[Eui64, KeyUse], bytes] = {}
    for start in range(0, len(missing), _AT_ONCE):
        wanted = missing[start : start + _AT_ONCE]
        for device_id, ders in repository.certificates.find(device_ids=wanted).items():
            fresh |= _believed(device_id, ders, authorities=repository.authorities)
    with transactions.transaction():
        writes.keep_device_certificates(ders=fresh, at=at)
    return {
        name: smki_devices.read_device_certificate(der).public_key for name, der in (kept | fresh).items()
    }


def find_kept_key(*, device_id: Eui64, use: KeyUse) -> EllipticCurvePublicKey | None:
    """This function will give a Device's key from a certificate that is kept here, or nothing (see `find_keys`)."""
    der = reads.list_device_certificates(device_ids={device_id}).get((device_id, use))
    return None if der is None else smki_devices.read_device_certificate(der).public_key


def list_signing_keys(*, eui: Eui64, at: datetime) -> list[EllipticCurvePublicKey]:
    """This function will give the keys with which an organisation signs GBCS messages, the newest first."""
    return [one.public_key for one in _organisation(eui, at=at) if one.may_sign]


def is_known_to_devices(*, eui: Eui64, at: datetime) -> bool:
    """This function will say whether an organisation has a key with which Devices can protect answers for it."""
    return any(not one.may_sign for one in _organisation(eui, at=at))


def _is_complete(device_id: Eui64, kept: dict[tuple[Eui64, KeyUse], bytes]) -> bool:
    return all((device_id, use) in kept for use in KeyUse)


def _believed(
    device_id: Eui64, ders: Collection[bytes], *, authorities: Collection[bytes]
) -> dict[tuple[Eui64, KeyUse], bytes]:
    found = {}
    for der in ders:
        try:
            smki_devices.require_issued_by(der, authorities=authorities)
            certificate = smki_devices.read_device_certificate(der)
        except Unreadable:
            # A certificate that nobody vouches for is none; the Device stays a stranger.
            continue
        if certificate.device_id == device_id:
            found[device_id, certificate.use] = der
    return found


def _organisation(eui: Eui64, *, at: datetime) -> Iterator[OrganisationCertificate]:
    for one in filed.list_all(eui=eui):
        if one.role in REMOTE_PARTIES and one.revoked_at is None and one.valid_from <= at <= one.valid_until:
            yield smki.read_certificate(one.der)
