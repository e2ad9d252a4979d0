"""The twin's parts on their own: the queue, the fleet, the world, the rivals."""

import numpy as np
import pytest

from safelaunch.domain.smi import Region
from safelaunch.planning import estate, scenarios
from safelaunch.planning.scenarios import CellOf, Where
from safelaunch.planning.twin.dispatch import Queue, places_in_line
from safelaunch.planning.twin.fleet import Fleet, Gathering, gather
from safelaunch.planning.twin.rivals import rank_test
from safelaunch.planning.twin.world import HAN, PREPAY, WAN, World, meant


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return gather(estate.describe(hubs=20_000, seed=2))


def world(fleet: Fleet, name: str, *, seed: int = 1) -> World:
    return World(scenario=scenarios.load(name), fleet=fleet, seed=seed)


def test_places_in_line_count_equals_before():
    assert places_in_line(np.array([7, 3, 7, 7, 3], np.int32)).tolist() == [0, 0, 1, 2, 1]


def test_the_queue_keeps_its_order_and_its_rooms():
    queue = Queue(combination=np.array([0, 0, 1, 0, 1, 2], np.int32), region=np.zeros(3, np.int32))
    place, left = np.array([0, 1, 1], np.int32), np.array([2, 2], np.int64)
    everywhere = np.ones(3, np.bool_)
    taken = queue.take(most={0: 9}, rooms=[(place, left)], open_to=everywhere)
    assert sorted(taken.tolist()) == [0, 1, 2, 4]
    assert left.tolist() == [0, 0]
    assert len(queue) == 2


def test_hubs_of_closed_combinations_keep_their_place():
    queue = Queue(combination=np.array([0, 1, 0, 1], np.int32), region=np.zeros(2, np.int32))
    taken = queue.take(most={0: 4}, rooms=[], open_to=np.array([False, True]))
    assert taken.tolist() == [1, 3]
    assert queue.waiting_of(np.array([True, False])) == 2


def test_hubs_that_were_not_reached_come_first_next_time():
    queue = Queue(combination=np.zeros(6, np.int32), region=np.zeros(1, np.int32))
    first = queue.take(most={0: 3}, rooms=[], open_to=np.ones(1, np.bool_))
    queue.put_back(first[1:2])
    again = queue.take(most={0: 2}, rooms=[], open_to=np.ones(1, np.bool_))
    assert again.tolist() == [first[1], 3]


def test_a_fleet_is_the_same_however_its_blocks_are_cut(fleet):
    described = estate.describe(hubs=20_000, seed=2)
    gathering = Gathering(described)
    for block in described.blocks(size=3_333):
        gathering.add(block)
    again = gathering.finish()
    assert np.array_equal(again.combination, fleet.combination)
    assert np.array_equal(again.prepay, fleet.prepay)


def test_combinations_count_the_hubs_of_the_fleet(fleet):
    counted = np.bincount(fleet.combination, minlength=len(fleet.combinations))
    assert np.array_equal(counted, fleet.combinations.hubs)
    assert fleet.combinations.prepay.sum() == fleet.prepay.sum()
    assert 0.8 * 20_000 < len(fleet) < 20_000


def test_what_happens_on_a_day_does_not_depend_on_who_asks(fleet):
    one, other = world(fleet, "healthy"), world(fleet, "healthy")
    other.activate(np.arange(5_000, dtype=np.int32), day=0)
    other.happenings(0)
    for (first, hubs), (second, same) in zip(one.happenings(7), other.happenings(7), strict=True):
        assert first == second
        assert np.array_equal(hubs, same)


def test_ordinary_events_come_at_the_rates_of_the_scenario(fleet):
    some = world(fleet, "healthy")
    days = [some.happenings(day) for day in range(60)]
    counted = np.zeros(4)
    for day in days:
        for endpoint, hubs in day:
            counted[endpoint] += len(hubs)
            assert endpoint != PREPAY or fleet.prepay[hubs].all()
    hubs = np.array([len(fleet), len(fleet), fleet.prepay.sum(), len(fleet)])
    assert counted / hubs / 60 == pytest.approx(some.rates(), rel=0.25)


