"""What becomes of a Supplier's word on a hub."""

import pytest

from safelaunch.domain.hub_feedback import REASONS, WORDS, FeedbackOutcome, Finding, judge
from safelaunch.domain.hub_upgrades import HubState

WORKS, SILENT, OTHER = Finding.WORKS, Finding.METER_SILENT, Finding.OTHER
SENT = {HubState.INSTRUCTED, HubState.DEPLOYED, HubState.UNKNOWN, HubState.FAILED, HubState.ACTIVATED}


@pytest.mark.parametrize("state", [None, *HubState])
def test_a_hub_is_spoken_of_once_firmware_has_been_sent_to_it(state):
    outcome = judge(is_own=True, state=state, findings=frozenset({WORKS}))
    assert (outcome is FeedbackOutcome.TAKEN_DOWN) == (state in SENT)
    assert judge(is_own=False, state=state, findings=frozenset({WORKS})) is FeedbackOutcome.NOT_YOURS


def test_a_hub_may_show_several_faults_and_cannot_work_besides():
    def outcome(*findings):
        return judge(is_own=True, state=HubState.ACTIVATED, findings=frozenset(findings))

    assert outcome(SILENT, OTHER) is FeedbackOutcome.TAKEN_DOWN
    assert outcome(SILENT, WORKS) is FeedbackOutcome.CONTRADICTED


def test_every_finding_and_every_outcome_has_words():
    assert set(WORDS) == set(Finding)
    assert set(REASONS) == set(FeedbackOutcome)
