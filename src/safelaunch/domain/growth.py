"""How many hubs of a cell may go today (`gates.md` 5.8).

    sent so far + today's <= 3 + g x proven      g = 4 green, 1.25 amber, 0 quarantined, stopped or not read

A hub is proven once its activation is known and it has soaked. A hub goes only if all three of its cells have room.
So the harm in a cell is at most about (1 + g) times what was needed to see it, whatever the size of the fleet.
Amber goes slower and never freezes: a frozen cell never gets the evidence that would clear it.
For the same reason a cell without room that has rested for a soak may send one more hub: where most hubs fall silent
none is proven, and a handful too few to convict would be neither cleared nor blamed for ever.
Evidence that cannot be read freezes the cell, and is cleared by being read, not by more hubs.
"""

from collections.abc import Iterable

from safelaunch.domain.gates import Verdict
from safelaunch.domain.lights import EvidenceRules, Judgement, Light


def factor(judgements: Iterable[Judgement], *, rules: EvidenceRules) -> float:
    """This function will give the growth that the lights over a cell allow: its own and those above it.

    No judgement at all is no evidence, and allows nothing.
    """
    slowest, seen = rules.growth, False
    for judgement in judgements:
        seen = True
        if judgement.light is Light.RED or judgement.verdict is not Verdict.PASS:
            return 0.0
        if judgement.light is Light.AMBER:
            slowest = min(slowest, rules.growth_amber)
    return slowest if seen else 0.0


def room(*, sent: int, proven: int, growth: float, rules: EvidenceRules, has_rested: bool = False) -> int:
    """This function will count the hubs of a cell that may still go today; with no growth there is no room at all.

    Args:
        sent: hubs of the cell that have gone.
        proven: hubs of the cell that are known and have soaked.
        growth: what its lights allow; see `factor`.
        rules: the floor.
        has_rested: whether nothing has been sent to the cell for longer than a soak.
    """
    if growth <= 0:
        return 0
    return max(int(has_rested), rules.growth_floor + int(growth * proven) - sent)
