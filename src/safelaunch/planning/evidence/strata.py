"""Strata and units, frozen when a campaign starts (`gates.md` 5.2).

A combination is everything in which hubs differ: region, hub model, reach, ESME, GSME and PPMID model. Hubs of one
combination are alike, and are counted together. Hubs are compared within strata: a stratum is a combination, and if
that has fewer than 20 hubs one attribute is dropped, then a second, then a third.

Nesting: a cell's stratum never drops an attribute of the cell, so there is a ladder of strata for each family of
cells. With one ladder for all, a cell that is small and ramps faster than its stratum looks guilty of its season.
Regions and hub models are never dropped; they and the campaign use the ladder of the ESME cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.lights import CELLS, EvidenceRules, Level, Unit, activation_line, stop_line

Places = NDArray[np.int32]

ABOVE = (Level.CAMPAIGN, Level.REGION, Level.HUB_MODEL)
LEVELS = (*ABOVE, *CELLS)

_ATTRIBUTE_OF = {Level.HUB_ESME: "esme", Level.HUB_GSME: "gsme", Level.HUB_PPMID: "ppmid"}
_DROPPED = {
    Level.HUB_ESME: ("ppmid", "gsme", "reach"),
    Level.HUB_GSME: ("ppmid", "esme", "reach"),
    Level.HUB_PPMID: ("gsme", "esme", "reach"),
}
_DROPPED_BY_ALL = ("esme", "gsme", "ppmid")


@dataclass(frozen=True, slots=True)
class Combinations:
    """The combinations of a fleet, one array element each, and their hubs.

    `hubs` and `prepay` count hubs and hubs that prepay; the attributes count in the tuples of names of the same
    name, and -1 is a Device that is not there.
    """

    region: NDArray[np.int16]
    hub_model: NDArray[np.int16]
    reach: NDArray[np.int16]
    esme: NDArray[np.int16]
    gsme: NDArray[np.int16]
    ppmid: NDArray[np.int16]
    hubs: NDArray[np.int64]
    prepay: NDArray[np.int64]
    regions: tuple[str, ...]
    hub_models: tuple[str, ...]
    devices: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.hubs)


@dataclass(frozen=True, slots=True)
class Layout:
    """What a campaign's evidence is kept for: combinations, strata on three ladders, units and their stop lines.

    Attributes:
        combinations: the fleet.
        units: all units, level by level in the order of `LEVELS`.
        unit_of: for each level, shape (combinations,): the unit each combination belongs to, as a place in `units`.
        stratum_of: for each family of cells, shape (combinations,): its stratum on that family's ladder.
        strata: how many strata each ladder has.
        lines: shape (units, endpoints), powers of ten.
        activation_lines: shape (units,).
    """

    combinations: Combinations
    units: tuple[Unit, ...]
    unit_of: dict[Level, Places]
    stratum_of: dict[Level, Places]
    strata: dict[Level, int]
    lines: NDArray[np.float64]
    activation_lines: NDArray[np.float64]

    def at_risk(self) -> NDArray[np.int64]:
        """This function will give the hubs at risk at the start: shape (endpoints, combinations)."""
        found = [
            self.combinations.prepay if endpoint.prepay_only else self.combinations.hubs
            for endpoint in ENDPOINTS
        ]
        return np.array(found, np.int64)

    def combinations_of(self, unit: Unit) -> NDArray[np.bool_]:
        """This function will flag the combinations of a unit."""
        members: NDArray[np.bool_] = self.unit_of[unit.level] == self.units.index(unit)
        return members


def freeze(combinations: Combinations, *, rules: EvidenceRules, nested: bool = True) -> Layout:
    """This function will freeze the strata and units of a campaign.

    Args:
        combinations: the fleet.
        rules: the smallest stratum and the budgets for false alarms.
        nested: False puts all families on one ladder, to show what that costs; never in production.
    """
    units: list[Unit] = []
    unit_of: dict[Level, Places] = {}
    for level in LEVELS:
        names, place = _units(combinations, level)
        unit_of[level] = place + np.int32(len(units))
        units += [Unit(level, name) for name in names]
    ladders = {
        level: _ladder(
            combinations, dropped=_DROPPED[level] if nested else _DROPPED_BY_ALL, smallest=rules.min_stratum
        )
        for level in CELLS
    }
    lines, activation_lines = _lines(combinations, units=units, unit_of=unit_of, rules=rules)
    return Layout(
        combinations=combinations,
        units=tuple(units),
        unit_of=unit_of,
        stratum_of=ladders,
        strata={level: int(ladder.max(initial=-1)) + 1 for level, ladder in ladders.items()},
        lines=lines,
        activation_lines=activation_lines,
    )


def _units(combinations: Combinations, level: Level) -> tuple[list[str], Places]:
    if level is Level.CAMPAIGN:
        return ["campaign"], np.zeros(len(combinations), np.int32)
    if level is Level.REGION:
        found, place = np.unique(combinations.region, return_inverse=True)
        return [combinations.regions[at] for at in found], place.astype(np.int32)
    if level is Level.HUB_MODEL:
        found, place = np.unique(combinations.hub_model, return_inverse=True)
        return [combinations.hub_models[at] for at in found], place.astype(np.int32)
    device = getattr(combinations, _ATTRIBUTE_OF[level]).astype(np.int64) + 1
    key = combinations.hub_model.astype(np.int64) * (len(combinations.devices) + 1) + device
    found, place = np.unique(key, return_inverse=True)
    names = []
    for at in found.tolist():
        hub, other = divmod(at, len(combinations.devices) + 1)
        names.append(
            f"{combinations.hub_models[hub]} x {combinations.devices[other - 1] if other else 'none'}"
        )
    return names, place.astype(np.int32)


def _ladder(combinations: Combinations, *, dropped: Sequence[str], smallest: int) -> Places:
    """Give each combination the finest stratum that is large enough; what never is keeps the coarsest."""
    kept = ["region", "hub_model", "reach", "esme", "gsme", "ppmid"]
    stratum = np.zeros(len(combinations), np.int32)
    waiting = np.arange(len(combinations))
    used = 0
    for step in range(len(dropped) + 1):
        key = _key(combinations, kept, waiting)
        _, place = np.unique(key, return_inverse=True)
        sizes = np.bincount(place, weights=combinations.hubs[waiting])
        large = (sizes >= smallest)[place] if step < len(dropped) else np.ones(len(waiting), np.bool_)
        _, compact = np.unique(place[large], return_inverse=True)
        stratum[waiting[large]] = used + compact
        used += int(compact.max(initial=-1)) + 1
        waiting = waiting[~large]
        if step < len(dropped):
            kept.remove(dropped[step])
    return stratum


def _key(combinations: Combinations, kept: Sequence[str], among: NDArray[np.int64]) -> NDArray[np.int64]:
    key = np.zeros(len(among), np.int64)
    for name in kept:
        values = getattr(combinations, name)[among].astype(np.int64)
        key = key * (int(values.max(initial=-1)) + 2) + values + 1
    return key


def _lines(
    combinations: Combinations, *, units: Sequence[Unit], unit_of: dict[Level, Places], rules: EvidenceRules
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lines = np.empty((len(units), len(ENDPOINTS)))
    activation = np.empty(len(units))
    for level in LEVELS:
        first = int(unit_of[level].min())
        roots = np.sqrt(np.bincount(unit_of[level] - first, weights=combinations.hubs))
        for at, share in enumerate((roots / roots.sum()).tolist()):
            lines[first + at] = [
                stop_line(level=level, share=share, weight=endpoint.weight, rules=rules)
                for endpoint in ENDPOINTS
            ]
            activation[first + at] = activation_line(level=level, share=share, rules=rules)
    return lines, activation
