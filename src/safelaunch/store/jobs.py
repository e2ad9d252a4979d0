"""The outbox: jobs deferred by name, on the current connection, in the current transaction.

A job exists if and only if the transaction that announced it committed (`docs/adr/0005-outbox-is-procrastinate.md`).
"""

from typing import Any

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.types import TimeDeltaParams

from safelaunch.store.transactions import savepoint, transaction_required


@transaction_required
def defer(
    name: str, /, *, lock: str | None = None, in_seconds: float | None = None, **arguments: Any
) -> None:
    """This function will defer one job, for now or for later; jobs that share a lock run one after another."""
    app.configure_task(name, allow_unknown=True, lock=lock, schedule_in=_later(in_seconds)).defer(**arguments)


@transaction_required
def defer_once(
    name: str,
    /,
    *,
    key: str,
    lock: str | None = None,
    in_seconds: float | None = None,
    **arguments: Any,
) -> bool:
    """This function will defer a job unless one with this key waits already, and say whether it did.

    Args:
        name: of the job.
        key: of which only one job waits at a time.
        lock: jobs that share it run one after another; the key, unless another is given.
        in_seconds: how long the job is to wait, by the wall's clock; at once when not given. While it waits no younger
            job of its lock runs, so a job for later has a key that is nobody's lock (`services/wake_ups.py`).
        arguments: of the job.
    """
    try:
        with savepoint():
            app.configure_task(
                name,
                allow_unknown=True,
                lock=lock or key,
                queueing_lock=key,
                schedule_in=_later(in_seconds),
            ).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


@transaction_required
def defer_many(name: str, /, *, arguments: list[dict[str, Any]]) -> None:
    """This function will defer one job for each set of arguments, in one statement."""
    if arguments:
        app.configure_task(name, allow_unknown=True).batch_defer(*arguments)


def _later(in_seconds: float | None) -> TimeDeltaParams | None:
    return None if in_seconds is None else {"milliseconds": round(in_seconds * 1000)}
