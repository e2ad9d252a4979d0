"""The Default Pilot List: which hubs to try first, so that as many pairs as possible are tried (`gates.md` 4).

The pilot maximises the sum over pairs (hub model with ESME, GSME and PPMID model) of

    w * (1 + a + a^2 + ... one term per pilot hub of the pair, at most 12),   a = 0.75
    w = 0.5 * the pair's share of the fleet + 0.5 / pairs of that kind

which is what a greedy choice does within 1 - 1/e of the best. Before that, every pair gets its first five hubs (or
all it has), because a gate asks for them. The choice is of combinations, not hubs, so its
cost does not grow with the fleet; inside a combination hubs are drawn by lot, which keeps them comparable with their controls.
Friendly hubs named by Suppliers count first, up to a share of the pilot, and greedy fills up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.lights import CELLS, Level
from safelaunch.planning.draws import mix
from safelaunch.planning.evidence.strata import Layout

DISCOUNT = 0.75
DEPTH = 12
FRIENDLY_CAP = 0.30

_NEEDED = 10.0
_LOT = 1e-9

Chosen = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a pilot covers.

    Attributes:
        touched: share of the pairs with at least one pilot hub, 0..1.
        deep: share of the fleet, weighted by hubs, in pairs with at least `depth` pilot hubs or all of theirs.
        short: pairs with at least `depth` hubs in the fleet and fewer in the pilot.
    """

    touched: float
    deep: float
    short: int


def choose(layout: Layout, *, size: int, depth: int, friendly: Chosen | None = None) -> Chosen:
    """This function will say how many hubs of each combination the pilot takes: shape (combinations,).

    Args:
        layout: the frozen fleet.
        size: hubs of the pilot, friendly ones among them; fewer are taken when more would prove nothing.
        depth: pilot hubs that every pair should have.
        friendly: shape (combinations,): hubs accepted from Suppliers' lists; see `accept_friendly`.
    """
    pairs = _Pairs.of(layout, depth=depth)
    chosen = np.zeros(len(layout.combinations), np.int64)
    if friendly is not None:
        chosen += friendly
        for column in pairs.members.T:
            pairs.counts += np.bincount(column, weights=friendly, minlength=len(pairs.counts)).astype(int)
    _fill(chosen, pairs, hubs=layout.combinations.hubs, size=size)
    return chosen


def accept_friendly(offered: Chosen, *, size: int, cap: float = FRIENDLY_CAP) -> Chosen:
    """This function will cut the hubs that Suppliers prefer to their share of the pilot, evenly.

    Alone, friendly hubs cover no more for being more: they are alike.
    """
    allowed = int(cap * size)
    total = int(offered.sum())
    if total <= allowed:
        return offered.copy()
    shares = offered * allowed // total
    rest = np.argsort(-(offered * allowed % total), kind="stable")[: allowed - int(shares.sum())]
    shares[rest] += 1
    return shares


def measure(layout: Layout, chosen: Chosen, *, depth: int, level: Level | None = None) -> Coverage:
    """This function will measure what a pilot covers, over all pairs or those of one kind."""
    levels = CELLS if level is None else (level,)
    touched = pairs = short = 0
    deep = hubs = 0.0
    for each in levels:
        first = int(layout.unit_of[each].min())
        place = layout.unit_of[each] - first
        fleet = np.bincount(place, weights=layout.combinations.hubs)
        pilot = np.bincount(place, weights=chosen)
        enough = pilot >= np.minimum(depth, fleet)
        touched, pairs = touched + int((pilot > 0).sum()), pairs + len(fleet)
        deep, hubs = deep + float(fleet[enough].sum()), hubs + float(fleet.sum())
        short += int((~enough & (fleet >= depth)).sum())
    return Coverage(touched=touched / pairs, deep=deep / hubs, short=short)


@dataclass(slots=True)
class _Pairs:
    """Pairs as the greedy choice sees them; `members` are the three pairs of each combination."""

    members: NDArray[np.int32]
    weights: NDArray[np.float64]
    needed: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, layout: Layout, *, depth: int) -> "_Pairs":
        weights = np.zeros(len(layout.units))
        needed = np.zeros(len(layout.units), np.int64)
        for level in CELLS:
            place = layout.unit_of[level]
            first = int(place.min())
            hubs = np.bincount(place - first, weights=layout.combinations.hubs)
            weights[first : first + len(hubs)] = 0.5 * hubs / hubs.sum() + 0.5 / len(hubs)
            needed[first : first + len(hubs)] = np.minimum(depth, hubs)
        members = np.stack([layout.unit_of[level] for level in CELLS], axis=1)
        return cls(members, weights, needed, np.zeros(len(layout.units), np.int64))


def _fill(chosen: Chosen, pairs: _Pairs, *, hubs: NDArray[np.int64], size: int) -> None:
    """Take the combination that gains most, again and again, and lower the gains of those that share its pairs.

    A pair that still needs hubs counts for more than all weights together, which sum to 3. Equal gains are decided
    by lot, or the first region would have the pilot to itself.
    """
    terms = np.append(DISCOUNT ** np.arange(DEPTH), 0.0)
    value = pairs.weights * terms[np.minimum(pairs.counts, DEPTH)] + _NEEDED * (pairs.counts < pairs.needed)
    gains = value[pairs.members].sum(axis=1)
    gains += (
        _LOT * (mix(np.arange(len(gains), dtype=np.uint64)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    )
    gains[hubs <= chosen] = -np.inf
    sharing = _sharing(pairs)
    for _ in range(size - int(chosen.sum())):
        best = int(np.argmax(gains))
        if gains[best] <= _LOT:
            return  # every pair is as deep as counts: more hubs would prove nothing more
        chosen[best] += 1
        for pair in pairs.members[best].tolist():
            pairs.counts[pair] += 1
            count = int(pairs.counts[pair])
            now = pairs.weights[pair] * terms[min(count, DEPTH)] + _NEEDED * (count < pairs.needed[pair])
            gains[sharing[pair]] += now - value[pair]
            value[pair] = now
        if chosen[best] >= hubs[best]:
            gains[best] = -np.inf


def _sharing(pairs: _Pairs) -> list[Chosen]:
    """Give the combinations of every pair."""
    flat = pairs.members.ravel()
    order = np.argsort(flat, kind="stable")
    ends = np.cumsum(np.bincount(flat, minlength=len(pairs.weights)))
    return np.split(order // pairs.members.shape[1], ends[:-1])
