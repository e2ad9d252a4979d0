"""When something of ours fails at the door for Users: never a 500, and nothing is promised that is not kept."""

import logging

import pytest
from django.conf import settings as house
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelaunch.interfaces.dcc import terms as terms_module
from safelaunch.interfaces.dcc import views
from safelaunch.services import requests
from safelaunch.store.models import ServiceRequest
from tests.doors.dcc.serving import code, counted
from tests.doors.dcc.test_door import READ_INVENTORY
from tests.unit.wire.duis.messages import signed

pytestmark = pytest.mark.usefixtures("estate")


@pytest.fixture
def client():
    terms_module.standing_terms.cache_clear()
    return Client(headers={"host": "127.0.0.1"}, enforce_csrf_checks=True)


def post(client, body):
    return client.post("/api/v1/serviceD", data=body, content_type="application/xml")


def failing(error):
    def fail(**_):
        raise error

    return fail


def test_a_bug_of_ours_is_answered_in_duis_and_logged(client, monkeypatch, caplog):
    monkeypatch.setattr(requests, "accept", failing(ZeroDivisionError()))
    # A linter that an earlier test ran silences every logger it does not know.
    monkeypatch.setattr(views.log, "disabled", False)
    with caplog.at_level(logging.ERROR):
        response = post(client, signed(counted(READ_INVENTORY)))
    assert code(response) == "E48"
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in response.headers[views.REASON]


def test_a_bug_met_by_what_says_nothing_is_no_500_either(client, monkeypatch, caplog):
    monkeypatch.setattr(requests, "accept", failing(ZeroDivisionError()))
    assert post(client, b"nonsense").status_code == 400


@pytest.mark.parametrize("step", ["accept", "process"])
def test_a_database_that_is_away_asks_for_another_try(client, monkeypatch, caplog, step):
    monkeypatch.setattr(requests, step, failing(OperationalError("gone")))
    response = post(client, signed(counted(READ_INVENTORY)))
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    states = list(ServiceRequest.objects.values_list("state", flat=True))
    assert states == (["ACCEPTED"] if step == "process" else [])


def test_an_answer_whose_note_is_lost_is_sent_all_the_same(client, monkeypatch, caplog):
    monkeypatch.setattr(requests, "note_handed_over", failing(OperationalError("gone")))
    assert code(post(client, signed(counted(READ_INVENTORY)))) == "I0"
    assert ServiceRequest.objects.get().handed_over_at is None


def test_a_schema_that_is_not_where_it_should_be_keeps_the_door_shut(client, monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(house, "DUIS_SCHEMAS", str(tmp_path))
    assert post(client, signed(counted(READ_INVENTORY))).status_code == 503
    assert "no file 'DUIS Schema V*.xsd'" in caplog.text
    terms_module.standing_terms.cache_clear()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_changed_in_a_message_is_answered(client, data):
    message = bytearray(signed(READ_INVENTORY))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(message) - 1))
        length = data.draw(st.integers(0, 20))
        message[place : place + length] = data.draw(st.binary(max_size=12))
    response = post(client, bytes(message))
    assert response.status_code in {200, 400}
    if response.status_code == 200:
        assert code(response)[0] in "EI"
