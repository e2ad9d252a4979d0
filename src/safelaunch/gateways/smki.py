"""The way to the SMKI's repository of Device certificates (`domain.md` 13.4, 13.5).

What it gives is public and proves itself: every certificate is checked against an authority that is trusted here before
anybody uses its key. `safelaunch csp-simulator` stands in for the repository of its own Devices, at `/smki`.
"""

from collections.abc import Iterable
from types import TracebackType
from typing import Protocol, Self

import httpx

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Refused, Unreachable
from safelaunch.wire import csp

_SERVER_ERROR = 500
_WORTH_ANOTHER_TRY = (408, 425, 429)


class DeviceCertificates(Protocol):
    """Where certificates of Devices are found.

    Raises:
        Unreachable: the repository did not answer, or could not; the same call may be made again.
        Refused: it says no.
    """

    def find(self, *, device_ids: Iterable[Eui64]) -> dict[Eui64, list[bytes]]:
        """This function will give the certificates of Devices in DER; those that are not known are absent."""
        ...


class HttpDeviceCertificates:
    """The repository over HTTP; safe to share between threads."""

    def __init__(self, *, url: str, timeout: float = 30.0) -> None:
        """This function will prepare the connection; none is made before the first call.

        Args:
            url: where the repository begins, such as `http://127.0.0.1:8100/smki`.
            timeout: seconds to wait for a connection, and for an answer.
        """
        self._url = f"{url.rstrip('/')}/v1/device-certificates"
        # Environment proxies are not for this traffic, as with the networks.
        self._client = httpx.Client(timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        """This function will give the repository itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """This function will close the connection."""
        self._client.close()

    def find(self, *, device_ids: Iterable[Eui64]) -> dict[Eui64, list[bytes]]:
        """This function will give the certificates of Devices (see `DeviceCertificates` for errors)."""
        wanted = csp.CertificatesWanted(device_ids=[str(device_id) for device_id in device_ids])
        headers = {"content-type": "application/json"}
        try:
            response = self._client.post(self._url, content=csp.write(wanted), headers=headers)
        except httpx.TransportError as error:
            raise Unreachable(
                f"The repository of Device certificates does not answer ({type(error).__name__}); "
                "it may be tried again."
            ) from error
        status = response.status_code
        if status >= _SERVER_ERROR or status in _WORTH_ANOTHER_TRY:
            raise Unreachable(
                f"The repository of Device certificates cannot answer at present (HTTP {status})."
            )
        if not response.is_success:
            raise Refused(
                f"The repository of Device certificates refuses to answer (HTTP {status}); look at its address."
            )
        found = csp.read(response.content, csp.CertificatesFound).certificates
        return {Eui64.parse(device_id): ders for device_id, ders in found.items()}
