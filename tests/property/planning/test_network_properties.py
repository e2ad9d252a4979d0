"""Results depend on the seed and the hub, not on the order or grouping in which hubs are asked about."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain import lots
from safelaunch.planning import network, scenarios
from safelaunch.planning.chance import Draws, Stream
from safelaunch.planning.network import Before, HubFeatures, Outcomes, Reports

WORLD = scenarios.load("delayed")
DEVICE_IDS = st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=40, unique=True)
SEEDS = st.integers(0, 2**64 - 1)


def hubs_of(device_ids: list[int]) -> HubFeatures:
    numbers = np.array(device_ids, np.uint64)
    return HubFeatures(
        device_id=numbers,
        region=(numbers % np.uint64(6)).astype(np.int8),
        model=np.zeros(len(numbers), np.int16),
        reach=(numbers % np.uint64(3)).astype(np.int8),
    )


def instruct(hubs: HubFeatures, *, seed: int) -> Outcomes:
    before = Before.untouched(len(hubs.device_id))
    return network.outcomes(scenario=WORLD, seed=seed, hubs=hubs, attempt=1, instructed_at=0, before=before)


def told(hubs: HubFeatures, reports: Reports) -> set[tuple[int, int, int, int]]:
    ids = hubs.device_id[reports.hub].tolist()
    return set(
        zip(ids, reports.kind.tolist(), reports.happened_at.tolist(), reports.due_at.tolist(), strict=True)
    )


def reports_of(hubs: HubFeatures, *, seed: int) -> set[tuple[int, int, int, int]]:
    outcome = instruct(hubs, seed=seed)
    return told(hubs, network.reports_of(scenario=WORLD, seed=seed, hubs=hubs, attempt=1, outcome=outcome))


@given(device_ids=DEVICE_IDS, seed=SEEDS, data=st.data())
def test_order_and_grouping_of_hubs_change_nothing(
    device_ids: list[int], seed: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(device_ids))
    cut = data.draw(st.integers(1, len(device_ids) - 1))
    together = reports_of(hubs_of(device_ids), seed=seed)
    apart = reports_of(hubs_of(shuffled[:cut]), seed=seed) | reports_of(hubs_of(shuffled[cut:]), seed=seed)
    assert together == apart


@given(device_ids=DEVICE_IDS, seed=SEEDS, day=st.integers(0, 400))
@settings(max_examples=50)
def test_silences_of_a_day_do_not_depend_on_who_else_is_asked_about(
    device_ids: list[int], seed: int, day: int
) -> None:
    def silent(ids: list[int]) -> set[tuple[int, int, int]]:
        hubs = hubs_of(ids)
        found = network.background(
            scenario=scenarios.load("regional-outage"), seed=seed, hubs=hubs, day=day, starts_at=0
        )
        return set(
            zip(hubs.device_id[found.hub].tolist(), found.since.tolist(), found.until.tolist(), strict=True)
        )

    assert silent(device_ids) == silent(device_ids[:1]) | silent(device_ids[1:])


@given(device_ids=DEVICE_IDS, seed=SEEDS)
def test_every_hub_ends_in_exactly_one_way_and_in_the_order_of_things(
    device_ids: list[int], seed: int
) -> None:
    outcome = instruct(hubs_of(device_ids), seed=seed)
    never = network.NEVER
    ends = [outcome.not_reached_at, outcome.activated_at, outcome.failed_at]
    assert (sum((end != never).astype(int) for end in ends) == 1).all()
    acted_at = np.minimum(outcome.activated_at, outcome.failed_at)
    reached = acted_at != never
    assert (outcome.delivered_at[reached] <= acted_at[reached]).all()
    assert (outcome.activated_at[outcome.harmed] < outcome.quiet_at[outcome.harmed]).all()


@given(device_ids=DEVICE_IDS, seed=SEEDS, turn=st.integers(0, 2**32))
def test_draws_are_even_fractions_that_follow_from_the_rule_for_one(
    device_ids: list[int], seed: int, turn: int
) -> None:
    drawn = Draws(seed=seed, device_ids=np.array(device_ids, np.uint64), turn=turn).uniform(Stream.REACH)
    key = lots.mix(lots.mix(lots.mix(seed) ^ lots.mix(turn)) + Stream.REACH)
    assert drawn.tolist() == [(lots.mix(lots.mix(one) ^ key) >> 11) * 2.0**-53 for one in device_ids]
    assert ((drawn >= 0) & (drawn < 1)).all()
