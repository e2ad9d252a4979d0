"""Many campaigns of one scenario under one policy, and their figures (`design.md` 8.4)."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from safelaunch.domain.lights import EvidenceRules
from safelaunch.planning import lanes
from safelaunch.planning.scenarios import Scenario
from safelaunch.planning.twin.campaign import CAPACITY, Campaign, Result
from safelaunch.planning.twin.fleet import Fleet
from safelaunch.planning.twin.policies import EvidencePolicy, Plan, Policy, plan
from safelaunch.planning.twin.rivals import RIVALS
from safelaunch.planning.twin.world import World

EVIDENCE = "evidence"
POLICIES = (EVIDENCE, *RIVALS)
"""The names of `--policy`."""

HORIZON = 400
"""Days after which a campaign is left as it is."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the campaigns of a rehearsal came to; shares 0..1, days and hubs as means unless said otherwise.

    `finish` gives, by region, the 10th, 50th and 90th percentile of the day on which the last hub arrived, over the
    runs that got so far; None where none did. Detection is a stop or quarantine where there is something to find; a
    false stop is one where there is nothing.
    """

    harmed_mean: float
    harmed_p95: float
    exposed_mean: float
    detected_share: float | None
    false_stop_share: float | None
    quarantined_mean: float
    days_mean: float
    nights_mean: float
    finish: dict[str, dict[str, float | None]]


def play(
    fleet: Fleet,
    *,
    scenario: Scenario,
    policy: str,
    seeds: Sequence[int],
    rules: EvidenceRules,
    horizon: int = HORIZON,
) -> Iterator[Result]:
    """This function will play one campaign for each seed, in a world of its own."""
    prepared = plan(fleet, rules=rules) if policy == EVIDENCE else None
    yield from map(_Stage(fleet, scenario, policy, rules, horizon, prepared).play, seeds)


def play_at_once(
    fleet: Fleet,
    *,
    scenario: Scenario,
    policy: str,
    seeds: Sequence[int],
    rules: EvidenceRules,
    processes: int,
) -> Iterator[Result]:
    """This function will play campaigns as `play` does, as many at a time as there are processes.

    They come in the order of the seeds, and each is what it would have been alone.
    """
    prepared = plan(fleet, rules=rules) if policy == EVIDENCE else None
    # A forked process shares the fleet, another has to be sent it.
    kind = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(
        max_workers=processes,
        mp_context=multiprocessing.get_context(kind),
        initializer=_enter,
        initargs=(_Stage(fleet, scenario, policy, rules, HORIZON, prepared),),
    ) as pool:
        yield from pool.map(_play_here, seeds)


@dataclass(frozen=True, slots=True)
class _Stage:
    """What all campaigns of a rehearsal have in common."""

    fleet: Fleet
    scenario: Scenario
    policy: str
    rules: EvidenceRules
    horizon: int
    prepared: Plan | None

    def play(self, seed: int) -> Result:
        world = World(scenario=self.scenario, fleet=self.fleet, seed=seed)
        return Campaign(
            fleet=self.fleet,
            world=world,
            policy=policy_of(self.policy, world=world, rules=self.rules, prepared=self.prepared),
            rules=self.rules,
            capacity=CAPACITY,
        ).run(horizon=self.horizon)


_ENTERED: list[_Stage] = []
"""The stage of this process, if it was started to play campaigns."""


def _enter(stage: _Stage) -> None:
    # The processors are busy with other campaigns.
    lanes.stay_alone()
    _ENTERED[:] = [stage]


def _play_here(seed: int) -> Result:
    return _ENTERED[0].play(seed)


def policy_of(name: str, *, world: World, rules: EvidenceRules, prepared: Plan | None = None) -> Policy:
    """This function will give a policy by its name, before its first day."""
    if name != EVIDENCE:
        return RIVALS[name](world.fleet)
    return EvidencePolicy(
        world.fleet,
        plan=prepared or plan(world.fleet, rules=rules),
        rules=rules,
        history=world.history(),
    )


def figures(results: Sequence[Result], *, scenario: Scenario) -> Figures:
    """This function will sum a rehearsal up."""
    harmed = [result.harmed for result in results]
    found = float(np.mean([result.detected_on is not None for result in results]))
    stopped = float(np.mean([result.is_stopped for result in results]))
    has_defects = bool(scenario.defects)
    return Figures(
        harmed_mean=float(np.mean(harmed)),
        harmed_p95=float(np.percentile(harmed, 95)),
        exposed_mean=float(np.mean([result.exposed for result in results])),
        detected_share=found if has_defects else None,
        false_stop_share=None if has_defects else stopped,
        quarantined_mean=float(np.mean([len(result.quarantined) for result in results])),
        days_mean=float(np.mean([result.days for result in results])),
        nights_mean=float(np.mean([result.nights for result in results])),
        finish={region: _percentiles(results, region) for region in results[0].finish},
    )


def _percentiles(results: Sequence[Result], region: str) -> dict[str, float | None]:
    days = [day for result in results if (day := result.finish[region]) is not None]
    return {f"p{at}": float(np.percentile(days, at)) if days else None for at in (10, 50, 90)}
