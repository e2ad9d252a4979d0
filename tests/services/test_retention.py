"""What is forgotten after its time, and what never is."""

from datetime import timedelta

import pytest
from django.db import connection

from safelaunch.domain.deliveries import DeliveryState
from safelaunch.domain.service_requests import RequestState
from safelaunch.services import retention
from safelaunch.store.models import OutgoingMessage, ServiceMessage, ServiceRequest
from tests import pki
from tests.estate_factory import waiting_jobs

pytestmark = pytest.mark.usefixtures("database")
NOW = pki.DURING
KEEP = timedelta(days=90)
OLD, YOUNG = NOW - KEEP - timedelta(seconds=1), NOW - KEEP + timedelta(seconds=1)


def request(number, *, state, came):
    """A request with its octets, under a digest of its own."""
    digest = bytes([number]) * 32
    ServiceMessage.objects.create(digest=digest, octets=b"<a/>", kept_since=came)
    ServiceRequest.objects.create(
        originator=pki.SUPPLIER,
        target=pki.DSP,
        counter=number,
        is_signed_pre_command=False,
        command_variant=8,
        message_digest=digest,
        state=state,
        received_at=came,
        was_reformatted=False,
        response=b"<b/>",
    )


def message(*, state, settled):
    OutgoingMessage.objects.create(
        user_id=pki.SUPPLIER, code="N64", octets=b"<a/>", is_signed=True, state=state, settled_at=settled
    )


def test_octets_of_requests_go_when_they_are_old_and_the_request_is_done():
    for number, state in enumerate(RequestState):
        request(2 * number, state=state, came=OLD)
        request(2 * number + 1, state=state, came=YOUNG)
    assert retention.forget(keep=KEEP, at=NOW) == 3
    kept = {bytes(one.digest) for one in ServiceMessage.objects.filter(kept_since=OLD)}
    rows = {row.message_digest: row for row in ServiceRequest.objects.filter(message_digest__in=kept)}
    assert {row.state for row in rows.values()} == {"ACCEPTED", "ACKNOWLEDGED"}
    assert ServiceMessage.objects.filter(kept_since=YOUNG).count() == len(RequestState)
    assert ServiceRequest.objects.count() == 2 * len(RequestState)
    assert not ServiceRequest.objects.filter(response=None).exists()


def test_messages_go_when_they_were_taken_long_ago_and_what_nobody_took_stays():
    for state in DeliveryState:
        message(state=state, settled=None if state is DeliveryState.QUEUED else OLD)
        message(state=state, settled=None if state is DeliveryState.QUEUED else YOUNG)
    assert retention.forget(keep=KEEP, at=NOW) == 1
    assert OutgoingMessage.objects.filter(state="DELIVERED").get().settled_at == YOUNG
    assert OutgoingMessage.objects.exclude(state="DELIVERED").count() == 4


def test_much_is_forgotten_a_run_at_a_time_and_the_job_comes_again_until_nothing_is_left():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO service_message (digest, octets, kept_since) "
            "SELECT sha256(number::text::bytea), '', %s FROM generate_series(1, %s) AS number",
            [OLD, retention.RUN + 1],
        )
    assert retention.forget(keep=KEEP, at=NOW) == retention.RUN
    assert len(waiting_jobs("FORGET")) == 1
    assert retention.forget(keep=KEEP, at=NOW) == 1
    assert retention.forget(keep=KEEP, at=NOW) == 0
    assert len(waiting_jobs("FORGET")) == 1
