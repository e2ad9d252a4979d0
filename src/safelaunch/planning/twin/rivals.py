"""What other systems do, over the same data (`gates.md` 0, 1, 2).

    hawkbit      ten groups of a tenth: 80 % of a group known to work starts the next, 10 % errors stop
    aws          an exponential rate that doubles with success; 10 % errors among at least 100 stop
    fixed        a pilot and three stages with a soak; more than 5 % errors in a stage stop
    mannwhitney  the same stages, 14 days each, every endpoint's daily rates against a random control group

All are treated generously: hubs go in random order, and every loss of WAN or HAN and every delayed top-up within 14
days of the upgrade counts as an error. As shipped, the first two see the status of the installation only.
"""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.lights import Unit
from safelaunch.planning.evidence.counts import Part
from safelaunch.planning.twin.fleet import Fleet
from safelaunch.planning.twin.policies import News, Orders, Policy

_STAGE_DAYS = 14
_STAGES = (0.002, 0.01, 0.05, 1.0)


class _Rival:
    """Counts that every rival keeps."""

    reads_evidence = False

    def __init__(self, fleet: Fleet) -> None:
        """This function will begin with nothing sent."""
        self.hubs = len(fleet)
        self.sent = 0
        self.day = 0
        self.is_stopped = False

    @property
    def quarantined(self) -> Sequence[tuple[int, Unit]]:
        """This function will list nothing: rivals know no combinations."""
        return ()

    def read(self, parts: Sequence[Part]) -> None:
        """This function will pass evidence over."""

    def open_to(self) -> NDArray[np.bool_] | None:
        """This function will leave every combination open."""
        return None

    def _count(self, news: News) -> None:
        self.day = news.day
        self.sent += len(news.sent) - len(news.not_reached)


class Hawkbit(_Rival):
    """Groups with a success and an error threshold, as hawkBit's roll-outs have."""

    groups = 10
    success_share = 0.80
    error_share = 0.10

    def __init__(self, fleet: Fleet) -> None:
        """This function will divide the fleet into groups by the order of turns."""
        super().__init__(fleet)
        self._size = math.ceil(self.hubs / self.groups)
        self._group = np.full(self.hubs, -1, np.int16)
        self._now = 0
        self._counts = np.zeros((3, self.groups), np.int64)

    def learn(self, news: News) -> None:
        """This function will count by group, stop on errors, and start the next group on success."""
        self._count(news)
        self._group[news.sent] = self._now
        self._counts[0, self._now] += len(news.sent)
        for row, hubs in ((1, news.succeeded), (2, news.errors)):
            known = self._group[hubs]
            self._counts[row] += np.bincount(known[known >= 0], minlength=self.groups)
        gone = self._group[news.not_reached]
        self._counts[0] -= np.bincount(gone[gone >= 0], minlength=self.groups)
        _, succeeded, errors = self._counts
        self.is_stopped |= bool((errors > self.error_share * self._size).any())
        if succeeded[self._now] >= self.success_share * self._size:
            self._now = min(self._now + 1, self.groups - 1)

    def orders(self, day: int) -> Orders:  # noqa: ARG002 - the day decides nothing
        """This function will let the rest of the groups begun so far go."""
        begun = min(self.hubs, self._size * (self._now + 1))
        return Orders(most=max(0, begun - self.sent), stop=self.is_stopped)


class Aws(_Rival):
    """An exponential rate with an abort threshold, as AWS IoT Jobs has."""

    base_rate = 100
    increment = 2.0
    error_share = 0.10
    least = 100

    def __init__(self, fleet: Fleet) -> None:
        """This function will begin at the base rate."""
        super().__init__(fleet)
        self._rate = float(self.base_rate)
        self._succeeded = self._errors = 0

    def learn(self, news: News) -> None:
        """This function will double the rate with success and abort on errors."""
        self._count(news)
        self._succeeded += len(news.succeeded)
        self._errors += len(news.errors)
        executed = max(self.sent, self._succeeded)
        self.is_stopped |= executed >= self.least and self._errors > self.error_share * executed
        if self._succeeded >= 2 * self._rate:
            self._rate = min(self._rate * self.increment, float(self.hubs))

    def orders(self, day: int) -> Orders:  # noqa: ARG002 - the day decides nothing
        """This function will let as many go as the rate allows."""
        return Orders(most=int(self._rate), stop=self.is_stopped)


