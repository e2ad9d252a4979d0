"""A journal: records appended to one file, durable before they are acted upon.

A line is the CRC-32 of a record in eight hexadecimal digits, a blank, and the record as JSON. A process that is
killed while writing leaves a torn last line: it was never acted upon, and is dropped. Damage anywhere else is
refused, because a journal with a hole could give a number a second meaning.
"""

import fcntl
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from safelaunch.domain.refusals import Conflict, Unreadable
from safelaunch.interfaces.simulator.records import AnyRecord, Opened

_PATIENCE = 10.0
_PREFIX = 9


class JournalInUse(Conflict):
    """Another process writes this journal."""


class Journal:
    """One append-only file, written by one process at a time."""

    def __init__(self, path: Path) -> None:
        """This function will open or create the file and lock it.

        A process that was killed may take a moment to disappear, so the lock is waited for, but not for long.

        Raises:
            JournalInUse: another simulator holds the journal.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file: IO[bytes] = path.open("a+b")
        self._lock()
        self._sync_directory()

    def opening(self) -> Opened | None:
        """This function will give the first record, or None when the journal has not begun."""
        with self._path.open("rb") as file:
            record = _read_line(file.readline())
        return record if isinstance(record, Opened) else None

    def replay(self) -> Iterator[AnyRecord]:
        """This function will read every record in order, and cut off a torn last line.

        Raises:
            Unreadable: a line before the last is damaged.
        """
        good, line_number, torn = 0, 0, False
        with self._path.open("rb") as file:
            for line in file:
                line_number += 1
                if torn:
                    raise Unreadable(
                        f"Line {line_number - 1} of {self._path.name} is damaged; restore the file from a copy, "
                        "or start with an empty data directory."
                    )
                record = _read_line(line)
                if record is None:
                    torn = True
                    continue
                good += len(line)
                yield record
        if torn:
            self._file.truncate(good)
            os.fsync(self._file.fileno())

    def append(self, *records: AnyRecord, durable: bool = True) -> None:
        """This function will append records; when `durable`, they are on the disk before it returns.

        What is not durable at once becomes so with the next record that is.
        """
        self._file.write(b"".join(map(_line, records)))
        self._file.flush()
        if durable:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """This function will close the file and give up the lock."""
        self._file.close()

    def _lock(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    self._file.close()
                    raise JournalInUse(
                        f"Another simulator writes {self._path.name}; stop it, or give this one its own data directory."
                    ) from error
                time.sleep(0.05)
            else:
                return

    def _sync_directory(self) -> None:
        descriptor = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _line(record: AnyRecord) -> bytes:
    body = msgspec.json.encode(record)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def _read_line(line: bytes) -> AnyRecord | None:
    """Give the record of a line, or nothing when the line is torn or damaged."""
    body = line[_PREFIX:-1]
    if not line.endswith(b"\n") or line[:_PREFIX] != b"%08x " % zlib.crc32(body):
        return None
    record: AnyRecord = msgspec.json.decode(body, type=AnyRecord)
    return record
