"""The door for Users has a response code for every problem and every objection, and each is one of DUIS."""

import pytest

from safelaunch.domain.admission import Objection
from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.dcc.response_codes import RESPONSE_CODE_OF, code_of
from safelaunch.services.requests.admission import CODE_OF, WORDS
from safelaunch.wire.duis.responses.codes import ResponseCode
from tests.house.test_errors import FAMILIES, every_problem


def test_every_problem_there_is_has_a_code():
    unanswered = [
        kind.__qualname__
        for kind in every_problem() - {Problem}
        if not any(base in RESPONSE_CODE_OF for base in kind.__mro__)
    ]
    assert unanswered == []


@pytest.mark.parametrize("kind", sorted(every_problem() - {Problem}, key=lambda kind: kind.__qualname__))
def test_a_problem_is_answered_with_a_refusal(kind):
    code = code_of(kind.__new__(kind))
    assert isinstance(code, ResponseCode)
    assert code.startswith("E")


def test_the_families_have_codes_of_their_own():
    assert set(FAMILIES) <= set(RESPONSE_CODE_OF)


def test_every_objection_has_a_code_and_a_sentence():
    assert set(CODE_OF) == set(WORDS) == set(Objection)
    assert all(code.startswith("E") for code in CODE_OF.values())
    assert all(words.endswith(".") for words in WORDS.values())


def test_the_codes_are_those_that_the_facts_name():
    """`domain.md` 4.7: the ones whose meaning is sourced or inferred with some confidence."""
    named = {
        Objection.UNKNOWN_USER: "E1",
        Objection.ROLE_NOT_ELIGIBLE: "E2",
        Objection.NOT_RESPONSIBLE: "E4",
        Objection.DEVICE_STATUS: "E5",
        Objection.WRONG_DEVICE_TYPE: "E11",
        Objection.WRONG_COMMAND_VARIANT: "E12",
        Objection.WRONG_WEB_SERVICE: "E12",
        Objection.EXECUTION_TIME: "E17",
        Objection.UNKNOWN_TARGET: "E19",
    }
    assert {objection: CODE_OF[objection].value for objection in named} == named
