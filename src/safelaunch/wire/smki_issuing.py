"""Organisation certificates of our own making, for demonstrations and tests; never for a real installation.

They have the form of `domain.md` 13.5: OU is the role, the unique identifier holds the EUI-64, P-256, key usage
digitalSignature, or keyAgreement where the key makes MACs. Their issuer, `CN=Z1,OU=07`, is that of the test PKI, and vouches for nothing outside a sandbox.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type

from safelaunch.domain.identifiers import Eui64

VALID_FOR = timedelta(days=36_525)
"""A hundred years, as the field's test certificates have (`domain.md` 13.5)."""

_UNIQUE_IDENTIFIER = x509.ObjectIdentifier("2.5.4.45")
_ISSUER = x509.Name(
    [
        x509.NameAttribute(x509.OID_ORGANIZATIONAL_UNIT_NAME, "07"),
        x509.NameAttribute(x509.OID_COMMON_NAME, "Z1"),
    ]
)
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a certificate is for: an organisation's EUI-64 in a role, such as 0x87, and what its key does."""

    eui: Eui64
    role: int
    common_name: str
    agrees_keys: bool = False


def issue(
    *,
    holder: Holder,
    key: ec.EllipticCurvePublicKey,
    authority: ec.EllipticCurvePrivateKey,
    valid_from: datetime,
) -> bytes:
    """This function will issue a certificate that may sign, or agree keys, as DER, with a serial number of its own."""
    subject = x509.Name(
        [
            x509.NameAttribute(x509.OID_ORGANIZATIONAL_UNIT_NAME, f"{holder.role:02X}"),
            x509.NameAttribute(x509.OID_COMMON_NAME, holder.common_name),
            x509.NameAttribute(_UNIQUE_IDENTIFIER, b"\0" + holder.eui.to_bytes(), _type=_ASN1Type.BitString),
        ]
    )
    usage = x509.KeyUsage(**key_usage_of("key_agreement" if holder.agrees_keys else "digital_signature"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_ISSUER)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_from + VALID_FOR)
        .add_extension(usage, critical=True)
        .sign(authority, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.DER)


def key_usage_of(purpose: str) -> dict[str, bool]:
    """This function will give the flags of a key usage with one purpose, such as `digital_signature`."""
    return {name: name == purpose for name in _USAGES}
