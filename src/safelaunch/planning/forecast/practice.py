"""Campaigns with a hidden nature, on which forecasts are tried and scored (`gates.md` asks the same of its intervals).

The nature is not the forecast's model: a level per region that is not told, weekdays, spells that last some nights, holds
at a rate of their own. A forecast is made at some point between a quarter and three quarters of the campaign, from
the nights so far and the capacity alone, and compared with what became of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.planning.forecast.nights import HORIZON, Finish, Track, forecast, holds

_REGIONS = ("NORTH", "CENTRAL", "SOUTH")
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Tried:
    """A forecast and what became of it: in how many nights each region was done, after `asked_on` nights."""

    asked_on: int
    happened: dict[str, int]
    forecast: dict[str, Finish]


@dataclass(frozen=True, slots=True)
class Score:
    """What forecasts were worth.

    Attributes:
        campaigns, outcomes: how many were tried; a campaign has an outcome for each region and one for all.
        held_share: the share of outcomes between the 10th and the 90th percentile.
        held_share_all: the same of whole campaigns.
        below_share, above_share: the shares below the 10th and above the 90th.
        late_share: the share later than the 50th; a half is right.
        width_mean: nights from the 10th to the 90th percentile, as a share of the nights that were left.
    """

    campaigns: int
    outcomes: int
    held_share: float
    held_share_all: float
    below_share: float
    above_share: float
    late_share: float
    width_mean: float


def practise(*, campaigns: int, seed: int, paths: int = 400) -> Iterator[Tried]:
    """This function will try forecasts on campaigns, one after another."""
    for number in range(campaigns):
        chance = np.random.default_rng((seed, number))
        tracks, parts = _nature(chance)
        done = _done(tracks, parts)
        asked_on = int(chance.uniform(0.25, 0.75) * min(done.values()))
        seen = [_seen(track, parts[:asked_on, at]) for at, track in enumerate(tracks)]
        happened = {name: night - asked_on for name, night in done.items()}
        happened["all"] = max(happened.values())
        yield Tried(asked_on, happened, forecast(seen, paths=paths, seed=number))


def score(tried: list[Tried]) -> Score:
    """This function will score forecasts."""
    each = [(one.forecast[name], happened) for one in tried for name, happened in one.happened.items()]
    whole = [holds(one.forecast["all"], happened=one.happened["all"]) for one in tried]
    bounds = np.array(
        [[HORIZON if at is None else at for at in (finish.p10, finish.p50, finish.p90)] for finish, _ in each]
    )
    happened = np.array([night for _, night in each])
    low, middle, high = bounds.T
    below, above = happened < low, happened > high
    # A night that is just the median counts as half late.
    late = (happened > middle).mean() + (happened == middle).mean() / 2
    return Score(
        campaigns=len(tried),
        outcomes=len(each),
        held_share=float((~below & ~above).mean()),
        held_share_all=float(np.mean(whole)),
        below_share=float(below.mean()),
        above_share=float(above.mean()),
        late_share=float(late),
        width_mean=float(((high - low) / np.maximum(happened, 1)).mean()),
    )


def _nature(chance: np.random.Generator) -> tuple[list[Track], NDArray[np.float64]]:
    """Draw a campaign's regions and the part of its capacity that each night carries: shape (nights, regions)."""
    regions = len(_REGIONS)
    level = chance.uniform(0.55, 0.95, regions)
    weekday = chance.uniform(0.8, 1.0, (_WEEK, 1)) * np.ones((1, regions))
    spell = np.zeros(regions)
    parts = np.empty((HORIZON, regions))
    for night in range(HORIZON):
        spell = 0.6 * spell + chance.normal(0.0, 0.12, regions)
        parts[night] = np.clip(level * weekday[night % _WEEK] * np.exp(spell), 0.05, 1.0)
    rate = chance.gamma(1.5, 1 / 60)
    night = 0
    while night < HORIZON:
        night += int(chance.geometric(max(rate, 1e-6)))
        length = int(chance.geometric(0.3))
        parts[night : night + length] = 0.0
        night += length
    capacity = chance.integers(8_000, 20_000, regions)
    nights = chance.uniform(70, 220, regions)
    hubs = (capacity * nights * level).astype(np.int64)
    return [Track(name, int(hubs[at]), int(capacity[at]), ()) for at, name in enumerate(_REGIONS)], parts


def _done(tracks: list[Track], parts: NDArray[np.float64]) -> dict[str, int]:
    return {
        track.name: int(np.searchsorted(np.cumsum(parts[:, at] * track.capacity), track.remaining)) + 1
        for at, track in enumerate(tracks)
    }


def _seen(track: Track, parts: NDArray[np.float64]) -> Track:
    sent = int((parts * track.capacity).sum())
    return Track(track.name, max(0, track.remaining - sent), track.capacity, tuple(parts.tolist()))
