from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain.refusals import Invalid
from safelaunch.planning.landscape import comparison, schedule
from safelaunch.planning.landscape.luck import Luck, quantile
from safelaunch.planning.landscape.rollout import DAYS_PER_MONTH
from tests.unit.planning.landscape.ground import small

JUNE, NOVEMBER = ((day - date(2022, 1, 3)).days for day in (date(2022, 6, 30), date(2022, 11, 3)))


def play(landscape, option=0, runs=400, **more):
    return schedule.play(landscape, landscape.options[option], runs=runs, seed=3, **more)


def row(dates, name, which="ends"):
    return getattr(dates, which)[dates.place(name)]


def test_a_task_waits_for_what_it_is_after_and_for_its_slot_and_goes_live_with_its_release():
    dates = play(small())
    assert (row(dates, "build", "begins") == 0).all()
    assert (row(dates, "test", "begins") == row(dates, "build")).all()
    assert (row(dates, "test") == JUNE).all()
    assert row(dates, "test", "waits").all()
    # The other test has to wait until the environment is free, from whichever comes later.
    assert (row(dates, "other", "begins") == np.maximum(57, row(dates, "test", "worked"))).all()
    held = row(dates, "test", "worked") > 57
    assert held.any()
    assert (row(dates, "other", "cause")[held] == dates.place("test")).all()
    assert row(dates, "other", "by_slot")[held].all()


def test_approvals_are_counted_in_working_days_and_not_on_bank_holidays():
    # 2022-03-01 is a Tuesday; 25 days later is Saturday 26 March; five working days after that is Friday 1 April.
    early = small(("days = [20, 30, 60]", "days = 1"), ("days = 40", "days = 1"))
    assert set(row(play(early), "other").tolist()) == {(date(2022, 4, 1) - date(2022, 1, 3)).days}
    # Good Friday and Easter Monday, 15 and 18 April, are no working days.
    easter = small(
        ("days = [20, 30, 60]", "days = 1"), ("days = 40", "days = 1"), ("2022-03-01", "2022-03-20")
    )
    assert set(row(play(easter), "other").tolist()) == {(date(2022, 4, 25) - date(2022, 1, 3)).days}


def test_what_is_not_ready_when_a_release_closes_goes_live_with_the_next_and_beyond_the_file_they_recur():
    late = play(small(), days_more={"build": 80.0})
    assert set(row(late, "test").tolist()) <= {JUNE, NOVEMBER}
    ready_in_time = row(late, "test", "worked") <= JUNE - 10
    assert (row(late, "test")[ready_in_time] == JUNE).all()
    assert (row(late, "test")[~ready_in_time] == NOVEMBER).all()
    assert (row(late, "test", "is_late") == ~ready_in_time).all()
    assert 0 < ready_in_time.mean() < 1
    very = play(small(), days_more={"build": 300.0})
    assert set(row(very, "test").tolist()) <= {NOVEMBER + 126, NOVEMBER + 252}


def test_mass_roll_out_lasts_as_long_as_its_hubs_take():
    dates = play(small())
    assert np.allclose(dates.months["NORTH"], 1_000_000 / 10_000 / DAYS_PER_MONTH)
    assert set((row(dates, "roll") - row(dates, "roll", "begins")).tolist()) == {100}
    growing = play(
        small(("per_month = 0", "per_month = 40_000"), ("old_stock_months = 0", "old_stock_months = 2"))
    )
    # 1 m hubs and 80,000 more before the new stock comes.
    assert np.allclose(growing.months["NORTH"], 1_080_000 / 10_000 / DAYS_PER_MONTH)


def test_the_share_in_which_a_task_is_critical_ends_at_a_release_day_that_is_waited_for():
    dates = play(small())
    goal = np.full(400, dates.place("roll"))
    found = {task.name: share for task, share in zip(dates.tasks, dates.critical(goal), strict=True)}
    assert found == {"roll": 1.0, "test": 1.0, "build": 0.0, "other": 0.0}
    free = play(small(('release = "june"\nstage = 1', "stage = 1")))
    found = dict(zip((task.name for task in free.tasks), free.critical(goal), strict=True))
    assert found["build"] == 1.0


def test_a_comparison_says_what_moves_and_what_does_not():
    found = comparison.compare(small(), runs=300, seed=1)
    (calm, hasty) = found.what_ifs
    moves = {one.name: one for one in calm.tasks}
    assert (moves["build"].days.p50, moves["build"].moves_share) == (30, 1.0)
    assert moves["test"].is_still
    assert moves["roll"].is_still
    assert [(number, begins.p50) for number, begins, _ in hasty.stages] == [(1, 0), (2, 0)]
    assert [one.begins_later_days.p50 for one in found.differences] == [0, 0]
    now, gradual = found.options[0].features
    assert set(now.reached) == {date(2022, 6, 30)}
    assert gradual.reached == (date(2022, 8, 1), date(2022, 9, 1), date(2022, 10, 1))
    assert gradual.p50[0] == 0
    assert gradual.p50[-1] == 1
    with pytest.raises(Invalid, match="0 futures"):
        comparison.compare(small(), runs=0, seed=1)


def test_the_same_seed_gives_the_same_dates():
    once, again, other = (comparison.compare(small(), runs=50, seed=seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1_000), min_size=3, max_size=3).map(sorted), st.floats(0, 1))
def test_a_triangular_law_stays_within_its_ends_and_rises(spread, at):
    levels = np.array((0.0, at, 1.0))
    low, middle, high = quantile(tuple(spread), levels).tolist()
    assert low == pytest.approx(spread[0])
    assert high == pytest.approx(spread[2])
    assert spread[0] - 1e-6 <= middle <= spread[2] + 1e-6


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.floats(1, 200))
def test_a_delay_never_makes_what_has_no_slots_earlier(seed, more):
    # With slots a delay may let another task go first, and be of use; without, it cannot.
    landscape = small(('slots = ["uit"]\nrelease', "release"), ('slots = ["uit"]\nnot_before', "not_before"))
    before, after = (
        schedule.play(landscape, landscape.options[0], runs=50, seed=seed, days_more=days)
        for days in (None, {"build": more})
    )
    assert (after.ends >= before.ends).all()


def test_luck_belongs_to_a_question():
    luck = Luck(runs=5, seed=1)
    assert (luck.uniform("a") == luck.uniform("a")).all()
    assert (luck.uniform("a") != luck.uniform("b")).all()
