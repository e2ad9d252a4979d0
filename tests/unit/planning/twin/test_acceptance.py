"""The acceptance targets of `gates.md` 7 in a small form: fewer hubs and seeds, the same claims.

Harm does not grow with the fleet and a rival's does, so ratios to rivals are smaller here than they would be at
national scale: what is asked of them is the same. Scenarios of one cell are played with cells of about as many hubs as
in a fleet of a million: evidence comes from hubs, and a thousandth of this fleet is a hundred of them.
"""

import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from safelaunch.domain.lights import CELLS, EvidenceRules, Level
from safelaunch.planning import coverage, estate, scenarios
from safelaunch.planning.evidence.engine import Engine
from safelaunch.planning.evidence.strata import freeze
from safelaunch.planning.scenarios import Scenario
from safelaunch.planning.twin import rehearsal
from safelaunch.planning.twin.campaign import Result
from safelaunch.planning.twin.fleet import Fleet, gather

RULES = EvidenceRules()
HUBS = 120_000
DAYS_TO_FIND = 60
SHARES = {
    "rare-severe": (0.005, 0.008),
    "interop-cell": (0.02, 0.05),
    "missing-half-hours": (0.02, 0.05),
}


@cache
def fleet(hubs: int = HUBS) -> Fleet:
    return gather(estate.describe(hubs=hubs, seed=1))


def scenario(name: str) -> Scenario:
    found = scenarios.load(name)
    if name not in SHARES:
        return found
    (defect,) = found.defects
    return replace(found, defects=(replace(defect, where=replace(defect.where, share=SHARES[name])),))


@cache
def played(
    name: str, *, policy: str = "evidence", seeds: int = 2, hubs: int = HUBS, horizon: int = DAYS_TO_FIND
) -> tuple[Result, ...]:
    return tuple(
        rehearsal.play(
            fleet(hubs),
            scenario=scenario(name),
            policy=policy,
            seeds=range(seeds),
            rules=RULES,
            horizon=horizon,
        )
    )


def mean_harm(results: tuple[Result, ...]) -> float:
    return float(np.mean([result.harmed for result in results]))


FOUND = {
    "bricked-1pct": 14,
    "delayed": 14,
    "region": 14,
    "rare-severe": 30,
    "prepay-delay": 14,
    "interop-cell": 30,
    "missing-half-hours": 30,
}
"""Scenarios b to g with the median day by which each is to be found (T3)."""


@pytest.mark.parametrize("name", ["healthy", "regional-outage", "benign-shift"])
def test_t1_good_firmware_is_neither_stopped_nor_quarantined(name):
    results = played(name, horizon=45)
    assert not any(result.is_stopped for result in results)
    assert sum(len(result.quarantined) for result in results) == 0
    assert all(result.exposed > len(fleet()) / 100 for result in results)


@pytest.mark.parametrize("name", FOUND)
def test_t2_harm_is_bounded_and_a_twentieth_of_the_rival_s(name):
    ours = mean_harm(played(name))
    theirs = mean_harm(played(name, policy="hawkbit", horizon=150))
    assert ours <= 60
    assert ours <= theirs / 20


def test_t2_a_catastrophe_harms_at_most_a_hundred():
    assert mean_harm(played("catastrophe")) <= 100


@pytest.mark.parametrize("name", FOUND)
def test_t3_defects_are_found_and_in_time(name):
    days = [result.detected_on for result in played(name)]
    assert None not in days
    assert np.median([day for day in days if day is not None]) <= FOUND[name]


def test_t3_exactly_the_guilty_combination_is_quarantined_and_the_rest_goes_on():
    for result in played("interop-cell"):
        assert [unit.level for _, unit in result.quarantined] == [Level.HUB_ESME]
        assert not result.is_stopped
        assert result.exposed > len(fleet()) / 10


