"""One simulated CSP: what it takes on, what it remembers, and what it will report (`docs/csp-gateway.md`).

1. An instruction whose epoch is lower than the highest seen for its campaign is refused, for good.
2. A repeat of an instruction, a recall or a read gets the first answer and has no second effect.
3. Everything is in the journal, on the disk, before it is answered or sent.
4. Event numbers rise and never change their meaning: batches are kept as they were first written.
"""

import threading
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import Network
from safelaunch.interfaces.simulator import instants, records
from safelaunch.interfaces.simulator.account import Account, Found
from safelaunch.interfaces.simulator.batches import Names, write_batches
from safelaunch.interfaces.simulator.device_machine import HeldImage
from safelaunch.interfaces.simulator.devices import Devices
from safelaunch.interfaces.simulator.doing import DeviceRecord, do
from safelaunch.interfaces.simulator.installing import BroughtDevice
from safelaunch.interfaces.simulator.journal import Journal
from safelaunch.interfaces.simulator.logs import LogEntry, say
from safelaunch.interfaces.simulator.overtaken import OtherWorld, Stale
from safelaunch.interfaces.simulator.parcels import write_parcels
from safelaunch.interfaces.simulator.records import HubsToRun
from safelaunch.wire import csp

_DRAIN = 20_000
ReceiptT = TypeVar("ReceiptT", csp.Receipt, csp.RecallReceipt)


