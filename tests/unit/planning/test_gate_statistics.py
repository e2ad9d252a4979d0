"""Intervals agree with the textbook, never claim more than the data, and shrink as data grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.planning.gate_statistics import increase, rate, share

CONFIDENCE = 0.95
counts = st.integers(0, 5_000)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        # Clopper and Pearson at 95 %, as tabulated.
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (5, 10, 0.1871, 0.8129),
        (1, 1, 0.0250, 1.0),
        (98, 100, 0.9296, 0.9976),
        (985, 1_000, 0.9754, 0.9916),
    ],
)
def test_a_share_has_the_exact_interval(hits, total, low, high):
    estimate = share(hits=hits, total=total, confidence=CONFIDENCE)
    assert estimate.value == hits / total
    assert estimate.low == pytest.approx(low, abs=1e-4)
    assert estimate.high == pytest.approx(high, abs=1e-4)


def test_149_successes_without_failure_are_the_fewest_that_prove_98_percent_one_sided():
    """The rule of three that `domain/gates.py` cites: 90 % two-sided leaves 5 % below."""
    assert share(hits=149, total=149, confidence=0.90).low >= 0.98
    assert share(hits=148, total=148, confidence=0.90).low < 0.98


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.390), (100, 81.364, 121.627)],
)
def test_a_rate_is_close_to_the_exact_poisson_limits(events, low, high):
    estimate = rate(events=events, exposure=1.0, confidence=CONFIDENCE)
    assert estimate.value == events
    assert estimate.low == pytest.approx(low, rel=0.02, abs=0.03)
    assert estimate.high == pytest.approx(high, rel=0.02)


def test_nothing_observed_is_nothing_known():
    assert share(hits=0, total=0, confidence=CONFIDENCE) is None
    assert rate(events=0, exposure=0.0, confidence=CONFIDENCE) is None
    known = rate(events=1, exposure=10.0, confidence=CONFIDENCE)
    assert increase(treated=None, control=known, per=5) is None
    assert increase(treated=known, control=None, per=5) is None


@given(st.integers(1, 20_000).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_share_lies_within_its_interval_and_its_interval_within_the_possible(pair):
    hits, total = pair
    estimate = share(hits=hits, total=total, confidence=CONFIDENCE)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
    mirrored = share(hits=total - hits, total=total, confidence=CONFIDENCE)
    assert mirrored.low == pytest.approx(1 - estimate.high, abs=1e-9)


@given(counts, st.floats(0.1, 1e6))
def test_a_rate_lies_within_its_interval(events, exposure):
    estimate = rate(events=events, exposure=exposure, confidence=CONFIDENCE)
    assert 0 <= estimate.low <= estimate.value <= estimate.high


@given(st.integers(1, 500), st.integers(2, 20))
def test_more_of_the_same_data_is_surer(events, times):
    def width(factor):
        estimate = rate(events=events * factor, exposure=100.0 * factor, confidence=CONFIDENCE)
        return estimate.high - estimate.low

    assert width(times) < width(1)


@given(counts, st.floats(1, 1e5), counts, st.floats(1, 1e5))
def test_an_increase_holds_its_difference_and_turns_with_its_arms(more, days, fewer, control_days):
    treated = rate(events=more, exposure=days, confidence=CONFIDENCE)
    control = rate(events=fewer, exposure=control_days, confidence=CONFIDENCE)
    found = increase(treated=treated, control=control, per=5)
    turned = increase(treated=control, control=treated, per=5)
    assert found.low <= found.value <= found.high
    assert found.value == pytest.approx(5 * (more / days - fewer / control_days))
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_equal_arms_show_no_increase():
    arm = rate(events=7, exposure=1_000.0, confidence=CONFIDENCE)
    found = increase(treated=arm, control=arm, per=5)
    assert found.value == 0
    assert found.low < 0 < found.high
