"""The Devices of one simulated network: commands on their way to them, what they do, answers on their way back.

Everything happens in the order of its time, on an agenda: a command arrives, a Device acts, an answer leaves. A command
to a Device whose hub is silent never arrives; what a Device says meanwhile waits until its hub is heard again. Nothing
is kept of Devices that nobody has commanded. All of it follows from the world and from what was asked, in its order.
"""

import hashlib
import heapq
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.domain.tenancy import SOURCES
from safelaunch.interfaces.simulator import device_speech, installing, instants
from safelaunch.interfaces.simulator.account import World
from safelaunch.interfaces.simulator.device_facts import DeviceFacts, Register
from safelaunch.interfaces.simulator.device_machine import Appointment, Device, HeldImage, Image
from safelaunch.interfaces.simulator.device_speech import Dropped, Saying, Speech
from safelaunch.interfaces.simulator.displays import Displays
from safelaunch.interfaces.simulator.hub_logs import HubLogs
from safelaunch.interfaces.simulator.images import ImageNews, Images, alert_header, receipt_alert
from safelaunch.interfaces.simulator.ledger import Fact, fact_of
from safelaunch.interfaces.simulator.population import Population, Standing
from safelaunch.planning.device_answers import Exchange, exchange, mishap
from safelaunch.planning.network import NEVER
from safelaunch.wire import csp
from safelaunch.wire.gbcs.activation import (
    ActivateFirmware,
    ActivationAccepted,
    ActivationCode,
    ActivationOutcome,
    FutureDatedActivationAlert,
    FutureDatedAlertCode,
)
from safelaunch.wire.gbcs.alerts import ReceiptAlertCode
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, Payload
from safelaunch.wire.gbcs.credentials import Cs02bAlert, Cs02bCommand, Cs02bResponse, Outcome
from safelaunch.wire.gbcs.times import DlmsTime

_SLEEPY = frozenset({DeviceType.GSME})
_RECEIPT_ALERTS = {
    DeviceType.ESME: MessageCode.FIRMWARE_RECEIPT_ALERT_DLMS,
    DeviceType.GSME: MessageCode.FIRMWARE_RECEIPT_ALERT_GBZ,
}


@dataclass(frozen=True, slots=True)
class _Errand:
    """One command to one Device, and what will become of it."""

    command: csp.Command
    message: GbcsMessage
    device: Device
    exchange: Exchange


