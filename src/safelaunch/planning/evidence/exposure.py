"""Hubs by arm and day, from which grouped counts are made in memory (`gates.md` 5.3).

A hub is a control until the image reaches it, treated for the window after that, and then out of both arms. It is
counted at most once per endpoint in a window, in both arms alike: after an event it is not at risk for that
endpoint until the window has passed. Frail hubs that repeat their events would break the guarantee.

Whoever joins or leaves an arm does so for all endpoints but those on which it rests. So moves are told once for all
endpoints, and each endpoint takes back the few that rest on it.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.planning.evidence.counts import EndpointDay, Group, Moves, distinct

Hubs = NDArray[np.int32]
Flags = NDArray[np.bool_]

_CONTROL, _TREATED, _OUT = 0, 1, 2
_TREATED_CHANGE, _CONTROL_CHANGE, _TREATED_EVENTS, _CONTROL_EVENTS = range(4)
_PREPAY = np.uint8(1 << 7)
"""The mark of premises that prepay; the bits below are those of the endpoints on which a hub rests."""

_NOBODY = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class _Moved:
    """Hubs that changed arms together: their combinations, and their marks when they did."""

    combination: Hubs
    marks: NDArray[np.uint8]

    def resting(self, endpoint: int) -> Hubs:
        """Give the combinations of those that the endpoint does not count."""
        bits = _bit(endpoint) | (_PREPAY if ENDPOINTS[endpoint].prepay_only else np.uint8(0))
        found: Hubs = self.combination[self.marks & bits == bits]
        return found


_Cell = tuple[int, int, Hubs]
"""A column of an endpoint's day, what is added to it, and the combinations to which it is added."""


