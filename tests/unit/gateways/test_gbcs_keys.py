from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.gateways import gbcs_keys
from safelaunch.wire import smki_devices
from tests import pki


def test_the_broker_s_pair_is_made_once_in_its_role_and_signs_nothing(tmp_path: Path) -> None:
    first = gbcs_keys.load_or_create_broker(tmp_path, eui=pki.DSP)
    second = gbcs_keys.load_or_create_broker(tmp_path, eui=pki.DSP)
    assert first.certificate == second.certificate
    assert (first.eui, first.certificate.role) == (pki.DSP, gbcs_keys.ACCESS_CONTROL_BROKER)
    assert not first.certificate.may_sign
    assert (tmp_path / "acb-ka.pem").stat().st_mode & 0o077 == 0


def test_a_demonstration_supplier_signs_with_one_pair_and_agrees_keys_with_another(tmp_path: Path) -> None:
    signing = gbcs_keys.load_or_create_supplier(tmp_path, eui=pki.SUPPLIER, agrees_keys=False)
    agreeing = gbcs_keys.load_or_create_supplier(tmp_path, eui=pki.SUPPLIER, agrees_keys=True)
    assert (signing.certificate.may_sign, agreeing.certificate.may_sign) == (True, False)
    assert signing.certificate.public_key != agreeing.certificate.public_key
    assert {signing.certificate.role, agreeing.certificate.role} == {gbcs_keys.SUPPLIER}


def test_every_authority_that_is_published_is_believed_and_the_first_of_a_name_stays(tmp_path: Path) -> None:
    since = datetime(2018, 1, 1, tzinfo=UTC)
    pems = [
        smki_devices.issue_authority(key=ec.generate_private_key(ec.SECP256R1()), valid_from=since)
        for _ in range(3)
    ]
    assert gbcs_keys.device_authorities(tmp_path / "absent") == []
    for name, pem in zip(("estate-1", "estate-2", "estate-1"), pems, strict=True):
        gbcs_keys.publish_device_authority(tmp_path / "keys", name=name, pem=pem)
    assert gbcs_keys.device_authorities(tmp_path / "keys") == pems[:2]
