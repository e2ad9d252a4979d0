"""A real installation of its own: processes, embedded PostgreSQL and simulated networks in a scratch directory."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from safelaunch.interfaces.cli.children import free_port

COMMAND = [sys.executable, "-m", "safelaunch.config.command"]
PATIENCE_SECONDS = 240.0


@contextmanager
def scratch_directory() -> Iterator[Path]:
    # Others have to be able to enter it: as root, PostgreSQL runs as a user of its own.
    directory = Path(tempfile.mkdtemp(prefix="safelaunch-e2e-"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def environment(directory: Path | None, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAFELAUNCH_")}
    return {**kept, **({"SAFELAUNCH_DATA": str(directory)} if directory else {}), **settings}


def run(*arguments: str, directory: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(directory, **settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def demo(directory: Path, *, hubs: int, scenario: str, seed: int) -> dict[str, Any]:
    done = run(
        *("demo", "--hubs", str(hubs), "--scenario", scenario, "--seed", str(seed)),
        *("--data", str(directory), "--json"),
    )
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


class Installation:
    """`safelaunch up --demo` in a directory, with what a test wants to know about it."""

    def __init__(self, directory: Path, *, hubs: int, seed: int, pace: float = 0.0) -> None:
        self.directory = directory / "data"
        self.port = free_port()
        self.output = directory / "up.log"
        self._play = ("--hubs", str(hubs), "--seed", str(seed), "--pace", str(pace))
        self.process: subprocess.Popen[bytes] | None = None
        self._others: list[subprocess.Popen[bytes]] = []

    def start(self, *more: str) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    *COMMAND,
                    "up",
                    "--demo",
                    "--data",
                    str(self.directory),
                    "--port",
                    str(self.port),
                    *self._play,
                    *more,
                ],
                env=environment(None),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        for other in self._others:
            other.send_signal(signal.SIGTERM)
        self.process.send_signal(number)
        code = self.process.wait(60)
        for other in self._others:
            other.wait(60)
        return code

    def start_worker(self) -> None:
        more = environment(self.directory, SAFELAUNCH_CLOCK="stepped", SAFELAUNCH_CSP_URL=self.simulator_url)
        with (self.directory / "logs" / "more-workers.log").open("ab") as log:
            self._others.append(
                subprocess.Popen(
                    [*COMMAND, "worker"], env=more, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(*arguments, directory=self.directory, SAFELAUNCH_CLOCK="stepped")

    def says(self) -> str:
        return self.output.read_text(errors="replace")

    def wait(self, until: Callable[[], object], *, what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.says()
            try:
                if until():
                    return
            except (psycopg.Error, httpx.HTTPError, OSError, LookupError, ValueError):
                pass
            time.sleep(0.02)
        raise AssertionError(f"Waited in vain for {what}.\n{self.says()}")

    # What the database says

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(
            f"postgresql://postgres@/safelaunch?host={self.directory / 'run'}", connect_timeout=5
        ) as connection:
            return connection.execute(query, values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        return self.rows(query, *values)[0][0]

    def phase(self) -> str:
        return str(self.value("SELECT phase FROM campaign"))

    def count(self, *states: str) -> int:
        query = "SELECT count(*) FROM hub_upgrade WHERE state = ANY(%s)"
        return int(self.value(query, list(states)))

    def is_in_mid_tranche(self) -> bool:
        return self.count("PLANNED", "INSTRUCTED") > 0

    # What the simulator says

    @property
    def simulator_url(self) -> str:
        words = self.command_line("csp-simulator")
        return f"http://127.0.0.1:{words[words.index('--port') + 1]}"

    def simulator(self, path: str, **parameters: str) -> dict[str, Any]:
        answer = httpx.get(
            f"{self.simulator_url}/simulator/{path}", params=parameters, timeout=60, trust_env=False
        )
        answer.raise_for_status()
        given: dict[str, Any] = answer.json()
        return given

    def journal(self, kind: str) -> list[dict[str, Any]]:
        records = []
        for file in sorted((self.directory / "simulator").glob("*.journal")):
            for line in file.read_bytes().splitlines():
                # Eight digits of checksum and a blank stand before each record.
                record = json.loads(line[9:])
                if record["is"] == kind:
                    records.append(record)
        return records

    def instructed(self) -> Counter[tuple[str, int]]:
        """How often each hub was instructed in each of its attempts, as the networks took it on."""
        return Counter(
            (device_id, record["instruction"]["attempt"])
            for record in self.journal("accepted")
            for device_id in record["instruction"]["device_ids"]
        )

    # What runs

    def pid(self, name: str) -> int:
        return int((self.directory / "logs" / f"{name}.pid").read_text())

    def postmaster_pid(self) -> int:
        return int((self.directory / "postgres" / "postmaster.pid").read_text().splitlines()[0])

    def command_line(self, name: str) -> list[str]:
        return Path(f"/proc/{self.pid(name)}/cmdline").read_text().split("\0")

    def pids_below(self, name: str) -> list[int]:
        parent = self.pid(name)
        return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]

    def running(self) -> list[str]:
        """Command lines of processes, not zombies, that were given this data directory."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                except OSError:
                    continue
                if str(self.directory).encode() in words and int(entry.name) != os.getpid():
                    found.append((entry / "cmdline").read_bytes().decode().replace("\0", " "))
        return found


@contextmanager
def installation(*, hubs: int, seed: int, pace: float = 0.0) -> Iterator[Installation]:
    with scratch_directory() as directory:
        started = Installation(directory, hubs=hubs, seed=seed, pace=pace)
        try:
            yield started
        finally:
            if started.process is not None and started.process.poll() is None:
                started.stop()
