from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import Network
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.account import Account, World
from safelaunch.interfaces.simulator.carrier import Carrier
from safelaunch.interfaces.simulator.device_facts import Register
from safelaunch.interfaces.simulator.device_keys import DeviceKeys
from safelaunch.interfaces.simulator.device_speech import Speech
from safelaunch.interfaces.simulator.devices import Devices
from safelaunch.interfaces.simulator.journal import Journal
from safelaunch.interfaces.simulator.organisations import Organisations
from safelaunch.interfaces.simulator.overtaken import OtherWorld, Stale
from safelaunch.interfaces.simulator.population import Population, Standing
from safelaunch.planning import estate, scenarios
from safelaunch.wire import csp
from tests.doors.simulator.stand_in import ESTATE_HUBS, START, device_ids, instruction

SOUTH = Network.SOUTH
HUBS = device_ids(SOUTH, 200)
ESTATE = estate.describe(hubs=ESTATE_HUBS, seed=1)
POPULATION = Population.of_estate(ESTATE)
REGISTER = Register(ESTATE)
WEEKS = timedelta(days=20)


@contextmanager
def carrier_over(path: Path, *, scenario: str = "catastrophe", seed: int = 1) -> Iterator[Carrier]:
    world = World(scenario=scenarios.load(scenario), seed=seed, starts_at=instants.to_instant(START))
    standing = Standing(POPULATION)
    account = Account(network=SOUTH, world=world, population=POPULATION, standing=standing)
    devices = Devices(
        network=SOUTH,
        world=world,
        register=REGISTER,
        speech=Speech(keys=DeviceKeys(estate_seed=1), organisations=Organisations(path.parent / "keys")),
        population=POPULATION,
        standing=standing,
    )
    journal = Journal(path)
    try:
        yield Carrier(network=SOUTH, account=account, devices=devices, journal=journal, world={"seed": seed})
    finally:
        journal.close()


def send_all(carrier: Carrier, *, until: timedelta = WEEKS) -> list[csp.HubReport]:
    """Let time pass day by day and take every batch, as a DCC that always answers would."""
    sent: list[csp.HubReport] = []
    for day in range(until.days + 1):
        carrier.move_clock(instants.to_instant(START + timedelta(days=day)), remembered=True)
        while carrier.drain() is not None:
            continue
        while (waiting := carrier.next_batch()) is not None:
            sent += csp.read(waiting[1], csp.EventBatch).events
            carrier.acknowledge(waiting[0])
    return sent


def of_kind(reports: list[csp.HubReport], kind: EventKind) -> set[str]:
    return {report.device_id for report in reports if report.kind is kind}


def test_whatever_record_is_the_last_a_restart_goes_on_and_no_number_changes_its_meaning(
    tmp_path: Path,
) -> None:
    recalled_at = START + timedelta(days=2)
    with carrier_over(tmp_path / "whole") as carrier:
        carrier.instruct(instruction("i-1", HUBS[:100]), received_at=START)
        sent = send_all(carrier, until=timedelta(days=1))
        carrier.instruct(instruction("i-2", HUBS[100:]), received_at=START)
        carrier.recall(csp.Recall(campaign="C1", epoch=2, recalled_at=recalled_at), received_at=START)
        carrier.read(
            csp.Read(read_id="r", campaign="C1", read_at=recalled_at, device_ids=HUBS), received_at=START
        )
        sent += send_all(carrier)
    meaning = {report.number: report for report in sent}
    lines = (tmp_path / "whole").read_bytes().splitlines(keepends=True)
    for kept in range(1, len(lines) + 1, 5):
        path = tmp_path / f"cut-{kept}"
        path.write_bytes(b"".join(lines[:kept]) + lines[-1][:40])
        drained = [line for line in lines[:kept] if b'"is":"drained"' in line]
        known = sum(int(line.split(b'"events":')[1].split(b",")[0]) for line in drained)
        with carrier_over(path) as carrier:
            again = {report.number: report for report in send_all(carrier)}
        assert all(again[number] == meaning[number] for number in again if number <= known)
        assert set(range(known + 1, max(again, default=known) + 1)) <= set(again)


def test_a_stale_epoch_is_refused_and_logged_and_the_same_epoch_is_not(tmp_path: Path) -> None:
    with carrier_over(tmp_path / "south") as carrier:
        carrier.instruct(instruction("i-1", HUBS[:5], epoch=3), received_at=START)
        with pytest.raises(Stale, match="Campaign C1 is at epoch 3; a message of epoch 2 is not acted on"):
            carrier.instruct(instruction("i-2", HUBS[5:], epoch=2), received_at=START)
        with pytest.raises(Stale):
            carrier.recall(csp.Recall(campaign="C1", epoch=2, recalled_at=START), received_at=START)
        carrier.instruct(instruction("i-3", HUBS[5:9], epoch=3), received_at=START)
        assert [(entry.instruction_id, entry.verdict) for entry in carrier.log] == [
            ("i-1", "accepted"),
            ("i-2", "stale"),
            ("i-3", "accepted"),
        ]


def test_a_refused_instruction_leaves_no_trace(tmp_path: Path) -> None:
    with carrier_over(tmp_path / "south") as carrier:
        before = (tmp_path / "south").read_bytes()
        with pytest.raises(Invalid):
            carrier.instruct(instruction("i-1", ["nonsense"]), received_at=START)
        assert (tmp_path / "south").read_bytes() == before
        assert carrier.account.handed_over == []


def test_a_hub_that_activated_says_so_at_once_when_it_is_instructed_again(tmp_path: Path) -> None:
    with carrier_over(tmp_path / "south", scenario="healthy") as carrier:
        carrier.instruct(instruction("i-1", HUBS), received_at=START)
        first = of_kind(send_all(carrier), EventKind.ACTIVATED)
        carrier.instruct(instruction("i-2", HUBS, attempt=2, at=START + WEEKS), received_at=START)
        again = send_all(carrier, until=WEEKS + timedelta(days=1))
    prompt = {r.device_id for r in again if r.kind is EventKind.ACTIVATED and r.attempt == 2}
    assert len(first & prompt) > 0.97 * len(first)
    assert not of_kind(again, EventKind.DELIVERED) & first


def test_bricked_hubs_are_reported_silent_answer_no_read_and_are_never_heard_again(tmp_path: Path) -> None:
    later = START + timedelta(days=10)
    with carrier_over(tmp_path / "south") as carrier:
        carrier.instruct(instruction("i-1", HUBS), received_at=START)
        send_all(carrier, until=timedelta(days=10))
        handed = carrier.account.handed_over[0]
        bricked = set(names(carrier, handed.positions[handed.outcome.harmed]))
        carrier.read(csp.Read(read_id="r", campaign="C1", read_at=later, device_ids=HUBS), received_at=later)
        reports = send_all(carrier)
    assert len(bricked) > 80
    assert not of_kind(reports, EventKind.VERSION_READ) & bricked
    assert not of_kind(reports, EventKind.HEARD) & bricked


def names(carrier: Carrier, positions: object) -> list[str]:
    numbers = carrier.account.population.features.device_id[positions]
    return [int(number).to_bytes(8, "big").hex("-").upper() for number in numbers]


def test_a_journal_of_another_world_is_refused(tmp_path: Path) -> None:
    with carrier_over(tmp_path / "south"):
        pass
    with (
        pytest.raises(OtherWorld, match="start the simulator with the same ones"),
        carrier_over(tmp_path / "south", seed=2),
    ):
        pass
