"""The DSP's XML-signing pair: made once for demonstrations, readable by its owner, never half a pair."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.refusals import NotFound, Unreadable
from safelaunch.gateways import xml_keys
from safelaunch.wire.duis.opening import Trust, open_request, open_response
from safelaunch.wire.duis.signing import KeyDoesNotMatch
from safelaunch.wire.smki import CertificateSet
from tests import pki
from tests.unit.wire.duis.messages import REQUEST, RESPONSE


def trust(*signers):
    return Trust(CertificateSet.of(one.certificate for one in signers).find)


def test_the_pair_is_made_once_and_signs_responses_in_the_dsps_role(tmp_path):
    first, second = (xml_keys.load_or_create_dsp(tmp_path / "new", eui=pki.DSP) for _ in range(2))
    assert first.certificate == second.certificate
    assert (first.eui, first.certificate.role) == (pki.DSP, 0x89)
    opened = open_response(first.sign(RESPONSE), trust=trust(second), at=pki.DURING)
    assert opened.certificate == first.certificate


def test_a_users_pair_signs_requests_in_the_users_role(tmp_path):
    user = xml_keys.load_or_create_user(tmp_path, eui=pki.SUPPLIER)
    opened = open_request(user.sign(REQUEST), trust=trust(user), at=pki.DURING)
    assert opened.certificate.role == 0x87


def test_a_dsp_and_users_have_keys_of_their_own(tmp_path):
    signers = [
        xml_keys.load_or_create_dsp(tmp_path, eui=pki.DSP),
        xml_keys.load_or_create_user(tmp_path, eui=pki.SUPPLIER),
        xml_keys.load_or_create_user(tmp_path, eui=pki.OTHER_SUPPLIER),
    ]
    assert len({one.certificate.serial for one in signers}) == 3
    assert len({one.key.private_numbers().private_value for one in signers}) == 3


def test_private_keys_are_readable_by_their_owner_only(tmp_path):
    xml_keys.load_or_create_dsp(tmp_path, eui=pki.DSP)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"authority.pem": 0o600, "dsp-xml.pem": 0o600, "dsp-xml.crt.pem": 0o644}


def test_all_who_ask_at_once_receive_the_same_pair(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: xml_keys.load_or_create_dsp(tmp_path, eui=pki.DSP), range(8)))
    assert len({one.certificate.serial for one in made}) == 1


def test_a_real_pair_is_used_as_it_was_put_there_and_no_authority_is_made(tmp_path):
    write_pair(tmp_path, pki.dsp())
    assert xml_keys.load_or_create_dsp(tmp_path, eui=pki.DSP).certificate == pki.dsp().certificate
    assert not (tmp_path / "authority.pem").exists()


def test_half_a_real_pair_is_not_completed_by_an_invented_half(tmp_path):
    write_pair(tmp_path, pki.dsp())
    (tmp_path / "dsp-xml.crt.pem").unlink()
    with pytest.raises(NotFound, match="used together"):
        xml_keys.load_or_create_dsp(tmp_path, eui=pki.DSP)


def test_a_key_and_the_certificate_of_another_are_refused(tmp_path):
    write_pair(tmp_path, pki.dsp())
    (tmp_path / "dsp-xml.crt.pem").write_bytes(pki.other_supplier().der)
    with pytest.raises(KeyDoesNotMatch):
        xml_keys.load_or_create_dsp(tmp_path, eui=pki.DSP)


@pytest.mark.parametrize("octets", [b"", b"nonsense"])
def test_a_file_that_is_no_key_is_named(tmp_path, octets):
    write_pair(tmp_path, pki.dsp())
    (tmp_path / "dsp-xml.pem").write_bytes(octets)
    with pytest.raises(Unreadable, match=r"dsp-xml\.pem"):
        xml_keys.load_or_create_dsp(tmp_path, eui=pki.DSP)


def test_a_key_on_another_curve_is_refused(tmp_path):
    write_pair(tmp_path, pki.dsp())
    (tmp_path / "dsp-xml.pem").write_bytes(pem(ec.generate_private_key(ec.SECP384R1())))
    with pytest.raises(Unreadable, match="P-256"):
        xml_keys.load_or_create_dsp(tmp_path, eui=pki.DSP)


def write_pair(folder, identity):
    (folder / "dsp-xml.pem").write_bytes(pem(identity.key))
    (folder / "dsp-xml.crt.pem").write_bytes(identity.der)


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
