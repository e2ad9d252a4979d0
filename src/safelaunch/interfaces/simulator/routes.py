"""The simulator's WSGI application: the protocol under `/north`, `/central`, `/south`, and `/simulator/*`.

Under `/smki` it stands in for the SMKI's repository of Device certificates, which anybody may read. The control endpoints under `/simulator` are no part of the protocol and meant for the machine the simulator runs on.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from safelaunch.domain.refusals import NotFound, Problem, Refused, Unreachable, Unreadable
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.carrier import Carrier
from safelaunch.interfaces.simulator.logs import say
from safelaunch.interfaces.simulator.machinery import Advance, DevicesToBring, ImagesToHold, Machinery
from safelaunch.interfaces.simulator.overtaken import Stale
from safelaunch.interfaces.simulator.records import HubsToRun
from safelaunch.interfaces.simulator.repository import Repository
from safelaunch.wire import csp

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Answer = tuple[int, Any]

_WORDS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_STATUS: tuple[tuple[type[Problem], int], ...] = (
    (csp.UntrustedSignature, 401),
    (Unreadable, 400),
    (NotFound, 404),
    (Unreachable, 503),
    (Refused, 422),
)


class Application:
    """A small router: protocol messages to a network, control to the machinery."""

    def __init__(self, *, machinery: Machinery, repository: Repository, dcc_key: Ed25519PublicKey) -> None:
        """This function will keep what answers; every protocol message must be signed with `dcc_key`."""
        self._repository = repository
        self._machinery = machinery
        self._dcc_key = dcc_key
        self._carriers = {carrier.network.value.lower(): carrier for carrier in machinery.carriers}
        self._protocol: dict[tuple[str, str], Callable[[Carrier, bytes], Any]] = {
            ("POST", "instructions"): _instruct,
            ("POST", "recalls"): _recall,
            ("POST", "reads"): _read,
            ("POST", "commands"): _command,
            ("POST", "images"): _keep_image,
            ("POST", "distributions"): _distribute,
            ("POST", "installations"): _install,
            ("GET", "health"): _health,
        }
        self._control: dict[tuple[str, str], Callable[[Environ], Any]] = {
            ("POST", "advance"): self._advance,
            ("POST", "images"): self._hold,
            ("POST", "devices"): self._bring,
            ("GET", "truth"): self._truth,
            ("GET", "firmware"): lambda _: machinery.firmware(),
            ("POST", "hubs"): self._run_on_hubs,
            ("GET", "log"): lambda _: machinery.log(),
            ("GET", "health"): lambda _: machinery.health(),
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """This function will answer one request, always in JSON."""
        try:
            status, answer = self._answer(environ)
        except Stale as stale:
            status, answer = 409, csp.StaleEpoch(title=str(stale), epoch=stale.highest)
        except Problem as problem:
            status = next(code for kind, code in _STATUS if isinstance(problem, kind))
            answer = {"title": str(problem), "status": status}
        except Exception as error:  # noqa: BLE001 - a door: a bug is logged once and answered with 500
            say("bug", error=repr(error), path=environ["PATH_INFO"])
            status, answer = 500, {"title": "The simulator has failed; its log says how.", "status": 500}
        body = msgspec.json.encode(answer)
        headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
        start_response(f"{status} {_WORDS[status]}", headers)
        return [body]

    def _answer(self, environ: Environ) -> Answer:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].strip("/").split("/")
        match path:
            case ["simulator", name] if (method, name) in self._control:
                return 200, self._control[method, name](environ)
            case [network, "v1", name] if network in self._carriers and (method, name) in self._protocol:
                body = _body(environ)
                csp.verify(body=body, headers=_webhook_headers(environ), key=self._dcc_key)
                return 200, self._protocol[method, name](self._carriers[network], body)
            case ["smki", "v1", "device-certificates"] if method == "POST":
                return 200, self._repository.answer(csp.read(_body(environ), csp.CertificatesWanted))
        raise NotFound(
            f"{method} {environ['PATH_INFO']} is not here; the protocol is at /north/v1, /central/v1 and /south/v1, "
            "with instructions, recalls, reads, commands, installations and health."
        )

    def _advance(self, environ: Environ) -> dict[str, Any]:
        asked = csp.read(_body(environ), Advance)
        return self._machinery.advance(asked)

    def _hold(self, environ: Environ) -> dict[str, Any]:
        return self._machinery.hold(csp.read(_body(environ), ImagesToHold))

    def _bring(self, environ: Environ) -> dict[str, Any]:
        return self._machinery.bring(csp.read(_body(environ), DevicesToBring))

    def _run_on_hubs(self, environ: Environ) -> dict[str, Any]:
        return self._machinery.run_on_hubs(csp.read(_body(environ), HubsToRun))

    def _truth(self, environ: Environ) -> dict[str, Any]:
        campaign = parse_qs(environ.get("QUERY_STRING", "")).get("campaign", [""])[0]
        return self._machinery.truth(campaign)


def _instruct(carrier: Carrier, body: bytes) -> csp.Receipt:
    return carrier.instruct(csp.read(body, csp.Instruction), received_at=instants.now())


def _recall(carrier: Carrier, body: bytes) -> csp.RecallReceipt:
    return carrier.recall(csp.read(body, csp.Recall), received_at=instants.now())


def _read(carrier: Carrier, body: bytes) -> csp.Receipt:
    return carrier.read(csp.read(body, csp.Read), received_at=instants.now())


def _command(carrier: Carrier, body: bytes) -> csp.CommandReceipt:
    return carrier.command(csp.read(body, csp.CommandBatch), received_at=instants.now())


def _keep_image(carrier: Carrier, body: bytes) -> csp.ImageReceipt:
    return carrier.keep_image(csp.read(body, csp.ImageUpload))


def _distribute(carrier: Carrier, body: bytes) -> csp.DistributionReceipt:
    return carrier.distribute(csp.read(body, csp.Distribution))


def _install(carrier: Carrier, body: bytes) -> csp.Receipt:
    return carrier.install(csp.read(body, csp.Installation), received_at=instants.now())


def _health(carrier: Carrier, _body: bytes) -> csp.Health:
    with carrier.lock:
        return csp.Health(
            network=carrier.network,
            status="DEGRADED" if carrier.parked else "OK",
            waiting=len(carrier.outbox),
            epochs=dict(carrier.epochs),
        )


def _body(environ: Environ) -> bytes:
    body: bytes = environ["wsgi.input"].read(csp.MAX_BODY_OCTETS + 1)
    return body


def _webhook_headers(environ: Environ) -> dict[str, str]:
    prefix = "HTTP_WEBHOOK_"
    return {
        "webhook-" + name.removeprefix(prefix).lower(): value
        for name, value in environ.items()
        if name.startswith(prefix)
    }
