"""Features over time: for which share of premises a feature is there, month by month (R-0007-9, `domain.md` 10.2).

What needs hub firmware comes premises by premises, as each region's roll-out proceeds at an even pace; what needs
only systems comes for all on the day its last task is live.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from safelaunch.planning.landscape.luck import Numbers
from safelaunch.planning.landscape.model import Feature, Landscape
from safelaunch.planning.landscape.schedule import Dates

LEVELS = (0.1, 0.5, 0.9)
"""The shares of premises whose months are named."""

_MONTHS = 12
_LAST = 95


@dataclass(frozen=True, slots=True)
class Availability:
    """A feature in one option.

    Attributes:
        name, title: of the feature.
        on_hubs: whether it comes premises by premises.
        days: the first days of months.
        p10, p50, p90: by day, the share of premises that have it.
        reached: for each of `LEVELS`, the first of these days on which half the futures have reached it, or None; what
            comes for all at once has the very day.
    """

    name: str
    title: str
    on_hubs: bool
    days: tuple[date, ...]
    p10: tuple[float, ...]
    p50: tuple[float, ...]
    p90: tuple[float, ...]
    reached: tuple[date | None, ...]


def availability(landscape: Landscape, dates: Dates) -> tuple[Availability, ...]:
    """This function will give every feature's share of premises by month, until the roll-out is over."""
    until = float(np.percentile(dates.ends.max(axis=0), _LAST))
    days = _firsts(landscape.today, until)
    after = [(day - landscape.today).days for day in days]
    upgraded = [_upgraded(landscape, dates, day) for day in after]
    return tuple(_of(landscape, feature, dates, days, upgraded) for feature in landscape.features)


def _of(
    landscape: Landscape, feature: Feature, dates: Dates, days: tuple[date, ...], upgraded: list[Numbers]
) -> Availability:
    after = [(day - landscape.today).days for day in days]
    live = np.zeros(dates.ends.shape[1])
    for name in feature.tasks:
        live = np.maximum(live, dates.ends[dates.place(name)])
    shares = [
        (live <= day) * (hubs if feature.on_hubs else 1.0) for day, hubs in zip(after, upgraded, strict=True)
    ]
    p10, p50, p90 = np.percentile(np.array(shares), (10, 50, 90), axis=1).round(4).tolist()
    return Availability(
        name=feature.name,
        title=feature.title,
        on_hubs=feature.on_hubs,
        days=days,
        p10=tuple(p10),
        p50=tuple(p50),
        p90=tuple(p90),
        reached=tuple(
            next((day for day, share in zip(days, p50, strict=True) if share >= level), None)
            for level in LEVELS
        )
        if feature.on_hubs
        else (landscape.today + timedelta(days=float(np.median(live))),) * len(LEVELS),
    )


def _upgraded(landscape: Landscape, dates: Dates, day: int) -> Numbers:
    """Give the share of all hubs that run the new firmware on a day: shape (runs,)."""
    share = {region.name: region.share for region in landscape.regions}
    found = np.zeros(dates.ends.shape[1])
    for at, task in enumerate(dates.tasks):
        if task.is_rollout:
            length = np.maximum(dates.worked[at] - dates.begins[at], 1.0)
            done = np.clip((day - dates.begins[at]) / length, 0.0, 1.0)
            found += share[task.region or ""] * task.share * done
    return found


def _firsts(today: date, until: float) -> tuple[date, ...]:
    found: list[date] = []
    day = today.replace(day=1)
    while not found or (found[-1] - today).days < until:
        day = date(day.year + day.month // _MONTHS, day.month % _MONTHS + 1, 1)
        found.append(day)
    return tuple(found)
