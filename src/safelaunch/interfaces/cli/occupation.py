"""One `up` or `demo` for a data directory: whoever runs there holds a lock that the kernel drops when they end."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safelaunch.domain.refusals import Conflict

LOCK = "up.lock"


class DirectoryInUse(Conflict):
    """Another process runs an installation in this data directory."""


@contextmanager
def occupy(directory: Path, *, as_what: str) -> Iterator[None]:
    """This function will keep a data directory for this process, and say in it who has it.

    Raises:
        DirectoryInUse: somebody has it already; the sentence says who.
    """
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip()
            raise DirectoryInUse(
                f"Safelaunch already runs in {directory}{f' ({holder})' if holder else ''}. Stop it first, or "
                "choose another directory with --data."
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{as_what}, process {os.getpid()}".encode())
        yield
    finally:
        os.close(descriptor)
