"""Every safeguard of the statistic is needed: each claim holds with it, and fails when it is taken away (T6, T7, T8)."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from safelaunch.domain.lights import Level
from safelaunch.planning.evidence.engine import Engine, EngineRules
from safelaunch.planning.evidence.outages import FilterRules
from safelaunch.planning.evidence.strata import freeze
from tests.unit.planning.evidence.ground import RULES, WAN, Fleet, combinations, history, layout, run


@dataclass(frozen=True)
class Safeguards:
    """What may be taken away."""

    engine: EngineRules = field(default_factory=EngineRules)
    nested: bool = True
    counts_once: bool = True


ALL = Safeguards()
WITHOUT = {
    "nesting": replace(ALL, nested=False),
    "count-once": replace(ALL, counts_once=False),
    "control exclusion": replace(ALL, engine=EngineRules(leaves_out_controls=False)),
    "restarts": replace(ALL, engine=EngineRules(restarts=0)),
    "the filter": replace(ALL, engine=EngineRules(outages=FilterRules(is_on=False))),
}


def good_firmware_with_frail_hubs_seldom_looks_bad(using: Safeguards) -> None:
    """One hub in fifty fails nearly every other day, old firmware or new: P(sup E >= 20) stays below 5 %."""
    over_20, over_100, units = 0, 0, 0
    for seed in range(2):
        frozen = layout(hubs=60, regions=2, models=6, esmes=6, gsmes=3)
        into = Engine(frozen, history=history(frozen), rules=using.engine)
        fleet = Fleet(frozen, seed=seed, counts_once=using.counts_once)
        frail = np.where(np.random.default_rng(seed + 99).random(fleet.hubs) < 0.02, 0.4, 0.001)
        most = np.full(len(frozen.units), -np.inf)

        def look(_day: int, into: Engine = into, most: NDArray[np.float64] = most) -> None:
            np.maximum(most, into.evidence()[:, WAN], out=most)

        run(fleet, into, days=45, daily=fleet.hubs // 50, chance=lambda _f, _d, c=frail: c, look=look)
        over_20, over_100 = over_20 + int((most >= np.log10(20)).sum()), over_100 + int((most >= 2).sum())
        units += len(most)
    assert over_20 <= 0.05 * units
    assert over_100 <= 0.01 * units


def a_cell_that_is_frail_and_fast_is_not_blamed(using: Safeguards) -> None:
    """One ESME fails five times as often, old firmware or new, and its hubs go first."""
    frozen = freeze(
        combinations(hubs=8, regions=40, models=2, esmes=5, gsmes=3), rules=RULES, nested=using.nested
    )
    into = Engine(frozen, history=history(frozen), rules=using.engine)
    fleet = Fleet(frozen, seed=4, counts_once=using.counts_once)
    is_frail = (frozen.combinations.esme == 0)[fleet.combination]
    fleet.order = fleet.order[np.argsort(~is_frail[fleet.order], kind="stable")]
    # Of the frail ones 6 in 10 go in the first days, then nobody: the rest are their controls.
    chance = np.where(is_frail, 0.02, 0.004)
    daily = round(0.1 * is_frail.sum())
    run(fleet, into, days=6, daily=daily, chance=lambda _f, _d: chance)
    run(fleet, into, days=8, daily=0, chance=lambda _f, _d: chance)
    units = np.unique(frozen.unit_of[Level.HUB_ESME])
    assert (into.evidence()[units, WAN] < np.log10(20)).all()


def a_quarantined_cell_s_controls_do_not_blame_its_neighbours(using: Safeguards) -> None:
    """One cell stopped early; the others go on in strata that they shared with it."""
    frozen = freeze(combinations(hubs=8, regions=30, models=2, esmes=3, gsmes=2), rules=RULES)
    cell = frozen.combinations_of(frozen.units[int(frozen.unit_of[Level.HUB_ESME][0])])
    into = Engine(frozen, history=history(frozen, rate=0.03), rules=using.engine, left_out=cell)
    fleet = Fleet(frozen, seed=0, counts_once=using.counts_once)
    goes_on = ~cell[fleet.combination]
    fleet.order = fleet.order[goes_on[fleet.order]]
    run(fleet, into, days=21, daily=len(fleet.order) // 30, chance=lambda _f, _d: 0.03)
    assert (into.evidence()[:, WAN] < frozen.lines[:, WAN]).all()


def a_late_defect_is_found_within_a_week(using: Safeguards) -> None:
    """Fifty quiet days, then upgraded hubs fail three times as often."""
    frozen = layout(hubs=400)
    into = Engine(frozen, history=history(frozen, rate=0.006), rules=using.engine)
    fleet = Fleet(frozen, seed=6, counts_once=using.counts_once)
    run(fleet, into, days=50, daily=fleet.hubs // 80, chance=lambda _f, _d: 0.006)
    line = frozen.lines[0, WAN]
    found: list[int] = []

    def look(day: int) -> None:
        if into.evidence()[0, WAN] >= line:
            found.append(day)

    run(
        fleet,
        into,
        days=7,
        daily=fleet.hubs // 80,
        chance=lambda fleet, _day: np.where(fleet.treated, 0.018, 0.006),
        look=look,
    )
    assert found


def an_outage_leaves_no_evidence_behind(using: Safeguards) -> None:
    """A third of one region's hubs fall silent on a day, old and new alike."""
    frozen = layout(hubs=200)
    into = Engine(frozen, history=history(frozen), rules=using.engine)
    fleet = Fleet(frozen, seed=7, counts_once=using.counts_once)
    run(fleet, into, days=10, daily=fleet.hubs // 40, chance=lambda _f, _d: 0.002)
    before = into.endpoints[WAN].sums.copy()
    hit = (frozen.combinations.region == 1)[fleet.combination]
    run(fleet, into, days=1, daily=0, chance=lambda _f, _d: np.where(hit, 0.33, 0.0))
    assert np.array_equal(into.endpoints[WAN].sums, before)


CLAIMS = {
    "nesting": a_cell_that_is_frail_and_fast_is_not_blamed,
    "count-once": good_firmware_with_frail_hubs_seldom_looks_bad,
    "control exclusion": a_quarantined_cell_s_controls_do_not_blame_its_neighbours,
    "restarts": a_late_defect_is_found_within_a_week,
    "the filter": an_outage_leaves_no_evidence_behind,
}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=[claim.__name__ for claim in CLAIMS.values()])
def test_with_every_safeguard(claim):
    claim(ALL)


