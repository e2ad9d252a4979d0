"""The checklist of a gate that runs on evidence: G1 to G5 (`gates.md` 5.11, R-0024-8, R-0024-9).

    G1 list       every pair with at least 5 hubs in the fleet has 5 in the pilot (or all), or a signed exception;
                  the seed of the lots and the strata are recorded and frozen
    G2 maturity   at least 95 % of the stage's hubs are known and have soaked
    G3 lights     nothing red, and no amber above the level of cells
    G4 assurance  the most that the excess of WAN and of HAN loss can be, by a 95 % confidence sequence, is small
                  enough: 1.5 points in 14 days to leave the pilot, 0.6 to leave the Safe Launch
    G5 people     no open objection of a Supplier that has not been overruled with a reason

Before all of them stands G0: the evidence is today's. Each answers PASS, FAIL or INSUFFICIENT; a gate is the worst
of its answers. Whatever is missing is INSUFFICIENT. Severity may shorten a soak; it never skips a light.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.endpoints import EndpointName
from safelaunch.domain.gates import GateAssessment, GateCriterion, Verdict
from safelaunch.domain.lights import CELLS, EvidenceRules, Judgement, Level, Light

ASSURED = (EndpointName.WAN, EndpointName.HAN)
"""The endpoints whose excess G4 bounds."""


@dataclass(frozen=True, slots=True)
class StageEvidence:
    """What is known of the stage that a gate closes; None is what could not be read.

    Attributes:
        phase: PILOT or SAFE_LAUNCH.
        days_behind: how many days the evidence is older than it should be; 0 is today's.
        pairs_short: pairs that have fewer pilot hubs than they should, without a signed exception.
        is_frozen: whether the seed of the lots and the strata were recorded before the first hub went.
        sent: hubs of the stage handed to a network and reached by it.
        mature: hubs of the stage whose state is known and that have soaked.
        judgements: the lights of every unit that is neither quarantined nor stopped.
        excess: the upper end of the excess of each endpoint of `ASSURED` in a window, in 0..1.
        open_objections: objections of Suppliers that have been neither withdrawn nor overruled.
    """

    phase: Phase
    days_behind: int | None
    pairs_short: int | None
    is_frozen: bool | None
    sent: int | None
    mature: int | None
    judgements: tuple[Judgement, ...]
    excess: tuple[float | None, ...]
    open_objections: int | None


def assess(evidence: StageEvidence, *, rules: EvidenceRules) -> GateAssessment:
    """This function will judge a gate by its checklist."""
    criteria = (
        _freshness(evidence),
        _list(evidence),
        _maturity(evidence, rules),
        _lights(evidence.judgements),
        _assurance(evidence, rules),
        _people(evidence),
    )
    return GateAssessment(verdict=worst(one.verdict for one in criteria), criteria=criteria)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """This function will give the strictest of several verdicts; of none at all, INSUFFICIENT."""
    found = set(verdicts)
    order = (Verdict.FAIL, Verdict.INSUFFICIENT, Verdict.PASS)
    return next((verdict for verdict in order if verdict in found), Verdict.INSUFFICIENT)


def waits_for_assurance(assessment: GateAssessment) -> bool:
    """This function will be true when only more hubs can answer what is still open.

    Then the stage goes on growing by proof, cell by cell: a stage that has sent all its hubs and stands still would
    wait for ever, because only newly upgraded hubs bring new evidence (`gates.md` 8, 3).
    """
    open_ones = {one.name for one in assessment.criteria if one.verdict is not Verdict.PASS}
    return assessment.verdict is Verdict.INSUFFICIENT and open_ones == {"assurance"}


def _freshness(evidence: StageEvidence) -> GateCriterion:
    behind = evidence.days_behind
    if behind is None:
        return GateCriterion("freshness", Verdict.INSUFFICIENT, "No evidence has been read.")
    verdict = Verdict.PASS if behind <= 0 else Verdict.INSUFFICIENT
    reason = "The evidence is today's." if behind <= 0 else f"The evidence is {behind:,} days behind."
    return GateCriterion("freshness", verdict, reason)


def _list(evidence: StageEvidence) -> GateCriterion:
    if evidence.pairs_short is None or evidence.is_frozen is None:
        return GateCriterion("list", Verdict.INSUFFICIENT, "The pilot's coverage has not been measured.")
    if not evidence.is_frozen:
        return GateCriterion(
            "list", Verdict.FAIL, "The seed of the lots and the strata were not frozen before the first hub."
        )
    verdict = Verdict.PASS if evidence.pairs_short <= 0 else Verdict.INSUFFICIENT
    reason = f"Pairs with too few pilot hubs and no signed exception: {evidence.pairs_short:,}."
    return GateCriterion("list", verdict, reason)


def _maturity(evidence: StageEvidence, rules: EvidenceRules) -> GateCriterion:
    if not evidence.sent or evidence.mature is None:
        return GateCriterion("maturity", Verdict.INSUFFICIENT, "No hub of this stage has been upgraded yet.")
    share = evidence.mature / evidence.sent
    verdict = Verdict.PASS if share >= rules.known_share_min else Verdict.INSUFFICIENT
    reason = (
        f"{evidence.mature:,} of {evidence.sent:,} hubs ({share:.1%}) are known and have soaked for "
        f"{rules.soak_days} days; {rules.known_share_min:.0%} are needed."
    )
    return GateCriterion("maturity", verdict, reason)


def _lights(judgements: tuple[Judgement, ...]) -> GateCriterion:
    if not any(one.unit.level is Level.CAMPAIGN for one in judgements):
        return GateCriterion("lights", Verdict.INSUFFICIENT, "The campaign's own light has not been read.")
    reds = [one for one in judgements if one.light is Light.RED]
    if reds:
        return GateCriterion("lights", Verdict.FAIL, f"Red: {_named(reds)}.")
    unread = [one for one in judgements if one.verdict is not Verdict.PASS]
    if unread:
        return GateCriterion("lights", Verdict.INSUFFICIENT, f"Not read: {_named(unread)}.")
    ambers = [one for one in judgements if one.light is Light.AMBER and one.unit.level not in CELLS]
    if ambers:
        return GateCriterion("lights", Verdict.INSUFFICIENT, f"Amber: {_named(ambers)}.")
    return GateCriterion("lights", Verdict.PASS, "Nothing is red, and nothing above a single cell is amber.")


def _assurance(evidence: StageEvidence, rules: EvidenceRules) -> GateCriterion:
    tolerated = rules.excess_max[0] if evidence.phase is Phase.PILOT else rules.excess_max[1]
    if len(evidence.excess) != len(ASSURED) or any(one is None or math.isnan(one) for one in evidence.excess):
        return GateCriterion(
            "assurance", Verdict.INSUFFICIENT, "The excess over hubs not upgraded is not known."
        )
    parts = [
        f"{name} at most {_points(upper or 0.0)}"
        for name, upper in zip(ASSURED, evidence.excess, strict=True)
    ]
    reason = (
        f"Extra losses in {rules.window_days} days, {rules.confidence:.0%} sure: {', '.join(parts)}; "
        f"{_points(tolerated)} is tolerated."
    )
    passed = all(upper is not None and upper <= tolerated for upper in evidence.excess)
    return GateCriterion("assurance", Verdict.PASS if passed else Verdict.INSUFFICIENT, reason)


def _people(evidence: StageEvidence) -> GateCriterion:
    if evidence.open_objections is None:
        return GateCriterion("people", Verdict.INSUFFICIENT, "The Suppliers' objections could not be read.")
    verdict = Verdict.PASS if evidence.open_objections <= 0 else Verdict.INSUFFICIENT
    return GateCriterion(
        "people", verdict, f"Objections of Suppliers that are open: {evidence.open_objections:,}."
    )


def _named(judgements: list[Judgement]) -> str:
    shown = ", ".join(str(one.unit) for one in judgements[:3])
    more = len(judgements) - 3
    return shown if more <= 0 else f"{shown} and {more:,} more"


def _points(share: float) -> str:
    return "anything" if math.isinf(share) else f"{100 * share:+.2f} points"
