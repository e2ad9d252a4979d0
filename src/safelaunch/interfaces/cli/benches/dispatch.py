"""Handing a night over: every chunk to a network behind its HTTP door, by the worker's own path."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from safelaunch.domain.smi import Network
from safelaunch.gateways import keys
from safelaunch.gateways.csp import HttpCspGateway
from safelaunch.interfaces.cli.benches.measuring import Load, Result, by_turns, median, seconds
from safelaunch.interfaces.cli.benches.plan import begin
from safelaunch.interfaces.cli.children import Children, free_port
from safelaunch.services import benches, tranches

GOAL = 4.0
ROUNDS = 5
JOBS_AT_A_TIME = 2
"""As a worker runs them by default."""


def measure(hubs: int) -> Iterator[Result]:
    """This function will hand a night of a fifth of the fleet over, against an append of its hubs to a keyed table."""
    campaign_id = begin(reference="BENCH-DISPATCH", hubs=hubs)
    with network_gateway() as gateway:
        load = Load()
        handed_over: list[int] = []

        def prepare() -> None:
            benches.take_night_back()
            benches.plan_night(campaign_id=campaign_id)

        figures, floors = by_turns(
            lambda: hand_over(campaign_id=campaign_id, gateway=gateway, counts=handed_over),
            lambda: seconds(benches.append_keyed_hubs),
            rounds=ROUNDS,
            prepare=prepare,
        )
        ext = load.ext()
    figure, floor = median(figures), median(floors)
    yield Result(
        name="dispatch",
        figure=figure,
        unit="s",
        floor=floor,
        floor_unit="s",
        ratio=round(figure / floor, 2),
        goal_ratio=GOAL,
        rounds=ROUNDS,
        ext=ext,
        what=f"hand {handed_over[-1]:,} hubs over to the networks",
        floor_what="append of the same rows with key",
    )


@contextmanager
def network_gateway() -> Iterator[HttpCspGateway]:
    """This function will start a network in a process of its own and give the gateway to it."""
    port = free_port()
    with Children(directory=settings.DATA / "logs", environment={}) as children:
        child = children.start("network", "bench", "network", str(port))
        children.wait_for(child, f"http://127.0.0.1:{port}/health")
        with HttpCspGateway(
            base_urls=dict.fromkeys(Network, f"http://127.0.0.1:{port}"),
            key=keys.load_or_create_private(settings.DATA / "keys" / keys.DCC),
        ) as gateway:
            yield gateway


def hand_over(*, campaign_id: int, gateway: HttpCspGateway, counts: list[int]) -> float:
    """This function will hand every waiting chunk over, note the number of hubs, and give the seconds it took."""
    chunks = benches.list_chunks(campaign_id=campaign_id)
    at = benches.PLANNED_AT
    with ThreadPoolExecutor(JOBS_AT_A_TIME) as pool:
        # Connections are opened before the clock runs, as a worker's are.
        ready = threading.Barrier(JOBS_AT_A_TIME + 1)
        for _ in range(JOBS_AT_A_TIME):
            pool.submit(_connect, ready)
        ready.wait()
        begun = time.perf_counter()
        counts.append(
            sum(
                pool.map(
                    lambda chunk: tranches.dispatch(
                        campaign_id=campaign_id, chunk_ids=[chunk], gateway=gateway, at=at
                    ),
                    chunks,
                )
            )
        )
        taken = time.perf_counter() - begun
        for _ in range(JOBS_AT_A_TIME):
            pool.submit(_disconnect, ready)
        ready.wait()
    return taken


def _connect(ready: threading.Barrier) -> None:
    connection.ensure_connection()
    ready.wait()


def _disconnect(ready: threading.Barrier) -> None:
    connection.close()
    ready.wait()
