"""The ratios that are weighed, and what events say of each of them (`gates.md` 5.3)."""

import numpy as np
from numpy.typing import NDArray

Sums = NDArray[np.float64]

ALTERNATIVES = (1.2, 1.35, 1.6, 2.0, 2.7, 4.0, 7.0, 14.0, 30.0, 70.0, 150.0)
DECISION_GRID = (0.25, 0.5, 0.8, 1.0, 1.1, *ALTERNATIVES)
"""The ratios that decide (`gates.md` 5.3)."""

_BETWEEN = (
    *(0.35, 0.6, 0.7, 0.75, 0.85, 0.9, 0.95, 1.05, 1.15, 1.27, 1.43, 1.51, 1.7, 1.8, 1.9, 2.15, 2.3, 2.5),
    *(3.0, 3.4, 4.8, 5.8, 8.5, 10.0, 12.0, 17.0, 20.0, 25.0, 37.0, 46.0, 57.0, 85.0, 103.0, 125.0),
)
GRID = tuple(sorted((*DECISION_GRID, *_BETWEEN)))
"""All ratios for which sums are kept: those between serve the confidence sequences."""

RATIOS = np.array(GRID)
LOG_RATIOS = np.log(RATIOS)
ALL = np.arange(len(GRID))
DECIDING = np.searchsorted(RATIOS, DECISION_GRID)
_HIGHER = np.searchsorted(RATIOS, ALTERNATIVES)
"""Places in the grid."""

_TOGETHER = 8
_PIECE = 256
"""Blocks of factors that are worked on at a time, so that they stay in a processor's cache."""


def weigh(
    theta: Sums, events: NDArray[np.int32], starts: NDArray[np.int64], *, ratios: Sums = RATIOS
) -> Sums:
    """This function will add events * log(1 + theta * (r - 1)) up by group, for every ratio r: shape (groups, ratios).

    Logarithms are dear and multiplication is not: of a few events the factors are multiplied before one logarithm is
    taken. Factors lie between 0.25 and 150, so that the product of a few can neither overflow nor vanish.

    Args:
        theta: shape (rows,), 0..1.
        events: shape (rows,).
        starts: where each group of rows begins, in order.
        ratios: shape (ratios,), 0.25..150.
    """
    each = np.repeat(theta, events)
    counts = np.add.reduceat(events, starts).astype(np.int64)
    blocks = -(-counts // _TOGETHER)
    ends = np.cumsum(blocks)
    factors = np.zeros(int(ends[-1]) * _TOGETHER)
    # A factor that is left over has theta 0 and is 1.
    shift = np.repeat((ends - blocks) * _TOGETHER - (np.cumsum(counts) - counts), counts)
    factors[np.arange(len(each)) + shift] = each
    found = np.ones((int(ends[-1]), len(ratios)))
    room = np.empty((_PIECE, len(ratios)))
    for at in range(0, len(found), _PIECE):
        piece = factors[at * _TOGETHER : (at + _PIECE) * _TOGETHER].reshape(-1, _TOGETHER)
        product, factor = found[at : at + _PIECE], room[: len(piece)]
        for one in piece.T:
            np.multiply(one[:, None], ratios - 1.0, out=factor)
            factor += 1.0
            product *= factor
        np.log(product, out=product)
    summed: Sums = np.add.reduceat(found, ends - blocks, axis=0)
    return summed


def better(sums: Sums, base: int) -> Sums:
    """This function will give by how much better each higher ratio explains what happened than the tolerated: shape (ratios, units)."""
    better: Sums = sums.T[_HIGHER] - sums.T[base]
    return better


def log_mean(logs: Sums) -> Sums:
    """This function will give the logarithm of the mean of numbers over the first axis, from their logarithms."""
    most = logs.max(axis=0)
    mean: Sums = np.log(np.exp(logs - most).mean(axis=0)) + most
    return mean
