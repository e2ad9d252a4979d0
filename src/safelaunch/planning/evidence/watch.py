"""A campaign's evidence and the rules' answers, day after day: the same in production and in the twin (`gates.md` 5).

Parts are taken in as they come; each endpoint waits for its own next day and for nothing else. On the evening of a
day every unit is judged. When the rules blame a cell, its hubs are taken out of both arms, the evidence is weighed
again from the first day without them, and the rules are asked again. What has been blamed stays red.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import growth, lights, quarantine
from safelaunch.domain.assurance import ASSURED
from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.gates import Estimate, Verdict
from safelaunch.domain.lights import CELLS, EvidenceRules, Judgement, Level, Light, Unit
from safelaunch.domain.quarantine import Act, Response, Standing
from safelaunch.planning.evidence import intervals
from safelaunch.planning.evidence.counts import EndpointDay, Kept, Part, keep
from safelaunch.planning.evidence.engine import Engine, EngineRules
from safelaunch.planning.evidence.strata import Layout
from safelaunch.planning.lanes import WORTH_IT, side_by_side

_FIRST = 0


@dataclass(slots=True)
class Watch:
    """A campaign under watch.

    Attributes:
        layout: its units and strata.
        history: rates before the campaign, as `Engine` takes them.
        rules: the policy's numbers.
        engine_rules: what the engine does.
        standing: who has been blamed.
        responses: day and answer, in order.
        judgements: the latest, unit by unit.
        hub_model_of: for each place of a cell in the units, the place of its hub model.
    """

    layout: Layout
    history: NDArray[np.float64]
    rules: EvidenceRules
    engine_rules: EngineRules = field(default_factory=EngineRules)
    standing: Standing = field(default_factory=Standing)
    responses: list[tuple[int, Response]] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    hub_model_of: list[int] = field(default_factory=list)
    _quiet: list[Judgement] = field(default_factory=list)
    _engine: Engine | None = None
    _folded: list[Kept] = field(default_factory=list)
    _blamed: dict[Unit, Judgement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """This function will look up once what every day needs."""
        self._quiet = [
            Judgement(unit, Light.GREEN, Verdict.PASS, -math.inf, "") for unit in self.layout.units
        ]
        place = np.zeros(len(self.layout.units), np.int32)
        for level in CELLS:
            place[self.layout.unit_of[level]] = self.layout.unit_of[Level.HUB_MODEL]
        self.hub_model_of = place.tolist()

    @property
    def engine(self) -> Engine:
        """This function will give the engine as it stands, without the hubs of whoever has been blamed."""
        if self._engine is None:
            self._engine = Engine(self.layout, history=self.history, rules=self.engine_rules)
        return self._engine

    def take_in(self, parts: Iterable[Part]) -> None:
        """This function will take in parts of days that are complete.

        The endpoints wait for nobody but themselves, so on a large day they are folded side by side.

        Raises:
            BadEvidence: as `Engine.fold`; parts of the same endpoint before the bad one have been taken in, and so
                may those of others.
        """
        lanes: dict[int, list[Part]] = defaultdict(list)
        rows = 0
        for part in parts:
            lanes[part.endpoint if isinstance(part, EndpointDay) else -1].append(part)
            rows += len(part.combination)
        engine = self.engine
        folded: list[list[Kept]] = [[] for _ in lanes]
        works = [partial(_fold, engine, *each) for each in zip(lanes.values(), folded, strict=True)]
        try:
            if rows >= WORTH_IT:
                side_by_side(works)
            else:
                for work in works:
                    work()
        finally:
            # What has been taken in has been taken in, whatever became of the rest.
            self._folded += [part for lane in folded for part in lane]

    def judge(self, *, today: int) -> list[Judgement]:
        """This function will judge every unit on the evening of `today` and carry out what the rules answer."""
        while True:
            self.judgements = self._judge(today)
            response = quarantine.respond(self.judgements, standing=self.standing, rules=self.rules)
            if response.act is Act.NOTHING or response.unit is None:
                return self.judgements
            self.responses.append((today, response))
            self._blamed[response.unit] = next(one for one in self.judgements if one.unit == response.unit)
            self.standing = quarantine.after(self.standing, response=response)
            if response.act is Act.STOP:
                return self.judgements
            self._weigh_again()

    def _judge(self, today: int) -> list[Judgement]:
        measured = self.engine.measure(today=today, rules=self.rules)
        found = self._quiet.copy()
        for at in np.flatnonzero(~measured.are_quiet(rules=self.rules)).tolist():
            (reading,) = measured.readings([at])
            found[at] = lights.judge(reading, rules=self.rules)
        return [self._blamed.get(one.unit, one) for one in found] if self._blamed else found

    def _weigh_again(self) -> None:
        """Replay the campaign without the hubs of quarantined cells, in either arm (`gates.md` 5.10)."""
        left_out = np.zeros(len(self.layout.combinations), np.bool_)
        for unit in self.standing.quarantined:
            left_out |= self.layout.combinations_of(unit)
        self._engine = Engine(self.layout, history=self.history, rules=self.engine_rules, left_out=left_out)
        for kept in self._folded:
            self._engine.fold(kept.part())

    def excess(self, *, today: int) -> tuple[float | None, ...]:
        """This function will give the upper ends of the campaign's excess that G4 asks for; None is not known."""
        names = [endpoint.name for endpoint in ENDPOINTS]
        return tuple(self._excess(names.index(name), today) for name in ASSURED)

    def _excess(self, endpoint: int, today: int) -> float | None:
        if not self.engine.is_known_to(endpoint, today=today):
            return None
        state = self.engine.endpoints[endpoint]
        events, days = state.control.tolist()
        rate = self.rules.window_days * events / days if days else 0.0
        return intervals.excess(self.ratio(endpoint), control_rate=rate).high

    def ratio(self, endpoint: int, *, unit: Unit | None = None) -> Estimate:
        """This function will give the ratio of an endpoint with its confidence sequence, of the campaign or a unit."""
        at = _FIRST if unit is None else self.layout.units.index(unit)
        return intervals.ratio(self.engine.endpoints[endpoint].sums[at], confidence=self.rules.confidence)


