"""Recalling an eighth of all Devices by one change of the CPL, and undoing it, while a reader looks Devices up.

An eighth is five million of the forty million Devices behind the hubs of Great Britain.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import cycle

from django.db import connection

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import CplStatus
from safelaunch.interfaces.cli.benches.measuring import Load, Result, median, seconds
from safelaunch.services import benches
from safelaunch.services.cpl import Change

GOAL, RESTORE_GOAL = 6.0, 12.0
SHARE = 1 / 8
ROUNDS = 3
_SAMPLE = 1_000


def measure(hubs: int) -> Iterator[Result]:
    """This function will suspend and restore by turns, each against a bare INSERT ... SELECT of as many Devices."""
    benches.hire()
    removal = benches.removal_of_share(share=SHARE)
    back = Change(source="back", rows=tuple(replace(row, status=CplStatus.ACTIVE) for row in removal.rows))
    count, load = benches.count_touched(removal), Load()
    device_ids = benches.sample_devices(limit=_SAMPLE)
    taken: dict[str, list[float]] = {"suspend": [], "restore": [], "floor": []}
    waits: list[float] = []
    for _ in range(ROUNDS):
        for name, change in (("suspend", removal), ("restore", back)):
            benches.tidy()
            number = benches.propose(change)
            with _reading(device_ids, waits):
                taken[name].append(seconds(partial(benches.approve, cpl_proposal_id=number)))
        taken["floor"].append(seconds(lambda: benches.append_bare_devices(device_count=count)))
    floor, ext = median(taken["floor"]), load.ext()
    reader = f"the slowest of {len(waits):,} look-ups meanwhile took {max(waits) * 1000:.0f} ms"
    for name, goal in (("suspend", GOAL), ("restore", RESTORE_GOAL)):
        figure = median(taken[name])
        yield Result(
            name=name,
            figure=figure,
            unit="s",
            floor=floor,
            floor_unit="s",
            ratio=round(figure / floor, 2),
            goal_ratio=goal,
            rounds=ROUNDS,
            ext=ext,
            what=f"{name} {count:,} Devices of {hubs:,} homes by one change of the CPL; {reader}",
            floor_what="INSERT ... SELECT of as many bare rows",
        )


@contextmanager
def _reading(device_ids: list[Eui64], waits: list[float]) -> Iterator[None]:
    """Look Devices up without a pause from another connection, noting how long each look-up takes."""
    done = threading.Event()

    def read() -> None:
        for device_id in cycle(device_ids):
            if done.is_set():
                break
            begun = time.perf_counter()
            benches.look_up(device_id)
            waits.append(time.perf_counter() - begun)
            # A reader who takes every moment would be measured instead of the change.
            done.wait(0.005)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        done.set()
        reader.join()
