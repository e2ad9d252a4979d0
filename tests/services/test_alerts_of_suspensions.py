"""N28, N29 and N52 on their way: from what was raised to the messages that wait for each User's address."""

import pytest

from safelaunch.domain.suspension import Kind
from safelaunch.services import alerts, suspensions
from safelaunch.services.suspensions import Heard
from safelaunch.store.models import AlertChunk, DccAlert, OutgoingMessage, UserReceiver
from safelaunch.store.reads import alerts as reads
from safelaunch.wire.duis.envelope import read_response as read_envelope
from safelaunch.wire.duis.responses import read_response
from safelaunch.wire.duis.responses.firmware_alerts import FirmwareVersionMismatch
from safelaunch.wire.duis.xml import parse
from tests import pki
from tests.estate_factory import waiting_jobs
from tests.services import suspension_scene as scene
from tests.services.suspension_scene import (
    ELECTRIC,
    ESME,
    GAS,
    GPF,
    GSME,
    HUB,
    LATER,
    LATEST,
    NEW,
    PIPES,
    RECEIVERS,
    SECOND_ELECTRIC,
    WIRES,
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(database):
    scene.build()


def listen(*user_ids):
    for user_id in user_ids:
        UserReceiver.objects.create(user_id=user_id, address="http://127.0.0.1:9/")


def tell():
    """Write out until nothing waits, as the worker does, and give the number of messages."""
    count = 0
    while written := alerts.tell_users(dsp_id=pki.DSP):
        count += written
    return count


def told():
    """What Users are told, in order: to whom, which code, about which Device."""
    return [(row.user_id, row.code, row.device_id) for row in OutgoingMessage.objects.order_by("pk")]


def message(code):
    row = OutgoingMessage.objects.filter(code=code).first()
    return read_response(read_envelope(parse(bytes(row.octets))))


def test_every_addressee_of_a_suspension_and_of_a_return_is_told_once_in_that_order():
    listen(ELECTRIC, SECOND_ELECTRIC, GAS, WIRES, PIPES)
    for kind in ("ESME", "GSME", "CHF"):
        scene.make(scene.removal(kind))
    suspensions.take_answers(heard=[Heard(ESME, Kind.READ, NEW), Heard(GSME, Kind.ACTIVATION, NEW)], at=LATER)
    scene.make(scene.reinstatement("CHF"), at=LATEST)
    assert {"job": "TELL_USERS"} in waiting_jobs()
    assert tell() == len(told())
    for device in (ESME, GSME, HUB):
        expected = {(user_id, code) for user_id in RECEIVERS[device] for code in ("N28", "N29")}
        about = [(user_id, code) for user_id, code, about in told() if about == device]
        assert sorted(about) == sorted(expected)
        assert all(about.index((user_id, "N28")) < about.index((user_id, "N29")) for user_id, _ in expected)
    suspended, restored = message("N28"), message("N29")
    assert (suspended.message.body.change.is_suspended, restored.message.body.change.is_restored) == (
        True,
        True,
    )
    assert (suspended.at, suspended.response_id.originator) == (LATER, pki.DSP)


def test_a_gpf_that_mirrors_another_version_is_told_with_both_versions():
    listen(GAS)
    suspensions.take_answers(heard=[Heard(GPF, Kind.READ, NEW)], at=LATER)
    tell()
    body = message("N52").message.body
    assert isinstance(body, FirmwareVersionMismatch)
    assert (body.device_id, body.inventory_version, body.device_version) == (GSME, scene.OLD, NEW)


def test_a_chunk_is_written_out_in_pieces_each_device_once(monkeypatch):
    devices = [ESME, GSME, HUB, GPF, scene.PPMID]
    chunk = AlertChunk.objects.create(
        user_id=GAS, raised_at=LATER, suspension_id=1, bucket=0, party_id=1, device_count=5, code="N28",
        device_ids=devices, is_owed=True,
    )  # fmt: skip
    kept = {"device_id": ESME, "user_id": GAS, "party_id": 1, "is_owed": True}
    DccAlert.objects.create(**kept, raised_at=LATEST, code="N29")
    listen(GAS)
    monkeypatch.setattr(alerts, "RUN", 2)
    assert [alerts.tell_users(dsp_id=pki.DSP) for _ in range(5)] == [2, 2, 1, 1, 0]
    assert [(code, about) for _, code, about in told()] == [
        *(("N28", device) for device in devices),
        ("N29", ESME),
    ]
    chunk.refresh_from_db()
    assert (chunk.told_count, chunk.is_owed) == (5, False)


def test_who_has_no_address_is_owed_nothing_and_who_does_not_keep_up_is_told_later(monkeypatch):
    scene.make(scene.removal("ESME"))
    assert not reads.is_anybody_owed()
    listen(WIRES)
    assert tell() == 0
    for kind in ("ESME", "HCALCS"):
        scene.make(scene.removal(kind) if kind == "HCALCS" else scene.reinstatement(kind), at=LATEST)
    monkeypatch.setattr(alerts, "RUN", 1)
    monkeypatch.setattr(alerts, "WAITING_AT_MOST", 1)
    assert tell() == 1
    assert reads.is_anybody_owed()
    OutgoingMessage.objects.update(state="DELIVERED")
    assert tell() == 1
    assert [(code, about) for _, code, about in told()] == [("N29", ESME), ("N28", scene.HCALCS)]
    assert not reads.is_anybody_owed()
