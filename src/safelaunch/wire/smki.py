"""Organisation certificates of the SMKI: whose key signs XML, and in which role (`domain.md` 13.5).

- The subject's OU is the role, two hexadecimal digits; its x500UniqueIdentifier holds the EUI-64.
- Keys are on P-256. XML is signed in role 87 (Users) or 89 (DSP) by a certificate that may sign.
- A certificate is found by issuer and serial number; what a message says of itself is a hint and no more.
- Whoever puts a certificate into a set vouches for it: chains and revocation are judged before, not here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_der_private_key,
    load_pem_private_key,
)

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreadable

USER_XML_SIGNING = 0x87
DSP_XML_SIGNING = 0x89
XML_SIGNING_ROLES = frozenset({USER_XML_SIGNING, DSP_XML_SIGNING})

_DECIMAL_DSP = "137"
"""The OU of one old DSP certificate of the test PKI: 0x89, written in decimal."""
_UNIQUE_IDENTIFIER = x509.ObjectIdentifier("2.5.4.45")
_ROLE = re.compile(r"[0-9A-Fa-f]{2}")
_SEPARATOR = re.compile(r"(?<!\\)[ \t\r\n]*,[ \t\r\n]*")
_PEM = b"-----BEGIN"
_EUI_OCTETS = 8
_BIT_STRING_TAG = 0x03


class UnreadableCertificate(Unreadable):
    """The octets are not an organisation certificate of the SMKI."""


class OutOfDateCertificate(Unreadable):
    """The certificate is not valid at the time asked for."""


@dataclass(frozen=True, slots=True)
class OrganisationCertificate:
    """What a certificate says of its holder; `valid_until` is the last moment it holds, as X.509 has it."""

    role: int
    eui: Eui64
    serial: int
    issuer: str
    valid_from: datetime
    valid_until: datetime
    may_sign: bool
    public_key: ec.EllipticCurvePublicKey = field(hash=False)

    @property
    def is_for_xml(self) -> bool:
        """This function will say whether the certificate's key may sign XML messages."""
        return self.may_sign and self.role in XML_SIGNING_ROLES

    def require_valid(self, *, at: datetime) -> None:
        """This function will refuse a certificate outside its period of validity.

        Raises:
            OutOfDateCertificate: it is not valid yet, or no longer.
        """
        if not self.valid_from <= at <= self.valid_until:
            raise OutOfDateCertificate(
                f"The certificate {self.serial} of {self.eui} is valid from {self.valid_from:%d %B %Y} to "
                f"{self.valid_until:%d %B %Y}; the message came at {at:%d %B %Y %H:%M}. A renewed one is needed."
            )


class FindCertificate(Protocol):
    """A way to find a certificate that is already trusted."""

    def __call__(self, *, issuer: str, serial: int) -> OrganisationCertificate | None:
        """This function will give the certificate of that name, or nothing when it is not known."""


@dataclass(frozen=True, slots=True)
class CertificateSet:
    """Trusted certificates in memory, by issuer and serial number."""

    by_name: Mapping[tuple[str, int], OrganisationCertificate]

    @classmethod
    def of(cls, certificates: Iterable[OrganisationCertificate]) -> Self:
        """This function will gather certificates; the same one twice is harmless.

        Raises:
            UnreadableCertificate: two different certificates have one issuer and serial number.
        """
        found: dict[tuple[str, int], OrganisationCertificate] = {}
        for certificate in certificates:
            name = (issuer_text(certificate.issuer), certificate.serial)
            if found.setdefault(name, certificate) != certificate:
                raise UnreadableCertificate(
                    f"Two different certificates of {certificate.issuer} have the serial number {certificate.serial}; "
                    "no message could say which of them it means."
                )
        return cls(MappingProxyType(found))

    def find(self, *, issuer: str, serial: int) -> OrganisationCertificate | None:
        """This function will give the certificate of that issuer and serial number, or nothing.

        Args:
            issuer: RFC 2253 text, with or without spaces after its commas.
            serial: the whole number; they exceed 64 bits (`domain.md` 14.3 item 10).
        """
        return self.by_name.get((issuer_text(issuer), serial))

    def of_eui(self, eui: Eui64) -> tuple[OrganisationCertificate, ...]:
        """This function will give an organisation's certificates that sign XML, the newest first."""
        mine = [one for one in self.by_name.values() if one.eui == eui and one.is_for_xml]
        return tuple(sorted(mine, key=lambda one: one.valid_from, reverse=True))


