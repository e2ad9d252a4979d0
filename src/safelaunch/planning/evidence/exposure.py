"""Hubs by arm and day, from which grouped counts are made in memory (`gates.md` 5.3).

A hub is a control until the image reaches it, treated for the window after that, and then out of both arms. It is
counted at most once per endpoint in a window, in both arms alike: after an event it is not at risk for that
endpoint until the window has passed. Frail hubs that repeat their events would break the guarantee.

Whoever joins or leaves an arm does so for all endpoints but those on which it rests. So moves are counted once for all
endpoints, and corrected for the few that rest.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.planning.evidence.counts import EndpointDay, distinct, grouped_day
from safelaunch.planning.lanes import WORTH_IT, side_by_side

Hubs = NDArray[np.int32]
_CONTROL, _TREATED, _OUT = 0, 1, 2
_COLUMNS = 4
_CHANGE_OF = {_TREATED: 0, _CONTROL: 1}
_EVENT_OF = {_TREATED: 2, _CONTROL: 3}


@dataclass(frozen=True, slots=True)
class _Move:
    """Hubs that join (1) or leave (-1) an arm; `resting` has a bit for each endpoint that does not count them."""

    hubs: Hubs
    arm: int
    sign: int
    resting: NDArray[np.uint8]


class Exposure:
    """Which hubs are at risk, in which arm, day by day.

    Call `close` to end a day; whatever is told in between belongs to the day that is open.
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
        self._prepay = prepay
        self._window = window
        self._counts_once = counts_once
        self._resting = np.zeros(len(combination), np.uint8)
        self._ageing: dict[int, list[Hubs]] = defaultdict(list)
        self._returning: dict[tuple[int, int], list[Hubs]] = defaultdict(list)
        self._moves: list[_Move] = []
        self._changes: list[list[tuple[Hubs, int, int]]] = [[] for _ in ENDPOINTS]
        self._events: list[list[tuple[Hubs, int]]] = [[] for _ in ENDPOINTS]
        self._row = np.zeros(int(combination.max(initial=-1)) + 1, np.intp)

    def join(self, hubs: Hubs) -> None:
        """This function will treat hubs from the open day on; hubs that are not controls are left as they are."""
        hubs = hubs[self.arm[hubs] == _CONTROL]
        resting = self._resting[hubs]
        self._moves += [_Move(hubs, _CONTROL, -1, resting), _Move(hubs, _TREATED, 1, resting)]
        self.arm[hubs] = _TREATED
        self._ageing[self.day + self._window].append(hubs)

    def leave(self, hubs: Hubs) -> None:
        """This function will take hubs out of both arms for good, from the open day on."""
        for arm in (_CONTROL, _TREATED):
            self._move_out(hubs[self.arm[hubs] == arm], arm)

    def record(self, endpoint: int, hubs: Hubs) -> Hubs:
        """This function will count what happened to hubs on the open day, and give the hubs that were counted.

        Hubs that are in neither arm, cannot have the endpoint, or were counted within the window are passed over.
        """
        hubs = distinct(hubs)
        counted = self._at_risk(endpoint, hubs[self.arm[hubs] != _OUT])
        for arm in (_CONTROL, _TREATED):
            self._events[endpoint].append((counted[self.arm[counted] == arm], arm))
        return counted

    def close(self) -> list[EndpointDay]:
        """This function will end the open day, give its counts for every endpoint, and open the next."""
        combinations = self._touched()
        self._row[combinations] = np.arange(len(combinations))
        moved = self._count_moves(len(combinations))
        works = [partial(self._close, endpoint, combinations, moved) for endpoint in range(len(ENDPOINTS))]
        parts = side_by_side(works) if len(combinations) >= WORTH_IT else [work() for work in works]
        for endpoint in range(len(ENDPOINTS)):
            events = self._events[endpoint]
            self._changes[endpoint], self._events[endpoint] = [], []
            if self._counts_once:
                self._rest(endpoint, events)
        self._moves = []
        self.day += 1
        for hubs in self._ageing.pop(self.day, []):
            self._move_out(hubs[self.arm[hubs] == _TREATED], _TREATED)
        return parts

    def _at_risk(self, endpoint: int, hubs: Hubs) -> Hubs:
        if ENDPOINTS[endpoint].prepay_only:
            hubs = hubs[self._prepay[hubs]]
        rested: NDArray[np.bool_] = self._resting[hubs] & np.uint8(1 << endpoint) == 0
        return hubs[rested]

    def _move_out(self, hubs: Hubs, arm: int) -> None:
        self._moves.append(_Move(hubs, arm, -1, self._resting[hubs]))
        self.arm[hubs] = _OUT

    def _touched(self) -> Hubs:
        """Give the combinations of which anything is counted on the open day, in order."""
        is_touched = np.zeros(len(self._row), np.bool_)
        for move in self._moves:
            is_touched[self._combination[move.hubs]] = True
        for changes, events in zip(self._changes, self._events, strict=True):
            for hubs in (*(one[0] for one in changes), *(one[0] for one in events)):
                is_touched[self._combination[hubs]] = True
        return np.flatnonzero(is_touched).astype(np.int32)

    def _count_moves(self, rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Count the moves of all hubs, and those of hubs that prepay, whether they rest or not: shape (4, rows) each."""
        everybody, prepaying = (np.zeros((_COLUMNS, rows), np.int64) for _ in range(2))
        for move in self._moves:
            row = self._row[self._combination[move.hubs]]
            column = _CHANGE_OF[move.arm]
            everybody[column] += move.sign * np.bincount(row, minlength=rows)
            prepaying[column] += move.sign * np.bincount(row[self._prepay[move.hubs]], minlength=rows)
        return everybody, prepaying

    def _close(
        self, endpoint: int, combinations: Hubs, moved: tuple[NDArray[np.int64], NDArray[np.int64]]
    ) -> EndpointDay:
        changes, events = self._changes[endpoint], self._events[endpoint]
        prepay_only = ENDPOINTS[endpoint].prepay_only
        values = moved[prepay_only].copy()
        for move in self._moves:
            resting = move.hubs[move.resting & np.uint8(1 << endpoint) != 0]
            if prepay_only:
                resting = resting[self._prepay[resting]]
            self._add(values[_CHANGE_OF[move.arm]], resting, -move.sign)
        for hubs, arm, sign in changes:
            self._add(values[_CHANGE_OF[arm]], hubs, sign)
        for hubs, arm in events:
            self._add(values[_EVENT_OF[arm]], hubs, 1)
        return grouped_day(day=self.day, endpoint=endpoint, combination=combinations, values=values)

    def _add(self, column: NDArray[np.int64], hubs: Hubs, sign: int) -> None:
        np.add.at(column, self._row[self._combination[hubs]], sign)

    def _rest(self, endpoint: int, events: list[tuple[Hubs, int]]) -> None:
        """Take counted hubs out of the risk set from tomorrow on, and bring back those whose window has passed."""
        changes, bit = self._changes[endpoint], np.uint8(1 << endpoint)
        for hubs in self._returning.pop((endpoint, self.day + 1), []):
            self._resting[hubs] &= ~bit
            changes += [(hubs[self.arm[hubs] == arm], arm, 1) for arm in (_CONTROL, _TREATED)]
        for hubs, arm in events:
            if len(hubs):
                self._resting[hubs] |= bit
                changes.append((hubs, arm, -1))
                self._returning[endpoint, self.day + self._window].append(hubs)
