"""Months of mass roll-out per CSP region, from estate, growth and nightly capacity (`domain.md` 11.3, 12.1).

1. On the day a roll-out starts a region has its share of the hubs in Great Britain on that day.
2. New hubs come with the old firmware until some months after the region's first roll-out started, and have to be
   upgraded as well; later ones do not.
3. A network upgrades so many hubs a night, on so many nights of the week; some have to be done again.

No capacity has been published. Those of the shipped example were chosen so that the months the CSPs stated come
out; the model then says what moves them.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from safelaunch.planning.landscape.luck import Luck, Numbers, quantile
from safelaunch.planning.landscape.model import Estate, Region

DAYS_PER_MONTH = 365.25 / 12
_WEEK = 7
_LOW, _MIDDLE, _HIGH = 0.1, 0.5, 0.9


@dataclass(frozen=True, slots=True)
class Inputs:
    """What roll-out takes: arrays over futures.

    `hubs` on the estate's day and `per_month` are of Great Britain; `per_night` is of one region; `repeats` is a
    share; `old_stock_months` are months.
    """

    hubs: Numbers
    per_month: Numbers
    old_stock_months: Numbers
    repeats: Numbers
    per_night: Numbers


@dataclass(frozen=True, slots=True)
class Varied:
    """What one input does to a region's months: at its 10th and its 90th percentile, all others in the middle."""

    region: str
    what: str
    unit: str
    low: float
    high: float
    months_at_low: float
    months_at_high: float


def draw(estate: Estate, region: Region, *, luck: Luck) -> Inputs:
    """This function will draw the inputs of a region; those of the estate are the same for all regions."""
    return Inputs(
        hubs=luck.drawn("estate hubs", estate.hubs),
        per_month=luck.drawn("estate per month", estate.per_month),
        old_stock_months=luck.drawn("estate old stock", estate.old_stock_months),
        repeats=luck.drawn("estate repeats", estate.repeats),
        per_night=luck.drawn(f"per night {region.name}", region.per_night),
    )


def months(
    inputs: Inputs, *, estate: Estate, part: float, starts: Numbers, first: Numbers, today: date
) -> Numbers:
    """This function will give the months that a roll-out to a part of the hubs takes.

    Args:
        inputs: as drawn, shape (runs,).
        estate: what was stated.
        part: the share of Great Britain's hubs, 0..1.
        starts: days after `today` on which it starts, shape (runs,).
        first: days after `today` on which the region's first roll-out started, shape (runs,).
        today: the file's day.
    """
    switches = first + inputs.old_stock_months * DAYS_PER_MONTH
    since = (np.minimum(starts, switches) - (estate.day - today).days) / DAYS_PER_MONTH
    due = np.maximum(0.0, inputs.hubs + inputs.per_month * since) * part
    added = inputs.per_month * part
    left = np.maximum(0.0, switches - starts) / DAYS_PER_MONTH
    pace = inputs.per_night * DAYS_PER_MONTH * estate.nights_per_week / _WEEK * (1 - inputs.repeats)
    # A pace that hardly exceeds growth does not catch up before new hubs come with the new firmware.
    catching_up = due / np.maximum(pace - added, 1e-9)
    found: Numbers = np.where(catching_up <= left, catching_up, (due + added * left) / np.maximum(pace, 1e-9))
    return found


def vary(estate: Estate, region: Region, *, starts: float, today: date) -> tuple[Varied, ...]:
    """This function will vary each input of a region's roll-out alone."""
    named = {
        "hubs": (f"hubs in Great Britain on {estate.day:%d %b %Y}", "hubs", estate.hubs),
        "per_month": ("hubs added", "hubs a month", estate.per_month),
        "old_stock_months": ("new hubs with old firmware", "months", estate.old_stock_months),
        "repeats": ("upgrades done again", "share", estate.repeats),
        "per_night": ("capacity", "hubs a night", region.per_night),
    }
    levels = np.array((_LOW, _HIGH))
    found = []
    for key, (what, unit, spread) in named.items():
        stated = {
            other: quantile(law, levels if other == key else np.full(2, _MIDDLE))
            for other, (_, _, law) in named.items()
        }
        at = np.full(2, starts)
        low, high = months(
            Inputs(**stated), estate=estate, part=region.share, starts=at, first=at, today=today
        ).tolist()
        at_low, at_high = quantile(spread, levels).tolist()
        found.append(Varied(region.name, what, unit, at_low, at_high, low, high))
    return tuple(found)
