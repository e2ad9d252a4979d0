"""`safelaunch cpl`: at once while nobody can be touched, by two people from then on."""

import json

from tests.unit.wire.test_cpl_file import ENTRY, write


def test_entries_are_imported_and_listed_while_the_inventory_is_empty(run, tmp_path):
    done = run("cpl", "import", write(tmp_path, ENTRY), "--as", "Ada")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 entries are new, 0 changed, 0 unchanged." in done.stderr
    [entry] = json.loads(run("cpl", "list", "--type", "CHF", "--json").stdout)["entries"]
    assert (entry["firmware_version"], entry["status"]) == ("00030011", "ACTIVE")
    assert "Active" in run("cpl", "list").stdout


def test_every_bad_row_is_printed(run, tmp_path):
    done = run("cpl", "import", write(tmp_path, {**ENTRY, "status": "Gone"}, {**ENTRY, "added_on": "soon"}))
    assert done.returncode == 1
    assert "line 2, status 'Gone': One of Active, Cancelled, Expired, Withdrawn is expected." in done.stderr
    assert "line 3, added_on 'soon'" in done.stderr
    assert "has 2 bad rows, so nothing was changed" in done.stderr


def entry_of(shell, kind="CHF"):
    entries = shell("cpl", "list", "--type", kind, "--json").json["entries"]
    found = []
    for entry in entries:
        options = [
            *("--type", kind, "--manufacturer", entry["manufacturer"], "--model", entry["model"]),
            *("--version", entry["firmware_version"], "--hardware", entry["hardware_version"]),
        ]
        if entry["status"] == "ACTIVE":
            found.append((shell("cpl", "preview", *options, "--json").json["suspended"], options))
    return max(found)


def test_a_removal_is_seen_proposed_approved_and_remembered(shell, staffed):
    suspended, options = entry_of(shell)
    seen = shell("cpl", "preview", *options)
    assert f"This suspends {suspended:,} Devices of " in seen.err
    assert "Devices by Supplier" in seen.out
    proposed = shell("cpl", "propose", *options, "--because", "Recalled", "--as", "Olivia")
    assert "This is proposal 1." in proposed.err
    assert shell("cpl", "approve", "1", "--as", "Olivia").code != 0
    approved = shell("cpl", "approve", "1", "--as", "Arthur", "--json")
    assert (approved.json["state"], approved.json["decided_by"]) == ("APPLIED", "Arthur")
    [happened] = shell("cpl", "history", "--json").json["history"]
    assert (happened["act"], happened["status_after"], happened["cpl_proposal_id"]) == (
        "REMOVE",
        "WITHDRAWN",
        1,
    )
    assert "Remove" in shell("cpl", "history").out
    assert "Recalled" in shell("cpl", "proposals").out
    assert shell("cpl", "preview", *options).code == 1


def test_a_file_is_previewed_and_a_proposal_declined(shell, staffed, tmp_path):
    path = str(write(tmp_path, ENTRY))
    seen = shell("cpl", "preview", path, "--json").json
    assert (seen["suspended"], seen["restored"]) == (0, 0)
    assert seen["sentence"] == "This suspends and restores no Device."
    assert (
        shell("cpl", "propose", path, "--because", "New", "--as", "Olivia", "--json").json["state"]
        == "PROPOSED"
    )
    assert "is declined" in shell("cpl", "decline", "1", "--as", "Olivia").err
    assert shell("cpl", "proposals", "--json").json["proposals"][0]["state"] == "DECLINED"
    refused = shell("cpl", "import", path)
    assert refused.code == 1
    assert "takes two people" in refused.err


def test_a_change_is_a_file_or_an_entry_and_never_both(shell, staffed, tmp_path):
    path = str(write(tmp_path, ENTRY))
    assert "not both" in shell("cpl", "preview", path, "--type", "CHF").err
    assert "name the entry to remove" in shell("cpl", "preview", "--type", "CHF").err
    assert "Say who acts" in shell("cpl", "propose", path, "--because", "New").err
