"""The CPL as JSON: page by page, changed by two people, and closed to whom it does not concern."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from safelaunch.store.models import CplEntry, CplProposal
from tests.doors.inventory_scene import at_most, furnish
from tests.services.suspension_scene import ESME, NEW, NEWEST, OLD, model, state_of

pytestmark = pytest.mark.usefixtures("database")
CPL = "/api/v1/cpl"


def post(client, address, body=None):
    return client.post(address, body or {}, content_type="application/json")


def test_entries_come_page_by_page_filtered_and_each_with_its_history():
    clients = furnish()
    alice = clients["Alice"]
    with at_most(4):
        first = alice.get(CPL, {"limit": 10}).json()
    rest = alice.get(CPL, {"limit": 10, "after": first["next"]}).json()
    assert (len(first["entries"]), len(rest["entries"]), rest["next"]) == (10, 5, None)
    names = [(one["device_type"], one["firmware_version"]) for one in first["entries"] + rest["entries"]]
    assert names == sorted(names)
    found = alice.get(
        CPL, {"device_type": "ESME", "status": "ACTIVE", "search": f"abcd 0001 1 {NEW}"[5:]}
    ).json()
    assert [one["device_model_id"] for one in found["entries"]] == [model("ESME", NEW).pk]
    assert alice.get(CPL, {"search": "%"}).json()["entries"] == []
    for words in (
        {"device_type": "TOASTER"},
        {"status": "Gone"},
        {"limit": 0},
        {"limit": 501},
        {"after": "x"},
        {"search": "a\0"},
    ):
        assert alice.get(CPL, words).status_code == 422, words
    story = alice.get(f"{CPL}/{model('CHF').pk}", {"devices": "true"}).json()
    assert (story["entry"]["firmware_version"], story["history"]) == (OLD, [])
    assert story["devices"] == {
        "in_service": 1,
        "suspended": 0,
        "suppliers": [{"supplier": "Alder", "in_service": 1, "suspended": 0}],
    }
    assert alice.get(f"{CPL}/{model('CHF').pk}").json()["devices"] is None
    assert alice.get(f"{CPL}/99999").status_code == 404


def test_a_removal_is_seen_proposed_and_applied_by_a_second_person_and_the_record_of_it_is_the_dccs():
    clients = furnish()
    olivia, arthur, alice, bess = (clients[name] for name in ("Olivia", "Arthur", "Alice", "Bess"))
    entry = f"{CPL}/{model('ESME').pk}"
    seen = post(olivia, f"{entry}/previews", {"status": "Withdrawn"}).json()["consequences"]
    assert seen["sentence"] == "This suspends 1 Device of 1 Supplier."
    assert seen["suppliers"] == [{"supplier": "Alder", "suspended": 1, "restored": 0}]
    assert not CplProposal.objects.exists()
    assert post(olivia, f"{entry}/proposals", {"status": "Withdrawn"}).status_code == 422
    made = post(olivia, f"{entry}/proposals", {"status": "Withdrawn", "because": "Recalled"})
    assert made.status_code == 201
    assert made.json()["consequences"] == seen
    proposal = f"{CPL}/proposals/{made.json()['cpl_proposal_id']}"
    refused = post(olivia, f"{proposal}/approve")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    applied = post(arthur, f"{proposal}/approve").json()
    assert (applied["state"], applied["decided_by"], applied["applied_since"]) == ("APPLIED", "Arthur", None)
    assert [(one["device_type"], one["device_count"]) for one in applied["suspensions"]] == [("ESME", 1)]
    assert state_of(ESME)[0] == "SUSPENDED"
    again = post(arthur, f"{proposal}/approve")
    assert (again.status_code, "applied by Arthur" in again.json()["detail"]) == (409, True)
    assert post(arthur, f"{proposal}/reject").status_code == 409
    [told] = olivia.get(entry).json()["history"]
    assert (told["act"], told["actor"], told["cpl_proposal_id"], told["gbcs_version"]) == (
        "REMOVE",
        "Arthur",
        1,
        "4.2",
    )
    story = alice.get(entry, {"devices": "yes"}).json()
    assert (story["history"][0]["actor"], story["history"][0]["cpl_proposal_id"]) == ("the DCC", None)
    assert story["devices"]["suspended"] == 1
    assert bess.get(entry, {"devices": "yes"}).json()["devices"] == {
        "in_service": 0,
        "suspended": 0,
        "suppliers": [],
    }
    assert post(olivia, f"{entry}/proposals", {"status": "Withdrawn", "because": "x"}).status_code == 409


def test_a_file_is_taken_whole_or_its_bad_rows_are_listed():
    clients = furnish()
    olivia = clients["Olivia"]
    listed = olivia.get("/cpl.csv").content.decode()
    newest = next(line for line in listed.splitlines() if line.startswith("PPMID") and NEWEST in line)
    header = listed.splitlines()[0]

    def send(text, address="proposals", name="list.csv", because="New"):
        file = SimpleUploadedFile(name, text.encode())
        return olivia.post(f"{CPL}/{address}", {"file": file, "because": because})

    assert send(listed).status_code == 409
    good = f"{header}\n{newest.replace('4.2', '4.3')}\n"
    seen = send(good, "previews").json()
    assert (seen["source"], [one["act"] for one in seen["consequences"]["changes"]]) == (
        "list.csv",
        ["CHANGE"],
    )
    made = send(good, name="../x/list.csv")
    assert (made.status_code, made.json()["source"]) == (201, "list.csv")
    bad = send(f"{header}\n{newest.replace('Active', 'Gone')}\n")
    assert (bad.status_code, bad.json()["faults"][0]["column"]) == (422, "status")
    for text, because in (("", "x"), ("a,b\n1,2\n", "x"), (good, ""), (good, "a\0b")):
        assert send(text, because=because).status_code == 422
    assert send("\x89PNG", because="x").status_code == 422
    [line] = olivia.get(f"{CPL}/proposals", {"state": "PROPOSED"}).json()["proposals"]
    assert (line["entry_count"], line["suspended"], line["because"]) == (1, 0, "New")
    assert olivia.get(f"{CPL}/proposals", {"before": line["cpl_proposal_id"]}).json()["proposals"] == []
    rejected = post(olivia, f"{CPL}/proposals/{line['cpl_proposal_id']}/reject").json()
    assert (rejected["state"], rejected["decided_by"]) == ("DECLINED", "Olivia")
    assert CplEntry.objects.filter(gbcs_version="4.3").count() == 0


def test_one_entrys_words_are_checked_like_a_files():
    olivia = furnish()["Olivia"]
    entry = f"{CPL}/{model('GSME').pk}"
    for wish in ({"image_hash": "zz"}, {"predecessors": [OLD]}, {"gbcs_version": ""}, {"status": "Gone"}):
        answer = post(olivia, f"{entry}/previews", wish)
        assert (answer.status_code, len(answer.json()["faults"])) == (422, 1), wish
        assert answer.json()["detail"].startswith(next(iter(wish)).replace("_", " ").capitalize())
    seen = post(olivia, f"{entry}/previews", {"predecessors": [NEW, NEWEST], "gbcs_version": "4.3"}).json()
    assert (seen["source"], seen["consequences"]["suspended"]) == (
        f"change GSME ABCD/0001 hardware 1 {OLD}",
        0,
    )
    assert post(olivia, f"{entry}/previews", {}).json()["consequences"]["changes"] == []
    assert post(olivia, f"{CPL}/99999/previews", {"status": "Withdrawn"}).status_code == 404


@pytest.mark.parametrize("name", ["Alice", "Cedric", "Gail"])
def test_whoever_may_not_propose_learns_nothing_and_changes_nothing(name):
    clients = furnish()
    entry, body = f"{CPL}/{model('ESME').pk}", {"status": "Withdrawn", "because": "x"}
    assert post(clients["Olivia"], f"{entry}/proposals", body).status_code == 201
    client = clients[name]
    answers = [
        post(client, f"{entry}/previews", body),
        post(client, f"{entry}/proposals", body),
        post(client, f"{CPL}/proposals/1/approve"),
        post(client, f"{CPL}/proposals/1/reject"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    sees = name == "Gail"
    reads = [client.get(f"{CPL}/proposals"), client.get(f"{CPL}/proposals/1")]
    assert [answer.status_code for answer in reads] == ([200, 200] if sees else [404, 404])
    said = json.dumps([answer.json() for answer in (*answers, *([] if sees else reads))])
    assert "Olivia" not in said
    assert "Alder" not in said
    assert CplProposal.objects.get().state == "PROPOSED"
    assert state_of(ESME)[0] == "COMMISSIONED"
