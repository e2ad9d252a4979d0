"""`safelaunch duis sign` and `verify`: good messages, and every bad input answered with a sentence."""

import json
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption

from safelaunch.wire.duis.envelope import read_request
from safelaunch.wire.duis.xml import parse
from tests import pki
from tests.doors.cli.conftest import COMMAND, environment
from tests.unit.wire.duis.messages import FIRMWARE_REQUEST, REQUEST, RESPONSE, SHARED, needs_shared, signed
from tests.unit.wire.duis.test_signature import indent

AT = "2026-11-02T09:30:00Z"


def sentence(answer) -> str:
    """The one sentence that a refused command leaves."""
    assert answer.out == ""
    said = answer.err.strip()
    assert said.endswith("."), said
    assert "Traceback" not in said
    return said


# Signing.


def test_a_signed_message_verifies(desk, shell):
    answer = shell("duis", "sign", desk.put(REQUEST), *desk.supplier, "--forgive-dates")
    assert answer.code == 0, answer.err
    assert f"Signed as {pki.SUPPLIER}, role 87" in answer.err
    verified = shell(
        "duis", "verify", desk.put(answer.out.encode()), "--trust", str(desk.certificates), "--at", AT
    )
    assert verified.code == 0, verified.err
    assert f"signed by {pki.SUPPLIER}, role 87" in verified.err
    assert verified.out == ""


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize(
    "form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL]
)
def test_keys_and_certificates_come_in_pem_and_der(desk, shell, encoding, form):
    key = desk.write("k", pki.supplier().key.private_bytes(encoding, form, NoEncryption()))
    certificate = desk.write("c", desk.octets_of(pki.supplier(), encoding=encoding))
    answer = shell(
        "duis", "sign", desk.put(REQUEST), "--key", key, "--certificate", certificate, "--forgive-dates"
    )
    assert answer.code == 0, answer.err
    assert answer.out.endswith("</ds:Signature></sr:Request>")


def test_the_signed_message_goes_into_a_file_and_the_facts_to_standard_output(desk, shell):
    out = desk.folder / "signed.xml"
    asked = ["duis", "sign", desk.put(REQUEST), *desk.supplier, "--forgive-dates", "--json"]
    answer = shell(*asked, "--output", str(out))
    assert answer.json["output"] == str(out)
    assert answer.json["signed_by"]["eui"] == str(pki.SUPPLIER)
    assert answer.json["request_id"].endswith(":1000")
    assert "document" not in answer.json
    assert b"<ds:Signature " in out.read_bytes()
    assert "<ds:Signature " in shell(*asked).json["document"]


def test_a_new_counter_is_the_time_in_milliseconds(desk, shell):
    template = signed()
    answer = shell("duis", "sign", desk.put(template), *desk.supplier, "--forgive-dates", "--new-counter")
    found = read_request(parse(answer.out.encode())).request_id
    assert abs(found.counter / 1000 - time.time()) < 600
    assert found.originator == pki.SUPPLIER
    assert answer.out.count("<ds:Signature ") == 1


def test_a_request_is_signed_by_its_originator_only(desk, shell):
    said = sentence(shell("duis", "sign", desk.put(REQUEST), *desk.dsp, "--forgive-dates"))
    assert "Only its originator can sign a request" in said


def test_a_response_is_signed_by_the_dsp_only(desk, shell):
    answer = shell("duis", "sign", desk.put(RESPONSE), *desk.supplier, "--forgive-dates")
    assert answer.code == 1
    assert "role 89" in sentence(answer)
    assert shell("duis", "sign", desk.put(RESPONSE), *desk.dsp, "--forgive-dates").code == 0


def test_a_key_that_does_not_match_is_refused(desk, shell):
    key, certificate = desk.supplier[1], desk.dsp[3]
    message = REQUEST.replace(str(pki.SUPPLIER).encode(), str(pki.DSP).encode())
    answer = shell(
        "duis", "sign", desk.put(message), "--key", key, "--certificate", certificate, "--forgive-dates"
    )
    assert answer.code == 1
    assert "does not belong to this key" in sentence(answer)


def test_an_expired_certificate_signs_only_when_that_is_forgiven(desk, shell):
    past = desk.pair("past", pki.supplier(), until=timedelta(days=-1))
    answer = shell("duis", "sign", desk.put(REQUEST), *past)
    assert answer.code == 1
    assert "Use a renewed one" in sentence(answer)
    assert shell("duis", "sign", desk.put(REQUEST), *past, "--forgive-dates").code == 0