def test_t4_a_good_campaign_takes_little_longer_than_the_networks_need():
    (ours,) = played("healthy", seeds=1, hubs=60_000, horizon=300)
    shortest = 1 / 0.01
    assert ours.exposed > 0.97 * len(fleet(60_000))
    assert ours.days <= 1.35 * (shortest + 12), "three attempts of four days follow the last night"


def test_t5_harm_hardly_grows_with_the_fleet():
    names = ("bricked-1pct", "region")
    small = sum(mean_harm(played(name, seeds=3, hubs=HUBS)) for name in names)
    large = sum(mean_harm(played(name, seeds=3, hubs=4 * HUBS)) for name in names)
    assert large < 1.25 * small


def test_t9_the_pilot_touches_every_pair_and_almost_all_five_deep():
    layout = freeze(fleet().combinations, rules=RULES)
    chosen = coverage.choose(layout, size=2_000, depth=5)
    assert chosen.sum() <= 2_000
    assert (chosen <= layout.combinations.hubs).all()
    for level in CELLS:
        found = coverage.measure(layout, chosen, depth=5, level=level)
        assert found.touched == 1.0
        assert found.deep >= 0.99
        assert found.short == 0


def test_t9_friendly_hubs_up_to_three_in_ten_leave_the_pilot_deep():
    layout = freeze(fleet().combinations, rules=RULES)
    chance = np.random.default_rng(1)
    popular = np.argsort(-layout.combinations.hubs)[:300]
    offered = np.zeros(len(layout.combinations), np.int64)
    offered[chance.choice(popular, 300, replace=False)] = np.minimum(layout.combinations.hubs[popular], 8)
    accepted = coverage.accept_friendly(offered, size=2_000)
    assert accepted.sum() <= 600
    assert (accepted <= offered).all()
    chosen = coverage.choose(layout, size=2_000, depth=5, friendly=accepted)
    assert (chosen >= accepted).all()
    assert coverage.measure(layout, chosen, depth=5).deep >= 0.90


def test_t9_the_pilot_is_not_all_in_one_region():
    layout = freeze(fleet().combinations, rules=RULES)
    chosen = coverage.choose(layout, size=2_000, depth=5)
    large = [at for at, name in enumerate(layout.combinations.regions) if not name.endswith("4G")]
    by_region = np.bincount(layout.combinations.region, weights=chosen)
    assert (by_region[large] > 0.15 * chosen.sum()).all()


def test_t10_a_day_s_evaluation_does_work_for_what_happened_and_not_for_the_fleet():
    """Twice the fleet with the same rows costs the same, within a generous factor: there is no pass over hubs."""
    spent = []
    for hubs in (HUBS, 4 * HUBS):
        layout = freeze(fleet(hubs).combinations, rules=RULES)
        into = Engine(layout, history=np.full((28, 4, len(layout.combinations.regions)), 0.001))
        began = time.process_time()
        for _ in range(20):
            into.measure(today=-1, rules=RULES)
        spent.append(time.process_time() - began)
    assert spent[1] < 5 * spent[0]


@pytest.mark.parametrize("policy", rehearsal.POLICIES)
def test_every_policy_plays_the_same_world_the_same_way_twice(policy):
    twice = [
        list(
            rehearsal.play(
                fleet(60_000),
                scenario=scenario("bricked-1pct"),
                policy=policy,
                seeds=[3],
                rules=RULES,
                horizon=20,
            )
        )
        for _ in range(2)
    ]
    assert twice[0] == twice[1]


def test_figures_name_what_does_not_apply():
    good = rehearsal.figures(played("regional-outage", horizon=45), scenario=scenario("regional-outage"))
    assert (good.detected_share, good.false_stop_share) == (None, 0.0)
    bad = rehearsal.figures(played("bricked-1pct"), scenario=scenario("bricked-1pct"))
    assert (bad.detected_share, bad.false_stop_share) == (1.0, None)
    assert bad.finish["NORTH"] == {"p10": None, "p50": None, "p90": None}
