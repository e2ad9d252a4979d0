"""Batches on their way to the DCC: signed, in order, tried until they are taken or refused."""

import threading
import time

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.carrier import Carrier
from safelaunch.interfaces.simulator.logs import say
from safelaunch.wire import csp

_PATH = "/gateway/v1/events"
_FIRST_WAIT = 0.1
_LONGEST_WAIT = 5.0
_TIMEOUT = 60.0
_REFUSED = range(400, 500)
_WORTH_ANOTHER_TRY = (408, 425, 429)


class Postman:
    """Carries one network's outbox to the DCC, one batch after another."""

    def __init__(self, *, carrier: Carrier, dcc_url: str, key: Ed25519PrivateKey) -> None:
        """This function will prepare one connection; none is made before the first batch."""
        self._carrier = carrier
        self._url = dcc_url.rstrip("/") + _PATH
        self._key = key
        self._client = httpx.Client(timeout=_TIMEOUT, trust_env=False)
        self._turn = threading.Lock()

    def deliver(self, *, patience: float) -> bool:
        """This function will send the outbox until it is empty, and say whether it is.

        A batch that the DCC does not answer is tried again with growing waits, for `patience` seconds in all; one
        that it refuses (4xx) is parked and shown in the simulator's health.
        """
        with self._turn:
            wait, deadline = _FIRST_WAIT, time.monotonic() + patience
            while (waiting := self._carrier.next_batch()) is not None:
                if self._send(*waiting):
                    wait, deadline = _FIRST_WAIT, time.monotonic() + patience
                    continue
                if time.monotonic() + wait > deadline:
                    return False
                time.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            return True

    def _send(self, batch: int, body: bytes) -> bool:
        """Send one batch and say whether it is done with."""
        network = self._carrier.network.value
        signed = csp.sign(
            body=body, message_id=f"events-{network.lower()}-{batch}", at=instants.now(), key=self._key
        )
        try:
            response = self._client.post(self._url, content=signed.body, headers=signed.headers)
        except httpx.TransportError as error:
            say("dcc-does-not-answer", network=network, batch=batch, error=type(error).__name__)
            return False
        if response.is_success:
            self._carrier.acknowledge(batch)
            return True
        if response.status_code in _REFUSED and response.status_code not in _WORTH_ANOTHER_TRY:
            sentence = _sentence(response)
            self._carrier.park(batch, sentence=sentence)
            say("batch-parked", network=network, batch=batch, status=response.status_code, sentence=sentence)
            return True
        say("dcc-cannot-answer", network=network, batch=batch, status=response.status_code)
        return False


def _sentence(response: httpx.Response) -> str:
    try:
        problem = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = None
    title = problem.get("title") if isinstance(problem, dict) else None
    return title if isinstance(title, str) else f"HTTP {response.status_code}"
