"""`safelaunch certificate` and `safelaunch delivery`: what they print, and how they refuse."""

import pytest
from django.conf import settings

from safelaunch.interfaces.simulator.organisations import Organisations
from safelaunch.services import estates
from safelaunch.store import transactions
from safelaunch.store.models import PartyUser, SmkiCertificate, UserReceiver
from safelaunch.store.writes import deliveries
from tests import pki


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "supplier.crt").write_bytes(pki.supplier().der)
    (tmp_path / "dsp.crt").write_bytes(pki.dsp().der)
    (tmp_path / "bad.crt").write_bytes(b"nonsense")
    return tmp_path


@pytest.fixture
def user_id(monday):
    for _ in estates.generate(hubs=600, seed=3, at=monday):
        pass
    return PartyUser.objects.order_by("user_id").first().user_id


def test_certificates_are_imported_listed_and_revoked(shell, monday, folder):
    answer = shell("certificate", "import", str(folder / "supplier.crt"), str(folder / "dsp.crt"), "--json")
    assert (answer.code, answer.json) == (0, {"new": 2, "known": 0})
    listed = shell("certificate", "list", "--json").json["certificates"]
    assert {one["eui"] for one in listed} == {str(pki.SUPPLIER), str(pki.DSP)}
    serial = str(pki.FIRST_SERIAL)
    assert shell("certificate", "revoke", serial, "--because", "Key lost").code == 0
    assert SmkiCertificate.objects.get(serial=serial).revoked_because == "Key lost"
    assert "Key lost" in shell("certificate", "list").out
    only = shell("certificate", "list", "--eui", str(pki.DSP), "--json").json["certificates"]
    assert [one["role"] for one in only] == [0x89]


def test_a_file_that_is_no_certificate_is_refused_with_a_sentence(shell, monday, folder):
    answer = shell("certificate", "import", str(folder / "bad.crt"))
    assert answer.code == 1
    assert "not a certificate" in answer.err
    assert shell("certificate", "import", str(folder)).code == 1
    assert "cannot be read" in shell("certificate", "import", str(folder / "none.crt")).err


def test_a_suppliers_gbcs_certificate_reaches_simulated_devices_and_the_last_one_counts(
    shell, monday, tmp_path, monkeypatch
):
    monkeypatch.setattr(settings, "DATA", tmp_path)
    known = Organisations(tmp_path / "keys")
    first, second = (pki.identity(unit="02", serial=pki.FIRST_SERIAL + number) for number in (30, 31))
    for number, identity in enumerate((pki.supplier(), first, second)):
        (tmp_path / f"{number}.crt").write_bytes(identity.der)
    files = [str(tmp_path / f"{number}.crt") for number in range(3)]
    assert shell("certificate", "import", files[0]).code == 0
    assert known.signing_key(pki.SUPPLIER) is None
    for number, identity in ((1, first), (2, second), (1, first)):
        assert shell("certificate", "import", files[number]).code == 0
        assert known.signing_key(pki.SUPPLIER) == identity.certificate.public_key
    assert known.agreement_key(pki.SUPPLIER) is None


def test_what_is_not_filed_cannot_be_revoked(shell, monday):
    answer = shell("certificate", "revoke", "5", "--because", "Key lost")
    assert answer.code == 1
    assert "certificate list" in answer.err


def test_an_address_and_a_version_are_set_and_listed(shell, user_id):
    url = "http://127.0.0.1:1880/smartdcc/duis"
    assert shell("delivery", "set", str(user_id), "--url", url, "--duis-version", "5.1").code == 0
    listed = shell("delivery", "list", "--json").json["receivers"]
    (mine,) = [one for one in listed if one["user_id"] == str(user_id)]
    assert (mine["address"], mine["duis_version"], mine["queued"]) == (url, "5.1", 0)
    assert url in shell("delivery", "list").out
    assert shell("delivery", "set", str(user_id), "--no-url").code == 0
    assert UserReceiver.objects.count() == 0


def test_setting_nothing_is_a_usage_error(shell, user_id):
    assert shell("delivery", "set", str(user_id)).code == 2


def test_parked_messages_are_listed_and_replayed(shell, user_id):
    assert shell("delivery", "replay", str(user_id)).code == 1
    with transactions.transaction():
        deliveries.queue(messages=[deliveries.Outgoing(user_id=user_id, octets=b"<a/>", code="N64")])
        deliveries.park(outgoing_message_id=1, problem="HTTP 400", at=pki.DURING)
    (parked,) = shell("delivery", "list", "--parked", "--json").json["parked"]
    assert (parked["user_id"], parked["code"], parked["device_id"]) == (str(user_id), "N64", None)
    assert "HTTP 400" in shell("delivery", "list", "--parked").out
    assert "One message is queued again" in shell("delivery", "replay", str(user_id)).err
    assert shell("delivery", "list", "--parked", "--json").json == {"parked": []}


def test_a_demonstrations_user_is_given_a_pair_that_the_door_believes(shell, monday):
    answer = shell("certificate", "issue", str(pki.SUPPLIER))
    assert answer.code == 0
    filed = SmkiCertificate.objects.get()
    assert (filed.eui, filed.role) == (pki.SUPPLIER, 0x87)
    assert shell("certificate", "issue", str(pki.SUPPLIER)).code == 0
    assert SmkiCertificate.objects.count() == 1


def test_doctor_says_what_waits_for_users(shell, user_id):
    with transactions.transaction():
        deliveries.queue(messages=[deliveries.Outgoing(user_id=user_id, octets=b"<a/>", code="N64")])
        deliveries.park(outgoing_message_id=1, problem="HTTP 400", at=pki.DURING)
    checks = {one["name"]: one for one in shell("doctor", "--json").json["checks"]}
    assert checks["deliveries"]["well"]
    assert "1 are parked" in checks["deliveries"]["finding"]
