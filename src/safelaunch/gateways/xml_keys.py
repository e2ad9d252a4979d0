"""The key with which the DSP signs responses and alerts, and what a demonstration needs beside it.

dsp-xml.pem      the DSP's private key, readable by its owner only
dsp-xml.crt.pem  its certificate, role 89, given to Users
user-EUI.pem     the private key of a demonstration's User, with user-EUI.crt.pem, role 87
authority.pem    the private key of the demonstration's issuing authority; a real installation has none

A real installation puts the pair that the SMKI issued in place before it starts; without one, a pair for
demonstrations is made on first use.
"""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.gateways.keys import appear
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.smki import DSP_XML_SIGNING, USER_XML_SIGNING, read_certificate, read_private_key
from safelaunch.wire.smki_issuing import Holder, issue

DSP = "dsp-xml"
"""The file name, without endings, of the DSP's pair."""

_AUTHORITY = "authority.pem"
_LONG_AGO = datetime(2018, 1, 1, tzinfo=UTC)
"""Test certificates of the field begin in 2018, and a stepped clock may show any day since (`domain.md` 13.5)."""


def load_or_create_dsp(directory: Path, *, eui: Eui64) -> Signer:
    """This function will read the DSP's pair, or make one for demonstrations when there is none.

    Raises:
        Unreadable: a file is not a P-256 key or not a certificate.
        NotFound: there is a key without its certificate, or the other way about.
        KeyDoesNotMatch: the two do not belong together.
    """
    return load_or_create_pair(directory, name=DSP, holder=Holder(eui, DSP_XML_SIGNING, "Safelaunch DSP"))


def load_or_create_user(directory: Path, *, eui: Eui64) -> Signer:
    """This function will read a User's pair made for demonstrations, or make it (see `load_or_create_dsp`)."""
    return load_or_create_pair(
        directory, name=_name_of(eui), holder=Holder(eui, USER_XML_SIGNING, "Demonstration")
    )


def paths_of_user(directory: Path, *, eui: Eui64) -> tuple[Path, Path]:
    """This function will give where a User's key and certificate made for demonstrations are."""
    return directory / f"{_name_of(eui)}.pem", directory / f"{_name_of(eui)}.crt.pem"


def _name_of(eui: Eui64) -> str:
    return f"user-{eui}".lower()


def load_signer(*, key: Path, certificate: Path) -> Signer:
    """This function will read a private key and its certificate.

    Raises:
        NotFound: a file is missing.
        Unreadable: a file is not a P-256 key, or not an organisation's certificate.
        KeyDoesNotMatch: the two do not belong together.
    """
    missing = next((path for path in (key, certificate) if not path.exists()), None)
    if missing is not None:
        raise NotFound(
            f"There is no {missing.name} in {missing.parent}; a key and its certificate are used together."
        )
    return Signer(_read_key(key), read_certificate(certificate.read_bytes(), accepts_decimal_role=True))


def load_or_create_pair(directory: Path, *, name: str, holder: Holder) -> Signer:
    """This function will read the pair of a file name, or make one for demonstrations (see `load_or_create_dsp`)."""
    key_path, certificate_path = directory / f"{name}.pem", directory / f"{name}.crt.pem"
    if not key_path.exists() and not certificate_path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        _make_key(key_path)
    if key_path.exists() and not certificate_path.exists() and (directory / _AUTHORITY).exists():
        _make_certificate(certificate_path, key=_read_key(key_path), holder=holder)
    return load_signer(key=key_path, certificate=certificate_path)


def _make_key(path: Path) -> None:
    # The authority stands first: a key beside it is known to be of our own making, and may have a certificate made.
    authority = path.with_name(_AUTHORITY)
    for wanted in (authority, path):
        if not wanted.exists():
            appear(wanted, _octets_of(ec.generate_private_key(ec.SECP256R1())), mode=0o600)


def _make_certificate(path: Path, *, key: ec.EllipticCurvePrivateKey, holder: Holder) -> None:
    der = issue(
        holder=holder,
        key=key.public_key(),
        authority=_read_key(path.with_name(_AUTHORITY)),
        valid_from=_LONG_AGO,
    )
    pem = x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM)
    appear(path, pem, mode=0o644)


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    return read_private_key(path.read_bytes(), name=path.name)


def _octets_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
