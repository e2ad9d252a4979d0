"""Device certificates carry the Device ID as a hardware serial number, and one use each."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire import smki_devices
from safelaunch.wire.smki import UnreadableCertificate
from safelaunch.wire.smki_devices import ForeignAuthority, KeyUse
from tests import pki

ESME = Eui64.parse("00-DB-12-34-56-78-90-A0")
SINCE = datetime(2018, 1, 1, tzinfo=UTC)
AUTHORITY = ec.generate_private_key(ec.SECP256R1())
KEY = ec.generate_private_key(ec.SECP256R1())


def issued(device_id: Eui64 = ESME, use: KeyUse = KeyUse.KEY_AGREEMENT, authority=AUTHORITY) -> bytes:
    return smki_devices.issue_device_certificate(
        device_id=device_id,
        use=use,
        key=KEY.public_key(),
        authority=authority,
        serial=77,
        valid_from=SINCE,
    )


@settings(max_examples=15)
@given(st.integers(0, 2**64 - 1).map(Eui64), st.sampled_from(KeyUse))
def test_what_is_issued_reads_back_with_its_device_and_use(device_id, use):
    found = smki_devices.read_device_certificate(issued(device_id, use))
    assert (found.device_id, found.use, found.serial) == (device_id, use, 77)
    assert found.public_key == KEY.public_key()


def test_a_certificate_of_a_trusted_authority_is_believed_and_one_of_another_is_not():
    trusted = smki_devices.issue_authority(key=AUTHORITY, valid_from=SINCE)
    stranger = ec.generate_private_key(ec.SECP256R1())
    other = smki_devices.issue_authority(key=stranger, valid_from=SINCE)
    smki_devices.require_issued_by(issued(), authorities=[other, trusted])
    with pytest.raises(ForeignAuthority, match="77 was not issued by an authority that is trusted"):
        smki_devices.require_issued_by(issued(authority=stranger), authorities=[trusted])
    with pytest.raises(ForeignAuthority):
        smki_devices.require_issued_by(issued(), authorities=[])


def test_an_organisation_s_certificate_is_not_a_device_s():
    der = pki.certificate_der(KEY, subject=pki.name(units=("02",), eui=ESME))
    with pytest.raises(UnreadableCertificate, match="not a certificate of a Device"):
        smki_devices.read_device_certificate(der)


@pytest.mark.parametrize("octets", [b"", b"\x30\x03", b"no certificate"])
def test_octets_that_are_no_certificate_are_refused(octets):
    with pytest.raises(UnreadableCertificate):
        smki_devices.read_device_certificate(octets)
    with pytest.raises(UnreadableCertificate):
        smki_devices.require_issued_by(octets, authorities=[])


@pytest.mark.parametrize(
    "value",
    [
        bytes.fromhex("3004 0602 2A03"),
        bytes.fromhex("300D 0602 2A03 0407 01020304050607"),
        bytes.fromhex("300E 0602 2A03 0508 0102030405060708"),
        bytes.fromhex("310E 0602 2A03 0408 0102030405060708"),
        bytes.fromhex("300F 0602 2A03 0408 010203040506070809"),
        b"\x30\x00",
    ],
    ids=["no serial", "seven octets", "another type", "no sequence", "left over", "empty"],
)
def test_a_hardware_name_without_an_eui_is_refused(value):
    names = [x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.4"), value)]
    with pytest.raises(UnreadableCertificate, match="serial number of 64 bits"):
        smki_devices.read_device_certificate(by_hand(names, "key_agreement"))


def test_a_certificate_without_a_hardware_name_or_with_no_single_use_is_refused():
    with pytest.raises(UnreadableCertificate, match="no hardware module name"):
        smki_devices.read_device_certificate(by_hand([x509.DNSName("meter")], "key_agreement"))
    with pytest.raises(UnreadableCertificate, match="exactly one use"):
        smki_devices.read_device_certificate(by_hand([x509.DNSName("meter")], "key_cert_sign"))


def by_hand(names: list[x509.GeneralName], purpose: str) -> bytes:
    usage = x509.KeyUsage(**smki_devices.key_usage_of(purpose))
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(pki.ISSUER)
        .public_key(KEY.public_key())
        .serial_number(5)
        .not_valid_before(SINCE)
        .not_valid_after(pki.LATER)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .sign(AUTHORITY, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
