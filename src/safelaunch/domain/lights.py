"""Lights: what the evidence says of each unit, every day (`gates.md` 5.7, 5.9).

A unit is the campaign, a region, a hub model, or a pair of hub model and ESME, GSME or PPMID model (a cell). Against
each it is asked, endpoint by endpoint, how much better "upgraded hubs fail more often" explains what happened than
"at most 1.1 times as often". The answer, an e-value, may be looked at on any day.

    RED    an e-value has reached the unit's stop line for that endpoint, or failed activations theirs
    AMBER  the weighted e-values together reach 20: go slower, never freeze
    GREEN  neither

Stop lines share two budgets for false alarms among all units and endpoints (union bound): 1 % of good campaigns may
stop, 3 % may see one cell quarantined. Within a level a unit's share grows with the square root of its hubs.

Doubt holds: a unit whose evidence is missing, late or not a number is INSUFFICIENT, whatever its light. What is
there still counts against it: a red light needs no other evidence.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from safelaunch.domain.campaigns import Priority, Severity
from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.gates import Verdict
from safelaunch.domain.refusals import Invalid

_HIGHEST = 300.0
"""Powers of ten above this are as good as infinite, and do not fit a float."""


class Level(StrEnum):
    """The kinds of unit, from the whole campaign down to one combination."""

    CAMPAIGN = "CAMPAIGN"
    REGION = "REGION"
    HUB_MODEL = "HUB_MODEL"
    HUB_ESME = "HUB_ESME"
    HUB_GSME = "HUB_GSME"
    HUB_PPMID = "HUB_PPMID"


CELLS = (Level.HUB_ESME, Level.HUB_GSME, Level.HUB_PPMID)
"""The levels whose units are quarantined alone; red above them stops everything."""


class Light(StrEnum):
    """What is shown, and acted on."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"


class Unit(NamedTuple):
    """Something that can be guilty: its level, and its name at that level."""

    level: Level
    name: str

    def __str__(self) -> str:
        """This function will name the unit as people read it."""
        return self.name if self.level is Level.CAMPAIGN else f"{_WORDS[self.level]} {self.name}"


_WORDS = {
    Level.CAMPAIGN: "campaign",
    Level.REGION: "region",
    Level.HUB_MODEL: "hub model",
    Level.HUB_ESME: "hub and ESME",
    Level.HUB_GSME: "hub and GSME",
    Level.HUB_PPMID: "hub and PPMID",
}

STOP_SHARES = {Level.CAMPAIGN: 0.42, Level.REGION: 0.18, Level.HUB_MODEL: 0.40}
"""How the budget for false stops is shared among levels (`gates.md` 5.7)."""

CELL_SHARES = {Level.HUB_ESME: 0.45, Level.HUB_GSME: 0.32, Level.HUB_PPMID: 0.23}
"""How the budget for false quarantines is shared among levels."""


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """The numbers by which evidence opens and closes; the defaults are those of `gates.md` 6.

    Shares and rates are 0..1; days are whole; `alpha_stop` and `alpha_cell` are the chances of a false alarm that
    one good campaign may have.
    """

    pilot_size: int = 2_000
    pilot_steps: tuple[tuple[int, float], ...] = ((0, 0.05), (3, 0.25), (6, 1.0))
    pair_depth: int = 5
    safe_launch_share: float = 0.01
    soak_days: int = 7
    window_days: int = 14
    growth: float = 4.0
    growth_amber: float = 1.25
    growth_floor: int = 3
    alpha_stop: float = 0.01
    alpha_cell: float = 0.03
    activation_share: float = 0.03
    activation_ceiling: float = 0.05
    amber: float = 20.0
    unknown_gap_max: float = 0.03
    max_quarantined: int = 5
    held_back: float = 0.01
    min_stratum: int = 20
    known_share_min: float = 0.95
    excess_max: tuple[float, float] = (0.015, 0.006)
    confidence: float = 0.95

    def __post_init__(self) -> None:
        """This function will refuse numbers that would open a gate on nothing, naming the first one."""
        for name in ("alpha_stop", "alpha_cell", "activation_share", "activation_ceiling", "confidence"):
            if not 0 < getattr(self, name) < 1:
                raise Invalid(f"{name} is {getattr(self, name)}; a share between 0 and 1 is expected.")
        for name in ("pilot_size", "soak_days", "window_days", "min_stratum", "pair_depth"):
            if getattr(self, name) < 1:
                raise Invalid(f"{name} is {getattr(self, name)}; at least 1 is expected.")
        if not 0 < self.growth_amber <= self.growth:
            raise Invalid(
                f"growth_amber is {self.growth_amber} and growth {self.growth}; amber may not grow faster than green."
            )

    def under(self, *, severity: Severity, priority: Priority) -> "EvidenceRules":
        """This function will give the rules of a release of this severity: haste shortens soaks, never skips a light.

        Only a release that is both CRITICAL and IMMEDIATE may hurry (`gates.md` 5.11, G5).
        """
        if severity is Severity.CRITICAL and priority is Priority.IMMEDIATE:
            return replace(self, soak_days=min(2, self.soak_days), growth=max(8.0, self.growth))
        return self


