"""Moves told once for all endpoints: the engine comes to what it comes to when every endpoint tells them itself."""

from dataclasses import replace

import numpy as np
import pytest

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.lights import CELLS, Level
from safelaunch.planning.evidence.counts import BadEvidence, EndpointDay, keep
from safelaunch.planning.evidence.engine import Engine, EngineRules
from safelaunch.planning.evidence.ratios import DECISION_GRID, GRID
from tests.unit.planning.evidence.ground import Fleet, history, layout

DAYS = 18
FROZEN = layout(hubs=40, regions=2, models=2, esmes=3, gsmes=2)
QUARANTINED = np.arange(len(FROZEN.combinations)) % 5 == 0


def days() -> list[EndpointDay]:
    """Joins, ageing, failures, controls that are spared, repeats and returns, with moves told apart."""
    fleet, found = Fleet(FROZEN, seed=3), []
    for day in range(DAYS):
        fleet.upgrade(40)
        fleet.exposure.leave(fleet.order[40 * day : 40 * day + 3])
        fleet.exposure.leave(fleet.order[-2 * day - 2 :])
        for endpoint in range(len(ENDPOINTS)):
            fleet.befall(endpoint, np.where(fleet.treated, 0.05, 0.02))
        found += fleet.exposure.end_day()
    return found


APART = days()


def weighed(parts: list[EndpointDay], *, left_out=None, **rules) -> Engine:
    into = Engine(FROZEN, history=history(FROZEN, rate=0.02), rules=EngineRules(**rules), left_out=left_out)
    for part in parts:
        into.fold(part)
    return into


@pytest.mark.parametrize(
    ("left_out", "rules"),
    [(None, {}), (QUARANTINED, {}), (QUARANTINED, {"leaves_out_controls": False})],
)
def test_moves_told_apart_weigh_as_they_do_in_every_endpoint_s_rows(left_out, rules):
    apart = weighed(APART, left_out=left_out, **rules)
    whole = weighed([part.whole() for part in APART], left_out=left_out, **rules)
    for one, other in zip(apart.endpoints, whole.endpoints, strict=True):
        assert np.array_equal(one.filter.at_risk, other.filter.at_risk)
        assert np.array_equal(one.control, other.control)
        for level in CELLS:
            assert np.array_equal(one.at_risk[level], other.at_risk[level])
            assert (one.at_risk[level] >= 0).all()
        assert one.sums == pytest.approx(other.sums, abs=1e-9)
    assert apart.evidence() == pytest.approx(whole.evidence(), abs=1e-9)


def test_whoever_leaves_is_counted_in_one_group_and_prepayers_apart():
    moves = APART[0].moves
    assert moves is not None
    assert [len(group.combination) for group in moves.groups] == [40, 3, 2]
    assert len(moves) == 45
    (prepay,) = (at for at, one in enumerate(ENDPOINTS) if one.prepay_only)
    joined = [int(part.whole().treated_change.sum()) for part in APART[: len(ENDPOINTS)]]
    assert joined[prepay] == moves.joined.prepay.sum() - moves.left.prepay.sum()
    assert {one for at, one in enumerate(joined) if at != prepay} == {37}


def test_a_part_and_its_moves_come_back_from_where_they_were_put():
    for part in APART[-len(ENDPOINTS) :]:
        back = keep(part).part()
        assert isinstance(back, EndpointDay)
        assert back.digest() == part.digest()
        assert part.digest() != replace(part, moves=None).digest()


def test_moves_of_combinations_that_do_not_exist_are_refused():
    part, fewer = APART[0], layout(hubs=40, regions=1, models=1, esmes=1, gsmes=1)
    assert part.moves is not None
    into = Engine(fewer, history=history(fewer))
    empty = replace(
        part,
        **dict.fromkeys(("combination", "treated_change", "control_change"), part.combination[:0]),
        **dict.fromkeys(("treated_events", "control_events"), part.combination[:0]),
        sums=(0, 0, 0, 0),
    )
    with pytest.raises(BadEvidence, match="changed arms on day 0 name a combination"):
        into.fold(empty)
    short = replace(part.moves, joined=part.moves.joined._replace(prepay=part.moves.joined.prepay[1:]))
    with pytest.raises(BadEvidence, match="changed arms on day 0 have columns of different lengths"):
        weighed([replace(part, moves=short)])


def test_ratios_between_those_that_decide_change_no_evidence_when_they_are_left_out():
    every, some = weighed(APART), weighed(APART, intervals_of=(Level.CAMPAIGN,))
    assert np.array_equal(every.evidence(), some.evidence())
    between = [at for at, ratio in enumerate(GRID) if ratio not in DECISION_GRID]
    gas = FROZEN.unit_of[Level.HUB_GSME]
    assert np.array_equal(every.endpoints[0].sums[0], some.endpoints[0].sums[0])
    assert some.endpoints[0].sums[gas][:, between].any() == 0


def test_an_engine_that_knows_no_repeats_refuses_them():
    into = weighed(APART, recognises_repeats=False)
    with pytest.raises(BadEvidence, match="has been counted, and differently"):
        into.fold(APART[0])
    assert weighed(APART).fold(APART[0]) is False
