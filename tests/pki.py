"""A test PKI made anew for each run: no key is ever written down."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.duis.signing import Signer
from safelaunch.wire.smki import CertificateSet, OrganisationCertificate, read_certificate

SUPPLIER = Eui64.parse("90-B3-D5-1F-30-01-00-00")
OTHER_SUPPLIER = Eui64.parse("90-B3-D5-1F-30-02-00-00")
DSP = Eui64.parse("90-B3-D5-1F-30-00-00-02")
ISSUED = datetime(2026, 1, 1, tzinfo=UTC)
DURING = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
LATER = datetime(2037, 1, 1, tzinfo=UTC)
FIRST_SERIAL = 0x14BE4AD2EA1D0E4EC7F7156BD24624A7
"""A serial number of 125 bits, as the field's are."""

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Identity:
    """A key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: OrganisationCertificate
    der: bytes

    @property
    def signer(self) -> Signer:
        return Signer(self.key, self.certificate)


@cache
def authority_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(*, units: tuple[str, ...] = (), eui: Eui64 | None = None, common: str | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(x509.OID_ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    if common is not None:
        attributes.append(x509.NameAttribute(x509.OID_COMMON_NAME, common))
    if eui is not None:
        oid = x509.ObjectIdentifier("2.5.4.45")
        attributes.append(x509.NameAttribute(oid, b"\0" + eui.to_bytes(), _type=_ASN1Type.BitString))
    return x509.Name(attributes)


ISSUER = name(units=("07",), common="Z1")


def certificate_der(
    key: Key,
    *,
    subject: x509.Name,
    serial: int = FIRST_SERIAL,
    issuer: x509.Name = ISSUER,
    signs: bool | None = True,
    encoding: Encoding = Encoding.DER,
) -> bytes:
    """The octets of a certificate; `signs` None leaves the key usage out."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(ISSUED)
        .not_valid_after(ISSUED + timedelta(days=3650))
    )
    if signs is not None:
        usage = dict.fromkeys(
            (
                "digital_signature",
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "key_cert_sign",
                "crl_sign",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        usage["digital_signature" if signs else "key_agreement"] = True
        builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
    return builder.sign(authority_key(), hashes.SHA256()).public_bytes(encoding)


@cache
def identity(eui: Eui64 = SUPPLIER, *, unit: str = "87", serial: int = FIRST_SERIAL) -> Identity:
    """An organisation's key and certificate, the same for the same words within a run."""
    key = ec.generate_private_key(ec.SECP256R1())
    der = certificate_der(key, subject=name(units=(unit,), eui=eui, common="U1"), serial=serial)
    return Identity(key, read_certificate(der), der)


@cache
def supplier() -> Identity:
    return identity()


@cache
def other_supplier() -> Identity:
    return identity(OTHER_SUPPLIER, serial=FIRST_SERIAL + 1)


@cache
def dsp() -> Identity:
    return identity(DSP, unit="89", serial=FIRST_SERIAL + 2)


@cache
def trusted() -> CertificateSet:
    """The certificates of everybody who signs XML here."""
    return CertificateSet.of(one.certificate for one in (supplier(), other_supplier(), dsp()))
