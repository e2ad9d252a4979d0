"""Child processes of `demo` and `up`: started, watched, started again when they die, stopped at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from safelaunch.domain.refusals import Unreachable

_STOP_SECONDS = 25.0
_START_SECONDS = 60.0
_RESTART_PAUSE_SECONDS = 0.5


@dataclass
class Child:
    """One process: `safelaunch` with arguments, its log and its process id in files."""

    name: str
    arguments: list[str]
    directory: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restarts: int = 0

    def start(self) -> None:
        """This function will start the process."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "safelaunch.config.command", *self.arguments],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.started_at = time.monotonic()
        (self.directory / f"{self.name}.pid").write_text(str(self.process.pid))

    def is_alive(self) -> bool:
        """This function will say whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        """This function will give the end of the process's log."""
        log = self.directory / f"{self.name}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""


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
        """This function will start again what has died, and name it."""
        revived = []
        for child in self.children:
            if not child.is_alive() and time.monotonic() - child.started_at >= _RESTART_PAUSE_SECONDS:
                child.restarts += 1
                child.start()
                revived.append(child.name)
        return revived

    def require_alive(self) -> None:
        """This function will insist that every process runs.

        Raises:
            Unreachable: one has ended; the sentence ends with its last words.
        """
        for child in self.children:
            if not child.is_alive():
                raise Unreachable(
                    f"The {child.name} process has ended. Its log, {child.directory / (child.name + '.log')}, ends:\n"
                    f"{child.last_words()}"
                )

    def wait_for(self, child: Child, url: str) -> None:
        """This function will wait until a process answers at an address with anything but an error of its own.

        Raises:
            Unreachable: it does not answer in time, or has ended.
        """
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            self.require_alive()
            try:
                if httpx.get(url, timeout=2.0).status_code < 500:  # noqa: PLR2004 - 5xx
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
    """This function will find a free port on the loopback address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
