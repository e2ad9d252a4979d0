"""A stand-in for the DCC's events door, and a simulator in its own process that speaks to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from safelaunch.domain.smi import Network
from safelaunch.gateways import keys
from safelaunch.gateways.csp import HttpCspGateway
from safelaunch.planning import estate
from safelaunch.wire import csp

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ESTATE_HUBS = 3_000
_PROGRAM = """
import sys, json
from datetime import datetime
from pathlib import Path
from safelaunch.interfaces.simulator.server import serve
from safelaunch.interfaces.simulator.settings import Clock, SimulatorSettings
given = json.loads(sys.argv[1])
serve(settings=SimulatorSettings(
    host="127.0.0.1", port=given["port"], data_dir=Path(given["data_dir"]), keys_dir=Path(given["keys_dir"]),
    dcc_url=given["dcc_url"], estate_hubs=given["estate_hubs"], estate_seed=1, scenario=given["scenario"], seed=1,
    clock=Clock(given["clock"]), start_at=datetime.fromisoformat(given["start_at"])))
"""


class StandIn:
    """Takes batches, checks their signatures, and can be told to fail or to refuse."""

    def __init__(self, keys_dir: Path) -> None:
        self.batches: list[csp.EventBatch] = []
        self.bodies: dict[tuple[str, int], set[bytes]] = {}
        self.answers: list[int] = []
        self.taken = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body in one packet: two would wait 40 ms for each other.
            wbufsize = 65_536

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = outer.receive(
                    body, {name.lower(): value for name, value in self.headers.items()}, keys_dir
                )
                answer = json.dumps({"title": "Not today.", "new": 0, "applied": 0, "kept": {}}).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def receive(self, body: bytes, headers: dict[str, str], keys_dir: Path) -> int:
        batch = csp.read(body, csp.EventBatch)
        public = keys.load_public(keys.public_path(keys_dir / keys.name_of(batch.network)))
        csp.verify(body=body, headers=headers, key=public)
        with self.taken:
            self.bodies.setdefault((batch.network, batch.batch), set()).add(body)
            status = self.answers.pop(0) if self.answers else 200
            if status == 200:
                self.batches.append(batch)
            self.taken.notify_all()
        return status

    def reports(self, network: Network) -> list[csp.HubReport]:
        return [event for batch in self.batches if batch.network is network for event in batch.events]

    def wait_for_batches(self, count: int) -> None:
        with self.taken:
            assert self.taken.wait_for(lambda: len(self.batches) >= count, timeout=30)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Simulators:
    """Starts simulators over one data directory, one at a time."""

    directory: Path
    dcc_url: str
    clock: str = "stepped"
    scenario: str = "bricked-1pct"
    port: int = 0
    start_at: datetime = START
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self) -> None:
        self.port = _free_port()
        given = {
            "port": self.port,
            "data_dir": str(self.directory / "data"),
            "keys_dir": str(self.directory / "keys"),
            "dcc_url": self.dcc_url,
            "estate_hubs": ESTATE_HUBS,
            "scenario": self.scenario,
            "clock": self.clock,
            "start_at": self.start_at.isoformat(),
        }
        with (self.directory / "stderr.log").open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, json.dumps(given)], env=os.environ, stderr=errors
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                httpx.get(f"{self.url}/simulator/health", timeout=5, trust_env=False).raise_for_status()
            except httpx.TransportError:
                assert time.monotonic() < deadline, (self.directory / "stderr.log").read_text()
                assert self.process.poll() is None, (self.directory / "stderr.log").read_text()
                time.sleep(0.05)
            else:
                return

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=15)

    def gateway(self) -> HttpCspGateway:
        addresses = {network: f"{self.url}/{network.value.lower()}" for network in Network}
        return HttpCspGateway(
            base_urls=addresses, key=keys.load_or_create_private(self.directory / "keys" / keys.DCC)
        )

    def control(self, path: str) -> dict:
        return (
            httpx.get(f"{self.url}/simulator/{path}", timeout=30, trust_env=False).raise_for_status().json()
        )

    def advance(self, until: datetime) -> httpx.Response:
        body = {"until": until.isoformat()}
        return httpx.post(f"{self.url}/simulator/advance", json=body, timeout=120, trust_env=False)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def device_ids(network: Network, count: int) -> list[str]:
    """Give Device IDs of a network's hubs in the small estate of these tests."""
    world = estate.describe(hubs=ESTATE_HUBS, seed=1)
    block = world.block(0, ESTATE_HUBS)
    carried = [share.network is network for share in world.regions]
    chosen = [
        value
        for value, region in zip(block.device_id.tolist(), block.region.tolist(), strict=True)
        if carried[region]
    ]
    return [value.to_bytes(8, "big").hex("-").upper() for value in chosen[:count]]


def instruction(
    name: str, hubs: list[str], *, epoch: int = 1, attempt: int = 1, at: datetime = START
) -> csp.Instruction:
    return csp.Instruction(
        instruction_id=name,
        campaign="C1",
        epoch=epoch,
        attempt=attempt,
        firmware_version="0002012F",
        image_hash="00" * 32,
        instructed_at=at,
        device_ids=hubs,
    )
