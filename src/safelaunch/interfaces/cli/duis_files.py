"""Files that the `duis` commands read and write: messages, keys, certificates, folders of trusted certificates."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.refusals import Invalid, NotFound, Unreadable
from safelaunch.wire.duis.xml import MAX_BODY_OCTETS
from safelaunch.wire.smki import CertificateSet, OrganisationCertificate, read_certificate, read_private_key

STANDARD_STREAM = "-"

_LARGEST_PAIR = 64 * 1024
"""Octets; a key or a certificate has about a thousand."""
_CERTIFICATE_ENDINGS = frozenset({".pem", ".crt", ".cer", ".der"})
_PEM_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_PEM = b"-----BEGIN"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Certificates from files, and a sentence for each file that held none of the SMKI's."""

    certificates: CertificateSet
    passed_over: tuple[str, ...]


def read_message(path: Path, /) -> bytes:
    """This function will read a message from a file, or from standard input for `-`.

    Raises:
        NotFound: there is no such file, or it may not be read.
        Invalid: it is a directory or empty, or larger than any message.
    """
    name = "Standard input" if str(path) == STANDARD_STREAM else str(path)
    octets = _read(path, most=MAX_BODY_OCTETS)
    if not octets.strip():
        raise Invalid(f"{name} is empty; a DUIS Request or Response is expected there.")
    if len(octets) > MAX_BODY_OCTETS:
        raise Invalid(f"{name} is larger than {MAX_BODY_OCTETS:,} octets, the most that a message may have.")
    return octets


def write_message(octets: bytes, *, to: Path | None) -> None:
    """This function will write a message to a file, or to standard output where none is named.

    Raises:
        Invalid: the file cannot be written.
    """
    if to is None or str(to) == STANDARD_STREAM:
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
        return
    try:
        to.write_bytes(octets)
    except OSError as error:
        raise Invalid(f"{to} cannot be written: {_why(error)}.") from error


def read_key(path: Path, /) -> ec.EllipticCurvePrivateKey:
    """This function will read a private key on P-256 from PEM or DER.

    Raises:
        NotFound: there is no such file, or it may not be read.
        Unreadable: it is not such a key, or is protected by a password.
    """
    return read_private_key(_read(path, most=_LARGEST_PAIR), name=str(path))


def read_organisation(path: Path, /, *, accepts_decimal_role: bool = False) -> OrganisationCertificate:
    """This function will read one organisation certificate from PEM or DER.

    Raises:
        NotFound: there is no such file, or it may not be read.
        Unreadable: it is not such a certificate.
    """
    octets = _read(path, most=_LARGEST_PAIR)
    try:
        return read_certificate(octets, accepts_decimal_role=accepts_decimal_role)
    except Unreadable as error:
        raise Unreadable(f"{path} cannot be used as a certificate. {error}") from error


def gather_certificates(paths: Iterable[Path], /, *, accepts_decimal_role: bool = False) -> Gathered:
    """This function will read certificates from files and directories; other files of a directory are passed over.

    Raises:
        NotFound: a path does not exist, or holds no certificate at all.
        Unreadable: a file that was named itself is no certificate, or two certificates contradict each other.
    """
    found: list[OrganisationCertificate] = []
    passed_over: list[str] = []
    for path in paths:
        count = len(found)
        if path.is_dir():
            for file in _certificate_files(path):
                try:
                    found += _certificates_of(file, accepts_decimal_role=accepts_decimal_role)
                except (Unreadable, NotFound) as error:
                    passed_over.append(f"{file.name} is passed over. {error}")
        else:
            found += _certificates_of(path, accepts_decimal_role=accepts_decimal_role)
        if len(found) == count:
            raise NotFound(
                f"{path} holds no organisation certificate; files of PEM or DER ending in "
                f"{', '.join(sorted(_CERTIFICATE_ENDINGS))} are looked for."
            )
    return Gathered(CertificateSet.of(found), tuple(passed_over))


def _certificate_files(directory: Path) -> Iterator[Path]:
    try:
        names = sorted(directory.iterdir())
    except OSError as error:
        raise NotFound(f"{directory} cannot be read: {_why(error)}.") from error
    return (path for path in names if path.suffix.lower() in _CERTIFICATE_ENDINGS and path.is_file())


def _certificates_of(path: Path, *, accepts_decimal_role: bool) -> list[OrganisationCertificate]:
    octets = _read(path, most=_LARGEST_PAIR)
    # A bundle holds several; private keys may stand beside them, and are no business of whoever verifies.
    if octets.lstrip().startswith(_PEM) and b"BEGIN CERTIFICATE" not in octets:
        return []
    parts = _PEM_CERTIFICATE.findall(octets) or [octets]
    return [read_certificate(part, accepts_decimal_role=accepts_decimal_role) for part in parts]


def _read(path: Path, *, most: int) -> bytes:
    """Read a file, at most one octet more than is allowed."""
    if str(path) == STANDARD_STREAM:
        return sys.stdin.buffer.read(most + 1)
    try:
        if path.is_dir():
            raise Invalid(f"{path} is a directory; one file is expected.")
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {_why(error)}.") from error


def _why(error: OSError) -> str:
    return (os.strerror(error.errno) if error.errno else str(error)).lower()
