"""Firmware images in one simulated network: on their way to hubs, over the HAN, and into Devices (`domain.md` 10.4).

1. The network keeps an image once, and brings it once for each distribution, attempt and Device.
2. It reports that the hub has it, or could not be reached. A silent hub is reached when it is heard again.
3. A hub of GBCS 4.1 or later tells how its transfer to the Device ended (CCS08). An older one says nothing, hands meters
   their images all the same, and displays and load controllers none. What no Device fetched in 14 days is discarded.
4. A meter verifies what it receives and says so. A display activates it by itself within minutes, and says whether it
   runs. A load controller says nothing, and waits for its activation, as meters do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from safelaunch.domain.firmware_requests import PASSING_GBCS, SHARED_TYPES, read_gbcs
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.account import World
from safelaunch.interfaces.simulator.device_facts import DeviceFacts, Register
from safelaunch.interfaces.simulator.device_machine import Device, HeldImage
from safelaunch.interfaces.simulator.device_speech import Saying
from safelaunch.interfaces.simulator.organisations import Organisations
from safelaunch.interfaces.simulator.population import Population
from safelaunch.planning.image_transfers import TYPES, Handover, Sent, Transfers, sending, transfers
from safelaunch.planning.network import DAY, MINUTE, NEVER
from safelaunch.wire import csp, ota_image
from safelaunch.wire.gbcs.activation import ActivationCode
from safelaunch.wire.gbcs.alerts import (
    DlmsReceiptAlert,
    FirmwareTransferAlert,
    GbzReceiptAlert,
    PpmidActivationAlert,
    PpmidOutcome,
    ReceiptAlertCode,
    TransferAlertCode,
    TransferOutcome,
)
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, Payload
from safelaunch.wire.gbcs.message import GroupingHeader, MessageKind
from safelaunch.wire.gbcs.times import DlmsTime
from safelaunch.wire.ota_image import ImageKind, OtaImage

_KEPT_AT_HUB = 14 * DAY
_VERIFIES_IN = 2 * MINUTE
_LOW_24_BITS = 0xFFFFFF


@dataclass(frozen=True, slots=True)
class ImageNews:
    """What the network reports of an image: whether it is at the hub of a Device."""

    distribution_id: str
    attempt: int
    device_id: Eui64
    is_at_hub: bool
    happened_at: int

    def write(self, *, number: int) -> csp.ImageReport:
        """This function will write the report under a number of the network's."""
        return csp.ImageReport(
            number=number,
            distribution_id=self.distribution_id,
            attempt=self.attempt,
            device_id=str(self.device_id),
            is_at_hub=self.is_at_hub,
            happened_at=instants.to_datetime(self.happened_at),
        )


class Desk(Protocol):
    """What images ask of the Devices of their network, and of its agenda."""

    def find(self, device_id: str) -> DeviceFacts | None:
        """This function will find a Device of this network."""
        ...

    def device_of(self, facts: DeviceFacts) -> Device:
        """This function will give a Device as it stands."""
        ...

    def enter(self, at: int, happen: Callable[[int], None]) -> None:
        """This function will have something happen at an instant."""
        ...

    def heard_at(self, facts: DeviceFacts, at: int) -> int:
        """This function will give when the hub passes on what comes at an instant."""
        ...

    def version_at(self, device: Device, at: int) -> str:
        """This function will give the version that a Device runs at an instant."""
        ...

    def receive(self, facts: DeviceFacts, held: HeldImage, at: int) -> None:
        """This function will have an image reach a Device."""
        ...

    def leave(self, saying: Saying, at: int) -> None:
        """This function will have a message leave a Device."""
        ...

    def report(self, news: ImageNews) -> None:
        """This function will have the network report about an image."""
        ...


@dataclass(frozen=True, slots=True)
class _Sending:
    """One image to Devices: the image, what was asked, and what becomes of it for each place."""

    image: OtaImage
    asked: csp.Distribution
    fates: Transfers


