"""Certificates that are not in force and counters that were used, over real HTTP: refused, each for its own reason."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.domain.people import Actor
from safelaunch.services import certificates, timetable
from safelaunch.store.models import ServiceRequest
from tests import pki
from tests.doors.dcc.serving import AT, code, counted, trust_users
from tests.doors.dcc.test_door import READ_INVENTORY
from tests.unit.wire.duis.messages import REQUEST, signed

pytestmark = pytest.mark.usefixtures("estate")


def test_a_revoked_certificate_is_refused_from_that_moment(web):
    assert code(web.post("serviceD", signed(counted(READ_INVENTORY)))) == "I0"
    certificates.revoke(serial=pki.FIRST_SERIAL, because="Key lost", actor=Actor(name="Ada"), at=AT)
    response = web.post("serviceD", signed(counted(READ_INVENTORY)))
    assert code(response) == "E65"
    assert "Key lost" in response.headers["Safelaunch-Reason"]


def test_a_certificate_out_of_date_is_refused(web):
    timetable.step_clock(to=pki.LATER)
    response = web.post("serviceD", signed(counted(READ_INVENTORY)))
    assert code(response) == "E65"
    assert "A renewed one is needed" in response.headers["Safelaunch-Reason"]


def test_a_certificate_that_does_not_sign_xml_is_refused(web):
    key = ec.generate_private_key(ec.SECP256R1())
    der = pki.certificate_der(key, subject=pki.name(units=("02",), eui=pki.SUPPLIER), serial=98)
    trust_users(der)
    message = signed(REQUEST).replace(str(pki.FIRST_SERIAL).encode(), b"98")
    assert code(web.post("serviceS", message)) == "E65"


def test_a_replay_long_after_is_still_a_replay(web):
    message = signed(counted(READ_INVENTORY, 1_000))
    web.post("serviceD", message)
    timetable.step_clock(to=AT + timedelta(days=400))
    assert code(web.post("serviceD", message)) == "E13"
    assert ServiceRequest.objects.count() == 1


def test_a_past_counter_is_refused(web):
    web.post("serviceD", signed(counted(READ_INVENTORY, 2**63)))
    for counter in (0, 1, 2**62, 2**63 - 1, 2**63):
        assert code(web.post("serviceD", signed(counted(READ_INVENTORY, counter)))) == "E13"
    assert ServiceRequest.objects.count() == 1


def test_the_last_counter_there_is_is_taken_and_nothing_follows_it(web):
    assert code(web.post("serviceD", signed(counted(READ_INVENTORY, 2**64 - 1)))) == "I0"
    assert code(web.post("serviceD", signed(counted(READ_INVENTORY, 2**64 - 1)))) == "E13"


def test_a_refused_request_cannot_be_sent_again_when_nothing_stands_against_it_any_more(web):
    message = signed(counted(READ_INVENTORY, 5_000))
    assert code(web.post("serviceS", message)) == "E12"
    assert code(web.post("serviceD", message)) == "E13"
    assert ServiceRequest.objects.get().state == "REFUSED"
