"""Who goes today: hubs in the order of their lots, region by region, as far as there is room (`gates.md` 5.8).

A hub goes if each of its cells has room. Hubs whose turn it is and for whom there is no room keep their place, and later
ones may go first. Each region has a line of its own and sends no more than its share of the night; cells reach across
regions, so each night another region comes first.

A line is walked from its head, a stretch at a time, each twice as long as the one before, and the walk ends where nobody
can go any more. Whoever stays closes up to the rest of the line, so a line never has gaps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.planning.twin.fleet import Hubs

Room = tuple[NDArray[np.int32], NDArray[np.int64]]
"""Where each combination counts, and how many hubs each of these places may still take."""

Flags = NDArray[np.bool_]
Members = NDArray[np.integer] | slice

_STRETCH = 1_000
_AHEAD = 1.1
"""Hubs looked at first for each that is wanted."""

_NOBODY = np.empty(0, np.int32)


class Queue:
    """Hubs that wait for their turn, region by region: first those that were sent and not reached, then by their lots."""

    def __init__(self, *, combination: Hubs, region: NDArray[np.integer]) -> None:
        """This function will let every hub wait; `region` is that of each combination, counted from 0."""
        self._combination = combination
        self._region = region.astype(np.int8)
        regions = int(self._region.max(initial=-1)) + 1
        of_hub = self._region[combination]
        # Numbers of 8 bits are sorted in linear time.
        order = np.argsort(of_hub, kind="stable").astype(np.int32)
        self._lines = np.split(order, np.cumsum(np.bincount(of_hub, minlength=regions))[:-1])
        self._heads = [0] * regions
        self._members = [_members(self._region, one) for one in range(regions)]
        self._left = np.bincount(combination, minlength=len(region)).astype(np.int64)
        self._is_waiting = np.ones(len(combination), np.bool_)
        self._places: list[_Places] = []

    def __len__(self) -> int:
        return sum(self.waiting_in().values())

    def waiting_in(self) -> dict[int, int]:
        """This function will count the waiting hubs of each region."""
        return {one: len(line) - self._heads[one] for one, line in enumerate(self._lines)}

    def waiting_of(self, combinations: Flags) -> int:
        """This function will count the waiting hubs of flagged combinations."""
        return int(self._left[combinations].sum())

    def are_waiting(self, hubs: Hubs) -> Flags:
        """This function will flag those of `hubs` that wait."""
        found: Flags = self._is_waiting[hubs]
        return found

    def put_back(self, hubs: Hubs) -> None:
        """This function will let hubs wait again, in front of those whose turn has not come."""
        self._is_waiting[hubs] = True
        self._left += np.bincount(self._combination[hubs], minlength=len(self._left))
        for region, back in self._by_region(np.sort(hubs)):
            head = self._heads[region] - len(back)
            if head < 0:
                self._lines[region] = np.concatenate((back, self._lines[region][self._heads[region] :]))
                head = 0
            else:
                self._lines[region][head : self._heads[region]] = back
            self._heads[region] = head

    def withdraw(self, hubs: Hubs) -> None:
        """This function will take hubs out of the queue, wherever they stand."""
        self._leave(hubs[self._is_waiting[hubs]])
        for region, _ in self._by_region(hubs):
            line = self._lines[region][self._heads[region] :]
            self._lines[region], self._heads[region] = line[self._is_waiting[line]], 0

    def _by_region(self, hubs: Hubs) -> list[tuple[int, Hubs]]:
        of_hub = self._region[self._combination[hubs]]
        return [(one, hubs[of_hub == one]) for one in np.unique(of_hub).tolist()]

    def take(self, *, most: Mapping[int, int], rooms: Sequence[Room], open_to: Flags) -> Hubs:
        """This function will take hubs off the queue.

        Args:
            most: hubs of each region, in the order in which regions have their turn.
            rooms: limits, all of which hold; what is left of each is written back.
            open_to: shape (combinations,): combinations that may be sent to at all.
        """
        doors = [_Door(left, self._places_of(place)) for place, left in rooms]
        is_open = open_to & (self._left > 0)
        taken = np.concatenate(
            [_NOBODY, *(self._take(region, count, doors, is_open) for region, count in most.items())]
        )
        self._leave(taken)
        return taken

    def _places_of(self, place: NDArray[np.int32]) -> "_Places":
        found = next((one for one in self._places if one.given is place), None)
        if found is None:
            found = _Places.of(place)
            self._places.append(found)
        return found

    def _take(self, region: int, most: int, doors: Sequence["_Door"], is_open: Flags) -> Hubs:
        line, at, members = self._lines[region], self._heads[region], self._members[region]
        size = max(int(_AHEAD * most), _STRETCH)
        gone: list[Hubs] = [_NOBODY]
        stayed: list[Hubs] = [_NOBODY]
        while most > 0 and at < len(line):
            # Room that was taken meanwhile is looked at where it counts: before more of the line is.
            for door in doors:
                door.close(is_open)
            if not is_open[members].any():
                break
            stretch = line[at : at + size]
            goes = self._choose(stretch, most, doors, is_open)
            gone.append(stretch[goes])
            stayed.append(stretch[~goes])
            most, at, size = most - len(gone[-1]), at + len(stretch), 2 * size
        rest = np.concatenate(stayed)
        self._heads[region] = at - len(rest)
        line[self._heads[region] : at] = rest
        return np.concatenate(gone)

    def _choose(self, hubs: Hubs, most: int, doors: Sequence["_Door"], is_open: Flags) -> Flags:
        """Flag hubs that go: exactly those who would if one after the other looked for room."""
        combination = self._combination[hubs]
        goes = np.zeros(len(hubs), np.bool_)
        candidates = np.flatnonzero(is_open[combination])
        while most > 0 and len(candidates):
            # Whoever stands behind as many as are wanted takes nobody's room yet.
            piece, candidates = candidates[:most], candidates[most:]
            chosen = piece[_choose_among(combination[piece], doors)]
            goes[chosen] = True
            most -= len(chosen)
        return goes

    def _leave(self, hubs: Hubs) -> None:
        self._is_waiting[hubs] = False
        self._left -= np.bincount(self._combination[hubs], minlength=len(self._left))


def _members(region: NDArray[np.int8], wanted: int) -> Members:
    """Give the combinations of a region: a slice where they stand together, which is looked up several times as fast."""
    found = np.flatnonzero(region == wanted)
    if len(found) and found[-1] - found[0] + 1 == len(found):
        return slice(int(found[0]), int(found[-1]) + 1)
    return found


@dataclass(frozen=True, slots=True)
class _Places:
    """Where combinations count, both ways: the place of each, and the combinations of each place.

    Attributes:
        given: as it was given.
        place: in as few bits as it fits.
        members, starts: combinations in order of their places, and where each place begins.
    """

    given: NDArray[np.int32]
    place: NDArray[np.integer]
    members: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, given: NDArray[np.int32]) -> "_Places":
        """Look the combinations of every place up."""
        place = _narrow(given)
        starts = np.concatenate(([0], np.cumsum(np.bincount(given))))
        return cls(given, place, np.argsort(place, kind="stable"), starts)


class _Door:
    """A limit on one night: closes the combinations of a place once nothing is left of its room."""

    def __init__(self, left: NDArray[np.int64], places: _Places) -> None:
        """Begin with every place open."""
        self.left, self.place = left, places.place
        self._places = places
        self._is_open = np.diff(places.starts) > 0

    def close(self, is_open: Flags) -> None:
        """Close the combinations of places of which nothing has been left since the last time."""
        shut = np.flatnonzero(self._is_open & (self.left[: len(self._is_open)] <= 0))
        self._is_open[shut] = False
        members, starts = self._places.members, self._places.starts
        for one in shut.tolist():
            is_open[members[starts[one] : starts[one + 1]]] = False


def _narrow(numbers: NDArray[np.integer]) -> NDArray[np.integer]:
    """Give numbers in 16 bits where they fit: they are sorted in linear time, and more of them are near."""
    return numbers.astype(np.int16) if numbers.max(initial=0) <= np.iinfo(np.int16).max else numbers


def _choose_among(combination: Hubs, doors: Sequence[_Door]) -> Flags:
    """Flag hubs in line for whom there is room, and take it.

    Whoever has room even if everybody ahead went, goes. That leaves those behind somebody who stays: they are looked at
    again, until there is nobody left or no room.
    """
    goes = np.zeros(len(combination), np.bool_)
    undecided = np.arange(len(combination))
    wheres = [door.place[combination] for door in doors]
    while len(undecided):
        fits = np.ones(len(undecided), np.bool_)
        for door, where in zip(doors, wheres, strict=True):
            is_short = np.bincount(where, minlength=len(door.left)) > door.left
            if is_short.any():
                wants = np.flatnonzero(is_short[where])
                fits[wants] &= places_in_line(where[wants]) < door.left[where[wants]]
        goes[undecided[fits]] = True
        stays = ~fits
        for door, where in zip(doors, wheres, strict=True):
            door.left -= np.bincount(where[fits], minlength=len(door.left))
            stays &= (door.left > 0)[where]
        undecided, wheres = undecided[stays], [where[stays] for where in wheres]
    return goes


def places_in_line(where: NDArray[np.integer]) -> NDArray[np.int64]:
    """This function will count, for each element, the equal elements before it."""
    order = np.argsort(_narrow(where), kind="stable")
    ordered = where[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(starts, len(where)))
    found = np.empty(len(where), np.int64)
    found[order] = np.arange(len(where)) - np.repeat(starts, lengths)
    return found
