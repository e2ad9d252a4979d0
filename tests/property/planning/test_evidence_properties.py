"""Nobody opens a gate on missing evidence: whatever is dropped, delayed, repeated or changed, the answer gets no milder."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain import growth, lights
from safelaunch.domain.assurance import StageEvidence, assess
from safelaunch.domain.campaigns import Phase
from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.gates import Verdict
from safelaunch.domain.lights import Light
from safelaunch.planning.evidence.counts import ActivationDay, BadEvidence, Part
from safelaunch.planning.evidence.engine import Measured
from safelaunch.planning.evidence.watch import Watch, rooms
from tests.unit.planning.evidence.ground import HALF_HOURS, HAN, PREPAY, RULES, WAN, Fleet, history, layout

DAYS = 12
LAYOUT = layout(hubs=60, regions=2, models=2, esmes=2, gsmes=2)
NOBODY_SENT = np.zeros(len(LAYOUT.units), np.int64)
ALL_PROVEN = np.full(len(LAYOUT.units), 100, np.int64)


def story(*, seed: int, harm: float) -> list[Part]:
    """A campaign's parts in the order in which they become known."""
    fleet = Fleet(LAYOUT, seed=seed)
    found: list[Part] = []
    for _ in range(DAYS):
        fleet.upgrade(30)
        for endpoint in (WAN, HAN, PREPAY, HALF_HOURS):
            fleet.befall(endpoint, np.where(fleet.treated, harm, 0.004))
        found += fleet.close()
    return found


def told(parts: list[Part]) -> Watch:
    """A watch that takes in what it can, as production does, and leaves out what is unreadable."""
    watch = Watch(LAYOUT, history(LAYOUT, rate=0.004), RULES)
    waiting = list(parts)
    progress = True
    while progress:
        progress, again = False, []
        for part in waiting:
            try:
                watch.take_in([part])
                progress = True
            except BadEvidence:
                again.append(part)
        waiting = again
    watch.judge(today=DAYS - 1)
    return watch


def gate(watch: Watch) -> Verdict:
    """A gate at which everything but the evidence is well."""
    evidence = StageEvidence(
        phase=Phase.PILOT,
        days_behind=0,
        pairs_short=0,
        is_frozen=True,
        sent=100,
        mature=100,
        judgements=tuple(watch.judgements),
        excess=(0.0, 0.0) if None not in watch.excess(today=DAYS - 1) else watch.excess(today=DAYS - 1),
        open_objections=0,
    )
    return assess(evidence, rules=RULES).verdict


WHOLE = story(seed=1, harm=0.004)
HARMFUL = story(seed=2, harm=0.15)


def test_with_everything_told_good_firmware_passes_and_bad_firmware_fails():
    good = told(WHOLE)
    assert gate(good) is Verdict.PASS
    assert rooms(
        good, sent=NOBODY_SENT, proven=ALL_PROVEN, has_rested=np.zeros(len(LAYOUT.units), bool)
    ).all()
    assert gate(told(HARMFUL)) is Verdict.FAIL


def must_be_known(part: Part) -> bool:
    """Whether a part is due by the last evening."""
    late = 0 if isinstance(part, ActivationDay) else ENDPOINTS[part.endpoint].seen_after_days
    return part.day + late <= DAYS - 1


DUE = [at for at, part in enumerate(WHOLE) if must_be_known(part)]


@given(dropped=st.sets(st.sampled_from(DUE), min_size=1))
@settings(max_examples=30, deadline=None)
def test_a_dropped_part_holds_the_gate_and_every_room(dropped: set[int]):
    watch = told([part for at, part in enumerate(WHOLE) if at not in dropped])
    assert gate(watch) is not Verdict.PASS
    no_rest = np.zeros(len(LAYOUT.units), bool)
    cells = [at for at, unit in enumerate(LAYOUT.units) if unit.level in lights.CELLS]
    assert not rooms(watch, sent=NOBODY_SENT, proven=ALL_PROVEN, has_rested=no_rest)[cells].any()


