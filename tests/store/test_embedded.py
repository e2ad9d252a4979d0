"""The embedded PostgreSQL: made, used, killed, found again; and what it says when it cannot run."""

import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path

import psycopg
import pytest

from safelaunch.store import embedded
from safelaunch.store.embedded import EmbeddedServer, EmbeddedUnavailable, wait_until_ready


@pytest.fixture
def server():
    directory = Path(tempfile.mkdtemp(prefix="safelaunch-embedded-"))
    directory.chmod(0o755)
    server = EmbeddedServer(directory)
    yield server
    server.leave()
    server.destroy()
    shutil.rmtree(directory)


def ask(server, question):
    with psycopg.connect(server.url, autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def test_a_server_is_made_on_first_use_answers_only_on_its_socket_and_keeps_what_it_was_given(server):
    server.ensure_running()
    pid = server.postmaster_pid()
    server.ensure_running()
    assert server.postmaster_pid() == pid
    assert ask(server, "SHOW listen_addresses") == ""
    assert ask(server, "SHOW fsync") == "on"
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.leave()
    assert server.postmaster_pid() is None
    server.ensure_running()
    assert ask(server, "SELECT answer FROM kept") == 42
    assert ask(server, "SELECT current_setting('is_superuser')") == "on"


def test_a_server_that_is_killed_is_started_again_with_all_that_was_committed(server):
    server.ensure_running()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(server.postmaster_pid(), signal.SIGKILL)
    wait_until_ready(server, seconds=60)
    assert ask(server, "SELECT answer FROM kept") == 42


def test_a_disposable_server_does_not_wait_for_the_disk_and_still_keeps_what_killing_it_finds(server):
    server.make_disposable()
    server.ensure_running()
    assert ask(server, "SHOW fsync") == "off"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        for _ in range(100):
            connection.execute("UPDATE kept SET answer = answer + 1")
        os.kill(server.postmaster_pid(), signal.SIGKILL)
    wait_until_ready(server, seconds=60)
    assert ask(server, "SELECT answer FROM kept") == 142
    assert ask(server, "SHOW fsync") == "off"


def test_half_a_directory_left_by_a_start_that_was_killed_is_made_anew(server):
    server.data.mkdir()
    (server.data / "base").mkdir()
    server.ensure_running()
    assert ask(server, "SELECT 1") == 1


def test_data_of_another_release_of_postgresql_is_left_alone_with_a_sentence(server):
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedUnavailable, match="belongs to PostgreSQL 14; this release runs 18"):
        server.ensure_running()
    assert [path.name for path in server.data.iterdir()] == ["PG_VERSION"]


def break_settings(server):
    server.ensure_running()
    server.leave()
    (server.data / "pg_hba.conf").write_text("nonsense\n")


def test_a_server_that_does_not_start_says_where_its_log_is(server):
    break_settings(server)
    with pytest.raises(EmbeddedUnavailable, match=f"did not start .*{server.log}.*SAFELAUNCH_DATABASE_URL"):
        server.ensure_running()


def test_on_a_full_disk_it_says_so_and_what_to_do(server, monkeypatch):
    break_settings(server)
    assert server.shortage() == ""
    monkeypatch.setattr(embedded, "_NEEDED_OCTETS", 2**63)
    with pytest.raises(EmbeddedUnavailable, match=r"disk that holds .* is full .* free some space"):
        server.ensure_running()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_a_directory_that_the_servers_own_user_may_not_enter_is_refused_with_a_better_one(server):
    inside = server.directory / "closed"
    inside.mkdir(mode=0o700)
    with pytest.raises(EmbeddedUnavailable, match=r"who may not enter .*closed.*/var/lib/safelaunch"):
        EmbeddedServer(inside / "data").ensure_running()


def test_a_long_path_gets_a_short_socket(server):
    deep = EmbeddedServer(server.directory / ("d" * 100))
    assert len(str(deep.socket_directory)) < 90
    assert deep.socket_directory != EmbeddedServer(server.directory / ("e" * 100)).socket_directory
