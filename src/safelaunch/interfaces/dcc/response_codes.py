"""The response code of each kind of problem at the door for Users (`domain.md` 4.7, 4.9).

The codes of objections to an authentic request are `services/requests/admission.py`'s; here are those of messages that
never became one.
"""

from safelaunch.domain.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Unreachable,
    Unreadable,
)
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.signature import UntrustedSignature
from safelaunch.wire.smki import OutOfDateCertificate, UnreadableCertificate

RESPONSE_CODE_OF: dict[type[Problem], ResponseCode] = {
    UntrustedSignature: ResponseCode.E65,
    OutOfDateCertificate: ResponseCode.E65,
    UnreadableCertificate: ResponseCode.E65,
    Unreadable: ResponseCode.E100,
    Invalid: ResponseCode.E100,
    NotFound: ResponseCode.E19,
    Conflict: ResponseCode.E48,
    Forbidden: ResponseCode.E2,
    Refused: ResponseCode.E48,
    Unreachable: ResponseCode.E20,
}


def code_of(problem: Problem) -> ResponseCode:
    """This function will give the response code of the nearest class in the table."""
    return next(RESPONSE_CODE_OF[kind] for kind in type(problem).__mro__ if kind in RESPONSE_CODE_OF)
