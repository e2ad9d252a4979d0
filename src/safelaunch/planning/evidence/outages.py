"""The common-cause filter: days on which an outage, not the firmware, explains what happened (`gates.md` 5.5).

A region's day of an endpoint is dropped, in both arms, when

    all new events    > 4 x expected + 20, and
    events of control > 3 x expected for control + 10

Expected is the median rate of the last 28 days. The first condition does not look at who was upgraded; the second
keeps a true mass failure of upgraded hubs from being explained away: it leaves the others as they were. Without
28 days of history, of which a week is enough, nothing is dropped.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rates = NDArray[np.float64]

DAYS = 28
_ENOUGH = 7


@dataclass(frozen=True, slots=True)
class FilterRules:
    """What counts as an outage: multiples of what is expected, and events on top."""

    total_times: float = 4.0
    total_more: float = 20.0
    control_times: float = 3.0
    control_more: float = 10.0
    is_on: bool = True


@dataclass(slots=True)
class CommonCause:
    """One endpoint's filter: its history by region, and the days it has dropped.

    Attributes:
        rates: shape (days, regions), the latest last: events per hub at risk and day.
        at_risk: shape (2, regions): upgraded hubs and controls at risk.
        dropped: (day, region) of what was not attributed.
    """

    rates: Rates
    at_risk: NDArray[np.int64]
    rules: FilterRules
    dropped: list[tuple[int, int]] = field(default_factory=list)

    def judge(self, *, day: int, events: NDArray[np.int64]) -> NDArray[np.bool_]:
        """This function will flag the regions whose day is dropped, and remember the day's rates.

        Args:
            day: days since the campaign's first.
            events: shape (2, regions): the day's events among upgraded hubs and among controls.
        """
        at_risk = self.at_risk.sum(axis=0)
        total = events.sum(axis=0)
        outage = np.zeros(len(total), np.bool_)
        if self.rules.is_on and len(self.rates) >= _ENOUGH:
            usual = np.median(self.rates, axis=0)
            many = total > self.rules.total_times * usual * at_risk + self.rules.total_more
            alike = events[1] > self.rules.control_times * usual * self.at_risk[1] + self.rules.control_more
            outage = many & alike
        self.rates = np.vstack((self.rates, total / np.maximum(at_risk, 1)))[-DAYS:]
        self.dropped += [(day, region) for region in np.flatnonzero(outage).tolist()]
        return outage
