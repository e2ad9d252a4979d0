"""What the queue holds."""

from dataclasses import dataclass

from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that was tried for the last time."""

    job_id: int
    task_name: str
    attempts: int


def count_waiting_jobs() -> int:
    """This function will count jobs that are to be done or being done."""
    return int(sql.fetch_value("count_waiting_jobs"))


def list_parked_jobs() -> list[ParkedJob]:
    """This function will list up to 100 jobs that were tried for the last time, newest first."""
    return sql.fetch_all("list_parked_jobs", ParkedJob)
