"""The door for Users over real HTTP: what is answered in DUIS, what is not, and that nothing ends in a 500."""

import time
from datetime import timedelta

import pytest
from django.db import connection

from safelaunch.services import timetable
from safelaunch.store.models import OriginatorCounter, OutgoingMessage, ServiceMessage, ServiceRequest
from safelaunch.wire.duis import extension
from safelaunch.wire.duis.dialects import Dialect
from safelaunch.wire.duis.extension.messages import AskResults
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.xml import GATEWAY, MAX_BODY_OCTETS
from tests import pki
from tests.doors.dcc.serving import AT, code, counted, dsp, opened
from tests.unit.wire.duis.messages import REQUEST, signed

pytestmark = pytest.mark.usefixtures("estate")

READ_INVENTORY = (
    REQUEST.replace(b"11.2", b"8.2")
    .replace(b"<sr:CommandVariant>1<", b"<sr:CommandVariant>8<")
    .replace(b":00-DB-12-34-56-78-90-A4:", b":90-B3-D5-1F-30-00-00-02:")
    .replace(
        b"<sr:ReadFirmwareVersion/>",
        b"<sr:ReadInventory><sr:DeviceID>00-DB-12-34-56-78-90-A2</sr:DeviceID></sr:ReadInventory>",
    )
)


def ask(web, message=READ_INVENTORY, service="serviceD", **headers):
    return web.post(service, signed(message), **headers)


def test_a_supplier_reads_its_home_and_gets_a_signed_answer(web):
    response = ask(web, counted(READ_INVENTORY))
    said = opened(response).envelope
    assert (said.response_code, said.response_id) == ("I0", None)
    assert said.body_xml.count(b"<sr:Device>") + said.body_xml.count(b":Device>") >= 6
    assert b"00-DB-12-34-56-78-90-A2" in said.body_xml.upper()
    assert said.responded_at == AT
    kept = ServiceRequest.objects.get()
    assert (kept.state, kept.response_code) == ("ANSWERED", "I0")
    assert bytes(kept.response) == response.content


def test_an_answer_that_went_out_is_noted_so_that_it_is_not_pushed(web):
    ask(web, counted(READ_INVENTORY))
    deadline = time.monotonic() + 5
    while ServiceRequest.objects.get().handed_over_at is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_job_stands_by_from_the_moment_of_acceptance(web):
    ask(web, counted(READ_INVENTORY))
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, scheduled_at > now(), args FROM procrastinate_jobs")
        ((name, is_later, arguments),) = cursor.fetchall()
    assert (name, is_later) == ("PROCESS_SERVICE_REQUEST", True)
    assert f'"service_request_id": {ServiceRequest.objects.get().pk}' in arguments


def test_the_signed_octets_are_kept_as_they_came(web):
    message = signed(counted(READ_INVENTORY))
    web.post("serviceD", message)
    assert bytes(ServiceMessage.objects.get().octets) == message


@pytest.mark.parametrize("content_type", ["application/xml; charset=utf-8", "text/xml"])
def test_xml_by_its_other_names_is_taken(web, content_type):
    assert code(ask(web, counted(READ_INVENTORY), **{"Content-Type": content_type})) == "I0"


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "", "multipart/form-data; boundary=x"]
)
def test_another_type_is_refused_unread(web, content_type):
    response = ask(web, counted(READ_INVENTORY), **{"Content-Type": content_type})
    assert response.status_code == 415
    assert response.json()["status"] == 415
    assert ServiceRequest.objects.count() == 0


def test_a_message_that_is_too_large_is_refused_unread(web):
    response = web.post("serviceD", b" " * (MAX_BODY_OCTETS + 1))
    assert (response.status_code, response.json()["response_code"]) == (413, "E100")


def test_a_message_of_unknown_length_is_refused(web):
    response = web.client.post(
        "/api/v1/serviceD",
        content=iter([signed(READ_INVENTORY)]),
        headers={"Content-Type": "application/xml"},
    )
    assert response.status_code == 411


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<a/>",
        b"\x00\xff",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 100,
        f'<sr:Request xmlns:sr="{GATEWAY}"/>'.encode(),
        f'<sr:Response xmlns:sr="{GATEWAY}"><sr:Header/></sr:Response>'.encode(),
    ],
)
def test_what_does_not_say_what_it_asks_is_a_bad_request_in_words(web, body):
    response = web.post("serviceD", body)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["response_code"] in {"E100", "E65"}
    assert response.json()["detail"].endswith(".")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_posting_is_allowed(web, method):
    assert web.client.request(method, "/api/v1/serviceD").status_code == 405


