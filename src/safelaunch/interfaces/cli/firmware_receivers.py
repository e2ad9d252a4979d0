"""The receive addresses of a demonstration's Suppliers: take what is pushed, keep it, and say what it was about.

One thread serves all of them; it answers 204 and nothing more, as a DCC Boxed client does (`domain.md` 13.3).
"""

import asyncio
import re
import threading
from collections import Counter
from types import TracebackType
from typing import NamedTuple, Self

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
_STARTING = 10.0


def _element(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"<(?:\w+:)?" + name.encode() + rb">([^<]*)<")


_RESPONSE_ID = _element("ResponseID")
_DCC_CODE, _DEVICE_CODE = _element("DCCAlertCode"), _element("AlertCode")
_DEVICE: dict[str, re.Pattern[bytes]] = {
    "N18": _element("MeterIDs"),
    "N39": _element("DeviceID"),
    "N59": _element("DeviceList"),
    "N60": _element("TargetDeviceID"),
    "N61": _element("TargetDeviceID"),
    "N62": _element("OtherDeviceID"),
}
_OUTCOME: dict[str, re.Pattern[bytes]] = {
    "N39": _element("ActivateImageResultCode"),
    "N62": _element("TransferResponseCode"),
}


class Alert(NamedTuple):
    """An alert as its receiver holds it; `code` is a DCC Alert's, or that of a Device's own alert."""

    user_id: str
    code: str
    device_id: str
    outcome: str


class Receivers:
    """Receive addresses on this machine, one path for each User ID."""

    def __init__(self) -> None:
        """This function will prepare the addresses; nobody answers before it is entered."""
        self.bodies: list[tuple[str, bytes]] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="receivers", daemon=True)

    def __enter__(self) -> Self:
        """This function will begin to answer."""
        self._thread.start()
        self._is_ready.wait(_STARTING)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """This function will answer nobody any more."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STARTING)

    def address_of(self, user_id: object, /) -> str:
        """This function will give the receive address of a User ID."""
        return f"http://127.0.0.1:{self.port}/{user_id}"

    def alerts(self) -> Counter[Alert]:
        """This function will count the alerts that are held; a message that came twice counts once (design 8.1)."""
        held: dict[tuple[str, bytes, str], Alert] = {}
        for user_id, body in self.bodies:
            found = _DCC_CODE.search(body) or (
                _DEVICE_CODE.search(body) if b"DeviceAlertMessage>" in body else None
            )
            named = _RESPONSE_ID.search(body)
            if found is None or named is None:
                continue
            code = found[1].decode()
            device = _DEVICE[code].search(body) if code in _DEVICE else None
            device_id = device[1].decode() if device else named[1].decode().partition(":")[0]
            outcome = _OUTCOME[code].search(body) if code in _OUTCOME else None
            held[user_id, named[1], code] = Alert(
                user_id, code, device_id, outcome[1].decode() if outcome else ""
            )
        return Counter(held.values())

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = self._loop.create_server(lambda: _Connection(self.bodies), "127.0.0.1", 0)
        server = self._loop.run_until_complete(serving)
        self.port = server.sockets[0].getsockname()[1]
        self._is_ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()


class _Connection(asyncio.Protocol):
    """One connection, kept open: requests one after another, each with the length of its body."""

    def __init__(self, bodies: list[tuple[str, bytes]]) -> None:
        self._bodies = bodies
        self._octets = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """This function will keep the way back."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """This function will take every request that is complete."""
        self._octets += data
        while (end := self._octets.find(_HEAD_END)) >= 0:
            head = self._octets[:end]
            length = _LENGTH.search(head)
            whole = end + len(_HEAD_END) + (int(length[1]) if length else 0)
            if len(self._octets) < whole:
                return
            path = head.split(b" ", 2)[1].decode()
            self._bodies.append((path.strip("/"), self._octets[end + len(_HEAD_END) : whole]))
            self._octets = self._octets[whole:]
            if self._transport is not None:
                self._transport.write(_TAKEN)