class Carrier:
    """One network. Its methods may be called from several threads."""

    def __init__(
        self,
        *,
        network: Network,
        account: Account,
        devices: Devices,
        journal: Journal,
        world: dict[str, str | int],
    ) -> None:
        """This function will find the state of the journal again, or begin it in this `world`.

        Raises:
            OtherWorld: the journal belongs to another scenario, seed or estate.
            Unreadable: the journal is damaged.
        """
        self.network = network
        self.account = account
        self.devices = devices
        self.epochs: dict[str, int] = {}
        self.log: list[LogEntry] = []
        self.outbox: dict[int, bytes] = {}
        self.parked: dict[int, str] = {}
        self.lock = threading.RLock()
        self._receipts: dict[tuple[str, ...], csp.Receipt | csp.RecallReceipt] = {}
        self._next_number, self._next_batch = 1, 1
        self._journal = journal
        self._replay(world)

    def instruct(self, instruction: csp.Instruction, *, received_at: datetime) -> csp.Receipt:
        """This function will take hubs on for upgrade and say how many (rules 1 to 3).

        Raises:
            Stale: the campaign has moved on to a higher epoch.
            Invalid: a Device ID is malformed.
        """
        with self.lock:
            known = self._receipts.get(("instruction", instruction.instruction_id))
            if isinstance(known, csp.Receipt):
                self._turn_away(instruction, received_at=received_at, verdict="duplicate")
                return known
            highest = self.epochs.get(instruction.campaign, 0)
            if instruction.epoch < highest:
                self._turn_away(instruction, received_at=received_at, verdict="stale")
                raise Stale(campaign=instruction.campaign, epoch=instruction.epoch, highest=highest)
            found = self.account.find(instruction.device_ids)
            self._journal.append(records.Accepted(received_at=received_at, instruction=instruction))
            return self._apply_instruction(instruction, found=found, received_at=received_at)

    def recall(self, recall: csp.Recall, *, received_at: datetime) -> csp.RecallReceipt:
        """This function will stop what has not reached a hub and raise the epoch (rules 1 to 3).

        Raises:
            Stale: the campaign has moved on to a higher epoch.
        """
        with self.lock:
            known = self._receipts.get(("recall", recall.campaign, str(recall.epoch)))
            if isinstance(known, csp.RecallReceipt):
                return known
            highest = self.epochs.get(recall.campaign, 0)
            if recall.epoch < highest:
                raise Stale(campaign=recall.campaign, epoch=recall.epoch, highest=highest)
            instant = max(instants.to_instant(recall.recalled_at), self.account.instant)
            self._journal.append(records.Recalled(received_at=received_at, instant=instant, recall=recall))
            return self._apply_recall(recall, instant=instant)

    def read(self, read: csp.Read, *, received_at: datetime) -> csp.Receipt:
        """This function will have hubs asked for their version (rules 2 and 3).

        Raises:
            Invalid: a Device ID is malformed.
        """
        with self.lock:
            if isinstance(known := self._receipts.get(("read", read.read_id)), csp.Receipt):
                return known
            found = self.account.find(read.device_ids)
            self._journal.append(records.Asked(received_at=received_at, read=read))
            return self._apply_read(read, found=found)

    def command(self, batch: csp.CommandBatch, *, received_at: datetime) -> csp.CommandReceipt:
        """This function will take commands to Devices on and say which are not carried (rules 2 and 3).

        Raises:
            Invalid: there are more than the protocol allows, or a Device ID is malformed.
        """
        if len(batch.commands) > csp.MAX_COMMANDS:
            raise Invalid(
                f"The batch holds {len(batch.commands):,} commands; at most {csp.MAX_COMMANDS:,} are taken."
            )
        with self.lock:
            dropped = self.devices.list_dropped(batch)
            for command_id, reason in dropped.items():
                say("command-dropped", network=self.network, command=command_id, reason=reason)
            instant = max(instants.to_instant(batch.sent_at), self.account.instant)
            told = records.Commanded(received_at=received_at, instant=instant, batch=batch, dropped=dropped)
            receipt: csp.CommandReceipt = self._do(told)
            return receipt

    def keep_image(self, image: csp.ImageUpload) -> csp.ImageReceipt:
        """This function will keep an image for Devices (rules 2 and 3)."""
        with self.lock:
            receipt: csp.ImageReceipt = self._do(records.ImageKept(image=image))
            return receipt

    def distribute(self, distribution: csp.Distribution) -> csp.DistributionReceipt:
        """This function will bring an image to Devices, or ask for it first (rules 2 and 3).

        Raises:
            Invalid, Unreadable: it cannot be taken on (see `Images.check`).
        """
        with self.lock:
            if not self.devices.images.holds(distribution):
                return csp.DistributionReceipt(accepted=0, wants_image=True)
            instant = max(instants.to_instant(distribution.sent_at), self.account.instant)
            self.devices.images.check(distribution)
            receipt: csp.DistributionReceipt = self._do(
                records.Distributed(instant=instant, distribution=distribution)
            )
            return receipt

    def install(self, installation: csp.Installation, *, received_at: datetime) -> csp.Receipt:
        """This function will take a hub on that was installed in a home of this network (rules 2 and 3).

        Raises:
            Invalid, NoRoom: a Device ID is malformed, or too many were installed.
        """
        with self.lock:
            installation.check()
            if isinstance(known := self._receipts.get(("installation", installation.device_id)), csp.Receipt):
                return known
            home = installation.home_hub_device_id
            if home is not None and self.devices.find(home) is None:
                return csp.Receipt(accepted=0, unknown_device_ids=[home])
            self.account.population.require_room()
            instant = max(instants.to_instant(installation.installed_at), self.account.instant)
            told = records.Installed(received_at=received_at, instant=instant, installation=installation)
            self._journal.append(told)
            return self._apply_installation(told)

    def bring(self, devices: list[BroughtDevice]) -> None:
        """This function will have Devices stand in homes, as whoever installs them brings them (rule 3)."""
        with self.lock:
            self._do(records.DevicesBrought(devices=devices))

    def hold(self, images: list[HeldImage], *, at: datetime) -> None:
        """This function will have images reach Devices, as a distribution would (rule 3)."""
        with self.lock:
            instant = max(instants.to_instant(at), self.account.instant)
            self._do(records.ImagesHeld(instant=instant, images=images))

    def run_on_hubs(self, asked: HubsToRun) -> int:
        """This function will have hubs of this network run a firmware version, and give their number (rule 3)."""
        with self.lock:
            at, runs = instants.to_instant(asked.at), asked.firmware_version
            told = records.HubsRun(instant=at, firmware_version=runs, device_ids=asked.device_ids)
            return int(self._do(told))

    def _do(self, record: DeviceRecord) -> Any:
        self._journal.append(record)
        return do(record, devices=self.devices, account=self.account)

    def move_clock(self, instant: int, *, remembered: bool) -> None:
        """This function will let time pass; days that begin bring their silences. Time never goes back."""
        with self.lock:
            if instant <= self.account.instant:
                return
            while (day := self.account.day_due(instant)) is not None:
                self._journal.append(records.DayBegan(day=day), durable=False)
                self.account.begin_day(day)
            if remembered:
                self._journal.append(records.ClockMoved(instant=instant), durable=False)
            self.account.instant = instant

    def drain(self) -> int | None:
        """This function will move reports that are due to the outbox, about 20,000 at most (rule 4).

        It gives how many reports that were, or None when nothing is due.
        """
        with self.lock:
            taken = self.account.take(limit=_DRAIN)
            if taken is None:
                return self._drain_devices()
            population, strands = self.account.population, self.account.timeline.strands
            bodies = write_batches(
                taken,
                network=self.network,
                first_number=self._next_number,
                first_batch=self._next_batch,
                names=Names(population.features.device_id, population.versions, strands),
                share_repeated=self.account.share_repeated,
            )
            drained = records.Drained(
                events=len(taken.kind),
                first_batch=self._next_batch,
                cursors=taken.cursors,
                batches=[msgspec.Raw(body) for body in bodies],
            )
            self._journal.append(drained)
            self._put_out(drained)
            return len(taken.kind)

    def _drain_devices(self) -> int | None:
        """Let Devices act until now and move what they said to the outbox; None when nothing was due."""
        due, until = self.devices.next_due, self.account.instant
        if due is None or due > until:
            return None
        said = self.devices.move(until=until)
        parcels = write_parcels(
            said,
            write=self.devices.write,
            network=self.network,
            first_number=self._next_number,
            first_batch=self._next_batch,
        )
        answered = records.Answered(
            instant=until,
            events=len(said),
            first_batch=self._next_batch,
            batches=[msgspec.Raw(body) for body in parcels],
        )
        # Also what was done in silence has to be found again in its place among the records.
        self._journal.append(answered, durable=bool(said))
        self._put_out(answered)
        return len(said)

    def acknowledge(self, batch: int) -> None:
        """This function will take a batch that the DCC has out of the outbox."""
        with self.lock:
            self._journal.append(records.Acknowledged(batch=batch), durable=False)
            del self.outbox[batch]

    def park(self, batch: int, *, sentence: str) -> None:
        """This function will put a batch that the DCC refuses aside, with the DCC's sentence."""
        with self.lock:
            self._journal.append(records.Parked(batch=batch, sentence=sentence))
            del self.outbox[batch]
            self.parked[batch] = sentence

    def next_batch(self) -> tuple[int, bytes] | None:
        """This function will give the oldest batch of the outbox, or None."""
        with self.lock:
            return next(iter(self.outbox.items()), None)

    @property
    def next_event_at(self) -> int | None:
        """When the next report leaves, as far as is known now, or None."""
        with self.lock:
            known = [at for at in (self.account.timeline.next_due, self.devices.next_due) if at is not None]
            return min(known, default=None)

    def close(self) -> None:
        """This function will close the journal."""
        with self.lock:
            self._journal.close()

    def _replay(self, world: dict[str, str | int]) -> None:
        empty = True
        for record in self._journal.replay():
            empty = False
            self._find_again(record, world=world)
        if empty:
            self._journal.append(records.Opened(world=world))

    def _find_again(self, record: records.AnyRecord, *, world: dict[str, str | int]) -> None:
        match record:
            case records.Opened(world=begun_in) if begun_in != world:
                raise OtherWorld(
                    "The data directory was begun with another scenario, seed or estate; "
                    "start the simulator with the same ones, or give it an empty directory."
                )
            case records.Accepted(instruction=instruction, received_at=received_at):
                found = self.account.find(instruction.device_ids)
                self._apply_instruction(instruction, found=found, received_at=received_at)
            case records.TurnedAway(verdict=verdict):
                self._note(record, received_at=record.received_at, hubs=record.hubs, verdict=verdict)
            case records.Recalled(recall=recall, instant=instant):
                self._apply_recall(recall, instant=instant)
            case records.Asked(read=read):
                self._apply_read(read, found=self.account.find(read.device_ids))
            case records.Installed():
                self._apply_installation(record)
            case _:
                self._find_passage_again(record)

    def _find_passage_again(self, record: records.AnyRecord) -> None:
        match record:
            case records.DayBegan(day=day):
                self.account.begin_day(day)
            case records.ClockMoved(instant=instant):
                self.account.instant = instant
            case records.Drained(cursors=cursors):
                self.account.timeline.restore(cursors)
                self._put_out(record)
            case records.Answered(instant=instant):
                self.devices.move(until=instant)
                self._put_out(record)
            case records.Acknowledged(batch=batch):
                del self.outbox[batch]
            case records.Parked(batch=batch, sentence=sentence):
                del self.outbox[batch]
                self.parked[batch] = sentence
            case _ if isinstance(record, DeviceRecord):
                do(record, devices=self.devices, account=self.account)

    def _apply_instruction(
        self, instruction: csp.Instruction, *, found: Found, received_at: datetime
    ) -> csp.Receipt:
        receipt = self.account.instruct(instruction, found=found)
        self._raise_epoch(instruction.campaign, instruction.epoch)
        self._note(instruction, received_at=received_at, hubs=len(instruction.device_ids), verdict="accepted")
        return self._remember(("instruction", instruction.instruction_id), receipt)

    def _apply_recall(self, recall: csp.Recall, *, instant: int) -> csp.RecallReceipt:
        receipt = self.account.recall(recall, instant=instant)
        self._raise_epoch(recall.campaign, recall.epoch)
        return self._remember(("recall", recall.campaign, str(recall.epoch)), receipt)

    def _apply_read(self, read: csp.Read, *, found: Found) -> csp.Receipt:
        return self._remember(("read", read.read_id), self.account.read(read, found=found))

    def _apply_installation(self, told: records.Installed) -> csp.Receipt:
        if (replaced := self.devices.install(told.installation)) is not None:
            self.account.take_out(replaced, instant=told.instant)
        return self._remember(("installation", told.installation.device_id), csp.Receipt(accepted=1))

    def _raise_epoch(self, campaign: str, epoch: int) -> None:
        self.epochs[campaign] = max(self.epochs.get(campaign, 0), epoch)

    def _put_out(self, drained: records.Drained | records.Answered) -> None:
        self._next_number += drained.events
        self._next_batch = drained.first_batch + len(drained.batches)
        for place, body in enumerate(drained.batches):
            self.outbox[drained.first_batch + place] = bytes(body)

    def _turn_away(self, instruction: csp.Instruction, *, received_at: datetime, verdict: str) -> None:
        hubs = len(instruction.device_ids)
        turned = records.TurnedAway(
            received_at=received_at,
            campaign=instruction.campaign,
            epoch=instruction.epoch,
            instruction_id=instruction.instruction_id,
            hubs=hubs,
            verdict=verdict,
        )
        self._journal.append(turned, durable=False)
        self._note(instruction, received_at=received_at, hubs=hubs, verdict=verdict)

    def _note(
        self,
        named: csp.Instruction | records.TurnedAway,
        *,
        received_at: datetime,
        hubs: int,
        verdict: str,
    ) -> None:
        self.log.append(
            LogEntry(
                received_at, self.network, named.campaign, named.epoch, named.instruction_id, hubs, verdict
            )
        )

    def _remember(self, name: tuple[str, ...], receipt: ReceiptT) -> ReceiptT:
        self._receipts[name] = receipt
        return receipt
