"""Hubs that are installed in homes of a simulated network: taken on once, found again, and the hub before them is gone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.simulator import instants, population
from safelaunch.interfaces.simulator.population import NoRoom
from safelaunch.wire import csp
from tests import estate_factory
from tests.device_network import FAULTLESS, device_network
from tests.doors.simulator.broker import Broker
from tests.doors.simulator.stand_in import START, instruction
from tests.services.requests.scene import PREMISES

OLD, ESME = PREMISES["CHF"], PREMISES["ESME"]
NEW, NEW_GPF, NEWER = "00-DB-00-00-00-0C-00-12", "00-DB-00-00-00-0C-00-13", "00-DB-00-00-00-0C-00-22"
REACHED = FAULTLESS.replace(b"[rates]\n", b"[rates]\nactivation_failed = 0.0\n") + (
    b"[messages]\nconfirmations_lost = 0.0\nduplicated = 0.0\nreads_answered = 1.0\n"
)
DAY = timedelta(days=1)


@pytest.fixture
def opened(tmp_path):
    """A way to the network, which finds its journal again each time."""
    return lambda: device_network(tmp_path, starts_at=START, scenario=REACHED)


def installation(device_id=NEW, gpf=NEW_GPF, *, home=OLD, replaces=True, at=START):
    return csp.Installation(
        device_id=device_id,
        gpf_device_id=gpf,
        manufacturer="0000",
        model="CH-1",
        firmware_version="0001012F",
        home_hub_device_id=home,
        is_replacement=replaces,
        installed_at=at,
    )


def install(network, *told, at=START, **more):
    return network.carrier.install(installation(*told, at=at, **more), received_at=at)


def instruct(network, name, hubs, *, at=START):
    return network.carrier.instruct(instruction(name, hubs, at=at), received_at=at)


def reported(network, *, until):
    """What the network reports of hubs until a moment, by hub."""
    carrier, found = network.carrier, {}
    carrier.move_clock(instants.to_instant(until), remembered=True)
    while carrier.drain() is not None:
        continue
    while (waiting := carrier.next_batch()) is not None:
        for event in csp.read(waiting[1], csp.EventBatch).events:
            found.setdefault(event.device_id, []).append(event.kind)
        carrier.acknowledge(waiting[0])
    return found


def test_a_replaced_hub_says_nothing_more_and_the_new_one_is_upgraded(opened):
    with opened() as network:
        assert instruct(network, "i-1", [OLD, NEW]) == csp.Receipt(accepted=1, unknown_device_ids=[NEW])
        assert install(network, at=START + timedelta(seconds=1)) == csp.Receipt(accepted=1)
        assert reported(network, until=START + 5 * DAY) == {}
        assert instruct(network, "i-2", [NEW], at=START + 5 * DAY).accepted == 1
        told = reported(network, until=START + 8 * DAY)
        assert told == {NEW: [EventKind.DELIVERED, EventKind.ACTIVATED]}
        read = csp.Read(read_id="r", campaign="C1", read_at=START + 8 * DAY, device_ids=[OLD, NEW])
        network.carrier.read(read, received_at=START)
        assert reported(network, until=START + 9 * DAY) == {NEW: [EventKind.VERSION_READ]}


def test_what_was_told_before_stays_told_and_a_second_replacement_ends_the_first(opened):
    with opened() as network:
        instruct(network, "i-1", [OLD])
        assert reported(network, until=START + 3 * DAY)[OLD][-1] is EventKind.ACTIVATED
        install(network, at=START + 3 * DAY)
        instruct(network, "i-2", [NEW], at=START + 3 * DAY)
        install(network, NEWER, "00-DB-00-00-00-0C-00-23", home=NEW, at=START + 3 * DAY)
        instruct(network, "i-3", [NEWER], at=START + 4 * DAY)
        assert set(reported(network, until=START + 8 * DAY)) == {NEWER}


def test_a_hub_is_taken_on_once_and_found_again_after_a_restart(opened):
    with opened() as network:
        install(network)
        instruct(network, "i-1", [NEW])
    with opened() as network:
        assert install(network) == csp.Receipt(accepted=1)
        assert instruct(network, "i-1", [NEW]).accepted == 1
        assert reported(network, until=START + 4 * DAY) == {NEW: [EventKind.DELIVERED, EventKind.ACTIVATED]}
        assert len(network.carrier.account.population) == estate_factory.HUBS + 1


def test_a_hub_beside_another_leaves_that_one_as_it_is(opened):
    with opened() as network:
        install(network, replaces=False)
        instruct(network, "i-1", [OLD, NEW])
        assert set(reported(network, until=START + 4 * DAY)) == {OLD, NEW}
        assert network.register.find(Eui64.parse(ESME)).hub_id == Eui64.parse(OLD)


def test_devices_are_reached_through_the_hub_that_their_home_has_now(opened, tmp_path):
    broker = Broker(tmp_path, estate_seed=estate_factory.SEED)
    with opened() as network:
        install(network)
        esme = network.register.find(Eui64.parse(ESME))
        assert esme.hub_id == Eui64.parse(NEW)
        before = replace(esme, hub_id=Eui64.parse(OLD))
        refused = network.carrier.command(parcel(broker, before, 7), received_at=START)
        assert refused.refused == {"7": csp.CommandRefusal.UNKNOWN_DEVICE}
        assert network.carrier.command(parcel(broker, esme, 8), received_at=START).accepted == 1
        network.carrier.move_clock(instants.to_instant(START + DAY), remembered=True)
        network.carrier.drain()
        [message] = csp.read(network.carrier.next_batch()[1], csp.EventBatch).messages
        assert (message.device_id, message.command_id) == (ESME, "8")
        assert broker.open(message).payload is not None
        assert not network.register.find(Eui64.parse(OLD)).is_commissioned
        assert network.register.find(Eui64.parse(NEW_GPF)).mirrors == Eui64.parse(PREMISES["GSME"])


def parcel(broker, facts, number):
    command = csp.Command(
        command_id=str(number),
        hub_device_id=str(facts.hub_id),
        device_id=str(facts.device_id),
        gbcs=broker.read(facts, counter=number),
        expires_at=START + DAY,
    )
    return csp.CommandBatch(batch_id=str(number), sent_at=START, commands=[command])


def test_a_home_of_nobodys_a_malformed_device_id_and_one_hub_too_many_are_not_taken_on(opened, monkeypatch):
    monkeypatch.setattr(population, "ROOM", 1)
    with opened() as network:
        assert install(network, home=NEWER) == csp.Receipt(accepted=0, unknown_device_ids=[NEWER])
        with pytest.raises(Invalid):
            install(network, "NEW")
        install(network)
        with pytest.raises(NoRoom, match="At most 1"):
            install(network, NEWER, home=NEW)
