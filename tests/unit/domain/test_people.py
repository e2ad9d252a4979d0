"""Stopping takes one person; what opens a gate or resumes a campaign takes two."""

import pytest

from safelaunch.domain.people import RULE, Act, Actor, Role, SamePerson, require, require_second_person
from safelaunch.domain.refusals import Forbidden

MAY = {
    Role.OPERATOR: {Act.PREPARE, Act.STOP, Act.PROPOSE, Act.JUDGE_DEFERRAL, Act.STATE_POLICY},
    Role.APPROVER: {Act.STOP, Act.PROPOSE, Act.APPROVE, Act.JUDGE_DEFERRAL, Act.AGREE_ON_DEFERRAL},
    Role.SUPPLIER: {Act.STOP, Act.CHOOSE},
    Role.GOVERNANCE: {Act.JUDGE_DEFERRAL, Act.AGREE_ON_DEFERRAL},
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", list(Act))
def test_each_role_may_do_exactly_what_is_its_own(role, act):
    actor = Actor(name="Ada", role=role, person_id=1)
    if act in MAY[role]:
        require(actor, act)
    else:
        with pytest.raises(Forbidden, match="Ada may not"):
            require(actor, act)


@pytest.mark.parametrize("act", list(Act))
def test_a_rule_of_the_house_is_nobody_and_passes_no_check_meant_for_people(act):
    with pytest.raises(Forbidden):
        require(RULE, act)


def test_the_refusal_says_who_may():
    with pytest.raises(Forbidden, match="approver or operator or supplier may"):
        require(Actor(name="Grace", role=Role.GOVERNANCE, person_id=2), Act.STOP)


def test_nobody_approves_what_they_proposed():
    ada = Actor(name="Ada", role=Role.APPROVER, person_id=1)
    with pytest.raises(SamePerson, match="Ada proposed this"):
        require_second_person(proposer_id=1, approver=ada)
    require_second_person(proposer_id=2, approver=ada)
