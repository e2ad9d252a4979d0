"""Pushing messages to Users: at least once, in order for each Device, and never for ever (`domain.md` 13.3).

- A receiver that does not answer is left alone for a while that doubles with every failure, up to a quarter of an hour;
  its messages wait with it. The while is drawn between a half and the whole, so that Users do not come back in step.
- A receiver that answers and will not have a message (any answer but 2xx) is asked again with that message alone;
  later messages of the same Device wait behind it, those of other Devices pass.
- A message refused five times, or not taken for three days, is parked: a person sees it and may have it sent again.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from safelaunch.domain.machine import Machine, Move

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)
MOST_REFUSALS = 5
LONGEST_QUEUED = timedelta(days=3)


class DeliveryState(StrEnum):
    """Where a message to a User stands."""

    QUEUED = "QUEUED"
    DELIVERED = "DELIVERED"
    PARKED = "PARKED"


class DeliveryEvent(StrEnum):
    """What happens to a message to a User."""

    TAKE = "TAKE"
    PARK = "PARK"
    REPLAY = "REPLAY"


MACHINE: Machine[DeliveryState, DeliveryEvent] = Machine(
    name="Delivery",
    initial=DeliveryState.QUEUED,
    moves=[
        Move(DeliveryEvent.TAKE, (DeliveryState.QUEUED,), DeliveryState.DELIVERED),
        Move(DeliveryEvent.PARK, (DeliveryState.QUEUED,), DeliveryState.PARKED),
        Move(DeliveryEvent.REPLAY, (DeliveryState.PARKED,), DeliveryState.QUEUED),
    ],
)


def wait_after(failures: int, *, draw: float) -> timedelta:
    """This function will give how long to wait before another try.

    Args:
        failures: how many tries have failed in a row, this one among them; at least 1.
        draw: a number drawn evenly from 0 to 1.
    """
    # Beyond a few doublings the wait is the longest one anyway, and powers of two grow without end.
    whole = min(FIRST_WAIT * 2 ** min(failures - 1, 20), LONGEST_WAIT)
    return timedelta(seconds=whole.total_seconds() * (0.5 + draw / 2))


def is_refused_for_good(refusals: int) -> bool:
    """This function will say whether a message has been refused so often that it is parked."""
    return refusals >= MOST_REFUSALS


def queued_too_long_before(at: datetime) -> datetime:
    """This function will give the moment before which a waiting message must have been queued to be parked now."""
    return at - LONGEST_QUEUED
