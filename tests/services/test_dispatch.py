"""Dispatch: a chunk leaves once, under one name, and never after a stop has returned."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.people import Role
from safelaunch.domain.refusals import Unreachable
from safelaunch.domain.smi import Network
from safelaunch.gateways.csp import EpochOvertaken, HttpCspGateway
from safelaunch.services import campaigns, tranches
from safelaunch.store.models import Chunk, HubUpgrade
from safelaunch.store.writes import tranches as tranche_writes
from safelaunch.wire import csp
from tests import estate_factory as factory
from tests.estate_factory import RecordingGateway, evening, operator

pytestmark = pytest.mark.usefixtures("database")
AT = evening(0)


@pytest.fixture
def campaign(database):
    factory.load_estate()
    factory.set_capacity(1_000)
    return factory.rolling_out()


@pytest.fixture
def chunk_id(campaign):
    factory.plan(campaign, 0)
    return Chunk.objects.order_by("chunk_id").first().chunk_id


def states(chunk_id):
    return (
        Chunk.objects.get(chunk_id=chunk_id).state,
        frozenset(HubUpgrade.objects.filter(chunk_id=chunk_id).values_list("state", flat=True)),
    )


def stop(because="Enough."):
    return campaigns.stop_now(reference="C1", because=because, actor=operator(), at=AT)


def resume():
    proposer, approver = (
        factory.make_person("Peter", Role.OPERATOR),
        factory.make_person("Ada", Role.APPROVER),
    )
    campaigns.propose_resume(reference="C1", reason="Fixed.", actor=proposer, at=AT)
    campaigns.approve_resume(reference="C1", actor=approver, at=AT)


def dispatch(chunk_id, gateway):
    return dispatch_parcel([chunk_id], gateway)


def dispatch_parcel(chunk_ids, gateway):
    campaign_id = Chunk.objects.get(chunk_id=chunk_ids[0]).campaign_id
    return tranches.dispatch(campaign_id=campaign_id, chunk_ids=chunk_ids, gateway=gateway, at=AT)


def test_a_chunk_names_its_hubs_its_version_and_its_fence(campaign, chunk_id):
    gateway = RecordingGateway()
    handed_over = dispatch(chunk_id, gateway)
    (instruction,) = gateway.instructions
    assert instruction.instruction_id == f"C1-{chunk_id}-1"
    assert (instruction.epoch, instruction.attempt) == (1, 1)
    assert instruction.firmware_version == campaign.firmware_version
    assert sorted(instruction.device_ids) == sorted(
        str(row.device_id) for row in HubUpgrade.objects.filter(chunk_id=chunk_id)
    )
    assert handed_over == len(instruction.device_ids)
    assert states(chunk_id) == ("HANDED_OVER", {"INSTRUCTED"})
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_a_chunk_that_was_accepted_is_not_sent_again(chunk_id):
    gateway = RecordingGateway()
    dispatch(chunk_id, gateway)
    assert dispatch(chunk_id, gateway) == 0
    assert len(gateway.instructions) == 1


def test_after_a_crash_before_the_network_was_called_the_chunk_is_sent_under_the_same_name(chunk_id):
    class Crash(BaseException):
        """What a killed worker leaves behind: nothing after this line runs."""

    with pytest.raises(Crash):
        dispatch(chunk_id, RecordingGateway(error=Crash()))
    assert states(chunk_id) == ("SENDING", {"INSTRUCTED"})
    gateway = RecordingGateway()
    dispatch(chunk_id, gateway)
    assert gateway.instructions[0].instruction_id == f"C1-{chunk_id}-1"
    assert states(chunk_id) == ("HANDED_OVER", {"INSTRUCTED"})


def test_a_network_that_does_not_answer_keeps_the_chunk_for_another_try(chunk_id):
    with pytest.raises(Unreachable):
        dispatch(chunk_id, RecordingGateway(error=Unreachable("CSP North does not answer.")))
    assert states(chunk_id)[0] == "SENDING"
    assert dispatch(chunk_id, RecordingGateway()) > 0


def test_hubs_that_have_answered_are_not_sent_again_with_the_rest(campaign, chunk_id):
    gateway = RecordingGateway(error=Unreachable("The answer was lost."))
    with pytest.raises(Unreachable):
        dispatch(chunk_id, gateway)
    answered = HubUpgrade.objects.filter(chunk_id=chunk_id).first().device_id
    factory.Reporter().report([answered], EventKind.ACTIVATED, at=AT)
    gateway = RecordingGateway()
    dispatch(chunk_id, gateway)
    assert str(answered) not in gateway.hubs


def small_chunks(campaign, monkeypatch, *, size=2):
    monkeypatch.setattr(tranche_writes, "CHUNK_SIZE", size)
    factory.plan(campaign, 0)
    full = Chunk.objects.filter(hub_count=size).order_by("chunk_id")
    return list(full.values_list("chunk_id", flat=True)[:5])


def test_the_chunks_of_a_parcel_go_one_by_one_and_are_noted_together(campaign, monkeypatch):
    chunk_ids = small_chunks(campaign, monkeypatch)
    gateway = RecordingGateway()
    with factory.counting_statements() as one:
        dispatch_parcel(chunk_ids[:1], RecordingGateway())
    with factory.counting_statements() as four:
        handed_over = dispatch_parcel(chunk_ids[1:], gateway)
    assert [sent.instruction_id for sent in gateway.instructions] == [f"C1-{n}-1" for n in chunk_ids[1:]]
    assert handed_over == len(gateway.hubs) == len(set(gateway.hubs)) == 8
    assert {states(n) for n in map(int, chunk_ids)} == {("HANDED_OVER", frozenset({"INSTRUCTED"}))}
    assert len(four) == len(one) + 3, "one look at the stop flag before each chunk after the first"


def test_a_network_that_misses_one_chunk_of_a_parcel_gets_that_one_again(campaign, monkeypatch):
    chunk_ids = small_chunks(campaign, monkeypatch)

    class Missing(RecordingGateway):
        def instruct(self, **message):
            if message["instruction"].instruction_id == f"C1-{chunk_ids[1]}-1":
                raise Unreachable("CSP North does not answer.")
            return super().instruct(**message)

    gateway = Missing()
    with pytest.raises(Unreachable):
        dispatch_parcel(chunk_ids, gateway)
    assert len(gateway.instructions) == 4
    assert [n for n in chunk_ids if states(n)[0] == "SENDING"] == [chunk_ids[1]]
    again = RecordingGateway()
    assert dispatch_parcel(chunk_ids, again) == 2
    assert [sent.instruction_id for sent in again.instructions] == [f"C1-{chunk_ids[1]}-1"]


def test_a_stop_ends_a_parcel_that_is_under_way(campaign, monkeypatch):
    chunk_ids = small_chunks(campaign, monkeypatch)

    class Stopping(RecordingGateway):
        def instruct(self, **message):
            answer = super().instruct(**message)
            thread = threading.Thread(target=stop_elsewhere)
            thread.start()
            thread.join()
            return answer

    def stop_elsewhere():
        try:
            stop()
        finally:
            connection.close()

    gateway = Stopping()
    assert dispatch_parcel(chunk_ids, gateway) == 2
    assert [sent.instruction_id for sent in gateway.instructions] == [f"C1-{chunk_ids[0]}-1"]


def test_a_held_campaign_sends_nothing_and_keeps_its_chunk(chunk_id):
    stop()
    gateway = RecordingGateway()
    assert dispatch(chunk_id, gateway) == 0
    assert gateway.instructions == []
    assert states(chunk_id) == ("PLANNED", {"PLANNED"})


def test_after_a_resume_what_a_stop_left_behind_goes_under_the_new_fence(campaign, chunk_id):
    with pytest.raises(Unreachable):
        dispatch(chunk_id, RecordingGateway(error=Unreachable("Down.")))
    stop()
    resume()
    gateway = RecordingGateway()
    dispatch(chunk_id, gateway)
    assert gateway.instructions[0].instruction_id == f"C1-{chunk_id}-2"
    assert gateway.instructions[0].epoch == 2


def test_a_network_that_knows_of_a_later_stop_is_right(chunk_id):
    overtaken = RecordingGateway(error=EpochOvertaken("Overtaken.", epoch=2))
    assert dispatch(chunk_id, overtaken) == 0
    assert states(chunk_id)[0] == "SENDING"


def test_a_recall_goes_to_every_network_and_adds_up(campaign):
    gateway = RecordingGateway()
    recalled = tranches.recall(campaign_id=campaign.campaign_id, epoch=4, gateway=gateway, at=AT)
    assert recalled == 3 * len(Network)
    assert {(order.campaign, order.epoch) for order in gateway.recalls} == {("C1", 4)}


def test_a_recall_that_another_has_overtaken_is_done(campaign):
    gateway = RecordingGateway(error=EpochOvertaken("Overtaken.", epoch=9))
    assert tranches.recall(campaign_id=campaign.campaign_id, epoch=4, gateway=gateway, at=AT) == 0


def test_a_recall_that_a_network_misses_is_tried_again(campaign):
    with pytest.raises(Unreachable):
        tranches.recall(
            campaign_id=campaign.campaign_id,
            epoch=4,
            gateway=RecordingGateway(error=Unreachable("Down.")),
            at=AT,
        )


# The race against the stop, over real connections


class TinyCsp:
    """A network on a real socket: checks signatures and notes when each instruction came in."""

    def __init__(self, key, *, seconds=0.0):
        self.received: list[tuple[float, csp.Instruction]] = []
        self.problems: list[Exception] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65_536

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                received_at = time.monotonic()
                try:
                    csp.verify(
                        body=body,
                        headers={name.lower(): value for name, value in self.headers.items()},
                        key=key.public_key(),
                    )
                    instruction = csp.read(body, csp.Instruction)
                    outer.received.append((received_at, instruction))
                    answer = csp.write(csp.Receipt(accepted=len(instruction.device_ids)))
                except Exception as problem:  # noqa: BLE001 - the test reads it
                    outer.problems.append(problem)
                    answer = b"{}"
                time.sleep(seconds)
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def tiny_csp(*, seconds=0.0):
    key = Ed25519PrivateKey.generate()
    network = TinyCsp(key, seconds=seconds)
    thread = threading.Thread(target=network.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    base_urls = dict.fromkeys(Network, network.url)
    with HttpCspGateway(base_urls=base_urls, key=key, timeout=5) as gateway:
        yield network, gateway
    network.server.shutdown()
    network.server.server_close()
    thread.join()


@contextmanager
def workers(count, *, chunk_ids, gateway, every_chunk_for_all=False):
    """Threads with a connection each that dispatch chunks from one pile, or each the whole pile."""
    pile, lock, failures = list(chunk_ids), threading.Lock(), []

    def take():
        with lock:
            return pile.pop(0) if pile else None

    def work():
        try:
            if every_chunk_for_all:
                for chunk_id in chunk_ids:
                    dispatch(chunk_id, gateway)
            else:
                while (chunk_id := take()) is not None:
                    dispatch(chunk_id, gateway)
        except BaseException as failure:  # noqa: BLE001 - a thread hands its failure to the test
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []


@pytest.fixture
def many_chunks(campaign, monkeypatch):
    monkeypatch.setattr(tranche_writes, "CHUNK_SIZE", 3)
    factory.plan(campaign, 0)
    chunk_ids = list(Chunk.objects.order_by("chunk_id").values_list("chunk_id", flat=True))
    assert len(chunk_ids) > 150
    return chunk_ids


@pytest.mark.parametrize("wait", [0.0, 0.02, 0.05, 0.1, 0.2, 0.3])
def test_once_a_stop_has_returned_nothing_more_reaches_a_network(many_chunks, wait):
    with (
        tiny_csp(seconds=0.005) as (network, gateway),
        workers(4, chunk_ids=many_chunks, gateway=gateway),
    ):
        time.sleep(wait)
        stop()
        stopped_at = time.monotonic()
    late = [at for at, _ in network.received if at > stopped_at]
    assert late == []
    assert network.problems == []
    assert len(network.received) < len(many_chunks)
    assert {instruction.epoch for _, instruction in network.received} <= {1}
    sent = {hub for _, instruction in network.received for hub in instruction.device_ids}
    planned = {str(row.device_id) for row in HubUpgrade.objects.filter(state="PLANNED")}
    assert not sent & planned
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_workers_that_take_the_same_chunks_at_once_name_each_hub_under_one_instruction(many_chunks):
    chunk_ids = many_chunks[:40]
    with (
        tiny_csp() as (network, gateway),
        workers(3, chunk_ids=chunk_ids, gateway=gateway, every_chunk_for_all=True),
    ):
        pass
    names: dict[str, set[str]] = {}
    for _, instruction in network.received:
        for hub in instruction.device_ids:
            names.setdefault(hub, set()).add(instruction.instruction_id)
    assert len(names) == HubUpgrade.objects.filter(chunk_id__in=chunk_ids).count()
    assert all(len(of_hub) == 1 for of_hub in names.values())
    assert set(Chunk.objects.filter(chunk_id__in=chunk_ids).values_list("state", flat=True)) == {
        "HANDED_OVER"
    }


def test_a_network_that_hangs_does_not_hold_a_stop_up(chunk_id):
    is_hanging, go_on = threading.Event(), threading.Event()

    class Hanging(RecordingGateway):
        def instruct(self, **message):
            is_hanging.set()
            go_on.wait(timeout=30)
            return super().instruct(**message)

    hanging = Hanging()
    with workers(1, chunk_ids=[chunk_id], gateway=hanging):
        assert is_hanging.wait(timeout=10)
        receipt = stop()
        # The worker is still in the call it made before the stop; the stop did not wait for its end.
        assert hanging.instructions == []
        go_on.set()
    assert receipt.epoch == 2
    assert hanging.instructions[0].epoch == 1, (
        "what had left carries the old fence, so the network refuses it"
    )
