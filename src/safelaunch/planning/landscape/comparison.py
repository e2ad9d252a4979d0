"""Options side by side: dates with their ranges, months per region, what is critical, and what moves what.

All ranges are the 10th, 50th and 90th percentile over the futures played. Options and what-ifs are compared future
by future, with the same luck, so a difference of nothing is nothing and not two averages that happen to agree.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.refusals import Invalid
from safelaunch.planning.landscape import rollout, schedule
from safelaunch.planning.landscape.features import Availability, availability
from safelaunch.planning.landscape.luck import Numbers
from safelaunch.planning.landscape.model import Landscape, Option, Stage, WhatIf
from safelaunch.planning.landscape.rollout import Varied
from safelaunch.planning.landscape.schedule import Dates

_PERCENTILES = (10, 50, 90)
_RARELY = 0.05
"""What moves in fewer futures than this is said not to move."""

_OFTEN = 0.25
"""What decides the end in this share of futures is named as critical; regions take turns at being the last."""


@dataclass(frozen=True, slots=True)
class When:
    """A day that is not certain."""

    p10: date
    p50: date
    p90: date


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that is not certain."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class StageDates:
    """A stage in one option: from when, complete when, and the months the source stated."""

    number: int
    title: str
    stated: str
    begins: When
    complete: When


@dataclass(frozen=True, slots=True)
class TaskDates:
    """A task in one option.

    Attributes:
        name, title: of the task.
        begins, ends: when.
        late_share: the share of futures in which it missed its release; None without one.
        critical_share: the share of futures in which it decides when the last stage is complete.
    """

    name: str
    title: str
    begins: When
    ends: When
    late_share: float | None
    critical_share: float


@dataclass(frozen=True, slots=True)
class RegionMonths:
    """Mass roll-out in one region: its months, those the CSP stated, and its days."""

    region: str
    months: Amount
    stated_months: tuple[float, float] | None
    begins: When
    complete: When


@dataclass(frozen=True, slots=True)
class OptionDates:
    """All about one option; `critical` names the tasks that often decide when the last stage is complete, in order."""

    name: str
    title: str
    stages: tuple[StageDates, ...]
    tasks: tuple[TaskDates, ...]
    critical: tuple[str, ...]
    regions: tuple[RegionMonths, ...]
    features: tuple[Availability, ...]


@dataclass(frozen=True, slots=True)
class StageDifference:
    """How many days later than the first option a stage is complete in another, and how often it is earlier."""

    option: str
    than: str
    number: int
    begins_later_days: Amount
    complete_later_days: Amount
    begins_earlier_share: float


@dataclass(frozen=True, slots=True)
class Move:
    """What a what-if does to the end of one task: how far it moves in the middle, and in which share of futures."""

    name: str
    title: str
    days: Amount
    moves_share: float

    @property
    def is_still(self) -> bool:
        """This function will be true of what hardly ever moves."""
        return self.moves_share < _RARELY


@dataclass(frozen=True, slots=True)
class Moved:
    """A what-if played with one option: by task, and by stage as (number, days the start moves, days the end moves)."""

    title: str
    option: str
    tasks: tuple[Move, ...]
    stages: tuple[tuple[int, Amount, Amount], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the futures of a landscape's options came to."""

    title: str
    today: date
    runs: int
    seed: int
    options: tuple[OptionDates, ...]
    differences: tuple[StageDifference, ...]
    what_ifs: tuple[Moved, ...]
    varied: tuple[Varied, ...]


def compare(landscape: Landscape, *, runs: int, seed: int) -> Comparison:
    """This function will play every option and every what-if of a landscape.

    Args:
        landscape: as read.
        runs: futures, at least 1.
        seed: of the luck.

    Raises:
        Invalid: no future was asked for.
        BadLandscape: tasks wait for one another in a circle.
    """
    if runs < 1:
        raise Invalid(f"{runs} futures were asked for; at least 1 can be played.")
    played = {
        option.name: schedule.play(landscape, option, runs=runs, seed=seed) for option in landscape.options
    }
    first = played[landscape.options[0].name]
    return Comparison(
        title=landscape.title,
        today=landscape.today,
        runs=runs,
        seed=seed,
        options=tuple(_option(landscape, option, played[option.name]) for option in landscape.options),
        differences=tuple(
            _difference(landscape, option, stage, first, played[option.name])
            for option in landscape.options[1:]
            for stage in landscape.stages
        ),
        what_ifs=tuple(
            _moved(
                landscape,
                option,
                what_if,
                before=played[option.name],
                after=schedule.play(landscape, option, runs=runs, seed=seed, days_more=what_if.days_more),
            )
            for what_if in landscape.what_ifs
            for option in landscape.options
        ),
        varied=tuple(
            each
            for region in landscape.regions
            for each in rollout.vary(
                landscape.estate,
                region,
                starts=float(np.median(_of_region(first, region.name, "begins").min(axis=0))),
                today=landscape.today,
            )
        ),
    )


