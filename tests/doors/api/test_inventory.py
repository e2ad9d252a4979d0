"""The inventory as JSON: a Device, a home and the holdings, to whom they concern."""

from datetime import timedelta

import pytest

from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.store.models import (
    CplEntry,
    Device,
    DeviceModel,
    InventoryChange,
    PrenotifiedDevice,
    Registration,
)
from tests.doors.inventory_scene import MPAN, MPRN, VIEWERS, at_most, furnish
from tests.services.suspension_scene import (
    AT,
    ESME,
    GPF,
    GSME,
    HCALCS,
    HUB,
    LATER,
    NEW,
    NEWEST,
    OLD,
    PPMID,
    make,
    model,
    removal,
)

pytestmark = pytest.mark.usefixtures("database")
SMI = "/api/v1/smi"
THE_DCC = ("Olivia", "Arthur", "Gail")


def test_a_suspended_device_says_since_when_why_what_it_gets_back_and_what_to_do():
    clients = furnish()
    CplEntry.objects.filter(device_model=model("ESME", NEWEST)).update(predecessors=[OLD, NEW])
    make(removal("ESME"))
    with at_most(12):
        found = clients["Alice"].get(f"{SMI}/devices/{ESME}").json()
    why = found["explanation"]
    assert why["headline"] == (
        "Suspended since Monday 9 November 2026 at 10:00, because CPL entry ESME ABCD/0001 hardware 1 00000001 was removed."
    )
    assert why["what_would_change_it"].startswith(
        "It is restored to commissioned when an answer to 11.2 or 11.3"
    )
    assert found["next_steps"][0] == f"Send it {NEWEST} with SR 11.1, then activate it with SR 11.3."
    assert [path["firmware_version"] for path in found["paths"]] == [NEWEST]
    device = found["device"]
    assert (device["smi_status"], device["status_before"], device["cpl_status"], device["mpxn"]) == (
        "SUSPENDED",
        "COMMISSIONED",
        "WITHDRAWN",
        MPAN,
    )
    told = [(one["what"], one["detail"]) for one in found["happenings"]]
    assert ("SUSPENDED", "CPL_REMOVED") in told
    assert told.count(("N28", "To Alder")) == 2
    assert ("N28", "To Wires") in told
    # Birch supplies gas to the same home: the Device is no secret, whose it is and its meter point are.
    other = clients["Bess"].get(f"{SMI}/devices/{ESME}")
    assert (other.json()["device"]["supplier"], other.json()["device"]["mpxn"]) == ("another Supplier", None)
    assert "Alder" not in other.content.decode()
    assert MPAN not in other.content.decode()
    assert other.json()["next_steps"][0].startswith("Its Responsible Supplier may")


def test_every_type_of_device_is_explained_by_its_own_rules():
    clients = furnish()
    alice = clients["Alice"]
    CplEntry.objects.filter(device_model=model("PPMID", NEW)).update(predecessors=[OLD])
    ihd = DeviceModel.objects.create(
        device_type="IHD", manufacturer="ABCD", model="I", hardware_version="", firmware_version=""
    )
    Device.objects.filter(device_id=HCALCS).update(device_type="IHD", device_model_id=ihd.pk)
    expected = {
        HUB: ("In service", "Nothing: CHF and GPF share their firmware"),
        GPF: ("In service", "Nothing: CHF and GPF share their firmware"),
        PPMID: ("In service", f"Send it {NEW} with SR 11.4"),
        ESME: ("In service", "Nothing is needed"),
        HCALCS: ("Type 2", "Nothing: no Service Request updates"),
    }
    for device_id, (headline, step) in expected.items():
        found = alice.get(f"{SMI}/devices/{device_id}").json()
        assert found["hub_device_id"] == str(HUB)
        assert found["explanation"]["headline"].startswith(headline)
        assert found["next_steps"][0].startswith(step)
    make(removal("CHF"))
    for device_id in (HUB, GPF):
        found = alice.get(f"{SMI}/devices/{device_id}").json()
        assert "because CPL entry CHF" in found["explanation"]["headline"]


def test_a_home_is_found_by_a_meter_point_of_the_callers_and_holds_at_most_seventeen_devices():
    clients = furnish()
    home = clients["Alice"].get(f"{SMI}/homes", {"mpxn": MPAN}).json()
    assert [one["device_type"] for one in home["devices"]] == [
        "CHF",
        "GPF",
        "ESME",
        "GSME",
        "HCALCS",
        "PPMID",
    ]
    assert {one["mpxn"] for one in home["devices"]} == {None, MPAN}
    assert home["hub_device_id"] == home["devices"][0]["device_id"] == str(HUB)
    theirs = clients["Bess"].get(f"{SMI}/homes", {"mpxn": MPRN}).json()
    assert {one["mpxn"] for one in theirs["devices"]} == {None, MPRN}
    everything = clients["Gail"].get(f"{SMI}/homes", {"mpxn": MPRN}).json()
    assert {one["mpxn"] for one in everything["devices"]} == {None, MPAN, MPRN}
    for asked in ("", "12345678901234", "leeds", "1' OR"):
        assert clients["Alice"].get(f"{SMI}/homes", {"mpxn": asked}).status_code == 422
    spare = Device.objects.filter(device_id=PPMID).values().get()
    for place in range(12):
        Device.objects.create(**{**spare, "device_id": type(PPMID)(0x00DB1234567890F0 + place)})
    refused = clients["Alice"].get(f"{SMI}/homes", {"mpxn": MPAN})
    assert (refused.status_code, "at most 17" in refused.json()["detail"]) == (409, True)