class Exposure:
    """Which hubs are at risk, in which arm, day by day.

    Call `end_day` or `close` to end a day; whatever is told in between belongs to the day that is open.
    """

    def __init__(
        self,
        *,
        combination: NDArray[np.int32],
        prepay: NDArray[np.bool_],
        window: int,
        counts_once: bool = True,
    ) -> None:
        """This function will begin with every hub a control and at risk.

        Args:
            combination: shape (hubs,), the place of each hub's combination.
            prepay: shape (hubs,).
            window: days for which a hub is treated, and for which an event is not counted again.
            counts_once: False counts repeats too, to show what that costs; never in production.
        """
        self.day = 0
        self.arm = np.zeros(len(combination), np.int8)
        self._combination = combination
        self._window = window
        self._counts_once = counts_once
        self._marks = prepay * _PREPAY
        self._ageing: dict[int, list[Hubs]] = defaultdict(list)
        self._returning: dict[tuple[int, int], list[Hubs]] = defaultdict(list)
        self._joined: list[_Moved] = []
        self._left: list[_Moved] = []
        self._spared: list[_Moved] = []
        self._changes: list[list[_Cell]] = [[] for _ in ENDPOINTS]
        self._events: list[list[tuple[Hubs, Flags]]] = [[] for _ in ENDPOINTS]

    def join(self, hubs: Hubs) -> None:
        """This function will treat hubs from the open day on; hubs that are not controls are left as they are."""
        hubs = hubs[self.arm[hubs] == _CONTROL]
        self._joined.append(self._move(hubs, _TREATED))
        self._ageing[self.day + self._window].append(hubs)

    def leave(self, hubs: Hubs) -> None:
        """This function will take hubs out of both arms for good, from the open day on."""
        arm = self.arm[hubs]
        self._left.append(self._move(hubs[arm == _TREATED], _OUT))
        self._spared.append(self._move(hubs[arm == _CONTROL], _OUT))

    def _move(self, hubs: Hubs, arm: int) -> _Moved:
        self.arm[hubs] = arm
        return _Moved(self._combination[hubs], self._marks[hubs])

    def record(self, endpoint: int, hubs: Hubs) -> Hubs:
        """This function will count what happened to hubs on the open day, and give the hubs that were counted.

        Hubs that are in neither arm, cannot have the endpoint, or were counted within the window are passed over.
        """
        hubs = distinct(hubs)
        arm, marks = self.arm[hubs], self._marks[hubs]
        at_risk = (arm != _OUT) & (marks & _bit(endpoint) == 0)
        if ENDPOINTS[endpoint].prepay_only:
            at_risk &= marks & _PREPAY != 0
        counted: Hubs = hubs[at_risk]
        self._events[endpoint].append((counted, arm[at_risk] == _TREATED))
        return counted

    def close(self) -> list[EndpointDay]:
        """This function will end the open day as `end_day` does, with the moves counted into every endpoint's rows."""
        return [part.whole() for part in self.end_day()]

    def end_day(self) -> list[EndpointDay]:
        """This function will end the open day, give its counts for every endpoint, and open the next."""
        joined, left, spared = map(_together, (self._joined, self._left, self._spared))
        moves = Moves(self.day, *map(_group, (joined, left, spared)))
        parts = []
        for endpoint in range(len(ENDPOINTS)):
            resting, happened = joined.resting(endpoint), self._happened(endpoint)
            cells = [
                (_TREATED_CHANGE, -1, resting),
                (_CONTROL_CHANGE, 1, resting),
                (_TREATED_CHANGE, 1, left.resting(endpoint)),
                (_CONTROL_CHANGE, 1, spared.resting(endpoint)),
                *self._changes[endpoint],
                *((column, 1, combination) for _, (column, _), combination in happened),
            ]
            parts.append(_part(day=self.day, endpoint=endpoint, cells=cells, moves=moves))
            self._changes[endpoint] = self._rest(endpoint, happened) if self._counts_once else []
        self._joined, self._left, self._spared = [], [], []
        self._events = [[] for _ in ENDPOINTS]
        self.day += 1
        for hubs in self._ageing.pop(self.day, []):
            self._left.append(self._move(hubs[self.arm[hubs] == _TREATED], _OUT))
        return parts

    def _happened(self, endpoint: int) -> list[tuple[Hubs, tuple[int, int], Hubs]]:
        """Give the hubs of a day's events by arm, with the arm's columns of events and changes, and combinations."""
        found = []
        for counted, is_treated in self._events[endpoint]:
            for hubs, columns in (
                (counted[is_treated], (_TREATED_EVENTS, _TREATED_CHANGE)),
                (counted[~is_treated], (_CONTROL_EVENTS, _CONTROL_CHANGE)),
            ):
                found.append((hubs, columns, np.sort(self._combination[hubs])))
        return found

    def _rest(self, endpoint: int, happened: list[tuple[Hubs, tuple[int, int], Hubs]]) -> list[_Cell]:
        """Take counted hubs out of the risk set from tomorrow on, and bring back those whose window has passed."""
        changes: list[_Cell] = []
        for hubs in self._returning.pop((endpoint, self.day + 1), []):
            self._marks[hubs] &= ~_bit(endpoint)
            arm, combination = self.arm[hubs], self._combination[hubs]
            changes += [
                (_TREATED_CHANGE, 1, combination[arm == _TREATED]),
                (_CONTROL_CHANGE, 1, combination[arm == _CONTROL]),
            ]
        for hubs, (_, column), combination in happened:
            self._marks[hubs] |= _bit(endpoint)
            changes.append((column, -1, combination))
            self._returning[endpoint, self.day + self._window].append(hubs)
        return changes


def _bit(endpoint: int) -> np.uint8:
    return np.uint8(1 << endpoint)


def _together(moved: list[_Moved]) -> _Moved:
    if len(moved) == 1:
        return moved[0]
    return _Moved(
        np.concatenate([_NOBODY, *(one.combination for one in moved)]),
        np.concatenate([np.empty(0, np.uint8), *(one.marks for one in moved)]),
    )


def _group(moved: _Moved) -> Group:
    """Give hubs in the order of their combinations: what is looked up for them then lies close together."""
    pairs = moved.combination << 1 | (moved.marks & _PREPAY != 0)
    pairs.sort()
    return Group(pairs >> 1, (pairs & 1).astype(np.bool_))


def _part(*, day: int, endpoint: int, cells: list[_Cell], moves: Moves) -> EndpointDay:
    cells = [cell for cell in cells if len(cell[2])]
    combination = np.concatenate([_NOBODY, *(rows for _, _, rows in cells)])
    columns, sums, at = np.zeros((4, len(combination)), np.int32), [0, 0, 0, 0], 0
    for column, added, rows in cells:
        columns[column, at : at + len(rows)] = added
        sums[column] += added * len(rows)
        at += len(rows)
    treated, control, treated_events, control_events = columns
    return EndpointDay(
        day=day,
        endpoint=endpoint,
        combination=combination,
        treated_change=treated,
        control_change=control,
        treated_events=treated_events,
        control_events=control_events,
        sums=(sums[0], sums[1], sums[2], sums[3]),
        moves=moves,
    )
