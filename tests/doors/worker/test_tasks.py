"""The worker's door: a task for every job, older and newer processes side by side, another try for neighbours."""

import json

import pytest
from django.conf import settings
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app as queue
from procrastinate.jobs import Job as QueuedJob

from safelaunch.domain.refusals import Conflict, Invalid, Unreachable, Unreadable
from safelaunch.interfaces.worker import tasks
from safelaunch.services import campaigns, timetable
from safelaunch.services.jobs import Job
from safelaunch.store.models import Chunk, PilotHub
from safelaunch.store.reads import campaigns as reads
from tests import estate_factory as factory
from tests.estate_factory import RecordingGateway, evening, night


@pytest.fixture(scope="module")
def app():
    """The queue as a worker process sets it up."""
    app = App(connector=queue.connector)
    tasks.register(app)
    return app


@pytest.fixture
def network(monkeypatch):
    gateway = RecordingGateway()
    monkeypatch.setattr(tasks, "gateway", lambda: gateway)
    return gateway


@pytest.fixture
def campaign(database):
    factory.load_estate()
    factory.draft()
    published = campaigns.publish(reference="C1", actor=factory.operator(), at=factory.PUBLISHED_AT)
    timetable.step_clock(to=evening(0))
    return published


def run_jobs(limit=200):
    """Run what waits, oldest first, until nothing does, and give the names of what ran."""
    ran = []
    while len(ran) < limit:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_jobs WHERE id = (SELECT min(id) FROM procrastinate_jobs "
                "WHERE status = 'todo') RETURNING task_name, args"
            )
            row = cursor.fetchone()
        if row is None:
            return ran
        tasks.TASKS[Job(row[0])](**json.loads(row[1]), something_from_a_newer_release=1)
        ran.append(row[0])
    raise AssertionError("The jobs do not end.")


def test_every_job_has_a_task_and_every_task_is_registered(app):
    assert set(tasks.TASKS) == set(Job)
    assert {job.value for job in Job} <= set(app.tasks)


def test_with_a_stepped_clock_only_what_serves_receivers_goes_by_the_walls(app):
    names = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}
    assert names & {job.value for job in Job} == {"SWEEP"}


def test_jobs_carry_a_campaign_from_its_notice_to_its_first_night(campaign, network):
    run_jobs()
    assert PilotHub.objects.count() == reads.get(reference="C1").pilot_size > 0
    tasks.look(stranger="ignored")
    ran = run_jobs()
    assert ran[:2] == ["REVIEW", "PLAN_TONIGHT"]
    assert set(ran[2:]) == {"DISPATCH"}
    assert len(network.instructions) == Chunk.objects.count() > 0
    assert reads.get(reference="C1").last_planned_night == night(0)
    assert run_jobs() == []


def test_jobs_read_unknown_hubs_back_and_recall_after_a_stop(campaign, network):
    run_jobs()
    tasks.look()
    run_jobs()
    timetable.step_clock(to=evening(4))
    tasks.look()
    run_jobs()
    first_night = [
        hub for sent in network.instructions if sent.instructed_at == evening(0) for hub in sent.device_ids
    ]
    assert sorted(hub for read in network.reads for hub in read.device_ids) == sorted(first_night)
    campaigns.stop_now(reference="C1", because="Look.", actor=factory.operator(), at=evening(4))
    assert run_jobs() == ["RECALL"]
    assert {order.epoch for order in network.recalls} == {2}


def queued(attempts):
    return QueuedJob(
        id=1, queue="default", lock=None, queueing_lock=None, task_name="LOOK", attempts=attempts
    )


def decision(app, error, *, attempts=0):
    return app.tasks[Job.DISPATCH.value].retry_strategy.get_retry_decision(
        exception=error, job=queued(attempts)
    )


def test_a_neighbour_that_does_not_answer_is_tried_again_later_and_later_and_in_the_end_shown(app):
    waits = [decision(app, Unreachable("Down."), attempts=attempt) for attempt in (0, 5, 19)]
    assert all(wait is not None for wait in waits)
    assert decision(app, Unreachable("Down."), attempts=20) is None


@pytest.mark.parametrize("error", [Conflict("No."), Invalid("No."), Unreadable("No."), ValueError("A bug.")])
def test_what_another_try_cannot_mend_is_not_tried_again(app, error):
    assert decision(app, error) is None


def test_without_an_address_no_network_can_be_reached(settings_without_csp):
    with pytest.raises(Unreachable, match="SAFELAUNCH_CSP_URL is not set"):
        tasks.gateway()


@pytest.fixture
def settings_without_csp(monkeypatch):
    monkeypatch.setattr(settings, "CSP_URL", "")
    tasks.gateway.cache_clear()


def test_with_an_address_the_way_to_each_network_is_open(monkeypatch):
    monkeypatch.setattr(settings, "CSP_URL", "http://127.0.0.1:9/")
    tasks.gateway.cache_clear()
    assert tasks.gateway() is tasks.gateway()
    tasks.gateway().close()
    tasks.gateway.cache_clear()
