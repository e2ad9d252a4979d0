"""The outbox: jobs deferred by name, on the current connection, in the current transaction.

A job exists if and only if the transaction that announced it committed (`docs/adr/0005-outbox-is-procrastinate.md`).
"""

from typing import Any

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from safelaunch.store.transactions import savepoint, transaction_required


@transaction_required
def defer(name: str, /, *, lock: str | None = None, **arguments: Any) -> None:
    """This function will defer one job; jobs that share a lock run one after another."""
    app.configure_task(name, allow_unknown=True, lock=lock).defer(**arguments)


@transaction_required
def defer_once(name: str, /, *, key: str, **arguments: Any) -> bool:
    """This function will defer a job unless one with this key waits already, and say whether it did."""
    try:
        with savepoint():
            app.configure_task(name, allow_unknown=True, lock=key, queueing_lock=key).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


@transaction_required
def defer_many(name: str, /, *, arguments: list[dict[str, Any]]) -> None:
    """This function will defer one job for each set of arguments, in one statement."""
    if arguments:
        app.configure_task(name, allow_unknown=True).batch_defer(*arguments)
