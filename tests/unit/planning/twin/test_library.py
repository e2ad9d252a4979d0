"""Faster must not mean different: the library's campaigns come to what they came to before they were made fast."""

import hashlib

import pytest

from safelaunch.domain.lights import EvidenceRules
from safelaunch.planning import estate, scenarios
from safelaunch.planning.twin import rehearsal
from safelaunch.planning.twin.fleet import Fleet, gather

HUBS, NIGHTS = 20_000, 50

RESULTS = {
    "benign-shift": "7221613968b8548d",
    "bricked-1pct": "229bc2fdff9abd18",
    "calendar-trigger": "ad66bb001d499797",
    "catastrophe": "dda867775bf9c79f",
    "device-firmware": "815cd5805c215d38",
    "delayed": "a168435ef07cfbde",
    "healthy": "a868d350054344cb",
    "interop-cell": "fcbd6bc44020352f",
    "interop-cell-weak": "e81596a2571d2ddb",
    "lost-confirmations": "815cd5805c215d38",
    "missing-half-hours": "61907feced05ed4b",
    "prepay-delay": "0ad4553bf574ee96",
    "rare-severe": "6c880e03f0d29937",
    "region": "f28c051921a3e46e",
    "regional-outage": "815cd5805c215d38",
}
"""Verdicts, days and counts of fifty nights under seed 1, as SHA-256. Whoever changes a rule changes these, and says why."""


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return gather(estate.describe(hubs=HUBS, seed=1))


def test_every_scenario_of_the_library_has_its_result():
    assert set(RESULTS) == set(scenarios.names())


@pytest.mark.parametrize("name", RESULTS)
def test_a_campaign_of_the_library_comes_to_what_it_always_came_to(fleet, name):
    (result,) = rehearsal.play(
        fleet,
        scenario=scenarios.load(name),
        policy="evidence",
        seeds=[1],
        rules=EvidenceRules(),
        horizon=NIGHTS,
    )
    assert hashlib.sha256(repr(result).encode()).hexdigest()[:16] == RESULTS[name], result
