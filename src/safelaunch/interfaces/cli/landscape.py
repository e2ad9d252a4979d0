"""`safelaunch landscape`: compare ways to arrange releases and hub firmware (`design.md` 7, 8.4; `docs/landscape.md`)."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.cli import landscape_calendar, landscape_chart
from safelaunch.interfaces.cli.terminal import as_json, print_json, print_table, say
from safelaunch.planning.landscape.comparison import Moved, OptionDates, When
from safelaunch.services import landscapes
from safelaunch.services.landscapes import Compared

_SMALL = 100
"""Numbers below it are shown with three digits that count, others as whole ones."""

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group()
def landscape() -> None:
    """Compare ways to arrange releases and hub firmware."""


@landscape.command()
@click.argument("name", default="tabasc-2022")
def example(*, name: str) -> None:
    """Print a landscape file that ships, to be changed and compared."""
    click.echo(landscapes.example(name), nl=False)


@landscape.command()
@click.argument("file")
@click.option(
    "--runs",
    default=5_000,
    show_default=True,
    type=click.IntRange(1, landscapes.MOST_RUNS),
    help="Futures to play.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the luck.")
@click.option(
    "--slip",
    "slips",
    multiple=True,
    metavar="TASK=DAYS",
    help="Ask what moves if a task takes so many days more; may be given several times.",
)
@click.option("--chart", type=_FILE, help="Write a chart as SVG.")
@click.option("--calendar", "calendar_file", type=_FILE, help="Write the dates as an iCalendar file.")
@as_json
def compare(
    *,
    file: str,
    runs: int,
    seed: int,
    slips: tuple[str, ...],
    chart: Path | None,
    calendar_file: Path | None,
    as_json: bool,
) -> None:
    """Compare the options of a landscape file: a path ending in .toml, or the name of one that ships (tabasc-2022).

    All dates are the 10th, 50th and 90th percentile over the futures played; the same seed gives the same dates.
    """
    began = time.monotonic()
    compared = landscapes.compare(file=file, runs=runs, seed=seed, slips=[_slip(one) for one in slips])
    if chart is not None:
        _write(chart, landscape_chart.draw(compared.comparison, releases=compared.releases))
    if calendar_file is not None:
        _write(calendar_file, landscape_calendar.write(compared.comparison, releases=compared.releases))
    if as_json:
        print_json(_as_json(compared, seconds=round(time.monotonic() - began, 2)))
    else:
        _show(compared)


def _slip(text: str) -> tuple[str, float]:
    name, _, days = text.rpartition("=")
    try:
        return name, float(days)
    except ValueError as error:
        raise Invalid(
            f"--slip {text} cannot be read; write it as TASK=DAYS, such as gbcs-3.2-north=122."
        ) from error


def _write(path: Path, text: str) -> None:
    try:
        # iCalendar lines end as they were written.
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}; give another place.") from error


def _as_json(compared: Compared, *, seconds: float) -> dict[str, Any]:
    found = asdict(compared.comparison)
    return {
        "source": compared.source,
        **found,
        "seconds": seconds,
        "releases": [asdict(release) for release in compared.releases],
        "modifications": [asdict(one) for one in compared.modifications],
        "summary": list(compared.summary),
    }


def _show(compared: Compared) -> None:
    comparison = compared.comparison
    say(f"{comparison.title}: {comparison.runs:,} futures from {comparison.today:%d %b %Y}.")
    for option in comparison.options:
        _show_option(option)
    for moved in comparison.what_ifs:
        _show_moved(moved)
    print_table(
        title="What moves the months of mass roll-out: each input alone, from its 10th to its 90th percentile",
        columns=("region", "input", "unit", "low", "high", "months at low", "months at high"),
        rows=[
            (
                one.region,
                one.what,
                one.unit,
                *(f"{value:,.3g}" if value < _SMALL else f"{value:,.0f}" for value in (one.low, one.high)),
                *(f"{months:.1f}" for months in (one.months_at_low, one.months_at_high)),
            )
            for one in comparison.varied
        ],
    )
    print_table(
        title="Modifications",
        columns=("modification", "title", "release and documents", "decide by"),
        rows=[
            (
                one.name,
                one.title,
                "; ".join(
                    f"{part.release}: {', '.join(part.documents) or 'no document'}" for part in one.parts
                )
                + (f" ({one.note})" if one.note else ""),
                one.decide_by,
            )
            for one in compared.modifications
        ],
    )
    for sentence in compared.summary:
        say(sentence)


def _show_option(option: OptionDates) -> None:
    print_table(
        title=f"Option {option.name}: {option.title}",
        columns=("stage", "title", "stated", "from p10", "p50", "p90", "complete p10", "p50", "p90"),
        rows=[
            (str(stage.number), stage.title, stage.stated, *_days(stage.begins), *_days(stage.complete))
            for stage in option.stages
        ],
    )
    print_table(
        title=f"Option {option.name}: mass roll-out",
        columns=("region", "months p10", "p50", "p90", "stated", "begins p50", "complete p50"),
        rows=[
            (
                one.region,
                *(f"{months:.1f}" for months in (one.months.p10, one.months.p50, one.months.p90)),
                "" if one.stated_months is None else f"{one.stated_months[0]:g} to {one.stated_months[1]:g}",
                one.begins.p50,
                one.complete.p50,
            )
            for one in option.regions
        ],
    )
    print_table(
        title=f"Option {option.name}: for which share of premises, from when",
        columns=("feature", "10 %", "50 %", "90 %"),
        rows=[(one.title, *(day or "not reached" for day in one.reached)) for one in option.features],
    )


def _show_moved(moved: Moved) -> None:
    print_table(
        title=f"{moved.title}, option {moved.option}: days later",
        columns=("task", "p10", "p50", "p90", "moves in"),
        rows=[
            (
                one.title,
                round(one.days.p10),
                round(one.days.p50),
                round(one.days.p90),
                f"{one.moves_share:.0%}",
            )
            for one in moved.tasks
            if not one.is_still
        ],
    )
    still = [one.title for one in moved.tasks if one.is_still]
    say(f"What does not move: {'; '.join(still) or 'nothing'}.")


def _days(when: When) -> tuple[Any, ...]:
    return when.p10, when.p50, when.p90
