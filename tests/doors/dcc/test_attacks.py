"""Attacks on signatures and counters over real HTTP, one by one: each is refused, and none leaves a trace."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.people import Actor
from safelaunch.services import certificates, timetable
from safelaunch.store.models import OriginatorCounter, OutgoingMessage, ServiceMessage, ServiceRequest
from safelaunch.wire.duis.signature import sign
from safelaunch.wire.smki import read_certificate
from tests import pki
from tests.doors.dcc.serving import AT, code, counted, dsp, trust_users
from tests.doors.dcc.test_door import READ_INVENTORY
from tests.unit.wire.duis.messages import REQUEST, signed
from tests.unit.wire.duis.test_signature import ATTACKS

TRACES = (ServiceRequest, ServiceMessage, OriginatorCounter, OutgoingMessage)
NO_WORD = {"empty document", "entity", "processing instruction", "signed message in another document"}
"""Attacks after which a message no longer says what it asks, so that it cannot be answered in DUIS."""


def assert_no_trace():
    assert {model.__name__: model.objects.count() for model in TRACES} == dict.fromkeys(
        (model.__name__ for model in TRACES), 0
    )


class TestOnSignatures:
    pytestmark = pytest.mark.usefixtures("standing_estate")

    @pytest.mark.parametrize("name", ATTACKS)
    def test_the_attack_is_refused_with_the_class_of_its_code(self, web, name):
        attack, _ = ATTACKS[name]
        response = web.post("serviceS", attack(signed(REQUEST)))
        if name in NO_WORD:
            assert response.status_code == 400
        else:
            assert code(response) in {"E65", "E100"}
        assert_no_trace()

    def test_an_unsigned_request_is_refused(self, web):
        assert code(web.post("serviceS", REQUEST)) == "E65"
        assert_no_trace()

    def test_a_comment_in_a_device_id_hides_nothing(self, web):
        """What a comment splits is read whole, as it was digested: not as the half before it."""
        message = signed(counted(READ_INVENTORY, 1))
        split = message.replace(b"90-A2</sr:DeviceID>", b"90<!-- -->-A2</sr:DeviceID>")
        assert split != message
        assert code(web.post("serviceD", split)) == "I0"
        for model in TRACES:
            model.objects.all().delete()

    def test_another_user_cannot_speak_in_the_suppliers_name(self, web):
        response = web.post("serviceS", signed(REQUEST, by=pki.other_supplier()))
        assert code(response) == "E65"
        assert "its originator has to sign it" in response.headers["Safelaunch-Reason"]
        assert_no_trace()

    def test_a_certificate_that_nobody_vouched_for_is_worth_nothing(self, web):
        mallory = ec.generate_private_key(ec.SECP256R1())
        der = pki.certificate_der(mallory, subject=pki.name(units=("87",), eui=pki.SUPPLIER), serial=99)
        forged = sign(REQUEST, key=mallory, certificate=read_certificate(der))
        response = web.post("serviceS", forged)
        assert code(response) == "E65"
        assert "not known here" in response.headers["Safelaunch-Reason"]
        assert_no_trace()

    def test_the_dsps_own_key_does_not_sign_for_users(self, web):
        assert code(web.post("serviceS", dsp().sign(REQUEST))) == "E65"
        assert_no_trace()

    def test_what_was_attacked_was_good_before(self, web):
        assert code(web.post("serviceS", signed(REQUEST))) not in {"E65", "E100"}


class TestOnCertificates:
    pytestmark = pytest.mark.usefixtures("estate")

    def test_a_revoked_certificate_is_refused_from_that_moment(self, web):
        assert code(web.post("serviceD", signed(counted(READ_INVENTORY)))) == "I0"
        certificates.revoke(serial=pki.FIRST_SERIAL, because="Key lost", actor=Actor(name="Ada"), at=AT)
        response = web.post("serviceD", signed(counted(READ_INVENTORY)))
        assert code(response) == "E65"
        assert "Key lost" in response.headers["Safelaunch-Reason"]

    def test_a_certificate_out_of_date_is_refused(self, web):
        timetable.step_clock(to=pki.LATER)
        response = web.post("serviceD", signed(counted(READ_INVENTORY)))
        assert code(response) == "E65"
        assert "A renewed one is needed" in response.headers["Safelaunch-Reason"]

    def test_a_certificate_that_does_not_sign_xml_is_refused(self, web):
        key = ec.generate_private_key(ec.SECP256R1())
        der = pki.certificate_der(key, subject=pki.name(units=("02",), eui=pki.SUPPLIER), serial=98)
        trust_users(der)
        message = signed(REQUEST).replace(str(pki.FIRST_SERIAL).encode(), b"98")
        assert code(web.post("serviceS", message)) == "E65"


class TestOnCounters:
    """A demonstration's clock does not bound counters, so these go to the use case with the wall's terms."""

    pytestmark = pytest.mark.usefixtures("estate")

    def test_a_replay_long_after_is_still_a_replay(self, web):
        message = signed(counted(READ_INVENTORY, 1_000))
        web.post("serviceD", message)
        timetable.step_clock(to=AT + timedelta(days=400))
        assert code(web.post("serviceD", message)) == "E13"
        assert ServiceRequest.objects.count() == 1

    def test_a_past_counter_is_refused(self, web):
        web.post("serviceD", signed(counted(READ_INVENTORY, 2**63)))
        for counter in (0, 1, 2**62, 2**63 - 1, 2**63):
            assert code(web.post("serviceD", signed(counted(READ_INVENTORY, counter)))) == "E13"
        assert ServiceRequest.objects.count() == 1

    def test_the_last_counter_there_is_is_taken_and_nothing_follows_it(self, web):
        assert code(web.post("serviceD", signed(counted(READ_INVENTORY, 2**64 - 1)))) == "I0"
        assert code(web.post("serviceD", signed(counted(READ_INVENTORY, 2**64 - 1)))) == "E13"

    def test_a_refused_request_cannot_be_sent_again_when_nothing_stands_against_it_any_more(self, web):
        message = signed(counted(READ_INVENTORY, 5_000))
        assert code(web.post("serviceS", message)) == "E12"
        assert code(web.post("serviceD", message)) == "E13"
        assert ServiceRequest.objects.get().state == "REFUSED"
