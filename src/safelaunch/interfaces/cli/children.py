"""Child processes of `demo` and `up`: started, watched, started again when they die, stopped at the end.

Each child is the leader of a process group of its own, so that Ctrl-C reaches the one who started it and not the
child; on Linux the kernel ends it with its parent, even when that one is killed.
"""

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from safelaunch.domain.refusals import Conflict, Unreachable

_STOP_SECONDS = 25.0
_START_SECONDS = 60.0
_SHORT_LIFE_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1
_SERVER_ERROR = 500
_PORTS = range(20_000, 32_000)
"""Below those that systems give to outgoing connections: one of theirs may be gone before a process listens at it."""
_MOST_PROBES = 100
_KERNEL = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """One process: `safelaunch` with arguments, its log and its process id in files."""

    name: str
    arguments: list[str]
    directory: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    died_at: float | None = None
    short_lives: int = 0

    @property
    def pid(self) -> int | None:
        """This function will give the process id of the latest start."""
        return self.process.pid if self.process else None

    @property
    def log(self) -> Path:
        """This function will give the file that holds what the process says."""
        return self.directory / f"{self.name}.log"

    def start(self) -> None:
        """This function will start the process."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "safelaunch.config.command", *self.arguments],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                # Only a child itself can ask the kernel to end it with its parent; it takes no lock before it begins.
                preexec_fn=_end_with_parent if _KERNEL else None,  # noqa: PLW1509 - see above
            )
        self.started_at, self.died_at = time.monotonic(), None
        (self.directory / f"{self.name}.pid").write_text(str(self.process.pid))

    def is_alive(self) -> bool:
        """This function will say whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def is_due_again(self) -> bool:
        """This function will say whether a process that has ended is to be started again now.

        At once after a life of some length; after ever longer pauses when it ends as soon as it starts.
        """
        now = time.monotonic()
        if self.died_at is None:
            self.died_at = now
            is_short = now - self.started_at < _SHORT_LIFE_SECONDS
            self.short_lives = self.short_lives + 1 if is_short else 0
        pause = _FIRST_PAUSE_SECONDS * 2 ** (self.short_lives - 1) if self.short_lives else 0.0
        return now - self.died_at >= min(pause, _LONGEST_PAUSE_SECONDS)

    def how_it_ended(self) -> str:
        """This function will say how the process ended: `was ended by SIGKILL`, `ended with exit code 3`."""
        code = self.process.poll() if self.process else None
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def last_words(self) -> str:
        """This function will give the end of the process's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:]) if self.log.exists() else ""


@dataclass
class Children:
    """The processes of one run, as a context: leaving it stops them all."""

    directory: Path
    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)

    def start(self, name: str, *arguments: str) -> Child:
        """This function will start a process and keep it."""
        child = Child(name, list(arguments), self.directory, self.environment)
        child.start()
        self.children.append(child)
        return child

    def revive(self) -> list[str]:
        """This function will start again what has ended, and give a sentence for each."""
        sentences = []
        for child in self.children:
            if not child.is_alive() and child.is_due_again():
                ended, before = child.how_it_ended(), child.pid
                child.start()
                sentences.append(
                    f"The {child.name} process ({before}) {ended}; it has been started again as {child.pid}."
                )
        return sentences

    def require_alive(self) -> None:
        """This function will insist that every process runs.

        Raises:
            Unreachable: one has ended; the sentence ends with its last words.
        """
        for child in self.children:
            if not child.is_alive():
                raise Unreachable(
                    f"The {child.name} process {child.how_it_ended()}. Its log, {child.log}, ends:\n"
                    f"{child.last_words()}"
                )

    def wait_for(self, child: Child, url: str) -> None:
        """This function will wait until a process answers at an address with anything but an error of its own.

        Raises:
            Unreachable: it does not answer in time, or has ended.
        """
        deadline = time.monotonic() + _START_SECONDS
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            while time.monotonic() < deadline:
                self.require_alive()
                try:
                    if client.get(url).status_code < _SERVER_ERROR:
                        return
                except httpx.TransportError:
                    time.sleep(0.05)
        raise Unreachable(
            f"The {child.name} process does not answer at {url}. It last said:\n{child.last_words()}"
        )

    def __enter__(self) -> Self:
        """This function will begin the context."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """This function will stop every process, the last started first."""
        for child in reversed(self.children):
            if child.process and child.is_alive():
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()


def free_port() -> int:
    """This function will find a free port on the loopback address, of those that no outgoing connection is given.

    Raises:
        Conflict: none of many was free.
    """
    for _ in range(_MOST_PROBES):
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise Conflict(f"No port from {_PORTS.start} to {_PORTS.stop - 1} is free; stop what uses them.")


def require_free_port(*, host: str, port: int) -> None:
    """This function will insist that an address can be listened at, before anything is started.

    Raises:
        Conflict: somebody listens there, or the address is not one of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Conflict(
            f"Safelaunch cannot listen at {host}:{port}: {(error.strerror or str(error)).lower()}. "
            "Choose another port with --port, or stop what uses this one."
        ) from error


def _end_with_parent() -> None:
    if _KERNEL is not None:
        _KERNEL.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
