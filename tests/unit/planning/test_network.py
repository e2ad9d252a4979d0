import math
from dataclasses import replace

import numpy as np
import pytest

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import Region
from safelaunch.planning import network, scenarios
from safelaunch.planning.network import (
    DAY,
    HOUR,
    KINDS,
    NEVER,
    REGIONS,
    Before,
    HubFeatures,
    Outcomes,
    Reports,
)
from safelaunch.planning.scenarios import Scenario

HUBS = 100_000
T0 = 1_772_452_800_000


def some_hubs(count: int = HUBS, *, region: Region | None = None, reach: int | None = None) -> HubFeatures:
    places = np.arange(count)
    return HubFeatures(
        device_id=np.uint64(0x00DB_1234_0000_0000) + places.astype(np.uint64),
        region=(places % len(REGIONS) if region is None else np.full(count, REGIONS.index(region))).astype(
            np.int8
        ),
        model=(places % 4).astype(np.int16),
        reach=(places % 3 if reach is None else np.full(count, reach)).astype(np.int8),
        models=("A", "B", "C", "D"),
    )


def instruct(
    scenario: Scenario, hubs: HubFeatures, *, seed: int = 1, attempt: int = 1, before: Before | None = None
) -> Outcomes:
    return network.outcomes(
        scenario=scenario,
        seed=seed,
        hubs=hubs,
        attempt=attempt,
        instructed_at=T0,
        before=before or Before.untouched(len(hubs.device_id)),
    )


def report(scenario: Scenario, hubs: HubFeatures, outcome: Outcomes) -> Reports:
    return network.reports_of(scenario=scenario, seed=1, hubs=hubs, attempt=1, outcome=outcome)


def of_kind(reports: Reports, kind: EventKind) -> np.ndarray:
    return reports.hub[reports.kind == KINDS.index(kind)]


def happens(moments: np.ndarray) -> np.ndarray:
    return moments != NEVER


def is_within_binomial_bounds(count: int, *, of: int, rate: float) -> bool:
    return abs(count - of * rate) < 5 * math.sqrt(of * rate * (1 - rate)) + 1


def test_activation_fails_at_the_rate_of_the_scenario() -> None:
    hubs = some_hubs()
    outcome = instruct(scenarios.load("healthy"), hubs)
    reached = int(happens(outcome.delivered_at).sum())
    assert is_within_binomial_bounds(int(happens(outcome.failed_at).sum()), of=reached, rate=0.015)
    assert not (happens(outcome.failed_at) & happens(outcome.activated_at)).any()


@pytest.mark.parametrize(("reach", "rate"), [(0, 0.005), (1, 0.03), (2, 0.15)])
def test_hubs_are_not_reached_at_the_rate_of_their_reach(reach: int, rate: float) -> None:
    prompt = some_hubs(region=Region.CENTRAL_4G, reach=reach)
    outcome = instruct(scenarios.load("healthy"), prompt)
    assert is_within_binomial_bounds(int(happens(outcome.not_reached_at).sum()), of=HUBS, rate=rate)
    assert (happens(outcome.not_reached_at) ^ happens(outcome.delivered_at)).all()


@pytest.mark.parametrize(
    ("region", "median", "p95"),
    [(Region.SOUTH, 8, 36), (Region.NORTH, 18, 60), (Region.NORTH_4G, 2, 16)],
)
def test_delivery_takes_the_time_of_its_kind_of_network(region: Region, median: float, p95: float) -> None:
    patient = scenarios.load("healthy")
    patient = replace(patient, timing=replace(patient.timing, give_up_hours=9_999))
    outcome = instruct(patient, some_hubs(region=region, reach=0))
    hours = (outcome.delivered_at[happens(outcome.delivered_at)] - T0) / HOUR
    assert np.median(hours) == pytest.approx(median, rel=0.03)
    assert np.percentile(hours, 95) == pytest.approx(p95, rel=0.04)


def test_most_of_a_night_has_answered_within_three_days() -> None:
    outcome = instruct(scenarios.load("bricked-1pct"), some_hubs())
    answered = np.minimum(outcome.activated_at, outcome.failed_at) < T0 + 3 * DAY
    assert answered.mean() > 0.9


