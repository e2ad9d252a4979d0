"""The worker process: runs jobs until it is told to stop, and rescues jobs whose worker died."""

import asyncio
import logging
from datetime import UTC, datetime

from procrastinate import App
from procrastinate.contrib.django import app as django_app
from psycopg import Error

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 10.0
RESCUE_SECONDS = 2.0


def run(*, concurrency: int) -> None:
    """This function will run jobs until SIGTERM or SIGINT, finishing those that have begun.

    Args:
        concurrency: jobs at a time in this process.
    """
    asyncio.run(_run(concurrency))


async def _run(concurrency: int) -> None:
    app = django_app.with_connector(django_app.connector.get_worker_connector())  # type: ignore[attr-defined]  # Django's connector has it, its base does not
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


async def _rescue_for_ever(app: App) -> None:
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
                log.warning("Job %s was left behind by a worker that ended; it is run again.", job.task_name)
                await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
        except Error as error:
            log.warning("The database does not answer the rescue of jobs: %s", error)
        await asyncio.sleep(RESCUE_SECONDS)