def _option(landscape: Landscape, option: Option, dates: Dates) -> OptionDates:
    critical = dates.critical(_last_of(landscape.stages[-1], dates))
    in_time = np.argsort(np.median(dates.begins, axis=1), kind="stable").tolist()
    return OptionDates(
        name=option.name,
        title=option.title,
        stages=tuple(_stage(landscape, option, stage, dates) for stage in landscape.stages),
        tasks=tuple(
            TaskDates(
                name=task.name,
                title=task.title,
                begins=_when(landscape, dates.begins[at]),
                ends=_when(landscape, dates.ends[at]),
                late_share=float(dates.is_late[at].mean()) if task.release else None,
                critical_share=float(critical[at]),
            )
            for at, task in enumerate(dates.tasks)
        ),
        critical=tuple(dates.tasks[at].name for at in in_time if critical[at] >= _OFTEN),
        regions=tuple(
            RegionMonths(
                region=region.name,
                months=_amount(dates.months[region.name]),
                stated_months=region.stated_months,
                begins=_when(landscape, _of_region(dates, region.name, "begins").min(axis=0)),
                complete=_when(landscape, _of_region(dates, region.name, "ends").max(axis=0)),
            )
            for region in landscape.regions
        ),
        features=availability(landscape, dates),
    )


def _stage(landscape: Landscape, option: Option, stage: Stage, dates: Dates) -> StageDates:
    begins, complete = _bounds(stage, dates)
    return StageDates(
        number=stage.number,
        title=stage.title,
        stated=option.stated.get(stage.number, ""),
        begins=_when(landscape, begins),
        complete=_when(landscape, complete),
    )


def _bounds(stage: Stage, dates: Dates) -> tuple[Numbers, Numbers]:
    members = [at for at, task in enumerate(dates.tasks) if task.stage == stage.number]
    starts = dates.begins if stage.from_start else dates.ends
    return starts[members].min(axis=0), dates.ends[members].max(axis=0)


def _last_of(stage: Stage, dates: Dates) -> NDArray[np.int64]:
    members = np.array([at for at, task in enumerate(dates.tasks) if task.stage == stage.number])
    last: NDArray[np.int64] = members[dates.ends[members].argmax(axis=0)]
    return last


def _of_region(dates: Dates, region: str, which: str) -> Numbers:
    values: Numbers = getattr(dates, which)
    return values[[at for at, task in enumerate(dates.tasks) if task.is_rollout and task.region == region]]


def _difference(
    landscape: Landscape, option: Option, stage: Stage, first: Dates, other: Dates
) -> StageDifference:
    begins, complete = (
        there - here for here, there in zip(_bounds(stage, first), _bounds(stage, other), strict=True)
    )
    return StageDifference(
        option=option.name,
        than=landscape.options[0].name,
        number=stage.number,
        begins_later_days=_amount(begins),
        complete_later_days=_amount(complete),
        begins_earlier_share=float((begins < 0).mean()),
    )


def _moved(landscape: Landscape, option: Option, what_if: WhatIf, *, before: Dates, after: Dates) -> Moved:
    moves = []
    for at, task in enumerate(before.tasks):
        days = after.ends[at] - before.ends[at]
        moves.append(Move(task.name, task.title, _amount(days), float((np.abs(days) >= 1).mean())))
    stages = []
    for stage in landscape.stages:
        was, now = _bounds(stage, before), _bounds(stage, after)
        stages.append((stage.number, _amount(now[0] - was[0]), _amount(now[1] - was[1])))
    return Moved(what_if.title, option.name, tuple(moves), tuple(stages))


def _when(landscape: Landscape, days: Numbers) -> When:
    found = np.percentile(days, _PERCENTILES, method="nearest").tolist()
    p10, p50, p90 = (landscape.today + timedelta(days=round(day)) for day in found)
    return When(p10, p50, p90)


def _amount(values: Numbers) -> Amount:
    p10, p50, p90 = np.percentile(values, _PERCENTILES).tolist()
    return Amount(p10, p50, p90)