class Devices:
    """The Devices of one network."""

    def __init__(
        self,
        *,
        network: Network,
        world: World,
        register: Register,
        speech: Speech,
        population: Population,
        standing: Standing,
    ) -> None:
        """This function will begin with Devices that nobody has commanded."""
        self._network, self._world, self._register, self._speech = network, world, register, speech
        self._population, self._standing = population, standing
        self.displays = Displays(register=register, seed=world.seed, runs=self._runs)
        self._devices: dict[Eui64, Device] = {}
        self._verdicts: dict[str, csp.CommandRefusal | None] = {}
        self._agenda: list[tuple[int, int, Callable[[int], None]]] = []
        self._entries = 0
        self._said: list[Saying | ImageNews] = []
        self.ledger: list[Fact] = []
        self.images = Images(
            desk=self,
            world=world,
            register=register,
            population=population,
            organisations=speech.organisations,
        )
        self._logs = HubLogs(register=register, enter=self.enter, alert=self._alert)

    @property
    def next_due(self) -> int | None:
        """When the next thing on the agenda happens, or None."""
        return self._agenda[0][0] if self._agenda else None

    def find(self, device_id: str) -> DeviceFacts | None:
        """This function will find a Device of this network.

        Raises:
            Invalid: the text is not a Device ID.
        """
        facts = self._register.find(Eui64.parse(device_id))
        if facts is None or facts.network is not self._network:
            return None
        device = self._devices.get(facts.device_id)
        # A Device that was given to another Supplier obeys that one, whatever the estate says.
        return facts if device is None or device.obeys is None else replace(facts, suppliers=(device.obeys,))

    def list_dropped(self, batch: csp.CommandBatch) -> dict[str, str]:
        """This function will say which of a batch's new commands their Devices will not act on, and why.

        That depends on the certificates that stand here now, so it is asked once and written down.
        """
        found = {}
        for command in batch.commands:
            facts = self.find(command.device_id)
            if facts is None or command.command_id in self._verdicts:
                continue
            try:
                self._speech.understand(command.gbcs, facts=facts)
            except Dropped as reason:
                found[command.command_id] = str(reason)
        return found

    def take_on(self, batch: csp.CommandBatch, *, dropped: Collection[str], at: int) -> csp.CommandReceipt:
        """This function will take commands on and say which it does not carry.

        Args:
            batch: the commands.
            dropped: ids of those that their Devices will not act on; they are carried all the same.
            at: the instant from which they are on their way.
        """
        for command in batch.commands:
            if command.command_id in self._verdicts:
                continue
            facts = self.find(command.device_id)
            self._verdicts[command.command_id] = verdict = _verdict(command, facts=facts, at=at)
            if verdict is None and facts is not None and command.command_id not in dropped:
                self._send(command, facts=facts, at=at)
        verdicts = {command.command_id: self._verdicts[command.command_id] for command in batch.commands}
        refused = {name: verdict for name, verdict in verdicts.items() if verdict is not None}
        return csp.CommandReceipt(accepted=len(verdicts) - len(refused), refused=refused)

    def install(self, installation: csp.Installation) -> int | None:
        """This function will have a hub stand in a home of this network (see `installing`)."""
        return installing.install(
            installation,
            network=self._network,
            register=self._register,
            population=self._population,
            standing=self._standing,
        )

    def bring(self, devices: list[installing.BroughtDevice]) -> None:
        """This function will have Devices stand in homes of this network (see `installing`)."""
        installing.bring(devices, network=self._network, register=self._register)

    def hand_over(self, images: list[HeldImage], *, at: int) -> None:
        """This function will have images reach Devices of this network at an instant; other Devices are passed over."""
        for held in images:
            if (facts := self.find(held.device_id)) is not None:
                self.enter(at, partial(self.receive, facts, held))

    def move(self, *, until: int) -> list[Saying | ImageNews]:
        """This function will do what is on the agenda up to an instant, and give what Devices said."""
        while self._agenda and self._agenda[0][0] <= until:
            at, _, happen = heapq.heappop(self._agenda)
            happen(at)
        said, self._said = self._said, []
        self.ledger += [fact for one in said if (fact := fact_of(one)) is not None]
        return said

    def write(self, saying: Saying, *, number: int) -> csp.DeviceMessage:
        """This function will write what a Device said, signed or with its MAC, under a number of the network's."""
        return csp.DeviceMessage(
            number=number,
            device_id=str(saying.facts.device_id),
            gbcs=self._speech.seal(saying),
            happened_at=instants.to_datetime(saying.said_at),
            command_id=saying.command_id,
        )

    def enter(self, at: int, happen: Callable[[int], None]) -> None:
        """This function will have something happen at an instant."""
        self._entries += 1
        heapq.heappush(self._agenda, (at, self._entries, happen))

    def device_of(self, facts: DeviceFacts) -> Device:
        """This function will give a Device as it stands, one that nobody has commanded among them."""
        return self._devices.setdefault(facts.device_id, Device(facts))

    def _send(self, command: csp.Command, *, facts: DeviceFacts, at: int) -> None:
        message = device_speech.read_payload(command.gbcs)
        drawn = exchange(
            manners=self._world.scenario.devices,
            seed=self._world.seed,
            device_id=facts.device_id.value,
            turn=zlib.crc32(command.command_id.encode()),
            is_activation=isinstance(message.payload, ActivateFirmware),
            is_sleepy=facts.device_type in _SLEEPY,
        )
        device = self.device_of(facts)
        # It may have joined, left or come behind another hub since it was asked before.
        device.facts = facts
        errand = _Errand(command, message, device, drawn)
        self.enter(at + drawn.arrives_after, partial(self._arrive, errand))

    def _arrive(self, errand: _Errand, at: int) -> None:
        facts, command = errand.device.facts, errand.command
        expired = at > instants.to_instant(command.expires_at)
        if expired or not facts.is_commissioned or self.heard_at(facts, at) != at:
            return
        payload = errand.message.payload
        if isinstance(payload, ActivateFirmware):
            self._take_activation(errand, payload, at)
        elif isinstance(payload, Cs02bCommand):
            self._take_supplier(errand, payload, at)
        elif (answer := self._logs.obey(errand.device, errand.message, at)) is not None:
            self._answer(errand, answer, at)
        else:
            version = self.version_at(errand.device, at)
            answer = device_speech.direct_answer(
                payload, firmware_version=version if errand.exchange.is_readable else None
            )
            if (moment := device_speech.moment_of(payload)) is not None:
                self._keep_moment(facts, instants.to_instant(moment), at)
            self._answer(errand, answer, at)

    def _keep_moment(self, facts: DeviceFacts, moment: int, at: int) -> None:
        if (asks_at := self.displays.keep(facts, moment=moment, at=at)) is not None:
            self.enter(asks_at, partial(self._ask, facts.hub_position))

    def _ask(self, hub_position: int, at: int) -> None:
        if (again_at := self.displays.ask(hub_position, at=at)) is not None:
            self.enter(again_at, partial(self._ask, hub_position))

    def _take_activation(self, errand: _Errand, asked: ActivateFirmware, at: int) -> None:
        device, header = errand.device, errand.message.header
        if not device.is_fresh(originator=header.originator_id, counter=header.originator_counter):
            return
        due_at = asked.execution_at
        if asked.is_cancellation:
            device.forget()
            self._answer(errand, ActivationAccepted(), at)
        elif due_at is not None and instants.to_instant(due_at) > at:
            appointment = Appointment(
                asked.manufacturer_image_hash, due_at, header.originator_id, header.originator_counter
            )
            device.keep(appointment)
            self.enter(instants.to_instant(due_at), partial(self._fall_due, errand, appointment))
            self._answer(errand, ActivationAccepted(), at)
        else:
            self.enter(at + errand.exchange.acts_after, partial(self._activate, errand, asked))

    def _take_supplier(self, errand: _Errand, asked: Cs02bCommand, at: int) -> None:
        device, header = errand.device, errand.message.header
        if not device.is_fresh(originator=header.originator_id, counter=header.originator_counter):
            return
        device.awaits, due_at = None, asked.execution_at
        if due_at is None or instants.to_instant(due_at) <= at:
            self._answer(errand, Cs02bResponse.of(self._obey(device, asked, at)), at)
            return
        if not asked.is_cancellation:
            device.awaits = asked
            self.enter(instants.to_instant(due_at), partial(self._change_supplier, errand, asked, due_at))
        self._answer(errand, Cs02bResponse.of(None), at)

    def _obey(self, device: Device, asked: Cs02bCommand, at: int) -> Outcome:
        if device.facts.device_type in SOURCES:
            self._keep_moment(device.facts, at, at)
        return device.change_supplier(asked)

    def _change_supplier(self, errand: _Errand, asked: Cs02bCommand, due_at: datetime, at: int) -> None:
        device = errand.device
        if device.awaits is asked:
            device.awaits = None
            alert = Cs02bAlert.of(self._obey(device, asked, at), execution_at=due_at)
            target = errand.message.header.originator_id
            header = alert_header(device, MessageCode.CS02B_FUTURE_DATED_ALERT, target=target, at=at)
            self.leave(Saying(device.facts, GbcsMessage(header, alert), at), at)

    def _activate(self, errand: _Errand, asked: ActivateFirmware, at: int) -> None:
        outcome = errand.device.activate(asked.manufacturer_image_hash, succeeds=errand.exchange.succeeds)
        self._answer(errand, outcome, at)

    def _fall_due(self, errand: _Errand, appointment: Appointment, at: int) -> None:
        if errand.device.take_due(appointment):
            self.enter(at + errand.exchange.acts_after, partial(self._keep_word, errand, appointment))

    def _keep_word(self, errand: _Errand, appointment: Appointment, at: int) -> None:
        device = errand.device
        outcome = device.activate(appointment.hash, succeeds=errand.exchange.succeeds)
        alert = FutureDatedActivationAlert(
            alert_code=_alert_code(outcome),
            execution_at=appointment.due_at,
            originator_counter=appointment.originator_counter,
            outcome=outcome,
        )
        header = alert_header(
            device, MessageCode.CS06_FUTURE_DATED_ALERT, target=appointment.originator, at=at
        )
        self.leave(Saying(device.facts, GbcsMessage(header, alert), at), at)

    def receive(self, facts: DeviceFacts, held: HeldImage, at: int) -> None:
        """This function will have an image reach a Device, which verifies it, and says so if it is a meter."""
        device, image_hash = self.device_of(facts), bytes.fromhex(held.manufacturer_image_hash)
        device.receive(Image(image_hash, held.firmware_version), is_sound=held.is_sound)
        found = image_hash if held.is_sound else hashlib.sha256(image_hash).digest()
        code = ReceiptAlertCode.VERIFIED if held.is_sound else ReceiptAlertCode.VERIFICATION_FAILED
        message_code = _RECEIPT_ALERTS.get(facts.device_type)
        # Devices of other types have no such alert: their hub tells (CCS08).
        if message_code is not None and facts.suppliers:
            header = alert_header(device, message_code, target=facts.suppliers[0], at=at)
            payload = receipt_alert(code, header=header, image_hash=found, at=at)
            self.leave(Saying(facts, GbcsMessage(header, payload), at), at)

    def _alert(
        self, device: Device, code: MessageCode, target: Eui64, payload_of: Callable[[int], Payload], at: int
    ) -> None:
        header = alert_header(device, code, target=target, at=at)
        message = GbcsMessage(header, payload_of(header.originator_counter))
        self.leave(Saying(device.facts, message, at), at)

    def _answer(self, errand: _Errand, payload: Payload, at: int) -> None:
        if errand.exchange.is_lost:
            return
        is_critical = isinstance(errand.message.payload, ActivateFirmware | Cs02bCommand)
        message = device_speech.answer_to(
            errand.message,
            payload=payload,
            sent_at=DlmsTime.at_moment(instants.second(at)) if is_critical else None,
        )
        saying = Saying(errand.device.facts, message, at, errand.command.command_id)
        self.leave(saying, at + errand.exchange.answers_after)

    def leave(self, saying: Saying, at: int) -> None:
        """This function will have a message leave a Device, late or twice where the scenario says so."""
        heard_at = self.heard_at(saying.facts, at)
        if heard_at == NEVER:
            return
        suffered = mishap(
            manners=self._world.scenario.han,
            seed=self._world.seed,
            device_id=saying.facts.device_id.value,
            turn=zlib.crc32(f"{saying.message.header.message_code}/{saying.said_at}".encode()),
        )
        told = replace(saying, is_twice=True) if suffered.is_twice else saying
        self.enter(heard_at + suffered.comes_later, lambda _: self._said.append(told))

    def report(self, news: ImageNews) -> None:
        """This function will have the network report about an image."""
        self._said.append(news)

    def heard_at(self, facts: DeviceFacts, at: int) -> int:
        """This function will give when the hub passes on what comes at an instant: then, or when its silence ends."""
        place = self._register.place_of(facts)
        silent_from = int(self._standing.silent_from[place])
        silent_until = int(self._standing.silent_until[place])
        return silent_until if silent_from <= at < silent_until else at

    def _runs(self, device_id: Eui64, at: int) -> str | None:
        facts = self._register.find(device_id)
        return None if facts is None else self.version_at(self._devices.get(device_id, Device(facts)), at)

    def version_at(self, device: Device, at: int) -> str:
        """This function will give the version that a Device runs, or tells, at an instant."""
        facts = device.facts
        if facts.mirrors is not None:
            mirrored = self._register.find(facts.mirrors)
            return (
                device.firmware_version if mirrored is None else self.version_at(self.device_of(mirrored), at)
            )
        if facts.is_hub:
            position = np.array([self._register.place_of(facts)])
            return self._population.versions[int(self._standing.running(position, at=np.array([at]))[0])]
        return device.firmware_version


def _verdict(command: csp.Command, *, facts: DeviceFacts | None, at: int) -> csp.CommandRefusal | None:
    if facts is None or facts.hub_id != Eui64.parse(command.hub_device_id):
        return csp.CommandRefusal.UNKNOWN_DEVICE
    if instants.to_instant(command.expires_at) <= at:
        return csp.CommandRefusal.EXPIRED
    return None


def _alert_code(outcome: ActivationOutcome) -> FutureDatedAlertCode:
    return (
        FutureDatedAlertCode.SUCCEEDED
        if outcome.code is ActivationCode.SUCCESS
        else FutureDatedAlertCode.FAILED
    )
