"""Device certificates of the SMKI: whose key makes a Device's MACs and signatures (`domain.md` 13.5).

- The Device ID stands in the SubjectAltName: an otherName id-on-hardwareModuleName, whose hwSerialNum it is.
- Keys are on P-256; a certificate is for key agreement or for signing, never for both.
- A Device has one certificate of each kind in force. Who issued them is checked against authorities that are trusted.

What is issued here is for demonstrations and tests: it has the form of the field's and vouches for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.smki import UnreadableCertificate
from safelaunch.wire.smki_issuing import VALID_FOR, key_usage_of

_HARDWARE_MODULE_NAME = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4")
_ISSUER = x509.Name(
    [
        x509.NameAttribute(x509.OID_ORGANIZATIONAL_UNIT_NAME, "07"),
        x509.NameAttribute(x509.OID_COMMON_NAME, "Z3"),
    ]
)
_HARDWARE_TYPE = bytes.fromhex("0609 2A863A0001848FB90F")
"""1.2.826.0.1.8641679, the arc of the SMKI's policies: the serial number alone says which Device it is."""
_SEQUENCE, _OBJECT_IDENTIFIER, _OCTET_STRING = 0x30, 0x06, 0x04
_EUI_OCTETS = 8


class ForeignAuthority(UnreadableCertificate):
    """The certificate was not issued by an authority that is trusted here."""


class KeyUse(StrEnum):
    """What a Device's key is for: making MACs, or signing."""

    KEY_AGREEMENT = "KEY_AGREEMENT"
    DIGITAL_SIGNATURE = "DIGITAL_SIGNATURE"


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """What a certificate says of a Device."""

    device_id: Eui64
    use: KeyUse
    serial: int
    public_key: ec.EllipticCurvePublicKey = field(hash=False)


@lru_cache(maxsize=16_384)
def read_device_certificate(der: bytes) -> DeviceCertificate:
    """This function will read a Device certificate; who issued it is not judged (see `require_issued_by`).

    Raises:
        UnreadableCertificate: the octets are no certificate, or not one of a Device with a key on P-256.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (ValueError, TypeError, x509.ExtensionNotFound, x509.DuplicateExtension) as error:
        raise UnreadableCertificate(f"The octets are not a certificate of a Device: {error}.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnreadableCertificate(
            f"The certificate {certificate.serial_number} has a key that is not on P-256."
        )
    if usage.digital_signature == usage.key_agreement:
        raise UnreadableCertificate(
            f"The certificate {certificate.serial_number} is for signing and for key agreement, or for neither; "
            "a Device's key has exactly one use."
        )
    use = KeyUse.DIGITAL_SIGNATURE if usage.digital_signature else KeyUse.KEY_AGREEMENT
    return DeviceCertificate(_device_id(names), use, certificate.serial_number, key)


def require_issued_by(der: bytes, *, authorities: Iterable[bytes]) -> None:
    """This function will make sure that an authority that is trusted issued a certificate.

    Args:
        der: the certificate.
        authorities: certificates of the authorities, in PEM.

    Raises:
        ForeignAuthority: none of them did.
        UnreadableCertificate: the octets are no certificate.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        trusted = [_authority(pem) for pem in authorities]
    except ValueError as error:
        raise UnreadableCertificate(f"The octets are not a certificate: {error}.") from error
    for authority in trusted:
        try:
            certificate.verify_directly_issued_by(authority)
        except (InvalidSignature, ValueError, TypeError):
            continue
        return
    raise ForeignAuthority(
        f"The Device certificate {certificate.serial_number} was not issued by an authority that is trusted here; "
        "put that authority's certificate beside the keys if it is to be."
    )


@lru_cache(maxsize=64)
def _authority(pem: bytes) -> x509.Certificate:
    # There are a few, and they are asked about each Device.
    return x509.load_pem_x509_certificate(pem)


def issue_authority(*, key: ec.EllipticCurvePrivateKey, valid_from: datetime) -> bytes:
    """This function will issue the certificate of an authority for Devices by itself, as PEM."""
    usage = x509.KeyUsage(**key_usage_of("key_cert_sign"))
    builder = _begin(subject=_ISSUER, key=key.public_key(), serial=1, valid_from=valid_from)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def issue_device_certificate(
    *,
    device_id: Eui64,
    use: KeyUse,
    key: ec.EllipticCurvePublicKey,
    authority: ec.EllipticCurvePrivateKey,
    serial: int,
    valid_from: datetime,
) -> bytes:
    """This function will issue a Device's certificate, as DER."""
    serial_number = bytes([_OCTET_STRING, _EUI_OCTETS]) + device_id.to_bytes()
    content = _HARDWARE_TYPE + serial_number
    name = x509.OtherName(_HARDWARE_MODULE_NAME, bytes([_SEQUENCE, len(content)]) + content)
    purpose = "digital_signature" if use is KeyUse.DIGITAL_SIGNATURE else "key_agreement"
    builder = _begin(subject=x509.Name([]), key=key, serial=serial, valid_from=valid_from)
    builder = builder.add_extension(x509.KeyUsage(**key_usage_of(purpose)), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=True)
    return builder.sign(authority, hashes.SHA256()).public_bytes(Encoding.DER)


def _begin(
    *, subject: x509.Name, key: ec.EllipticCurvePublicKey, serial: int, valid_from: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_ISSUER)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(valid_from)
        .not_valid_after(valid_from + VALID_FOR)
    )


def _device_id(names: x509.SubjectAlternativeName) -> Eui64:
    found = [
        name.value
        for name in names
        if isinstance(name, x509.OtherName) and name.type_id == _HARDWARE_MODULE_NAME
    ]
    if len(found) != 1:
        raise UnreadableCertificate("The certificate has no hardware module name, so it is not of a Device.")
    octets = found[0]
    # SEQUENCE { OBJECT IDENTIFIER hwType, OCTET STRING hwSerialNum }, every length in its short form.
    if octets[:1] == bytes([_SEQUENCE]) and octets[1:2] == bytes([len(octets) - 2]):
        serial_number = octets[4 + octets[3] :] if octets[2:3] == bytes([_OBJECT_IDENTIFIER]) else b""
        if serial_number[:2] == bytes([_OCTET_STRING, _EUI_OCTETS]) and len(serial_number) == 2 + _EUI_OCTETS:
            return Eui64.from_bytes(serial_number[2:])
    raise UnreadableCertificate(
        "The certificate's hardware module name has no serial number of 64 bits, so it is not of a Device."
    )
