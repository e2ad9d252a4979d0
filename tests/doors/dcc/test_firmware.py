"""Firmware over real HTTP: sent as Suppliers send it, answered at once, whatever its size."""

import pytest
from django.db import connection

from safelaunch.domain.identifiers import Eui64
from safelaunch.store.models import Device, FirmwareRequest, FirmwareTarget
from safelaunch.wire.duis import responses
from safelaunch.wire.duis.requests.firmware import MAX_IMAGE_OCTETS
from safelaunch.wire.duis.schema import load
from safelaunch.wire.duis.xml import parse
from tests.doors.dcc.serving import counted, opened, trust_users
from tests.services.requests.firmware_scene import ALDER, modernise, release, signing, update
from tests.unit.wire.duis.messages import SHARED, needs_shared, signed

pytestmark = pytest.mark.usefixtures("estate", "digital_signing")
NOBODYS = "00-00-00-00-00-00-00-01"
MOST = 50_000
ROOM = MAX_IMAGE_OCTETS - 60 - 66
"""The largest Manufacturer Image: what the header and the trailer leave."""


@pytest.fixture
def digital_signing(estate):
    trust_users(signing().der)


def post(web, made, *device_ids, **changes):
    unsigned = update(made, *device_ids, **changes)
    start = unsigned.index(b"<ds:Signature")
    end = unsigned.index(b"</ds:Signature>") + len(b"</ds:Signature>")
    return web.post("serviceD", signed(counted(unsigned[:start] + unsigned[end:])))


@pytest.mark.parametrize("name", ["ESME", "PPMID"])
def test_firmware_for_a_device_is_taken(web, name):
    modernise()
    made = release(name)
    assert opened(post(web, made)).envelope.response_code == "I0"
    assert FirmwareTarget.objects.get().state == "REQUESTED"


def test_an_image_that_cannot_be_read_is_answered_as_such(web):
    assert opened(post(web, release("ESME"), octets=b"\0")).envelope.response_code == "E110101"


def test_a_list_with_a_space_is_no_request(web):
    made = release("ESME")
    assert opened(post(web, made, made.device_id, f" {NOBODYS}")).envelope.response_code == "E100"
    assert not FirmwareRequest.objects.exists()


@needs_shared
def test_devices_left_out_are_named_in_an_answer_that_the_official_schema_allows(web):
    made = release("ESME")
    response = post(web, made, made.device_id, NOBODYS)
    load(SHARED / "xsd").check(parse(response.content))
    reply = responses.read_response(opened(response).envelope)
    assert (reply.code, str(reply.message.content.invalid)) == ("W110101", NOBODYS)


def test_the_largest_request_is_answered_whole(web):
    made = release("ESME", software=bytes(ROOM))
    ids = crowd(made)
    response = post(web, made, *ids)
    assert len(made.octets) == MAX_IMAGE_OCTETS
    print(f"answered in {response.elapsed.total_seconds():.2f} s")
    assert opened(response).envelope.response_code == "I0"
    assert FirmwareTarget.objects.filter(state="REQUESTED").count() == MOST
    again = opened(post(web, made, *ids[1:], NOBODYS))
    assert again.envelope.response_code == "E110103"
    assert FirmwareTarget.objects.filter(state="EXCLUDED", exclusion="IN_PROGRESS").count() == MOST - 1


def crowd(made):
    """Fifty thousand meters of Alder's that may have the firmware."""
    home = Device.objects.get(device_id=made.device_id)
    ids = [Eui64((0x00DB << 48) + number * 7919) for number in range(1, MOST + 1)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO device (hub_device_id, device_id, device_model_id, party_id, device_type, smi_status) "
            "SELECT %s, device_id::macaddr8, %s, %s, 'ESME', 'COMMISSIONED' FROM unnest(%s::text[]) AS given (device_id)",
            [home.hub_device_id, home.device_model_id, ALDER, [str(one) for one in ids]],
        )
    return ids
