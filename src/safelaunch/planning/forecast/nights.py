"""The nights to come, drawn from the nights that were: when the last hub of each region has had its turn.

1. A night uses a part of what its network can carry. Parts are drawn from the campaign's own nights, a week at a time, so
   that weekdays and good and bad spells stay together; all regions of a night are drawn together.
2. The nights seen are a sample. Each path weighs their weeks differently, as a Bayesian bootstrap does.
3. On some nights nothing goes anywhere: a hold. How often holds begin and how long they last is drawn from what was
   seen and from three quarters of a hold in a month that nobody saw: a campaign never held is not immune.
4. Hubs that come back are sent again, at the rate seen so far.
5. No night may send more than proof allows: so many hubs and so many times those proven (`domain/tranches.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.refusals import Invalid

Numbers = NDArray[np.float64]
PERCENTILES = (10, 50, 90)
HORIZON = 1_500
"""Nights beyond which no finish is forecast."""

_WEEK = 7
_HELD = 0.02
_NOBODY = 0.5
"""Less than half a hub is nobody."""
_LEAST_EVEN = 0.3
_FEW = 4
_UNSEEN_HOLDS = 0.75
_UNSEEN_NIGHTS = 30.0
_UNSEEN_LENGTHS = (1, 2, 4, 7)
_USUAL = (0.85, 0.92, 0.97, 1.0, 0.95, 0.9, 1.0)
"""The parts of a week that nobody has seen yet: what a campaign without a night is forecast by."""


@dataclass(frozen=True, slots=True)
class Track:
    """A region on its way.

    Attributes:
        name: of the region.
        remaining: hubs that have not had their turn.
        capacity: hubs that its network can carry in a night.
        parts: the part of that which each night of the campaign sent, 0..1, oldest first, the same nights in all regions.
        comes_back: the share of hubs sent that have to be sent again.
    """

    name: str
    remaining: int
    capacity: int
    parts: tuple[float, ...]
    comes_back: float = 0.0


@dataclass(frozen=True, slots=True)
class Proof:
    """What limits a night besides the networks (hubs).

    Attributes:
        sent: so far.
        proven: so far.
        pending: sent and not yet proven, by night, the oldest first; one becomes proof each night to come.
        floor, growth: at most floor + growth * proven may have been sent.
    """

    sent: int
    proven: int
    pending: tuple[int, ...]
    floor: int
    growth: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is asked besides the forecast: capacity times a factor, and nights from now on which nothing goes."""

    capacity: float = 1.0
    closed: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Finish:
    """In how many nights a region's last hub has had its turn; None is not within the horizon."""

    p10: int | None
    p50: int | None
    p90: int | None


def forecast(
    tracks: Sequence[Track],
    *,
    proof: Proof | None = None,
    what_if: WhatIf | None = None,
    paths: int = 1_000,
    seed: int = 1,
) -> dict[str, Finish]:
    """This function will forecast the finish of every region, and of all together under the name "all".

    Args:
        tracks: the regions.
        proof: what limits a night besides the networks, or None.
        what_if: what is asked besides, or None.
        paths: futures to play.
        seed: of the luck; the same seed is the same luck, whatever is asked.

    Raises:
        Invalid: there is no region, no path, or the regions' nights are not the same.
    """
    if not tracks or paths < 1:
        raise Invalid("A forecast needs at least one region and one path.")
    if len({len(track.parts) for track in tracks}) > 1:
        raise Invalid("The regions of a forecast have different nights; give each region every night.")
    nights = _Nights(tracks, paths=paths, seed=seed, what_if=what_if or WhatIf()).play(proof)
    found = {track.name: _finish(nights[:, at]) for at, track in enumerate(tracks)}
    return {**found, "all": _finish(nights.max(axis=1))}


