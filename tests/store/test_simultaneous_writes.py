"""Two writers at once: what one of them is moving, the other leaves alone, and nothing waits in a circle."""

import threading

import pytest
from django.db import IntegrityError, connection

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.services import follow_up
from safelaunch.store import transactions
from safelaunch.store.models import HubUpgrade
from safelaunch.store.writes import events, tranches
from tests import estate_factory as factory
from tests.estate_factory import Reporter, evening

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def sent(database):
    factory.load_estate()
    campaign = factory.rolling_out()
    factory.set_capacity(20)
    return campaign, factory.send_night(campaign, 0).hubs


class Activation:
    """A report that has moved a hub and not committed yet."""

    def __init__(self, campaign, device_id):
        self.campaign, self.device_id = campaign, device_id
        self.has_moved, self.may_commit = threading.Event(), threading.Event()
        self.failures = []
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        assert self.has_moved.wait(timeout=10)
        return self

    def __exit__(self, *_):
        self.may_commit.set()
        self.thread.join(timeout=30)
        assert self.failures == []

    def _run(self):
        take_in = events.append_events

        def append_and_wait(**arguments):
            take_in(**arguments)
            self.has_moved.set()
            assert self.may_commit.wait(timeout=30)

        events.append_events = append_and_wait
        try:
            Reporter(number=5_000, batch=500).report([self.device_id], EventKind.ACTIVATED, at=evening(1))
        except BaseException as failure:  # noqa: BLE001 - a thread hands its failure to the test
            self.failures.append(failure)
        finally:
            events.append_events = take_in
            self.has_moved.set()
            connection.close()


def test_a_retry_never_takes_back_an_activation_that_is_being_reported(sent):
    campaign, hubs = sent
    Reporter().report(hubs, EventKind.NOT_REACHED, at=evening(0, hour=21))
    # The rows of the counts are held by the report until it commits, so the other writer has its own thread.
    with Activation(campaign, hubs[0]):
        planning = threading.Thread(target=alone, args=(factory.plan, campaign, 1))
        planning.start()
        planning.join(timeout=1)
    planning.join(timeout=30)
    assert not planning.is_alive()
    again = {str(row.device_id) for row in factory.upgrades(campaign, attempt=2)}
    assert again == set(hubs[1:])
    assert HubUpgrade.objects.get(device_id=hubs[0]).state == "ACTIVATED"
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_a_hub_that_is_answering_is_not_overdue(sent):
    campaign, hubs = sent
    with Activation(campaign, hubs[0]):
        review = threading.Thread(target=alone, args=(chase, campaign))
        review.start()
        review.join(timeout=1)
    review.join(timeout=30)
    assert not review.is_alive()
    states = {str(row.device_id): row.state for row in factory.upgrades(campaign)}
    assert states.pop(hubs[0]) == "ACTIVATED"
    assert set(states.values()) == {"UNKNOWN"}
    assert factory.roll_ups() == factory.recounted_roll_ups()


def chase(campaign):
    follow_up.chase(campaign_id=campaign.campaign_id, at=evening(4))


def alone(act, *arguments):
    try:
        act(*arguments)
    finally:
        connection.close()


def test_writes_refuse_to_run_outside_a_transaction(database):
    with pytest.raises(transactions.TransactionMisuse, match="needs the transaction of a service"):
        tranches.lock_nights()


def test_a_transaction_is_the_only_one(database):
    with (
        transactions.transaction(),
        pytest.raises(transactions.TransactionMisuse, match="none may be"),
        transactions.transaction(),
    ):
        raise AssertionError("A second transaction was opened.")


def test_what_fails_in_a_savepoint_leaves_the_rest_of_the_transaction(sent):
    campaign, _ = sent
    with transactions.transaction():
        HubUpgrade.objects.update(read_count=3)
        with pytest.raises(IntegrityError), transactions.savepoint():
            HubUpgrade.objects.update(read_count=9, state="NO_SUCH_STATE")
    assert {row.read_count for row in factory.upgrades(campaign)} == {3}
