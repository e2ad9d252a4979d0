"""`safelaunch wish`, `deferral` and `calendar` as people type them."""

import pytest

from safelaunch.domain.people import Role
from safelaunch.services import people, tranches
from safelaunch.store.models import CampaignTarget, CommunicationsHub, OwnTurn, PilotHub
from tests.doors.cli.test_campaign import create

SAM, GAIL, ARTHUR = (["--as", name] for name in ("Sam", "Gail", "Arthur"))


@pytest.fixture
def published(staffed, shell):
    people.create_person(name="Gail", role=Role.GOVERNANCE, at=staffed)
    assert create(shell, "CH-1").code == 0
    assert shell("campaign", "publish", "CH-1", "--as", "Olivia").code == 0
    tranches.compile_pilot(campaign_id=1, at=staffed)
    return shell


def own_hubs(count):
    models = list(CampaignTarget.objects.values_list("from_model_id", flat=True))
    hubs = CommunicationsHub.objects.filter(import_party_id=1, is_in_use=True, device_model_id__in=models)
    return [str(hub) for hub in hubs.order_by("device_id").values_list("device_id", flat=True)[:count]]


def test_a_supplier_lists_its_pilot_homes_from_a_file_and_sees_how_they_stand(published, tmp_path):
    listed = tmp_path / "homes.csv"
    listed.write_text("device_id\n" + "\n".join([*own_hubs(3), "00-DB-00-00-00-00-00-01"]), encoding="utf-8")
    done = published("wish", "nominate", "CH-1", "--list", str(listed), *SAM)
    assert (done.code, "3 of 4 hubs were taken down" in done.err) == (0, True)
    assert "NOT_YOURS" in done.out
    when = ["--from", "2026-02-02T20:00", "--to", "2026-02-02T22:00"]
    done = published("wish", "forward", "CH-1", own_hubs(1)[0], *when, *SAM, "--json")
    assert done.json["hubs"] == [{"device_id": own_hubs(1)[0], "outcome": "TAKEN_DOWN"}]
    shown = published("wish", "show", "CH-1", *SAM, "--json").json["hubs"]
    assert [one["standing"] for one in shown] == ["WAITING"] * 3
    assert shown[0]["not_before"] == "2026-02-02T20:00:00+00:00"
    assert published("wish", "withdraw", "CH-1", *SAM).code == 0
    assert len(published("wish", "show", "CH-1", *SAM, "--json").json["hubs"]) == 0
    late = published(
        "wish",
        "forward",
        "CH-1",
        own_hubs(1)[0],
        "--from",
        "2025-01-01T20:00",
        "--to",
        "2025-01-01T22:00",
        *SAM,
    )
    assert (late.code, "not within the window" in late.err) == (1, True)
    assert published("wish", "forward", "CH-1", own_hubs(1)[0], *SAM).code == 2
    assert PilotHub.objects.exists()


def test_a_deferral_goes_from_request_to_decision_by_two_people(published, tmp_path):
    report = tmp_path / "report.txt"
    report.write_text("It breaks.", encoding="utf-8")
    asked = [
        "deferral",
        "request",
        "CH-1",
        *own_hubs(2),
        "--grounds",
        "It breaks.",
        "--evidence",
        str(report),
    ]
    done = published(*asked, *SAM)
    assert (done.code, "Deferral D1 holds 2 hubs until" in done.err) == (0, True)
    assert OwnTurn.objects.count() == 2
    (listed,) = published("deferral", "list", *GAIL, "--json").json["deferrals"]
    assert (listed["state"], listed["clock"], listed["supplier"]) == ("REQUESTED", "RUNNING", "Alder Energy")
    assert "D1" in published("deferral", "list", *SAM).out
    shown = published("deferral", "show", "D1", *SAM, "--json").json
    assert shown["files"][0]["name"] == "report.txt"
    assert published("deferral", "propose", "D1", "accept", "--reason", "Sound.", *SAM).code == 1
    assert published("deferral", "propose", "D1", "accept", "--reason", "Sound.", *GAIL).code == 0
    assert published("deferral", "agree", "D1", *GAIL).code == 1
    assert "D1 is ACCEPTED" in published("deferral", "agree", "D1", *ARTHUR).err
    assert "withdrawn" in published("deferral", "withdraw", "1", *SAM).err
    assert published("deferral", "appeal", "D1", "--because", "No.", *SAM).code == 1
    assert published("deferral", "show", "D9", *SAM).code == 1
    assert published("deferral", "show", "nine", *SAM).code == 2
    assert "It breaks." in published("deferral", "show", "D1").out
    assert published("deferral", "list").err == "No deferral is open.\n"


def test_plans_come_from_a_file_and_go_to_a_calendar(published, tmp_path):
    plans, feed = tmp_path / "plans.csv", tmp_path / "nights.ics"
    head, row = (
        "device_id,kind,planned_from,planned_until,note",
        "VISIT,2026-01-06T09:00:00Z,2026-01-06T10:00:00Z,",
    )
    plans.write_text(f"{head}\n{own_hubs(1)[0]},{row}\n00-DB-00-00-00-00-00-01,{row}\n", encoding="utf-8")
    done = published("calendar", "import", str(plans), *SAM)
    assert (done.code, "Took 1 plans" in done.err, "line 3, device_id" in done.err) == (0, True, True)
    assert published("calendar", "show", *SAM, "--json").json["planned"][0]["kind"] == "VISIT"
    assert "VISIT" in published("calendar", "show", *SAM).out
    assert published("calendar", "export", str(feed), *SAM).code == 0
    assert feed.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