class _Nights:
    def __init__(self, tracks: Sequence[Track], *, paths: int, seed: int, what_if: WhatIf) -> None:
        self._tracks, self._paths, self._what_if = tracks, paths, what_if
        self._chance = np.random.default_rng((seed, 20))
        parts = np.array([track.parts for track in tracks], np.float64).T.reshape(-1, len(tracks))
        held = parts.max(axis=1, initial=0.0) < _HELD
        self._runs = _lengths(held)
        self._seen = parts[~held]
        self._open_nights = int((~held).sum())
        self._left = np.array([track.remaining for track in tracks], np.float64)
        self._most = np.array([track.capacity for track in tracks], np.float64) * what_if.capacity
        self._again = 1.0 / np.maximum(0.05, 1.0 - np.array([track.comes_back for track in tracks]))

    def play(self, proof: Proof | None) -> Numbers:
        """Let nights pass on all paths at once: shape (paths, regions), nights until a region is done."""
        left = np.tile(self._left * self._again, (self._paths, 1))
        found = np.where(left > 0, np.inf, 0.0)
        weeks, held = self._weeks(), self._holds()
        sent = np.full(self._paths, float(proof.sent if proof else 0))
        proven = np.full(self._paths, float(proof.proven if proof else 0))
        pending = [np.full(self._paths, float(one)) for one in (proof.pending if proof else ())]
        for night in range(HORIZON):
            if not (left > 0).any():
                break
            goes = np.minimum(left, weeks(night) * self._most)
            goes[held[:, night]] = 0.0
            if night in self._what_if.closed:
                goes[:] = 0.0
            if proof is not None:
                proven = proven + (pending.pop(0) if pending else 0.0)
                room = np.maximum(0.0, proof.floor + proof.growth * proven - sent)
                goes *= np.minimum(1.0, room / np.maximum(goes.sum(axis=1), 1.0))[:, None]
                sent = sent + goes.sum(axis=1)
                pending.append(goes.sum(axis=1))
            left = left - goes
            empty = left < _NOBODY
            found[empty & np.isinf(found)] = night + 1
            left[empty] = 0.0
        return found

    def _weeks(self) -> "_Drawn":
        seen = self._seen
        if len(seen) < _WEEK:
            usual = np.tile(np.array(_USUAL)[:, None], (1, len(self._tracks)))
            seen = np.concatenate((seen, usual))
        starts = np.arange(max(1, len(seen) - _WEEK + 1))
        # One weight for each week that could have been seen apart from the others; the fewer they are, the more the
        # weights differ, as the variance of Student's law exceeds that of the normal.
        apart = max(1, round(len(seen) / _WEEK))
        weights = self._chance.dirichlet(np.full(apart, max(_LEAST_EVEN, 1 - _FEW / apart)), self._paths)
        of_start = np.minimum(starts * apart // len(starts), apart - 1)
        bounds = np.cumsum(weights[:, of_start] / np.bincount(of_start, minlength=apart)[of_start], axis=1)
        bounds /= bounds[:, -1:]
        return _Drawn(seen, bounds, self._chance)

    def _holds(self) -> NDArray[np.bool_]:
        """Draw the nights on which nothing goes: shape (paths, nights)."""
        rate = self._chance.gamma(
            len(self._runs) + _UNSEEN_HOLDS, 1 / (self._open_nights + _UNSEEN_NIGHTS), self._paths
        )
        begins = self._chance.random((self._paths, HORIZON)) < rate[:, None]
        lengths = self._chance.choice(np.array((*self._runs, *_UNSEEN_LENGTHS)), begins.shape)
        held = np.zeros(begins.shape, np.bool_)
        for later in range(int(lengths.max())):
            held[:, later:] |= (begins & (lengths > later))[:, : HORIZON - later]
        return held


class _Drawn:
    """Parts of nights, drawn a week at a time for every path."""

    def __init__(self, seen: Numbers, bounds: Numbers, chance: np.random.Generator) -> None:
        self._seen, self._bounds, self._chance = seen, bounds, chance
        self._start = np.zeros(len(bounds), np.int64)

    def __call__(self, night: int) -> Numbers:
        if night % _WEEK == 0:
            drawn = self._chance.random(len(self._bounds))
            self._start = (self._bounds < drawn[:, None]).sum(axis=1)
        found: Numbers = self._seen[np.minimum(self._start + night % _WEEK, len(self._seen) - 1)]
        return found


def _lengths(held: NDArray[np.bool_]) -> tuple[int, ...]:
    """Give the lengths of runs of held nights."""
    edges = np.diff(np.concatenate(([False], held, [False])).astype(np.int8))
    lengths = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    return tuple(int(length) for length in lengths)


def _finish(nights: Numbers) -> Finish:
    found = np.percentile(nights, PERCENTILES, method="nearest").tolist()
    p10, p50, p90 = (None if night == np.inf else int(night) for night in found)
    return Finish(p10, p50, p90)


def holds(finish: Finish, *, happened: int) -> bool:
    """This function will say whether what happened lies between the 10th and the 90th percentile, both included."""
    least = finish.p10 if finish.p10 is not None else HORIZON
    return least <= happened and (finish.p90 is None or happened <= finish.p90)


def by_name(finishes: Mapping[str, Finish]) -> dict[str, dict[str, int | None]]:
    """This function will write finishes as plain values."""
    return {name: {"p10": one.p10, "p50": one.p50, "p90": one.p90} for name, one in finishes.items()}
