"""`safelaunch rehearse`: play whole campaigns on the national twin, by any policy (`design.md` 8.4)."""

import resource
import statistics
import sys
import time
from dataclasses import asdict
from typing import Any

import click

from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say, with_progress
from safelaunch.services import rehearsals

_PASSES = 5
_RSS_PER_MIB = 1024 * (1024 if sys.platform == "darwin" else 1)
"""Darwin counts octets, Linux kibibytes."""


@click.command()
@click.option(
    "--hubs",
    default=100_000,
    show_default=True,
    type=click.IntRange(2_000, 20_000_000),
    help="Hubs of the generated estate.",
)
@click.option("--scenario", default="healthy", show_default=True, help="Name, or a file ending in .toml.")
@click.option(
    "--policy",
    default=rehearsals.POLICIES[0],
    show_default=True,
    type=click.Choice(list(rehearsals.POLICIES)),
    help="Who decides when hubs may go, and when to stop.",
)
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(0), help="Of estate and first world."
)
@click.option(
    "--runs", default=1, show_default=True, type=click.IntRange(1, 10_000), help="Campaigns to play."
)
@as_json
def rehearse(*, hubs: int, scenario: str, policy: str, seed: int, runs: int, as_json: bool) -> None:
    """Play whole campaigns on a generated fleet and show what the firmware would do to it.

    Nothing is sent and no database is used. Worlds differ by seed; the same seed gives the same figures.
    """
    began = time.monotonic()
    rehearsal = rehearsals.prepare(hubs=hubs, scenario=scenario, policy=policy, seed=seed, runs=runs)
    for _ in with_progress(rehearsal.load(), what="Generating the fleet", total=hubs):
        pass
    loaded = time.monotonic()
    for _ in with_progress(rehearsal.play(), what="Playing campaigns", total=runs):
        pass
    played = time.monotonic() - loaded
    asked: dict[str, Any] = {
        "hubs": hubs,
        "scenario": rehearsal.scenario.name,
        "policy": policy,
        "seed": seed,
        "runs": runs,
        "seconds": round(time.monotonic() - began, 2),
        "peak_rss_mib": _peak_rss_mib(rehearsal.processes),
    }
    found = asdict(rehearsal.figures())
    asked |= _floor(rehearsal, played=played, nights=runs * found["nights_mean"])
    if as_json:
        print_json({**asked, **found})
    else:
        _show(asked, found, title=rehearsal.scenario.title)


def _floor(rehearsal: rehearsals.Rehearsal, *, played: float, nights: float) -> dict[str, float]:
    """Compare what playing took with a pass over the same arrays for every night."""
    rehearsal.pass_over()
    spent = []
    for _ in range(_PASSES):
        began = time.monotonic()
        rehearsal.pass_over()
        spent.append(time.monotonic() - began)
    floor = statistics.median(spent) * nights
    return {
        "play_seconds": round(played, 2),
        "floor_seconds": round(floor, 3),
        "floor_ratio": round(played / floor, 1) if floor else 0.0,
    }


def _show(asked: dict[str, Any], found: dict[str, Any], *, title: str) -> None:
    finish = found.pop("finish")
    say(f"{title}: {asked['hubs']:,} hubs, policy {asked['policy']}, runs: {asked['runs']:,}.")
    print_table(
        title="What came of it",
        columns=("figure", "value"),
        rows=[(name.replace("_", " "), _worded(name, value)) for name, value in found.items()],
    )
    print_table(
        title="Day of the last hub",
        columns=("region", "p10", "p50", "p90"),
        rows=[
            (region, *("not reached" if day is None else f"{day:,.0f}" for day in days.values()))
            for region, days in finish.items()
        ],
    )
    say(
        f"{asked['seconds']:,.1f} s, at most {asked['peak_rss_mib']:,} MiB; playing took {asked['floor_ratio']:,.0f} times "
        "as long as a pass over the same arrays for every night."
    )


def _worded(name: str, value: float | None) -> str:
    if value is None:
        return "does not apply"
    return f"{value:.1%}" if name.endswith("share") else f"{value:,.1f}"


def _peak_rss_mib(processes: int) -> int:
    """Give the most memory held; with several processes a bound, since what they share is counted in each."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if processes > 1:
        peak += processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return round(peak / _RSS_PER_MIB)