def _fold(engine: Engine, parts: Sequence[Part], folded: list[Kept]) -> None:
    # One at a time, so that what was taken in before a bad part is kept.
    for part in parts:
        if engine.fold(part):
            folded += [keep(part)]


def rooms(
    watch: Watch, *, sent: NDArray[np.int64], proven: NDArray[np.int64], has_rested: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """This function will count the hubs that may go today, unit by unit: shape (units,).

    A cell has the growth that its own light, its hub model's and the campaign's allow; a region that of its own and
    the campaign's. Hub models and the campaign have no limit of their own.

    Args:
        watch: the campaign, judged today.
        sent: shape (units,): hubs sent so far.
        proven: shape (units,): hubs known and soaked.
        has_rested: shape (units,): nothing has been sent for longer than a soak.
    """
    layout, rules = watch.layout, watch.rules
    factors = _growth(watch)
    room: NDArray[np.int64] = np.maximum(
        has_rested, rules.growth_floor + (factors * proven).astype(np.int64) - sent
    )
    above = [at for at, unit in enumerate(layout.units) if unit.level in (Level.CAMPAIGN, Level.HUB_MODEL)]
    room[factors <= 0] = 0
    room[above] = np.iinfo(np.int32).max
    return room


def _growth(watch: Watch) -> NDArray[np.float64]:
    """Give every unit's growth; where all lights over a unit are green it is that of `domain.growth`, unasked."""
    layout, rules = watch.layout, watch.rules
    judged = _by_unit(watch.judgements, layout.units)
    found = np.full(len(layout.units), rules.growth)
    loud = {
        at for at, one in enumerate(judged) if one.light is not Light.GREEN or one.verdict is not Verdict.PASS
    }
    for at in range(len(judged)) if loud else ():
        over = {at, watch.hub_model_of[at], _FIRST}
        if over & loud:
            found[at] = growth.factor([judged[place] for place in sorted(over)], rules=rules)
    return found


def _by_unit(judgements: Sequence[Judgement], units: Sequence[Unit]) -> list[Judgement]:
    """Give the judgement of every unit in order; a unit that was not judged has not been read."""
    if len(judgements) == len(units) and all(
        one.unit == unit for one, unit in zip(judgements, units, strict=True)
    ):
        return list(judgements)
    found = {one.unit: one for one in judgements}
    unread = Judgement(units[0], Light.AMBER, Verdict.INSUFFICIENT, 0.0, "Not judged.")
    return [found.get(unit, unread._replace(unit=unit)) for unit in units]
