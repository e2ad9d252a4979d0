"""What the queue holds."""

from dataclasses import dataclass

from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that was tried for the last time."""

    job_id: int
    task_name: str
    attempts: int


def is_job_waiting() -> bool:
    """This function will say whether any job is to be done or being done."""
    return bool(sql.fetch_value("is_job_waiting"))


def list_parked_jobs() -> list[ParkedJob]:
    """This function will list up to 100 jobs that were tried for the last time, newest first."""
    return sql.fetch_all("list_parked_jobs", ParkedJob)
