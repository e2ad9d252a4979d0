"""`safelaunch bench`: what the hot paths cost, as ratios to floors taken in the same run (`docs/performance.md`).

Every bench is a process of its own on a scratch database, so it cannot touch the real one and its peak memory is its own.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from safelaunch.domain.refusals import Refused
from safelaunch.interfaces.cli.benches import choice as choice_bench
from safelaunch.interfaces.cli.benches import dispatch as dispatch_bench
from safelaunch.interfaces.cli.benches import duis as duis_bench
from safelaunch.interfaces.cli.benches import ingest as ingest_bench
from safelaunch.interfaces.cli.benches import network as bench_network
from safelaunch.interfaces.cli.benches import plan as plan_bench
from safelaunch.interfaces.cli.benches import suspend as suspend_bench
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say, with_progress
from safelaunch.services import benches

BENCHES = {
    "publish": (plan_bench.measure_publish, "publish a campaign, against count(*) of the hubs"),
    "plan": (plan_bench.measure, "publish, and plan a night, against a bare INSERT ... SELECT of its hubs"),
    "dispatch": (dispatch_bench.measure, "hand a night over by HTTP, against an append of its hubs with key"),
    "ingest": (
        ingest_bench.measure,
        "signed batches by HTTP with all effects, against a bare COPY of the batch",
    ),
    "duis": (
        duis_bench.measure,
        "open, take on and answer the largest firmware request, against parse, digest, ECDSA and a bare COPY",
    ),
    "suspend": (
        suspend_bench.measure,
        "suspend an eighth of all Devices by one change of the CPL, against a bare INSERT ... SELECT of as many",
    ),
    "lists": (
        choice_bench.measure_lists,
        "answer a Supplier's list of 50,000 hubs, against a bare INSERT ... SELECT of as many",
    ),
    "calendar": (
        choice_bench.measure_calendar,
        "find the busy homes of a night and keep their hubs back, against a bare INSERT ... SELECT of as many",
    ),
}


class BenchFailed(Refused):
    """A bench ended without a result; its own words stand above."""


@click.group()
def bench() -> None:
    """Measure the hot paths on a scratch database, as ratios to floors of the same run."""


@bench.command("list")
@as_json
def list_(*, as_json: bool) -> None:
    """List the benches and what each is compared with."""
    if as_json:
        print_json({"benches": [{"name": name, "what": what} for name, (_, what) in BENCHES.items()]})
    else:
        print_table(
            title="Benches",
            columns=("name", "what"),
            rows=[(name, what) for name, (_, what) in BENCHES.items()],
        )


@bench.command()
@click.argument("names", nargs=-1, required=True, type=click.Choice(list(BENCHES)), metavar="NAME...")
@click.option(
    "--hubs",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(5_000, 20_000_000),
    help="Hubs of the scratch estate.",
)
@as_json
def run(*, names: tuple[str, ...], hubs: int, as_json: bool) -> None:
    """Run benches one after another; ratios are cost over floor cost, smaller is better."""
    results: list[dict[str, Any]] = []
    try:
        for name in names:
            results += _run(name, hubs=hubs)
    finally:
        # What was measured before a bench failed took minutes, and holds.
        if results:
            _show(results, hubs=hubs, as_json=as_json)


@bench.command(hidden=True)
@click.argument("name", type=click.Choice(list(BENCHES)))
@click.argument("hubs", type=int)
def measure(*, name: str, hubs: int) -> None:
    """Measure one bench in the scratch database of the settings, and print a result a line."""
    for _ in with_progress(benches.load(hubs=hubs), what="Loading the estate", total=hubs):
        pass
    for result in BENCHES[name][0](hubs):
        print_json(result.as_json())


@bench.command(hidden=True)
@click.argument("port", type=int)
def network(*, port: int) -> None:
    """Take every instruction, as a network would."""
    bench_network.serve(port=port)


@bench.command(hidden=True)
@click.argument("message", type=click.Path(path_type=Path))
@click.argument("certificate", type=click.Path(path_type=Path))
def opening(*, message: Path, certificate: Path) -> None:
    """Open and read one message, and print the memory that took."""
    print_json({"octets": duis_bench.memory_of_opening(message, certificate=certificate)})


def _run(name: str, *, hubs: int) -> Iterator[dict[str, Any]]:
    say(f"{name}: loading {hubs:,} hubs into a scratch database.")
    with (
        benches.scratch_database() as url,
        tempfile.TemporaryDirectory(prefix="safelaunch-bench-") as directory,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "safelaunch.config.command", "bench", "measure", name, str(hubs)],
            env={
                **os.environ,
                "SAFELAUNCH_DATABASE_URL": url,
                "SAFELAUNCH_DATA": directory,
                "SAFELAUNCH_CLOCK": "wall",
            },
            stdout=subprocess.PIPE,
            check=False,
            text=True,
        )
        if done.returncode != 0:
            _show_logs(Path(directory))
            raise BenchFailed(f"The bench {name} ended without a result (exit code {done.returncode}).")
    yield from (json.loads(line) for line in done.stdout.splitlines())


def _show(results: list[dict[str, Any]], *, hubs: int, as_json: bool) -> None:
    if as_json:
        print_json({"machine": _machine(), "hubs": hubs, "results": results})
        return
    columns = ("name", "figure", "unit", "floor", "floor_unit", "ratio", "goal_ratio", "ext", "peak_rss_mib")
    print_table(
        title=f"{hubs:,} hubs, {_machine()}",
        columns=[column.replace("_", " ") for column in columns],
        rows=[[result[column] for column in columns] for result in results],
    )
    for result in results:
        say(
            f"{result['name']}: {result['what']}; floor: {result['floor_what']}; median of {result['rounds']}."
        )


def _show_logs(directory: Path) -> None:
    for log in sorted(directory.glob("logs/*.log")):
        say(f"{log.name} ends:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
