"""Intervals that hold on every day at once, and outcomes of which a part is unknown (`gates.md` 5.6, 5.12).

The confidence sequence of the ratio upgraded / not upgraded holds every ratio r of the grid against which the mean
of all ratios has not gathered evidence of 20 (for 95 %). Its ends are moved outwards to the next ratio of the grid,
so the grid never makes it surer than it is. Nothing seen gives 0 to infinity.

Unknown outcomes are bounded both ways: all of them failures, and all of them successes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.gates import Estimate
from safelaunch.planning import gate_statistics
from safelaunch.planning.evidence.ratios import DECIDING, GRID


def ratio(sums: NDArray[np.float64], *, confidence: float) -> Estimate:
    """This function will give the ratio that explains a unit best, with its confidence sequence.

    Args:
        sums: shape (ratios,), a unit's sums for one endpoint.
        confidence: of the whole sequence, 0..1.
    """
    mixed = np.logaddexp.reduce(sums[DECIDING]) - math.log(len(DECIDING))
    held = np.flatnonzero(mixed - sums < -math.log(1 - confidence))
    first, last = int(held[0]), int(held[-1])
    return Estimate(
        value=GRID[int(np.argmax(sums))] if np.any(sums) else 1.0,
        low=GRID[first - 1] if first else 0.0,
        high=GRID[last + 1] if last + 1 < len(GRID) else math.inf,
    )


def excess(estimate: Estimate, *, control_rate: float) -> Estimate:
    """This function will turn a ratio into extra events per hub in a window, 0..1 (infinite when nothing bounds it).

    Args:
        estimate: the ratio.
        control_rate: events per control in the window.
    """
    if control_rate <= 0:
        # Without a single event among controls a ratio says nothing about points.
        return Estimate(value=0.0, low=-math.inf, high=math.inf)
    return Estimate(
        value=(estimate.value - 1) * control_rate,
        low=(estimate.low - 1) * control_rate,
        high=(estimate.high - 1) * control_rate,
    )


def success_bounds(*, succeeded: int, failed: int, unknown: int, confidence: float) -> Estimate | None:
    """This function will estimate the share of activations that work, from the known; its ends take in the unknown.

    The lower end counts every unknown outcome as a failure, the upper as a success. None without a known outcome.
    """
    if succeeded + failed == 0:
        return None
    total = succeeded + failed + unknown
    worst = gate_statistics.share(hits=succeeded, total=total, confidence=confidence)
    best = gate_statistics.share(hits=succeeded + unknown, total=total, confidence=confidence)
    if worst is None or best is None:
        return None
    return Estimate(value=succeeded / (succeeded + failed), low=worst.low, high=best.high)
