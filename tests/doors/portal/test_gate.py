"""The gate's form offers each person exactly what they may decide."""

import dataclasses
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.gates import GateAssessment, GateCriterion, GateEvidence, Verdict
from safelaunch.services.gates import GateReview
from safelaunch.store.reads.gates import DecisionFacts
from tests.doors.portal import scene

EVIDENCE = GateEvidence(
    waiting=0,
    sent=400,
    activated=399,
    failed=1,
    unknown=0,
    soaked=400,
    success=None,
    silent_upgraded=0,
    silent_control=0,
    days_upgraded=2_000.0,
    days_control=9_000.0,
    silence_increase=None,
    open_sev1=0,
    as_of=scene.AT,
)
PROPOSAL = DecisionFacts(
    phase="PILOT",
    verdict="PASS",
    decision="PROCEED",
    reasons=[],
    evidence_digest=EVIDENCE.digest(),
    person_id=1,
    person_name="Ada Okafor",
    note="Looks well.",
    decided_at=scene.AT,
)
REVIEW = GateReview(
    reference=scene.REFERENCE,
    phase=Phase.PILOT,
    has_gate=True,
    evidence=EVIDENCE,
    assessment=GateAssessment(Verdict.PASS, (GateCriterion("activation", Verdict.PASS, "399 of 400."),)),
    proposals=[],
)


def shown(*, proposals=(), is_held=False, verdict=Verdict.PASS, **rights) -> str:
    review = dataclasses.replace(
        REVIEW,
        proposals=list(proposals),
        assessment=dataclasses.replace(REVIEW.assessment, verdict=verdict),
    )
    context = {
        "review": review,
        "digest": EVIDENCE.digest(),
        "campaign": SimpleNamespace(reference=scene.REFERENCE, is_held=is_held),
        "may_propose": True,
        "may_approve": False,
        "has_proposed": False,
        **rights,
    }
    return render_to_string("portal/_gate.html", context)


def test_the_first_person_may_propose():
    page = shown()
    assert "Propose to open the gate" in page
    assert f'value="{EVIDENCE.digest()}"' in page
    assert "399 of 400." in page


def test_the_second_person_sees_who_proposed_and_why_and_may_approve():
    page = shown(proposals=[PROPOSAL], may_approve=True)
    assert "Approve and open the gate" in page
    assert "Ada Okafor" in page
    assert "Looks well." in page


@pytest.mark.parametrize("rights", [{"may_approve": True, "has_proposed": True}, {"may_approve": False}])
def test_who_proposed_or_may_not_approve_waits_for_an_approver(rights):
    page = shown(proposals=[PROPOSAL], **rights)
    assert 'value="PROCEED"' not in page
    assert "an approver has to agree" in page.lower()


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.INSUFFICIENT])
def test_a_verdict_that_is_not_pass_leaves_only_the_hold(verdict):
    page = shown(verdict=verdict)
    assert 'value="PROCEED"' not in page
    assert 'value="HOLD"' in page


def test_nobody_decides_at_the_gate_of_a_held_campaign_or_without_the_right():
    assert "<form" not in shown(is_held=True)
    assert "<form" not in shown(may_propose=False)
