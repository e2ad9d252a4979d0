"""Reading Devices back whose answer to an activation was lost (MP105: about one in five is; R-0105-8).

    1   An 11.3 that nobody answered in time leaves the truth open: the Device may have activated. After a while the DCC
        asks it, by an 11.2 of its own, which firmware it runs; what it answers is judged like any 11.2.
    2   Without an answer it asks again, each time after four times as long, and gives up after some attempts.
    3   Each Party has a budget of read-backs for a day. What it has no room for waits for the next day, in turn.
    4   As soon as a Device has said its version, by whatever answer, nothing is left to be asked.
    5   The User is told nothing of it but what follows in the inventory: the request has had its outcome.

The wait, the number of attempts and the budget are the Party's own; a Party that has stated none has those of the house.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from safelaunch.domain.refusals import Invalid

MOST_ATTEMPTS = 10
"""Read-backs for one lost answer."""
MOST_A_DAY = 1_000_000
"""Read-backs for a Party in a day."""

_SLOWER = 4


@dataclass(frozen=True, slots=True)
class ReadBackPolicy:
    """How a Party's lost answers are made good.

    Attributes:
        wait: from the time-out to the first read-back.
        attempts: read-backs for one lost answer, 0 to 10; with 0 none is ever made.
        daily_budget: read-backs for the Party in a day.
    """

    wait: timedelta = timedelta(minutes=15)
    attempts: int = 6
    daily_budget: int = 5_000

    def __post_init__(self) -> None:
        """This function will refuse a policy that nobody can mean."""
        if not timedelta(minutes=1) <= self.wait <= timedelta(days=7):
            raise Invalid("The wait before a read-back lies between a minute and seven days.")
        if not 0 <= self.attempts <= MOST_ATTEMPTS:
            raise Invalid(f"A lost answer is read back at most {MOST_ATTEMPTS} times, or not at all.")
        if not 0 <= self.daily_budget <= MOST_A_DAY:
            raise Invalid(f"A Party's budget lies between none and {MOST_A_DAY:,} read-backs a day.")


HOUSE_POLICY = ReadBackPolicy()
"""What holds for a Party that has stated nothing.

Six read-backs over two weeks: where one answer in twenty is lost, a million lost activations leave none in doubt.
"""


def next_read_at(policy: ReadBackPolicy, /, *, made: int, since: datetime) -> datetime | None:
    """This function will give when a Device is to be read back next, or nothing when it has been often enough.

    Args:
        policy: of the Party that asked for the activation.
        made: read-backs made for this lost answer so far.
        since: the time-out, or the latest read-back.
    """
    if made >= policy.attempts:
        return None
    return since + policy.wait * int(_SLOWER**made)
