"""What is for later keeps nothing waiting that is for now, and what is left lying is found."""

from datetime import timedelta

import pytest
from django.db import connection

from safelaunch.domain.people import Actor
from safelaunch.domain.smi import Network, PartyKind
from safelaunch.services import deliveries, wake_ups
from safelaunch.services.jobs import REAL_TIME, Job
from safelaunch.store import jobs, transactions
from safelaunch.store.models import DccAlert, DeviceMessage
from safelaunch.store.reads.jobs import is_job_waiting
from safelaunch.store.writes import parties
from safelaunch.store.writes.deliveries import Outgoing
from tests import pki
from tests.estate_factory import forget_jobs, waiting_jobs
from tests.receiver import closed_address

pytestmark = pytest.mark.usefixtures("database")
NOW = pki.DURING


def begun_next() -> str | None:
    """What a worker would begin next; it is under way from then on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
        return cursor.fetchone()[0]


def bring_forward() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 second'")


def wake_in_an_hour(because="a test"):
    with transactions.transaction():
        wake_ups.wake_later(
            Job.DELIVER, key="deliver-x", because=because, in_seconds=3_600, user_id=str(pki.SUPPLIER)
        )


def test_what_is_for_later_does_not_hold_up_its_like_for_now():
    wake_in_an_hour()
    assert begun_next() is None
    with transactions.transaction():
        assert jobs.defer_once(Job.DELIVER, key="deliver-x", user_id=str(pki.SUPPLIER))
    assert begun_next() == "DELIVER"
    assert begun_next() is None


def test_a_wake_up_defers_its_job_when_the_time_has_come_unless_that_waits():
    wake_in_an_hour()
    wake_in_an_hour()
    wake_in_an_hour("another reason")
    (first, second) = waiting_jobs("WAKE")
    bring_forward()
    assert begun_next() == "WAKE"
    arguments = {name: value for name, value in first.items() if name.startswith("its_")}
    assert wake_ups.wake(job="DELIVER", **arguments)
    assert waiting_jobs("DELIVER") == [{"job": "DELIVER", "user_id": str(pki.SUPPLIER)}]
    assert second["its_key"] == "deliver-x"
    assert not wake_ups.wake(job="DELIVER", **arguments)


@pytest.mark.parametrize(
    ("change", "is_waited_for"),
    [
        ("scheduled_at = NULL", True),
        ("status = 'doing'", True),
        ("scheduled_at = now() + interval '30 seconds'", False),
        ("scheduled_at = now() + interval '30 seconds', attempts = 1", True),
        ("status = 'failed'", False),
        ("task_name = 'DELIVER'", False),
        ("task_name = 'WAKE', status = 'doing'", False),
    ],
)
def test_a_demonstration_waits_for_what_is_due_and_not_for_what_is_for_later(change, is_waited_for):
    with transactions.transaction():
        jobs.defer(Job.REVIEW, campaign_id=1)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE procrastinate_jobs SET {change}")
    assert is_job_waiting(but=REAL_TIME) is is_waited_for


@pytest.fixture
def left_lying():
    """A message, an alert and what a Device said, each without a job, as after a commit that nobody saw."""
    with transactions.transaction():
        parties.add(kinds={"Alder": PartyKind.SUPPLIER})
        parties.put_users(users=[("Alder", pki.SUPPLIER, "IS", "5.4")])
        deliveries.queue(messages=[Outgoing(user_id=pki.SUPPLIER, octets=b"<a/>", code="I0")])
    deliveries.set_receiver(user_id=pki.SUPPLIER, address=closed_address(), actor=Actor(name="Ada"), at=NOW)
    told = {"device_id": pki.SUPPLIER, "user_id": pki.SUPPLIER, "raised_at": NOW, "party_id": 1}
    DccAlert.objects.create(**told, code="N64", firmware_version="00000001", is_owed=True)
    heard = {"device_id": pki.SUPPLIER, "gbcs": b"", "happened_at": NOW, "received_at": NOW}
    DeviceMessage.objects.create(network=Network.SOUTH, number=1, **heard)
    forget_jobs()


def test_a_sweep_has_everybody_served_for_whom_something_is_left_lying(left_lying):
    assert wake_ups.sweep(at=NOW) == 3
    assert {job["job"] for job in waiting_jobs()} == {"DELIVER", "TELL_USERS", "TAKE_IN_DEVICE_MESSAGES"}
    assert wake_ups.sweep(at=NOW) == 0


def test_a_sweep_leaves_alone_who_is_not_to_be_asked_yet(left_lying):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE user_receiver SET next_try_at = %s", [NOW + timedelta(minutes=1)])
    wake_ups.sweep(at=NOW)
    assert waiting_jobs("DELIVER") == []
    forget_jobs()
    wake_ups.sweep(at=NOW + timedelta(minutes=2))
    assert len(waiting_jobs("DELIVER")) == 1
