"""Dates: thousands of possible futures of one option at once, and what held each task up in each of them.

A task begins on the latest of: the file's day, its own first day, the ends of the tasks before it, and the day its
slots are free. It is worked on for its days, with its slip if that comes and whatever a what-if adds. Its approvals
follow one another in working days of England. With a release it is live on that release's day if it is ready when
the release closes, else with the next release. Beyond the releases of the file, releases recur at the last interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from safelaunch.planning import bank_holidays
from safelaunch.planning.landscape import rollout
from safelaunch.planning.landscape.luck import Luck, Numbers
from safelaunch.planning.landscape.model import Landscape, Option, Release, Task
from safelaunch.planning.landscape.network import in_order

NOTHING = -1
"""The cause of a beginning that no other task held up."""

_FURTHER_RELEASES = 24
_HORIZON_YEARS = 15


@dataclass(frozen=True, slots=True)
class Dates:
    """An option's dates in every future, in days after the file's day: arrays of shape (tasks, runs).

    Attributes:
        tasks: in the order of the arrays.
        begins, ends: of each task; `ends` is when others may build on it.
        worked: when the work itself is done.
        cause: the place of the task that held the beginning up, or `NOTHING`.
        by_slot: whether that task held it up by occupying a slot.
        waits: whether the end waited for a release's day.
        is_late: whether it went live with a later release than its own.
        months: by region, shape (runs,): months of mass roll-out.
    """

    tasks: tuple[Task, ...]
    begins: Numbers
    ends: Numbers
    worked: Numbers
    cause: NDArray[np.int16]
    by_slot: NDArray[np.bool_]
    waits: NDArray[np.bool_]
    is_late: NDArray[np.bool_]
    months: Mapping[str, Numbers]

    def place(self, name: str) -> int:
        """This function will give a task's place by its name."""
        return next(at for at, task in enumerate(self.tasks) if task.name == name)

    def critical(self, goal: NDArray[np.int64]) -> Numbers:
        """This function will give the share of futures in which each task decides when the goal is reached.

        A day more on such a task is a day more for the goal, until something else holds it up. What ends by waiting
        for a release's day decides nothing before it.

        Args:
            goal: shape (runs,): in each future, the place of the task whose end is looked at.
        """
        decides = np.zeros(self.ends.shape, np.bool_)
        decides[goal, np.arange(self.ends.shape[1])] = True
        for at in reversed(range(len(self.tasks))):
            handed_on = decides[at] & ~self.waits[at] & (self.cause[at] != NOTHING)
            runs = np.flatnonzero(handed_on)
            decides[self.cause[at][runs], runs] = True
        found: Numbers = decides.mean(axis=1)
        return found


class _Slots:
    """When each unit of a slot is free again, and which task holds it until then."""

    def __init__(self, *, count: int, runs: int) -> None:
        self.free = np.zeros((runs, count))
        self.holder = np.full((runs, count), NOTHING, np.int16)
        self._runs = np.arange(runs)

    def next_free(self) -> tuple[Numbers, NDArray[np.int16]]:
        at = self.free.argmin(axis=1)
        return self.free[self._runs, at], self.holder[self._runs, at]

    def occupy(self, *, until: Numbers, by: int) -> None:
        at = self.free.argmin(axis=1)
        self.free[self._runs, at] = until
        self.holder[self._runs, at] = by


def play(
    landscape: Landscape,
    option: Option,
    *,
    runs: int,
    seed: int,
    days_more: Mapping[str, float] | None = None,
) -> Dates:
    """This function will work out an option's dates in `runs` futures.

    Args:
        landscape: the file.
        option: one of its options.
        runs: futures.
        seed: the same seed is the same luck, whatever the option and the what-if.
        days_more: days added to the work of some tasks.

    Raises:
        BadLandscape: tasks wait for one another in a circle.
    """
    releases = {release.name: release.day for release in landscape.releases}
    tasks = in_order(option.tasks, today=landscape.today, releases=releases)
    return _Play(landscape, tasks, runs, seed).dates(days_more or {})


