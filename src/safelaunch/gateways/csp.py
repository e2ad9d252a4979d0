"""The way to a CSP: instruct, recall, read, command, tell of new hubs, distribute images, ask its health (`docs/csp-gateway.md`).

Calls may be repeated: an instruction is named by its `instruction_id`, a recall by its campaign and epoch, a read
by its `read_id`, each command by its `command_id`, an installation by its hub. A CSP that does not answer is `Unreachable` and worth another try; one that says no is `Refused`.
"""

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, TypeVar

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safelaunch.domain.refusals import NotFound, Refused, Unreachable, Unreadable
from safelaunch.domain.smi import Network
from safelaunch.wire import csp

_STALE = 409
_SERVER_ERROR = 500
_WORTH_ANOTHER_TRY = (408, 425, 429)

MessageT = TypeVar("MessageT", bound=csp.Message)


class EpochOvertaken(Refused):
    """The CSP has seen a higher epoch of this campaign: an emergency stop overtook the message."""

    def __init__(self, sentence: str, *, epoch: int) -> None:
        """This function will keep the CSP's sentence and the highest epoch it has seen."""
        super().__init__(sentence)
        self.epoch = epoch


class CspGateway(Protocol):
    """What Safelaunch asks of the networks; `at` is the time the message is signed with.

    Raises (every call):
        EpochOvertaken: the message's epoch is lower than the highest the CSP has seen.
        Unreachable: the CSP did not answer, or could not; the same call may be made again.
        Refused: the CSP says no, and why.
    """

    def instruct(self, *, network: Network, instruction: csp.Instruction, at: datetime) -> csp.Receipt:
        """This function will hand hubs over to a network for upgrade."""
        ...

    def recall(self, *, network: Network, recall: csp.Recall, at: datetime) -> csp.RecallReceipt:
        """This function will stop what has not reached a hub yet."""
        ...

    def read(self, *, network: Network, read: csp.Read, at: datetime) -> csp.Receipt:
        """This function will have hubs asked for the firmware they run; answers come back as events."""
        ...

    def command(self, *, network: Network, batch: csp.CommandBatch, at: datetime) -> csp.CommandReceipt:
        """This function will have GBCS commands carried to Devices; answers come back as device messages."""
        ...

    def distribute(
        self, *, network: Network, distribution: csp.Distribution, at: datetime
    ) -> csp.DistributionReceipt:
        """This function will have a network bring an image that it holds to Devices."""
        ...

    def upload(self, *, network: Network, image: csp.ImageUpload, at: datetime) -> csp.ImageReceipt:
        """This function will give a network an image."""
        ...

    def install(self, *, network: Network, installation: csp.Installation, at: datetime) -> csp.Receipt:
        """This function will tell a network of a hub that was installed in a home."""
        ...

    def health(self, *, network: Network, at: datetime) -> csp.Health:
        """This function will ask a network how it is."""
        ...


