"""A stop during the mass roll-out, with several workers: nothing leaves after it has committed; two people resume."""

import json
import threading
import time
from datetime import UTC, datetime

import psycopg
import pytest

from tests.e2e.accounts import REFERENCE, assert_everything_adds_up
from tests.e2e.running import Installation, installation

pytestmark = pytest.mark.processes

OPERATOR, APPROVER = "Olivia Operator", "Arthur Approver"


class EpochWatch(threading.Thread):
    """Notes the first moment at which anybody can see a higher epoch: no earlier than the stop's commit."""

    def __init__(self, running: Installation) -> None:
        super().__init__(daemon=True)
        self._url = f"postgresql://postgres@/safelaunch?host={running.directory / 'run'}"
        self.seen_at: datetime | None = None
        self.ready = threading.Event()

    def run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            query = "SELECT epoch FROM campaign WHERE reference = %s"
            before = connection.execute(query, (REFERENCE,)).fetchone()
            self.ready.set()
            while connection.execute(query, (REFERENCE,)).fetchone() == before:
                time.sleep(0.001)
            self.seen_at = datetime.now(UTC)


def _accepted_after(running: Installation, moment: datetime, *, epoch: int) -> list[dict]:
    return [
        entry
        for entry in running.simulator("log")["instructions"]
        if entry["verdict"] == "accepted"
        and entry["epoch"] < epoch
        and datetime.fromisoformat(entry["received_at"]) > moment
    ]


def _stop(running: Installation) -> int:
    watch = EpochWatch(running)
    watch.start()
    assert watch.ready.wait(10)
    running.wait(running.is_in_mid_tranche, what="a tranche under way")
    begun = time.monotonic()
    done = running.run("campaign", "stop", REFERENCE, "--as", OPERATOR, "--because", "A test", "--json")
    took = time.monotonic() - begun
    assert done.returncode == 0, done.stderr
    receipt = json.loads(done.stdout)
    watch.join(10)
    assert watch.seen_at is not None
    held = running.rows("SELECT held_at IS NOT NULL, epoch FROM campaign")
    assert held == [(True, receipt["epoch"])]
    before = len(running.simulator("log")["instructions"])
    # Time enough for the workers to run whatever waits in the queue, and for the recall.
    running.wait(
        lambda: running.value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 0,
        what="idle workers",
    )
    time.sleep(2)
    assert _accepted_after(running, watch.seen_at, epoch=receipt["epoch"] + 1) == []
    after = len(running.simulator("log")["instructions"])
    print(
        f"stopped at epoch {receipt['epoch']} in {took:.2f} s; {before} instructions then, {after} afterwards"
    )
    return int(receipt["epoch"])


def _resume(running: Installation) -> None:
    alone = running.run("campaign", "resume", REFERENCE, "--as", OPERATOR)
    assert alone.returncode == 1
    assert "needs a reason" in alone.stderr
    first = running.run(
        "campaign", "resume", REFERENCE, "--as", OPERATOR, "--because", "All is well", "--json"
    )
    assert json.loads(first.stdout)["did"] == "PROPOSED"
    again = running.run("campaign", "resume", REFERENCE, "--as", OPERATOR)
    assert again.returncode == 1
    assert running.value("SELECT held_at IS NOT NULL FROM campaign") is True
    second = running.run("campaign", "resume", REFERENCE, "--as", APPROVER, "--json")
    assert json.loads(second.stdout)["did"] == "APPROVED"
    assert running.value("SELECT held_at IS NULL FROM campaign") is True


def test_nothing_leaves_after_a_stop_and_two_people_bring_the_campaign_to_its_end():
    with installation(hubs=1_500, seed=13) as running:
        running.start()
        running.wait(lambda: running.phase() == "MASS_ROLL_OUT", what="the mass roll-out")
        running.start_worker()
        running.start_worker()
        epoch = _stop(running)
        _resume(running)
        assert _stop(running) == epoch + 1
        _resume(running)
        running.wait(lambda: running.phase() == "COMPLETE", what="completion")
        assert_everything_adds_up(running)
        assert running.stop() == 0
