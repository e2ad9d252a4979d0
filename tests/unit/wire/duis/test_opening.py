"""Opening a message: every step in its order, and only what was signed is read."""

from dataclasses import replace

import pytest

from safelaunch.wire.duis.envelope import MalformedEnvelope, read_request, read_response
from safelaunch.wire.duis.opening import (
    ForeignSender,
    Trust,
    open_and_read_request,
    open_request,
    open_response,
)
from safelaunch.wire.duis.signature import Unsigned, UntrustedSignature
from safelaunch.wire.duis.xml import MalformedXml, local_name, parse
from safelaunch.wire.smki import OutOfDateCertificate
from tests import pki
from tests.unit.wire.duis.messages import REQUEST, RESPONSE, SMETS1_RESPONSE, signed
from tests.unit.wire.duis.test_signature import indent


@pytest.fixture
def trust() -> Trust:
    return Trust(pki.trusted().find)


def test_a_request_opens_with_who_signed_it(trust):
    opened = open_request(signed(), trust=trust, at=pki.DURING)
    assert opened.envelope == read_request(parse(REQUEST))
    assert opened.certificate == pki.supplier().certificate
    assert not opened.was_reformatted


def test_a_body_is_read_from_what_was_signed_without_octets_in_between(trust):
    def read(request, content):
        return request.service_reference_variant, local_name(content)

    opened, body = open_and_read_request(signed(), trust=trust, at=pki.DURING, read=read)
    whole = open_request(signed(), trust=trust, at=pki.DURING)
    assert body == ("11.2", "ReadFirmwareVersion")
    assert opened.envelope.body_xml == b""
    assert replace(opened.envelope, body_xml=whole.envelope.body_xml) == whole.envelope
    assert opened.certificate == whole.certificate


def test_nothing_is_read_of_a_request_whose_sender_is_another(trust):
    seen = []
    with pytest.raises(ForeignSender):
        open_and_read_request(
            signed(by=pki.other_supplier()),
            trust=trust,
            at=pki.DURING,
            read=lambda *given: seen.append(given),
        )
    assert seen == []


def test_a_request_of_the_dsp_opens_too(trust):
    body = REQUEST.replace(b"90-B3-D5-1F-30-01-00-00", b"90-B3-D5-1F-30-00-00-02")
    assert open_request(signed(body, by=pki.dsp()), trust=trust, at=pki.DURING).certificate.role == 0x89


def test_another_partys_request_does_not_open(trust):
    with pytest.raises(ForeignSender, match="originator has to sign"):
        open_request(signed(by=pki.other_supplier()), trust=trust, at=pki.DURING)


def test_an_unsigned_request_does_not_open(trust):
    with pytest.raises(Unsigned):
        open_request(REQUEST, trust=trust, at=pki.DURING)


def test_a_comment_does_not_make_another_request(trust):
    body = signed().replace(b":1000<", b":10<!-- -->00<")
    assert open_request(body, trust=trust, at=pki.DURING).envelope.request_id.counter == 1000


def test_a_response_is_not_a_request_nor_the_other_way_about(trust):
    with pytest.raises(MalformedEnvelope):
        open_request(signed(RESPONSE), trust=trust, at=pki.DURING)
    with pytest.raises(MalformedEnvelope):
        open_response(signed(REQUEST, by=pki.dsp()), trust=trust, at=pki.DURING)


def test_validity_is_enforced_unless_switched_off(trust):
    with pytest.raises(OutOfDateCertificate):
        open_request(signed(), trust=trust, at=pki.LATER)
    lenient = Trust(pki.trusted().find, enforces_validity=False)
    assert open_request(signed(), trust=lenient, at=pki.LATER).envelope.command_variant == 1


def test_reformatting_is_tolerated_only_when_switched_on(trust):
    with pytest.raises(UntrustedSignature):
        open_request(indent(signed()), trust=trust, at=pki.DURING)
    lenient = Trust(pki.trusted().find, tolerates_reformatting=True)
    assert open_request(indent(signed()), trust=lenient, at=pki.DURING).was_reformatted


def test_a_response_is_the_dsps_to_sign(trust):
    opened = open_response(signed(RESPONSE, by=pki.dsp()), trust=trust, at=pki.DURING)
    assert opened.envelope == read_response(parse(RESPONSE))
    with pytest.raises(ForeignSender, match="role 89"):
        open_response(signed(RESPONSE), trust=trust, at=pki.DURING)


@pytest.mark.parametrize("body", [RESPONSE, SMETS1_RESPONSE])
def test_an_unsigned_response_opens_only_where_that_is_accepted(trust, body):
    with pytest.raises(Unsigned):
        open_response(body, trust=trust, at=pki.DURING)
    opened = open_response(body, trust=trust, at=pki.DURING, accepts_unsigned=True)
    assert opened.certificate is None
    assert opened.envelope.response_code == "I99"


def test_a_badly_signed_response_is_not_taken_for_an_unsigned_one(trust):
    body = signed(RESPONSE, by=pki.dsp()).replace(b"I99", b"I0")
    with pytest.raises(UntrustedSignature, match="changed after it was signed"):
        open_response(body, trust=trust, at=pki.DURING, accepts_unsigned=True)


def test_bounds_come_before_everything_else(trust):
    with pytest.raises(MalformedXml):
        open_request(b"<!DOCTYPE a><a/>", trust=trust, at=pki.DURING)
