import numpy as np
import pytest

from safelaunch.domain.lights import CELLS, Level
from safelaunch.planning.evidence import intervals, state
from safelaunch.planning.evidence.counts import (
    BadEvidence,
    EndpointDay,
    activation_day,
    endpoint_day,
    group,
    keep,
)
from safelaunch.planning.evidence.engine import EngineRules
from safelaunch.planning.evidence.ratios import ALTERNATIVES, GRID, weigh
from safelaunch.planning.evidence.strata import freeze
from tests.unit.planning.evidence.ground import (
    RULES,
    WAN,
    Fleet,
    combinations,
    engine,
    layout,
    nothing_known,
    run,
)

BASE = GRID.index(1.1)


def day_of(day: int, rows: list[tuple[int, int, int, int, int]], endpoint: int = WAN) -> EndpointDay:
    """A part from rows of (combination, treated change, control change, treated events, control events)."""
    table = np.array(rows, np.int64).reshape(-1, 5)
    return endpoint_day(
        day=day, endpoint=endpoint, combination=table[:, 0].astype(np.int32), values=table[:, 1:].T
    )


def test_one_event_adds_what_the_formula_says():
    frozen = layout(hubs=100)
    into = engine(frozen)
    into.fold(day_of(0, [(0, 25, -25, 1, 0)]))
    sums = into.endpoints[WAN].sums
    expected = [np.log(r) - np.log(1 + 0.25 * (r - 1)) for r in GRID]
    for level in (Level.CAMPAIGN, Level.REGION, Level.HUB_MODEL, *CELLS):
        assert sums[frozen.unit_of[level][0]] == pytest.approx(expected)
    elsewhere = np.delete(sums, [frozen.unit_of[level][0] for level in frozen.unit_of], axis=0)
    assert not elsewhere.any()


def test_a_control_s_event_speaks_for_the_firmware():
    into = engine(layout(hubs=100))
    into.fold(day_of(0, [(0, 50, -50, 0, 1)]))
    assert into.endpoints[WAN].sums[0] == pytest.approx([-np.log(1 + 0.5 * (r - 1)) for r in GRID])


@pytest.mark.parametrize("treated", [0, 100])
def test_a_stratum_with_one_arm_only_says_nothing(treated):
    into = engine(layout(hubs=100))
    into.fold(day_of(0, [(0, treated, -treated, int(treated > 0), int(treated == 0))]))
    assert not into.endpoints[WAN].sums.any()


def test_evidence_is_the_mean_over_ratios_and_half_of_it_is_kept_for_restarts():
    into = engine(layout(hubs=100))
    into.fold(day_of(0, [(0, 20, -20, 3, 0)]))
    sums = into.endpoints[WAN].sums[0]
    by_hand = np.mean([np.exp(sums[GRID.index(r)] - sums[BASE]) for r in ALTERNATIVES]) / 2
    assert into.evidence()[0, WAN] == pytest.approx(np.log10(by_hand))


def test_the_weights_of_all_restarts_sum_to_less_than_one():
    assert 0.5 + sum(0.5 * 6 / (np.pi**2 * week**2) for week in range(1, 10_000)) <= 1


def test_days_are_folded_in_order_once():
    into = engine(layout())
    first, second = day_of(0, []), day_of(1, [(0, 5, -5, 0, 0)])
    with pytest.raises(BadEvidence, match="Day 0 is missing"):
        into.fold(second)
    assert into.fold(first)
    assert into.fold(second)
    assert not into.fold(second)
    with pytest.raises(BadEvidence, match="has been counted, and differently"):
        into.fold(day_of(1, [(0, 6, -6, 0, 0)]))


@pytest.mark.parametrize(
    "bad",
    [
        EndpointDay(0, WAN, *np.zeros((5, 1), np.int32), sums=(1, 0, 0, 0)),
        EndpointDay(0, WAN, np.zeros(2, np.int32), *np.zeros((4, 1), np.int32), sums=(0, 0, 0, 0)),
        EndpointDay(0, WAN, np.full(1, 9_999, np.int32), *np.zeros((4, 1), np.int32), sums=(0, 0, 0, 0)),
        EndpointDay(0, WAN, *np.array([[0], [0], [0], [-1], [1]], np.int32), sums=(0, 0, -1, 1)),
        EndpointDay(0, 99, *np.zeros((5, 0), np.int32), sums=(0, 0, 0, 0)),
        EndpointDay(-1, WAN, *np.zeros((5, 0), np.int32), sums=(0, 0, 0, 0)),
    ],
)
def test_a_part_that_is_not_whole_is_unreadable(bad):
    into = engine(layout())
    with pytest.raises(BadEvidence):
        into.fold(bad)
    assert into.endpoints[WAN].next_day == 0


def test_an_endpoint_that_is_behind_is_missing_and_not_quiet():
    frozen = layout()
    into = engine(frozen)
    for endpoint in range(4):
        into.fold(day_of(0, [], endpoint))
    into.fold(nothing_known(0))
    on_the_day = into.measure(today=0, rules=RULES)
    assert not np.isnan(on_the_day.evidence).any()
    assert on_the_day.are_quiet(rules=RULES).all()
    next_day = into.measure(today=1, rules=RULES)
    # Silences of day 0 are due on day 2; everything else of day 0 was due today, and came.
    assert not np.isnan(next_day.evidence).any()
    assert np.isnan(next_day.activation).all()
    assert not next_day.are_quiet(rules=RULES).any()
    later = into.measure(today=2, rules=RULES)
    assert np.isnan(later.evidence).any(axis=1).all()


def test_grouping_adds_rows_of_equal_combination():
    places, values = group(combination=np.array([3, 1, 3], np.int32), values=np.array([[1, 2, 3], [4, 5, 6]]))
    assert places.tolist() == [1, 3]
    assert values.tolist() == [[2, 4], [5, 10]]


