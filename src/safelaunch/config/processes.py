"""The processes of an installation: `web`, `worker`, `csp-simulator`; and `migrate`."""

import ctypes
import os
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import say
from safelaunch.services import installation

_ORPHAN_CHECK_SECONDS = 0.2
_KILL_SECONDS = 8
_LARGE_OCTETS = 1024 * 1024
_M_MMAP_THRESHOLD = -3


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@needs_database
def web(*, host: str, port: int, workers: int) -> None:
    """Serve the portal and the door for CSP networks, until SIGTERM."""
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    # Imported before the workers fork: they share what takes a second to read, and one that died is back at once.
    from safelaunch.config.gateway import Gateway
    from safelaunch.config.wsgi import application
    from safelaunch.gateways import xml_keys

    try:
        # Users are given the certificate before they ask anything.
        xml_keys.load_or_create_dsp(settings.DATA / "keys", eui=settings.DSP_ID)
    except Problem as problem:
        say(f"The door for Users cannot sign, and stays shut: {problem}")
    _give_large_blocks_back()
    server = Granian(
        "safelaunch web",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        # A worker that waits for a client who never leaves would keep the port for good.
        workers_kill_timeout=_KILL_SECONDS,
        websockets=False,
        log_enabled=False,
    )
    say(f"Safelaunch answers at http://{host}:{port}/ ({installation.describe_database()}).")
    connections.close_all()
    supervisor = os.getpid()

    def load(*_: Any) -> Any:
        # Whatever kills the process that was started must end its workers too, or the port stays taken.
        threading.Thread(target=_leave_with, args=(supervisor,), daemon=True).start()
        return Gateway(application)

    server.serve(target_loader=load, wrap_loader=False)


def _give_large_blocks_back() -> None:
    """Have what a request of fifteen megabytes took given back when it is let go (mallopt(3)).

    Otherwise glibc keeps such blocks on its heap once it has seen one go, in each worker and each thread.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if tune is not None and "MALLOC_MMAP_THRESHOLD_" not in os.environ:
        tune(_M_MMAP_THRESHOLD, _LARGE_OCTETS)


def _leave_with(supervisor: int) -> None:
    while os.getppid() == supervisor:
        time.sleep(_ORPHAN_CHECK_SECONDS)
    os._exit(1)


@click.command()
@click.option(
    "--concurrency", default=2, show_default=True, type=click.IntRange(1, 64), help="Jobs at a time."
)
@needs_database
def worker(*, concurrency: int) -> None:
    """Run jobs, until SIGTERM; those that have begun are finished first."""
    from safelaunch.interfaces.worker import process

    say(f"The worker runs {concurrency} jobs at a time ({installation.describe_database()}).")
    process.run(concurrency=concurrency)


@click.command("csp-simulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8010, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on."
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Journals; default: simulator/ in the data directory."
)
@click.option("--dcc-url", default="http://127.0.0.1:8000", show_default=True, help="Where events are sent.")
@click.option(
    "--hubs", default=100_000, show_default=True, type=click.IntRange(1), help="Hubs of the estate."
)
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(0), help="Seed of estate and network."
)
@click.option("--scenario", default="healthy", show_default=True, help="Name, or path of a scenario file.")
@click.option(
    "--clock", default="wall", show_default=True, type=click.Choice(["wall", "stepped"]), help="Whose time."
)
@click.option("--start", type=click.DateTime(), help="Beginning of day 0 in UTC; default: now.")
def csp_simulator(
    *,
    host: str,
    port: int,
    data: Path | None,
    dcc_url: str,
    hubs: int,
    seed: int,
    scenario: str,
    clock: str,
    start: datetime | None,
) -> None:
    """Run the three simulated CSP networks behind their HTTP door, until SIGTERM."""
    from safelaunch.gateways import gbcs_keys, keys
    from safelaunch.interfaces.simulator import server
    from safelaunch.interfaces.simulator.settings import Clock, SimulatorSettings

    keys.load_or_create_private(settings.DATA / "keys" / keys.DCC)
    gbcs_keys.load_or_create_broker(settings.DATA / "keys", eui=settings.DSP_ID)
    server.serve(
        settings=SimulatorSettings(
            host=host,
            port=port,
            data_dir=data or settings.DATA / "simulator",
            keys_dir=settings.DATA / "keys",
            dcc_url=dcc_url,
            estate_hubs=hubs,
            estate_seed=seed,
            scenario=scenario,
            seed=seed,
            clock=Clock(clock),
            start_at=start.replace(tzinfo=UTC) if start else datetime.now(UTC),
        )
    )


@click.command()
def migrate() -> None:
    """Bring the database to this release."""
    applied = installation.migrate()
    say(
        f"{applied} migrations applied to {installation.describe_database()}."
        if applied
        else "Nothing to do."
    )
