"""Who goes today: hubs in the order of their lots, as far as there is room (`gates.md` 5.8).

A hub goes if its region has capacity left and each of its cells has room. Hubs whose turn it is and for whom there
is no room keep their place. Within a combination the order is the order of the lots, always.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safelaunch.planning.twin.fleet import Hubs

Room = tuple[NDArray[np.int32], NDArray[np.int64]]
"""Where each combination counts, and how many hubs each of these places may still take."""

_PASSES = 40
_SLICE = 4_000


class Queue:
    """Hubs that wait for their turn, in order."""

    def __init__(self, *, combination: Hubs) -> None:
        """This function will let every hub wait."""
        self._combination = combination
        self._waiting: Hubs = np.arange(len(combination), dtype=np.int32)

    def __len__(self) -> int:
        return len(self._waiting)

    def put_back(self, hubs: Hubs) -> None:
        """This function will let hubs wait again, in front of those whose turn has not come."""
        self._waiting = np.concatenate((np.sort(hubs), self._waiting))

    def withdraw(self, hubs: Hubs) -> None:
        """This function will take hubs out of the queue."""
        gone = np.zeros(len(self._combination), np.bool_)
        gone[hubs] = True
        self._waiting = self._waiting[~gone[self._waiting]]

    def are_waiting(self, hubs: Hubs) -> NDArray[np.bool_]:
        """This function will flag those of `hubs` that wait."""
        found = np.zeros(len(self._combination), np.bool_)
        found[self._waiting] = True
        return found[hubs]

    def waiting_of(self, combinations: NDArray[np.bool_]) -> int:
        """This function will count the waiting hubs of flagged combinations."""
        return int(combinations[self._combination[self._waiting]].sum())

    def take(self, *, most: int, rooms: Sequence[Room], open_to: NDArray[np.bool_]) -> Hubs:
        """This function will take hubs off the queue.

        Args:
            most: hubs in all.
            rooms: limits, all of which hold; what is left of each is written back.
            open_to: shape (combinations,): combinations that may be sent to at all.
        """
        taken: list[Hubs] = []
        candidates = self._waiting
        wanted = most
        for _ in range(_PASSES):
            if wanted <= 0:
                break
            is_open = open_to.copy()
            for place, left in rooms:
                is_open &= (left > 0)[place]
            candidates = candidates[is_open[self._combination[candidates]]]
            if not len(candidates):
                break
            several = candidates[: max(4 * wanted, _SLICE)]
            chosen = several[self._within(several, rooms)][:wanted]
            for place, left in rooms:
                np.subtract.at(left, place[self._combination[chosen]], 1)
            taken.append(chosen)
            wanted -= len(chosen)
            candidates = candidates[~_is_among(candidates, chosen, len(self._combination))]
        found = np.concatenate(taken) if taken else np.empty(0, np.int32)
        if len(found):
            self.withdraw(found)
        return found

    def _within(self, hubs: Hubs, rooms: Sequence[Room]) -> NDArray[np.bool_]:
        """Flag hubs whose place in line is within every room; places count those ahead that another room refuses."""
        combination = self._combination[hubs]
        fits = np.ones(len(hubs), np.bool_)
        for place, left in rooms:
            where = place[combination]
            fits &= places_in_line(where) < left[where]
        return fits


def places_in_line(where: NDArray[np.int32]) -> NDArray[np.int64]:
    """This function will count, for each element, the equal elements before it."""
    # Numbers of 16 bits are sorted in linear time.
    small = where.astype(np.int16) if where.max(initial=0) < np.iinfo(np.int16).max else where
    order = np.argsort(small, kind="stable")
    ordered = small[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(starts, len(where)))
    found = np.empty(len(where), np.int64)
    found[order] = np.arange(len(where)) - np.repeat(starts, lengths)
    return found


def _is_among(hubs: Hubs, chosen: Hubs, size: int) -> NDArray[np.bool_]:
    flags = np.zeros(size, np.bool_)
    flags[chosen] = True
    return flags[hubs]
