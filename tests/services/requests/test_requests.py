"""Accept, process, recover: everything is recorded before it is done, done once, and answered even after a crash."""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from safelaunch.domain.refusals import Conflict
from safelaunch.domain.srv import WebService
from safelaunch.services import requests
from safelaunch.services.requests import handlers, outcomes
from safelaunch.store import transactions
from safelaunch.store.models import (
    OriginatorCounter,
    OutgoingMessage,
    PartyUser,
    ServiceMessage,
    ServiceRequest,
)
from safelaunch.wire.duis.elements import MalformedBody
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import GbcsPayload
from tests import pki
from tests.services.requests import scene
from tests.services.requests.scene import (
    AT,
    PREMISES,
    accept,
    ask,
    process,
    read_inventory,
    read_version,
    said,
)

pytestmark = pytest.mark.usefixtures("premises")


@pytest.fixture
def handled(monkeypatch):
    """Let a handler of the test's own answer an SRV, and count how often it did."""

    class Handled:
        calls = 0

        def by(self, answer, *, srv="11.2"):
            def handle(*, request, body, at):
                transactions.require()
                Handled.calls += 1
                return answer(request, body) if callable(answer) else answer

            monkeypatch.setattr(requests, "HANDLERS", {**handlers.HANDLERS, srv: handle})

    Handled.calls = 0
    return Handled()


def fail(*_):
    raise ZeroDivisionError


def refuse(*_):
    raise Conflict("Not now.")


@contextmanager
def counting():
    """The statements that this connection runs meanwhile."""
    with CaptureQueriesContext(connection) as queries:
        yield queries


def jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


def recover(at=AT):
    number = ServiceRequest.objects.latest("pk").pk
    return requests.recover(service_request_id=number, terms=scene.terms(), at=at)


def test_acceptance_records_the_request_raises_the_counter_and_has_a_job_stand_by():
    message = read_inventory(counter=1_234)
    taken = accept(message)
    kept = ServiceRequest.objects.get()
    assert (kept.pk, kept.state, kept.response) == (taken.service_request_id, "ACCEPTED", None)
    assert (kept.originator, kept.target, int(kept.counter)) == (pki.SUPPLIER, pki.DSP, 1_234)
    assert (kept.service_reference_variant, kept.command_variant, kept.body_name) == (
        "8.2",
        8,
        "ReadInventory",
    )
    assert kept.certificate_serial == str(pki.FIRST_SERIAL)
    assert bytes(ServiceMessage.objects.get().octets) == message
    assert int(OriginatorCounter.objects.get().counter) == 1_234
    assert jobs() == ["PROCESS_SERVICE_REQUEST"]


def test_processing_answers_once_and_gives_the_same_octets_ever_after():
    taken = accept(read_inventory())
    first = process(taken)
    assert process(taken, at=AT + timedelta(hours=1)) == first
    assert said(first).response_code == "I0"
    assert ServiceRequest.objects.get().state == "ANSWERED"


def test_whoever_did_not_accept_a_request_reads_it_again():
    taken = accept(read_inventory())
    octets = requests.process(service_request_id=taken.service_request_id, terms=scene.terms(), at=AT)
    assert said(octets).response_code == "I0"


def test_a_handler_is_called_once_however_often_a_request_is_processed(handled):
    handled.by(Answer(ResponseCode.I99))
    taken = accept(read_version(), service=WebService.SEND_COMMAND)
    answers = {process(taken) for _ in range(3)}
    assert len(answers) == handled.calls == 1
    assert ServiceRequest.objects.get().state == "ACKNOWLEDGED"


def test_two_who_process_at_once_answer_alike(handled):
    handled.by(Answer(ResponseCode.I99))
    taken = accept(read_version(), service=WebService.SEND_COMMAND)

    def work(_):
        try:
            return process(taken)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(work, range(4)))) == handled.calls == 1


@pytest.mark.parametrize("failure", [fail, refuse])
def test_a_handler_that_fails_changes_nothing_and_the_request_is_answered_that_it_failed(
    handled, failure, caplog
):
    def half_done(request, body):
        PartyUser.objects.update(duis_version="5.0")
        failure()

    handled.by(half_done)
    with caplog.at_level(logging.CRITICAL):
        response = ask(read_version(), service=WebService.SEND_COMMAND)
    assert response.response_code == "E48"
    assert response.schema_version == "5.4"
    assert not PartyUser.objects.filter(user_id=pki.SUPPLIER, duis_version="5.0").exists()
    assert ServiceRequest.objects.get().state == "REFUSED"


