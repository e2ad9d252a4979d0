"""The official schema, where it lies beside the project, and folders that are not it."""

import base64
from pathlib import Path

import pytest

from safelaunch.domain.refusals import NotFound
from safelaunch.wire.duis.envelope import read_request, read_response, write_request, write_response
from safelaunch.wire.duis.opening import Trust, open_request
from safelaunch.wire.duis.schema import Schema, SchemaViolation, load
from safelaunch.wire.duis.signature import UnknownCertificate, UntrustedSignature
from safelaunch.wire.duis.xml import GATEWAY, canonical, parse
from tests import pki
from tests.unit.wire.duis.messages import (
    FIRMWARE_REQUEST,
    REQUEST,
    RESPONSE,
    SHARED,
    checked,
    needs_shared,
    signed,
)

EXAMPLES = sorted((SHARED / "examples").glob("*.xml"))
TEST_DATA = sorted((SHARED / "rtds").glob("*.XML"))
LITTLE = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{namespace}">
<xs:import namespace="urn:other" schemaLocation="{location}"/><xs:element name="Request" type="xs:int"/></xs:schema>"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    found = load(SHARED / "xsd")
    assert found is not None
    return found


def test_no_folder_means_no_schema():
    assert load(None) is None


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(NotFound, match="official DUIS schema belongs there"):
        load(tmp_path)


def little(folder: Path, *, location: str = "Other Schema.xsd", namespace: str = "urn:other") -> None:
    text = LITTLE.format(namespace=GATEWAY, location=location)
    (folder / "DUIS Schema V9.9.xsd").write_text(text, encoding="utf-8")
    other = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{namespace}"/>'
    (folder / "Other Schema.xsd").write_text(
        f'<!DOCTYPE x SYSTEM "http://example.org/x.dtd">{other}', encoding="utf-8"
    )


@pytest.mark.parametrize(
    "location", ["Other Schema.xsd", "Other%20Schema.xsd", "http://example.org/Other Schema.xsd"]
)
def test_files_with_spaces_and_a_doctype_are_taken_from_the_folder(tmp_path, location):
    little(tmp_path, location=location)
    schema = load(tmp_path)
    schema.check(parse(f'<Request xmlns="{GATEWAY}">7</Request>'.encode()))
    with pytest.raises(SchemaViolation, match=r"DUIS Schema V9\.9 in line 1: Element 'Request'"):
        schema.check(parse(f'<Request xmlns="{GATEWAY}">x</Request>'.encode()))


@pytest.mark.parametrize("location", ["Missing.xsd", "../Other Schema V1.xsd", "/etc/passwd"])
def test_nothing_outside_the_folder_is_read(tmp_path, location):
    little(tmp_path, location=location)
    with pytest.raises(NotFound, match="is not in"):
        load(tmp_path)


def test_the_highest_version_of_a_folder_is_taken(tmp_path):
    little(tmp_path)
    (tmp_path / "DUIS Schema V10.1.xsd").write_bytes((tmp_path / "DUIS Schema V9.9.xsd").read_bytes())
    assert load(tmp_path).name == "DUIS Schema V10.1"


def test_a_file_that_is_no_schema_is_refused(tmp_path):
    (tmp_path / "DUIS Schema V1.xsd").write_text("<a/>", encoding="utf-8")
    with pytest.raises(SchemaViolation, match="cannot be used"):
        load(tmp_path)
    (tmp_path / "DUIS Schema V1.xsd").write_text("<a", encoding="utf-8")
    with pytest.raises(SchemaViolation, match="cannot be used"):
        load(tmp_path)


def test_an_error_names_its_line_and_stays_short(tmp_path):
    little(tmp_path)
    body = f'<Request\n xmlns="{GATEWAY}"\n>{"x" * 100_000}</Request>'.encode()
    with pytest.raises(SchemaViolation, match="line 3") as refusal:
        load(tmp_path).check(parse(body))
    assert len(str(refusal.value)) < 400


@needs_shared
def test_the_shared_examples_are_all_there():
    assert (len(EXAMPLES), len(TEST_DATA)) == (21, 64)


@needs_shared
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_read_or_refused_as_its_name_says(schema, path):
    root = parse(path.read_bytes())
    if path.name.startswith("xsd_invalid"):
        with pytest.raises(SchemaViolation, match=r"DUIS Schema V5\.4 in line 1"):
            schema.check(root)
        return
    schema.check(root)
    if root.tag.endswith("Request"):
        request = read_request(root)
        assert canonical(parse(write_request(request))) == canonical(root)
    else:
        response = read_response(root)
        assert read_response(parse(write_response(response))) == response


@needs_shared
@pytest.mark.parametrize("path", TEST_DATA, ids=lambda path: path.name)
def test_a_reference_test_data_request_is_read_and_written_again(schema, path):
    root = parse(path.read_bytes())
    schema.check(root)
    request = read_request(root)
    written = write_request(request)
    schema.check(parse(written))
    assert read_request(parse(written)) == request
    assert request.service_reference_variant.startswith(request.service_reference)
    with pytest.raises(UntrustedSignature, match=r"Value has 7 octets"):
        checked(path.read_bytes())
    assert checked(signed(path.read_bytes())).certificate == pki.supplier().certificate


@needs_shared
@pytest.mark.parametrize("body", [REQUEST, FIRMWARE_REQUEST, RESPONSE], ids=["11.2", "11.1", "response"])
def test_what_is_signed_here_is_valid(schema, body):
    schema.check(parse(signed(body)))


@needs_shared
def test_fifty_thousand_device_ids_are_valid_and_one_more_is_not(schema):
    def request(count: int) -> bytes:
        ids = b",".join(
            b"00-DB-12-34-56-%02X-%02X-%02X" % (at >> 16, at >> 8 & 255, at & 255) for at in range(count)
        )
        return FIRMWARE_REQUEST.replace(b"00-DB-12-34-56-78-90-A0,00-DB-12-34-56-78-90-A4", ids)

    schema.check(parse(request(50_000)))
    with pytest.raises(SchemaViolation, match="maxLength"):
        schema.check(parse(request(50_001)))


@needs_shared
def test_the_largest_image_is_valid(schema):
    image = base64.b64encode(bytes(10_240_000))
    body = signed(FIRMWARE_REQUEST.replace(b">AA==<", b">" + image + b"<"))
    opened = open_request(body, trust=Trust(pki.trusted().find, schema=schema), at=pki.DURING)
    assert image in opened.envelope.body_xml


@needs_shared
def test_the_schema_speaks_before_the_signature(schema):
    trust = Trust(pki.trusted().find, schema=schema)
    wrong = signed(REQUEST.replace(b"11.2", b"99.9"), by=pki.identity(serial=4712))
    with pytest.raises(SchemaViolation, match="ServiceReference"):
        open_request(wrong, trust=trust, at=pki.DURING)
    with pytest.raises(UnknownCertificate):
        open_request(signed(by=pki.identity(serial=4712)), trust=trust, at=pki.DURING)
