"""`safelaunch forecast` and `safelaunch calibrate`: when a campaign will be done, and how good that is (`docs/twin.md`)."""

from dataclasses import asdict
from datetime import datetime

import click

from safelaunch.interfaces.cli.database import needs_database
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say, with_progress
from safelaunch.planning.forecast.practice import Tried
from safelaunch.services import forecasts
from safelaunch.store.reads import clock


@click.command()
@click.argument("campaign")
@click.option(
    "--capacity",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.01, 100),
    help="What if networks carried this many times what they do?",
)
@click.option(
    "--closed",
    multiple=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="What if nothing went on this night? May be given several times.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the luck.")
@as_json
@needs_database
def forecast(
    *, campaign: str, capacity: float, closed: tuple[datetime, ...], seed: int, as_json: bool
) -> None:
    """Forecast the night on which each region's last hub of a CAMPAIGN has had its turn.

    Nights to come are drawn from the nights that were; the 10th, 50th and 90th percentile are shown.
    """
    found = forecasts.forecast(
        reference=campaign,
        at=clock.now(),
        capacity=capacity,
        closed=[night.date() for night in closed],
        seed=seed,
    )
    if as_json:
        print_json(asdict(found))
        return
    say(f"{found.reference}, {found.phase}: from {found.nights_seen} nights of mass roll-out.")
    print_table(
        title="Night of the last hub",
        columns=("region", "p10", "p50", "p90"),
        rows=[
            (region, *(day or "not foreseeable" for day in (days.p10, days.p50, days.p90)))
            for region, days in found.finish.items()
        ],
    )


@click.command()
@click.option(
    "--campaigns", default=200, show_default=True, type=click.IntRange(1, 10_000), help="Campaigns to try."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the campaigns.")
@as_json
def calibrate(*, campaigns: int, seed: int, as_json: bool) -> None:
    """Try forecasts on simulated campaigns and show how often what happened lay within them.

    The campaigns' nature is hidden from the forecasts. From the 10th to the 90th percentile, 75 to 85 % should lie.
    """
    tried: list[Tried] = []
    for _ in with_progress(
        forecasts.calibrate(count=campaigns, seed=seed, into=tried), what="Trying forecasts", total=campaigns
    ):
        pass
    found = asdict(forecasts.score(tried))
    if as_json:
        print_json(found)
        return
    print_table(
        title="Forecasts and what became of them",
        columns=("figure", "value"),
        rows=[
            (name.replace("_", " "), f"{value:.1%}" if isinstance(value, float) else f"{value:,}")
            for name, value in found.items()
        ],
    )
