"""The evidence policy in the twin: the engine, the lights and the gates of production, fed by the twin's counts.

Every day it takes in the parts that are complete by then, judges every unit, closes gates, and says who may go:
pilot hubs in their steps, then whoever has room in all three cells, in the region and in the night's capacity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import assurance
from safelaunch.domain.assurance import StageEvidence
from safelaunch.domain.campaigns import Phase
from safelaunch.domain.gates import GateAssessment, Verdict
from safelaunch.domain.lights import CELLS, EvidenceRules, Level, Light, Unit
from safelaunch.planning import coverage
from safelaunch.planning.evidence.counts import Part
from safelaunch.planning.evidence.engine import EngineRules
from safelaunch.planning.evidence.strata import Layout, freeze
from safelaunch.planning.evidence.watch import Watch, rooms
from safelaunch.planning.twin.dispatch import Room, places_in_line
from safelaunch.planning.twin.fleet import Fleet, Hubs


@dataclass(frozen=True, slots=True)
class News:
    """What is known on the evening of a day, since the evening before.

    Attributes:
        day: days since the campaign's first.
        parts: evidence that is complete now.
        sent, not_reached: hubs handed over, and given up by the network.
        succeeded: hubs whose activation is known to have worked.
        proven: hubs known to work that have soaked.
        settled: hubs of which the outcome is known, good or bad, and that have soaked.
        errors: upgraded hubs that failed to activate or to which something happened within the window.
        happened: by endpoint, all hubs to which it is now known to have happened, upgraded or not. Nobody is named here
            or in `errors` to a policy that reads evidence: it reads parts.
        waiting: hubs that have not been sent.
    """

    day: int
    parts: Sequence[Part]
    sent: Hubs
    not_reached: Hubs
    succeeded: Hubs
    proven: Hubs
    settled: Hubs
    errors: Hubs
    happened: Sequence[Hubs]
    waiting: int


@dataclass(frozen=True, slots=True)
class Orders:
    """Who may go tonight.

    Attributes:
        most: hubs in all, besides those named.
        rooms: limits by place, in addition to the regions' capacity.
        open_to: shape (combinations,), or None for all.
        named: hubs that go whatever the rooms, if their combination is open and their turn has not been taken.
        stop: nothing goes, tonight or later.
    """

    most: int
    rooms: tuple[Room, ...] = ()
    open_to: NDArray[np.bool_] | None = None
    named: Hubs | None = None
    stop: bool = False


class Policy(Protocol):
    """Something that says every day who may go, from what is known; some read the evidence, others need none."""

    reads_evidence: bool

    def orders(self, day: int) -> Orders:
        """This function will say who may go tonight."""
        ...

    def read(self, parts: Sequence[Part]) -> None:
        """This function will take in evidence of the next evening before it has come; nothing follows from it yet."""
        ...

    def learn(self, news: News) -> None:
        """This function will take in what the evening brought."""
        ...

    @property
    def quarantined(self) -> Sequence[tuple[int, Unit]]:
        """This function will list what was quarantined, and on which day."""
        ...

    def open_to(self) -> NDArray[np.bool_] | None:
        """This function will flag the combinations that may be sent to at all; None is all."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is decided before the first hub goes, the same for every run over a fleet.

    Attributes:
        layout: strata and units.
        pilot: the pilot's hubs, in the order of their lots.
        pairs_short: pairs with fewer pilot hubs than they should have.
    """

    layout: Layout
    pilot: Hubs
    pairs_short: int


def plan(fleet: Fleet, *, rules: EvidenceRules) -> Plan:
    """This function will freeze strata and list the pilot: combinations by coverage, hubs within each by lot.

    A fleet too small for the pilot that the rules ask for pilots one hub in fifty; its gaps count as signed.
    """
    layout = freeze(fleet.combinations, rules=rules)
    size = min(rules.pilot_size, max(1, len(fleet) // _ONE_IN))
    chosen = coverage.choose(layout, size=size, depth=rules.pair_depth)
    possible = np.flatnonzero(chosen[fleet.combination] > 0).astype(np.int32)
    combination = fleet.combination[possible]
    short = coverage.measure(layout, chosen, depth=rules.pair_depth).short
    return Plan(
        layout=layout,
        pilot=possible[places_in_line(combination) < chosen[combination]],
        pairs_short=short if size == rules.pilot_size else 0,
    )


_IN_MEMORY = EngineRules(recognises_repeats=False, intervals_of=(Level.CAMPAIGN,))
"""Here no part is told twice, and gates ask for the campaign's excess only."""