class _Play:
    def __init__(self, landscape: Landscape, tasks: tuple[Task, ...], runs: int, seed: int) -> None:
        self._landscape, self._tasks, self._runs = landscape, tasks, runs
        self._luck = Luck(runs=runs, seed=seed)
        self._slots = {slot.name: _Slots(count=slot.count, runs=runs) for slot in landscape.slots}
        self._place = {task.name: at for at, task in enumerate(tasks)}
        self._first: dict[str, Numbers] = {}
        self._approvals = {approval.name: approval for approval in landscape.approvals}
        self._regions = {region.name: region for region in landscape.regions}
        first = landscape.today.year
        holidays = bank_holidays.england_and_wales(first_year=first, last_year=first + _HORIZON_YEARS)
        self._holidays = np.array(sorted(holidays), "datetime64[D]")
        shape = (len(tasks), runs)
        self._dates = Dates(
            tasks=tasks,
            begins=np.zeros(shape),
            ends=np.zeros(shape),
            worked=np.zeros(shape),
            cause=np.full(shape, NOTHING, np.int16),
            by_slot=np.zeros(shape, np.bool_),
            waits=np.zeros(shape, np.bool_),
            is_late=np.zeros(shape, np.bool_),
            months={name: np.zeros(runs) for name in self._regions},
        )

    def dates(self, days_more: Mapping[str, float]) -> Dates:
        """Work the tasks out one after another; what a task waits for stands before it."""
        for at, task in enumerate(self._tasks):
            self._begin(at, task)
            begins = self._dates.begins[at]
            worked = begins + np.ceil(self._days(task, begins) + days_more.get(task.name, 0.0))
            self._dates.worked[at] = worked
            for name in task.slots:
                self._slots[name].occupy(until=worked, by=at)
            self._end(at, task, self._approved(task, worked))
        return self._dates

    def _begin(self, at: int, task: Task) -> None:
        dates, today = self._dates, self._landscape.today
        begins = np.full(
            self._runs, float(max(0, (task.not_before - today).days)) if task.not_before else 0.0
        )
        cause = dates.cause[at]
        for name in task.after:
            other = self._place[name]
            # On a tie the task is named rather than the day: it is what could be done something about.
            held = (dates.ends[other] >= begins) & (dates.ends[other] > 0)
            cause[held] = other
            begins = np.maximum(begins, dates.ends[other])
        for name in task.slots:
            free, holder = self._slots[name].next_free()
            held = free > begins
            cause[held] = holder[held]
            dates.by_slot[at] |= held
            begins = np.maximum(begins, free)
        dates.begins[at] = begins

    def _days(self, task: Task, begins: Numbers) -> Numbers:
        if task.days is not None:
            days = self._luck.drawn(f"days {task.name}", task.days)
        else:
            region = self._regions[task.region or ""]
            months = rollout.months(
                rollout.draw(self._landscape.estate, region, luck=self._luck),
                estate=self._landscape.estate,
                part=region.share * task.share,
                starts=begins,
                first=self._first.setdefault(region.name, begins),
                today=self._landscape.today,
            )
            self._dates.months[region.name][:] += months
            days = months * rollout.DAYS_PER_MONTH
        if task.slip is not None:
            comes = self._luck.uniform(f"slip {task.name}") < task.slip.chance
            days = days + comes * self._luck.drawn(f"slip days {task.name}", task.slip.days)
        return days

    def _approved(self, task: Task, worked: Numbers) -> Numbers:
        ready = worked
        for name in task.approvals:
            days = self._luck.drawn(f"approval {name} {task.name}", self._approvals[name].working_days)
            ready = self._in_working_days(ready, np.ceil(days))
        return ready

    def _in_working_days(self, since: Numbers, count: Numbers) -> Numbers:
        today = np.datetime64(self._landscape.today, "D")
        days = today + since.astype(np.int64).astype("timedelta64[D]")
        reached = np.busday_offset(days, count.astype(np.int64), roll="backward", holidays=self._holidays)
        found: Numbers = np.maximum(since, (reached - today).astype(np.float64))
        return found

    def _end(self, at: int, task: Task, ready: Numbers) -> None:
        dates = self._dates
        if task.release is None:
            dates.ends[at] = ready
            return
        listed = releases_from(self._landscape.releases, task.release)
        today = self._landscape.today
        days = np.array([float((day - today).days) for day, _ in listed])
        closes = np.array([float((closing - today).days) for _, closing in listed])
        taken = np.minimum(np.searchsorted(closes, ready), len(listed) - 1)
        dates.ends[at] = np.maximum(days[taken], ready)
        dates.waits[at] = dates.ends[at] > ready
        dates.is_late[at] = taken > 0


def releases_from(releases: tuple[Release, ...], name: str) -> list[tuple[date, date]]:
    """This function will list the days and closing days of a release and all later ones, those beyond the file too."""
    ordered = sorted(releases, key=lambda release: release.day)
    listed = [(release.day, release.day - timedelta(days=release.closes_days)) for release in ordered]
    interval = listed[-1][0] - listed[-2][0] if len(listed) > 1 else timedelta(days=182)
    for _ in range(_FURTHER_RELEASES):
        day, closing = listed[-1]
        listed.append((day + interval, closing + interval))
    return listed[next(at for at, release in enumerate(ordered) if release.name == name) :]
