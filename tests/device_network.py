"""A simulated network in this process: commands go to its Devices, what they say comes to the door's services."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Unreachable
from safelaunch.domain.smi import Network
from safelaunch.gateways import gbcs_keys
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.account import Account, World
from safelaunch.interfaces.simulator.carrier import Carrier
from safelaunch.interfaces.simulator.device_facts import Register
from safelaunch.interfaces.simulator.device_keys import DeviceKeys
from safelaunch.interfaces.simulator.device_machine import HeldImage
from safelaunch.interfaces.simulator.device_speech import Speech
from safelaunch.interfaces.simulator.devices import Devices
from safelaunch.interfaces.simulator.installing import BroughtDevice
from safelaunch.interfaces.simulator.journal import Journal
from safelaunch.interfaces.simulator.organisations import Organisations
from safelaunch.interfaces.simulator.population import Population, Standing
from safelaunch.interfaces.simulator.repository import Repository
from safelaunch.planning import estate, scenarios
from safelaunch.services import device_certificates, device_commands, device_messages, events
from safelaunch.services.device_commands import Link
from safelaunch.wire import csp
from tests import estate_factory, pki

FAULTLESS = b"""
title = "Every command is answered in time and every activation succeeds"
[rates]
silent_per_week = 0.0
[devices]
answers_lost = 0.0
activation_answers_lost = 0.0
answers_late = 0.0
activation_failed = 0.0
[rates.not_reached]
good = 0.0
fair = 0.0
poor = 0.0
[han]
discarded = 0.0
transfer_failed = 0.0
other_hardware = 0.0
damaged = 0.0
forgotten = 0.0
displays_off = 0.0
"""
LOSSY = FAULTLESS.replace(b"answers_lost = 0.0", b"answers_lost = 1.0")


@dataclass
class DeviceNetwork:
    """One carrier as the DCC meets it; `is_up` False is one that does not answer."""

    carrier: Carrier
    repository: Repository
    keys_dir: Path
    register: Register
    speech: Speech
    is_up: bool = True
    asked_certificates: int = 0
    batches: list[csp.CommandBatch] = field(default_factory=list)

    def command(self, *, network: Network, batch: csp.CommandBatch, at: datetime) -> csp.CommandReceipt:
        """Take commands, as a gateway would hand them over."""
        assert network is self.carrier.network
        if not self.is_up:
            raise Unreachable("The network does not answer.")
        self.batches.append(batch)
        return self.carrier.command(batch, received_at=at)

    def bring(self, device_id: str, kind: str, *, hub: str, version: str, suppliers=()) -> None:
        """Have a Device stand in the home of a hub, as an installer brings it there."""
        brought = BroughtDevice(
            device_id=device_id,
            device_type=kind,
            model="0001",
            firmware_version=version,
            suppliers=[str(one) for one in suppliers],
            hub_device_id=hub,
        )
        self.carrier.bring([brought])

    def find(self, *, device_ids) -> dict[Eui64, list[bytes]]:
        """Give certificates, as the SMKI's repository would."""
        self.asked_certificates += 1
        wanted = csp.CertificatesWanted(device_ids=[str(one) for one in device_ids])
        found = self.repository.answer(wanted).certificates
        return {Eui64.parse(device_id): ders for device_id, ders in found.items()}

    @property
    def link(self) -> Link:
        authorities = tuple(gbcs_keys.device_authorities(self.keys_dir))
        return Link(
            gateway=self,
            repository=device_certificates.Repository(self, authorities),
            broker=gbcs_keys.load_or_create_broker(self.keys_dir, eui=pki.DSP),
        )

    def distribute(
        self, *, network: Network, distribution: csp.Distribution, at: datetime
    ) -> csp.DistributionReceipt:
        """Take an image on, as a gateway would hand it over."""
        assert network is self.carrier.network
        assert at == distribution.sent_at
        if not self.is_up:
            raise Unreachable("The network does not answer.")
        return self.carrier.distribute(distribution)

    def upload(self, *, network: Network, image: csp.ImageUpload, at: datetime) -> csp.ImageReceipt:
        """Keep an image."""
        assert (network, at.tzinfo is not None) == (self.carrier.network, True)
        return self.carrier.keep_image(image)

    def install(self, *, network: Network, installation: csp.Installation, at: datetime) -> csp.Receipt:
        """Have a hub stand in a home."""
        assert network is self.carrier.network
        return self.carrier.install(installation, received_at=at)

    def send(self, at: datetime) -> int:
        """Let the worker send what is due."""
        return device_commands.send(network=self.carrier.network, link=self.link, at=at)

    def pass_time(self, until: datetime) -> list[csp.EventBatch]:
        """Let Devices act, and bring what they said to the door."""
        self.carrier.move_clock(instants.to_instant(until), remembered=True)
        while self.carrier.drain() is not None:
            continue
        brought = []
        while (waiting := self.carrier.next_batch()) is not None:
            batch = csp.read(waiting[1], csp.EventBatch)
            brought.append(batch)
            events.take_in(batch=batch, body=waiting[1], at=until)
            self.carrier.acknowledge(waiting[0])
        return brought

    def take_in(self, at: datetime) -> int:
        """Let the worker judge what Devices said."""
        return device_messages.take_in(network=self.carrier.network, link=self.link, at=at)

    def behave(self, **manners: float) -> None:
        """Have Devices answer commands that come from now on in another manner."""
        devices = self.carrier.devices
        scenario = devices._world.scenario
        changed = replace(scenario, devices=replace(scenario.devices, **manners))
        devices._world = replace(devices._world, scenario=changed)

    def version_of(self, device_id: str) -> str:
        """The simulator's own truth: what a Device runs."""
        found = Eui64.parse(device_id)
        device = self.carrier.devices._devices.get(found)
        return device.firmware_version if device else self.carrier.devices.find(device_id).firmware_version

    def run(self, device_id: str, *, version: str, at: datetime) -> None:
        """Have a Device, or a hub from a moment on, run another version, as an upgrade leaves it."""
        devices = self.carrier.devices
        facts = devices.find(device_id)
        if not facts.is_hub:
            devices.device_of(facts).version = version
            return
        standing, place = devices._standing, facts.hub_position
        standing._version[place] = devices._population.number_of(version)
        standing._runs_from[place] = instants.to_instant(at)

    def hold(self, device_id: str, *, image_hash: bytes, version: str, at: datetime) -> None:
        """Have a Device hold an image."""
        image = HeldImage(
            device_id=device_id, manufacturer_image_hash=image_hash.hex(), firmware_version=version
        )
        self.carrier.hold([image], at=at)


