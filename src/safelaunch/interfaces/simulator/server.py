"""The simulated CSPs as a process: `serve` blocks until it is told to stop (`design.md` 9).

Granian keeps a supervisor and one worker. The worker leaves at once when its supervisor is gone, so that whatever
kills the one that was started ends both, and the journals are free for the next.
"""

import os
import threading
from dataclasses import dataclass
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from granian import Granian
from granian.constants import Interfaces

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import Network
from safelaunch.gateways import gbcs_keys, keys
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.account import Account, World
from safelaunch.interfaces.simulator.carrier import Carrier
from safelaunch.interfaces.simulator.device_facts import Register
from safelaunch.interfaces.simulator.device_keys import DeviceKeys
from safelaunch.interfaces.simulator.device_speech import Speech
from safelaunch.interfaces.simulator.devices import Devices
from safelaunch.interfaces.simulator.journal import Journal
from safelaunch.interfaces.simulator.logs import say
from safelaunch.interfaces.simulator.machinery import Machinery
from safelaunch.interfaces.simulator.organisations import Organisations
from safelaunch.interfaces.simulator.population import Population, Standing
from safelaunch.interfaces.simulator.postman import Postman
from safelaunch.interfaces.simulator.repository import Repository
from safelaunch.interfaces.simulator.routes import Application
from safelaunch.interfaces.simulator.settings import SimulatorSettings
from safelaunch.planning import estate, scenarios

_THREADS = 4
_ORPHAN_CHECK_SECONDS = 0.1
_KILL_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Simulator:
    """What is ready before any request: the networks with their journals replayed, and the keys."""

    settings: SimulatorSettings
    carriers: list[Carrier]
    repository: Repository
    network_keys: dict[Network, Ed25519PrivateKey]
    dcc_key: Ed25519PublicKey


def serve(*, settings: SimulatorSettings) -> None:
    """This function will run the three networks until SIGTERM or SIGINT.

    Raises:
        NotFound: there is no such scenario, or no public key of the DCC.
        BadScenario: the scenario file cannot be used.
        OtherWorld: the data directory was begun with another scenario, seed or estate.
        JournalInUse: another simulator uses the data directory.
        Unreadable: a key or a journal is damaged.
    """
    simulator = prepare(settings)
    server = Granian(
        target="safelaunch csp-simulator",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        # A worker that waits for a client who never leaves would keep port and journals for good.
        workers_kill_timeout=_KILL_SECONDS,
        websockets=False,
        log_enabled=False,
    )
    say("serving", host=settings.host, port=settings.port, scenario=settings.scenario, clock=settings.clock)
    server.serve(target_loader=partial(_start, simulator, os.getpid()), wrap_loader=False)
    say("stopped")


def prepare(settings: SimulatorSettings) -> Simulator:
    """This function will read keys and scenario, make the estate and replay the journals (see `serve` for errors)."""
    if settings.start_at.tzinfo is None:
        raise Invalid("The start of the simulation has no time zone; give it in UTC.")
    scenario = scenarios.load(settings.scenario)
    dcc_key = keys.load_public(keys.public_path(settings.keys_dir / keys.DCC))
    network_keys = {
        network: keys.load_or_create_private(settings.keys_dir / keys.name_of(network)) for network in Network
    }
    described = estate.describe(hubs=settings.estate_hubs, seed=settings.estate_seed)
    population = Population.of_estate(described)
    standing = Standing(population)
    journals = {
        network: Journal(settings.data_dir / f"{network.value.lower()}.journal") for network in Network
    }
    starts_at = _start_of(journals, settings=settings)
    world = World(scenario=scenario, seed=settings.seed, starts_at=starts_at)
    device_keys, register = DeviceKeys(estate_seed=settings.estate_seed), Register(described)
    gbcs_keys.publish_device_authority(
        settings.keys_dir, name=f"estate-{settings.estate_seed}", pem=device_keys.authority()
    )
    speech = Speech(keys=device_keys, organisations=Organisations(settings.keys_dir))
    carriers = [
        Carrier(
            network=network,
            account=Account(network=network, world=world, population=population, standing=standing),
            devices=Devices(
                network=network,
                world=world,
                register=register,
                speech=speech,
                population=population,
                standing=standing,
            ),
            journal=journal,
            world=_signature(settings, world=world),
        )
        for network, journal in journals.items()
    ]
    repository = Repository(register=register, keys=device_keys)
    return Simulator(settings, carriers, repository, network_keys, dcc_key)


def application(simulator: Simulator) -> Application:
    """This function will start the clock and give the WSGI application."""
    postmen = [
        Postman(
            carrier=carrier,
            dcc_url=simulator.settings.dcc_url,
            key=simulator.network_keys[carrier.network],
        )
        for carrier in simulator.carriers
    ]
    machinery = Machinery(carriers=simulator.carriers, postmen=postmen, clock=simulator.settings.clock)
    machinery.start()
    return Application(machinery=machinery, repository=simulator.repository, dcc_key=simulator.dcc_key)


def _start(simulator: Simulator, supervisor: int) -> Application:
    threading.Thread(target=_leave_with, args=(supervisor,), name="orphan-check", daemon=True).start()
    return application(simulator)


def _leave_with(supervisor: int) -> None:
    pause = threading.Event()
    while os.getppid() == supervisor:
        pause.wait(_ORPHAN_CHECK_SECONDS)
    say("supervisor-gone")
    os._exit(1)


def _start_of(journals: dict[Network, Journal], *, settings: SimulatorSettings) -> int:
    """Give the beginning of day 0: that of the journals when they have begun, so that "now" may be the default."""
    for journal in journals.values():
        opening = journal.opening()
        if opening is not None:
            return int(opening.world["starts_at"])
    return instants.to_instant(settings.start_at)


def _signature(settings: SimulatorSettings, *, world: World) -> dict[str, str | int]:
    return {
        "scenario": repr(world.scenario),
        "seed": settings.seed,
        "estate_hubs": settings.estate_hubs,
        "estate_seed": settings.estate_seed,
        "starts_at": world.starts_at,
    }
