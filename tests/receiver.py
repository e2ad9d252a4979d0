"""A User's receive address over real HTTP: keeps what it was sent, and answers as it is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NO_CONTENT = 204


class Receiver:
    """Takes messages like a DCC Boxed client does (`domain.md` 13.3): 204 and nothing more."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.content_types: list[str] = []
        self.always(NO_CONTENT)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.bodies.append(body)
                outer.content_types.append(self.headers["content-type"])
                self.send_response(outer.answer(body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/smartdcc/duis"

    def always(self, status: int) -> None:
        """Answer everything with this status from now on."""
        self.answer: Callable[[bytes], int] = lambda _body: status


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


def closed_address() -> str:
    """An address where nobody listens any more."""
    with listening() as receiver:
        return receiver.address
