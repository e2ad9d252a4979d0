"""Attacks on signatures over real HTTP, one by one: each is refused, and none leaves a trace."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from safelaunch.store.models import OriginatorCounter, OutgoingMessage, ServiceMessage, ServiceRequest
from safelaunch.wire.duis.signature import sign
from safelaunch.wire.smki import read_certificate
from tests import pki
from tests.doors.dcc.serving import code, counted, dsp
from tests.doors.dcc.test_door import READ_INVENTORY
from tests.unit.wire.duis.messages import REQUEST, signed
from tests.unit.wire.duis.test_signature import ATTACKS

pytestmark = pytest.mark.usefixtures("standing_estate")

TRACES = (ServiceRequest, ServiceMessage, OriginatorCounter, OutgoingMessage)
NO_WORD = {"empty document", "entity", "processing instruction", "signed message in another document"}
"""Attacks after which a message no longer says what it asks, so that it cannot be answered in DUIS."""


def assert_no_trace():
    assert {model.__name__: model.objects.count() for model in TRACES} == dict.fromkeys(
        (model.__name__ for model in TRACES), 0
    )


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_refused_with_the_class_of_its_code(web, name):
    attack, _ = ATTACKS[name]
    response = web.post("serviceS", attack(signed(REQUEST)))
    if name in NO_WORD:
        assert response.status_code == 400
    else:
        assert code(response) in {"E65", "E100"}
    assert_no_trace()


def test_an_unsigned_request_is_refused(web):
    assert code(web.post("serviceS", REQUEST)) == "E65"
    assert_no_trace()


def test_a_comment_in_a_device_id_hides_nothing(web):
    """What a comment splits is read whole, as it was digested: not as the half before it."""
    message = signed(counted(READ_INVENTORY, 1))
    split = message.replace(b"90-A2</sr:DeviceID>", b"90<!-- -->-A2</sr:DeviceID>")
    assert split != message
    assert code(web.post("serviceD", split)) == "I0"
    for model in TRACES:
        model.objects.all().delete()


def test_another_user_cannot_speak_in_the_suppliers_name(web):
    response = web.post("serviceS", signed(REQUEST, by=pki.other_supplier()))
    assert code(response) == "E65"
    assert "its originator has to sign it" in response.headers["Safelaunch-Reason"]
    assert_no_trace()


def test_a_certificate_that_nobody_vouched_for_is_worth_nothing(web):
    mallory = ec.generate_private_key(ec.SECP256R1())
    der = pki.certificate_der(mallory, subject=pki.name(units=("87",), eui=pki.SUPPLIER), serial=99)
    forged = sign(REQUEST, key=mallory, certificate=read_certificate(der))
    response = web.post("serviceS", forged)
    assert code(response) == "E65"
    assert "not known here" in response.headers["Safelaunch-Reason"]
    assert_no_trace()


def test_the_dsps_own_key_does_not_sign_for_users(web):
    assert code(web.post("serviceS", dsp().sign(REQUEST))) == "E65"
    assert_no_trace()


def test_what_was_attacked_was_good_before(web):
    assert code(web.post("serviceS", signed(REQUEST))) not in {"E65", "E100"}
