"""Forgetting what was kept long enough: the octets of requests, and messages that Users took (ADR 0013).

What a request was, who signed it, what it was answered and the record of every act stay; so do the counters, by which
an old request is refused for ever. What is still owed or waits for a person (open requests, messages that nobody took)
stays too, however old it is.
"""

from datetime import datetime, timedelta

from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions
from safelaunch.store.writes import retention as writes

RUN = 500
"""Rows of each kind deleted by one job before it makes way for others; an octet row may have 15 MB."""


def forget(*, keep: timedelta, at: datetime) -> int:
    """This function will delete a run of what is older than `keep`, and give the number of rows deleted.

    Args:
        keep: how long things are kept after they were received or taken.
        at: when.
    """
    with transactions.transaction():
        taken = writes.forget_messages_taken(before=at - keep, limit=RUN)
        asked = writes.forget_service_messages(before=at - keep, limit=RUN)
        if RUN in (taken, asked):
            jobs.defer_once(Job.FORGET, key="forget")
    return taken + asked
