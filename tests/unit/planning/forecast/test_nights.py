import dataclasses

import pytest

from safelaunch.domain.refusals import Invalid
from safelaunch.planning.forecast import practice
from safelaunch.planning.forecast.nights import HORIZON, Finish, Proof, Track, WhatIf, forecast, holds

STEADY = Track("NORTH", remaining=10_000, capacity=1_000, parts=(0.5,) * 60)


def test_a_steady_campaign_is_done_when_its_hubs_are_and_holds_only_make_it_later():
    found = forecast([STEADY], paths=300)["NORTH"]
    assert found.p10 == 20
    assert 20 <= found.p50 <= found.p90 <= 40
    assert forecast([dataclasses.replace(STEADY, remaining=0)], paths=20)["all"] == Finish(0, 0, 0)


def test_all_regions_are_done_when_the_last_is():
    late = dataclasses.replace(STEADY, name="SOUTH", remaining=30_000)
    found = forecast([STEADY, late], paths=300)
    assert found["all"] == found["SOUTH"]
    assert found["NORTH"].p50 < found["SOUTH"].p50


def test_what_if_moves_the_finish_with_the_same_luck():
    plain, double, closed = (
        forecast([STEADY], paths=300, what_if=what_if)["NORTH"]
        for what_if in (None, WhatIf(capacity=2.0), WhatIf(closed=frozenset(range(5, 12))))
    )
    assert double.p10 == 10
    assert closed.p10 == plain.p10 + 7
    assert forecast([STEADY], paths=300)["NORTH"] == plain


def test_hubs_that_come_back_take_nights_too_and_a_worn_out_network_never_ends():
    again = dataclasses.replace(STEADY, comes_back=0.5)
    assert forecast([again], paths=300)["NORTH"].p10 == 40
    closed = dataclasses.replace(STEADY, capacity=0)
    assert forecast([closed], paths=20)["all"] == Finish(None, None, None)


def test_proof_holds_a_night_below_what_the_networks_carry():
    proof = Proof(sent=100, proven=20, pending=(0, 0, 80, 0, 0, 0, 0), floor=10, growth=4.0)
    fast = Track("NORTH", remaining=400, capacity=1_000, parts=(1.0,) * 60)
    assert forecast([fast], paths=300)["NORTH"].p10 == 1
    # Nothing may go before the third night, then 310 until those have soaked.
    assert forecast([fast], proof=proof, paths=300)["NORTH"].p10 == 10
    # Without any proof to come nothing ever goes.
    stuck = Proof(sent=10, proven=0, pending=(), floor=10, growth=4.0)
    assert forecast([fast], proof=stuck, paths=20)["NORTH"].p50 is None


def test_a_campaign_without_a_night_is_forecast_by_what_is_usual():
    found = forecast([dataclasses.replace(STEADY, parts=())], paths=300)["NORTH"]
    assert 10 <= found.p10 <= found.p50 <= 16


def test_held_nights_are_no_nights_of_little_room_but_holds():
    often = dataclasses.replace(STEADY, parts=((0.5,) * 6 + (0.0,) * 2) * 8)
    found, calm = (forecast([track], paths=300)["NORTH"] for track in (often, STEADY))
    assert found.p50 > calm.p50


def test_what_cannot_be_forecast_is_refused():
    with pytest.raises(Invalid, match="at least one region"):
        forecast([])
    with pytest.raises(Invalid, match="different nights"):
        forecast([STEADY, dataclasses.replace(STEADY, parts=(0.5,))])


def test_an_outcome_holds_between_the_ends_both_included():
    finish = Finish(10, 12, 20)
    assert [holds(finish, happened=night) for night in (9, 10, 20, 21)] == [False, True, True, False]
    assert holds(Finish(10, None, None), happened=HORIZON)


def test_forecasts_of_campaigns_with_a_hidden_nature_are_neither_too_sure_nor_too_vague():
    """The command tries 200; here a few, with bounds as wide as so few need."""
    tried = list(practice.practise(campaigns=40, seed=3, paths=200))
    found = practice.score(tried)
    assert found.outcomes == 160
    assert 0.65 <= found.held_share <= 0.92
    assert found.held_share + found.below_share + found.above_share == pytest.approx(1)
    assert 0.3 <= found.late_share <= 0.7
    assert found.width_mean < 0.5
    assert next(practice.practise(campaigns=1, seed=3, paths=200)) == tried[0]
