"""Writing answers: in the version of whoever asked, signed by the DSP (`domain.md` 4.3, 4.8)."""

from datetime import datetime

from safelaunch.services.requests.received import Terms
from safelaunch.wire.duis.envelope import Request
from safelaunch.wire.duis.responses import Answer, Reply, reply_to, write_response
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import ServiceResponse
from safelaunch.wire.duis.responses.versions import LATEST, VERSIONS
from safelaunch.wire.duis.salvage import Salvaged


def spoken_by(version: str | None) -> str:
    """This function will give the DUIS version to write in: the one given, or the latest when that is not spoken here."""
    return version if version in VERSIONS else LATEST


def write(request: Request, *, answer: Answer, version: str | None, terms: Terms, at: datetime) -> bytes:
    """This function will write and sign the synchronous answer to a request."""
    reply = reply_to(request, answer=answer, at=at)
    return terms.signer.sign(write_response(reply, version=spoken_by(version)))


def write_refusal(salvaged: Salvaged, *, code: ResponseCode, terms: Terms, at: datetime) -> bytes:
    """This function will write and sign the answer to a message that is not believed, by what it says of itself."""
    reply = Reply(
        code=code,
        at=at,
        message=ServiceResponse(service_reference=salvaged.srv.service_reference, srv=salvaged.srv.code),
        request_id=salvaged.request_id,
    )
    # An older version may lack the code, and what says so instead has to name a request.
    version = LATEST if salvaged.request_id is None else spoken_by(salvaged.schema_version)
    return terms.signer.sign(write_response(reply, version=version))