@contextmanager
def device_network(
    directory: Path, *, starts_at: datetime, scenario: bytes, hubs: int = estate_factory.HUBS
) -> Iterator[DeviceNetwork]:
    """The southern network of a small estate, where the Reference Test Data premises are."""
    path = directory / "scenario.toml"
    path.write_bytes(scenario)
    described = estate.describe(hubs=hubs, seed=estate_factory.SEED)
    population, register = Population.of_estate(described), Register(described)
    standing, keys = Standing(population), DeviceKeys(estate_seed=estate_factory.SEED)
    gbcs_keys.publish_device_authority(directory, name="tests", pem=keys.authority())
    world = World(scenario=scenarios.load(str(path)), seed=1, starts_at=instants.to_instant(starts_at))
    speech = Speech(keys=keys, organisations=Organisations(directory))
    devices = Devices(
        network=Network.SOUTH,
        world=world,
        register=register,
        speech=speech,
        population=population,
        standing=standing,
    )
    journal = Journal(directory / "south.journal")
    account = Account(network=Network.SOUTH, world=world, population=population, standing=standing)
    carrier = Carrier(
        network=Network.SOUTH, account=account, devices=devices, journal=journal, world={"seed": 1}
    )
    try:
        yield DeviceNetwork(
            carrier, Repository(register=register, keys=keys), directory, register=register, speech=speech
        )
    finally:
        journal.close()
