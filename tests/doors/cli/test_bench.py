"""Benches end to end on a small fleet: what they print, and that the real database never notices."""

import json
import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from safelaunch.domain.refusals import Refused
from safelaunch.services import benches
from safelaunch.store import scratch

FIELDS = {"name", "figure", "unit", "floor", "floor_unit", "ratio", "goal_ratio", "peak_rss_mib"}


def bench(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "safelaunch.config.command", "bench", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "SAFELAUNCH_DATA": str(settings.DATA)},
        timeout=300,
        check=False,
    )


def databases():
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def test_the_list_names_every_bench_and_its_floor(database):
    answer = bench("list", "--json")
    assert answer.returncode == 0, answer.stderr
    listed = json.loads(answer.stdout)["benches"]
    assert [one["name"] for one in listed] == [
        "publish",
        "plan",
        "dispatch",
        "ingest",
        "duis",
        "suspend",
        "lists",
        "calendar",
    ]
    assert all("against" in one["what"] for one in listed)


@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "gives"),
    [
        ("plan", ["publish", "plan"]),
        ("dispatch", ["dispatch"]),
        ("ingest", ["ingest"]),
        (
            "duis",
            ["duis", "duis taken on", "duis statements", "duis memory", "duis web memory", "duis answered"],
        ),
        ("suspend", ["suspend", "restore"]),
        ("lists", ["lists"]),
        ("calendar", ["calendar"]),
    ],
)
def test_a_bench_prints_one_object_and_leaves_nothing_behind(database, name, gives):
    before = databases()
    answer = bench("run", name, "--hubs", "60000", "--json")
    assert answer.returncode == 0, answer.stderr
    printed = json.loads(answer.stdout)
    assert printed["hubs"] == 60_000
    assert "cores" in printed["machine"]
    assert [result["name"] for result in printed["results"]] == gives
    for result in printed["results"]:
        assert result.keys() >= FIELDS
        assert result["figure"] > 0 < result["floor"]
        cost, floor = result["figure"], result["floor"]
        if result["unit"] == "events/s":
            cost, floor = floor, cost
        assert result["ratio"] == pytest.approx(cost / floor, rel=0.005, abs=0.01)
        assert result["peak_rss_mib"] > 0
        # Statements and octets are the same on any machine, however busy.
        if result["unit"] in {"statements", "MiB"}:
            assert result["ratio"] <= result["goal_ratio"]
    assert databases() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM communications_hub")
        assert cursor.fetchone() == (0,)


def test_an_unknown_bench_is_a_usage_error(database):
    answer = bench("run", "everything")
    assert answer.returncode == 2
    assert "everything" in answer.stderr


def test_what_empties_tables_refuses_any_database_but_the_scratch_one(database):
    for spoil in (lambda: next(benches.load(hubs=5_000)), benches.take_night_back):
        with pytest.raises(scratch.NotScratch, match="only runs in the one it makes itself"):
            spoil()


def test_a_scratch_database_is_empty_while_it_lasts_and_gone_afterwards(database):
    with benches.scratch_database() as url:
        assert scratch.NAME in databases()
        with psycopg.connect(url) as inside:
            tables = inside.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert tables == (0,)
    assert scratch.NAME not in databases()


def test_a_second_run_is_refused_while_the_first_measures(database):
    with (
        benches.scratch_database() as url,
        psycopg.connect(url),
        pytest.raises(scratch.ScratchInUse, match="Another bench is running"),
        benches.scratch_database(),
    ):
        pass


def test_without_the_right_to_make_databases_a_bench_refuses_with_a_sentence(database, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE bench_nobody LOGIN")
    parameters = connection.get_connection_params
    monkeypatch.setattr(connection, "get_connection_params", lambda: {**parameters(), "user": "bench_nobody"})
    try:
        with pytest.raises(Refused, match="CREATEDB"), benches.scratch_database():
            pass
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE bench_nobody")