class Images:
    """The images of one network."""

    def __init__(
        self,
        *,
        desk: Desk,
        world: World,
        register: Register,
        population: Population,
        organisations: Organisations,
    ) -> None:
        """This function will begin without an image."""
        self._desk, self._world, self._organisations = desk, world, organisations
        self._register, self._population = register, population
        self._images: dict[str, bytes] = {}
        self._taken: set[tuple[str, int, str]] = set()

    def keep(self, image: csp.ImageUpload) -> csp.ImageReceipt:
        """This function will keep an image by its digest."""
        self._images[image.digest] = image.octets
        return csp.ImageReceipt(digest=image.digest)

    def holds(self, asked: csp.Distribution) -> bool:
        """This function will say whether the network holds the image of a distribution."""
        return asked.image_digest in self._images

    def check(self, asked: csp.Distribution) -> None:
        """This function will refuse a distribution that cannot be taken on.

        Raises:
            Invalid: there are more Devices than may be named at once, or an ID is malformed.
            Unreadable: the image is none.
        """
        if len(asked.targets) > csp.MAX_TARGETS:
            raise Invalid(
                f"The distribution names {len(asked.targets):,} Devices; at most {csp.MAX_TARGETS:,} are taken."
            )
        for target in asked.targets:
            Eui64.parse(target.hub_device_id)
            Eui64.parse(target.device_id)
        self._read(asked)

    def _read(self, asked: csp.Distribution) -> OtaImage:
        kind = ImageKind.SIGNED if asked.is_signed else ImageKind.UNSIGNED
        return ota_image.read(self._images[asked.image_digest], kind=kind)

    def take_on(self, asked: csp.Distribution, *, at: int) -> csp.DistributionReceipt:
        """This function will take the Devices of a distribution that was checked on, and say which are not of this network (rule 1)."""
        image = self._read(asked)
        found = [(target, self._desk.find(target.device_id)) for target in asked.targets]
        known = [
            facts
            for target, facts in found
            if facts is not None and facts.hub_id == Eui64.parse(target.hub_device_id)
        ]
        mine = {str(facts.device_id) for facts in known}
        fresh = [one for one in known if self._is_fresh(asked, one)]
        if fresh:
            self._send(image, asked, fresh, at=at)
        strangers = [target.device_id for target in asked.targets if target.device_id not in mine]
        return csp.DistributionReceipt(accepted=len(known), unknown_device_ids=strangers)

    def versions(self) -> dict[str, str]:
        """This function will give what each Device runs that an image was ever sent to."""
        named = {device_id for _, _, device_id in self._taken}
        known = [facts for name in sorted(named) if (facts := self._desk.find(name)) is not None]
        return {str(one.device_id): self._desk.device_of(one).firmware_version for one in known}

    def _is_fresh(self, asked: csp.Distribution, facts: DeviceFacts) -> bool:
        name = (asked.distribution_id, asked.attempt, str(facts.device_id))
        if name in self._taken:
            return False
        self._taken.add(name)
        return True

    def _send(self, image: OtaImage, asked: csp.Distribution, devices: list[DeviceFacts], *, at: int) -> None:
        places = np.array([self._register.place_of(one) for one in devices], np.int64)
        features = self._population.features
        sent = Sent(
            device_id=np.array([one.device_id.value for one in devices], np.uint64),
            hub_id=features.device_id[places],
            region=features.region[places],
            reach=features.reach[places],
            kind=np.array([TYPES.index(one.device_type) for one in devices], np.int8),
        )
        fates = transfers(
            scenario=self._world.scenario,
            seed=self._world.seed,
            sent=sent,
            # By what the Device will run: a signature differs each time that the same software is signed.
            turn=sending(image.manufacturer_image_hash, attempt=asked.attempt),
        )
        way = _Sending(image, asked, fates)
        for place, facts in enumerate(devices):
            self._desk.enter(at + int(fates.reaches_after[place]), partial(self._reach, way, place, facts))

    def _is_behind_it(self, facts: DeviceFacts) -> bool:
        """Whether a Device is still behind the hub that the image was sent to; a hub that was replaced brings nothing."""
        now = self._register.find(facts.device_id)
        return now is not None and now.hub_id == facts.hub_id

    def _reach(self, way: _Sending, place: int, facts: DeviceFacts, at: int) -> None:
        if not self._is_behind_it(facts):
            return
        heard_at = self._desk.heard_at(facts, at)
        is_at_hub = bool(way.fates.is_at_hub[place]) and heard_at != NEVER
        if is_at_hub and heard_at != at:
            self._desk.enter(heard_at, partial(self._reach, way, place, facts))
            return
        asked = way.asked
        self._desk.report(ImageNews(asked.distribution_id, asked.attempt, facts.device_id, is_at_hub, at))
        takes = int(way.fates.takes[place])
        if is_at_hub and takes <= _KEPT_AT_HUB:
            self._desk.enter(at + takes, partial(self._hand_over, way, place, facts))

    def _hand_over(self, way: _Sending, place: int, facts: DeviceFacts, at: int) -> None:
        if not self._is_behind_it(facts):
            return
        hub = self._register.find(facts.hub_id)
        passes = hub is not None and self._passes_on(hub, at)
        if facts.device_type in SHARED_TYPES and not passes:
            return
        end = Handover(int(way.fates.handover[place]))
        if hub is not None and passes:
            alert = _transfer_alert(facts, end, version=way.image.header.version_text, at=at)
            self._tell_broker(hub, MessageCode.CCS08_FIRMWARE_TRANSFER_ALERT, alert, at)
        if end is Handover.DONE:
            self._desk.enter(at + _VERIFIES_IN, partial(self._arrive, way, place, facts))

    def _passes_on(self, hub: DeviceFacts, at: int) -> bool:
        version = self._desk.version_at(self._desk.device_of(hub), at)
        said = read_gbcs(self._register.gbcs_version(hub, firmware_version=version))
        return said is not None and said >= PASSING_GBCS

    def _arrive(self, way: _Sending, place: int, facts: DeviceFacts, at: int) -> None:
        held = HeldImage(
            device_id=str(facts.device_id),
            manufacturer_image_hash=way.image.manufacturer_image_hash.hex(),
            firmware_version=way.image.header.version_text,
            is_sound=bool(way.fates.is_sound[place]),
        )
        self._desk.receive(facts, held, at)
        device = self._desk.device_of(facts)
        if facts.device_type is DeviceType.PPMID:
            self._desk.enter(at + _VERIFIES_IN, partial(self._activate, way, place, facts))
        elif not way.fates.is_kept[place]:
            device.image = None

    def _activate(self, way: _Sending, place: int, facts: DeviceFacts, at: int) -> None:
        device = self._desk.device_of(facts)
        outcome = device.activate(
            way.image.manufacturer_image_hash, succeeds=bool(way.fates.activates[place])
        )
        is_done = outcome.code is ActivationCode.SUCCESS
        alert = PpmidActivationAlert(
            happened_at=instants.second(at),
            firmware_version=way.image.header.version_text,
            outcome=PpmidOutcome.SUCCESS if is_done else PpmidOutcome.FAILURE,
        )
        self._tell_broker(facts, MessageCode.CS09_PPMID_ACTIVATION_ALERT, alert, at)

    def _tell_broker(self, facts: DeviceFacts, code: MessageCode, alert: Payload, at: int) -> None:
        broker = self._organisations.broker_id()
        # A Device that was never given the Access Control Broker's certificate has nobody to tell.
        if broker is not None:
            header = alert_header(self._desk.device_of(facts), code, target=broker, at=at)
            self._desk.leave(Saying(facts, GbcsMessage(header, alert), at), at)


