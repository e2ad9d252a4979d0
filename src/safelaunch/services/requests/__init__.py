"""Service Requests: accepted in one transaction, done in another, answered once (`domain.md` 4.5, 4.9).

    accept    opens the message, judges it, and records it with the counter it raises; a job stands by from then on
    process   does what was asked and keeps the signed answer; asked again, it gives the answer it gave
    recover   what the job does when nobody else did: process, and push an answer that no connection carried

Whoever dies in between leaves nothing half done. A request whose answer was lost on its way is answered once more: by
the job, when the process died, and by push, when the User repeats it; a repeat itself executes nothing.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain import admission as rules
from safelaunch.domain import srv as catalogue
from safelaunch.domain.admission import Objection
from safelaunch.domain.refusals import Problem
from safelaunch.domain.service_requests import RequestEvent, RequestState
from safelaunch.domain.srv import WebService
from safelaunch.services import deliveries, device_certificates
from safelaunch.services.jobs import Job
from safelaunch.services.requests import admission
from safelaunch.services.requests.admission import Body, Gathered
from safelaunch.services.requests.answering import in_the_language_of, write
from safelaunch.services.requests.handlers import CAMPAIGN_HANDLERS, HANDLERS
from safelaunch.services.requests.outcomes import device_of
from safelaunch.services.requests.received import CampaignAnswer, CampaignMessage, ServiceRequest, Terms
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.reads.service_requests import RequestFacts
from safelaunch.store.writes import service_requests as writes
from safelaunch.store.writes.deliveries import Outgoing
from safelaunch.wire.duis.dialects import Dialect
from safelaunch.wire.duis.envelope import Request, read_request_apart
from safelaunch.wire.duis.extension.answers import CampaignCode
from safelaunch.wire.duis.opening import Opened, open_and_read_request
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.xml import parse

log = logging.getLogger(__name__)

STANDS_BY_SECONDS = 30.0
"""How long the job waits for the process that accepted a request; that one answers within 3 s (`domain.md` 13.1)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that is to be done; what was read of it goes along, so that it is not read twice."""

    service_request_id: int
    request: Request
    body: Body


@dataclass(frozen=True, slots=True)
class Declined:
    """A request that is refused: the signed answer, and why in words."""

    octets: bytes
    code: ResponseCode | CampaignCode
    reason: str


def accept(*, message: bytes, web_service: WebService, terms: Terms, at: datetime) -> Accepted | Declined:
    """This function will take a request on, or decline it; either way its originator's counter rises.

    What is refused for its Request ID alone leaves no trace, but for the first answer being pushed again.

    Args:
        message: the octets as they came.
        web_service: where they came.
        terms: on which requests are taken.
        at: when.

    Raises:
        Unreadable: the message is not a request that can be believed.
    """
    opened, body = open_and_read_request(
        message,
        trust=terms.trust,
        at=at,
        read=lambda request, content: admission.read(request, content=content),
    )
    digest = hashlib.sha256(message).digest()
    with transactions.transaction():
        gathered = admission.gather(opened.envelope, terms=terms)
        objection = admission.examine(
            opened.envelope, body=body, web_service=web_service, gathered=gathered, terms=terms, at=at
        )
        service_request_id = None
        if objection not in admission.REPEATS:
            service_request_id = _record(opened, digest=digest, at=at)
        if service_request_id is not None and objection is None and body is not None:
            writes.add_service_message(digest=digest, octets=message)
            jobs.defer(
                Job.PROCESS_SERVICE_REQUEST,
                in_seconds=STANDS_BY_SECONDS,
                service_request_id=service_request_id,
            )
            return Accepted(service_request_id, opened.envelope, body)
        # Somebody else may have come in between with the same counter.
        objection = objection or Objection.REPLAYED
        declined = _decline(opened.envelope, objection, gathered=gathered, terms=terms, at=at)
        if service_request_id is None:
            _push_first_answer_again(opened.envelope)
        else:
            _settle(service_request_id, declined.code, octets=declined.octets, at=at)
    return declined


def _record(opened: Opened[Request], *, digest: bytes, at: datetime) -> int | None:
    request = opened.envelope
    if rules.raises_counter(request.command_variant) and not writes.raise_counter(
        originator=request.request_id.originator,
        is_top_up=rules.is_top_up(request.service_reference_variant),
        counter=request.request_id.counter,
    ):
        return None
    return writes.add(opened=opened, message_digest=digest, at=at)


def _decline(
    request: Request, objection: Objection, *, gathered: Gathered, terms: Terms, at: datetime
) -> Declined:
    code = admission.CODE_OF[objection]
    version = gathered.user.duis_version if gathered.user else request.schema_version
    reason = admission.WORDS[objection]
    answer = in_the_language_of(request, code=code, reason=reason)
    octets = write(request, answer=answer, version=version, terms=terms, at=at)
    log.info("%s is declined with %s: %s", request.request_id, answer.code, objection.value)
    return Declined(octets, answer.code, reason)


def _push_first_answer_again(request: Request) -> None:
    first = reads.find(
        request_id=request.request_id,
        is_signed_pre_command=request.command_variant in catalogue.SIGNED_VARIANTS,
    )
    if first is not None and first.response is not None:
        _push(first)


def _push(request: RequestFacts) -> None:
    message = Outgoing(
        user_id=request.request_id.originator,
        octets=request.response or b"",
        code=request.response_code or "",
        device_id=device_of(request),
        service_request_id=request.service_request_id,
        is_signed=True,
    )
    deliveries.queue_unless_waiting(message=message)


def process(
    *, service_request_id: int, terms: Terms, at: datetime, accepted: Accepted | None = None
) -> bytes:
    """This function will do what was asked, unless that is done, and give the signed answer.

    A handler that refuses or fails changes nothing, and the request is answered that it failed.

    Args:
        service_request_id: of an accepted request.
        terms: on which requests are taken.
        at: when.
        accepted: what was read of it, when this process accepted it.
    """
    try:
        _fetch_keys(service_request_id, accepted=accepted, terms=terms, at=at)
        with transactions.transaction():
            standing = reads.lock(service_request_id=service_request_id)
            if standing.state is not RequestState.ACCEPTED:
                return standing.response or b""
            accepted = accepted or _reopened(standing)
            gathered = admission.gather(accepted.request, terms=terms)
            answer = _handled(accepted, gathered=gathered, terms=terms, at=at)
            return _answered(accepted, answer, gathered=gathered, terms=terms, at=at)
    except transactions.DATABASE_TROUBLE:
        # Nothing was decided; the job that stands by does it when the database is back.
        raise
    except Problem as problem:
        log.info("Service request %s cannot be done: %s", service_request_id, problem)
    except Exception:
        log.exception("Service request %s failed.", service_request_id)
    return _failed(service_request_id, terms=terms, at=at)


def _fetch_keys(service_request_id: int, *, accepted: Accepted | None, terms: Terms, at: datetime) -> None:
    """Have the keys at hand of a Device to which the User takes a command in person; nobody is asked while locks are held."""
    if terms.protection is None:
        return
    if accepted is None:
        standing = reads.list_by_number(service_request_ids={service_request_id}).get(service_request_id)
        asked = None if standing is None else (standing.command_variant, standing.request_id.target)
    else:
        asked = accepted.request.command_variant, accepted.request.request_id.target
    if asked is not None and asked[0] in catalogue.LOCAL:
        repository = terms.protection.repository
        device_certificates.find_keys(device_ids={asked[1]}, repository=repository, at=at)


def _reopened(standing: RequestFacts) -> Accepted:
    """Read an accepted request again; its signature was checked when it came, and its digest says it is the same."""
    message = reads.find_message(digest=standing.message_digest)
    request, content = read_request_apart(parse(message))
    body = admission.read(request, content=content)
    if body is None:
        raise reads.NoSuchRequest(f"The request {standing.request_id} has no body of its own any more.")
    return Accepted(standing.service_request_id, request, body)


def _handled(
    accepted: Accepted, *, gathered: Gathered, terms: Terms, at: datetime
) -> Answer | CampaignAnswer:
    request, user = accepted.request, gathered.user
    variant = request.service_reference_variant
    if request.dialect is Dialect.CAMPAIGNS and user is not None and variant in CAMPAIGN_HANDLERS:
        message = CampaignMessage(accepted.service_request_id, request, user=user, dsp_id=terms.dsp_id)
        return CAMPAIGN_HANDLERS[variant](request=message, body=accepted.body, at=at)
    if request.dialect is Dialect.DUIS and user is not None and variant in HANDLERS:
        asked = ServiceRequest(
            service_request_id=accepted.service_request_id,
            envelope=request,
            srv=catalogue.find(variant),
            user=user,
            target=gathered.target,
            dsp_id=terms.dsp_id,
            enforces_validity=terms.enforces_validity,
            compares_image_version=terms.compares_image_version,
            protection=terms.protection,
        )
        return HANDLERS[variant](request=asked, body=accepted.body, at=at)
    return in_the_language_of(
        request, code=admission.NOT_SERVED, reason="Safelaunch does not serve this request yet."
    )


def _answered(
    accepted: Accepted, answer: Answer | CampaignAnswer, *, gathered: Gathered, terms: Terms, at: datetime
) -> bytes:
    version = gathered.user.duis_version if gathered.user else None
    octets = write(accepted.request, answer=answer, version=version, terms=terms, at=at)
    _settle(accepted.service_request_id, answer.code, octets=octets, at=at)
    return octets


def _failed(service_request_id: int, *, terms: Terms, at: datetime) -> bytes:
    with transactions.transaction():
        standing = reads.lock(service_request_id=service_request_id)
        if standing.state is not RequestState.ACCEPTED:
            return standing.response or b""
        request, _ = read_request_apart(parse(reads.find_message(digest=standing.message_digest)))
        gathered = admission.gather(request, terms=terms)
        version = gathered.user.duis_version if gathered.user else None
        answer = in_the_language_of(
            request, code=admission.FAILED, reason="The request was taken and could not be done."
        )
        octets = write(request, answer=answer, version=version, terms=terms, at=at)
        _settle(service_request_id, answer.code, octets=octets, at=at)
    return octets


def _settle(
    service_request_id: int, code: ResponseCode | CampaignCode, *, octets: bytes, at: datetime
) -> None:
    if code is ResponseCode.I99:
        event = RequestEvent.ACKNOWLEDGE
    else:
        event = RequestEvent.REFUSE if code.startswith("E") else RequestEvent.ANSWER
    writes.answer(service_request_id=service_request_id, event=event, code=code.value, response=octets, at=at)


def note_handed_over(*, service_request_id: int, at: datetime) -> None:
    """This function will note that the User's own connection carried the answer, so that it is not pushed."""
    with transactions.transaction():
        writes.note_handed_over(service_request_id=service_request_id, at=at)


def recover(*, service_request_id: int, terms: Terms, at: datetime) -> bool:
    """This function will see to a request whose process died, and say whether its answer had to be pushed.

    Doing it again does nothing: what is done is not done twice, and what was pushed is not pushed again.
    """
    process(service_request_id=service_request_id, terms=terms, at=at)
    with transactions.transaction():
        standing = reads.lock(service_request_id=service_request_id)
        if standing.response is None or not writes.note_handed_over(
            service_request_id=service_request_id, at=at
        ):
            return False
        _push(standing)
    return True
