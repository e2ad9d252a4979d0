"""Gathering what is known when a request comes, and the response code of every objection.

The codes of `domain.md` 4.7 are graded by what they were inferred from; whoever learns better changes this table alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from safelaunch.domain import admission
from safelaunch.domain import srv as catalogue
from safelaunch.domain.admission import Asked, Facts, Objection
from safelaunch.domain.srv import WebService
from safelaunch.services.requests.received import Terms
from safelaunch.store.reads import parties
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.reads.parties import UserFacts
from safelaunch.store.reads.service_requests import TargetFacts
from safelaunch.wire.duis import extension
from safelaunch.wire.duis.dialects import Dialect
from safelaunch.wire.duis.envelope import Request
from safelaunch.wire.duis.extension.messages import REQUESTS, CampaignRequest
from safelaunch.wire.duis.requests import ForeignBody, RequestBody, read_body
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.xml import Element

Body: TypeAlias = RequestBody | CampaignRequest
"""What a request asks: of DUIS, or of the message set for hub campaigns."""

CODE_OF: Mapping[Objection, ResponseCode] = {
    Objection.REPLAYED: ResponseCode.E13,  # 4.9 step 4 has no code; 4.7: message correlation, low
    Objection.COUNTER_AHEAD: ResponseCode.E13,  # likewise
    Objection.NO_PRE_COMMAND: ResponseCode.E13,  # 4.7: message correlation of a critical request, low
    Objection.UNKNOWN_SRV: ResponseCode.E11,  # 4.9 step 5
    Objection.WRONG_SERVICE_REFERENCE: ResponseCode.E11,  # 4.9 step 5
    Objection.WRONG_COMMAND_VARIANT: ResponseCode.E12,  # 4.9 step 5; 4.7, medium
    Objection.WRONG_WEB_SERVICE: ResponseCode.E12,  # 4.9 step 5; 4.7, medium
    Objection.FOREIGN_BODY: ResponseCode.E11,  # 4.9 step 5
    Objection.UNKNOWN_USER: ResponseCode.E1,  # 4.9 step 6; 4.7, low
    Objection.ROLE_NOT_ELIGIBLE: ResponseCode.E2,  # 4.9 step 6; 4.7, medium
    Objection.NOT_FOR_THE_DSP: ResponseCode.E11,  # 4.7: not applicable to the target, medium
    Objection.UNKNOWN_TARGET: ResponseCode.E19,  # 4.9 step 6; 4.7, medium
    Objection.WRONG_DEVICE_TYPE: ResponseCode.E11,  # 4.9 step 6; 4.7, medium
    Objection.NOT_RESPONSIBLE: ResponseCode.E4,  # 4.9 step 6; 4.7, medium
    Objection.DEVICE_STATUS: ResponseCode.E5,  # MP105: the one that is published
    Objection.EXECUTION_TIME: ResponseCode.E17,  # 4.7, low
    Objection.PRECEDING_UNKNOWN: ResponseCode.E40,  # 4.7: the family E40 to E47, low
    Objection.PRECEDING_FAILED: ResponseCode.E41,  # likewise
    Objection.PRECEDING_OPEN: ResponseCode.E42,  # likewise
}
"""The response code of each objection, and where `domain.md` has it, with its grade. E3, a User's right that is
suspended, is not used: the house knows no such state."""

NOT_SERVED = ResponseCode.E48
"""A legal request that Safelaunch does not serve: a failure of the DCC's, not of the User's."""

FAILED = ResponseCode.E48
"""A request that was admitted and could not be done."""

REPEATS = frozenset({Objection.REPLAYED, Objection.NO_PRE_COMMAND, Objection.COUNTER_AHEAD})
"""Objections that leave no trace: what is refused for its Request ID must not take up that Request ID."""

WORDS: Mapping[Objection, str] = {
    Objection.REPLAYED: "The counter of the Request ID has been reached before; each request needs a higher one.",
    Objection.COUNTER_AHEAD: "The counter of the Request ID is a time more than a day ahead; use the present time.",
    Objection.NO_PRE_COMMAND: "No Pre-Command of this Request ID waits for its signature; ask for one first.",
    Objection.UNKNOWN_SRV: "DUIS 5.4 has no such Service Reference Variant.",
    Objection.WRONG_SERVICE_REFERENCE: "The Service Reference is not that of the Service Reference Variant.",
    Objection.WRONG_COMMAND_VARIANT: "The Service Reference Variant does not exist in this Command Variant.",
    Objection.WRONG_WEB_SERVICE: "The Command Variant belongs to another web service.",
    Objection.FOREIGN_BODY: "The body is not that of the Service Reference Variant in this Command Variant.",
    Objection.UNKNOWN_USER: "Nobody has the User ID of the originator.",
    Objection.ROLE_NOT_ELIGIBLE: "No User Role of the originator may send this Service Reference Variant.",
    Objection.NOT_FOR_THE_DSP: "The DCC answers this itself, so its target has to be the DSP.",
    Objection.UNKNOWN_TARGET: "The target is not a Device of the inventory.",
    Objection.WRONG_DEVICE_TYPE: "The target is a Device of a type that this is not for.",
    Objection.NOT_RESPONSIBLE: "The User's Party is not responsible for the target.",
    Objection.DEVICE_STATUS: "The target's status in the inventory does not allow this.",
    Objection.EXECUTION_TIME: "The execution time has to lie ahead, by 30 days at most, where one is allowed at all.",
    Objection.PRECEDING_UNKNOWN: "The preceding request is not known.",
    Objection.PRECEDING_FAILED: "The preceding request failed.",
    Objection.PRECEDING_OPEN: "The preceding request is not done yet; requests are not held here.",
}
"""What a developer is told beside the code."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of whoever asks, and of the Device."""

    user: UserFacts | None
    target: TargetFacts | None