@given(order=st.permutations(range(len(WHOLE))))
@settings(max_examples=15, deadline=None)
def test_parts_that_come_late_or_out_of_order_change_nothing_once_they_are_there(order: list[int]):
    shuffled = told([WHOLE[at] for at in order])
    assert np.array_equal(shuffled.engine.evidence(), told(WHOLE).engine.evidence())


@given(repeated=st.lists(st.integers(0, len(HARMFUL) - 1), min_size=1, max_size=20))
@settings(max_examples=15, deadline=None)
def test_repeated_parts_are_counted_once(repeated: list[int]):
    watch = told([*HARMFUL, *(HARMFUL[at] for at in repeated)])
    assert watch.standing == told(HARMFUL).standing


@given(
    at=st.sampled_from([at for at in DUE if not isinstance(WHOLE[at], ActivationDay)]),
    data=st.data(),
)
@settings(max_examples=30, deadline=None)
def test_a_part_that_lost_a_row_on_its_way_is_unreadable_and_holds_the_gate(at: int, data: st.DataObject):
    part = WHOLE[at]
    assert not isinstance(part, ActivationDay)
    counted = np.flatnonzero(
        part.treated_change | part.control_change | part.treated_events | part.control_events
    )
    row = data.draw(st.sampled_from(counted.tolist()))
    columns = ("combination", "treated_change", "control_change", "treated_events", "control_events")
    cut = replace(part, **{name: np.delete(getattr(part, name), row) for name in columns})
    parts = list(WHOLE)
    parts[at] = cut
    lost_evenly = tuple(int(getattr(cut, name).sum()) for name in columns[1:]) == part.sums
    assert not lost_evenly
    assert gate(told(parts)) is not Verdict.PASS


evidence = st.one_of(st.none(), st.floats(-5, 12, allow_nan=False), st.just(float("nan")))


@given(numbers=st.lists(evidence, min_size=5, max_size=5))
@settings(max_examples=200, deadline=None)
def test_units_that_are_not_judged_one_by_one_are_those_that_would_be_green(numbers: list[float | None]):
    row = np.array([np.nan if number is None else number for number in numbers])
    measured = Measured(LAYOUT, np.tile(row[:4], (len(LAYOUT.units), 1)), np.full(len(LAYOUT.units), row[4]))
    quiet = measured.are_quiet(rules=RULES)
    for at, reading in enumerate(measured.readings(range(len(LAYOUT.units)))):
        judgement = lights.judge(reading, rules=RULES)
        is_green = judgement.light is Light.GREEN and judgement.verdict is Verdict.PASS
        assert is_green or not quiet[at]


@given(
    sent=st.integers(0, 500),
    proven=st.integers(0, 500),
    rested=st.booleans(),
    loud=st.sampled_from([None, 0, 5, len(LAYOUT.units) - 1]),
)
@settings(max_examples=60, deadline=None)
def test_rooms_over_the_whole_fleet_are_those_of_the_rule(
    sent: int, proven: int, rested: bool, loud: int | None
):
    watch = told([])
    watch.judgements = [
        lights.Judgement(unit, Light.AMBER if at == loud else Light.GREEN, Verdict.PASS, -1.0, "")
        for at, unit in enumerate(LAYOUT.units)
    ]
    units = len(LAYOUT.units)
    found = rooms(
        watch, sent=np.full(units, sent), proven=np.full(units, proven), has_rested=np.full(units, rested)
    )
    for at, unit in enumerate(LAYOUT.units):
        if unit.level in (*lights.CELLS, lights.Level.REGION):
            over = {at, watch.hub_model_of[at], 0} if unit.level in lights.CELLS else {at, 0}
            allowed = growth.factor([watch.judgements[place] for place in over], rules=RULES)
            assert found[at] == growth.room(
                sent=sent, proven=proven, growth=allowed, rules=RULES, has_rested=rested
            )
