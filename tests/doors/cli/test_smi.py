"""`safelaunch smi` as a process: what it prints, how it ends, what it needs, and what a kill leaves behind."""

import json
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from safelaunch.store.models import CommunicationsHub, Device, Party, PortfolioCount, SmiLoad
from tests.doors.cli.conftest import COMMAND, environment
from tests.services.estate_files import ESME, GSME, HUB, write_estate, write_parties, write_smi

MEMORY_MIB = 300


@pytest.fixture
def parties(run, tmp_path):
    assert run("smi", "parties", write_parties(tmp_path)).returncode == 0


def test_an_import_tells_what_it_did(run, parties, tmp_path):
    path = write_smi(tmp_path / "smi.csv", HUB, ESME, {**GSME, "mpxn": "12 34"})
    done = run("smi", "import", path, "--rejects", tmp_path / "bad.csv")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "Imported 1 hubs and 1 other Devices: 2 new, 0 changed, 0 unchanged." in done.stderr
    assert "1 rows were rejected" in done.stderr
    assert (tmp_path / "bad.csv").read_text().splitlines()[1].startswith("4,mpxn,12 34,This is not an MPRN")


def test_an_import_in_json_prints_one_object_on_standard_output(run, parties, tmp_path):
    done = run("smi", "import", write_smi(tmp_path / "smi.csv", HUB, ESME), "--json")
    assert json.loads(done.stdout)["new"] == 2


@pytest.mark.parametrize("name", ["folder", "absent.csv", "empty.csv", "not-smi.csv"])
def test_what_cannot_be_imported_is_refused_in_one_sentence(run, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.csv").touch()
    (tmp_path / "not-smi.csv").write_text("a,b\n1,2\n")
    done = run("smi", "import", tmp_path / name)
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 3


def test_an_estate_is_generated_exported_and_counted(run, tmp_path):
    assert run("smi", "generate", "--hubs", "50", "--seed", "7").returncode == 0
    refused = run("smi", "generate", "--hubs", "50")
    assert refused.returncode == 1
    assert "holds hubs or Parties already" in refused.stderr
    assert run("smi", "export", tmp_path / "smi.csv").returncode == 0
    rows = (tmp_path / "smi.csv").read_text().count("\n") - 1
    status = json.loads(run("smi", "status", "--json").stdout)
    counted = sum(one["hub_count"] for one in status["hubs"])
    assert counted == 50
    assert counted + sum(one["device_count"] for one in status["devices"]) == rows
    assert status["loads"][0]["source"] == "generated"
    assert "Devices behind hubs" in run("smi", "status").stdout


def test_bad_parties_are_all_explained_and_none_is_taken(run, tmp_path):
    path = tmp_path / "parties.csv"
    path.write_text(
        "name,kind,user_id,role,duis_version\nAlder,SUPPLIER,,,\nBirch,BANK,,,\nCedar,OTHER,1,IS,\n"
    )
    done = run("smi", "parties", path)
    assert done.returncode == 1
    assert "line 3, kind 'BANK'" in done.stderr
    assert "line 4, user_id '1'" in done.stderr
    assert "has 2 bad rows, so nothing was changed" in done.stderr


@pytest.mark.processes
def most_memory_of(process):
    """The most KiB that a process held. `ru_maxrss` will not do: a child begins with what its parent held."""
    most = 0
    while process.poll() is None:
        with suppress(OSError):
            said = Path(f"/proc/{process.pid}/status").read_text()
            most = max([most, *map(int, re.findall(r"VmHWM:\s+(\d+)", said))])
        time.sleep(0.02)
    return most


def test_two_hundred_thousand_rows_need_little_memory(run, parties, tmp_path):
    path = write_estate(tmp_path / "smi.csv", hubs=66_700)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(",".join({**ESME, "mpxn": "12"}.values()) + "\n" for _ in range(2_000))
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [*COMMAND, "smi", "import", str(path)], env=environment(), stdout=said, stderr=said
        )
        most = most_memory_of(process)
    assert process.returncode == 0, (tmp_path / "said").read_text()
    assert (CommunicationsHub.objects.count(), Device.objects.count()) == (66_700, 133_400)
    assert SmiLoad.objects.get().reject_count == 2_000
    assert 0 < most / 1024 < MEMORY_MIB


def wait_for_stage(process: subprocess.Popen[bytes]) -> None:
    """Return once the import has rows in its stage."""
    with connection.cursor() as cursor:
        while process.poll() is None:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE query LIKE '%COPY smi_stage%' AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)


@pytest.mark.processes
def test_a_killed_import_leaves_the_inventory_as_it_was_and_can_be_repeated(run, parties, tmp_path):
    assert run("smi", "import", write_smi(tmp_path / "first.csv", HUB, ESME)).returncode == 0
    path: Path = write_estate(tmp_path / "smi.csv", hubs=20_000)
    process = subprocess.Popen(
        [*COMMAND, "smi", "import", str(path)], env=environment(), stderr=subprocess.DEVNULL
    )
    wait_for_stage(process)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert (CommunicationsHub.objects.count(), Device.objects.count()) == (1, 1)
    assert sum(PortfolioCount.objects.values_list("hub_count", flat=True)) == 1
    again = run("smi", "import", path)
    assert again.returncode == 0, again.stderr
    assert (CommunicationsHub.objects.count(), Device.objects.count()) == (20_001, 40_001)
    assert sum(PortfolioCount.objects.values_list("hub_count", flat=True)) == 20_001


def test_a_party_states_how_its_lost_answers_are_made_good(run, parties):
    name = Party.objects.order_by("name")[0].name
    stated = run("smi", "read-backs", name, "--wait", "30", "--attempts", "0", "--json")
    house = {"party": "the house", "wait_minutes": 15, "attempts": 6, "daily_budget": 5_000}
    assert json.loads(stated.stdout)["policies"] == [
        house,
        {"party": name, "wait_minutes": 30, "attempts": 0, "daily_budget": 5_000},
    ]
    assert "at most 10 times" in run("smi", "read-backs", name, "--attempts", "11").stderr
    assert run("smi", "read-backs", "--daily", "1").returncode == 2
