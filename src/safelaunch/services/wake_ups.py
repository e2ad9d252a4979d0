"""Work that is to be looked at again later, and work that nobody looks at any more.

A job that waits for later keeps every younger job of its lock waiting too, for the queue runs the jobs of a lock in the
order in which they were deferred. So nothing that has a lock is deferred for later: a wake-up is, which has no other's
lock and, when its time has come, defers the job for now unless one waits already.

A job is not deferred when its like waits. Whoever commits in the moment in which that one begins is not seen by it, so
every minute a sweep has everybody served for whom something is left lying.
"""

from datetime import datetime
from typing import Any

from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import alerts, deliveries, device_commands
from safelaunch.store.transactions import transaction_required

TELLING = "tell-users"
"""The lock of whoever turns alerts into messages, so that alerts about one Device keep their order."""


@transaction_required
def wake_later(job: Job, /, *, key: str, because: str, in_seconds: float, **arguments: Any) -> None:
    """This function will have a job deferred under its key after a while, by the wall's clock.

    Args:
        job: which.
        key: of the job, of which only one waits at a time.
        because: what for, so that wake-ups for different reasons do not displace each other.
        in_seconds: how long from now; less than none is now.
        arguments: of the job.
    """
    jobs.defer_once(
        Job.WAKE,
        key=f"wake-{key}-{because}",
        in_seconds=max(in_seconds, 0.0),
        job=job.value,
        its_key=key,
        its_arguments=arguments,
    )


def wake(*, job: str, its_key: str, its_arguments: dict[str, Any]) -> bool:
    """This function will defer a job whose time has come, unless its like waits already, and say whether it did."""
    with transactions.transaction():
        return jobs.defer_once(Job(job), key=its_key, **its_arguments)


def sweep(*, at: datetime) -> int:
    """This function will have everybody served for whom something is left lying, and give the number of jobs deferred.

    Args:
        at: the wall's time, for receivers live in real time.
    """
    with transactions.transaction():
        deferred = [
            jobs.defer_once(Job.DELIVER, key=f"deliver-{user_id}", user_id=str(user_id))
            for user_id in deliveries.list_users_waiting(at=at)
        ]
        if alerts.is_anybody_owed():
            deferred.append(jobs.defer_once(Job.TELL_USERS, key=TELLING))
        for network in device_commands.list_networks_unjudged():
            key = f"device-messages-{network}"
            deferred.append(jobs.defer_once(Job.TAKE_IN_DEVICE_MESSAGES, key=key, network=network.value))
    return sum(deferred)