@pytest.mark.parametrize("safeguard", CLAIMS)
def test_without(safeguard):
    with pytest.raises(AssertionError):
        CLAIMS[safeguard](WITHOUT[safeguard])


def test_a_mass_failure_of_upgraded_hubs_is_not_taken_for_an_outage():
    frozen = layout(hubs=200)
    into = Engine(frozen, history=history(frozen))
    fleet = Fleet(frozen, seed=8)
    run(fleet, into, days=10, daily=fleet.hubs // 40, chance=lambda _f, _d: 0.002)
    run(fleet, into, days=1, daily=0, chance=lambda fleet, _d: np.where(fleet.treated, 0.5, 0.002))
    assert into.endpoints[WAN].filter.dropped == []
    assert into.evidence()[0, WAN] >= frozen.lines[0, WAN]


def test_an_outage_before_a_late_defect_does_not_hide_it():
    frozen = layout(hubs=400)
    into = Engine(frozen, history=history(frozen, rate=0.004))
    fleet = Fleet(frozen, seed=9)
    daily = fleet.hubs // 80
    run(fleet, into, days=38, daily=daily, chance=lambda _f, _d: 0.004)
    hit = (frozen.combinations.region == 0)[fleet.combination]
    run(fleet, into, days=1, daily=daily, chance=lambda _f, _d: np.where(hit, 0.33, 0.004))
    assert into.endpoints[WAN].filter.dropped == [(38, 0)]
    model = (frozen.combinations.hub_model == 1)[fleet.combination]
    found: list[int] = []
    unit = int(frozen.unit_of[Level.HUB_MODEL][frozen.combinations.hub_model == 1][0])

    def look(day: int) -> None:
        if into.evidence()[unit, WAN] >= frozen.lines[unit, WAN]:
            found.append(day)

    run(
        fleet,
        into,
        days=7,
        daily=daily,
        chance=lambda fleet, _d: np.where(fleet.treated & model, 0.03, 0.004),
        look=look,
    )
    assert found


def test_confidence_sequences_miss_the_truth_on_at_most_one_path_in_twenty():
    """Every cell is a path of its own; the true ratio is 2 on all of them, and every day is looked at."""
    from safelaunch.planning.evidence import intervals

    frozen = layout(hubs=150, regions=1, models=8, esmes=8, gsmes=1)
    into = Engine(frozen, history=history(frozen))
    fleet = Fleet(frozen, seed=10)
    units = np.unique(frozen.unit_of[Level.HUB_ESME])
    missed: set[int] = set()

    def look(day: int) -> None:
        if day % 3 == 0:
            for unit in units.tolist():
                found = intervals.ratio(into.endpoints[WAN].sums[unit], confidence=0.95)
                if not found.low <= 2.0 <= found.high:
                    missed.add(unit)

    run(
        fleet,
        into,
        days=40,
        daily=fleet.hubs // 45,
        chance=lambda fleet, _d: np.where(fleet.treated, 0.02, 0.01),
        look=look,
    )
    assert len(missed) <= 0.05 * len(units)