class Reading(NamedTuple):
    """What is known of a unit today: powers of ten of evidence and of stop lines, endpoint by endpoint.

    `evidence` and `lines` run over `ENDPOINTS`; None is evidence that is missing or late. `activation` is the evidence
    that activations fail more often than the ceiling. `unknown_gap` is by how much the share of hubs of which nothing
    is known is larger among upgraded hubs (-1..1).
    """

    unit: Unit
    evidence: Sequence[float | None]
    lines: Sequence[float]
    activation: float | None
    activation_line: float
    unknown_gap: float | None = 0.0


class Judgement(NamedTuple):
    """A unit's light. `margin` is how far its worst evidence is above (or below) its line, in powers of ten."""

    unit: Unit
    light: Light
    verdict: Verdict
    margin: float
    cause: str


def stop_line(*, level: Level, share: float, weight: float, rules: EvidenceRules) -> float:
    """This function will give the power of ten at which one endpoint of one unit turns red.

    Args:
        level: the unit's level.
        share: the unit's share of its level, 0..1; a level's shares sum to at most 1.
        weight: the endpoint's weight.
        rules: the budgets.
    """
    return -math.log10(_budget(level, rules) * share * weight * (1 - rules.activation_share))


def activation_line(*, level: Level, share: float, rules: EvidenceRules) -> float:
    """This function will give the power of ten at which one unit turns red for failed activations."""
    return -math.log10(_budget(level, rules) * share * rules.activation_share)


def _budget(level: Level, rules: EvidenceRules) -> float:
    if level in STOP_SHARES:
        return rules.alpha_stop * STOP_SHARES[level]
    return rules.alpha_cell * CELL_SHARES[level]


def judge(reading: Reading, *, rules: EvidenceRules) -> Judgement:
    """This function will give a unit's light and verdict; what cannot be read never makes either milder."""
    margin, cause = _worst(reading)
    is_read = _is_read(reading)
    if margin >= 0:
        return Judgement(reading.unit, Light.RED, Verdict.FAIL, margin, cause)
    if not is_read:
        return Judgement(
            reading.unit, Light.AMBER, Verdict.INSUFFICIENT, margin, "Evidence is missing or late."
        )
    if _together(reading, rules) >= rules.amber:
        return Judgement(reading.unit, Light.AMBER, Verdict.PASS, margin, cause)
    if (reading.unknown_gap or 0.0) > rules.unknown_gap_max:
        gap = (
            f"{100 * (reading.unknown_gap or 0.0):.1f} points more upgraded hubs than others cannot be read."
        )
        return Judgement(reading.unit, Light.AMBER, Verdict.PASS, margin, gap)
    return Judgement(reading.unit, Light.GREEN, Verdict.PASS, margin, "")


def judge_all(
    readings: Iterable[Reading], *, expected: Collection[Unit], rules: EvidenceRules
) -> list[Judgement]:
    """This function will judge every unit that is expected; one without a reading is INSUFFICIENT, never green.

    A unit that is read twice is judged by the worse of the two.
    """
    found: dict[Unit, Judgement] = {}
    for reading in readings:
        judgement = judge(reading, rules=rules)
        before = found.get(reading.unit)
        if before is None or _severity(judgement) > _severity(before):
            found[reading.unit] = judgement
    missing = Judgement(
        Unit(Level.CAMPAIGN, ""), Light.AMBER, Verdict.INSUFFICIENT, -math.inf, "Nothing was read."
    )
    judged = [found.pop(unit, missing._replace(unit=unit)) for unit in expected]
    return [*judged, *found.values()]


def _severity(judgement: Judgement) -> tuple[int, int, float]:
    lights, verdicts = list(Light), (Verdict.PASS, Verdict.INSUFFICIENT, Verdict.FAIL)
    return verdicts.index(judgement.verdict), lights.index(judgement.light), judgement.margin


def _is_read(reading: Reading) -> bool:
    numbers = [*reading.evidence, reading.activation, reading.unknown_gap]
    return len(reading.evidence) == len(ENDPOINTS) and all(
        number is not None and not math.isnan(number) for number in numbers
    )


def _worst(reading: Reading) -> tuple[float, str]:
    """Give the largest distance above a line among what can be read, and which endpoint it is."""
    margin, cause = -math.inf, ""
    lines = zip(ENDPOINTS, reading.evidence, reading.lines, strict=False)
    for endpoint, evidence, line in lines:
        if evidence is not None and evidence - line > margin:
            margin, cause = evidence - line, endpoint.name.value
    if reading.activation is not None and reading.activation - reading.activation_line > margin:
        margin, cause = reading.activation - reading.activation_line, "ACTIVATION"
    return margin, cause


def _together(reading: Reading, rules: EvidenceRules) -> float:
    total = rules.activation_share * 10 ** min(reading.activation or 0.0, _HIGHEST)
    for endpoint, evidence in zip(ENDPOINTS, reading.evidence, strict=True):
        total += endpoint.weight * 10 ** min(evidence or 0.0, _HIGHEST)
    return total