def test_strata_keep_the_attributes_of_their_own_cell():
    frozen = freeze(combinations(hubs=3, esmes=4, gsmes=4), rules=RULES)
    for level in CELLS:
        pairs = set(zip(frozen.stratum_of[level].tolist(), frozen.unit_of[level].tolist(), strict=True))
        assert len(pairs) == frozen.strata[level]


def test_large_combinations_are_strata_of_their_own():
    frozen = freeze(combinations(hubs=20), rules=RULES)
    assert set(frozen.strata.values()) == {len(frozen.combinations)}


def test_small_combinations_share_a_stratum_until_it_is_large_enough():
    frozen = freeze(combinations(hubs=10, regions=1, models=1, esmes=2, gsmes=2), rules=RULES)
    assert frozen.strata[Level.HUB_ESME] == 2
    sizes = np.bincount(frozen.stratum_of[Level.HUB_ESME], weights=frozen.combinations.hubs)
    assert sizes.min() >= RULES.min_stratum


def test_state_goes_to_octets_and_back():
    frozen = layout(hubs=60)
    rules = EngineRules()
    into, fleet = engine(frozen, rules=rules), Fleet(frozen, seed=1)
    run(fleet, into, days=10, daily=100, chance=lambda _fleet, _day: 0.01)
    again = state.load(state.dump(into), layout=frozen, rules=rules)
    assert np.array_equal(again.evidence(), into.evidence())
    run(fleet, into, days=0, daily=0, chance=lambda _fleet, _day: 0.0)
    fleet.upgrade(50)
    fleet.befall(WAN, 0.02)
    parts = fleet.close()
    for part in parts:
        into.fold(part)
        again.fold(part)
    assert np.array_equal(again.evidence(), into.evidence())
    assert not again.fold(parts[0])


@pytest.mark.parametrize("octets", [b"", b"no archive", b"PK\x03\x04 cut short"])
def test_a_state_that_is_not_one_is_unreadable(octets):
    with pytest.raises(BadEvidence, match="replay the campaign"):
        state.load(octets, layout=layout(), rules=EngineRules())


def test_a_state_of_another_layout_is_unreadable():
    octets = state.dump(engine(layout()))
    with pytest.raises(BadEvidence, match="replay the campaign"):
        state.load(octets, layout=layout(models=4), rules=EngineRules())


def test_nothing_seen_bounds_nothing():
    nothing = intervals.ratio(np.zeros(len(GRID)), confidence=0.95)
    assert (nothing.low, nothing.high) == (0.0, np.inf)


def test_a_confidence_sequence_closes_in_on_the_true_ratio():
    frozen = layout(hubs=400)
    into, fleet = engine(frozen), Fleet(frozen, seed=3)
    run(
        fleet,
        into,
        days=25,
        daily=fleet.hubs // 40,
        chance=lambda fleet, _day: np.where(fleet.treated, 0.012, 0.004),
    )
    found = intervals.ratio(into.endpoints[WAN].sums[0], confidence=0.95)
    assert found.low < 3.0 < found.high
    assert 2.3 <= found.value <= 3.8
    points = intervals.excess(found, control_rate=0.05)
    assert points.value == pytest.approx((found.value - 1) * 0.05)


def test_without_events_among_controls_points_are_unknown():
    found = intervals.excess(intervals.ratio(np.zeros(len(GRID)), confidence=0.95), control_rate=0.0)
    assert found.high == np.inf


def test_unknown_activations_are_bounded_both_ways():
    known = intervals.success_bounds(succeeded=980, failed=20, unknown=0, confidence=0.95)
    unsure = intervals.success_bounds(succeeded=980, failed=20, unknown=500, confidence=0.95)
    assert known is not None
    assert unsure is not None
    assert known.value == unsure.value == 0.98
    assert unsure.low < 0.68 < known.low < known.high < unsure.high
    assert intervals.success_bounds(succeeded=0, failed=0, unknown=500, confidence=0.95) is None


def test_activations_below_the_ceiling_never_gather_evidence():
    frozen = layout()
    into = engine(frozen)
    into.activations[0], into.activations[1] = 960.0, 40.0
    assert (into.activation_evidence(ceiling=0.05) < 0).all()
    into.activations[0], into.activations[1] = 85.0, 15.0
    assert (into.activation_evidence(ceiling=0.05) > 2).all()


def test_a_part_that_was_put_away_comes_back_to_the_bit():
    chance = np.random.default_rng(5)
    for most in (3, 300, 70_000):
        rows = np.unique(chance.integers(0, 1_000_000, 500)).astype(np.int32)
        values = chance.integers(-most, most, (4, len(rows)))
        part = endpoint_day(day=9, endpoint=2, combination=rows, values=values)
        assert keep(part).part().digest() == part.digest()
        known = activation_day(day=9, succeeded=rows, failed=rows[:7])
        assert keep(known).part().digest() == known.digest()
    nothing = activation_day(day=1, succeeded=rows[:0], failed=rows[:0])
    assert keep(nothing).part().digest() == nothing.digest()


def test_factors_multiplied_before_a_logarithm_weigh_as_their_logarithms_do():
    chance = np.random.default_rng(6)
    theta = np.concatenate((chance.random(400), [1.0, 1e-9, 0.5]))
    events = chance.integers(1, 30, len(theta)).astype(np.int32)
    starts = np.array([0, 1, 5, 60, 399])
    plainly = events[:, None] * np.log1p(np.multiply.outer(theta, np.array(GRID) - 1.0))
    assert weigh(theta, events, starts) == pytest.approx(np.add.reduceat(plainly, starts, axis=0), rel=1e-12)
