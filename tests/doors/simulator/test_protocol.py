import shutil
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.refusals import Refused, Unreachable
from safelaunch.domain.smi import Network
from safelaunch.gateways.csp import EpochOvertaken, HttpCspGateway
from safelaunch.wire import csp
from tests.doors.simulator.stand_in import START, Simulators, StandIn, device_ids, instruction

pytestmark = pytest.mark.processes

CENTRAL = Network.CENTRAL
WEEK = timedelta(days=7)


def meanings(reports: list[csp.HubReport]) -> dict[int, set[csp.HubReport]]:
    found = defaultdict(set)
    for report in reports:
        found[report.number].add(report)
    return found


def test_instructed_hubs_report_in_numbered_signed_batches(simulators: Simulators, dcc: StandIn) -> None:
    simulators.start()
    hubs = device_ids(CENTRAL, 800)
    with simulators.gateway() as gateway:
        receipt = gateway.instruct(network=CENTRAL, instruction=instruction("i-1", hubs), at=START)
    answer = simulators.advance(START + WEEK).json()

    assert receipt == csp.Receipt(accepted=800)
    told = [report for report in dcc.reports(CENTRAL) if report.campaign == "C1"]
    assert {report.device_id for report in told} <= set(hubs)
    assert {EventKind.DELIVERED, EventKind.ACTIVATED} <= {report.kind for report in told}
    numbers = {report.number for report in dcc.reports(CENTRAL)}
    assert numbers == set(range(1, max(numbers) + 1))
    assert answer["events"] == sum(len({r.number for r in dcc.reports(network)}) for network in Network)
    truth = simulators.control("truth?campaign=C1")
    assert truth["instructed"] == 800
    confirmed = {report.device_id for report in told if report.kind is EventKind.ACTIVATED}
    assert len(confirmed) < truth["activated"] <= truth["reached"]


def test_a_repeat_of_an_instruction_gets_the_same_answer_and_changes_nothing(
    simulators: Simulators, dcc: StandIn
) -> None:
    simulators.start()
    hubs = [*device_ids(CENTRAL, 50), device_ids(Network.NORTH, 1)[0], "00-00-00-00-00-00-00-01"]
    with simulators.gateway() as gateway:
        first = gateway.instruct(network=CENTRAL, instruction=instruction("i-1", hubs), at=START)
        second = gateway.instruct(network=CENTRAL, instruction=instruction("i-1", hubs), at=START)
    simulators.advance(START + WEEK)

    assert first == second == csp.Receipt(accepted=50, unknown_device_ids=hubs[50:])
    assert [entry["verdict"] for entry in simulators.control("log")["instructions"]] == [
        "accepted",
        "duplicate",
    ]
    deliveries = {r.number: r.device_id for r in dcc.reports(CENTRAL) if r.kind is EventKind.DELIVERED}
    assert len(deliveries) == len(set(deliveries.values()))


def test_a_recall_stops_what_has_not_reached_a_hub_and_refuses_the_old_epoch_even_after_a_restart(
    simulators: Simulators, dcc: StandIn
) -> None:
    simulators.start()
    hubs = device_ids(CENTRAL, 400)
    stopped_at = START + timedelta(hours=8)
    recall = csp.Recall(campaign="C1", epoch=2, recalled_at=stopped_at)
    with simulators.gateway() as gateway:
        gateway.instruct(network=CENTRAL, instruction=instruction("i-1", hubs), at=START)
        simulators.advance(stopped_at)
        receipt = gateway.recall(network=CENTRAL, recall=recall, at=stopped_at)
    simulators.kill()
    simulators.start()
    with simulators.gateway() as gateway:
        assert gateway.recall(network=CENTRAL, recall=recall, at=stopped_at) == receipt
        with pytest.raises(EpochOvertaken, match="epoch 2") as refusal:
            gateway.instruct(network=CENTRAL, instruction=instruction("i-2", hubs), at=stopped_at)
        assert gateway.health(network=CENTRAL, at=stopped_at).epochs == {"C1": 2}
    simulators.advance(START + WEEK)

    assert refusal.value.epoch == 2
    assert 0 < receipt.recalled < 400
    told = dcc.reports(CENTRAL)
    recalled = {r.device_id for r in told if r.kind is EventKind.RECALLED}
    delivered = {r.device_id for r in told if r.kind is EventKind.DELIVERED}
    assert len(recalled) == receipt.recalled
    assert not recalled & delivered
    assert all(r.happened_at <= stopped_at for r in told if r.kind is EventKind.DELIVERED)
    assert [entry["verdict"] for entry in simulators.control("log")["instructions"]] == ["accepted", "stale"]


def test_nothing_is_lost_and_no_number_means_two_things_when_the_simulator_is_killed_in_the_middle(
    simulators: Simulators, dcc: StandIn
) -> None:
    simulators.start()
    for network in Network:
        hubs = device_ids(network, 900)
        with simulators.gateway() as gateway:
            gateway.instruct(network=network, instruction=instruction(f"i-{network}", hubs), at=START)
    for batches in (1, 3):
        pushing = Thread(target=advance_ignoring_the_end, args=(simulators,))
        pushing.start()
        dcc.wait_for_batches(batches)
        dcc.answers[:] = [503, 200]
        simulators.kill()
        pushing.join()
        dcc.answers.clear()
        simulators.start()
    assert simulators.advance(START + 2 * WEEK).status_code == 200

    instructed = simulators.control("truth?campaign=C1")
    reached = 0
    for network in Network:
        found = meanings(dcc.reports(network))
        assert sorted(found) == list(range(1, len(found) + 1))
        assert all(len(reports) == 1 for reports in found.values())
        reached += sum(next(iter(reports)).kind is EventKind.DELIVERED for reports in found.values())
    assert reached == instructed["reached"]
    assert all(len(bodies) == 1 for bodies in dcc.bodies.values())


