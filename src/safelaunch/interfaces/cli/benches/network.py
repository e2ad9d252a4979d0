"""A network that takes every instruction: a process of its own, with the signature checked and a Receipt given."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from safelaunch.gateways import keys
from safelaunch.wire import csp


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The answer leaves in one piece; without this it waits for the acknowledgement of its headers.
    wbufsize = -1
    disable_nagle_algorithm = True
    key: Ed25519PublicKey

    def do_GET(self) -> None:
        """This function will say that the network is up."""
        self._answer(b"{}")

    def do_POST(self) -> None:
        """This function will check an instruction and take it on."""
        body = self.rfile.read(int(self.headers["content-length"]))
        csp.verify(body=body, headers=dict(self.headers.items()), key=self.key)
        instruction = csp.read(body, csp.Instruction)
        self._answer(csp.write(csp.Receipt(accepted=len(instruction.device_ids))))

    def log_message(self, *_: object) -> None:
        """This function will keep no log."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(*, port: int) -> None:
    """This function will answer on the loopback address until it is ended."""
    private = keys.load_or_create_private(settings.DATA / "keys" / keys.DCC)
    _Handler.key = private.public_key()
    with ThreadingHTTPServer(("127.0.0.1", port), _Handler) as server:
        server.serve_forever()
