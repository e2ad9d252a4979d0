"""A worker hears of new jobs again after the database was away."""

import asyncio

import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.testing import InMemoryConnector

from safelaunch.interfaces.worker import queue


class Recovering(InMemoryConnector):
    """A database that refuses a few listeners before it takes one."""

    def __init__(self, *, refusals: int) -> None:
        super().__init__()
        self.refusals_left = refusals
        self.listening = asyncio.Event()

    async def listen_notify(self, *_: object) -> None:
        if self.refusals_left:
            self.refusals_left -= 1
            raise ConnectorException("the database system is starting up")
        self.listening.set()
        await asyncio.sleep(3_600)


@pytest.mark.parametrize("refusals", [0, 1, 3])
def test_a_database_that_recovers_is_listened_to_as_soon_as_it_takes_listeners(refusals, monkeypatch):
    monkeypatch.setattr(queue, "AGAIN_SECONDS", 0.001)

    async def listen() -> int:
        connector = Recovering(refusals=refusals)
        queue.listen_for_ever(connector)
        listener = asyncio.create_task(connector.listen_notify(None, ["jobs"]))
        await asyncio.wait_for(connector.listening.wait(), timeout=10)
        assert not listener.done()
        listener.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listener
        return connector.refusals_left

    assert asyncio.run(listen()) == 0
