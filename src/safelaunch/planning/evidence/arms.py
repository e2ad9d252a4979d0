"""What a day's moves between arms change by region and stratum, counted once for all endpoints (`gates.md` 5.3)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.lights import CELLS, Level
from safelaunch.planning.evidence.counts import CHANGES, Moves, Numbers
from safelaunch.planning.evidence.strata import Layout

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

_LATEST = max(endpoint.seen_after_days for endpoint in ENDPOINTS)


@dataclass(frozen=True, slots=True)
class Moved:
    """Hubs at risk more or (negative) fewer: for all hubs and for those that prepay, by arm and place.

    Attributes:
        regions: shape (2, 2, regions): all hubs or prepaying, arm, place.
        strata: for each ladder, shape (2, 2, strata).
    """

    regions: Counts
    strata: dict[Level, Counts]


class Arms:
    """Counts moves; those of the last days are remembered, since not all endpoints are seen on the same day."""

    def __init__(self, layout: Layout, *, kept: tuple[Flags, Flags]) -> None:
        """This function will prepare to count; `kept` flags the combinations that each arm counts."""
        self._layout, self._kept = layout, kept
        self._is_one = np.array_equal(kept[0], kept[1])
        self._region = layout.combinations.region.astype(np.intp)
        self._known: dict[int, tuple[Moves, Moved]] = {}

    def of(self, moves: Moves) -> Moved:
        """This function will count a day's moves.

        Raises:
            BadEvidence: as `Moves.check`.
        """
        moves_of_day, found = self._known.get(moves.day, (None, None))
        if found is None or moves_of_day is not moves:
            moves.check(combinations=len(self._region))
            found = self._count(moves)
            for day in [day for day in self._known if day < moves.day - _LATEST]:
                del self._known[day]
            self._known[moves.day] = (moves, found)
        return found

    def _count(self, moves: Moves) -> Moved:
        layout = self._layout
        regions = np.zeros((2, 2, len(layout.combinations.regions)), np.int64)
        strata = {level: np.zeros((2, 2, layout.strata[level]), np.int64) for level in CELLS}
        for group, change in zip(moves.groups, CHANGES, strict=True):
            for kind, combination in enumerate((group.combination, group.combination[group.prepay])):
                counted = np.bincount(self._region[combination], minlength=regions.shape[2])
                regions[kind] += np.multiply.outer(change, counted)
                self._count_strata(
                    {level: table[kind] for level, table in strata.items()}, combination, change
                )
        return Moved(regions, strata)

    def _count_strata(self, into: dict[Level, Counts], combination: Numbers, change: tuple[int, int]) -> None:
        arms = [arm for arm in range(2) if change[arm]]
        for together in [arms] if self._is_one else [[arm] for arm in arms]:
            some = combination[self._kept[together[0]][combination]]
            for level in CELLS:
                place = self._layout.stratum_of[level].take(some)
                counted = np.bincount(place, minlength=into[level].shape[1])
                for arm in together:
                    into[level][arm] += change[arm] * counted
