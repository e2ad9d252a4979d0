"""What holds of every estate: blocks do not depend on their bounds, and Device IDs lead back."""

from collections import Counter
from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from safelaunch.domain import lots
from safelaunch.domain.identifiers import Eui64
from safelaunch.planning import draws, identities
from safelaunch.planning.estate import Block, describe

LARGE = describe(hubs=14_000_000, seed=2026)
SEEDS = st.integers(0, 2**64 - 1)
ARRAYS = [field.name for field in fields(Block) if field.name != "start"]


def assert_same(one: Block, other: Block) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@given(start=st.integers(0, LARGE.hubs - 400), cut=st.integers(0, 400))
@settings(max_examples=30, deadline=None)
def test_a_block_is_the_same_however_it_is_cut(start: int, cut: int) -> None:
    whole = LARGE.block(start, start + 400)
    parts = LARGE.block(start, start + cut), LARGE.block(start + cut, start + 400)
    for name in ARRAYS:
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(getattr(whole, name), joined, err_msg=name)


def test_blocks_longer_than_a_piece_are_the_same_too() -> None:
    whole = LARGE.block(13_900_000, 14_000_000)
    assert_same(
        LARGE.block(13_999_000, 14_000_000), Block(13_999_000, *(getattr(whole, n)[-1000:] for n in ARRAYS))
    )


def test_blocks_in_turn_cover_the_estate_once() -> None:
    estate = describe(hubs=2_500, seed=5)
    assert [(block.start, len(block)) for block in estate.blocks(size=1_000)] == [
        (0, 1000),
        (1000, 1000),
        (2000, 500),
    ]


@given(hubs=st.integers(1, 3_000), seed=SEEDS)
@settings(max_examples=12, deadline=None)
def test_the_same_seed_and_size_are_the_same_estate(hubs: int, seed: int) -> None:
    assert_same(describe(hubs=hubs, seed=seed).block(0, hubs), describe(hubs=hubs, seed=seed).block(0, hubs))


@given(start=st.integers(0, LARGE.hubs - 1), count=st.integers(1, 500))
@settings(max_examples=40, deadline=None)
def test_hub_device_ids_lead_back_to_their_index_and_no_other_ids_do(start: int, count: int) -> None:
    stop = min(start + count, LARGE.hubs)
    block = LARGE.block(start, stop)
    np.testing.assert_array_equal(LARGE.index_of(block.device_id), np.arange(start, stop))
    for ids in (block.gpf_device_id, block.esme_id, block.gsme_id, block.ppmid_id, block.hcalcs_id):
        assert (LARGE.index_of(ids) == -1).all()


@given(device_ids=st.lists(st.integers(0, 2**64 - 1), max_size=50))
def test_device_ids_of_nobody_are_not_found(device_ids: list[int]) -> None:
    found = LARGE.index_of(np.array(device_ids, np.uint64))
    known = {int(LARGE.block(at, at + 1).device_id[0]) for at in found.tolist() if at >= 0}
    assert known == {one for one, at in zip(device_ids, found.tolist(), strict=True) if at >= 0}


def test_the_ids_of_another_seed_are_not_found() -> None:
    other = describe(hubs=LARGE.hubs, seed=2027).block(0, 5_000)
    assert (LARGE.index_of(other.device_id) >= 0).mean() < 0.01


def test_the_id_that_arithmetic_would_give_the_last_hub_belongs_to_nobody() -> None:
    larger = describe(hubs=LARGE.hubs + 1, seed=2026)
    unused = larger.block(LARGE.hubs - 1, LARGE.hubs).device_id
    assert larger.index_of(unused).tolist() == [LARGE.hubs - 1]
    assert LARGE.index_of(unused).tolist() == [-1]


@given(values=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40))
def test_lots_and_scrambling_equal_the_rules_for_one(values: list[int]) -> None:
    array = np.array(values, np.uint64)
    assert draws.mix(array).tolist() == [lots.mix(value) for value in values]
    assert draws.lots_of(array).tolist() == [lots.lot_of(Eui64(value)) for value in values]


def test_the_lots_of_a_block_are_those_of_its_device_ids() -> None:
    block = LARGE.block(0, 2_000)
    assert block.lot.tolist() == [lots.lot_of(Eui64(value)) for value in block.device_id.tolist()]


@given(seed=SEEDS, indexes=st.lists(st.integers(0, 2**37 - 1), min_size=1, max_size=40))
def test_scrambled_indexes_come_back(seed: int, indexes: list[int]) -> None:
    key = identities.key_of(seed)
    scrambled = identities.scramble(np.array(indexes, np.int64), key=key)
    assert scrambled.max() < 2**37
    assert identities.unscramble(scrambled, key=key).tolist() == indexes


@given(weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=60).filter(lambda some: sum(some) > 1e-3))
def test_a_table_gives_every_outcome_its_share(weights: list[float]) -> None:
    slots = Counter(draws.table(range(len(weights)), [weights], bits=12).slots.tolist())
    assert sum(slots.values()) == 4096
    for outcome, weight in enumerate(weights):
        share = weight * 4096 / sum(weights)
        assert (slots[outcome] > 0) == (weight > 0)
        assert slots[outcome] >= min(int(share), 1)
        assert abs(slots[outcome] - share) <= len(weights) + 1


def test_the_words_of_one_index_do_not_follow_one_another() -> None:
    word = draws.words(np.arange(200_000), key=draws.stream_key(seed=1, stream=0)) / 65536
    together = np.corrcoef(np.vstack([word, word[:, ::-1], np.roll(word, 1, axis=1)]))
    assert np.abs(together - np.eye(len(together))).max() < 0.02