def advance_ignoring_the_end(simulators: Simulators) -> None:
    try:
        simulators.advance(START + 2 * WEEK)
    except httpx.TransportError:
        return


def test_two_runs_of_one_world_report_the_same(simulators: Simulators, dcc: StandIn) -> None:
    runs = []
    for name in ("one", "two"):
        run = replace(simulators, directory=simulators.directory / name)
        shutil.copytree(simulators.directory / "keys", run.directory / "keys")
        run.start()
        with run.gateway() as gateway:
            gateway.instruct(
                network=CENTRAL, instruction=instruction("i-1", device_ids(CENTRAL, 100)), at=START
            )
        run.advance(START + WEEK)
        run.stop()
        runs.append(dcc.reports(CENTRAL))
        dcc.batches.clear()
    assert runs[0] == runs[1]


def test_a_batch_that_the_dcc_refuses_is_parked_and_shown_and_the_next_one_still_goes(
    simulators: Simulators, dcc: StandIn
) -> None:
    simulators.start()
    dcc.answers[:] = [500, 422]
    with simulators.gateway() as gateway:
        gateway.instruct(network=CENTRAL, instruction=instruction("i-1", device_ids(CENTRAL, 900)), at=START)
        simulators.advance(START + WEEK)
        health = simulators.control("health")
        parked = [entry for one in health["networks"].values() for entry in one["parked"]]
        assert parked == [{"batch": 1, "sentence": "Not today."}]
        assert health["status"] == "DEGRADED"
    assert len(dcc.batches) > 1


def test_a_read_brings_the_versions_of_hubs_whose_confirmation_was_lost(
    simulators: Simulators, dcc: StandIn
) -> None:
    simulators.start()
    hubs = device_ids(CENTRAL, 900)
    later = START + timedelta(days=5)
    with simulators.gateway() as gateway:
        gateway.instruct(network=CENTRAL, instruction=instruction("i-1", hubs), at=START)
        simulators.advance(later)
        heard = {r.device_id for r in dcc.reports(CENTRAL) if r.kind is not EventKind.DELIVERED}
        quiet = sorted(set(hubs) - heard)
        read = csp.Read(read_id="r-1", campaign="C1", read_at=later, device_ids=quiet)
        assert gateway.read(network=CENTRAL, read=read, at=later).accepted == len(quiet)
    simulators.advance(later + timedelta(days=3))

    answers = {
        r.device_id: r.firmware_version for r in dcc.reports(CENTRAL) if r.kind is EventKind.VERSION_READ
    }
    assert 0.7 * len(quiet) < len(answers) < 0.97 * len(quiet)
    assert set(answers) <= set(quiet)
    assert sum(version == "0002012F" for version in answers.values()) > 0.8 * len(answers)


def test_a_message_that_the_dcc_did_not_sign_is_refused(simulators: Simulators) -> None:
    simulators.start()
    stranger = HttpCspGateway(
        base_urls={CENTRAL: f"{simulators.url}/central"}, key=Ed25519PrivateKey.generate()
    )
    with stranger, pytest.raises(Refused, match="signature"):
        stranger.instruct(network=CENTRAL, instruction=instruction("i-1", []), at=START)
    assert simulators.control("log") == {"instructions": []}


def test_malformed_messages_are_refused_with_a_sentence(simulators: Simulators) -> None:
    simulators.start()
    with simulators.gateway() as gateway:
        with pytest.raises(Refused, match="is not a Device ID"):
            gateway.instruct(network=CENTRAL, instruction=instruction("i-1", ["12"]), at=START)
        naive = instruction("i-1", [], at=START.replace(tzinfo=None))
        with pytest.raises(Refused, match="instructed_at"):
            gateway.instruct(network=CENTRAL, instruction=naive, at=START)
    assert httpx.get(f"{simulators.url}/west/v1/health", trust_env=False).status_code == 404


def test_a_network_that_is_not_there_is_unreachable(simulators: Simulators) -> None:
    simulators.port = 9
    with simulators.gateway() as gateway, pytest.raises(Unreachable, match="Central does not answer"):
        gateway.health(network=CENTRAL, at=START)


def test_the_wall_clock_sends_what_is_due_and_the_process_stops_cleanly(
    simulators: Simulators, dcc: StandIn
) -> None:
    simulators.clock = "wall"
    simulators.start()
    with simulators.gateway() as gateway:
        gateway.instruct(network=CENTRAL, instruction=instruction("i-1", device_ids(CENTRAL, 100)), at=START)
    dcc.wait_for_batches(1)
    assert simulators.advance(START + WEEK).status_code == 422
    assert simulators.stop() == 0


def test_another_world_is_refused_over_the_same_journal(simulators: Simulators) -> None:
    simulators.start()
    simulators.stop()
    simulators.scenario = "healthy"
    with pytest.raises(AssertionError, match="begun with another scenario"):
        simulators.start()


def test_day_0_stays_where_it_was_when_the_simulator_starts_again_at_another_time(
    simulators: Simulators,
) -> None:
    simulators.start()
    simulators.stop()
    simulators.start_at = START + WEEK
    simulators.start()
    assert simulators.control("health")["at"] == "2026-03-02T12:00:00Z"
