"""SMKI certificates: vouched for by a person, found by name, revoked for good."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from safelaunch.domain.people import Actor
from safelaunch.services import certificates
from safelaunch.store.models import RecordEntry, SmkiCertificate
from safelaunch.wire.smki import UnreadableCertificate
from tests import pki

pytestmark = pytest.mark.usefixtures("database")
AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
ACTOR = Actor(name="Ada")


def load(*files: bytes, **options: bool) -> certificates.CertificatesImported:
    return certificates.import_certificates(files=files, actor=ACTOR, at=AT, **options)


def find(identity: pki.Identity):
    return certificates.find_certificate(
        issuer=identity.certificate.issuer, serial=identity.certificate.serial
    )


def pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


def another_with_the_same_name() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return pki.certificate_der(key, subject=pki.name(units=("87",), eui=pki.OTHER_SUPPLIER))


def test_a_certificate_is_found_by_issuer_and_serial_number_as_it_was_filed():
    assert load(pki.supplier().der, pki.dsp().der) == certificates.CertificatesImported(new=2, known=0)
    assert find(pki.supplier()) == pki.supplier().certificate
    assert find(pki.dsp()) == pki.dsp().certificate
    assert find(pki.other_supplier()) is None


def test_an_issuer_may_be_written_with_spaces_after_its_commas():
    load(pki.supplier().der)
    serial = pki.supplier().certificate.serial
    assert certificates.find_certificate(issuer="CN=Z1, OU=07", serial=serial) is not None


def test_pem_and_der_are_the_same_certificate():
    load(pki.supplier().der)
    assert load(pem(pki.supplier().der)) == certificates.CertificatesImported(new=0, known=1)
    assert SmkiCertificate.objects.count() == 1


def test_an_import_is_recorded_with_who_vouched():
    load(pki.supplier().der)
    entry = RecordEntry.objects.get(act="IMPORT_CERTIFICATES")
    assert entry.actor == "Ada"
    assert str(pki.SUPPLIER) in entry.detail["certificates"][0]


def test_one_bad_file_keeps_all_the_others_out():
    with pytest.raises(UnreadableCertificate):
        load(pki.supplier().der, b"-----BEGIN NONSENSE-----")
    assert SmkiCertificate.objects.count() == 0


def test_another_certificate_of_the_same_name_is_refused_and_the_first_one_stays():
    load(pki.supplier().der)
    with pytest.raises(certificates.OtherCertificate, match="could not say which"):
        load(pki.other_supplier().der, another_with_the_same_name())
    assert find(pki.supplier()) == pki.supplier().certificate
    assert find(pki.other_supplier()) is None


def test_the_old_decimal_role_is_read_when_whoever_imports_says_so():
    old = pki.certificate_der(
        ec.generate_private_key(ec.SECP256R1()), subject=pki.name(units=("137",), eui=pki.DSP), serial=7
    )
    with pytest.raises(UnreadableCertificate):
        load(old)
    load(old, accepts_decimal_role=True)
    assert certificates.find_certificate(issuer="CN=Z1,OU=07", serial=7).role == 0x89


def test_a_revoked_certificate_says_so_and_when_and_why():
    load(pki.supplier().der)
    certificates.revoke(serial=pki.FIRST_SERIAL, because="Key lost", actor=ACTOR, at=AT)
    with pytest.raises(certificates.RevokedCertificate, match="revoked on 02 November 2026: Key lost"):
        find(pki.supplier())
    assert RecordEntry.objects.get(act="REVOKE_CERTIFICATE").cause == "Key lost"


def test_a_revoked_certificate_is_not_brought_back_by_importing_it_again():
    load(pki.supplier().der)
    certificates.revoke(serial=pki.FIRST_SERIAL, because="Key lost", actor=ACTOR, at=AT)
    assert load(pki.supplier().der).known == 1
    with pytest.raises(certificates.RevokedCertificate):
        find(pki.supplier())


def test_a_certificate_is_revoked_once():
    load(pki.supplier().der)
    certificates.revoke(serial=pki.FIRST_SERIAL, because="Key lost", actor=ACTOR, at=AT)
    with pytest.raises(certificates.AlreadyRevoked):
        certificates.revoke(serial=pki.FIRST_SERIAL, because="Again", actor=ACTOR, at=AT)


def test_what_is_not_filed_cannot_be_revoked():
    with pytest.raises(certificates.NoSuchCertificate, match="No certificate with the serial number 5"):
        certificates.revoke(serial=5, because="Key lost", actor=ACTOR, at=AT)


def test_a_serial_number_of_two_issuers_needs_the_issuer_named():
    other = pki.certificate_der(
        ec.generate_private_key(ec.SECP256R1()),
        subject=pki.name(units=("87",), eui=pki.OTHER_SUPPLIER),
        issuer=pki.name(units=("07",), common="Z2"),
    )
    load(pki.supplier().der, other)
    with pytest.raises(certificates.SeveralCertificates, match="--issuer"):
        certificates.revoke(serial=pki.FIRST_SERIAL, because="Key lost", actor=ACTOR, at=AT)
    revoked = certificates.revoke(
        serial=pki.FIRST_SERIAL, issuer="CN=Z2, OU=07", because="Key lost", actor=ACTOR, at=AT
    )
    assert revoked.eui == pki.OTHER_SUPPLIER
    assert find(pki.supplier()) is not None


def test_the_certificates_of_one_organisation_can_be_listed():
    load(pki.supplier().der, pki.dsp().der)
    assert {one.eui for one in certificates.list_certificates()} == {pki.SUPPLIER, pki.DSP}
    (mine,) = certificates.list_certificates(eui=pki.DSP)
    assert (mine.role, mine.serial) == (0x89, str(pki.FIRST_SERIAL + 2))
