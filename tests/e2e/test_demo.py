"""`safelaunch demo` from end to end: real processes, a small estate."""

import pytest

from tests.e2e.running import demo, scratch_directory

pytestmark = pytest.mark.processes

HUBS, SEED = 1_500, 7
COUNTS = ("hubs", "eligible", "state", "pilot_size", "activated", "failed", "unknown", "unreachable")


def test_a_healthy_release_completes_and_the_same_seed_gives_the_same_campaign():
    with scratch_directory() as directory:
        first = demo(directory / "data", hubs=HUBS, scenario="healthy", seed=SEED)
        # The second run is given the same directory: a demonstration empties its own.
        second = demo(directory / "data", hubs=HUBS, scenario="healthy", seed=SEED)
    print(f"healthy: {first['activated']:,} activated in {first['seconds']} s, then {second['seconds']} s")
    assert first["state"] == "COMPLETE"
    assert first["stopped"] is False
    accounted = first["activated"] + first["failed"] + first["unknown"] + first["unreachable"]
    assert accounted == first["eligible"]
    assert first["in_flight"] == 0
    assert first["hubs_harmed"] == 0
    assert [gate["verdict"] for gate in first["gates"]] == ["PASS", "PASS"]
    # Every activation is told to each Supplier of the home, of whom there are one or two.
    assert first["activated"] <= first["alerts_n64"] <= 2 * first["activated"]
    assert {name: first[name] for name in COUNTS} == {name: second[name] for name in COUNTS}


def test_a_bricking_release_is_held_after_a_small_part_of_the_estate():
    with scratch_directory() as directory:
        outcome = demo(directory / "data", hubs=HUBS, scenario="bricking", seed=SEED)
    exposed, harmed = outcome["hubs_exposed"], outcome["hubs_harmed"]
    print(f"bricking: {exposed} of {outcome['eligible']:,} exposed, {harmed} harmed, {outcome['seconds']} s")
    assert outcome["state"] == "HELD"
    assert outcome["stopped"] is True
    assert 0 < harmed <= exposed
    assert exposed <= outcome["pilot_size"] < 0.06 * outcome["eligible"]
    assert outcome["gates"][-1]["verdict"] == "FAIL"
    assert outcome["gates"][-1]["decision"] == "HOLD"


def test_lost_confirmations_hold_nothing_up_and_leave_no_hub_unknown():
    with scratch_directory() as directory:
        outcome = demo(directory / "data", hubs=HUBS, scenario="lost-confirmations", seed=SEED)
    print(f"lost confirmations: {outcome['activated']:,} activated, {outcome['unknown']} unknown")
    assert outcome["state"] == "COMPLETE"
    assert outcome["stopped"] is False
    accounted = outcome["activated"] + outcome["failed"] + outcome["unreachable"]
    assert accounted + outcome["unknown"] == outcome["eligible"]
    # A hub that fell silent in earnest answers no read-back; hardly any do in so small an estate.
    assert outcome["unknown"] <= 0.005 * outcome["eligible"]
