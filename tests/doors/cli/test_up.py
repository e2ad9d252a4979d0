"""What `safelaunch up` refuses before anything is started, and how it keeps what it has started."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings

from safelaunch.domain.refusals import Conflict
from safelaunch.interfaces.cli.children import Child, Children, free_port, require_free_port
from safelaunch.interfaces.cli.occupation import DirectoryInUse, occupy
from safelaunch.interfaces.cli.watch import told_to_stop

HOLDER = """
import sys, time
from pathlib import Path
from safelaunch.interfaces.cli.occupation import occupy
with occupy(Path(sys.argv[1]), as_what="a holder"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_directory_is_kept_by_one_and_the_other_is_told_by_whom(tmp_path, holder):
    with (
        pytest.raises(DirectoryInUse, match=f"a holder, process {holder.pid}"),
        occupy(tmp_path, as_what="me"),
    ):
        pass


def test_a_directory_is_free_again_when_its_holder_was_killed(tmp_path, holder):
    holder.kill()
    holder.wait()
    with occupy(tmp_path, as_what="me"):
        assert (tmp_path / "up.lock").read_text() == f"me, process {os.getpid()}"


def test_a_port_that_is_taken_is_refused_and_a_free_one_is_not():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Conflict, match="address already in use"):
            require_free_port(host="127.0.0.1", port=taken.getsockname()[1])
    require_free_port(host="127.0.0.1", port=free_port())


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(Conflict, match=r"cannot listen at 192\.0\.2\.1"):
        require_free_port(host="192.0.2.1", port=free_port())


def test_up_refuses_a_busy_port_before_anything_is_started(database, shell):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = shell("up", "--demo", "--data", str(settings.DATA), "--port", port)
    assert done.code == 1
    assert "Choose another port with --port" in done.err
    assert not (settings.DATA / "logs").exists()


def test_a_second_up_in_the_same_directory_is_refused(database, shell):
    with occupy(settings.DATA, as_what="the first"):
        done = shell("up", "--demo", "--data", str(settings.DATA), "--port", str(free_port()))
    assert done.code == 1
    assert "already runs in" in done.err
    assert "the first, process" in done.err


@pytest.mark.parametrize("option", [("--hubs", "600"), ("--seed", "2"), ("--pace", "0"), ("--fresh",)])
def test_what_belongs_to_a_demonstration_is_a_matter_of_usage_without_one(shell, option):
    done = shell("up", *option)
    assert done.code == 2
    assert f"{option[0]} belongs to --demo" in done.err


def test_an_unknown_scenario_is_refused_before_anything_is_started(shell):
    assert shell("up", "--demo", "--scenario", "sunshine").code == 1


def _until(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_child_that_was_killed_is_started_again_and_a_sentence_says_so(tmp_path):
    with Children(directory=tmp_path, environment={"SAFELAUNCH_DATA": str(tmp_path)}) as children:
        child = children.start("helper", "doctor", "--help")
        killed = child.pid
        child.process.kill()
        child.process.wait()
        sentences: list[str] = []
        _until(lambda: sentences or sentences.extend(children.revive()))
        assert sentences == [
            f"The helper process ({killed}) was ended by SIGKILL; it has been started again as {child.pid}."
        ]
        assert (tmp_path / "helper.pid").read_text() == str(child.pid)


def test_a_child_that_ends_as_soon_as_it_starts_is_left_alone_ever_longer(tmp_path, monkeypatch):
    # However long a busy machine takes to refuse an option.
    monkeypatch.setattr("safelaunch.interfaces.cli.children._SHORT_LIFE_SECONDS", 60.0)
    child = Child("helper", ["--nonsense"], tmp_path, {})
    child.start()
    child.process.wait()
    assert child.how_it_ended() == "ended with exit code 2"
    assert not child.is_due_again()
    child.short_lives = 0
    assert child.is_due_again()
    assert "No such option" in child.last_words()


def test_the_first_signal_interrupts_and_the_second_lets_contexts_close():
    closed = []
    with told_to_stop():
        try:
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os.kill(os.getpid(), signal.SIGINT)
                closed.append("in order")
        except KeyboardInterrupt:
            closed.append("interrupted")
    assert closed == ["in order", "interrupted"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
