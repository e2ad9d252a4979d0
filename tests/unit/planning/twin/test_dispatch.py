"""The queue against the rule said one hub at a time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.planning.twin.dispatch import Queue


def one_by_one(lines, combination, *, most, rooms, open_to):
    """Let each hub in line go, region after region, if every room has a place for it."""
    gone = []
    for region, wanted in most.items():
        sent = 0
        for hub in lines[region]:
            where = combination[hub]
            if sent < wanted and open_to[where] and all(left[place[where]] > 0 for place, left in rooms):
                for place, left in rooms:
                    left[place[where]] -= 1
                gone.append(hub)
                sent += 1
    return gone


@st.composite
def nights(draw):
    combinations = draw(st.integers(1, 6))
    hubs = draw(st.integers(1, 60))
    of = st.integers(0, combinations - 1)
    combination = np.array(draw(st.lists(of, min_size=hubs, max_size=hubs)), np.int32)
    # Every combination there is has a hub.
    combination[: min(hubs, combinations)] = np.arange(combinations)[: min(hubs, combinations)]
    nights = []
    for _ in range(draw(st.integers(1, 4))):
        rooms = []
        for _ in range(draw(st.integers(0, 3))):
            places = draw(st.integers(1, 3))
            place = draw(st.lists(st.integers(0, places - 1), min_size=combinations, max_size=combinations))
            left = draw(st.lists(st.integers(0, 12), min_size=places, max_size=places))
            rooms.append((np.array(place, np.int32), np.array(left, np.int64)))
        open_to = np.array(draw(st.lists(st.booleans(), min_size=combinations, max_size=combinations)))
        nights.append((rooms, open_to))
    region = np.array(
        draw(st.lists(st.integers(0, 2), min_size=combinations, max_size=combinations)), np.int32
    )
    return combination, region, nights


@settings(max_examples=150, deadline=None)
@given(nights(), st.randoms(use_true_random=False))
def test_a_night_takes_exactly_those_who_would_go_one_by_one(played, chance):
    combination, region, each = played
    combinations, regions = len(region), int(region.max()) + 1
    combination = combination % combinations
    everybody = np.arange(len(combination), dtype=np.int32)
    lines = [[hub for hub in everybody.tolist() if region[combination[hub]] == one] for one in range(regions)]
    queue = Queue(combination=combination, region=region)
    for rooms, open_to in each:
        order = chance.sample(range(regions), regions)
        most = {one: chance.choice([0, 2, len(lines[one])]) for one in order}
        expected = one_by_one(
            lines,
            combination,
            most=most,
            rooms=[(place, left.copy()) for place, left in rooms],
            open_to=open_to,
        )
        taken = queue.take(most=most, rooms=rooms, open_to=open_to).tolist()
        assert taken == expected
        assert all((left >= 0).all() for _, left in rooms)
        lines = [[hub for hub in line if hub not in taken] for line in lines]
        waiting = [hub for line in lines for hub in line]
        named = chance.sample(waiting, min(2, len(waiting)))
        queue.withdraw(np.array(sorted(named), np.int32))
        again = sorted(chance.sample(taken + named, len(taken + named) // 3))
        queue.put_back(np.array(again, np.int32))
        lines = [
            [hub for hub in again if region[combination[hub]] == one]
            + [hub for hub in line if hub not in named]
            for one, line in enumerate(lines)
        ]
        waiting = [hub for line in lines for hub in line]
        assert queue.waiting_in() == {one: len(line) for one, line in enumerate(lines)}
        assert len(queue) == len(waiting)
        assert set(everybody[queue.are_waiting(everybody)].tolist()) == set(waiting)
        counted = (
            np.bincount(combination[waiting], minlength=combinations) if waiting else np.zeros(combinations)
        )
        assert queue.waiting_of(np.arange(combinations) == 0) == counted[0]


def test_no_more_go_than_are_wanted_and_gaps_do_not_matter():
    combination = np.arange(30_000, dtype=np.int32) % 7
    queue, seen = Queue(combination=combination, region=np.zeros(7, np.int32)), []
    everywhere = np.ones(7, np.bool_)
    while len(queue):
        taken = queue.take(most={0: 4_321}, rooms=[], open_to=everywhere)
        assert len(taken) == min(4_321, 30_000 - len(seen))
        seen += taken.tolist()
    assert seen == list(range(30_000))
