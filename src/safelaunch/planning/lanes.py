"""Work side by side: numpy lets other threads go on while it counts over large arrays.

What is given must not depend on the order in which it is done. With one processor, or one piece of work, all is done in
turn; so is what a work asks for that is itself done beside another.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Result = TypeVar("Result")

WORTH_IT = 20_000
"""Array elements below which handing work over costs more than it saves."""


def side_by_side(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """This function will do all works and give their results in order; the first failure in order is raised at the end."""
    if processors() == 1 or len(works) <= 1 or _HERE.is_lane:
        return [work() for work in works]
    futures = [ahead(work) for work in works]
    for future in futures:
        future.exception()
    return [future.result() for future in futures]


def ahead(work: Callable[[], Result]) -> Future[Result]:
    """This function will begin a work whose result is wanted later; with one processor it does it at once."""
    if processors() > 1:
        return _pool(os.getpid()).submit(_in_lane, work)
    done: Future[Result] = Future()
    try:
        done.set_result(work())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the result is wanted
        done.set_exception(error)
    return done


def _in_lane(work: Callable[[], Result]) -> Result:
    _HERE.is_lane = True
    return work()


class _Here(threading.local):
    is_lane = False


_HERE = _Here()


def stay_alone() -> None:
    """This function will let this process do all in turn from now on: others are busy beside it."""
    _ALONE[:] = [True]


_ALONE: list[bool] = []


def processors() -> int:
    """This function will count the processors that may be used at a time."""
    return 1 if _ALONE else os.cpu_count() or 1


@cache
def _pool(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=processors(), thread_name_prefix="lane")
