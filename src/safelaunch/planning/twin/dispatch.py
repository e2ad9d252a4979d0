"""Who goes today: hubs in the order of their lots, as far as there is room (`gates.md` 5.8).

A hub goes if its region has capacity left and each of its cells has room. Hubs whose turn it is and for whom there
is no room keep their place. Within a combination the order is the order of the lots, always.

The line is walked once a night from its head, a slice at a time, each twice as long as the one before: when little room
is left, little of a slice is looked at, and the walk ends where nobody can go any more. Those who went leave gaps,
which are closed when there are many.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safelaunch.planning.twin.fleet import Hubs

Room = tuple[NDArray[np.int32], NDArray[np.int64]]
"""Where each combination counts, and how many hubs each of these places may still take."""

_SLICE = 4_000
_AHEAD = 1.1
"""Hubs looked at first for each that is wanted."""

_GAPS = 0.2
"""The share of the line that may be gaps before they are closed."""


class Queue:
    """Hubs that wait for their turn, in order: first those that were sent and not reached, then all by their lots."""

    def __init__(self, *, combination: Hubs) -> None:
        """This function will let every hub wait."""
        self._combination = combination
        self._back: Hubs = np.empty(0, np.int32)
        self._line: Hubs = np.arange(len(combination), dtype=np.int32)
        # Of each place in the line: its combination, or, of a gap, the number after the last.
        self._where: Hubs = combination.copy()
        self._left: NDArray[np.int64] = np.append(np.bincount(combination), 0).astype(np.int64)
        self._gap = len(self._left) - 1
        self._gaps = 0
        self._is_waiting = np.ones(len(combination), np.bool_)
        self._length = len(combination)

    def __len__(self) -> int:
        return self._length

    def put_back(self, hubs: Hubs) -> None:
        """This function will let hubs wait again, in front of those whose turn has not come."""
        self._back = np.concatenate((np.sort(hubs), self._back))
        self._is_waiting[hubs] = True
        self._length += len(hubs)
        np.add.at(self._left, self._combination[hubs].astype(np.intp), 1)

    def withdraw(self, hubs: Hubs) -> None:
        """This function will take hubs out of the queue, wherever they stand."""
        hubs = hubs[self._is_waiting[hubs]]
        self._leave(hubs)
        came_back = np.isin(hubs, self._back)
        self._back = self._back[self._is_waiting[self._back]]
        # The line is in the order of the hubs' numbers.
        self._where[np.searchsorted(self._line, hubs[~came_back])] = self._gap
        self._close_gaps(int((~came_back).sum()))

    def are_waiting(self, hubs: Hubs) -> NDArray[np.bool_]:
        """This function will flag those of `hubs` that wait."""
        found: NDArray[np.bool_] = self._is_waiting[hubs]
        return found

    def waiting_of(self, combinations: NDArray[np.bool_]) -> int:
        """This function will count the waiting hubs of flagged combinations."""
        return int(self._left[: self._gap][combinations[: self._gap]].sum())

    def take(self, *, most: int, rooms: Sequence[Room], open_to: NDArray[np.bool_]) -> Hubs:
        """This function will take hubs off the queue.

        Args:
            most: hubs in all.
            rooms: limits, all of which hold; what is left of each is written back.
            open_to: shape (combinations,): combinations that may be sent to at all.
        """
        is_open = self._open(rooms, open_to)
        taken = [self._take(self._back[is_open[self._combination[self._back]]], most, rooms)]
        self._back = self._back[self._is_waiting[self._back]]
        most -= len(taken[0])
        at, size = 0, max(int(_AHEAD * most), _SLICE)
        gone = taken[0]
        while most > 0 and at < len(self._line):
            # Nothing closes where nobody went.
            is_open = self._open(rooms, open_to) if len(gone) else is_open
            if not is_open.any():
                break
            found = at + np.flatnonzero(is_open[self._where[at : at + size]])
            gone = self._take(self._line[found], most, rooms)
            self._where[found[~self._is_waiting[self._line[found]]]] = self._gap
            taken.append(gone)
            most -= len(gone)
            at, size = at + size, 2 * size
        self._close_gaps(sum(map(len, taken[1:])))
        return np.concatenate(taken)

    def _open(self, rooms: Sequence[Room], open_to: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Flag the combinations of which somebody waits and may go; a gap never may."""
        found: NDArray[np.bool_] = self._left > 0
        found[: self._gap] &= open_to[: self._gap]
        for place, left in rooms:
            found[: self._gap] &= (left > 0)[place[: self._gap]]
        return found

    def _take(self, candidates: Hubs, most: int, rooms: Sequence[Room]) -> Hubs:
        """Let those of the candidates go who may, in order; who stays behind finds no room."""
        taken: list[Hubs] = [np.empty(0, np.int32)]
        while most > 0 and len(candidates):
            fits = self._within(candidates, rooms)
            chosen = candidates[fits][:most]
            combination = self._combination[chosen]
            for place, left in rooms:
                np.subtract(left, np.bincount(place[combination], minlength=len(left)), out=left)
            self._leave(chosen)
            taken.append(chosen)
            most -= len(chosen)
            candidates = candidates[~fits]
            combination = self._combination[candidates]
            has_room = np.ones(len(candidates), np.bool_)
            for place, left in rooms:
                has_room &= left[place[combination]] > 0
            candidates = candidates[has_room]
        return np.concatenate(taken)

    def _within(self, hubs: Hubs, rooms: Sequence[Room]) -> NDArray[np.bool_]:
        """Flag hubs whose place in line is within every room; places count those ahead that another room refuses."""
        combination = self._combination[hubs]
        fits = np.ones(len(hubs), np.bool_)
        for place, left in rooms:
            where = place[combination]
            if (np.bincount(where, minlength=len(left)) > left).any():
                fits &= places_in_line(where) < left[where]
        return fits

    def _leave(self, hubs: Hubs) -> None:
        self._is_waiting[hubs] = False
        self._length -= len(hubs)
        np.subtract.at(self._left, self._combination[hubs].astype(np.intp), 1)

    def _close_gaps(self, more: int) -> None:
        self._gaps += more
        if self._gaps > _GAPS * len(self._line):
            kept = self._where != self._gap
            self._line, self._where = self._line[kept], self._where[kept]
            self._gaps = 0


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
