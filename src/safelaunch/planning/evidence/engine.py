"""The engine: one sum per unit, endpoint and ratio, and the evidence they amount to (`gates.md` 5.3, 5.4, 5.6).

An event in a stratum where a share theta of the hubs at risk is upgraded adds to every unit it belongs to, for each
ratio r of the grid,

    [the hub was upgraded] * log r - log(1 + theta * (r - 1))

so theta 0 or 1 adds nothing. Evidence since a day is the mean, over the ratios above the tolerated 1.1, of how much
better that ratio explains the events since then than 1.1 does. Half of the budget lies on the campaign's first day;
the other half on weekly restarts, of which the last four are kept, so that a long quiet past, or an outage, does
not have to be outweighed by what begins late. All of it may be looked at on any day.

Failed activations have no control: they are weighed against a ceiling, and what is unknown is not weighed at all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.lights import CELLS, EvidenceRules, Level, Reading
from safelaunch.planning.evidence.arms import Arms
from safelaunch.planning.evidence.counts import ActivationDay, BadEvidence, EndpointDay, Part
from safelaunch.planning.evidence.outages import CommonCause, FilterRules
from safelaunch.planning.evidence.ratios import (
    ALL,
    DECIDING,
    GRID,
    LOG_RATIOS,
    RATIOS,
    Sums,
    better,
    log_mean,
    weigh,
)
from safelaunch.planning.evidence.strata import ABOVE, LEVELS, Layout

_CEILINGS = np.array((0.08, 0.12, 0.2, 0.35, 0.6, 0.9))
_WEEK = 7


@dataclass(frozen=True, slots=True)
class EngineRules:
    """What the engine does; everything but the default is there to show what leaving it out would cost, or saves.

    `recognises_repeats` is for parts that may be told twice. `intervals_of` are the levels of which confidence sequences
    are asked: they need sums for more ratios than decide; those of the first ladder come with those of the levels above.
    """

    tolerated: float = 1.1
    restarts: int = 4
    leaves_out_controls: bool = True
    recognises_repeats: bool = True
    intervals_of: tuple[Level, ...] = LEVELS
    outages: FilterRules = field(default_factory=FilterRules)


@dataclass(slots=True)
class EndpointState:
    """One endpoint's evidence: sums, restarts, hubs at risk by stratum.

    Attributes:
        next_day: the day whose part is expected.
        sums: shape (units, ratios).
        restarts: week and the sums as they stood when it began, the latest last.
        at_risk: for each ladder, shape (2, strata): upgraded hubs and controls at risk.
        filter: the common-cause filter, which sees every combination, quarantined or not.
        control: events among controls and days at risk of controls, for the controls' rate.
        digests: of the parts folded, by day.
        weighed: the evidence of every unit as the sums stand, if it has been asked for.
    """

    next_day: int
    sums: Sums
    restarts: list[tuple[int, Sums]]
    at_risk: dict[Level, NDArray[np.int64]]
    filter: CommonCause
    control: NDArray[np.float64]
    digests: list[str] = field(default_factory=list)
    weighed: Sums | None = None


class Engine:
    """A campaign's evidence, folded from parts in the order of their days, endpoint by endpoint."""

    def __init__(
        self,
        layout: Layout,
        *,
        history: NDArray[np.float64],
        rules: EngineRules = EngineRules(),
        left_out: NDArray[np.bool_] | None = None,
    ) -> None:
        """This function will begin with every hub a control.

        Args:
            layout: strata and units.
            history: shape (days, endpoints, regions): events per hub at risk and day before the campaign.
            rules: what the engine does.
            left_out: shape (combinations,): combinations that belong to nobody's evidence, upgraded or not.
        """
        self.layout, self.rules = layout, rules
        self.left_out = np.zeros(len(layout.combinations), np.bool_) if left_out is None else left_out
        self._kept_control = ~self.left_out if rules.leaves_out_controls else ~np.zeros_like(self.left_out)
        self.endpoints = [self._begin(k, history=history[:, k]) for k in range(len(ENDPOINTS))]
        self.activations = np.zeros((2, len(layout.units)))
        self.activation_day = 0
        self.activation_digests: list[str] = []
        self._region = layout.combinations.region.astype(np.intp)
        self._keys = {level: _keys(layout, level) for level in CELLS}
        self._then: dict[tuple[int, int], Sums] = {}
        self._arms = Arms(layout, kept=(~self.left_out, self._kept_control))

    def _begin(self, endpoint: int, *, history: NDArray[np.float64]) -> EndpointState:
        layout = self.layout
        hubs = layout.at_risk()[endpoint]
        kept = hubs * self._kept_control
        at_risk = {}
        for level in CELLS:
            controls = _counted(layout.stratum_of[level], kept, layout.strata[level])
            at_risk[level] = np.stack((np.zeros_like(controls), controls))
        controls = _counted(layout.combinations.region, hubs, len(layout.combinations.regions))
        by_region = np.stack((np.zeros_like(controls), controls))
        return EndpointState(
            next_day=0,
            sums=np.zeros((len(layout.units), len(GRID))),
            restarts=[],
            at_risk=at_risk,
            filter=CommonCause(rates=history.copy(), at_risk=by_region, rules=self.rules.outages),
            control=np.zeros(2),
        )

    def fold(self, part: Part) -> bool:
        """This function will take in a part; False means that the very same part was taken in before.

        Raises:
            BadEvidence: the part is not whole, is not the day that is due, or differs from what was folded for it.
        """
        part.check(combinations=len(self.layout.combinations))
        is_activation = isinstance(part, ActivationDay)
        digests = self.activation_digests if is_activation else self.endpoints[_place(part)].digests
        digest = part.digest() if self.rules.recognises_repeats else ""
        if part.day < 0:
            raise BadEvidence(f"Day {part.day} lies before the campaign.")
        if part.day < len(digests):
            if digest and digests[part.day] == digest:
                return False
            raise BadEvidence(f"Day {part.day} has been counted, and differently; replay the campaign.")
        if part.day > len(digests):
            raise BadEvidence(f"Day {len(digests)} is missing; day {part.day} cannot be counted before it.")
        digests.append(digest)
        if isinstance(part, ActivationDay):
            self._activate(part)
        else:
            self._happen(part)
        return True

    def _activate(self, part: ActivationDay) -> None:
        kept = ~self.left_out[part.combination]
        columns = (part.succeeded[kept], part.failed[kept])
        for place in self.layout.unit_of.values():
            unit = place[part.combination[kept]]
            self.activations += [_counted(unit, column, len(self.layout.units)) for column in columns]
        self.activation_day = part.day + 1

    def _happen(self, part: EndpointDay) -> None:
        state, layout = self.endpoints[part.endpoint], self.layout
        week, day_of_week = divmod(part.day, _WEEK)
        if self.rules.restarts and week and not day_of_week:
            state.restarts = [*state.restarts, (week, state.sums.copy())][-self.rules.restarts :]
        if part.moves is not None:
            moved, kind = self._arms.of(part.moves), int(ENDPOINTS[part.endpoint].prepay_only)
            state.filter.at_risk += moved.regions[kind]
            for level in CELLS:
                state.at_risk[level] += moved.strata[level][kind]
        regions = len(layout.combinations.regions)
        changes = (part.treated_change, part.control_change)
        masks = (~self.left_out, self._kept_control)
        for arm, (change, mask) in enumerate(zip(changes, masks, strict=True)):
            rows = np.flatnonzero(change)
            combination, changed = part.combination[rows], change[rows]
            state.filter.at_risk[arm] += _counted(self._region[combination], changed, regions)
            kept = np.flatnonzero(mask[combination])
            combination, changed = combination[kept], changed[kept].astype(np.int64)
            for level in CELLS:
                # There are far more strata than rows: what does not change is not touched.
                np.add.at(state.at_risk[level][arm], layout.stratum_of[level].take(combination), changed)
        rows = np.flatnonzero(part.treated_events | part.control_events)
        region = self._region[part.combination[rows]]
        events = np.stack(
            [_counted(region, column[rows], regions) for column in (part.treated_events, part.control_events)]
        )
        outage = state.filter.judge(day=part.day, events=events)
        state.control += (events[1, ~outage].sum(), state.filter.at_risk[1, ~outage].sum())
        self._weigh(state, part, rows[~outage[region] & masks[0][part.combination[rows]]])
        state.next_day, state.weighed = part.day + 1, None

    def _weigh(self, state: EndpointState, part: EndpointDay, rows: NDArray[np.int64]) -> None:
        combination = part.combination[rows]
        treated = part.treated_events[rows]
        events = treated + part.control_events[rows]
        for level in CELLS:
            stratum = self.layout.stratum_of[level].take(combination)
            upgraded, controls = (arm.take(stratum) for arm in state.at_risk[level])
            mixed = np.flatnonzero((upgraded > 0) & (controls > 0))
            theta = upgraded[mixed] / (upgraded[mixed] + controls[mixed])
            self._add(state.sums, level, combination[mixed], treated[mixed], (events[mixed], theta))

    def _add(
        self,
        sums: Sums,
        level: Level,
        combination: NDArray[np.int32],
        treated: NDArray[np.int32],
        weighed: tuple[NDArray[np.int32], Sums],
    ) -> None:
        """Add rows to the sums of their units; on the first ladder also to those above, by cell and region."""
        events, theta = weighed
        if not len(combination):
            return
        key = self._keys[level][combination]
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        kept = ALL if self._keeps_between(level) else DECIDING
        added = np.multiply.outer(np.add.reduceat(treated[order], starts), LOG_RATIOS[kept])
        added -= weigh(theta[order], events[order], starts, ratios=RATIOS[kept])
        first = combination[order[starts]]
        if level is not CELLS[0]:
            sums[self.layout.unit_of[level][first][:, None], kept] += added
            return
        for each in (level, *ABOVE):
            _add_rows(sums, self.layout.unit_of[each][first], added)

    def _keeps_between(self, level: Level) -> bool:
        return level in self.rules.intervals_of or level is CELLS[0]

    def evidence(self) -> Sums:
        """This function will give the evidence as powers of ten: shape (units, endpoints)."""
        for endpoint, state in enumerate(self.endpoints):
            if state.weighed is None:
                state.weighed = self._mixed(endpoint) / np.log(10)
        return np.stack([state.weighed for state in self.endpoints if state.weighed is not None], axis=1)

    def _mixed(self, endpoint: int) -> Sums:
        """Mix the evidence since the start with that since each restart; weights sum to less than 1."""
        state, base = self.endpoints[endpoint], int(np.searchsorted(RATIOS, self.rules.tolerated))
        whole = better(state.sums, base)
        parts = [log_mean(whole) + (np.log(0.5) if self.rules.restarts else 0.0)]
        for week, then in state.restarts:
            if (endpoint, week) not in self._then:
                self._then[endpoint, week] = better(then, base)
            since = whole - self._then[endpoint, week]
            parts.append(log_mean(since) + np.log(0.5 * 6 / (np.pi**2 * week**2)))
        mixed: Sums = np.logaddexp.reduce(parts, axis=0)
        return mixed

    def activation_evidence(self, *, ceiling: float) -> Sums:
        """This function will give the evidence that activations fail more often than the ceiling: shape (units,)."""
        succeeded, failed = self.activations
        logs = np.multiply.outer(np.log(_CEILINGS / ceiling), failed)
        logs += np.multiply.outer(np.log((1 - _CEILINGS) / (1 - ceiling)), succeeded)
        tens: Sums = log_mean(logs) / np.log(10)
        return tens

    def is_known_to(self, endpoint: int, *, today: int) -> bool:
        """This function will be true when an endpoint's evidence is as new as it can be on the evening of `today`."""
        return self.endpoints[endpoint].next_day > today - ENDPOINTS[endpoint].seen_after_days

    def measure(self, *, today: int, rules: EvidenceRules) -> "Measured":
        """This function will measure every unit; what is behind by the evening of `today` is missing, not quiet."""
        evidence = self.evidence()
        for endpoint in range(len(ENDPOINTS)):
            if not self.is_known_to(endpoint, today=today):
                evidence[:, endpoint] = np.nan
        activation = self.activation_evidence(ceiling=rules.activation_ceiling)
        if self.activation_day <= today:
            activation = np.full_like(activation, np.nan)
        return Measured(self.layout, evidence, activation)


