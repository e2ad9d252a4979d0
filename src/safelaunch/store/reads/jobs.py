"""What the queue holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that was tried for the last time."""

    job_id: int
    task_name: str
    attempts: int


def is_job_waiting(*, but: Sequence[str] = ()) -> bool:
    """This function will say whether any job is being done or due; one that was deferred for later is not due yet.

    Args:
        but: names of jobs that do not count.
    """
    return bool(sql.fetch_value("is_job_waiting", but=list(but)))


def list_parked_jobs() -> list[ParkedJob]:
    """This function will list up to 100 jobs that were tried for the last time, newest first."""
    return sql.fetch_all("list_parked_jobs", ParkedJob)
