"""The inventory's pages: what it holds, whose a supply point is, displays after a Change of Tenancy, lost answers."""

import csv
import io
import re
from datetime import timedelta

import pytest

from safelaunch.store.models import DeviceModel, Party
from tests.doors.inventory_scene import MPAN, MPRN, at_most, furnish
from tests.doors.portal import scene
from tests.doors.portal.conftest import shown
from tests.services.registration_scene import register
from tests.services.suspension_scene import AT, ESME, GSME, HUB, make, removal

POINT = f"/inventory/supply-points/{MPAN}/"


def rows_of(page: str, caption: str) -> list[list[str]]:
    """The texts of a table's cells, line by line."""
    table = re.search(rf">{caption}</caption>.*?</table>", page, re.DOTALL)
    lines = re.findall(r"<tr>(.*?)</tr>", table.group(), re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines)
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in line] for line in cells]


@pytest.mark.usefixtures("database")
def test_the_inventory_counts_hubs_at_once_and_devices_when_asked():
    clients = furnish()
    make(removal("ESME"))
    with at_most(14):
        page = shown(clients["Olivia"].get("/inventory/"))
    assert rows_of(page, "Hubs by region and status") == [
        ["Region", "Commissioned", "All"],
        ["North", "1", "1"],
    ]
    assert "Count them" in page
    counted = shown(clients["Olivia"].get("/inventory/?devices"))
    assert rows_of(counted, "Devices by type and status") == [
        ["Type", "Commissioned", "Suspended", "All"],
        ["ESME", "0", "1", "1"],
        ["GSME", "1", "0", "1"],
        ["HCALCS", "1", "0", "1"],
        ["PPMID", "1", "0", "1"],
    ]
    own = rows_of(shown(clients["Bess"].get("/inventory/?devices")), "Devices by type and status")
    assert [line[0] for line in own[1:]] == ["GSME"]
    nothing = shown(clients["Cedric"].get("/inventory/?devices"))
    assert "You are responsible for no home yet." in nothing
    assert "There are none." in nothing


@pytest.mark.usefixtures("database")
def test_lost_answers_are_read_back_by_the_policy_that_the_page_shows():
    clients = furnish()
    house = ["The house", "15", "6", "5,000"]
    caption = "How lost answers to 11.3 are made good"
    policy = {"wait_minutes": 60, "attempts": 3, "daily_budget": 100}
    address = "/api/v1/smi/read-backs"

    def put(name, party, asked):
        return clients[name].put(f"{address}/{party}", asked, content_type="application/json")

    assert put("Olivia", "Alder", policy).json()["policies"][1] == {"party": "Alder", **policy}
    assert rows_of(shown(clients["Olivia"].get("/inventory/")), caption)[1:] == [
        house,
        ["Alder", "60", "3", "100"],
    ]
    assert rows_of(shown(clients["Alice"].get("/inventory/")), caption)[1:] == [["Alder", "60", "3", "100"]]
    assert rows_of(shown(clients["Bess"].get("/inventory/")), caption)[1:] == [house]
    assert clients["Alice"].get(address).json() == {"policies": [{"party": "Alder", **policy}]}
    assert put("Olivia", "Alder", {}).json()["policies"][1]["wait_minutes"] == 15
    assert put("Olivia", "Nobody", policy).status_code == 404
    assert put("Olivia", "Alder", policy | {"attempts": 11}).status_code == 422
    for name in ("Alice", "Arthur", "Gail"):
        refused = put(name, "Alder", policy)
        assert (refused.status_code, "operator may" in refused.json()["detail"]) == (403, True)


@pytest.mark.usefixtures("database")
def test_a_supply_point_shows_whose_it_was_is_and_will_be_to_those_it_concerns():
    clients = furnish()
    at = AT + timedelta(days=20)
    address = "/api/v1/smi/registrations"
    assert rows_of(shown(clients["Alice"].get(POINT)), "Registrations of the supply point, oldest first")[
        1:
    ] == [["Alder", "Import Supplier", "As far as is known", "—", "In force"]]
    assert clients["Cedric"].get(POINT).status_code == 404
    register(HUB, "IS", Party.objects.get(name="Cedar").party_id, at=at)
    everything = clients["Gail"].get(address, {"mpxn": MPAN}).json()["registrations"]
    assert [(one["party"], one["stands"]) for one in everything] == [
        ("Alder", "IN_FORCE"),
        ("Cedar", "TO_COME"),
    ]
    assert (everything[0]["starts_at"], everything[1]["ends_at"]) == (None, None)
    for name, whose in (("Alice", ["Alder", "Another Supplier"]), ("Cedric", ["Another Supplier", "Cedar"])):
        own = clients[name].get(address, {"mpxn": MPAN}).json()["registrations"]
        assert [one["party"] for one in own] == whose
        page = shown(clients[name].get(POINT))
        assert all(word in page for word in whose)
        assert not ({"Alder", "Cedar"} - set(whose)) & set(re.findall(r"\w+", page))
    assert clients["Bess"].get(POINT).status_code == 404
    assert clients["Bess"].get(address, {"mpxn": MPAN}).status_code == 404
    assert clients["Gail"].get("/inventory/supply-points/leeds/").status_code == 422
    assert f'href="/inventory/supply-points/{MPRN}/"' in shown(clients["Bess"].get(f"/devices/{GSME}/"))
    assert "/inventory/supply-points/" not in shown(clients["Bess"].get(f"/devices/{ESME}/"))


def test_displays_are_listed_with_what_would_mend_them_and_downloaded_whole(country, sign_in):
    client = sign_in("Cara", "supplier", "Beacon Energy")
    assert "No display is known" in shown(client.get("/inventory/displays/"))
    scene.change_tenancy()
    DeviceModel.objects.filter(device_type="PPMID").update(manufacturer="=cmd")
    with at_most(14):
        page = shown(client.get("/inventory/displays/"))
    assert "What would mend most" in page
    (line,) = rows_of(page, "Displays by hub, a line for each fuel")[1:]
    assert (line[1], line[2], line[4]) == (str(scene.HUB), "Electricity", "Holds old data")
    assert "the hub would have to be replaced" in line[5]
    answer = client.get("/inventory/displays.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["hub"], row["fuel"], row["status"]) for row in rows] == [
        (str(scene.HUB), "electricity", "HOLDS_OLD_DATA")
    ]
    assert rows[0]["display_model"].startswith("'=cmd")
    after = "?after=" + ":".join(["FF-FF-FF-FF-FF-FF-FF-FF"] * 3)
    assert "There are no more." in shown(client.get(f"/inventory/displays/{after}"))
    assert client.get("/inventory/displays/?after=leeds").status_code == 422
    other = sign_in("Larry", "supplier", "Larkspur Power")
    assert str(scene.HUB) not in shown(other.get("/inventory/displays/"))
    assert other.get("/inventory/displays.csv").getvalue().count(b"\n") == 1