@pytest.mark.parametrize(("name", "rate"), [("bricked-1pct", 0.01), ("delayed", 0.02), ("catastrophe", 0.6)])
def test_a_defect_harms_its_share_of_the_hubs_that_activated_within_its_delay(name: str, rate: float) -> None:
    scenario = scenarios.load(name)
    outcome = instruct(scenario, some_hubs())
    activated = int(happens(outcome.activated_at).sum())
    assert is_within_binomial_bounds(int(outcome.harmed.sum()), of=activated, rate=rate)
    delay = (outcome.quiet_at - outcome.activated_at)[outcome.harmed] / DAY
    low, high = scenario.defects[0].delay_days
    assert low <= delay.min()
    assert delay.max() <= high


def test_a_healthy_release_harms_nobody() -> None:
    assert not instruct(scenarios.load("healthy"), some_hubs()).harmed.any()


def test_the_region_scenario_harms_one_region_and_the_seed_says_which() -> None:
    hubs = some_hubs()
    struck = set()
    for seed in range(12):
        regions = np.unique(hubs.region[instruct(scenarios.load("region"), hubs, seed=seed).harmed])
        assert len(regions) == 1
        struck.add(REGIONS[regions[0]])
    assert struck == {Region.NORTH, Region.CENTRAL, Region.SOUTH}


def test_a_defect_may_be_confined_to_a_hub_model_by_name() -> None:
    scenario = scenarios.read(
        b'title = "C"\n[[defects]]\neffect = "silent"\nprevalence = 1\ndelay_days = [0, 1]\nwhere = { hub_model = "C" }',
        name="c",
        source="c.toml",
    )
    hubs = some_hubs(1_000)
    outcome = instruct(scenario, hubs)
    assert (outcome.harmed == (happens(outcome.activated_at) & (hubs.model == 2))).all()


def test_a_hub_that_a_defect_hits_is_hit_whichever_attempt_reaches_it() -> None:
    hubs, scenario = some_hubs(), scenarios.load("bricked-1pct")
    first, second = (instruct(scenario, hubs, attempt=attempt) for attempt in (1, 2))
    both = happens(first.activated_at) & happens(second.activated_at)
    assert (first.harmed[both] == second.harmed[both]).all()
    assert not (happens(first.failed_at) == happens(second.failed_at)).all()


def test_confirmations_are_lost_at_the_rate_of_the_scenario_and_leave_no_report() -> None:
    hubs, scenario = some_hubs(), scenarios.load("lost-confirmations")
    outcome = instruct(scenario, hubs)
    reports = report(scenario, hubs, outcome)
    ended = happens(outcome.activated_at) | happens(outcome.failed_at)
    told = np.union1d(of_kind(reports, EventKind.ACTIVATED), of_kind(reports, EventKind.ACTIVATION_FAILED))
    assert is_within_binomial_bounds(int(ended.sum()) - len(told), of=int(ended.sum()), rate=0.2)
    assert not outcome.lost[told].any()


def test_a_defect_is_reported_as_silence_two_days_after_the_hub_went_quiet() -> None:
    hubs, scenario = some_hubs(5_000), scenarios.load("catastrophe")
    outcome = instruct(scenario, hubs)
    reports = report(scenario, hubs, outcome)
    silent = reports.kind == KINDS.index(EventKind.SILENT)
    assert set(reports.hub[silent]) == set(np.flatnonzero(outcome.harmed))
    assert (reports.happened_at[silent] == outcome.quiet_at[reports.hub[silent]] + 48 * HOUR).all()


def test_reports_leave_in_the_order_of_their_due_time_and_never_before_they_happened() -> None:
    hubs, scenario = some_hubs(5_000), scenarios.load("delayed")
    reports = report(scenario, hubs, instruct(scenario, hubs))
    assert (np.diff(reports.due_at) >= 0).all()
    assert (reports.due_at > reports.happened_at).all()


def test_some_reports_are_late_and_some_are_overtaken() -> None:
    hubs, scenario = some_hubs(), scenarios.load("healthy")
    reports = report(scenario, hubs, instruct(scenario, hubs))
    delay = reports.due_at - reports.happened_at
    assert is_within_binomial_bounds(int((delay > 6 * HOUR).sum()), of=len(delay), rate=0.02)
    assert (np.diff(reports.happened_at) < -HOUR).any()