class _Staged(_Rival):
    """Stages of growing shares, each watched for a while before the next."""

    def __init__(self, fleet: Fleet) -> None:
        """This function will begin with the first stage."""
        super().__init__(fleet)
        self.stage = 0
        self.member = np.full(self.hubs, -1, np.int8)
        self._full_on: int | None = None

    def _ends(self) -> int:
        share = _STAGES[self.stage]
        return self.hubs if share == 1.0 else max(50, round(share * self.hubs))

    def _is_last(self) -> bool:
        return self.stage == len(_STAGES) - 1

    def _advance(self, news: News, judge: Callable[[], bool]) -> None:
        """Judge a stage once it has been full for its days, and the last one every so many days."""
        self._count(news)
        self.member[news.sent] = self.stage
        if self._full_on is None and (self.sent >= self._ends() or self._is_last()):
            self._full_on = news.day
        if self._full_on is not None and news.day >= self._full_on + _STAGE_DAYS:
            self.is_stopped |= judge()
            self._full_on = news.day if self._is_last() else None
            self.stage = min(self.stage + 1, len(_STAGES) - 1)

    def orders(self, day: int) -> Orders:  # noqa: ARG002 - the day decides nothing
        """This function will let the rest of the stage go."""
        most = self.hubs if self._is_last() else max(0, self._ends() - self.sent)
        return Orders(most=most, stop=self.is_stopped)


class Fixed(_Staged):
    """Stages with one fixed error threshold."""

    error_share = 0.05

    def __init__(self, fleet: Fleet) -> None:
        """This function will begin with the first stage."""
        super().__init__(fleet)
        self._errors = np.zeros(len(_STAGES), np.int64)

    def learn(self, news: News) -> None:
        """This function will count errors by stage and compare their share with the threshold."""
        known = self.member[news.errors]
        self._errors += np.bincount(known[known >= 0], minlength=len(_STAGES))
        self._advance(news, self._is_bad)

    def _is_bad(self) -> bool:
        members = int((self.member == self.stage).sum())
        return members > 0 and int(self._errors[self.stage]) > self.error_share * members


class MannWhitney(_Staged):
    """Stages judged by rank tests of daily rates against a control group of equal size."""

    p_value = 0.01
    ratio = 1.25

    def __init__(self, fleet: Fleet) -> None:
        """This function will begin with the first stage."""
        super().__init__(fleet)
        self._fleet = fleet
        # Turns are drawn by lot, so the last hubs in line are as random a control group as any.
        self._daily: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []

    def learn(self, news: News) -> None:
        """This function will count every endpoint's day in both groups, and test when a stage has lasted."""
        first = self.hubs - max(1, min(int((self.member == self.stage).sum()), self.hubs // 20))
        treated = [int((self.member[hubs] == self.stage).sum()) for hubs in news.happened]
        control = [int(((self.member[hubs] < 0) & (hubs >= first)).sum()) for hubs in news.happened]
        sizes = (int((self.member == self.stage).sum()), int((self.member[first:] < 0).sum()))
        self._daily.append((np.array([*treated, sizes[0]]), np.array([*control, sizes[1]])))
        self._advance(news, self._is_worse)

    def _is_worse(self) -> bool:
        days = self._daily[-_STAGE_DAYS:]
        for endpoint in range(len(ENDPOINTS)):
            new, old = (
                np.array([row[endpoint] / max(row[-1], 1) for row in rows])
                for rows in zip(*days, strict=True)
            )
            if new.mean() > self.ratio * old.mean() and rank_test(new, old) < self.p_value:
                return True
        return False


def rank_test(new: NDArray[np.float64], old: NDArray[np.float64]) -> float:
    """This function will give the one-sided p-value of Mann and Whitney that `new` tends to be larger.

    By the normal approximation with mid-ranks and the correction for ties, as is usual from eight values on.
    """
    together = np.concatenate((new, old))
    values, place, counts = np.unique(together, return_inverse=True, return_counts=True)
    if len(values) == 1:
        return 0.5
    middle = np.cumsum(counts) - (counts - 1) / 2
    size = len(together)
    u = middle[place][: len(new)].sum() - len(new) * (len(new) + 1) / 2
    spread = len(new) * len(old) / 12 * (size + 1 - (counts**3 - counts).sum() / (size * (size - 1)))
    return 1 - NormalDist().cdf(float((u - len(new) * len(old) / 2) / math.sqrt(spread)))


RIVALS: dict[str, Callable[[Fleet], Policy]] = {
    "hawkbit": Hawkbit,
    "aws": Aws,
    "fixed": Fixed,
    "mannwhitney": MannWhitney,
}
"""By the names of `design.md` 8.4."""
