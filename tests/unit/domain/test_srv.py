"""The catalogue of Service Reference Variants, against the facts and against the official schema."""

import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from safelaunch.domain import srv
from safelaunch.domain.smi import UserRole
from safelaunch.domain.srv import FutureDating, Service, UnknownSrv, WebService, WrongCommandVariant

SCHEMA = Path(__file__).resolve().parents[4] / "shared" / "duis" / "xsd" / "DUIS Schema V5.4.xsd"
XSD = "{http://www.w3.org/2001/XMLSchema}"
needs_schema = pytest.mark.skipif(
    not SCHEMA.is_file(), reason="the official schema does not lie beside the project (../shared/duis/xsd)"
)
MISPLACED = {"7.12", "7.13", "7.14", "7.15"}
"""Where the schema's comments stand two rows too early."""
FIRMWARE = {"11.1": {8}, "11.2": {1, 2, 3}, "11.3": {4, 5, 6, 7}, "11.4": {8}}


def test_there_are_129_and_each_is_known_by_its_code():
    assert len(srv.catalogue()) == 129
    assert all(srv.find(code).code == code for code in srv.catalogue())


def test_the_roles_are_counted_as_the_facts_count_them():
    counted = Counter(role for each in srv.catalogue().values() for role in each.roles)
    assert counted == {"IS": 111, "GS": 83, "ED": 38, "OU": 25, "GT": 21, "RSA": 18, "ES": 16}


def test_the_patterns_of_future_dating_are_counted_as_the_facts_count_them():
    counted = Counter(each.future_dating for each in srv.catalogue().values())
    assert counted == {"NONE": 72, "DSP": 45, "DEVICE": 11, "DSP_AND_DEVICE": 1}
    assert srv.find("6.23").future_dating is FutureDating.DSP_AND_DEVICE


def test_critical_requests_are_dated_by_the_device_and_others_by_the_dsp():
    for each in srv.catalogue().values():
        if each.code != "6.23":
            assert each.future_dating in (
                FutureDating.NONE,
                FutureDating.DEVICE if each.is_critical else FutureDating.DSP,
            )


def test_three_requests_are_open_to_nobody():
    assert {each.code for each in srv.catalogue().values() if not each.roles} == {"7.16", "8.5", "8.6"}


@pytest.mark.parametrize(("code", "variants"), FIRMWARE.items())
def test_the_firmware_requests_have_the_variants_of_the_facts(code, variants):
    found = srv.find(code)
    assert srv.command_variants(code) == variants
    assert found.service is Service.SERVED
    assert found.is_critical == (code == "11.3")
    assert found.is_non_device == (variants == {8})
    assert found.is_future_dated == (code in {"11.2", "11.3"})


def test_a_network_operator_may_read_a_version_but_not_send_firmware():
    assert UserRole.ED in srv.eligible_roles("11.2")
    assert srv.eligible_roles("11.1") == srv.eligible_roles("11.3") == {UserRole.IS, UserRole.GS}


@pytest.mark.parametrize(
    ("code", "variant", "service", "body"),
    [
        ("11.1", 8, WebService.NON_DEVICE, "UpdateFirmware"),
        ("11.2", 1, WebService.SEND_COMMAND, "ReadFirmwareVersion"),
        ("11.2", 2, WebService.NON_DEVICE, "ReadFirmwareVersion"),
        ("11.3", 4, WebService.TRANSFORM, "ActivateFirmware"),
        ("11.3", 5, WebService.SEND_COMMAND, "SignedPreCommand"),
        ("11.3", 6, WebService.NON_DEVICE, "SignedPreCommand"),
        ("11.3", 7, WebService.SEND_COMMAND, "SignedPreCommand"),
    ],
)
def test_variant_service_and_body_belong_together(code, variant, service, body):
    assert srv.web_service(code, command_variant=variant) is service
    assert srv.expected_body(code, command_variant=variant) == body


@pytest.mark.parametrize(
    ("code", "variant"), [("11.1", 1), ("11.3", 1), ("11.2", 4), ("8.2", 9), ("8.1.1", 6)]
)
def test_a_variant_the_request_does_not_have_is_refused_in_words(code, variant):
    for ask in (srv.web_service, srv.expected_body):
        with pytest.raises(WrongCommandVariant, match=rf"Command Variant {variant}; it exists in \d"):
            ask(code, command_variant=variant)


@pytest.mark.parametrize("code", ["", "11", "11.5", "1.1", "11.1 ", "11.10"])
def test_a_code_that_does_not_exist_is_refused(code):
    with pytest.raises(UnknownSrv, match="is not a Service Reference Variant"):
        srv.find(code)


@pytest.mark.parametrize(
    ("code", "reference"), [("11.1", "11.1"), ("8.14.2", "8.14"), ("1.1.1", "1.1"), ("6.2.10", "6.2")]
)
def test_the_service_reference_is_the_first_two_numbers(code, reference):
    assert srv.find(code).service_reference == reference


def test_what_is_served_is_what_the_door_promises():
    served = {each.code for each in srv.catalogue().values() if each.service is Service.SERVED}
    passed_on = {each.code for each in srv.catalogue().values() if each.service is Service.PASSED_ON}
    hub_status = {"8.14.1", "8.14.2", "8.14.3", "8.14.4"}
    homes = {"8.1.1", "8.11", "8.12.1", "8.12.2"}
    assert served == {*FIRMWARE, "8.2", "8.3", "8.4", "12.2", "3.2", "6.23", *homes, *hub_status}
    assert passed_on == {"1.1.1", "1.2.1", "1.6", "2.2", "5.1", "5.2", "5.3"}


@needs_schema
def test_codes_references_bodies_and_variants_are_those_of_the_schema():
    root = etree.parse(SCHEMA).getroot()
    types = {each.get("name"): each for each in root.findall(f"{XSD}simpleType")}
    assert list(srv.catalogue()) == _values(types["ServiceReferenceVariant"])
    assert {each.service_reference for each in srv.catalogue().values()} == set(
        _values(types["ServiceReference"])
    )
    body = next(each for each in _request(root).iter(f"{XSD}element") if each.get("name") == "Body")
    bodies = [each.get("name") for each in body.iter(f"{XSD}element") if each is not body]
    assert bodies == [*(each.body for each in srv.catalogue().values()), srv.SIGNED_PRE_COMMAND]
    for code, comment in _comments(types["ServiceReferenceVariant"]).items():
        if code not in MISPLACED:
            assert {int(digit) for digit in re.findall(r"\d", comment)} == srv.command_variants(code), code


def _request(root: etree._Element) -> etree._Element:
    (found,) = [each for each in root.iter(f"{XSD}complexType") if each.get("name") == "Request"]
    return found


def _values(kind: etree._Element) -> list[str]:
    return [each.get("value") for each in kind.iter(f"{XSD}enumeration")]


def _comments(kind: etree._Element) -> dict[str, str]:
    return {
        each.get("value"): each.getnext().text
        for each in kind.iter(f"{XSD}enumeration")
        if each.getnext() is not None and each.getnext().tag is etree.Comment
    }