@dataclass(frozen=True, slots=True)
class Measured:
    """The evidence of every unit on one evening, in powers of ten; NaN is what is missing.

    Attributes:
        layout: the units and their lines.
        evidence: shape (units, endpoints).
        activation: shape (units,).
    """

    layout: Layout
    evidence: Sums
    activation: Sums

    def readings(self, places: Iterable[int]) -> Iterator[Reading]:
        """This function will read the units at some places."""
        for at in places:
            activation = float(self.activation[at])
            yield Reading(
                unit=self.layout.units[at],
                evidence=[None if np.isnan(one) else float(one) for one in self.evidence[at]],
                lines=self.layout.lines[at].tolist(),
                activation=None if np.isnan(activation) else activation,
                activation_line=float(self.layout.activation_lines[at]),
            )

    def are_quiet(self, *, rules: EvidenceRules) -> NDArray[np.bool_]:
        """This function will flag units of which `domain.lights.judge` is sure to say green and PASS.

        Most units are quiet on most days; only the others are judged one by one. A missing number is never quiet.
        """
        weights = np.array([endpoint.weight for endpoint in ENDPOINTS])
        together = 10 ** np.minimum(self.evidence, 300.0) @ weights
        together += rules.activation_share * 10 ** np.minimum(self.activation, 300.0)
        below = (self.evidence < self.layout.lines).all(axis=1) & (
            self.activation < self.layout.activation_lines
        )
        # A hair's breadth below amber is judged one by one: sums may round differently.
        quiet: NDArray[np.bool_] = below & (together < rules.amber * (1 - 1e-9))
        return quiet


