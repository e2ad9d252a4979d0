"""Which hubs a campaign may upgrade: the rules in order, and the first refusal wins."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelaunch.domain.eligibility import Eligibility, HubFacts, judge
from safelaunch.domain.smi import CplStatus, SmiStatus

TARGET = "0002"
FINE = HubFacts(
    firmware_version="0001",
    smi_status=SmiStatus.COMMISSIONED,
    is_in_use=True,
    is_target_model=True,
    target_cpl_status=CplStatus.ACTIVE,
)
any_facts = st.builds(
    HubFacts,
    firmware_version=st.none() | st.sampled_from(["0001", TARGET]),
    smi_status=st.none() | st.sampled_from(SmiStatus),
    is_in_use=st.booleans(),
    is_target_model=st.booleans(),
    target_cpl_status=st.none() | st.sampled_from(CplStatus),
)


def test_a_commissioned_hub_of_a_model_in_the_release_is_eligible():
    assert judge(FINE, firmware_version=TARGET) is Eligibility.ELIGIBLE


@given(any_facts)
def test_a_hub_is_eligible_only_when_every_rule_holds(facts):
    eligible = (
        facts.is_target_model
        and facts.target_cpl_status is CplStatus.ACTIVE
        and facts.smi_status is not None
        and facts.is_in_use
    )
    assert (judge(facts, firmware_version=TARGET) is Eligibility.ELIGIBLE) == eligible


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"smi_status": None}, Eligibility.NOT_IN_INVENTORY),
        ({"is_target_model": False}, Eligibility.MODEL_NOT_IN_RELEASE),
        ({"is_target_model": False, "firmware_version": TARGET}, Eligibility.ALREADY_ON_VERSION),
        ({"is_target_model": False, "firmware_version": None}, Eligibility.MODEL_NOT_IN_RELEASE),
        ({"target_cpl_status": None}, Eligibility.TARGET_NOT_ON_CPL),
        ({"target_cpl_status": CplStatus.EXPIRED}, Eligibility.TARGET_NOT_ON_CPL),
        ({"smi_status": SmiStatus.SUSPENDED}, Eligibility.ELIGIBLE),
        ({"smi_status": SmiStatus.SUSPENDED, "is_in_use": False}, Eligibility.NOT_COMMISSIONED),
        ({"is_in_use": False, "target_cpl_status": None}, Eligibility.TARGET_NOT_ON_CPL),
        ({"smi_status": None, "is_target_model": False}, Eligibility.NOT_IN_INVENTORY),
    ],
)
def test_the_first_rule_that_does_not_hold_gives_the_outcome(change, outcome):
    assert judge(replace(FINE, **change), firmware_version=TARGET) is outcome