def alert_header(device: Device, code: MessageCode, *, target: Eui64, at: int) -> GroupingHeader:
    """This function will write the header of a Device's alert, under its next counter."""
    return GroupingHeader(
        kind=MessageKind.ALERT,
        originator_counter=device.next_counter(at=instants.second(at)),
        originator_id=device.facts.device_id,
        target_id=target,
        message_code=code,
    )


def _transfer_alert(facts: DeviceFacts, end: Handover, *, version: str, at: int) -> FirmwareTransferAlert:
    return FirmwareTransferAlert(
        alert_code=TransferAlertCode.SUCCEEDED if end is Handover.DONE else TransferAlertCode.FAILED,
        happened_at=instants.second(at),
        device_id=facts.device_id,
        firmware_version=version,
        outcome=TransferOutcome(int(end)),
    )


def receipt_alert(code: ReceiptAlertCode, *, header: GroupingHeader, image_hash: bytes, at: int) -> Payload:
    """This function will write what a meter says of an image that it received, in the form of its type."""
    if header.message_code == MessageCode.FIRMWARE_RECEIPT_ALERT_GBZ:
        return GbzReceiptAlert(code, instants.second(at), image_hash)
    counter = header.originator_counter & _LOW_24_BITS
    return DlmsReceiptAlert(code, counter, DlmsTime.at_moment(instants.second(at)), image_hash)
