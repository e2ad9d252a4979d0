"""A Service Request once its signature is believed: what becomes of it, and for how long (`domain.md` 4.5).

- A request that is admitted is ACCEPTED before anything is done for it, and is answered even if this process dies.
- A refusal is an outcome like any other: it is kept, so that the same request cannot be tried again later.
- ANSWERED is final. ACKNOWLEDGED (I99) promises one outcome, which follows asynchronously and completes the request.
"""

from enum import StrEnum

from safelaunch.domain.machine import Machine, Move


class RequestState(StrEnum):
    """What has become of a request."""

    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    ANSWERED = "ANSWERED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    COMPLETED = "COMPLETED"


class RequestEvent(StrEnum):
    """What happens to a request."""

    REFUSE = "REFUSE"
    ANSWER = "ANSWER"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    COMPLETE = "COMPLETE"


MACHINE: Machine[RequestState, RequestEvent] = Machine(
    name="Service request",
    initial=RequestState.ACCEPTED,
    moves=[
        Move(RequestEvent.REFUSE, (RequestState.ACCEPTED,), RequestState.REFUSED),
        Move(RequestEvent.ANSWER, (RequestState.ACCEPTED,), RequestState.ANSWERED),
        Move(RequestEvent.ACKNOWLEDGE, (RequestState.ACCEPTED,), RequestState.ACKNOWLEDGED),
        Move(RequestEvent.COMPLETE, (RequestState.ACKNOWLEDGED,), RequestState.COMPLETED),
    ],
)
"""The life of a request; a request that is refused at the door begins and ends as REFUSED."""
