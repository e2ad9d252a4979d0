"""The DCC's side of a conversation with simulated Devices: commands with the broker's MAC, answers opened and checked."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.gateways import gbcs_keys
from safelaunch.interfaces.simulator.device_facts import DeviceFacts, Register
from safelaunch.interfaces.simulator.device_keys import DeviceKeys
from safelaunch.planning import estate
from safelaunch.planning.estate import device_ids_of
from safelaunch.wire import csp, smki_devices
from safelaunch.wire.gbcs import catalogue, security
from safelaunch.wire.gbcs.activation import ActivateFirmware
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, Payload
from safelaunch.wire.gbcs.message import GroupingHeader, MessageKind, Supplementary, build, parse
from safelaunch.wire.gbcs.versions import Cs08Command, Ecs52Command, Gcs38Command
from safelaunch.wire.smki_devices import KeyUse
from tests import pki
from tests.doors.simulator.stand_in import ESTATE_HUBS, START

IMAGE_HASH = bytes(range(32))
NEW_VERSION = "0A0B0C0D"


def homes(network: Network, count: int) -> list[dict[DeviceType, DeviceFacts]]:
    """Give homes of a network with every type of Device, by type; all of them are commissioned."""
    world = estate.describe(hubs=ESTATE_HUBS, seed=1)
    register = Register(world)
    found = []
    for index in range(ESTATE_HUBS):
        ids = device_ids_of(world.block(index, index + 1))
        if len(ids) < 6:
            continue
        facts = [register.find(Eui64(number)) for number in ids]
        if all(one is not None and one.network is network and one.is_commissioned for one in facts):
            found.append({one.device_type: one for one in facts})
        if len(found) == count:
            return found
    raise AssertionError(f"The estate has only {len(found)} such homes.")


@dataclass
class Broker:
    """Composes, protects and opens messages; `directory` is that of the keys."""

    directory: Path
    estate_seed: int = 1
    sent: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.own = gbcs_keys.load_or_create_broker(self.directory, eui=pki.DSP)
        self._devices = DeviceKeys(estate_seed=self.estate_seed)

    def public_key(self, device_id: Eui64, use: KeyUse):
        der = self._devices.certificate(device_id, use)
        return smki_devices.read_device_certificate(der).public_key

    def supplier(self, eui: Eui64, *, agrees_keys: bool = False):
        return gbcs_keys.load_or_create_supplier(self.directory, eui=eui, agrees_keys=agrees_keys)

    def protect(self, message: GbcsMessage, *, to: DeviceFacts) -> bytes:
        key = self.public_key(to.device_id, KeyUse.KEY_AGREEMENT)
        envelope = catalogue.enclose(message)
        return build(security.protect(envelope, own_key=self.own.key, other_key=key))

    def read(self, to: DeviceFacts, *, counter: int, by: Eui64 | None = None) -> bytes:
        """A command to read the version, from the broker itself or under a Supplier's name."""
        payload, code = _question(to, counter)
        header = GroupingHeader(
            kind=MessageKind.COMMAND,
            originator_counter=counter,
            originator_id=by or self.own.eui,
            target_id=to.device_id,
            message_code=code,
            supplementary=None if by else Supplementary(to.suppliers[0], counter),
        )
        return self.protect(GbcsMessage(header, payload), to=to)

    def activate(
        self,
        to: DeviceFacts,
        *,
        counter: int,
        image_hash: bytes = IMAGE_HASH,
        execution_at: datetime | None = None,
        by: Eui64 | None = None,
    ) -> bytes:
        """A signed command to activate firmware."""
        originator = by or to.suppliers[0]
        header = GroupingHeader(
            kind=MessageKind.COMMAND,
            originator_counter=counter,
            originator_id=originator,
            target_id=to.device_id,
            message_code=MessageCode.CS06_ACTIVATE_FIRMWARE,
        )
        pre_command = GbcsMessage(header, ActivateFirmware(image_hash, counter, execution_at), signature=None)
        signed = security.sign(catalogue.enclose(pre_command), key=self.supplier(originator).key)
        return self.protect(catalogue.open_envelope(signed), to=to)

    def open(self, message: csp.DeviceMessage) -> GbcsMessage:
        """Read a Device's message after its signature or MAC has been found to be the Device's."""
        envelope, device_id = parse(message.gbcs), Eui64.parse(message.device_id)
        if envelope.signature:
            security.verify(envelope, key=self.public_key(device_id, KeyUse.DIGITAL_SIGNATURE))
        else:
            receiver = envelope.header.target_id
            own = self.own if receiver == self.own.eui else self.supplier(receiver, agrees_keys=True)
            key = self.public_key(device_id, KeyUse.KEY_AGREEMENT)
            security.verify_mac(envelope, own_key=own.key, other_key=key)
        return catalogue.open_envelope(envelope)


def command(name: str, to: DeviceFacts, gbcs: bytes, *, within: timedelta = timedelta(days=9)) -> csp.Command:
    return csp.Command(
        command_id=name,
        hub_device_id=str(to.hub_id),
        device_id=str(to.device_id),
        gbcs=gbcs,
        expires_at=START + within,
    )


def parcel(*commands: csp.Command, at: datetime = START) -> csp.CommandBatch:
    return csp.CommandBatch(batch_id="p", sent_at=at, commands=list(commands))


def _question(to: DeviceFacts, counter: int) -> tuple[Payload, MessageCode]:
    if to.device_type in (DeviceType.ESME, DeviceType.CHF):
        return Ecs52Command(counter & 0xFFFFFF), MessageCode.ECS52_READ_FIRMWARE_VERSION
    if to.device_type in (DeviceType.GSME, DeviceType.GPF):
        return Gcs38Command(), MessageCode.GCS38_READ_FIRMWARE_VERSION
    return Cs08Command(), MessageCode.CS08_READ_FIRMWARE_VERSION
