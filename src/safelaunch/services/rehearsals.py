"""Rehearse a campaign on the national twin before anything is sent (`design.md` 7, 8.4). No database is touched."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.lights import EvidenceRules
from safelaunch.domain.refusals import Invalid
from safelaunch.planning import estate, lanes, scenarios
from safelaunch.planning.scenarios import Scenario
from safelaunch.planning.twin import rehearsal
from safelaunch.planning.twin.campaign import KEPT_OF_A_HUB, Result
from safelaunch.planning.twin.fleet import Fleet, Gathering
from safelaunch.planning.twin.rehearsal import POLICIES, Figures

_SHARED = 5_000_000
"""Hubs above which two campaigns at once would take more memory than a machine for one has."""

__all__ = ["POLICIES", "Rehearsal", "prepare"]


@dataclass(slots=True)
class Rehearsal:
    """A rehearsal under way: first `load` the fleet, then `play`, then read `figures`."""

    hubs: int
    scenario: Scenario
    policy: str
    seed: int
    runs: int
    rules: EvidenceRules = field(default_factory=EvidenceRules)
    results: list[Result] = field(default_factory=list)
    _fleet: Fleet | None = None
    _kept: list[NDArray[Any]] = field(default_factory=list)

    def load(self) -> Iterator[int]:
        """This function will generate the fleet, yielding the hubs generated so far."""
        described = estate.describe(hubs=self.hubs, seed=self.seed)
        gathering = Gathering(described)
        yield from gathering.load()
        self._fleet = gathering.finish()

    def play(self) -> Iterator[int]:
        """This function will play the campaigns, each in a world of its own, yielding how many are done."""
        if self._fleet is None:
            for _ in self.load():
                pass
        if self._fleet is None or not len(self._fleet):
            raise Invalid(
                f"None of the {self.hubs:,} hubs may be upgraded; rehearse with more hubs or another seed."
            )
        seeds = range(self.seed, self.seed + self.runs)
        asked: dict[str, Any] = {
            "scenario": self.scenario,
            "policy": self.policy,
            "seeds": seeds,
            "rules": self.rules,
        }
        played = (
            rehearsal.play(self._fleet, **asked)
            if self.processes == 1
            else rehearsal.play_at_once(self._fleet, **asked, processes=self.processes)
        )
        for result in played:
            self.results.append(result)
            yield len(self.results)

    @property
    def processes(self) -> int:
        """This function will count the processes that play at once: one for a single campaign or a large fleet."""
        if self.runs == 1 or self.hubs > _SHARED:
            return 1
        return min(self.runs, lanes.processors())

    def pass_over(self) -> int:
        """This function will look once at every octet that a campaign keeps of its hubs, and give how many.

        It is what a night could not do without; how long it takes is the floor that rehearsals are compared with.
        """
        if self._fleet is None:
            return 0
        if not self._kept:
            hubs = len(self._fleet)
            self._kept = [self._fleet.combination, self._fleet.prepay]
            self._kept += [np.ones(hubs, kind) for kind in KEPT_OF_A_HUB]
        for array in self._kept:
            array.max()
        return sum(array.nbytes for array in self._kept)

    def figures(self) -> Figures:
        """This function will sum the campaigns played so far up.

        Raises:
            Invalid: none has been played.
        """
        if not self.results:
            raise Invalid("No campaign has been played yet; play at least one.")
        return rehearsal.figures(self.results, scenario=self.scenario)


def prepare(*, hubs: int, scenario: str, policy: str, seed: int, runs: int) -> Rehearsal:
    """This function will prepare a rehearsal.

    Args:
        hubs: of the generated estate.
        scenario: a name, or a file ending in `.toml`.
        policy: one of `POLICIES`.
        seed: of the estate and of the first world; the others follow it.
        runs: campaigns.

    Raises:
        NotFound, BadScenario: as `scenarios.load`.
        Invalid: there is no such policy, or nothing to run.
    """
    if policy not in POLICIES:
        raise Invalid(f"There is no policy {policy!r}; choose {', '.join(POLICIES)}.")
    if runs < 1:
        raise Invalid(f"{runs} runs were asked for; at least 1 can be played.")
    return Rehearsal(hubs=hubs, scenario=scenarios.load(scenario), policy=policy, seed=seed, runs=runs)
