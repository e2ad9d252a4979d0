"""What became of a job is noted on a real queue, even when the database is away at that moment."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app as django_app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from safelaunch.interfaces.worker import queue
from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(queue, "AGAIN_SECONDS", 0.001)


def defer_review():
    with transactions.transaction():
        jobs.defer_once(Job.REVIEW, key="campaign-1-review", campaign_id=1)


def defer_elsewhere():
    try:
        defer_review()
    finally:
        connection.close()


def statuses():
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs ORDER BY id")
        return [status for (status,) in cursor.fetchall()]


def away(note, *, times, noted):
    """Have the database go away `times` times, after (`noted`) or before it takes a note."""
    left = [times]

    async def at_first_away(*arguments, **options):
        if left[0]:
            left[0] -= 1
            if noted:
                await note(*arguments, **options)
            raise ConnectorException("server closed the connection unexpectedly")
        await note(*arguments, **options)

    return at_first_away


def end_a_job(step, *, times=0, noted=False):
    """Take the one job as a worker does, and end it by `step` while the database comes and goes."""

    async def run() -> None:
        app = django_app.with_connector(django_app.connector.get_worker_connector())
        async with app.open_async():
            manager = app.job_manager
            job = await manager.fetch_job(queues=None, worker_id=await manager.register_worker())
            manager.finish_job = away(manager.finish_job, times=times, noted=noted)
            manager.retry_job = away(manager.retry_job, times=times, noted=noted)
            queue.note_for_long(manager)
            await step(manager, job)

    asyncio.run(run())


async def succeed(manager, job):
    await manager.finish_job(job=job, status=Status.SUCCEEDED, delete_job=True)


async def try_later(manager, job):
    await manager.retry_job(job=job, retry_at=datetime.now(UTC) + timedelta(seconds=1))


@pytest.mark.parametrize("times", [0, 1, 4])
def test_a_job_that_succeeds_is_noted_when_the_database_is_back(times):
    defer_review()
    end_a_job(succeed, times=times)
    assert statuses() == []


@pytest.mark.parametrize("times", [0, 1, 4])
def test_a_job_that_fails_waits_again_when_the_database_is_back(times):
    defer_review()
    end_a_job(try_later, times=times)
    assert statuses() == ["todo"]


def test_a_note_whose_answer_was_lost_is_not_taken_for_a_fault():
    defer_review()
    end_a_job(succeed, times=1, noted=True)
    assert statuses() == []


def test_a_note_on_a_job_that_was_never_there_is_a_fault():
    defer_review()

    async def twice(manager, job):
        await succeed(manager, job)
        with pytest.raises(ConnectorException) as fault:
            await succeed(manager, job)
        assert "was not found" in str(fault.value.__cause__)

    end_a_job(twice)


def test_a_job_that_fails_makes_way_for_its_like_that_waits_already():
    defer_review()

    async def meet_its_like(manager, job):
        await asyncio.to_thread(defer_elsewhere)
        await try_later(manager, job)

    end_a_job(meet_its_like)
    assert statuses() == ["todo"]


def test_a_database_that_stays_away_ends_the_trying(monkeypatch):
    monkeypatch.setattr(queue, "NOTE_FOR_SECONDS", 0.0)
    defer_review()

    async def in_vain(manager, job):
        with pytest.raises(ConnectorException, match="unexpectedly"):
            await succeed(manager, job)

    end_a_job(in_vain, times=1_000)
    assert statuses() == ["doing"]