def test_when_the_database_fails_nothing_is_decided_and_the_job_does_it_later(handled):
    def away(request, body):
        raise OperationalError("gone")

    handled.by(away)
    taken = accept(read_version(), service=WebService.SEND_COMMAND)
    with pytest.raises(OperationalError):
        process(taken)
    assert ServiceRequest.objects.get().state == "ACCEPTED"
    handled.by(Answer(ResponseCode.I99))
    assert recover() is True
    assert said(bytes(OutgoingMessage.objects.get().octets)).response_code == "I99"


def test_a_request_whose_process_died_before_it_was_done_is_done_and_its_answer_pushed():
    accept(read_inventory())
    assert recover() is True
    kept, pushed = ServiceRequest.objects.get(), OutgoingMessage.objects.get()
    assert kept.state == "ANSWERED"
    assert bytes(pushed.octets) == bytes(kept.response)
    assert (pushed.user_id, pushed.is_signed, pushed.service_request_id) == (pki.SUPPLIER, True, kept.pk)


def test_a_request_whose_process_died_before_it_answered_is_pushed_the_same_octets():
    octets = process(accept(read_inventory()))
    assert recover() is True
    assert bytes(OutgoingMessage.objects.get().octets) == octets


def test_a_request_that_was_answered_on_its_connection_is_left_alone():
    taken = accept(read_inventory())
    process(taken)
    requests.note_handed_over(service_request_id=taken.service_request_id, at=AT)
    assert recover() is False
    assert OutgoingMessage.objects.count() == 0


def test_recovering_twice_pushes_once():
    accept(read_inventory())
    assert [recover(), recover()] == [True, False]
    assert OutgoingMessage.objects.count() == 1


def test_of_requests_with_one_request_id_that_come_at_once_exactly_one_is_accepted():
    messages = [read_inventory(counter=7_777) for _ in range(6)]

    def work(message):
        try:
            return type(accept(message))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(work, messages))
    assert taken.count(requests.Accepted) == 1
    assert ServiceRequest.objects.count() == ServiceMessage.objects.count() == 1


def test_a_repeat_has_the_first_answer_pushed_again_and_executes_nothing(handled):
    handled.by(Answer(ResponseCode.I99))
    message = read_version()
    octets = process(accept(message, service=WebService.SEND_COMMAND))
    declined = accept(message, service=WebService.SEND_COMMAND)
    assert declined.code == ResponseCode.E13
    pushed = OutgoingMessage.objects.get()
    assert bytes(pushed.octets) == octets
    assert str(pushed.device_id) == PREMISES["ESME"]
    assert handled.calls == 1


def test_a_repeat_of_a_request_that_is_not_answered_yet_pushes_nothing():
    message = read_inventory()
    accept(message)
    assert isinstance(accept(message), requests.Declined)
    assert OutgoingMessage.objects.count() == 0


def test_a_counter_that_is_a_time_is_not_taken_more_than_a_day_ahead():
    now = int(AT.timestamp() * 1000)
    day = 24 * 60 * 60 * 1000
    assert isinstance(accept(read_inventory(counter=now + day + 1)), requests.Declined)
    assert OriginatorCounter.objects.count() == 0
    assert isinstance(accept(read_inventory(counter=now + day)), requests.Accepted)


def test_counters_need_not_be_times_where_that_is_forgiven():
    assert isinstance(accept(read_inventory(counter=2**63), are_counters_times=False), requests.Accepted)


def top_up(counter):
    body = "<sr:TopUpDevice><sr:UTRN>12345678901234567890</sr:UTRN></sr:TopUpDevice>"
    return scene.request("2.2", body, target=PREMISES["ESME"], variant=1, counter=counter)


def test_top_ups_count_in_a_series_of_their_own():
    first = accept(top_up(2**62), service=WebService.SEND_COMMAND)
    assert isinstance(first, requests.Accepted)
    assert isinstance(accept(read_inventory(counter=5)), requests.Accepted)
    assert isinstance(accept(top_up(2**62 - 1), service=WebService.SEND_COMMAND), requests.Declined)


def activate(variant, body, counter):
    service = WebService.TRANSFORM if variant == 4 else WebService.SEND_COMMAND
    message = scene.request("11.3", body, target=PREMISES["ESME"], variant=variant, counter=counter)
    return message, service


TRANSFORMED = f"<sr:ActivateFirmware><sr:FirmwareHash>{'ab' * 32}</sr:FirmwareHash></sr:ActivateFirmware>"
SIGNED = "<sr:SignedPreCommand><sr:GBCSPayload>3wk=</sr:GBCSPayload></sr:SignedPreCommand>"


