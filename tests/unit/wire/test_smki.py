"""Organisation certificates: role, EUI-64 and issuer as the field writes them, and what is not one."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.smki import (
    CertificateSet,
    OutOfDateCertificate,
    UnreadableCertificate,
    issuer_text,
    read_certificate,
    rfc2253,
)
from tests import pki

SUBJECT = pki.name(units=("87",), eui=pki.SUPPLIER, common="U1")


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_a_certificate_says_who_holds_it_in_which_role(key, encoding):
    found = read_certificate(pki.certificate_der(key, subject=SUBJECT, encoding=encoding))
    assert (found.role, found.eui, found.serial) == (0x87, pki.SUPPLIER, pki.FIRST_SERIAL)
    assert found.issuer == "CN=Z1,OU=07"
    assert found.valid_from == pki.ISSUED
    assert found.public_key == key.public_key()
    assert found.is_for_xml


def test_a_top_bit_in_an_identifier_is_no_sign():
    assert pki.supplier().certificate.eui == Eui64(0x90B3D51F30010000)


def test_an_issuer_with_an_identifier_is_written_as_the_field_writes_it(key):
    issuer = pki.name(units=("07",), eui=pki.DSP)
    found = read_certificate(pki.certificate_der(key, subject=SUBJECT, issuer=issuer))
    assert found.issuer == "2.5.4.45=#03090090b3d51f30000002,OU=07"


def test_a_part_with_two_attributes_is_joined_by_a_plus():
    part = x509.RelativeDistinguishedName([*pki.name(units=("07",)), *pki.name(common="Z1")])
    assert rfc2253(x509.Name([part])) in {"OU=07+CN=Z1", "CN=Z1+OU=07"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("CN=U1, OU=07", "CN=U1,OU=07"),
        (" CN=U1 ,\n OU=07 ", "CN=U1,OU=07"),
        (r"CN=Smith\, Jones,OU=07", r"CN=Smith\, Jones,OU=07"),
    ],
)
def test_spaces_around_commas_do_not_make_another_issuer(written, meant):
    assert issuer_text(written) == meant


def test_an_issuer_with_a_comma_in_its_name_is_found(key):
    issuer = pki.name(units=("07",), common="Smith, Jones")
    found = read_certificate(pki.certificate_der(key, subject=SUBJECT, issuer=issuer))
    known = CertificateSet.of([found])
    assert known.find(issuer=r"CN=Smith\, Jones, OU=07", serial=found.serial) is found
    assert known.find(issuer=r"CN=Smith\,Jones, OU=07", serial=found.serial) is None


def test_the_old_decimal_role_is_read_only_when_asked(key):
    der = pki.certificate_der(key, subject=pki.name(units=("137",), eui=pki.DSP))
    with pytest.raises(UnreadableCertificate, match="two hexadecimal digits"):
        read_certificate(der)
    assert read_certificate(der, accepts_decimal_role=True).role == 0x89


@pytest.mark.parametrize("unit", ["02", "8A", "07"])
def test_other_roles_do_not_sign_xml(key, unit):
    found = read_certificate(pki.certificate_der(key, subject=pki.name(units=(unit,), eui=pki.SUPPLIER)))
    assert found.role == int(unit, 16)
    assert not found.is_for_xml


@pytest.mark.parametrize(("signs", "expected"), [(True, True), (False, False), (None, True)])
def test_a_key_for_agreement_does_not_sign_xml(key, signs, expected):
    assert read_certificate(pki.certificate_der(key, subject=SUBJECT, signs=signs)).is_for_xml is expected


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (pki.name(eui=pki.SUPPLIER), "organisational units"),
        (pki.name(units=("87", "02"), eui=pki.SUPPLIER), "organisational units"),
        (pki.name(units=("Sales",), eui=pki.SUPPLIER), "organisational units"),
        (pki.name(units=("87",)), "no unique identifier"),
    ],
)
def test_a_subject_without_one_role_and_one_identifier_is_refused(key, subject, reason):
    with pytest.raises(UnreadableCertificate, match=reason):
        read_certificate(pki.certificate_der(key, subject=subject))


@pytest.mark.parametrize(
    "other",
    [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)],
    ids=["P-384", "RSA"],
)
def test_a_key_of_another_kind_is_refused(other):
    with pytest.raises(UnreadableCertificate, match="not on P-256"):
        read_certificate(pki.certificate_der(other, subject=SUBJECT))


@pytest.mark.parametrize(
    "octets", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"\x30\x03\x02\x01\x01"]
)
def test_what_is_no_certificate_is_refused(octets):
    with pytest.raises(UnreadableCertificate, match="not a certificate"):
        read_certificate(octets)


def test_a_certificate_holds_to_its_last_moment():
    certificate = pki.supplier().certificate
    certificate.require_valid(at=certificate.valid_from)
    certificate.require_valid(at=certificate.valid_until)
    for at in (certificate.valid_from - timedelta(seconds=1), certificate.valid_until + timedelta(seconds=1)):
        with pytest.raises(OutOfDateCertificate, match="renewed"):
            certificate.require_valid(at=at)


def test_a_set_finds_by_issuer_and_serial_number_together():
    certificate = pki.supplier().certificate
    known = pki.trusted()
    assert known.find(issuer="CN=Z1, OU=07", serial=certificate.serial) == certificate
    assert known.find(issuer="CN=Z2,OU=07", serial=certificate.serial) is None
    assert known.find(issuer="CN=Z1,OU=07", serial=certificate.serial + 9) is None
    assert known.of_eui(pki.SUPPLIER) == (certificate,)


def test_a_set_does_not_change_once_made():
    with pytest.raises(TypeError):
        pki.trusted().by_name["CN=Z1", 1] = pki.dsp().certificate


def test_two_certificates_of_one_name_are_refused_and_one_twice_is_not():
    ours = pki.supplier().certificate
    assert CertificateSet.of([ours, ours]).by_name == {("CN=Z1,OU=07", ours.serial): ours}
    with pytest.raises(UnreadableCertificate, match="Two different certificates"):
        CertificateSet.of([ours, pki.identity(pki.OTHER_SUPPLIER).certificate])