def read_certificate(octets: bytes, *, accepts_decimal_role: bool = False) -> OrganisationCertificate:
    """This function will read an organisation certificate.

    Args:
        octets: PEM or DER.
        accepts_decimal_role: whether an OU of `137` is read as role 89, as one old certificate has it.

    Raises:
        UnreadableCertificate: the octets are no certificate, or not one of an SMKI organisation on P-256.
    """
    try:
        certificate = _load(octets)
        key = certificate.public_key()
        subject = certificate.subject
        usage = _key_usage(certificate)
    except (ValueError, TypeError, x509.UnsupportedGeneralNameType, x509.DuplicateExtension) as error:
        raise UnreadableCertificate(f"The octets are not a certificate: {error}.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnreadableCertificate(
            f"The certificate {certificate.serial_number} has a key that is not on P-256."
        )
    return OrganisationCertificate(
        role=_role(subject, accepts_decimal_role=accepts_decimal_role),
        eui=_eui(subject),
        serial=certificate.serial_number,
        issuer=rfc2253(certificate.issuer),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        may_sign=usage is None or usage.digital_signature,
        public_key=key,
    )


def read_private_key(octets: bytes, *, name: str) -> ec.EllipticCurvePrivateKey:
    """This function will read the private key of a certificate from PEM or DER; `name` says in a refusal where it was.

    Raises:
        Unreadable: it is not a private key on P-256, or is protected by a password.
    """
    load = load_pem_private_key if octets.lstrip().startswith(_PEM) else load_der_private_key
    try:
        key = load(octets, password=None)
    except TypeError as error:
        raise Unreadable(f"The key in {name} is protected by a password; give it without one.") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unreadable(
            f"{name} holds no private key; PEM or DER of the XML-signing key is expected."
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Unreadable(f"The key in {name} is not on the curve P-256, and the SMKI uses no other.")
    return key


def to_der(octets: bytes) -> bytes:
    """This function will give a certificate's DER, from PEM or DER.

    Raises:
        UnreadableCertificate: the octets are not a certificate.
    """
    try:
        return _load(octets).public_bytes(Encoding.DER)
    except ValueError as error:
        raise UnreadableCertificate(f"The octets are not a certificate: {error}.") from error


def rfc2253(name: x509.Name) -> str:
    """This function will write a name as RFC 2253 text, as Java does: last part first, `CN=Z1,OU=07`.

    A unique identifier is written as its DER in hexadecimal, `2.5.4.45=#030900...` (`domain.md` 13.5).
    """
    return ",".join("+".join(_attribute_text(one) for one in part) for part in reversed(name.rdns))


def issuer_text(text: str) -> str:
    """This function will write an issuer's RFC 2253 text without the spaces that may stand around its commas."""
    return _SEPARATOR.sub(",", text.strip(" \t\r\n"))


def _attribute_text(attribute: x509.NameAttribute[str | bytes]) -> str:
    if isinstance(attribute.value, bytes):
        der = bytes([_BIT_STRING_TAG, len(attribute.value)]) + attribute.value
        return f"{attribute.oid.dotted_string}=#{der.hex()}"
    return attribute.rfc4514_string()


def _load(octets: bytes) -> x509.Certificate:
    if octets.lstrip().startswith(_PEM):
        return x509.load_pem_x509_certificate(octets)
    return x509.load_der_x509_certificate(octets)


def _key_usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _role(subject: x509.Name, *, accepts_decimal_role: bool) -> int:
    units = [str(one.value) for one in subject.get_attributes_for_oid(x509.OID_ORGANIZATIONAL_UNIT_NAME)]
    if accepts_decimal_role and units == [_DECIMAL_DSP]:
        return DSP_XML_SIGNING
    if len(units) != 1 or _ROLE.fullmatch(units[0]) is None:
        raise UnreadableCertificate(
            f"The certificate's subject has the organisational units {units}; one role of two hexadecimal digits is "
            "expected, such as 87."
        )
    return int(units[0], 16)


def _eui(subject: x509.Name) -> Eui64:
    values = [one.value for one in subject.get_attributes_for_oid(_UNIQUE_IDENTIFIER)]
    if len(values) == 1 and isinstance(values[0], bytes):
        unused_bits, octets = values[0][:1], values[0][1:]
        if unused_bits == b"\0" and len(octets) == _EUI_OCTETS:
            return Eui64.from_bytes(octets)
    raise UnreadableCertificate(
        "The certificate's subject has no unique identifier of 64 bits, so it belongs to no organisation's EUI-64."
    )