def test_a_signed_pre_command_reuses_the_request_id_of_its_pre_command_once(handled):
    handled.by(
        lambda request, _: Answer(ResponseCode.I0 if request.command_variant == 4 else ResponseCode.I99),
        srv="11.3",
    )
    transform, service = activate(4, TRANSFORMED, 900)
    assert ask(transform, service=service).response_code == "I0"
    assert ask(read_inventory(counter=901)).response_code == "I0"
    sent, service = activate(5, SIGNED, 900)
    assert ask(sent, service=service).response_code == "I99"
    assert ask(sent, service=service).response_code == "E13"
    assert ServiceRequest.objects.count() == 3
    assert handled.calls == 2


def test_a_signed_pre_command_that_nobody_asked_for_is_refused():
    sent, service = activate(5, SIGNED, 900)
    assert ask(sent, service=service).response_code == "E13"
    assert ServiceRequest.objects.count() == 0


def test_a_signed_pre_command_needs_one_that_was_given_out(handled):
    handled.by(Answer(ResponseCode.E5), srv="11.3")
    transform, service = activate(4, TRANSFORMED, 900)
    assert ask(transform, service=service).response_code == "E5"
    sent, service = activate(5, SIGNED, 900)
    assert ask(sent, service=service).response_code == "E13"


def test_a_malformed_body_is_unreadable_and_leaves_no_trace():
    with pytest.raises(MalformedBody):
        accept(read_inventory("<sr:DeviceID>1</sr:DeviceID>"))
    assert ServiceRequest.objects.count() == OriginatorCounter.objects.count() == 0


def test_what_is_refused_is_recorded_without_its_octets_and_is_answered_signed():
    taken = accept(read_inventory(), service=WebService.SEND_COMMAND)
    assert (taken.code, said(taken.octets).response_code) == (ResponseCode.E12, "E12")
    assert taken.reason.endswith(".")
    kept = ServiceRequest.objects.get()
    assert (kept.state, kept.response_code) == ("REFUSED", "E12")
    assert ServiceMessage.objects.count() == 0
    assert jobs() == []


def test_a_legal_request_that_is_not_served_says_so():
    body = "<sr:RequestWANMatrix><sr:UPRN>100012345678</sr:UPRN></sr:RequestWANMatrix>"
    assert ask(scene.request("12.1", body)).response_code == "E48"


def test_an_outcome_is_told_once_in_the_users_version_and_completes_the_request(handled):
    handled.by(Answer(ResponseCode.I99))
    PartyUser.objects.filter(user_id=pki.SUPPLIER).update(duis_version="5.2")
    taken = accept(read_version(), service=WebService.SEND_COMMAND)
    process(taken)
    answer = Answer(ResponseCode.I0, GbcsPayload(b"\xdf\x09"))
    with transactions.transaction():
        told = [
            outcomes.complete(service_request_id=taken.service_request_id, answer=answer, at=AT)
            for _ in range(2)
        ]
    assert told == [True, False]
    message = OutgoingMessage.objects.get()
    response = said(pki.dsp().signer.sign(bytes(message.octets)))
    assert (response.response_code, response.schema_version) == ("I0", "5.2")
    assert response.response_id == taken.request.request_id.answered()
    kept = ServiceRequest.objects.get()
    assert (kept.state, kept.response_code, kept.outcome_code) == ("COMPLETED", "I99", "I0")


def test_an_outcome_of_what_was_not_acknowledged_is_told_to_nobody():
    taken = accept(read_inventory())
    process(taken)
    with transactions.transaction():
        assert not outcomes.complete(
            service_request_id=taken.service_request_id, answer=Answer(ResponseCode.I0), at=AT
        )
    assert OutgoingMessage.objects.count() == 0


def following(request_id, **more):
    return read_inventory(
        preceding=f"<sr:PrecedingServiceRequestID>{request_id}</sr:PrecedingServiceRequestID>", **more
    )


def test_a_request_follows_one_that_is_known_and_done(handled):
    first = accept(read_inventory())
    assert ask(following(first.request.request_id)).response_code == "E42"
    process(first)
    assert ask(following(first.request.request_id)).response_code == "I0"
    assert ask(following(f"{pki.SUPPLIER}:{pki.DSP}:1")).response_code == "E40"
    failed = accept(read_inventory("<sr:UPRN>1</sr:UPRN>"))
    process(failed)
    assert ask(following(failed.request.request_id)).response_code == "E41"


def test_a_request_costs_the_same_number_of_statements_each_time():
    ask(read_inventory())
    with counting() as first:
        ask(read_inventory())
    with counting() as second:
        ask(read_inventory())
    print(f"{len(first)} statements for an 8.2")
    assert len(first) == len(second) <= 20
