"""The worker process: runs jobs until it is told to stop, and rescues jobs whose worker died."""

import asyncio
from typing import cast

from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.django_connector import DjangoConnector

from safelaunch.interfaces.worker import queue, tasks

HEARTBEAT_SECONDS = 2.0


def run(*, concurrency: int) -> None:
    """This function will run jobs until SIGTERM or SIGINT, finishing those that have begun.

    Args:
        concurrency: jobs at a time in this process.
    """
    asyncio.run(_run(concurrency))


async def _run(concurrency: int) -> None:
    connector = cast("DjangoConnector", django_app.connector).get_worker_connector()
    queue.listen_for_ever(connector)
    app = django_app.with_connector(connector)
    tasks.register(app)
    queue.note_for_long(app.job_manager)
    async with app.open_async():
        rescue = asyncio.create_task(queue.rescue_for_ever(app))
        try:
            await app.run_worker_async(
                concurrency=concurrency,
                wait=True,
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=queue.DEAD_AFTER_SECONDS,
                delete_jobs="successful",
                shutdown_graceful_timeout=20,
            )
        finally:
            rescue.cancel()