class HttpCspGateway:
    """The gateway over HTTP: one connection kept alive per network; safe to share between threads."""

    def __init__(
        self, *, base_urls: Mapping[Network, str], key: Ed25519PrivateKey, timeout: float = 30.0
    ) -> None:
        """This function will prepare the connections; none is made before the first call.

        Args:
            base_urls: where each network's protocol begins, such as `http://127.0.0.1:8100/north`.
            key: the DCC's private key.
            timeout: seconds to wait for a connection, and for an answer.
        """
        self._base_urls = {network: url.rstrip("/") for network, url in base_urls.items()}
        self._key = key
        # Environment proxies are not for this traffic: a network's address is stated, and meant.
        self._client = httpx.Client(timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        """This function will give the gateway itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """This function will close the connections."""
        self.close()

    def close(self) -> None:
        """This function will close the connections."""
        self._client.close()

    def instruct(self, *, network: Network, instruction: csp.Instruction, at: datetime) -> csp.Receipt:
        """This function will hand hubs over to a network for upgrade (see `CspGateway` for errors)."""
        name = f"instruction-{instruction.instruction_id}"
        return self._post(network, "instructions", message=instruction, name=name, at=at, answer=csp.Receipt)

    def recall(self, *, network: Network, recall: csp.Recall, at: datetime) -> csp.RecallReceipt:
        """This function will stop what has not reached a hub yet (see `CspGateway` for errors)."""
        name = f"recall-{recall.campaign}-{recall.epoch}"
        return self._post(network, "recalls", message=recall, name=name, at=at, answer=csp.RecallReceipt)

    def read(self, *, network: Network, read: csp.Read, at: datetime) -> csp.Receipt:
        """This function will have hubs asked for the firmware they run (see `CspGateway` for errors)."""
        return self._post(
            network, "reads", message=read, name=f"read-{read.read_id}", at=at, answer=csp.Receipt
        )

    def command(self, *, network: Network, batch: csp.CommandBatch, at: datetime) -> csp.CommandReceipt:
        """This function will have GBCS commands carried to Devices (see `CspGateway` for errors)."""
        name = f"commands-{batch.batch_id}"
        return self._post(network, "commands", message=batch, name=name, at=at, answer=csp.CommandReceipt)

    def distribute(
        self, *, network: Network, distribution: csp.Distribution, at: datetime
    ) -> csp.DistributionReceipt:
        """This function will have a network bring an image to Devices (see `CspGateway` for errors)."""
        name = f"distribution-{distribution.distribution_id}-{distribution.attempt}"
        return self._post(
            network, "distributions", message=distribution, name=name, at=at, answer=csp.DistributionReceipt
        )

    def upload(self, *, network: Network, image: csp.ImageUpload, at: datetime) -> csp.ImageReceipt:
        """This function will give a network an image (see `CspGateway` for errors)."""
        return self._post(
            network, "images", message=image, name=f"image-{image.digest}", at=at, answer=csp.ImageReceipt
        )

    def install(self, *, network: Network, installation: csp.Installation, at: datetime) -> csp.Receipt:
        """This function will tell a network of a hub that was installed in a home (see `CspGateway` for errors)."""
        name = f"installation-{installation.device_id}"
        return self._post(
            network, "installations", message=installation, name=name, at=at, answer=csp.Receipt
        )

    def health(self, *, network: Network, at: datetime) -> csp.Health:
        """This function will ask a network how it is (see `CspGateway` for errors)."""
        signed = csp.sign(body=b"", message_id=f"health-{at.timestamp()}", at=at, key=self._key)
        return _answer(self._send("GET", network, "health", signed), network=network, kind=csp.Health)

    def _post(
        self,
        network: Network,
        path: str,
        *,
        message: csp.Message,
        name: str,
        at: datetime,
        answer: type[MessageT],
    ) -> MessageT:
        signed = csp.sign(body=csp.write(message), message_id=name, at=at, key=self._key)
        return _answer(self._send("POST", network, path, signed), network=network, kind=answer)

    def _send(self, method: str, network: Network, path: str, signed: csp.Signed) -> httpx.Response:
        if network not in self._base_urls:
            raise NotFound(f"CSP {network.value.title()} has no address; set one to send instructions there.")
        url = f"{self._base_urls[network]}/v1/{path}"
        try:
            return self._client.request(method, url, content=signed.body, headers=signed.headers)
        except httpx.TransportError as error:
            raise Unreachable(
                f"CSP {network.value.title()} does not answer ({type(error).__name__}); it may be tried again."
            ) from error


def _answer(response: httpx.Response, *, network: Network, kind: type[MessageT]) -> MessageT:
    who, status = f"CSP {network.value.title()}", response.status_code
    if status >= _SERVER_ERROR or status in _WORTH_ANOTHER_TRY:
        raise Unreachable(f"{who} cannot answer at present (HTTP {status}); it may be tried again.")
    if status == _STALE:
        stale = _read_stale(response.content, who=who)
        raise EpochOvertaken(stale.title, epoch=stale.epoch)
    if not response.is_success:
        raise Refused(
            _sentence(response.content) or f"{who} refuses the message (HTTP {status}) and gives no reason."
        )
    return csp.read(response.content, kind)


def _read_stale(body: bytes, *, who: str) -> csp.StaleEpoch:
    try:
        return csp.read(body, csp.StaleEpoch)
    except Unreadable as error:
        raise Refused(
            _sentence(body) or f"{who} reports a conflict (HTTP 409) and gives no reason."
        ) from error


def _sentence(body: bytes) -> str:
    """Give the title of a problem answer, or nothing when the CSP sent something else."""
    try:
        problem = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    title = problem.get("title") if isinstance(problem, dict) else None
    return title if isinstance(title, str) else ""
