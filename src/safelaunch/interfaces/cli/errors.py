"""The exit code of each kind of problem (`design.md` 8.4): 1 refused, 2 usage, 3 unreachable, 4 verification failed."""

from safelaunch.domain.record import BrokenChain
from safelaunch.domain.refusals import Problem, Refused, Unreachable, Unreadable
from safelaunch.wire.csp import UntrustedSignature
from safelaunch.wire.duis.signature import UntrustedSignature as UntrustedXmlSignature
from safelaunch.wire.smki import OutOfDateCertificate

EXIT_CODE_OF: dict[type[Problem], int] = {
    Refused: 1,
    Unreadable: 1,
    Unreachable: 3,
    BrokenChain: 4,
    UntrustedSignature: 4,
    UntrustedXmlSignature: 4,
    OutOfDateCertificate: 4,
}


def exit_code_of(problem: Problem) -> int:
    """This function will give the exit code of the nearest class in the table."""
    return next(EXIT_CODE_OF[kind] for kind in type(problem).__mro__ if kind in EXIT_CODE_OF)
