"""Evidence opens a gate, proof of harm fails it, and anything between or missing holds it (Q7)."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.campaigns import CampaignRules
from safelaunch.domain.gates import (
    Estimate,
    GateEvidence,
    GateNotReady,
    Verdict,
    assess,
    require_passed,
    watch,
)

RULES = CampaignRules()
GOOD = GateEvidence(
    sent=1_000,
    waiting=0,
    activated=985,
    failed=10,
    unknown=5,
    soaked=990,
    success=Estimate(value=0.99, low=0.982, high=0.995),
    silent_upgraded=4,
    silent_control=40,
    days_upgraded=7_000.0,
    days_control=70_000.0,
    silence_increase=Estimate(value=0.0, low=-0.004, high=0.004),
    open_sev1=0,
    as_of=datetime(2026, 4, 20, 8, 0, tzinfo=UTC),
)
shares = st.floats(0, 1)
estimates = (
    st.tuples(shares, shares, shares).map(sorted).map(lambda three: Estimate(three[1], three[0], three[2]))
)
evidences = st.builds(
    replace,
    st.just(GOOD),
    sent=st.integers(0, 1_000),
    soaked=st.integers(0, 1_000),
    success=st.none() | estimates,
    silence_increase=st.none() | estimates,
    open_sev1=st.none() | st.integers(0, 3),
)


def verdict_of(name, evidence):
    return next(
        criterion.verdict for criterion in assess(evidence, rules=RULES).criteria if criterion.name == name
    )


def test_good_evidence_passes_and_every_line_gives_its_figures():
    assessment = assess(GOOD, rules=RULES)
    assert assessment.verdict is Verdict.PASS
    assert [criterion.name for criterion in assessment.criteria] == [
        "size",
        "maturity",
        "activation",
        "silence",
        "incidents",
    ]
    require_passed(assessment)
    assert "990 of 1,000 hubs (99.0%)" in assessment.criteria[1].reason


@pytest.mark.parametrize(
    ("missing", "criterion"),
    [
        ({"success": None}, "activation"),
        ({"silence_increase": None}, "silence"),
        ({"open_sev1": None}, "incidents"),
        ({"sent": 0, "soaked": 0}, "maturity"),
    ],
)
def test_missing_evidence_never_opens_a_gate(missing, criterion):
    evidence = replace(GOOD, **missing)
    assert verdict_of(criterion, evidence) is Verdict.INSUFFICIENT
    assessment = assess(evidence, rules=RULES)
    assert assessment.verdict is Verdict.INSUFFICIENT
    with pytest.raises(GateNotReady, match="The gate says INSUFFICIENT"):
        require_passed(assessment)


@given(evidences)
def test_a_gate_passes_only_when_each_criterion_does_and_nothing_is_missing(evidence):
    assessment = assess(evidence, rules=RULES)
    verdicts = {criterion.verdict for criterion in assessment.criteria}
    assert (assessment.verdict is Verdict.PASS) == (verdicts == {Verdict.PASS})
    assert (assessment.verdict is Verdict.FAIL) == (Verdict.FAIL in verdicts)
    if None in (evidence.success, evidence.silence_increase, evidence.open_sev1) or evidence.sent == 0:
        assert assessment.verdict is not Verdict.PASS
    assert assessment.reasons


@pytest.mark.parametrize(
    ("success", "verdict"),
    [
        (Estimate(0.98, 0.95, 0.99), Verdict.PASS),
        (Estimate(0.9799, 0.95, 0.99), Verdict.INSUFFICIENT),
        (Estimate(0.97, 0.95, 0.98), Verdict.INSUFFICIENT),
        (Estimate(0.97, 0.95, 0.9799), Verdict.FAIL),
    ],
)
def test_activation_fails_only_when_the_whole_interval_lies_below(success, verdict):
    assert verdict_of("activation", replace(GOOD, success=success)) is verdict


@pytest.mark.parametrize(
    ("increase", "verdict"),
    [
        (Estimate(0.01, 0.0, 0.02), Verdict.PASS),
        (Estimate(0.0101, 0.0, 0.02), Verdict.INSUFFICIENT),
        (Estimate(0.02, 0.01, 0.03), Verdict.INSUFFICIENT),
        (Estimate(0.02, 0.0101, 0.03), Verdict.FAIL),
        (Estimate(-0.02, -0.03, -0.01), Verdict.PASS),
    ],
)
def test_silence_fails_only_when_the_whole_interval_lies_above(increase, verdict):
    assert verdict_of("silence", replace(GOOD, silence_increase=increase)) is verdict


@pytest.mark.parametrize(
    "unreadable", [Estimate(float("nan"), float("nan"), float("nan")), Estimate(float("nan"), 0.0, 1.0)]
)
def test_figures_that_are_no_numbers_never_open_a_gate(unreadable):
    assert assess(replace(GOOD, success=unreadable), rules=RULES).verdict is not Verdict.PASS
    assert assess(replace(GOOD, silence_increase=unreadable), rules=RULES).verdict is not Verdict.PASS


def test_a_phase_is_mature_at_its_share_of_known_and_soaked_hubs():
    assert verdict_of("maturity", replace(GOOD, soaked=950)) is Verdict.PASS
    assert verdict_of("maturity", replace(GOOD, soaked=949)) is Verdict.INSUFFICIENT


def test_one_open_severity_1_incident_fails_the_gate_and_stops_the_phase():
    evidence = replace(GOOD, open_sev1=1)
    assert assess(evidence, rules=RULES).verdict is Verdict.FAIL
    assert watch(evidence, rules=RULES).reasons == ["1 Severity 1 incident is open; none may be."]


def test_the_incident_line_counts_as_people_do():
    def line(count, allowed=0):
        rules = CampaignRules(open_sev1_max=allowed)
        return assess(replace(GOOD, open_sev1=count), rules=rules).criteria[-1].reason

    assert line(0) == "No Severity 1 incidents are open; none may be."
    assert line(2, allowed=1) == "2 Severity 1 incidents are open; 1 may be."


@pytest.mark.parametrize(
    ("activated", "failed", "waiting", "verdict"),
    [
        (1, 0, 900, Verdict.INSUFFICIENT),
        (49, 0, 1, Verdict.INSUFFICIENT),
        (50, 0, 900, Verdict.PASS),
        (49, 1, 900, Verdict.PASS),
        (4, 0, 0, Verdict.PASS),
        (0, 0, 0, Verdict.INSUFFICIENT),
    ],
)
def test_a_gate_needs_fifty_known_outcomes_or_the_whole_phase(activated, failed, waiting, verdict):
    evidence = replace(GOOD, activated=activated, failed=failed, waiting=waiting)
    assert verdict_of("size", evidence) is verdict


def test_one_early_success_does_not_open_a_gate_however_good_it_looks():
    one = replace(GOOD, sent=1, activated=1, failed=0, unknown=0, soaked=1, waiting=499)
    assert assess(one, rules=RULES).verdict is Verdict.INSUFFICIENT
    assert assess(replace(one, success=Estimate(1.0, 0.025, 1.0)), rules=RULES).reasons == [
        "Known outcomes of this phase: 1; at least 50 are needed, or a turn for every hub of the phase "
        "(499 still to come)."
    ]
    assert watch(one, rules=RULES).verdict is Verdict.PASS


def test_the_stop_rule_does_not_wait_for_maturity():
    young = replace(GOOD, soaked=0)
    assert assess(young, rules=RULES).verdict is Verdict.INSUFFICIENT
    assert watch(young, rules=RULES).verdict is Verdict.PASS


def test_the_worst_criterion_decides_and_gives_the_reasons():
    evidence = replace(GOOD, success=Estimate(0.5, 0.4, 0.6), silence_increase=None)
    assessment = assess(evidence, rules=RULES)
    assert assessment.verdict is Verdict.FAIL
    assert len(assessment.reasons) == 1
    assert "50.00%" in assessment.reasons[0]


def test_the_digest_of_evidence_changes_with_every_figure_and_not_with_the_time():
    assert replace(GOOD, as_of=GOOD.as_of + timedelta(hours=1)).digest() == GOOD.digest()
    for field in fields(GateEvidence):
        if field.name == "as_of":
            continue
        value = getattr(GOOD, field.name)
        other = Estimate(0.5, 0.4, 0.6) if isinstance(value, Estimate) else value + 1
        assert replace(GOOD, **{field.name: other}).digest() != GOOD.digest(), field.name
