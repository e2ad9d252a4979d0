"""The watch of `up`: what dies is started again, with a sentence that says so, until somebody tells it to stop."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from django.conf import settings
from django.db import Error, connection

from safelaunch.domain.refusals import Refused
from safelaunch.interfaces.cli.children import Children
from safelaunch.interfaces.cli.terminal import say
from safelaunch.services import installation
from safelaunch.store.reads import jobs

_LOOK_SECONDS = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def told_to_stop() -> Iterator[None]:
    """This function will make the first Ctrl-C, SIGTERM or SIGHUP interrupt what runs, and let later ones pass.

    The first one raises KeyboardInterrupt once, so that contexts close in order; a second may not cut that short.
    """
    told: list[int] = []

    def tell(number: int, _frame: FrameType | None) -> None:
        if told:
            return
        told.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, tell) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch(children: Children) -> None:
    """This function will keep processes and database running until it is interrupted."""
    database = _Database()
    while True:
        for sentence in children.revive():
            say(sentence)
        database.look()
        time.sleep(_LOOK_SECONDS)


class _Database:
    """Asks the database a small question every second; starts the embedded one again when it does not answer."""

    def __init__(self) -> None:
        self._pid = settings.EMBEDDED.postmaster_pid() if settings.IS_EMBEDDED else None
        self._is_away = False
        self._asked_at = 0.0

    def look(self) -> None:
        now = time.monotonic()
        if now - self._asked_at < 1:
            return
        self._asked_at = now
        try:
            jobs.is_job_waiting()
        except Error as error:
            self._is_missed(error)
        else:
            self._answers()

    def _is_missed(self, error: Error) -> None:
        connection.close()
        if not self._is_away:
            self._is_away = True
            what = "is started again" if settings.IS_EMBEDDED else "is waited for"
            say(f"The database does not answer and {what}: {str(error).strip().splitlines()[0]}")
        # It may refuse for a moment, while the last processes of the one that was killed end: the next look tries.
        with suppress(Refused, Error):
            installation.ensure_database()

    def _answers(self) -> None:
        pid = settings.EMBEDDED.postmaster_pid() if settings.IS_EMBEDDED else None
        if pid != self._pid:
            say(f"The embedded PostgreSQL ({self._pid}) had ended; it has been started again as {pid}.")
        elif self._is_away:
            say("The database answers again.")
        self._pid, self._is_away = pid, False
