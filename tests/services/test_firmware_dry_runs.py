"""A dry run says what the request would be answered, through each door, and leaves nothing behind."""

import base64
import json
from dataclasses import replace

import pytest
from django.test import Client

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Role
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.cli import terminal
from safelaunch.services import firmware_dry_runs, people
from safelaunch.services.firmware_dry_runs import MOST, NoSuchUser, Trial
from safelaunch.store import transactions
from safelaunch.store.models import FirmwareImage, FirmwareRequest, FirmwareTarget, OutgoingMessage, Party
from safelaunch.store.writes import clock
from tests import estate_factory, pki
from tests.doors.cli.running import Shell
from tests.services.requests import scene
from tests.services.requests.firmware_scene import ALDER, BIRCH, modernise, release, signing, update
from tests.services.requests.scene import AT, PREMISES, ask

STRANGER = "00-00-00-00-00-00-00-01"
NAMED = [PREMISES["ESME"], STRANGER, PREMISES["PPMID"]]


@pytest.fixture
def meter(database):
    estate_factory.load_estate()
    scene.vouch(pki.supplier(), pki.other_supplier(), signing())
    with transactions.transaction():
        clock.set_stepped_clock(shows=AT)
    return release("ESME")


def trial(made, *device_ids, **changes):
    return Trial(
        user_id=changes.pop("user_id", pki.SUPPLIER),
        srv=changes.pop("srv", "11.4" if made.name == "PPMID" else "11.1"),
        image=changes.pop("image", made.octets),
        firmware_version=made.version,
        device_ids=[Eui64.parse(one) for one in device_ids or [made.device_id]],
    )


def tried(made, *device_ids, viewer=ALDER, **changes):
    return firmware_dry_runs.dry_run(trial(made, *device_ids, **changes), viewer_party_id=viewer, at=AT)


def is_untouched():
    return not any(
        model.objects.exists() for model in (FirmwareImage, FirmwareRequest, FirmwareTarget, OutgoingMessage)
    )


def test_it_answers_what_the_request_is_answered_and_leaves_nothing(meter):
    display = release("PPMID")
    cases = [(meter, [PREMISES["ESME"]]), (meter, NAMED), (meter, [STRANGER]), (display, [display.device_id])]
    said = [tried(made, *named) for made, named in cases]
    assert is_untouched()
    assert [one.code for one in said] == ["I0", "W110101", "E110103", "E110403"]
    some = said[1]
    assert some.accepted == 1
    assert [(str(device_id), exclusion) for device_id, exclusion in some.devices] == [
        (STRANGER, "UNKNOWN"),
        (PREMISES["PPMID"], "WRONG_TYPE"),
    ]
    assert [(one.warning_list, one.device_count) for one in some.excluded] == [("INVALID", 1), ("INVALID", 1)]
    assert "check the Device ID" in some.excluded[0].advice.next_step
    assert "wait for the hub campaign" in said[3].excluded[0].advice.next_step
    modernise()
    assert tried(display).code == ask(update(display)).response_code == "I0"
    assert tried(meter, *NAMED).code == ask(update(meter, *NAMED)).response_code == "W110101"
    # Now it has one under way, and a dry run knows.
    assert tried(meter).excluded[0].exclusion == "IN_PROGRESS"


def test_an_image_that_would_not_be_taken_is_objected_to_in_words(meter):
    other = signing(pki.OTHER_SUPPLIER, serial=pki.FIRST_SERIAL + 60)
    for changes, code, words in (
        ({"image": b"nothing"}, "E110101", "cannot be read"),
        ({"image": release("ESME", signer=other).octets}, "E110105", "not signed by the User"),
        ({"image": meter.octets.replace(b"\1\2\3", b"\3\2\1", 1)}, "E110102", "another hash"),
    ):
        answered = tried(meter, **changes)
        assert (answered.code, answered.accepted, answered.devices) == (code, 0, ())
        assert words in answered.objection.why
    assert is_untouched()


def test_nobody_tries_for_another_party_or_for_nothing(meter):
    with pytest.raises(NoSuchUser):
        tried(meter, viewer=BIRCH)
    assert tried(meter, viewer=None).code == "I0"
    for changes in ({"user_id": Eui64(5)}, {"srv": "11.2"}):
        with pytest.raises(NoSuchUser, match="may send"):
            tried(meter, **changes)
    for count in (0, MOST + 1):
        asked = replace(trial(meter), device_ids=[Eui64(number) for number in range(count)])
        with pytest.raises(Invalid, match="1 to 50,000"):
            firmware_dry_runs.dry_run(asked, viewer_party_id=ALDER, at=AT)


def test_rest_and_the_command_say_the_same(meter, tmp_path, capsys, monkeypatch):
    people.create_person(
        name="Alice", role=Role.SUPPLIER, party_name=Party.objects.get(party_id=ALDER).name, at=AT
    )
    client = Client(SERVER_NAME="localhost")
    assert client.post(f"/sign-in/{people.issue_link(name='Alice', at=AT)}/").status_code == 302
    asked = {
        "user_id": str(pki.SUPPLIER),
        "firmware_version": meter.version,
        "image": base64.b64encode(meter.octets).decode(),
        "device_ids": NAMED,
    }
    answer = client.post("/api/v1/firmware/dry-runs", asked, content_type="application/json")
    assert answer.status_code == 200
    found = answer.json()
    image, devices = tmp_path / "image.ota", tmp_path / "devices.txt"
    image.write_bytes(meter.octets)
    devices.write_text(f"{NAMED[0]}\n{NAMED[1]}, {NAMED[2]}\n")
    options = ["--user", str(pki.SUPPLIER), "--version", meter.version, "--as", "Alice"]
    # The consoles are made when their module is read, before this test's streams exist.
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_file", None)
    shell = Shell(capsys)
    said = shell("devices", "firmware", "dry-run", str(image), str(devices), *options, "--json")
    assert json.loads(said.out) == found
    assert (found["code"], found["accepted"]) == ("W110101", 1)
    in_words = shell("devices", "firmware", "dry-run", str(image), str(devices), *options)
    assert "1 Devices would have the firmware" in in_words.out
    assert (
        client.post(
            "/api/v1/firmware/dry-runs", {**asked, "image": "?"}, content_type="application/json"
        ).status_code
        == 422
    )
    devices.write_text("no Device")
    assert shell("devices", "firmware", "dry-run", str(image), str(devices), *options).code == 1