def test_a_hub_that_runs_the_firmware_says_so_at_once() -> None:
    hubs, scenario = some_hubs(1_000), scenarios.load("catastrophe")
    before = replace(Before.untouched(1_000), activated=np.ones(1_000, np.bool_))
    outcome = instruct(scenario, hubs, before=before)
    reports = report(scenario, hubs, outcome)
    assert (outcome.activated_at <= T0 + HOUR).all()
    assert not outcome.harmed.any()
    assert sorted(of_kind(reports, EventKind.ACTIVATED)) == list(range(1_000))
    assert set(reports.kind) == {KINDS.index(EventKind.ACTIVATED)}


def test_a_hub_that_is_silent_for_good_is_not_reached_and_one_that_returns_is_reached_then() -> None:
    hubs = some_hubs(1_000, region=Region.CENTRAL_4G, reach=0)
    gone = replace(Before.untouched(1_000), silent_from=np.full(1_000, T0 - DAY))
    back = replace(gone, silent_until=np.full(1_000, T0 + 2 * DAY))
    healthy = scenarios.load("healthy")
    assert happens(instruct(healthy, hubs, before=gone).not_reached_at).all()
    assert instruct(healthy, hubs, before=back).delivered_at.min() >= T0 + 2 * DAY


def test_hubs_answer_reads_at_the_rate_of_the_scenario_unless_they_are_silent() -> None:
    hubs, scenario = some_hubs(), scenarios.load("healthy")
    before = Before.untouched(HUBS)
    before.silent_from[: HUBS // 2] = T0
    reports = network.read_backs(scenario=scenario, seed=1, hubs=hubs, turn=7, read_at=T0, before=before)
    assert reports.hub.min() >= HUBS // 2
    assert is_within_binomial_bounds(len(reports.hub), of=HUBS // 2, rate=0.85)


def test_any_hub_may_fall_silent_and_is_heard_again() -> None:
    hubs, scenario = some_hubs(), scenarios.load("healthy")
    days = [
        network.background(scenario=scenario, seed=1, hubs=hubs, day=day, starts_at=T0) for day in range(7)
    ]
    assert is_within_binomial_bounds(sum(len(day.hub) for day in days), of=HUBS, rate=0.003)
    reports = network.silence_reports(scenario=scenario, seed=1, hubs=hubs, silences=days[0], day=0)
    assert sorted(of_kind(reports, EventKind.SILENT)) == sorted(days[0].hub)
    assert sorted(of_kind(reports, EventKind.HEARD)) == sorted(days[0].hub)


def test_an_outage_silences_a_third_of_one_region_on_one_day_for_some_days() -> None:
    hubs, scenario = some_hubs(), scenarios.load("regional-outage")
    days = [
        network.background(scenario=scenario, seed=3, hubs=hubs, day=day, starts_at=T0)
        for day in range(5, 41)
    ]
    worst = max(days, key=lambda day: len(day.hub))
    counts = np.bincount(hubs.region[worst.hub], minlength=len(REGIONS))
    assert counts.max() / (HUBS / len(REGIONS)) == pytest.approx(0.32, abs=0.05)
    assert np.sort(counts)[-2] < 20
    assert sum(len(day.hub) > 1_000 for day in days) == 1
    assert len(np.unique(worst.hub)) == len(worst.hub)


def test_a_benign_shift_triples_the_silence_of_all_hubs() -> None:
    hubs, scenario = some_hubs(), scenarios.load("benign-shift")
    days = [
        network.background(scenario=scenario, seed=1, hubs=hubs, day=day, starts_at=T0) for day in range(7)
    ]
    assert is_within_binomial_bounds(sum(len(day.hub) for day in days), of=HUBS, rate=0.009)


@pytest.mark.parametrize(
    "name", ["interop-cell", "rare-severe", "prepay-delay", "missing-half-hours", "calendar-trigger"]
)
def test_what_a_network_cannot_show_is_said_and_does_not_happen(name: str) -> None:
    scenario = scenarios.load(name)
    assert scenario.defects[0].effect.value in network.cannot_show(scenario)
    assert not instruct(scenario, some_hubs()).harmed.any()


def test_a_network_shows_the_other_scenarios_whole() -> None:
    assert network.cannot_show(scenarios.load("region")) == ""
    assert network.cannot_show(scenarios.load("regional-outage")) == ""
