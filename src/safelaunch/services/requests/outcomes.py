"""What a User is told later: the outcome of a request that was acknowledged, and whatever follows from it.

A message is written in the version that the User speaks when it is queued (`domain.md` 4.8).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from safelaunch.domain import srv as catalogue
from safelaunch.domain.identifiers import Eui64
from safelaunch.services import deliveries
from safelaunch.services.deliveries import spoken_by
from safelaunch.store.reads import parties
from safelaunch.store.reads import service_requests as reads
from safelaunch.store.reads.service_requests import RequestFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import service_requests as writes
from safelaunch.store.writes.deliveries import Outgoing
from safelaunch.wire.duis.responses import Answer, Reply
from safelaunch.wire.duis.responses.alike import write_alike
from safelaunch.wire.duis.responses.content import ServiceResponse


@transaction_required
def complete(*, service_request_id: int, answer: Answer, at: datetime) -> bool:
    """This function will tell a User the outcome of an acknowledged request, and say whether it was the first outcome.

    A second outcome changes nothing and is told to nobody.
    """
    return bool(complete_all(answers={service_request_id: answer}, at=at))


@transaction_required
def complete_all(*, answers: Mapping[int, Answer], at: datetime) -> int:
    """This function will tell Users the outcomes of acknowledged requests, and give the number of first outcomes.

    Args:
        answers: by the number of the request, in the order in which they are told.
        at: when.
    """
    first = settle_all(answers=answers, at=at)
    told = compose(answers=[one for one in answers.items() if one[0] in first], at=at)
    if told:
        deliveries.queue(messages=told)
    return len(first)


@transaction_required
def settle_all(*, answers: Mapping[int, Answer], at: datetime) -> set[int]:
    """This function will note the outcomes of acknowledged requests, telling nobody, and say which were the first."""
    if not answers:
        return set()
    # Locked in the order of their numbers, so that two who settle the same ones never wait in a circle.
    standing = reads.lock_all(service_request_ids=list(answers))
    codes = {number: answers[number].code.value for number in standing}
    return writes.complete_all_requests(codes=codes, at=at)


@transaction_required
def follow_up(*, service_request_id: int, answer: Answer, at: datetime) -> None:
    """This function will tell a User something more about a request, such as that its future dated command was run."""
    deliveries.queue(messages=compose(answers=[(service_request_id, answer)], at=at))


def device_of(request: RequestFacts) -> Eui64 | None:
    """This function will give the Device whose messages a request's answer keeps its place among, if it is for one."""
    srv = catalogue.catalogue().get(request.srv)
    return None if srv is None or srv.is_non_device else request.request_id.target


def compose(*, answers: Sequence[tuple[int, Answer]], at: datetime) -> list[Outgoing]:
    """This function will write what Users are told about requests, in the order given; each by its request's number."""
    requests = reads.list_by_number(service_request_ids={number for number, _ in answers})
    versions: dict[Eui64, str] = {}
    messages = []
    for number, answer in answers:
        request = requests[number]
        user_id = request.request_id.originator
        if user_id not in versions:
            user = parties.find_user(user_id=user_id)
            versions[user_id] = spoken_by(user.duis_version if user else None)
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
            octets=write_alike(reply, version=versions[user_id]),
            code=answer.code.value,
            device_id=device_of(request),
            service_request_id=number,
        )
        messages.append(message)
    return messages
