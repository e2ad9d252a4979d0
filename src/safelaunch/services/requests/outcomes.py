"""What a User is told later: the outcome of a request that was acknowledged, and whatever follows from it.

A message is written in the version that the User speaks when it is queued (`domain.md` 4.8).
"""

from datetime import datetime

from safelaunch.domain import srv as catalogue
from safelaunch.domain.identifiers import Eui64
from safelaunch.services import deliveries
from safelaunch.services.requests.answering import spoken_by
from safelaunch.store.reads import parties
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.reads.service_requests import RequestFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import service_requests as writes
from safelaunch.store.writes.deliveries import Outgoing
from safelaunch.wire.duis.responses import Answer, Reply, write_response
from safelaunch.wire.duis.responses.content import ServiceResponse


@transaction_required
def complete(*, service_request_id: int, answer: Answer, at: datetime) -> bool:
    """This function will tell a User the outcome of an acknowledged request, and say whether it was the first outcome.

    A second outcome changes nothing and is told to nobody.
    """
    request = reads.lock(service_request_id=service_request_id)
    if not writes.complete(service_request_id=service_request_id, code=answer.code.value, at=at):
        return False
    _tell(request, answer=answer, at=at)
    return True


@transaction_required
def follow_up(*, service_request_id: int, answer: Answer, at: datetime) -> None:
    """This function will tell a User something more about a request, such as that its future dated command was run."""
    _tell(reads.get(service_request_id=service_request_id), answer=answer, at=at)


def device_of(request: RequestFacts) -> Eui64 | None:
    """This function will give the Device whose messages a request's answer keeps its place among, if it is for one."""
    return None if catalogue.find(request.srv).is_non_device else request.request_id.target


def _tell(request: RequestFacts, *, answer: Answer, at: datetime) -> None:
    user_id = request.request_id.originator
    user = parties.find_user(user_id=user_id)
    reply = Reply(
        code=answer.code,
        at=at,
        message=ServiceResponse(
            service_reference=request.service_reference, srv=request.srv, content=answer.content
        ),
        request_id=request.request_id,
        response_id=request.request_id.answered(),
    )
    message = Outgoing(
        user_id=user_id,
        octets=write_response(reply, version=spoken_by(user.duis_version if user else None)),
        code=answer.code.value,
        device_id=device_of(request),
        service_request_id=request.service_request_id,
    )
    deliveries.queue(messages=[message])
