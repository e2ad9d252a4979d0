"""The door for CSPs: signed batches only, each problem with its status, a repeat harmless."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import Network
from safelaunch.gateways import keys
from safelaunch.interfaces.csp.views import _key_of
from safelaunch.services import timetable
from safelaunch.store.models import CspBatch, CspEvent, HubUpgrade
from safelaunch.wire import csp
from tests import estate_factory as factory
from tests.estate_factory import Reporter, evening

pytestmark = pytest.mark.usefixtures("database")
ADDRESS = "/gateway/v1/events"
AT = evening(1)


@pytest.fixture
def key():
    _key_of.cache_clear()
    return keys.load_or_create_private(settings.DATA / "keys" / keys.name_of(Network.NORTH))


@pytest.fixture
def client():
    return Client(headers={"host": "127.0.0.1"}, enforce_csrf_checks=True)


@pytest.fixture
def hubs(database):
    factory.load_estate()
    factory.set_capacity(20)
    sent = factory.send_night(factory.rolling_out(), 0).hubs
    timetable.step_clock(to=AT)
    return sent


def batch(events=(), *, network=Network.NORTH):
    return csp.EventBatch(network=network, batch=1, events=list(events))


def post(client, body, *, key, **headers):
    signed = csp.sign(body=body, message_id="batch-1", at=AT, key=key)
    return client.post(
        ADDRESS,
        data=body,
        content_type="application/json",
        headers={name: value for name, value in {**signed.headers, **headers}.items() if value is not None},
    )


def assert_problem(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    assert CspBatch.objects.count() == 0
    return problem


def test_a_signed_batch_is_taken_in_and_answered_with_a_receipt(client, key, hubs):
    reporter = Reporter()
    body = csp.write(batch(reporter.event(hub, EventKind.ACTIVATED, at=AT) for hub in hubs))
    response = post(client, body, key=key)
    assert response.status_code == 200
    assert csp.read(response.content, csp.BatchReceipt) == csp.BatchReceipt(
        new=len(hubs), applied=len(hubs), kept={}
    )
    assert set(CspEvent.objects.values_list("received_at", flat=True)) == {AT}
    assert set(HubUpgrade.objects.values_list("state", flat=True)) == {"ACTIVATED"}


def test_a_batch_sent_again_is_answered_and_changes_nothing(client, key, hubs):
    body = csp.write(batch([Reporter().event(hubs[0], EventKind.ACTIVATED, at=AT)]))
    first, second = (post(client, body, key=key) for _ in range(2))
    assert (first.json()["new"], second.json()["new"]) == (1, 0)
    assert second.status_code == 200
    assert CspEvent.objects.count() == 1


def test_a_signature_by_another_key_is_refused(client, key, hubs):
    assert_problem(post(client, csp.write(batch()), key=Ed25519PrivateKey.generate()), 401)


def test_a_batch_without_signature_is_refused(client, key, hubs):
    response = client.post(ADDRESS, data=csp.write(batch()), content_type="application/json")
    assert "is not signed" in assert_problem(response, 401)["detail"]


def test_one_network_cannot_speak_for_another(client, key, hubs):
    keys.load_or_create_private(settings.DATA / "keys" / keys.name_of(Network.SOUTH))
    assert_problem(post(client, csp.write(batch(network=Network.SOUTH)), key=key), 401)


def test_a_body_changed_on_the_way_is_refused(client, key, hubs):
    signed = csp.sign(body=csp.write(batch()), message_id="batch-1", at=AT, key=key)
    changed = csp.write(batch([Reporter().event(hubs[0], EventKind.ACTIVATED, at=AT)]))
    response = client.post(ADDRESS, data=changed, content_type="application/json", headers=signed.headers)
    assert_problem(response, 401)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"network": "EAST", "batch": 1, "events": []}', b"\xff"]
)
def test_a_body_that_is_no_batch_is_malformed(client, key, hubs, body):
    assert "is not a EventBatch" in assert_problem(post(client, body, key=key), 400)["detail"]


def test_a_time_without_its_zone_is_malformed(client, key, hubs):
    body = b'{"network":"NORTH","batch":1,"events":[[1,"00-00-00-00-00-00-00-01","HEARD","2026-03-02T10:00:00"]]}'
    assert_problem(post(client, body, key=key), 400)


def test_a_malformed_device_id_is_named_and_nothing_is_taken_in(client, key, hubs):
    body = csp.write(batch([Reporter().event("nonsense", EventKind.HEARD, at=AT)]))
    assert "nonsense" in assert_problem(post(client, body, key=key), 400)["detail"]


def test_too_many_events_are_refused(client, key, hubs):
    reporter = Reporter()
    body = csp.write(
        batch(reporter.event(hubs[0], EventKind.HEARD, at=AT) for _ in range(csp.MAX_EVENTS + 1))
    )
    assert "at most 10,000" in assert_problem(post(client, body, key=key), 400)["detail"]


def test_a_body_that_is_too_large_is_refused_unread(client, key, hubs):
    response = post(client, b" " * (csp.MAX_BODY_OCTETS + 1), key=key)
    assert response.status_code in {400, 413}
    assert CspBatch.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posting_is_allowed(client, key, method):
    response = getattr(client, method)(ADDRESS)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"


def test_a_network_whose_key_is_not_here_is_told_so(client, key, hubs):
    _key_of.cache_clear()
    public = settings.DATA / "keys" / "csp-central.pub.pem"
    public.unlink(missing_ok=True)
    body = csp.write(batch(network=Network.CENTRAL))
    assert "csp-central.pub.pem" in assert_problem(post(client, body, key=key), 404)["detail"]


def test_before_a_demonstration_has_set_its_clock_the_door_asks_for_another_try_later(client, key):
    assert_problem(post(client, csp.write(batch()), key=key), 409)
