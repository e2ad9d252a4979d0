"""Writing answers: in the version of whoever asked, signed by the DSP (`domain.md` 4.3, 4.8)."""

from collections.abc import Mapping
from datetime import datetime

from safelaunch.services.deliveries import spoken_by
from safelaunch.services.requests.received import CampaignAnswer, Terms
from safelaunch.wire.duis import extension
from safelaunch.wire.duis.dialects import Dialect
from safelaunch.wire.duis.envelope import Request
from safelaunch.wire.duis.extension import CampaignReply
from safelaunch.wire.duis.extension.answers import CampaignCode, CampaignResponse
from safelaunch.wire.duis.responses import Answer, Reply, reply_to, write_response
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import ServiceResponse
from safelaunch.wire.duis.responses.versions import LATEST
from safelaunch.wire.duis.salvage import Salvaged

CAMPAIGN_CODE_OF: Mapping[ResponseCode, CampaignCode] = {
    ResponseCode.E1: CampaignCode.E2,
    ResponseCode.E11: CampaignCode.E12,
    ResponseCode.E13: CampaignCode.E65,
    ResponseCode.E40: CampaignCode.E902,
    ResponseCode.E41: CampaignCode.E902,
    ResponseCode.E42: CampaignCode.E902,
    ResponseCode.E48: CampaignCode.E904,
}
"""Codes that the message set for hub campaigns does not have, and what it says instead."""


def write(
    request: Request,
    *,
    answer: Answer | CampaignAnswer,
    version: str | None,
    terms: Terms,
    at: datetime,
) -> bytes:
    """This function will write and sign the synchronous answer to a request, in the language it came in."""
    if isinstance(answer, CampaignAnswer):
        said = extension.reply_to(
            request, code=answer.code, at=at, content=answer.content, reason=answer.reason
        )
        return terms.signer.sign(extension.write_reply(said))
    reply = reply_to(request, answer=answer, at=at)
    return terms.signer.sign(write_response(reply, version=spoken_by(version)))


def campaign_code(code: ResponseCode) -> CampaignCode:
    """This function will give the code of the message set for hub campaigns that says most nearly what a DUIS code says."""
    known = {one.value: one for one in CampaignCode}
    return known.get(code.value) or CAMPAIGN_CODE_OF.get(code, CampaignCode.E904)


def in_the_language_of(request: Request, *, code: ResponseCode, reason: str) -> Answer | CampaignAnswer:
    """This function will say a refusal in the language in which a request came; only one of them has words."""
    if request.dialect is Dialect.DUIS:
        return Answer(code)
    return CampaignAnswer(campaign_code(code), reason=reason)


def write_refusal(salvaged: Salvaged, *, code: ResponseCode, terms: Terms, at: datetime) -> bytes:
    """This function will write and sign the answer to a message that is not believed, by what it says of itself."""
    if salvaged.dialect is Dialect.CAMPAIGNS:
        answer = CampaignReply(
            code=campaign_code(code),
            at=at,
            message=CampaignResponse(service_reference=salvaged.service_reference, variant=salvaged.variant),
            request_id=salvaged.request_id,
        )
        return terms.signer.sign(extension.write_reply(answer))
    reply = Reply(
        code=code,
        at=at,
        message=ServiceResponse(service_reference=salvaged.service_reference, srv=salvaged.variant),
        request_id=salvaged.request_id,
    )
    # An older version may lack the code, and what says so instead has to name a request.
    version = LATEST if salvaged.request_id is None else spoken_by(salvaged.schema_version)
    return terms.signer.sign(write_response(reply, version=version))
