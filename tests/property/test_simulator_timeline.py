"""However reports are taken, in whichever portions, and whoever restarts in between, they leave once and in order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.interfaces.simulator.timeline import Timeline
from safelaunch.planning.network import Reports

STRANDS = st.lists(st.lists(st.integers(0, 60), max_size=12).map(sorted), max_size=8)


def timeline_of(strands: list[list[int]]) -> Timeline:
    timeline = Timeline()
    for number, moments in enumerate(strands):
        due = np.array(moments, np.int64)
        reports = Reports(np.arange(len(due)), np.zeros(len(due), np.int8), due, due)
        timeline.add(reports, positions=np.arange(len(due)) + 1_000 * number)
    return timeline


@given(strands=STRANDS, portions=st.lists(st.tuples(st.integers(0, 70), st.integers(1, 9)), max_size=20))
def test_portions_make_the_whole_in_order_also_after_a_restart(
    strands: list[list[int]], portions: list[tuple[int, int]]
) -> None:
    timeline, sent, clock = timeline_of(strands), [], 0
    cursors: dict[int, int] = {}
    for until, limit in [*portions, *[(100, 1_000)]]:
        clock = max(clock, until)
        taken = timeline.take(until=clock, limit=limit)
        sent += list(zip(taken.happened_at.tolist(), taken.position.tolist(), strict=True))
        cursors.update(taken.cursors)
        timeline = timeline_of(strands)
        timeline.restore(list(cursors.items()))
    expected = [(at, 1_000 * n + i) for n, moments in enumerate(strands) for i, at in enumerate(moments)]
    assert sorted(sent) == sorted(expected)
    assert [at for at, _ in sent] == sorted(at for at, _ in expected)
    assert timeline.next_due is None


@given(strands=STRANDS, until=st.integers(0, 60))
def test_what_is_due_next_is_the_earliest_that_has_not_left(strands: list[list[int]], until: int) -> None:
    timeline = timeline_of(strands)
    timeline.take(until=until, limit=1_000)
    left = [at for moments in strands for at in moments if at > until]
    assert timeline.next_due == (min(left) if left else None)


@given(strands=STRANDS.filter(bool), taken=st.integers(0, 60), after=st.integers(0, 60))
def test_a_cut_takes_out_only_what_has_not_left_and_would_happen_later(
    strands: list[list[int]], taken: int, after: int
) -> None:
    timeline = timeline_of(strands)
    timeline.take(until=taken, limit=1_000)
    timeline.cut(0, positions=np.arange(0, 12, 2), after=after)
    rest = timeline.take(until=100, limit=1_000)
    expected = [
        1_000 * n + i
        for n, moments in enumerate(strands)
        for i, at in enumerate(moments)
        if at > taken and not (n == 0 and i % 2 == 0 and at > after)
    ]
    assert sorted(rest.position.tolist()) == expected
