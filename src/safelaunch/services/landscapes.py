"""Compare ways to arrange releases, modifications and hub firmware (`design.md` 7, TABASC). No database is touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from safelaunch.domain.refusals import Invalid
from safelaunch.planning.landscape import comparison, reading, scope, summary
from safelaunch.planning.landscape.comparison import Comparison
from safelaunch.planning.landscape.model import Landscape, WhatIf
from safelaunch.planning.landscape.scope import Scope

MOST_RUNS = 100_000
"""Futures beyond which nothing more is learnt, and memory runs out."""


@dataclass(frozen=True, slots=True)
class ReleaseDay:
    """A release, its day, and the document versions it brings."""

    name: str
    title: str
    day: date
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """A landscape compared: what it holds, what came of it, and the same in words."""

    source: str
    releases: tuple[ReleaseDay, ...]
    modifications: tuple[Scope, ...]
    comparison: Comparison
    summary: tuple[str, ...]


def names() -> tuple[str, ...]:
    """This function will list the landscapes that ship."""
    return reading.names()


def example(name: str) -> str:
    """This function will give the file of a landscape that ships.

    Raises:
        NotFound: none of this name ships.
    """
    return reading.shipped(name).decode()


def compare(*, file: str, runs: int, seed: int, slips: Sequence[tuple[str, float]] = ()) -> Compared:
    """This function will compare a landscape's options.

    Args:
        file: the name of a landscape that ships, or a file ending in `.toml`.
        runs: futures to play, 1 to `MOST_RUNS`.
        seed: of the luck.
        slips: tasks and days more, asked as one what-if besides those of the file.

    Raises:
        NotFound, BadLandscape: as `reading.load`.
        Invalid: too few or too many futures, or a slip of a task that the file does not have.
    """
    if not 1 <= runs <= MOST_RUNS:
        raise Invalid(f"{runs:,} futures were asked for; 1 to {MOST_RUNS:,} can be played.")
    landscape = reading.load(file)
    if slips:
        landscape = replace(landscape, what_ifs=(*landscape.what_ifs, _asked(landscape, slips)))
    compared = comparison.compare(landscape, runs=runs, seed=seed)
    return Compared(
        source=landscape.source,
        releases=tuple(
            ReleaseDay(release.name, release.title, release.day, dict(release.versions))
            for release in landscape.releases
        ),
        modifications=scope.scopes(landscape),
        comparison=compared,
        summary=summary.sentences(compared),
    )


def _asked(landscape: Landscape, slips: Sequence[tuple[str, float]]) -> WhatIf:
    titles = {task.name: task.title for task in landscape.options[0].tasks}
    for name, days in slips:
        if name not in titles:
            raise Invalid(f"There is no task {name!r} to slip; choose {', '.join(titles)}.")
        if days <= 0:
            raise Invalid(f"The task {name!r} was to slip by {days:g} days; give a number above 0.")
    what = ", ".join(f"{titles[name]} {days:g} days more" for name, days in slips)
    return WhatIf(title=what, days_more=dict(slips))
