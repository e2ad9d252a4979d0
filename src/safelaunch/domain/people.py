"""People and what they may do.

Anyone entitled may stop alone and at once; resuming takes two people (design 2.1).
An operator prepares and proposes, an approver is the second pair of eyes; nobody approves what they proposed.
A Supplier sees its own homes; the DCC sees all.
"""

from dataclasses import dataclass
from enum import StrEnum

from safelaunch.domain.refusals import Forbidden


class Role(StrEnum):
    """What a person is to the campaign."""

    OPERATOR = "OPERATOR"
    APPROVER = "APPROVER"
    SUPPLIER = "SUPPLIER"
    GOVERNANCE = "GOVERNANCE"


class Act(StrEnum):
    """What a person may ask for."""

    PREPARE = "PREPARE"
    STOP = "STOP"
    PROPOSE = "PROPOSE"
    APPROVE = "APPROVE"
    CHOOSE = "CHOOSE"
    JUDGE_DEFERRAL = "JUDGE_DEFERRAL"
    AGREE_ON_DEFERRAL = "AGREE_ON_DEFERRAL"
    STATE_POLICY = "STATE_POLICY"


_MAY: dict[Act, frozenset[Role]] = {
    Act.PREPARE: frozenset({Role.OPERATOR}),
    Act.STOP: frozenset({Role.OPERATOR, Role.APPROVER, Role.SUPPLIER}),
    Act.PROPOSE: frozenset({Role.OPERATOR, Role.APPROVER}),
    Act.APPROVE: frozenset({Role.APPROVER}),
    Act.CHOOSE: frozenset({Role.SUPPLIER}),
    Act.JUDGE_DEFERRAL: frozenset({Role.OPERATOR, Role.APPROVER, Role.GOVERNANCE}),
    Act.AGREE_ON_DEFERRAL: frozenset({Role.APPROVER, Role.GOVERNANCE}),
    Act.STATE_POLICY: frozenset({Role.OPERATOR}),
}

_WORDS: dict[Act, str] = {
    Act.PREPARE: "prepare, publish or abandon a campaign",
    Act.STOP: "stop a campaign",
    Act.PROPOSE: "propose a gate decision, a resume or a change to the CPL",
    Act.APPROVE: "approve what another person proposed",
    Act.CHOOSE: "choose for a Supplier's homes",
    Act.JUDGE_DEFERRAL: "propose a decision on a deferral",
    Act.AGREE_ON_DEFERRAL: "agree to a decision on a deferral",
    Act.STATE_POLICY: "state how a Party's lost answers are made good",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a person with a role, or a rule of the house (`person_id` None)."""

    name: str
    role: Role | None = None
    person_id: int | None = None
    party_id: int | None = None


RULE = Actor(name="Safelaunch")
"""The house itself, acting by a rule that the record names."""


def require(actor: Actor, act: Act) -> None:
    """This function will insist that a person's role allows the act.

    Raises:
        Forbidden: it does not; the sentence says who may.
    """
    if actor.role not in _MAY[act]:
        who = " or ".join(sorted(role.value.lower() for role in _MAY[act]))
        raise Forbidden(f"{actor.name} may not {_WORDS[act]}; {who} may.")


class SamePerson(Forbidden):
    """Four eyes are needed, and two of them are missing."""


def require_second_person(*, proposer_id: int, approver: Actor) -> None:
    """This function will insist that somebody else approves (design 3.1, Gates).

    Raises:
        SamePerson: the approver is the proposer.
    """
    if approver.person_id == proposer_id:
        raise SamePerson(f"{approver.name} proposed this; a second person has to approve it.")
