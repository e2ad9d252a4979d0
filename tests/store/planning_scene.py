"""A night that is planned and not committed yet, while somebody else comes along."""

import threading
from contextlib import contextmanager

from safelaunch.services import tranches
from tests import estate_factory as factory
from tests.store.test_simultaneous_writes import alone


@contextmanager
def while_planned(campaign, monkeypatch, act):
    """Plan a night, begin an act that has to wait for it, yield, and have both come to their end."""
    has_planned, may_commit = threading.Event(), threading.Event()
    renew = tranches.writes.renew_statistics

    def renew_and_wait():
        renew()
        has_planned.set()
        assert may_commit.wait(timeout=30)

    monkeypatch.setattr(tranches.writes, "renew_statistics", renew_and_wait)
    planning = threading.Thread(target=alone, args=(factory.plan, campaign, 0))
    planning.start()
    assert has_planned.wait(timeout=10)
    acting = threading.Thread(target=alone, args=(act,))
    acting.start()
    acting.join(timeout=1)
    try:
        yield acting
    finally:
        may_commit.set()
        for thread in (planning, acting):
            thread.join(timeout=30)
            assert not thread.is_alive()
