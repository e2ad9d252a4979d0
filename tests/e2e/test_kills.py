"""Whatever is killed in mid-tranche is started again, and every hub is accounted for exactly once."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.e2e.accounts import assert_everything_adds_up
from tests.e2e.running import Installation, installation

pytestmark = pytest.mark.processes


def _victims(running: Installation) -> dict[str, Callable[[], int]]:
    return {
        "worker": lambda: running.pid("worker"),
        "web": lambda: running.pid("web"),
        "web's own worker": lambda: _first_below(running, "web"),
        "simulator": lambda: running.pid("csp-simulator"),
        "simulator's own worker": lambda: _first_below(running, "csp-simulator"),
        "PostgreSQL": running.postmaster_pid,
    }


def _first_below(running: Installation, name: str) -> int:
    """The first process below another, or 0 while there is none: its parent may be on its way up again."""
    try:
        return next(iter(running.pids_below(name)), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _kill(running: Installation, name: str, find: Callable[[], int]) -> None:
    running.wait(lambda: find() != 0, what=f"a {name}")
    running.wait(running.is_in_mid_tranche, what="a tranche under way")
    killed, turn = find(), running.value("SELECT shows FROM stepped_clock")
    os.kill(killed, signal.SIGKILL)
    begun = time.monotonic()
    running.wait(lambda: find() not in {0, killed}, what=f"another {name}")
    running.wait(lambda: running.value("SELECT shows FROM stepped_clock") > turn, what="the next turn")
    print(f"killed the {name}; the campaign went on after {time.monotonic() - begun:.1f} s")


def test_each_process_is_killed_in_mid_tranche_and_every_hub_is_accounted_for_once():
    with installation(hubs=1_500, seed=11) as running:
        begun = time.monotonic()
        running.start()
        running.wait(lambda: running.phase() in {"PILOT", "SAFE_LAUNCH", "MASS_ROLL_OUT"}, what="the pilot")
        for name, find in _victims(running).items():
            _kill(running, name, find)
        running.wait(lambda: running.phase() == "COMPLETE", what="completion")
        print(f"complete after {time.monotonic() - begun:.1f} s")
        assert_everything_adds_up(running)
        said = running.says()
        for name in ("worker", "web", "csp-simulator"):
            assert f"The {name} process (" in said
            assert "was ended by SIGKILL; it has been started again" in said
        assert "The embedded PostgreSQL (" in said
        assert running.stop() == 0
        assert running.running() == []


def test_an_installation_that_is_killed_leaves_no_process_and_goes_on_where_it_was():
    with installation(hubs=1_500, seed=12) as running:
        running.start()
        running.wait(lambda: running.phase() == "PILOT", what="the pilot")
        assert running.process is not None
        running.process.kill()
        running.process.wait()
        deadline = time.monotonic() + 40
        while [line for line in running.running() if "safelaunch" in line and "postgres" not in line]:
            assert time.monotonic() < deadline, running.running()
            time.sleep(0.2)
        before = running.directory / "postgres" / "PG_VERSION"
        made_at = before.stat().st_mtime
        running.start()
        running.wait(lambda: "goes on where it was" in running.says(), what="the sentence")
        running.wait(lambda: running.phase() == "SAFE_LAUNCH", what="the next phase")
        assert before.stat().st_mtime == made_at
        assert running.stop(signal.SIGINT) == 0
        assert "Stopped. The data stays in" in running.says()
        assert running.running() == []
