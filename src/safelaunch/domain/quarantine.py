"""Who is blamed, and what happens to them (`gates.md` 5.10).

1. The reddest unit is blamed first: the one whose evidence is furthest above its stop line.
2. A cell is quarantined: nothing more is sent to it, and its hubs leave both arms of everybody else's evidence,
   upgraded and not upgraded alike. The others are weighed again without them, which explains neighbours away.
3. A hub model, a region or the campaign stops everything; so does one cell more than may be quarantined.
4. What is quarantined or stopped stays so until people release it. Hubs upgraded already stay under watch.

One answer at a time: after each the evidence is weighed again, and the question asked again, on the same day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from safelaunch.domain.lights import CELLS, EvidenceRules, Judgement, Light, Unit


class Act(StrEnum):
    """What the rules do of their own accord."""

    NOTHING = "NOTHING"
    QUARANTINE = "QUARANTINE"
    STOP = "STOP"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules have done so far in a campaign; `stopped_for` is the unit that stopped everything."""

    quarantined: tuple[Unit, ...] = ()
    stopped_for: Unit | None = None

    @property
    def is_stopped(self) -> bool:
        """This function will be true once everything has stopped."""
        return self.stopped_for is not None


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of the rules: what is done, to whom, and why, in a sentence."""

    act: Act
    unit: Unit | None
    reason: str


_QUIET = Response(Act.NOTHING, None, "")


def respond(judgements: Iterable[Judgement], *, standing: Standing, rules: EvidenceRules) -> Response:
    """This function will blame the reddest unit that has not been answered for, or nobody."""
    if standing.is_stopped:
        return _QUIET
    reds = [one for one in judgements if one.light is Light.RED and one.unit not in set(standing.quarantined)]
    if not reds:
        return _QUIET
    reddest = max(reds, key=lambda one: (one.margin, one.unit))
    unit, what = reddest.unit, f"{reddest.cause} evidence is 10^{reddest.margin:.1f} above the stop line"
    if unit.level not in CELLS:
        return Response(Act.STOP, unit, f"Everything stops: {what} for the {unit}.")
    if len(standing.quarantined) >= rules.max_quarantined:
        many = f"{rules.max_quarantined} combinations are quarantined already"
        return Response(Act.STOP, unit, f"Everything stops: {many}, and {what} for {unit}.")
    return Response(Act.QUARANTINE, unit, f"{unit} is quarantined: {what}. The other combinations go on.")


def after(standing: Standing, *, response: Response) -> Standing:
    """This function will give the standing once a response has been carried out."""
    if response.act is Act.NOTHING or response.unit is None:
        return standing
    if response.act is Act.STOP:
        return replace(standing, stopped_for=response.unit)
    return replace(standing, quarantined=(*standing.quarantined, response.unit))
