"""Jobs that a dead worker left behind are run again, on a real queue."""

import asyncio

import pytest
from django.db import connection
from procrastinate.contrib.django import app as django_app

from safelaunch.interfaces.worker import queue
from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions

pytestmark = pytest.mark.usefixtures("database")


def defer_review():
    with transactions.transaction():
        jobs.defer_once(Job.REVIEW, key="campaign-1-review", campaign_id=1)


def leave_behind():
    """Do as a worker does that takes a job and is killed: its heartbeat is a minute old."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id"
        )
        worker_id = cursor.fetchone()[0]
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", [worker_id])
        assert cursor.fetchone()[0]


def rescue():
    async def run() -> None:
        app = django_app.with_connector(django_app.connector.get_worker_connector())
        async with app.open_async():
            queue.note_for_long(app.job_manager)
            await queue.rescue(app.job_manager)

    asyncio.run(run())


def statuses():
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs ORDER BY id")
        return [status for (status,) in cursor.fetchall()]


def test_a_job_left_behind_waits_again():
    defer_review()
    leave_behind()
    assert statuses() == ["doing"]
    rescue()
    assert statuses() == ["todo"]


def test_a_job_left_behind_makes_way_for_its_like_that_waits_already():
    defer_review()
    leave_behind()
    defer_review()
    assert statuses() == ["doing", "todo"]
    rescue()
    assert statuses() == ["todo"]
    rescue()
    assert statuses() == ["todo"]


def test_a_job_of_a_living_worker_is_left_alone():
    defer_review()
    leave_behind()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now()")
    rescue()
    assert statuses() == ["doing"]
