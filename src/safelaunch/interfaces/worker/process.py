"""The worker process: runs jobs until it is told to stop, and rescues jobs whose worker died."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from procrastinate import App
from procrastinate.connector import BaseAsyncConnector, Notify
from procrastinate.contrib.django import app as django_app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from psycopg import Error

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 10.0
RESCUE_SECONDS = 2.0
LISTEN_AGAIN_SECONDS = 0.5


def run(*, concurrency: int) -> None:
    """This function will run jobs until SIGTERM or SIGINT, finishing those that have begun.

    Args:
        concurrency: jobs at a time in this process.
    """
    asyncio.run(_run(concurrency))


async def _run(concurrency: int) -> None:
    connector = django_app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's connector has it, its base does not
    listen_for_ever(connector)
    app = django_app.with_connector(connector)
    async with app.open_async():
        rescue = asyncio.create_task(_rescue_for_ever(app))
        try:
            await app.run_worker_async(
                concurrency=concurrency,
                wait=True,
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=DEAD_AFTER_SECONDS,
                delete_jobs="successful",
                shutdown_graceful_timeout=20,
            )
        finally:
            rescue.cancel()


def listen_for_ever(connector: BaseAsyncConnector) -> None:
    """This function will have a connector listen again whenever the database was away.

    Procrastinate listens again after a lost connection, but only once: while PostgreSQL recovers, that fails, and the
    worker would find each job by polling from then on, a second late.
    """
    listen = connector.listen_notify

    async def again(on_notification: Notify, channels: Iterable[str]) -> None:
        while True:
            try:
                await listen(on_notification, channels)
            except (ConnectorException, Error) as error:
                log.warning("The database does not answer who listens for jobs: %s", error)
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    connector.listen_notify = again  # type: ignore[method-assign]  # its worker offers no other way


async def _rescue_for_ever(app: App) -> None:
    while True:
        try:
            await rescue(app)
        except (ConnectorException, Error) as error:
            log.warning("The database does not answer the rescue of jobs: %s", error)
        await asyncio.sleep(RESCUE_SECONDS)


async def rescue(app: App) -> None:
    """This function will have jobs that dead workers left behind run again, once each.

    A job whose like was deferred meanwhile cannot wait beside it, and while it seems under way its like cannot
    begin: such a job is given up, and its like does the work.
    """
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        try:
            await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
        except UniqueViolation:
            await app.job_manager.finish_job(job, status=Status.ABORTED, delete_job=True)
            log.warning(
                "Job %s was left behind by a worker that ended; its like does the work.", job.task_name
            )
        else:
            log.warning("Job %s was left behind by a worker that ended; it is run again.", job.task_name)