def test_history_is_what_regions_were_like_before(fleet):
    found = world(fleet, "benign-shift").history()
    large = [fleet.regions.index(region) for region in (Region.NORTH, Region.CENTRAL, Region.SOUTH)]
    assert found[:, HAN, large].mean() == pytest.approx(0.0075 / 7, rel=0.3)


def test_an_outage_cuts_off_old_and_new_hubs_of_one_region_on_one_day(fleet):
    some = world(fleet, "regional-outage")
    struck = [(day, hubs) for day in range(45) for endpoint, hubs in some.happenings(day) if endpoint == WAN]
    day, hubs = max(struck, key=lambda found: len(found[1]))
    regions = np.bincount(fleet.combinations.region[fleet.combination[hubs]], minlength=6)
    of_region = np.bincount(fleet.combinations.region[fleet.combination], minlength=6)
    assert 5 <= day <= 40
    assert regions.max() / of_region[regions.argmax()] == pytest.approx(0.32, abs=0.06)


def test_defects_strike_the_same_hubs_whatever_the_order(fleet):
    one, other = world(fleet, "bricked-1pct"), world(fleet, "bricked-1pct")
    hubs = np.arange(10_000, dtype=np.int32)
    one.activate(hubs, day=0)
    other.activate(hubs[5_000:], day=3)
    other.activate(hubs[:5_000], day=5)
    assert np.array_equal(one.harmed, other.harmed)
    assert one.harmed.sum() == pytest.approx(100, abs=35)


def test_a_fault_with_a_calendar_harms_nobody_before_its_day(fleet):
    some = world(fleet, "calendar-trigger")
    some.activate(np.arange(len(fleet), dtype=np.int32), day=0)
    some.happenings(39)
    assert not some.harmed.any()
    some.happenings(40)
    assert some.harmed.any()
    guilty = np.unique(fleet.combinations.hub_model[fleet.combination[some.harmed]])
    assert len(guilty) == 1


def test_a_cell_is_drawn_among_those_of_its_share(fleet):
    where = Where(cell=CellOf.ESME, share=(0.005, 0.05))
    cells = set()
    for seed in range(12):
        members = meant(where, fleet=fleet, seed=seed)
        share = fleet.combinations.hubs[members].sum() / len(fleet)
        assert 0.005 <= share <= 0.05
        cells.add(int(np.flatnonzero(members)[0]))
    assert len(cells) > 3


def test_hubs_that_a_defect_silenced_answer_no_read(fleet):
    some = world(fleet, "catastrophe")
    some.activate(np.arange(1_000, dtype=np.int32), day=0)
    assert some.is_gone(np.arange(1_000, dtype=np.int32)).mean() == pytest.approx(0.6, abs=0.06)
    lossy = world(fleet, "interop-cell")
    lossy.activate(np.arange(len(fleet), dtype=np.int32), day=0)
    assert lossy.harmed.any()
    assert not lossy.is_gone(np.flatnonzero(lossy.harmed).astype(np.int32)).any()


def test_confirmations_are_lost_and_mostly_recovered(fleet):
    arrivals = world(fleet, "lost-confirmations").instruct(np.arange(15_000, dtype=np.int32), attempt=0)
    known = arrivals.known_after[arrivals.reached]
    assert np.mean(known < 0) == pytest.approx(0.03, abs=0.01)
    assert np.mean(known == arrivals.after[arrivals.reached]) == pytest.approx(0.80, abs=0.02)


def test_the_rank_test_is_that_of_mann_and_whitney():
    ahead, behind = np.arange(10.0) + 10, np.arange(10.0)
    assert rank_test(ahead, behind) < 0.0002
    assert rank_test(behind, ahead) > 0.999
    assert rank_test(np.zeros(5), np.zeros(5)) == 0.5
