"""Tonight's tranche: shared fairly, within every limit, and never more than was earned by proof."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from safelaunch.domain.campaigns import CampaignRules, Phase
from safelaunch.domain.tranches import (
    Exposure,
    RegionRoom,
    TrancheOrder,
    Withheld,
    ceiling,
    compose,
    left_in_phase,
    share_out,
)

RULES = CampaignRules()
counts = st.integers(0, 20_000_000)
limits = st.dictionaries(st.integers(1, 8), counts, min_size=1, max_size=8)
rooms = st.dictionaries(
    st.integers(1, 8),
    st.builds(RegionRoom, remaining=counts, capacity=st.integers(0, 200_000)),
    min_size=1,
    max_size=8,
)
exposures = st.builds(
    Exposure, sent=counts, proven=counts, eligible=counts, pilot_size=st.integers(0, 20_000)
)
running = st.sampled_from([Phase.PILOT, Phase.SAFE_LAUNCH, Phase.MASS_ROLL_OUT])


@given(counts, limits)
def test_sharing_loses_nothing_and_never_passes_a_limit(total, limits):
    shares = share_out(total, limits)
    assert sum(shares.values()) == min(total, sum(limits.values()))
    assert all(0 <= shares[key] <= limit for key, limit in limits.items())


@given(counts, limits)
def test_every_share_is_within_one_of_its_exact_proportion(total, limits):
    whole = sum(limits.values())
    assume(0 < total < whole)
    for key, share in share_out(total, limits).items():
        assert abs(share * whole - total * limits[key]) < whole


@given(counts, limits)
def test_sharing_does_not_depend_on_the_order_of_the_regions(total, limits):
    assert share_out(total, dict(reversed(limits.items()))) == share_out(total, limits)


@given(running, exposures, st.integers(0, 400), rooms)
def test_a_tranche_never_takes_exposure_past_what_proof_allows(phase, exposure, day, rooms):
    order = compose(phase=phase, rules=RULES, exposure=exposure, day_of_phase=day, regions=rooms)
    allowed = ceiling(phase=phase, rules=RULES, exposure=exposure, day_of_phase=day)
    if isinstance(order, TrancheOrder):
        assert 0 < order.total <= allowed - exposure.sent
        for region, count in order.counts.items():
            assert 0 < count <= min(rooms[region].remaining, rooms[region].capacity)
    else:
        assert order.reason


@given(exposures, st.integers(0, 400))
def test_without_proof_exposure_stops_at_the_floor(exposure, day):
    unproven = Exposure(
        sent=exposure.sent, proven=0, eligible=exposure.eligible, pilot_size=exposure.pilot_size
    )
    for phase in (Phase.SAFE_LAUNCH, Phase.MASS_ROLL_OUT):
        assert ceiling(phase=phase, rules=RULES, exposure=unproven, day_of_phase=day) <= RULES.growth_floor


@given(exposures, st.integers(0, 400), st.integers(0, 1_000_000))
def test_more_proof_never_means_less_exposure(exposure, day, more):
    stronger = Exposure(
        sent=exposure.sent,
        proven=exposure.proven + more,
        eligible=exposure.eligible,
        pilot_size=exposure.pilot_size,
    )
    for phase in (Phase.PILOT, Phase.SAFE_LAUNCH, Phase.MASS_ROLL_OUT):
        before = ceiling(phase=phase, rules=RULES, exposure=exposure, day_of_phase=day)
        assert ceiling(phase=phase, rules=RULES, exposure=stronger, day_of_phase=day) >= before


@pytest.mark.parametrize(
    ("day", "hubs"),
    [(0, 50), (2, 50), (3, 250), (5, 250), (6, 1_000), (40, 1_000)],
)
def test_the_pilot_goes_in_its_steps(day, hubs):
    exposure = Exposure(sent=0, proven=0, eligible=100_000, pilot_size=1_000)
    assert ceiling(phase=Phase.PILOT, rules=RULES, exposure=exposure, day_of_phase=day) == hubs


def test_safe_launch_ends_at_its_share_however_much_is_proven():
    exposure = Exposure(sent=0, proven=100_000, eligible=1_000_000, pilot_size=1_000)
    assert ceiling(phase=Phase.SAFE_LAUNCH, rules=RULES, exposure=exposure, day_of_phase=0) == 11_000


def test_mass_roll_out_grows_with_what_is_proven():
    exposure = Exposure(sent=0, proven=11_000, eligible=1_000_000, pilot_size=1_000)
    assert ceiling(phase=Phase.MASS_ROLL_OUT, rules=RULES, exposure=exposure, day_of_phase=0) == 44_003


def test_a_night_goes_where_most_is_left():
    exposure = Exposure(sent=0, proven=25, eligible=400, pilot_size=0)
    regions = {1: RegionRoom(remaining=300, capacity=1_000), 2: RegionRoom(remaining=100, capacity=1_000)}
    order = compose(
        phase=Phase.MASS_ROLL_OUT, rules=RULES, exposure=exposure, day_of_phase=0, regions=regions
    )
    assert order == TrancheOrder({1: 77, 2: 26})


@pytest.mark.parametrize(
    ("exposure", "regions", "reason"),
    [
        (Exposure(3, 0, 10, 0), {1: RegionRoom(10, 10)}, "Waiting for proof"),
        (Exposure(0, 0, 10, 0), {1: RegionRoom(0, 10)}, "Every eligible hub has had its turn"),
        (Exposure(0, 0, 10, 0), {1: RegionRoom(10, 0), 2: RegionRoom(0, 5)}, "No region has capacity left"),
    ],
)
def test_a_night_on_which_nothing_goes_says_why(exposure, regions, reason):
    withheld = compose(
        phase=Phase.MASS_ROLL_OUT, rules=RULES, exposure=exposure, day_of_phase=0, regions=regions
    )
    assert isinstance(withheld, Withheld)
    assert reason in withheld.reason


@given(exposures, counts)
def test_safe_launch_ends_where_its_share_does_and_the_other_phases_with_their_hubs(exposure, remaining):
    def left(phase):
        return left_in_phase(phase=phase, rules=RULES, exposure=exposure, remaining=remaining)

    share = max(1, round(RULES.safe_launch_share * exposure.eligible))
    assert left(Phase.PILOT) == left(Phase.MASS_ROLL_OUT) == remaining
    assert 0 <= left(Phase.SAFE_LAUNCH) <= remaining
    assert (
        left(Phase.SAFE_LAUNCH) == 0 or exposure.sent + left(Phase.SAFE_LAUNCH) <= exposure.pilot_size + share
    )
