"""What the queue needs to lose no job while PostgreSQL is away or a worker dies.

Procrastinate asks the database once to listen and once to note what became of a job. A job whose end was not noted seems
under way for as long as its worker lives, and neither it nor its like is run again. So both are asked again here, and
jobs of workers whose heartbeat stopped are run again.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from procrastinate import App
from procrastinate.connector import BaseAsyncConnector, Notify
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg import Error
from psycopg.errors import RaiseException

log = logging.getLogger(__name__)

DEAD_AFTER_SECONDS = 10.0
RESCUE_SECONDS = 2.0
AGAIN_SECONDS = 0.5
NOTE_FOR_SECONDS = 60.0


def listen_for_ever(connector: BaseAsyncConnector) -> None:
    """This function will have a connector listen again whenever the database was away.

    Without it the worker would find each job by polling from then on, a second late.
    """
    listen = connector.listen_notify

    async def again(on_notification: Notify, channels: Iterable[str]) -> None:
        while True:
            try:
                await listen(on_notification, channels)
            except (ConnectorException, Error) as error:
                log.warning("The database does not answer who listens for jobs: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)

    connector.listen_notify = again  # type: ignore[method-assign]  # its worker offers no other way


def note_for_long(manager: JobManager) -> None:
    """This function will have a queue try for a minute to note what became of a job, and give up one whose like waits.

    After that minute the worker has ended over its heartbeat, and the job is rescued.
    """
    finish, retry = _until_noted(manager.finish_job), _until_noted(manager.retry_job)

    async def retry_unless_its_like_waits(job: Job, **options: Any) -> None:
        try:
            await retry(job=job, **options)
        except UniqueViolation:
            await finish(job=job, status=Status.ABORTED, delete_job=True)
            log.warning("Job %s is not tried again: its like waits and does the work.", job.task_name)

    manager.finish_job = finish  # type: ignore[method-assign, assignment]  # its worker offers no other way
    manager.retry_job = retry_unless_its_like_waits  # type: ignore[method-assign, assignment]  # as above


def _until_noted(note: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def again(*arguments: Any, **options: Any) -> None:
        deadline, tries = time.monotonic() + NOTE_FOR_SECONDS, 0
        while True:
            tries += 1
            try:
                await note(*arguments, **options)
            except UniqueViolation:
                raise
            except ConnectorException as error:
                if isinstance(error.__cause__, RaiseException):
                    # "No such job" at a second try: the first was noted, and only its answer was lost.
                    if tries > 1:
                        return
                    raise
                if time.monotonic() > deadline:
                    raise
                log.warning("The database does not answer what became of a job: %s", error)
            else:
                return
            await asyncio.sleep(AGAIN_SECONDS)

    return again


async def rescue_for_ever(app: App) -> None:
    """This function will look for jobs to rescue every other second, for as long as the process lives."""
    while True:
        try:
            await rescue(app.job_manager)
        except (ConnectorException, Error) as error:
            log.warning("The database does not answer the rescue of jobs: %s", error)
        await asyncio.sleep(RESCUE_SECONDS)


async def rescue(manager: JobManager) -> None:
    """This function will have jobs that dead workers left behind run again, once each.

    Args:
        manager: of a queue that `note_for_long` has prepared, for a job left behind must make way for its like.
    """
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        log.warning("Job %s was left behind by a worker that ended.", job.task_name)
        await manager.retry_job(job, retry_at=datetime.now(UTC))
