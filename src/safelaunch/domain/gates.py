"""Gates: evidence opens them, doubt holds them (design 2.1, Q7, R-0024-8, R-0024-9).

A gate closes PILOT and SAFE_LAUNCH. Its criteria, each answered PASS, FAIL or INSUFFICIENT:

    size         at least 50 hubs of the phase have a known outcome, or every hub of the phase has had its turn
    maturity     at least 95 % of the phase's hubs that were sent have a known state and have soaked
    activation   at least 98 % of the known outcomes are activations
    silence      hubs go silent at most 1 point more often in the 5 days after activation than hubs not upgraded
    incidents    no open Severity 1 incident

FAIL needs proof: the whole confidence interval lies on the wrong side. PASS needs the estimate on the right side
and enough hubs; anything between, missing or unreadable is INSUFFICIENT, which never opens a gate. Enough is not
proof of 98 %: that would take 149 hubs without a failure (rule of three), more than a small fleet's whole pilot has.
It keeps a handful of early successes from opening a gate, and what a breach could still cost is bounded by growth
(`tranches.py`). The gate's verdict is the worst of its criteria. While a phase runs the same criteria, without size
and maturity, are a stop rule.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from safelaunch.domain.campaigns import CampaignRules, Phase
from safelaunch.domain.refusals import Conflict


class Verdict(StrEnum):
    """What evidence says of a criterion or a gate."""

    PASS = "PASS"
    FAIL = "FAIL"
    INSUFFICIENT = "INSUFFICIENT"


class Decision(StrEnum):
    """What people decide at a gate."""

    PROCEED = "PROCEED"
    HOLD = "HOLD"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate with its confidence interval; `None` in place of it means that nothing could be measured."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GateEvidence:
    """What is known of a phase at a moment: counts of hubs, rates with intervals, hub-days watched.

    Attributes:
        sent: hubs of the phase handed to a network.
        waiting: hubs of the phase that have not had their turn.
        activated, failed, unknown: outcomes; unknown are hubs that have not answered.
        soaked: hubs whose state is known and that have soaked.
        success: activations among known outcomes.
        silence_increase: extra share of hubs silent per window, upgraded less not upgraded; points in 0..1.
        open_sev1: open Severity 1 incidents, an emergency stop by a Supplier among them.
    """

    sent: int
    waiting: int
    activated: int
    failed: int
    unknown: int
    soaked: int
    success: Estimate | None
    silent_upgraded: int
    silent_control: int
    days_upgraded: float
    days_control: float
    silence_increase: Estimate | None
    open_sev1: int | None
    as_of: datetime

    def digest(self) -> str:
        """This function will give the SHA-256 of the evidence, without its time, as a person saw it."""
        body = {name: value for name, value in asdict(self).items() if name != "as_of"}
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class GateCriterion:
    """One line of a gate's checklist, with its reason in words."""

    name: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class GateAssessment:
    """A gate's verdict and its checklist."""

    verdict: Verdict
    criteria: tuple[GateCriterion, ...]

    @property
    def reasons(self) -> list[str]:
        """This function will give the reasons of the criteria that decide the verdict."""
        return [criterion.reason for criterion in self.criteria if criterion.verdict is self.verdict]


@dataclass(frozen=True, slots=True)
class GateDecision:
    """What was decided at the gate that closes `phase`, on what was seen; `person_id` None is a rule of the house."""

    phase: Phase
    assessment: GateAssessment
    evidence: GateEvidence
    decision: Decision
    person_id: int | None
    note: str
    decided_at: datetime


class EvidenceMoved(Conflict):
    """The evidence has changed since the person saw it."""


class GateNotReady(Conflict):
    """The gate's verdict does not allow what was asked."""


def assess(evidence: GateEvidence, *, rules: CampaignRules) -> GateAssessment:
    """This function will judge a gate (Q7)."""
    return _worst_of(
        (
            _size(evidence, rules),
            _maturity(evidence, rules),
            _activation(evidence, rules),
            _silence(evidence, rules),
            _incidents(evidence, rules),
        )
    )


def watch(evidence: GateEvidence, *, rules: CampaignRules) -> GateAssessment:
    """This function will judge a running phase: FAIL means stop now, anything else lets the phase go on."""
    return _worst_of((_activation(evidence, rules), _silence(evidence, rules), _incidents(evidence, rules)))


