"""Taking reports in: signed batches of 1,000 over HTTP, through the real web process, with every effect.

Each batch holds deliveries of some hubs and activations of hubs delivered a few batches earlier, so the ledger, the
hubs' states, the roll-ups, the inventory and the N64 alerts all move.
"""

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import Network
from safelaunch.gateways import keys
from safelaunch.interfaces.cli.benches.dispatch import hand_over, network_gateway
from safelaunch.interfaces.cli.benches.measuring import Load, Result, by_turns, median, seconds
from safelaunch.interfaces.cli.benches.plan import begin
from safelaunch.interfaces.cli.children import Children, free_port
from safelaunch.services import benches
from safelaunch.wire import csp

GOAL = 10.0
ROUNDS = 7
BATCH = 1_000
MOST_BATCHES_A_ROUND = 40
WEB_PROCESSES = 2
LAG = 4
"""Batches between the delivery of a hub and its activation."""

REFERENCE = "BENCH-INGEST"


@dataclass(frozen=True, slots=True)
class Batch:
    """A signed batch, and the same events as COPY's text for the floor."""

    network: Network
    signed: csp.Signed
    rows: bytes


def measure(hubs: int) -> Iterator[Result]:
    """This function will send batches through the web process, against a COPY of the same batch to a bare table."""
    campaign_id, port = begin(reference=REFERENCE, hubs=hubs), free_port()
    benches.plan_night(campaign_id=campaign_id)
    with network_gateway() as gateway:
        hand_over(campaign_id=campaign_id, gateway=gateway, counts=[])
    directory = settings.DATA / "keys"
    signers = {network: keys.load_or_create_private(directory / keys.name_of(network)) for network in Network}
    batches = list(_batches(signers))
    # A small estate fills few batches: then fewer rounds of one batch each, after one to warm up.
    size = max(1, min(MOST_BATCHES_A_ROUND, len(batches) // (ROUNDS + 1)))
    rounds = min(ROUNDS, len(batches) // size - 1)
    if rounds < 1:
        raise Invalid(f"A night of {hubs:,} hubs fills no two batches of reports; measure with more hubs.")
    supply = iter(batches)
    with Children(directory=settings.DATA / "logs", environment={}) as children:
        web = children.start("web", "web", "--port", str(port), "--workers", str(WEB_PROCESSES))
        children.wait_for(web, f"http://127.0.0.1:{port}/gateway/v1/events")
        _send(list(islice(supply, size)), port=port)
        sent: list[list[Batch]] = []
        load = Load()
        figures, floors = by_turns(
            lambda: _rate(_send(sent[-1], port=port), size),
            lambda: _rate(seconds(lambda: _copy(sent[-1])), size),
            rounds=rounds,
            prepare=lambda: sent.append(list(islice(supply, size))),
        )
        ext = load.ext()
    figure, floor = median(figures), median(floors)
    yield Result(
        name="ingest",
        figure=figure,
        unit="events/s",
        floor=floor,
        floor_unit="events/s",
        ratio=round(floor / figure, 2),
        goal_ratio=GOAL,
        rounds=rounds,
        ext=ext,
        what=f"batches of {BATCH:,} signed events over HTTP, with every effect",
        floor_what="COPY of the same batch to a bare table",
    )


def _copy(batches: list[Batch]) -> None:
    for batch in batches:
        benches.copy_bare_events(batch=batch.rows)


def _rate(taken: float, batches: int) -> float:
    return batches * BATCH / taken


def _batches(signers: dict[Network, Ed25519PrivateKey]) -> Iterator[Batch]:
    """Batches of half deliveries, half activations, the networks by turns, event numbers rising."""
    half = BATCH // 2
    lines = []
    for network, hubs in benches.list_instructed().items():
        groups = [hubs[start : start + half] for start in range(0, len(hubs) - half + 1, half)]
        lines.append((network, [(groups[n], groups[n - LAG]) for n in range(LAG, len(groups))]))
    for turn in range(max(len(pairs) for _, pairs in lines)):
        for network, pairs in lines:
            if turn < len(pairs):
                yield _batch(network, turn, *pairs[turn], key=signers[network])


def _batch(
    network: Network, number: int, delivered: list[str], activated: list[str], *, key: Ed25519PrivateKey
) -> Batch:
    at = benches.PLANNED_AT + timedelta(hours=1, seconds=number)
    told = [(hub, EventKind.DELIVERED) for hub in delivered] + [
        (hub, EventKind.ACTIVATED) for hub in activated
    ]
    events = [
        csp.HubReport(
            number=number * BATCH + place,
            device_id=hub,
            kind=kind,
            happened_at=at,
            campaign=REFERENCE,
            attempt=1,
        )
        for place, (hub, kind) in enumerate(told)
    ]
    body = csp.write(csp.EventBatch(network=network, batch=number, events=events))
    rows = "".join(
        f"{event.number}\t{event.device_id}\t{event.kind.value}\t{at.isoformat()}\n" for event in events
    )
    signed = csp.sign(body=body, message_id=f"{network}-{number}", at=at, key=key)
    return Batch(network=network, signed=signed, rows=rows.encode())


def _send(batches: list[Batch], *, port: int) -> float:
    """Send batches as the networks do, insist that all were applied, and give the seconds.

    A network sends its own in order, one connection each: an activation never overtakes the delivery before it.
    """
    by_network = [[batch.signed for batch in batches if batch.network is network] for network in Network]
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(Network)) as pool:
        applied = sum(pool.map(lambda signed: _send_in_order(signed, port=port), by_network))
    taken = time.perf_counter() - begun
    if applied != len(batches) * BATCH:
        raise RuntimeError(f"{applied:,} of {len(batches) * BATCH:,} events moved a hub.")
    return taken


def _send_in_order(batches: list[csp.Signed], *, port: int) -> int:
    applied = 0
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for signed in batches:
        line.request("POST", "/gateway/v1/events", body=signed.body, headers=signed.headers)
        answer = line.getresponse()
        body = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(
                f"The web process answered {answer.status}: {body.decode(errors='replace')[:500]}"
            )
        applied += csp.read(body, csp.BatchReceipt).applied
    line.close()
    return applied
