"""A campaign's phases and gates in order, with the dates that are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import GATE_AFTER, Phase
from safelaunch.interfaces.portal.marks import word_of
from safelaunch.store.reads.progress import CampaignView, GateStep

ORDER = (Phase.DRAFT, Phase.NOTIFIED, Phase.PILOT, Phase.SAFE_LAUNCH, Phase.MASS_ROLL_OUT, Phase.COMPLETE)
_GATES = {Phase.PILOT: "Pilot gate", Phase.SAFE_LAUNCH: "Safe Launch gate"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the timeline: `standing` is done, now or next; `said` is what the date means."""

    name: str
    is_gate: bool
    standing: str
    said: str
    day: date | None


def timeline(campaign: CampaignView, gates: Sequence[GateStep]) -> list[Step]:
    """This function will list a campaign's phases and gates with what is promised and what was met."""
    phase = Phase(campaign.phase)
    reached = _reached(phase, gates)
    passed = _passed(reached, gates)
    steps = []
    for index, each in enumerate(ORDER):
        standing = _standing(index, reached, over=phase in (Phase.COMPLETE, Phase.ABANDONED))
        said, day = _dates(each, campaign, passed, standing=standing)
        steps.append(Step(word_of(each.value), is_gate=False, standing=standing, said=said, day=day))
        if each in GATE_AFTER:
            is_open = index < reached
            opened = passed.get(each)
            steps.append(
                Step(
                    _GATES[each],
                    is_gate=True,
                    standing="done" if is_open else "next",
                    said="Opened" if is_open else "Needs two people",
                    day=calendar.london_date(opened) if opened else None,
                )
            )
    return steps


def _reached(phase: Phase, gates: Sequence[GateStep]) -> int:
    if phase is not Phase.ABANDONED:
        return ORDER.index(phase)
    # An abandoned campaign got as far as its gates show.
    decided = [ORDER.index(Phase(gate.phase)) for gate in gates]
    return max(decided, default=ORDER.index(Phase.NOTIFIED))


def _passed(reached: int, gates: Sequence[GateStep]) -> dict[Phase, datetime]:
    """The moment of the last PROCEED at each gate that lies behind the campaign."""
    return {
        Phase(gate.phase): gate.decided_at
        for gate in gates
        if gate.decision == "PROCEED" and ORDER.index(Phase(gate.phase)) < reached
    }


def _standing(index: int, reached: int, *, over: bool) -> str:
    if index < reached or (over and index == reached):
        return "done"
    return "now" if index == reached else "next"


def _dates(
    phase: Phase, campaign: CampaignView, passed: dict[Phase, datetime], *, standing: str
) -> tuple[str, date | None]:
    began = {
        Phase.DRAFT: campaign.created_at,
        Phase.NOTIFIED: campaign.published_at,
        Phase.PILOT: campaign.pilot_starts_at,
        Phase.SAFE_LAUNCH: passed.get(Phase.PILOT),
        Phase.MASS_ROLL_OUT: passed.get(Phase.SAFE_LAUNCH),
        Phase.COMPLETE: campaign.phase_since if campaign.phase == Phase.COMPLETE else None,
    }[phase]
    if standing != "next":
        if phase.value == campaign.phase and phase is not Phase.DRAFT:
            began = campaign.phase_since
        return "Since" if standing == "now" else "Began", calendar.london_date(began) if began else None
    promised = {Phase.PILOT: campaign.pilot_starts_on, Phase.COMPLETE: campaign.activate_by}.get(phase)
    if promised is None:
        return "After its gate", None
    return ("Activate by" if phase is Phase.COMPLETE else "From"), promised
