"""How long to throw broken messages, and what one may cost."""

import faulthandler
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MINUTES = float(os.environ.get("SAFELAUNCH_FUZZ_MINUTES") or 0)
"""How long each fuzzer runs; 0, as in `make test`, is one round."""

ROUND = 150
"""Messages in a round, between two looks at the clock."""

MOST_SECONDS = 5.0
"""Processor time that one message may take."""

MOST_MIB = 400
"""Memory that all of them together may take, beyond what was in use before: the largest takes 6 times its 15 MiB."""

_HANG = 300.0
_KIB = 1024


def rounds() -> Iterator[int]:
    """Count rounds until the time is up; one at least."""
    end, number = time.monotonic() + 60 * MINUTES, 0
    while number == 0 or time.monotonic() < end:
        yield number
        number += 1


@contextmanager
def guarded() -> Iterator[None]:
    """Hold what runs within to its memory; end the process with a traceback when one message hangs."""
    before = _peak()
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
    grown = (_peak() - before) // _KIB
    assert grown <= MOST_MIB, f"{grown} MiB more than before were in use"


def measured(work: Callable[[], object]) -> float:
    """Run one message and give its processor time, which has to be within bounds."""
    faulthandler.dump_traceback_later(_HANG, exit=True, file=sys.__stderr__)
    begun = time.process_time()
    work()
    taken = time.process_time() - begun
    assert taken <= MOST_SECONDS, f"one message took {taken:.1f} s of processor time"
    return taken


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