_ONE_IN = 50
_LAST_NIGHTS = 1.05
_SETTLING_DAYS = 3
"""What arriving and being seen takes on top of a soak before a cell counts as rested."""


class EvidencePolicy:
    """Safelaunch's own policy."""

    reads_evidence = True

    def __init__(
        self,
        fleet: Fleet,
        *,
        plan: Plan,
        rules: EvidenceRules,
        history: NDArray[np.float64],
        engine_rules: EngineRules | None = None,
    ) -> None:
        """This function will begin a campaign by a plan, and hold controls back."""
        # Hubs sent; hubs sent as members of the stages' plans, and of these the proven. What is sent to earn
        # assurance once a stage is complete is not waited for.
        self._fleet = fleet
        self.layout, self.pilot = plan.layout, plan.pilot
        self.watch = Watch(self.layout, history, rules, engine_rules or _IN_MEMORY)
        self.phase = Phase.PILOT
        self.gates: list[tuple[int, Phase, GateAssessment]] = []
        self._rules = rules
        self._sent = np.zeros(len(self.layout.units), np.int64)
        self._proven = np.zeros(len(self.layout.units), np.int64)
        self._last_sent = np.zeros(len(self.layout.units), np.int64)
        self._counts = np.zeros(3, np.int64)
        self._held = round(rules.held_back * len(fleet))
        self._pairs_short = plan.pairs_short
        self._is_extended = False
        self._unit_of = [
            self.layout.unit_of[level].astype(np.int16 if len(self._sent) < 1 << 15 else np.int32)
            for level in (Level.REGION, *CELLS)
        ]
        self._is_member = np.zeros(len(fleet), np.bool_)
        self._waiting = len(fleet)
        self._day = -1
        self._named = 0
        self._limits: NDArray[np.int64] | None = None
        self._before: NDArray[np.int64] | None = None

    @property
    def quarantined(self) -> Sequence[tuple[int, Unit]]:
        """This function will list what was quarantined, and on which day."""
        return [(day, one.unit) for day, one in self.watch.responses if one.unit and one.unit.level in CELLS]

    def read(self, parts: Sequence[Part]) -> None:
        """This function will weigh evidence of the next evening, unless what is left out of it changes until then."""
        self.watch.take_in(parts)
        self.watch.engine.evidence()

    def learn(self, news: News) -> None:
        """This function will weigh the evening's evidence, carry out what the rules say, and close gates."""
        self.watch.take_in(news.parts)
        sent = self._sent_today(news)
        self._sent += sent - self._by_unit(news.not_reached)
        self._last_sent[sent > 0] = news.day
        self._proven += self._by_unit(news.proven)
        self._waiting, self._day = news.waiting, news.day
        self.watch.judge(today=news.day)
        if self.phase in (Phase.PILOT, Phase.SAFE_LAUNCH):
            self._count_members(news)
            self._gate(news.day)

    def _sent_today(self, news: News) -> NDArray[np.int64]:
        """Count tonight's hubs by unit: where all went through rooms, by what was taken of these."""
        before, self._before = self._before, None
        return self._by_unit(news.sent) if before is None or self._limits is None else before - self._limits

    def _count_members(self, news: News) -> None:
        """Count the hubs that a stage waits for."""
        if not self._is_extended:
            self._is_member[news.sent] = True
        members = [int(self._is_member[hubs].sum()) for hubs in (news.sent, news.not_reached, news.settled)]
        self._is_member[news.not_reached] = False
        self._counts += (len(news.sent) - len(news.not_reached), members[0] - members[1], members[2])

    def _by_unit(self, hubs: Hubs) -> NDArray[np.int64]:
        combination = self._fleet.combination[hubs]
        found = np.zeros(len(self.layout.units), np.int64)
        for unit in self._unit_of:
            found += np.bincount(unit[combination], minlength=len(found))
        return found

    def _gate(self, day: int) -> None:
        standing = self.watch.standing
        assessment = assurance.assess(
            StageEvidence(
                phase=self.phase,
                days_behind=0,
                pairs_short=self._pairs_short,
                is_frozen=True,
                sent=int(self._counts[1]) if self._stage_is_sent() else None,
                mature=int(self._counts[2]),
                judgements=tuple(
                    one for one in self.watch.judgements if one.unit not in standing.quarantined
                ),
                excess=self.watch.excess(today=day),
                open_objections=0,
            ),
            rules=self._rules,
        )
        self._is_extended = assurance.waits_for_assurance(assessment)
        if assessment.verdict is Verdict.PASS:
            self.gates.append((day, self.phase, assessment))
            self.phase = Phase.SAFE_LAUNCH if self.phase is Phase.PILOT else Phase.MASS_ROLL_OUT

    def _stage_is_sent(self) -> bool:
        if self.phase is Phase.PILOT:
            return self._day >= self._rules.pilot_steps[-1][0]
        return True

    def orders(self, day: int) -> Orders:
        """This function will say who may go tonight."""
        standing = self.watch.standing
        if standing.is_stopped:
            return Orders(most=0, stop=True)
        named = None
        if self.phase is Phase.PILOT and not self._is_unread():
            share = max((step for at, step in self._rules.pilot_steps if at <= day), default=0.0)
            until = round(share * len(self.pilot))
            named, self._named = self.pilot[self._named : until], max(self._named, until)
        most = self._most()
        limits = None
        if most:
            has_rested = day - self._last_sent > self._rules.soak_days + _SETTLING_DAYS
            limits = rooms(self.watch, sent=self._sent, proven=self._proven, has_rested=has_rested)
            self._limits, self._before = limits, limits.copy() if named is None else None
        return Orders(most=most, rooms=self._rooms(limits), open_to=self.open_to(), named=named)

    def open_to(self) -> NDArray[np.bool_]:
        """This function will flag the combinations of no quarantined cell."""
        found = np.ones(len(self.layout.combinations), np.bool_)
        for unit in self.watch.standing.quarantined:
            found &= ~self.layout.combinations_of(unit)
        return found

    def _is_unread(self) -> bool:
        campaign = self.watch.judgements[0] if self.watch.judgements else None
        return campaign is not None and (campaign.verdict is not Verdict.PASS or campaign.light is Light.RED)

    def _most(self) -> int:
        """Give the most hubs besides the pilot's: none in the pilot, unless only more hubs can answer."""
        if self._waiting <= _LAST_NIGHTS * self._held:
            # Hubs that were not reached keep coming back by ones and twos; the controls do not wait for the last.
            self._held = 0
        left = max(0, self._waiting - self._held)
        if self.phase is Phase.PILOT:
            return left if self._is_extended else 0
        if self.phase is Phase.SAFE_LAUNCH and not self._is_extended:
            ends = len(self.pilot) + max(1, round(self._rules.safe_launch_share * len(self._fleet)))
            return int(min(left, max(0, ends - self._counts[0])))
        return left

    def _rooms(self, limits: NDArray[np.int64] | None) -> tuple[Room, ...]:
        if limits is None:
            return ()
        return tuple((self.layout.unit_of[level], limits) for level in (Level.REGION, *CELLS))
