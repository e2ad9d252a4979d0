"""The way to a User: push one signed response or alert to its receive address (`domain.md` 13.3).

A push may be repeated: the octets are the same each time, and so is the Response ID or Request ID in them. A User that
does not answer is `Unreachable`; one that answers and does not take the message is `MessageNotTaken`.
"""

from types import TracebackType
from typing import Protocol, Self

import httpx

from safelaunch.domain.refusals import Refused, Unreachable

_SERVER_ERROR = 500
_WORTH_ANOTHER_TRY = (408, 425, 429)


class MessageNotTaken(Refused):
    """The receiver answered, and will not have this message."""


class Delivery(Protocol):
    """How messages reach Users."""

    def push(self, *, address: str, octets: bytes) -> None:
        """This function will hand one message over.

        Raises:
            Unreachable: the receiver did not answer, or could not; the same push may be made again.
            MessageNotTaken: the receiver answered that it does not take this message.
        """
        ...


class HttpDelivery:
    """Delivery over HTTP, as DCC Boxed does it; safe to share between threads."""

    def __init__(self, *, timeout: float = 10.0) -> None:
        """This function will prepare the connections; none is made before the first push.

        Args:
            timeout: seconds to wait for a connection, and for an answer.
        """
        # Environment proxies are not for this traffic: a User's address is stated, and meant.
        self._client = httpx.Client(
            timeout=timeout, trust_env=False, headers={"Content-Type": "application/xml"}
        )

    def __enter__(self) -> Self:
        """This function will give the delivery itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """This function will close the connections."""
        self.close()

    def close(self) -> None:
        """This function will close the connections."""
        self._client.close()

    def push(self, *, address: str, octets: bytes) -> None:
        """This function will hand one message over (see `Delivery` for errors)."""
        try:
            # What the receiver says beyond its status is of no use here, and may be without end.
            with self._client.stream("POST", address, content=octets) as response:
                status = response.status_code
        except httpx.TransportError as error:
            raise Unreachable(
                f"The receiver at {address} does not answer ({type(error).__name__}); it is tried again later."
            ) from error
        if status >= _SERVER_ERROR or status in _WORTH_ANOTHER_TRY:
            raise Unreachable(
                f"The receiver at {address} cannot take messages at present (HTTP {status}); it is tried again later."
            )
        if not httpx.codes.is_success(status):
            raise MessageNotTaken(f"The receiver at {address} does not take this message (HTTP {status}).")