def require_passed(assessment: GateAssessment) -> None:
    """This function will insist that a gate may be opened.

    Raises:
        GateNotReady: the verdict is not PASS; the sentence gives the reasons.
    """
    if assessment.verdict is not Verdict.PASS:
        raise GateNotReady(f"The gate says {assessment.verdict.value}: {' '.join(assessment.reasons)}")


def _worst_of(criteria: Iterable[GateCriterion]) -> GateAssessment:
    criteria = tuple(criteria)
    verdicts = {criterion.verdict for criterion in criteria}
    worst = next(v for v in (Verdict.FAIL, Verdict.INSUFFICIENT, Verdict.PASS) if v in verdicts)
    return GateAssessment(verdict=worst, criteria=criteria)


def _size(evidence: GateEvidence, rules: CampaignRules) -> GateCriterion:
    known = evidence.activated + evidence.failed
    reason = (
        f"Known outcomes of this phase: {known:,}; at least {rules.min_hubs:,} are needed, or a turn for every hub "
        f"of the phase ({evidence.waiting:,} still to come)."
    )
    is_enough = known >= rules.min_hubs or (known > 0 and evidence.waiting == 0)
    return GateCriterion("size", Verdict.PASS if is_enough else Verdict.INSUFFICIENT, reason)


def _maturity(evidence: GateEvidence, rules: CampaignRules) -> GateCriterion:
    if evidence.sent == 0:
        return GateCriterion("maturity", Verdict.INSUFFICIENT, "No hub of this phase has been sent yet.")
    share = evidence.soaked / evidence.sent
    reason = (
        f"{evidence.soaked:,} of {evidence.sent:,} hubs ({share:.1%}) are known and have soaked for "
        f"{rules.soak_days} days; {rules.known_share_min:.0%} are needed."
    )
    verdict = Verdict.PASS if share >= rules.known_share_min else Verdict.INSUFFICIENT
    return GateCriterion("maturity", verdict, reason)


def _activation(evidence: GateEvidence, rules: CampaignRules) -> GateCriterion:
    success = evidence.success
    if success is None:
        return GateCriterion(
            "activation", Verdict.INSUFFICIENT, "No hub of this phase has a known outcome yet."
        )
    reason = (
        f"{evidence.activated:,} of {evidence.activated + evidence.failed:,} known outcomes are activations "
        f"({success.value:.2%}, {rules.confidence:.0%} interval {success.low:.2%} to {success.high:.2%}); "
        f"{rules.activation_success_min:.0%} are needed."
    )
    if success.high < rules.activation_success_min:
        return GateCriterion("activation", Verdict.FAIL, reason)
    passed = success.value >= rules.activation_success_min
    return GateCriterion("activation", Verdict.PASS if passed else Verdict.INSUFFICIENT, reason)


def _silence(evidence: GateEvidence, rules: CampaignRules) -> GateCriterion:
    increase = evidence.silence_increase
    if increase is None:
        return GateCriterion(
            "silence",
            Verdict.INSUFFICIENT,
            "Upgraded hubs and hubs not upgraded have not both been watched yet.",
        )
    reason = (
        f"{evidence.silent_upgraded:,} upgraded hubs went silent in {evidence.days_upgraded:,.0f} hub-days; against "
        f"hubs not upgraded that is {100 * increase.value:+.2f} points per {rules.silence_window_days} days "
        f"({rules.confidence:.0%} interval {100 * increase.low:+.2f} to {100 * increase.high:+.2f}); "
        f"at most {100 * rules.silence_increase_max:+.2f} is tolerated."
    )
    if increase.low > rules.silence_increase_max:
        return GateCriterion("silence", Verdict.FAIL, reason)
    passed = increase.value <= rules.silence_increase_max
    return GateCriterion("silence", Verdict.PASS if passed else Verdict.INSUFFICIENT, reason)


def _incidents(evidence: GateEvidence, rules: CampaignRules) -> GateCriterion:
    if evidence.open_sev1 is None:
        return GateCriterion("incidents", Verdict.INSUFFICIENT, "The incident record could not be read.")
    noun = "incident is" if evidence.open_sev1 == 1 else "incidents are"
    reason = f"{evidence.open_sev1 or 'No'} Severity 1 {noun} open; {rules.open_sev1_max or 'none'} may be."
    verdict = Verdict.PASS if evidence.open_sev1 <= rules.open_sev1_max else Verdict.FAIL
    return GateCriterion("incidents", verdict, reason)
