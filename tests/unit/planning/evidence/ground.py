"""Small fleets for tests of the evidence engine, and days of grouped counts made from plain probabilities."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.lights import EvidenceRules
from safelaunch.planning.evidence.counts import ActivationDay, Part, activation_day
from safelaunch.planning.evidence.engine import Engine, EngineRules
from safelaunch.planning.evidence.exposure import Exposure
from safelaunch.planning.evidence.strata import Combinations, Layout, freeze

RULES = EvidenceRules()
WAN, HAN, PREPAY, HALF_HOURS = range(len(ENDPOINTS))
NOBODY = np.empty(0, np.int32)


def combinations(
    *, hubs: int = 200, regions: int = 2, models: int = 3, esmes: int = 3, gsmes: int = 2
) -> Combinations:
    """Every combination of a few attributes, `hubs` hubs each, a quarter of them prepaying."""
    grid = np.indices((regions, models, 1, esmes, gsmes, 1)).reshape(6, -1).astype(np.int16)
    count = grid.shape[1]
    return Combinations(
        region=grid[0],
        hub_model=grid[1],
        reach=grid[2],
        esme=grid[3],
        gsme=(grid[4] + esmes).astype(np.int16),
        ppmid=np.full(count, -1, np.int16),
        hubs=np.full(count, hubs, np.int64),
        prepay=np.full(count, hubs // 4, np.int64),
        regions=tuple(f"R{at}" for at in range(regions)),
        hub_models=tuple(f"H{at}" for at in range(models)),
        devices=(*(f"E{at}" for at in range(esmes)), *(f"G{at}" for at in range(gsmes))),
    )


def layout(**sizes: int) -> Layout:
    return freeze(combinations(**sizes), rules=RULES)


def history(frozen: Layout, *, rate: float = 0.002, days: int = 28) -> NDArray[np.float64]:
    return np.full((days, len(ENDPOINTS), len(frozen.combinations.regions)), rate)


def engine(frozen: Layout, *, rate: float = 0.002, rules: EngineRules | None = None) -> Engine:
    return Engine(frozen, history=history(frozen, rate=rate), rules=rules or EngineRules())


def nothing_known(day: int) -> ActivationDay:
    return activation_day(day=day, succeeded=NOBODY, failed=NOBODY)


class Fleet:
    """A fleet hub by hub: hubs are upgraded in random order and things happen to them with given chances."""

    def __init__(self, frozen: Layout, *, seed: int, counts_once: bool = True, window: int = 14) -> None:
        self.chance = np.random.default_rng(seed)
        counted = frozen.combinations.hubs
        self.combination = np.repeat(np.arange(len(counted), dtype=np.int32), counted)
        self.hubs = len(self.combination)
        self.prepay = np.arange(self.hubs) % 4 == 0
        self.order = self.chance.permutation(self.hubs).astype(np.int32)
        self.exposure = Exposure(
            combination=self.combination, prepay=self.prepay, window=window, counts_once=counts_once
        )
        self.sent = 0

    def upgrade(self, hubs: int) -> None:
        self.exposure.join(self.order[self.sent : self.sent + hubs])
        self.sent += hubs

    def befall(self, endpoint: int, chance: NDArray[np.float64] | float) -> None:
        struck = np.flatnonzero(self.chance.random(self.hubs) < chance).astype(np.int32)
        self.exposure.record(endpoint, struck)

    @property
    def treated(self) -> NDArray[np.bool_]:
        return self.exposure.arm == 1

    def close(self) -> list[Part]:
        parts: list[Part] = list(self.exposure.close())
        return [*parts, nothing_known(self.exposure.day - 1)]


def run(
    fleet: Fleet,
    into: Engine,
    *,
    days: int,
    daily: int,
    chance: Callable[[Fleet, int], NDArray[np.float64] | float],
    look: Callable[[int], None] = lambda _day: None,
) -> None:
    """Let days pass: upgrade, let the first endpoint happen, count, and look."""
    for day in range(days):
        fleet.upgrade(daily)
        fleet.befall(WAN, chance(fleet, day))
        for part in fleet.close():
            into.fold(part)
        look(day)
