"""Hubs by arm and day, from which grouped counts are made in memory (`gates.md` 5.3).

A hub is a control until the image reaches it, treated for the window after that, and then out of both arms. It is
counted at most once per endpoint in a window, in both arms alike: after an event it is not at risk for that
endpoint until the window has passed. Frail hubs that repeat their events would break the guarantee.
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.planning.evidence.counts import EndpointDay, endpoint_day

Hubs = NDArray[np.int32]
_CONTROL, _TREATED, _OUT = 0, 1, 2
_LONG_AGO = -10_000


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
        self._last_event = np.full((len(ENDPOINTS), len(combination)), _LONG_AGO, np.int16)
        self._ageing: dict[int, list[Hubs]] = defaultdict(list)
        self._returning: dict[tuple[int, int], list[Hubs]] = defaultdict(list)
        self._changes: list[list[tuple[Hubs, int, int]]] = [[] for _ in ENDPOINTS]
        self._events: list[list[tuple[Hubs, int]]] = [[] for _ in ENDPOINTS]

    def join(self, hubs: Hubs) -> None:
        """This function will treat hubs from the open day on; hubs that are not controls are left as they are."""
        hubs = hubs[self.arm[hubs] == _CONTROL]
        for endpoint in range(len(ENDPOINTS)):
            at_risk = self._at_risk(endpoint, hubs)
            self._changes[endpoint] += [(at_risk, _CONTROL, -1), (at_risk, _TREATED, 1)]
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
        hubs = np.unique(hubs)
        counted = self._at_risk(endpoint, hubs[self.arm[hubs] != _OUT])
        for arm in (_CONTROL, _TREATED):
            self._events[endpoint].append((counted[self.arm[counted] == arm], arm))
        return counted

    def close(self) -> list[EndpointDay]:
        """This function will end the open day, give its counts for every endpoint, and open the next."""
        parts = [self._close(endpoint) for endpoint in range(len(ENDPOINTS))]
        self.day += 1
        for hubs in self._ageing.pop(self.day, []):
            self._move_out(hubs[self.arm[hubs] == _TREATED], _TREATED)
        return parts

    def _at_risk(self, endpoint: int, hubs: Hubs) -> Hubs:
        if ENDPOINTS[endpoint].prepay_only:
            hubs = hubs[self._prepay[hubs]]
        rested: NDArray[np.bool_] = self._last_event[endpoint, hubs] <= self.day - self._window
        return hubs[rested]

    def _move_out(self, hubs: Hubs, arm: int) -> None:
        for endpoint in range(len(ENDPOINTS)):
            self._changes[endpoint].append((self._at_risk(endpoint, hubs), arm, -1))
        self.arm[hubs] = _OUT

    def _close(self, endpoint: int) -> EndpointDay:
        changes, events = self._changes[endpoint], self._events[endpoint]
        combination = [self._combination[hubs] for hubs, *_ in (*changes, *events)]
        rows = sum(map(len, combination))
        values = np.zeros((4, rows), np.int64)
        start = 0
        for hubs, arm, sign in changes:
            values[1 - arm, start : start + len(hubs)] = sign
            start += len(hubs)
        for hubs, arm in events:
            values[3 - arm, start : start + len(hubs)] = 1
            start += len(hubs)
        self._changes[endpoint], self._events[endpoint] = [], []
        if self._counts_once:
            self._rest(endpoint, events)
        together = np.concatenate(combination) if combination else np.empty(0, np.int32)
        return endpoint_day(day=self.day, endpoint=endpoint, combination=together, values=values)

    def _rest(self, endpoint: int, events: list[tuple[Hubs, int]]) -> None:
        """Take counted hubs out of the risk set from tomorrow on, and bring back those whose window has passed."""
        changes = self._changes[endpoint]
        for hubs, arm in events:
            if len(hubs):
                self._last_event[endpoint, hubs] = self.day
                changes.append((hubs, arm, -1))
                self._returning[endpoint, self.day + self._window].append(hubs)
        for hubs in self._returning.pop((endpoint, self.day + 1), []):
            changes += [(hubs[self.arm[hubs] == arm], arm, 1) for arm in (_CONTROL, _TREATED)]