def test_the_holdings_are_the_callers_own():
    clients = furnish()
    mine = clients["Alice"].get(f"{SMI}/holdings").json()
    assert [(one["device_type"], one["device_count"]) for one in mine["devices"]] == [
        ("ESME", 1),
        ("HCALCS", 1),
        ("PPMID", 1),
    ]
    assert mine["hubs"] == [{"region": "North", "smi_status": "COMMISSIONED", "hub_count": 1}]
    assert clients["Cedric"].get(f"{SMI}/holdings").json() == {"hubs": [], "devices": [], "loads": []}
    assert len(clients["Olivia"].get(f"{SMI}/holdings").json()["devices"]) == 4


READS = {
    **{f"devices/{device_id}": (*THE_DCC, "Alice", "Bess") for device_id in (HUB, GPF, ESME, GSME, PPMID)},
    f"homes?mpxn={MPAN}": (*THE_DCC, "Alice"),
    f"homes?mpxn={MPRN}": (*THE_DCC, "Bess"),
    "devices/00-00-00-00-00-00-00-01": (),
    "homes?mpxn=999": (),
}
"""Who sees what; to everybody else it does not exist."""


def test_nothing_shows_to_whom_it_does_not_concern():
    clients = furnish()
    for address, seers in READS.items():
        for name in VIEWERS:
            answer = clients[name].get(f"{SMI}/{address}")
            assert answer.status_code == (200 if name in seers else 404), (address, name)
            if name not in seers:
                assert answer["Content-Type"] == "application/problem+json"
                assert (
                    not {"Alder", "Birch", str(HUB)} & set(answer.json()["detail"].split())
                    or str(HUB) in address
                )


def test_a_former_supplier_sees_its_own_time_and_a_gaining_one_nothing_yet():
    clients = furnish()
    bess = clients["Bess"]
    InventoryChange.objects.all().delete()
    make(removal("GSME"), at=LATER)
    told = AT + timedelta(days=9)
    alder = Device.objects.get(device_id=ESME).party_id
    birch = Device.objects.get(device_id=GSME).party_id
    for starts_at, party_id in ((SINCE_EVER, birch), (told, alder)):
        Registration.objects.create(
            mpxn=MPRN, role="GS", starts_at=starts_at, party_id=party_id, known_at=AT, took_effect_at=AT
        )
    found = bess.get(f"{SMI}/devices/{GSME}").json()
    assert (found["is_former"], found["device"], found["paths"], found["next_steps"]) == (True, None, [], [])
    assert found["explanation"]["headline"].startswith("You have not been responsible for this home since")
    assert {one["what"] for one in found["happenings"]} == {"SUSPENDED", "N28"}
    assert bess.get(f"{SMI}/homes", {"mpxn": MPRN}).status_code == 404
    Registration.objects.filter(starts_at=told).update(starts_at=AT + timedelta(days=30), took_effect_at=None)
    assert bess.get(f"{SMI}/devices/{GSME}").json()["is_former"] is False


def test_a_device_that_was_only_announced_is_seen_by_who_announced_it():
    clients = furnish()
    alder = Device.objects.get(device_id=ESME).party_id
    hub, gpf, meter = (type(ESME)(0x00DB1234567800A0 + place) for place in range(3))
    for device_id, kind, own_gpf in ((hub, "CHF", gpf), (meter, "ESME", None)):
        PrenotifiedDevice.objects.create(
            device_id=device_id,
            device_type=kind,
            smi_status="PENDING",
            manufacturer="ABCD",
            model="0001",
            firmware_version=OLD,
            gpf_device_id=own_gpf,
            party_id=alder,
            prenotified_at=AT,
        )
    for device_id, kind in ((hub, "CHF"), (gpf, "GPF"), (meter, "ESME")):
        found = clients["Alice"].get(f"{SMI}/devices/{device_id}").json()
        assert (found["hub_device_id"], found["device"]["device_type"]) == (None, kind)
        assert (found["device"]["cpl_status"], found["device"]["smi_status"]) == ("ACTIVE", "PENDING")
        assert found["explanation"]["headline"] == "Not in service yet: pending."
        assert clients["Bess"].get(f"{SMI}/devices/{device_id}").status_code == 404
        assert "is in no home" in clients["Olivia"].get(f"/devices/{device_id}/").content.decode()
        led = clients["Alice"].get("/hubs/", {"device_id": str(device_id)})
        assert led.headers["Location"] == f"/devices/{device_id}/"