def test_another_web_service_does_not_exist(web):
    assert web.post("serviceX", signed(READ_INVENTORY)).status_code == 404


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<sr:DeviceID>00-DB-12-34-56-78-90-A2</sr:DeviceID>", b"<sr:DeviceID>00-DB</sr:DeviceID>"),
        (b"<sr:DeviceID>00-DB-12-34-56-78-90-A2</sr:DeviceID>", b""),
        (b"<sr:CommandVariant>8<", b"<sr:CommandVariant>eight<"),
        (b'schemaVersion="5.4"', b'schemaVersion="new"'),
    ],
)
def test_a_request_that_breaks_the_schema_is_told_so_and_leaves_no_trace(web, old, new):
    message = counted(READ_INVENTORY)
    assert old in message
    response = ask(web, message.replace(old, new))
    assert code(response) == "E100"
    assert response.headers["Safelaunch-Reason"].endswith(".")
    assert ServiceRequest.objects.count() == OriginatorCounter.objects.count() == 0


def test_a_reason_that_quotes_strange_characters_stays_one_header(web):
    message = counted(READ_INVENTORY).replace(b"00-DB-12-34-56-78-90-A2", "\u2603\u00e9".encode())
    response = ask(web, message)
    assert code(response) == "E100"
    assert "\\u2603" in response.headers["Safelaunch-Reason"]


def test_the_answer_speaks_the_users_version(web):
    from safelaunch.store.models import PartyUser

    PartyUser.objects.filter(user_id=pki.SUPPLIER).update(duis_version="5.1")
    assert opened(ask(web, counted(READ_INVENTORY))).envelope.schema_version == "5.1"


def test_a_repeat_is_refused_executes_nothing_and_has_the_first_answer_pushed_once(web):
    message = signed(counted(READ_INVENTORY))
    first = web.post("serviceD", message)
    for _ in range(3):
        repeat = web.post("serviceD", message)
        assert code(repeat) == "E13"
    assert ServiceRequest.objects.count() == 1
    pushed = OutgoingMessage.objects.get()
    assert bytes(pushed.octets) == first.content
    assert (pushed.is_signed, pushed.user_id, pushed.device_id) == (True, pki.SUPPLIER, None)


def test_the_same_request_id_with_another_body_is_a_repeat_too(web):
    message = counted(READ_INVENTORY)
    ask(web, message)
    assert code(ask(web, message.replace(b"90-A2</sr:DeviceID>", b"90-A0</sr:DeviceID>"))) == "E13"
    assert ServiceRequest.objects.count() == 1


def test_a_lower_counter_is_refused_and_a_higher_one_is_not(web):
    assert code(ask(web, counted(READ_INVENTORY, 2_000))) == "I0"
    assert code(ask(web, counted(READ_INVENTORY, 1_999))) == "E13"
    assert code(ask(web, counted(READ_INVENTORY, 2_001))) == "I0"


def test_one_originators_counter_does_not_bind_another(web):
    ask(web, counted(READ_INVENTORY, 2_000))
    other = counted(READ_INVENTORY, 5).replace(str(pki.SUPPLIER).encode(), str(pki.OTHER_SUPPLIER).encode())
    assert code(web.post("serviceD", signed(other, by=pki.other_supplier()))) != "E13"


def test_before_a_demonstration_has_set_its_clock_the_door_asks_for_another_try_later(web):
    from safelaunch.store.models import SteppedClock

    SteppedClock.objects.all().delete()
    assert ask(web, counted(READ_INVENTORY)).status_code == 503


def test_the_largest_legal_message_is_answered_in_time(web):
    image = b"QUFB" * (10_240_000 // 3)
    ids = b",".join(
        b"00-DB-12-34-%02X-%02X-%02X-A0" % (n >> 16, n >> 8 & 255, n & 255) for n in range(50_000)
    )
    message = counted(
        READ_INVENTORY.replace(b"8.2", b"11.1").replace(
            b"<sr:ReadInventory><sr:DeviceID>00-DB-12-34-56-78-90-A2</sr:DeviceID></sr:ReadInventory>",
            b"<sr:UpdateFirmware><sr:FirmwareImage>" + image + b"</sr:FirmwareImage><sr:FirmwareVersion>"
            b"00030001</sr:FirmwareVersion><sr:DeviceIDList>"
            + ids
            + b"</sr:DeviceIDList></sr:UpdateFirmware>",
        )
    )
    body = signed(message)
    begun = time.monotonic()
    response = web.post("serviceD", body)
    print(f"{len(body):,} octets were answered after {time.monotonic() - begun:.2f} s")
    assert opened(response).envelope.response_code[0] in "IWE"
    assert ServiceRequest.objects.count() == 1


def test_time_goes_by_the_house_clock(web):
    timetable.step_clock(to=AT + timedelta(days=1))
    assert opened(ask(web, counted(READ_INVENTORY))).envelope.responded_at == AT + timedelta(days=1)


def test_a_message_about_a_campaign_is_answered_in_its_own_language_whatever_is_wrong_with_it(web):
    body = extension.write_request(
        AskResults(campaign="C1"), request_id=RequestId(pki.SUPPLIER, dsp().eui, 5)
    )
    for message, expected in (
        (signed(body), "E901"),
        (body, "E65"),
        (signed(body.replace(b"Campaign", b"Champagne")), "E100"),
    ):
        said = opened(web.post("serviceD", message)).envelope
        assert (said.response_code, said.dialect) == (expected, Dialect.CAMPAIGNS)