BAD_KEYS = {
    "no key": (b"hello", "holds no private key"),
    "a certificate": (b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", "no private key"),
    "with a password": (
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            Encoding.PEM, serialization.PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
        ),
        "protected by a password",
    ),
    "another curve": (
        ec.generate_private_key(ec.SECP384R1()).private_bytes(
            Encoding.PEM, serialization.PrivateFormat.PKCS8, NoEncryption()
        ),
        "not on the curve P-256",
    ),
    "another kind": (
        ed25519.Ed25519PrivateKey.generate().private_bytes(
            Encoding.DER, serialization.PrivateFormat.PKCS8, NoEncryption()
        ),
        "not on the curve P-256",
    ),
    "empty": (b"", "no private key"),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_bad_key_is_refused_with_a_sentence(desk, shell, name):
    octets, reason = BAD_KEYS[name]
    answer = shell(
        "duis",
        "sign",
        desk.put(REQUEST),
        "--key",
        desk.write("bad", octets),
        "--certificate",
        desk.supplier[3],
    )
    assert answer.code == 1
    assert reason in sentence(answer)


def test_a_bad_certificate_is_refused_with_a_sentence(desk, shell):
    for octets in (b"", b"hello", Path(desk.supplier[1]).read_bytes()):
        answer = shell(
            "duis", "sign", desk.put(REQUEST), *desk.supplier[:2], "--certificate", desk.write("bad", octets)
        )
        assert answer.code == 1
        assert "cannot be used as a certificate" in sentence(answer)


# Bad messages, for every command that reads one.

BAD_MESSAGES = {
    "not XML": (b"hello", "not well-formed XML"),
    "broken off": (REQUEST[:200], "not well-formed XML"),
    "wrong root": (b"<Order/>", "'Order'; a Request or Response of DUIS is expected"),
    "another namespace": (REQUEST.replace(b"ServiceUserGateway", b"Other"), "is expected"),
    "empty": (b"", "is empty"),
    "white space": (b" \n", "is empty"),
    "a DOCTYPE": (b"<!DOCTYPE a>" + REQUEST, "DOCTYPE"),
    "UTF-16": (REQUEST.decode().encode("utf-16"), "not well-formed XML"),
    "no header": (b'<sr:Request xmlns:sr="http://www.dccinterface.co.uk/ServiceUserGateway"/>', "Request"),
    "too large": (b" " * (15 * 1024 * 1024) + REQUEST, "larger than"),
}


@pytest.mark.parametrize("name", BAD_MESSAGES)
def test_a_bad_message_is_refused_with_a_sentence(desk, shell, name):
    octets, reason = BAD_MESSAGES[name]
    file = desk.put(octets)
    for command in (
        ["sign", file, *desk.supplier, "--forgive-dates"],
        ["verify", file, "--trust", str(desk.certificates)],
    ):
        answer = shell("duis", *command)
        said = sentence(answer)
        if name == "no header" and command[0] == "verify":
            assert answer.code == 4
            continue
        assert answer.code == 1, said
        assert reason in said


def test_a_file_that_is_none_is_refused_with_a_sentence(desk, shell):
    for place, reason in (("nowhere.xml", "no such file"), ("", "is a directory")):
        answer = shell("duis", "verify", str(desk.folder / place), "--trust", str(desk.certificates))
        assert answer.code == 1
        assert reason in sentence(answer)


def test_an_output_that_cannot_be_written_is_refused_with_a_sentence(desk, shell):
    answer = shell(
        "duis", "sign", desk.put(REQUEST), *desk.supplier, "--forgive-dates", "--output", str(desk.folder)
    )
    assert answer.code == 1
    assert "cannot be written: is a directory" in sentence(answer)


def test_what_is_missing_is_a_usage_error(desk, shell):
    assert shell("duis", "sign", desk.put(REQUEST)).code == 2
    assert shell("duis", "verify", desk.put(REQUEST)).code == 2
    assert shell("duis", "verify", desk.put(signed()), "--trust", "x", "--at", "soon").code == 2


# Verifying.


def test_verifying_gives_its_facts_as_one_object(desk, shell):
    answer = shell(
        "duis", "verify", desk.put(signed()), "--trust", str(desk.certificates), "--at", AT, "--json"
    )
    assert answer.code == 0, answer.err
    facts = answer.json
    assert facts["verified"] is True
    assert facts["document"] == "Request"
    assert facts["signed_by"]["serial"] == str(pki.FIRST_SERIAL)
    assert facts["signed_by"]["role"] == "87"
    assert facts["was_reformatted"] is False


NOT_VERIFIED = {
    "unsigned": (REQUEST, "not signed"),
    "unsigned response": (RESPONSE, "not signed"),
    "changed": (signed().replace(b":1000<", b":1001<"), "changed after it was signed"),
    "another's": (signed(by=pki.other_supplier()), "originator has to sign"),
    "a stranger's": (signed(by=pki.identity(pki.SUPPLIER, serial=4711)), "not known here"),
    "a response by a User": (signed(RESPONSE), "the DSP signs responses"),
    "indented": (indent(signed()), "--forgive layout accepts that"),
}


@pytest.mark.parametrize("name", NOT_VERIFIED)
def test_what_does_not_verify_ends_in_exit_code_4(desk, shell, name):
    octets, reason = NOT_VERIFIED[name]
    answer = shell("duis", "verify", desk.put(octets), "--trust", str(desk.certificates), "--at", AT)
    assert answer.code == 4
    assert reason in sentence(answer)


def test_a_certificate_out_of_date_does_not_verify_unless_that_is_forgiven(desk, shell):
    asked = ["duis", "verify", desk.put(signed()), "--trust", str(desk.certificates), "--at", "2037-01-01"]
    answer = shell(*asked)
    assert answer.code == 4
    assert "A renewed one is needed" in sentence(answer)
    assert shell(*asked, "--forgive", "dates").code == 0


def test_white_space_added_after_signing_is_forgiven_on_request_and_reported(desk, shell):
    asked = ["duis", "verify", desk.put(indent(signed())), "--trust", str(desk.certificates), "--at", AT]
    answer = shell(*asked, "--forgive", "layout", "--json")
    assert answer.code == 0
    assert answer.json["was_reformatted"] is True
    assert "White space was added after signing" in answer.err


def test_a_single_certificate_can_be_trusted(desk, shell):
    asked = ["duis", "verify", desk.put(signed()), "--at", AT, "--trust"]
    assert shell(*asked, desk.supplier[3]).code == 0
    assert shell(*asked, desk.dsp[3]).code == 4


def test_what_is_no_certificate_in_a_directory_is_passed_over_by_name(desk, shell):
    (desk.certificates / "notes.txt").write_text("not looked at")
    (desk.certificates / "key.pem").write_bytes(Path(desk.supplier[1]).read_bytes())
    (desk.certificates / "zz.der").write_bytes(b"rubbish")
    answer = shell("duis", "verify", desk.put(signed()), "--trust", str(desk.certificates), "--at", AT)
    assert answer.code == 0, answer.err
    assert "zz.der is passed over" in answer.err
    assert "key.pem" not in answer.err
    assert "notes" not in answer.err


def test_a_bundle_holds_several_certificates(desk, shell):
    both = b"".join(desk.octets_of(one, encoding=Encoding.PEM) for one in (pki.dsp(), pki.supplier()))
    bundle = desk.write("bundle.pem", both)
    assert shell("duis", "verify", desk.put(signed()), "--trust", bundle, "--at", AT).code == 0


@pytest.mark.parametrize("place", ["nowhere", "empty"])
def test_nothing_to_trust_is_refused_with_a_sentence(desk, shell, place):
    (desk.folder / "empty").mkdir()
    answer = shell("duis", "verify", desk.put(signed()), "--trust", str(desk.folder / place))
    assert answer.code == 1
    assert place in sentence(answer)


@needs_shared
def test_the_schema_is_applied_where_its_folder_is_named(desk, shell, monkeypatch):
    body = signed(FIRMWARE_REQUEST.replace(b">0123ABCE<", b">123456789<"))
    asked = ["duis", "verify", desk.put(body), "--trust", str(desk.certificates), "--at", AT]
    assert shell(*asked).code == 0
    answer = shell(*asked, "--schemas", str(SHARED / "xsd"))
    assert answer.code == 1
    assert "FirmwareVersion" in sentence(answer)
    monkeypatch.setenv("SAFELAUNCH_DUIS_SCHEMAS", str(SHARED / "xsd"))
    assert shell(*asked).code == 1


# As people use it.


def test_a_message_goes_through_a_pipe_in_a_process_without_a_database(desk):
    def run(*arguments: str, octets: bytes) -> subprocess.CompletedProcess[bytes]:
        broken = {**environment(), "SAFELAUNCH_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
        return subprocess.run(
            [*COMMAND, "duis", *arguments],
            input=octets,
            capture_output=True,
            env=broken,
            timeout=60,
            check=False,
        )

    signing = run("sign", "-", *desk.supplier, "--forgive-dates", octets=REQUEST)
    assert signing.returncode == 0, signing.stderr
    verifying = run(
        "verify", "-", "--trust", str(desk.certificates), "--json", "--at", AT, octets=signing.stdout
    )
    assert verifying.returncode == 0, verifying.stderr
    assert json.loads(verifying.stdout)["signed_by"]["eui"] == str(pki.SUPPLIER)


def test_the_certificates_made_for_these_tests_are_those_of_the_field(desk):
    certificate = x509.load_pem_x509_certificate(Path(desk.supplier[3]).read_bytes())
    assert certificate.issuer.rfc4514_string() == "CN=Z1,OU=07"
