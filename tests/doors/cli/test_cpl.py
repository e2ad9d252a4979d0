"""`safelaunch cpl` as a process."""

import json

from tests.unit.wire.test_cpl_file import ENTRY, write


def test_entries_are_imported_listed_and_removed(run, tmp_path):
    done = run("cpl", "import", write(tmp_path, ENTRY), "--as", "Ada")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 entries are new, 0 changed, 0 unchanged." in done.stderr
    [entry] = json.loads(run("cpl", "list", "--type", "CHF", "--json").stdout)["entries"]
    assert (entry["firmware_version"], entry["status"]) == ("00030011", "ACTIVE")
    name = ("--type", "CHF", "--manufacturer", "10B2", "--model", "43310001", "--version", "00030011")
    assert "is withdrawn from the CPL" in run("cpl", "remove", *name).stderr
    assert run("cpl", "remove", *name).returncode == 1
    assert "Withdrawn" in run("cpl", "list").stdout


def test_every_bad_row_is_printed(run, tmp_path):
    done = run("cpl", "import", write(tmp_path, {**ENTRY, "status": "Gone"}, {**ENTRY, "added_on": "soon"}))
    assert done.returncode == 1
    assert "line 2, status 'Gone': One of Active, Cancelled, Expired, Withdrawn is expected." in done.stderr
    assert "line 3, added_on 'soon'" in done.stderr
    assert "has 2 bad rows, so nothing was changed" in done.stderr
