"""The message set for Communications Hub campaigns, beside DUIS and never in it (design 8.1, `dialects`).

    messages    what Suppliers say: nominate, withdraw, bring forward, defer, stop, ask, report
    answers     what the DCC answers
    own_schema  `safelaunch-1.xsd`, which every message is held against

Signed, opened and sent like any other request: `envelope.write_request` with `dialect=Dialect.CAMPAIGNS`, `signature.sign`,
`opening.open_request`, Command Variant 8 on `serviceD`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import UserRole
from safelaunch.domain.srv import ON_DEMAND
from safelaunch.wire.duis import elements, envelope
from safelaunch.wire.duis.dialects import GRAMMARS, Dialect
from safelaunch.wire.duis.elements import MalformedBody
from safelaunch.wire.duis.envelope import Request, Response
from safelaunch.wire.duis.extension.answers import CampaignCode, CampaignContent, CampaignResponse
from safelaunch.wire.duis.extension.messages import REQUESTS, AskResults, CampaignRequest
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.xml import Element, local_name, parse

VERSION = "1.0"
"""The version of the message set."""

_PREFIX = GRAMMARS[Dialect.CAMPAIGNS].prefix
_VARIANTS: Mapping[type[Any], str] = {kind: variant for variant, kind in REQUESTS.items()}
_SUPPLIERS = frozenset({UserRole.IS, UserRole.GS})


class ForeignCampaignBody(Invalid):
    """The body is not that of the variant the header names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignReply:
    """One answer of this message set; what was never asked is not said here."""

    code: CampaignCode
    at: datetime
    message: CampaignResponse
    request_id: RequestId | None = None


def eligible_roles(variant: str) -> frozenset[UserRole]:
    """This function will give the User Roles that may send a variant: Suppliers, and Export Suppliers to ask (Q14).

    Raises:
        Invalid: there is no such variant.
    """
    kind = _kind(variant)
    return _SUPPLIERS | {UserRole.ES} if kind is AskResults else _SUPPLIERS


def read_body(element: Element, *, variant: str) -> CampaignRequest:
    """This function will read the body element of a request.

    Raises:
        ForeignCampaignBody: the element is not that of the variant.
        MalformedBody: the element has another form than the schema gives it; the sentence names the place.
        Invalid: there is no such variant.
    """
    kind = _kind(variant)
    if element.tag != f"{{{Dialect.CAMPAIGNS}}}{kind.__name__}":
        raise ForeignCampaignBody(f"The body is {local_name(element)[:80]}; {variant} has {kind.__name__}.")
    body: CampaignRequest = elements.read(kind, element, namespace=Dialect.CAMPAIGNS)
    return body


def write_request(body: CampaignRequest, *, request_id: RequestId) -> bytes:
    """This function will write a request as compact canonical XML, unsigned.

    Raises:
        Invalid: a value would not read back as it is.
    """
    variant = _VARIANTS[type(body)]
    name = type(body).__name__
    return envelope.write_request(
        Request(
            schema_version=VERSION,
            request_id=request_id,
            command_variant=ON_DEMAND,
            service_reference=variant.partition(".")[0],
            service_reference_variant=variant,
            body_name=name,
            body_xml=elements.write(body, name=name, namespace=Dialect.CAMPAIGNS, prefix=_PREFIX),
            dialect=Dialect.CAMPAIGNS,
        )
    )


def reply_to(
    request: Request,
    *,
    code: CampaignCode,
    at: datetime,
    content: CampaignContent | None = None,
    reason: str | None = None,
) -> CampaignReply:
    """This function will address an answer to the request that it answers.

    Args:
        request: the request.
        code: what became of it.
        at: when the DCC says so.
        content: what goes with it.
        reason: why not, in words fit for the reader, for refusals.
    """
    message = CampaignResponse(
        service_reference=request.service_reference,
        variant=request.service_reference_variant,
        reason=reason,
        content=content,
    )
    return CampaignReply(code=code, at=at, message=message, request_id=request.request_id)


def write_reply(reply: CampaignReply) -> bytes:
    """This function will write an answer as compact canonical XML, unsigned.

    Raises:
        Invalid: a value would not read back as it is.
    """
    body = elements.write(reply.message, name="ResponseMessage", namespace=Dialect.CAMPAIGNS, prefix=_PREFIX)
    return envelope.write_response(
        Response(
            schema_version=VERSION,
            request_id=reply.request_id,
            response_id=None,
            response_code=reply.code.value,
            responded_at=reply.at,
            body_name="ResponseMessage",
            body_xml=body,
            dialect=Dialect.CAMPAIGNS,
        )
    )


def read_reply(response: Response) -> CampaignReply:
    """This function will read the answer in a response's envelope.

    Raises:
        MalformedBody: the code does not exist, or the answer has another form than the schema gives it.
    """
    try:
        code = CampaignCode(response.response_code)
    except ValueError:
        raise MalformedBody(f"{response.response_code} is not a response code of this message set.") from None
    message = elements.read(CampaignResponse, parse(response.body_xml), namespace=Dialect.CAMPAIGNS)
    return CampaignReply(code=code, at=response.responded_at, message=message, request_id=response.request_id)


def _kind(variant: str) -> type[Any]:
    if variant not in REQUESTS:
        raise Invalid(f"{variant[:20]!r} is none of the variants {', '.join(REQUESTS)}.")
    return REQUESTS[variant]
