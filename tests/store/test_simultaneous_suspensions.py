"""A change of the CPL beside readers and answers: readers go on, answers wait and are judged by what is true then."""

import threading
import time

import pytest
from django.db import connection

from safelaunch.services import cpl_changes, suspensions
from safelaunch.services.suspensions import Heard, Kind
from safelaunch.store.reads import explanations
from tests.services.suspension_scene import (
    ESME,
    HUB,
    LATEST,
    NEW,
    OLD,
    RECEIVERS,
    build,
    make,
    removal,
    state_of,
    told_about,
)

pytestmark = pytest.mark.usefixtures("database")


class Approval:
    """An approval that has turned its Devices and not committed yet."""

    def __init__(self, change):
        self.change = change
        self.has_turned, self.may_commit = threading.Event(), threading.Event()
        self.failures = []
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        assert self.has_turned.wait(timeout=20)
        return self

    def __exit__(self, *_):
        self.may_commit.set()
        self.thread.join(timeout=30)
        assert self.failures == []

    def _run(self):
        check = cpl_changes.cpl.require_unmoved

        def check_and_wait(**arguments):
            check(**arguments)
            self.has_turned.set()
            assert self.may_commit.wait(timeout=30)

        cpl_changes.cpl.require_unmoved = check_and_wait
        try:
            make(self.change)
        except BaseException as failure:  # noqa: BLE001 - a thread hands its failure to the test
            self.failures.append(failure)
        finally:
            cpl_changes.cpl.require_unmoved = check
            connection.close()


def test_readers_see_the_state_before_without_waiting():
    build()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    with Approval(removal("ESME")):
        assert state_of(ESME)[0] == "COMMISSIONED"
        assert len(explanations.list_hub_devices(device_id=HUB, party_id=None)) == 4
        assert told_about(ESME, "N28") == []
    assert state_of(ESME)[0] == "SUSPENDED"
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def test_an_answer_waits_for_the_change_and_is_judged_by_the_cpl_it_leaves():
    build()
    make(removal("ESME"))
    taken = []

    def answer():
        taken.extend(suspensions.take_answers(heard=[Heard(ESME, Kind.READ, NEW)], at=LATEST))
        connection.close()

    thread = threading.Thread(target=answer)
    with Approval(removal("ESME", NEW)):
        thread.start()
        time.sleep(0.3)
        assert taken == []
        assert state_of(ESME) == ("SUSPENDED", "COMMISSIONED", OLD)
    thread.join(timeout=20)
    # The version it shows has left the CPL by the time it is heard: it runs it, and stays Suspended.
    assert taken[0].verdict.row == 3
    assert state_of(ESME) == ("SUSPENDED", "COMMISSIONED", NEW)
    assert told_about(ESME, "N28") == sorted(RECEIVERS[ESME])
    assert told_about(ESME, "N29") == []


def test_two_approvals_of_one_proposal_apply_it_once():
    build()
    from tests.services.suspension_scene import person

    proposal = cpl_changes.propose(removal("ESME"), because="x", actor=person("Olivia"), at=LATEST)
    refused = []

    def approve(name):
        try:
            cpl_changes.approve(cpl_proposal_id=proposal.cpl_proposal_id, actor=person(name), at=LATEST)
        except (cpl_changes.AlreadyDecided, cpl_changes.cpl.ConsequencesMoved) as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=[name]) for name in ("Arthur", "Anna")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(refused) == 1
    assert told_about(ESME, "N28") == sorted(RECEIVERS[ESME])
