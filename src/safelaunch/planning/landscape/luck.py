"""Draws that belong to a task and a question, and to nothing else.

So every option and every what-if is played with the same luck, future by future: what differs between two of them
differs because of how the tasks are arranged, and a date that nothing reaches does not move by a day.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from safelaunch.planning.landscape.model import Spread

Numbers = NDArray[np.float64]


class Luck:
    """The luck of `runs` futures under one seed."""

    def __init__(self, *, runs: int, seed: int) -> None:
        """This function will prepare the draws."""
        self.runs, self.seed = runs, seed

    def uniform(self, what: str) -> Numbers:
        """This function will draw evenly from [0, 1): shape (runs,); the same question has the same answer."""
        return np.random.default_rng((self.seed, zlib.crc32(what.encode()))).random(self.runs)

    def drawn(self, what: str, spread: Spread) -> Numbers:
        """This function will draw by a triangular law: shape (runs,)."""
        return quantile(spread, self.uniform(what))


def quantile(spread: Spread, at: Numbers) -> Numbers:
    """This function will give quantiles (0..1) of a triangular law."""
    least, likely, most = spread
    width = most - least
    if width <= 0:
        return np.full(np.shape(at), float(least))
    turn = (likely - least) / width
    rising = least + np.sqrt(at * width * (likely - least))
    falling = most - np.sqrt((1 - at) * width * (most - likely))
    found: Numbers = np.where(at < turn, rising, falling)
    return found