def _keys(layout: Layout, level: Level) -> NDArray[np.integer]:
    """Number what rows are added up by: units, and on the ladder of the levels above pairs of unit and region.

    In 16 bits where they fit, which are sorted in linear time.
    """
    keys = layout.unit_of[level]
    if level is CELLS[0]:
        keys = keys * len(layout.combinations.regions) + layout.combinations.region
    return keys.astype(np.int16) if keys.max(initial=0) <= np.iinfo(np.int16).max else keys


def _place(part: Part) -> int:
    if isinstance(part, EndpointDay) and 0 <= part.endpoint < len(ENDPOINTS):
        return part.endpoint
    raise BadEvidence("A part names an endpoint that is not kept.")


def _add_rows(sums: Sums, unit: NDArray[np.int32], added: Sums) -> None:
    """Add rows to the sums of their units; sorting first is several times as fast as adding at places."""
    order = np.argsort(unit, kind="stable")
    ordered = unit[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sums[ordered[starts]] += np.add.reduceat(added[order], starts, axis=0)


def _counted(place: NDArray[np.integer], amount: NDArray[np.integer], places: int) -> NDArray[np.int64]:
    """Add amounts up by place: as floats, which are exact for counts, and far quicker than adding at places."""
    return np.bincount(place, weights=amount, minlength=places).astype(np.int64)
