"""Everyone's turn comes once, in an order that nobody chose and anybody can work out."""

from hypothesis import example, given
from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.lots import LOTS, lot_of, lots_from, mix, offset_of, place

a_lot = st.integers(0, LOTS - 1)


@given(a_lot, a_lot)
def test_a_place_is_in_range_and_gives_the_lot_back(lot, offset):
    assert 0 <= place(lot=lot, offset=offset) < LOTS
    assert (place(lot=lot, offset=offset) + offset) % LOTS == lot


@given(a_lot)
def test_the_lot_at_the_offset_goes_first_and_the_one_before_it_last(offset):
    assert place(lot=offset, offset=offset) == 0
    assert place(lot=(offset - 1) % LOTS, offset=offset) == LOTS - 1


@given(st.integers(0, LOTS), a_lot)
@example(0, 0)
@example(LOTS, 0)
@example(LOTS - 1, 5)
@example(5, LOTS - 5)
def test_the_lots_from_a_place_are_exactly_those_whose_turn_is_still_to_come(start, offset):
    stretches = lots_from(start=start, offset=offset)
    assert sum(len(stretch) for stretch in stretches) == LOTS - start
    places = [place(lot=lot, offset=offset) for stretch in stretches for lot in (stretch[0], stretch[-1])]
    assert places == sorted(places)
    assert all(start <= each < LOTS for each in places)
    assert all(0 <= stretch.start < stretch.stop <= LOTS for stretch in stretches)


@given(st.integers(0, (1 << 64) - 1))
def test_a_hubs_lot_is_in_range_and_always_the_same(value):
    assert 0 <= lot_of(Eui64(value)) < LOTS
    assert lot_of(Eui64(value)) == lot_of(Eui64(value))


def test_the_scrambler_is_the_published_one_on_every_machine():
    # The first outputs of SplitMix64 from seed 0 (Vigna's reference implementation).
    step = 0x9E3779B97F4A7C15
    assert [mix(turn * step % (1 << 64)) for turn in range(3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_neighbouring_device_ids_are_spread_over_the_whole_round():
    tenths = [0] * 10
    for serial in range(10_000):
        tenths[lot_of(Eui64(0x00DB123456000000 + serial)) * 10 // LOTS] += 1
    assert all(850 < count < 1_150 for count in tenths)


def test_two_campaigns_have_different_orders_and_each_keeps_its_own():
    offsets = {offset_of(f"CH-2026-{number:02}") for number in range(100)}
    assert len(offsets) == 100
    assert offset_of("CH-2026-01") == offset_of("CH-2026-01")
    assert all(0 <= offset < LOTS for offset in offsets)