def read(request: Request, *, content: Element) -> Body | None:
    """This function will read the body of a request, or give nothing when it is not that of its SRV.

    Args:
        request: what its envelope says.
        content: its body element.

    Raises:
        MalformedBody: the body has another form than DUIS gives it.
    """
    if request.dialect is Dialect.CAMPAIGNS:
        return _read_campaign(request, content)
    srv = catalogue.catalogue().get(request.service_reference_variant)
    if srv is None:
        return None
    try:
        return read_body(content, srv=srv)
    except ForeignBody:
        return None


def _read_campaign(request: Request, content: Element) -> CampaignRequest | None:
    if request.service_reference_variant not in REQUESTS:
        return None
    try:
        return extension.read_body(content, variant=request.service_reference_variant)
    except extension.ForeignCampaignBody:
        return None


def gather(request: Request, *, terms: Terms) -> Gathered:
    """This function will look up the User and, where the request is for a Device, the Device."""
    target = request.request_id.target
    return Gathered(
        user=parties.find_user(user_id=request.request_id.originator),
        target=None if target == terms.dsp_id else reads.find_target(device_id=target),
    )


def examine(
    request: Request,
    *,
    body: Body | None,
    web_service: WebService,
    gathered: Gathered,
    terms: Terms,
    at: datetime,
) -> Objection | None:
    """This function will give the first objection to an authentic request, or nothing when it is admitted."""
    asked = Asked(
        srv=request.service_reference_variant,
        service_reference=request.service_reference,
        command_variant=request.command_variant,
        web_service=web_service,
        body_name=request.body_name,
        target=request.request_id.target,
        counter=request.request_id.counter,
        execution_at=getattr(body, "execution_at", None),
        is_sequenced=request.preceding_request_id is not None,
    )
    facts = _facts(request, gathered=gathered, terms=terms)
    if request.dialect is Dialect.DUIS:
        return admission.judge(asked, facts, at=at)
    variant = request.service_reference_variant
    if variant not in REQUESTS:
        return Objection.UNKNOWN_SRV
    objection = admission.judge_campaign(
        asked,
        facts,
        service_reference=variant.partition(".")[0],
        roles=extension.eligible_roles(variant),
        at=at,
    )
    return Objection.FOREIGN_BODY if objection is None and body is None else objection


def _facts(request: Request, *, gathered: Gathered, terms: Terms) -> Facts:
    preceding = None
    if request.preceding_request_id is not None:
        # A request that was transformed and signed is known twice; the Signed Pre-Command is the one that acts.
        preceding = reads.find(
            request_id=request.preceding_request_id, is_signed_pre_command=True
        ) or reads.find(request_id=request.preceding_request_id, is_signed_pre_command=False)
    return Facts(
        dsp_id=terms.dsp_id,
        highest_counter=reads.highest_counter(
            originator=request.request_id.originator,
            is_top_up=admission.is_top_up(request.service_reference_variant),
        ),
        is_counter_a_time=terms.are_counters_times,
        pre_command_waits=_pre_command_waits(request),
        party_id=None if gathered.user is None else gathered.user.party_id,
        roles=frozenset() if gathered.user is None else gathered.user.roles,
        target=None if gathered.target is None else gathered.target.as_target(),
        preceding=None if preceding is None else preceding.state,
        preceding_failed=preceding is not None and preceding.has_failed,
        mode=terms.mode,
    )


def _pre_command_waits(request: Request) -> bool:
    if request.command_variant not in catalogue.SIGNED_VARIANTS:
        return False
    transformed = reads.find(request_id=request.request_id, is_signed_pre_command=False)
    return (
        transformed is not None
        and transformed.srv == request.service_reference_variant
        and transformed.command_variant == catalogue.TRANSFORMED
        and transformed.response_code == ResponseCode.I0
        and reads.find(request_id=request.request_id, is_signed_pre_command=True) is None
    )
