"""What one simulated network knows and will report, apart from its journal and its post.

Everything here follows from the world and from what was asked, in its order; a journal replayed finds it again.
"""

import zlib
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import lots
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import Network
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.population import Population, Positions, Standing
from safelaunch.interfaces.simulator.timeline import Taken, Timeline
from safelaunch.planning import network as model
from safelaunch.planning.network import DAY, KINDS, NEVER, SECOND, Outcomes, Reports
from safelaunch.planning.scenarios import Scenario
from safelaunch.wire import csp

_ACTIVATED, _HEARD, _RECALLED, _SILENT = (
    KINDS.index(kind) for kind in (EventKind.ACTIVATED, EventKind.HEARD, EventKind.RECALLED, EventKind.SILENT)
)
_RECALL_TAKES = 30 * SECOND
Found = tuple[Positions, list[str]]
"""The hubs of a message: the positions of those that are known, and the Device IDs of those that are not."""


@dataclass(frozen=True, slots=True)
class World:
    """What outcomes follow from, apart from what is asked of a network."""

    scenario: Scenario
    seed: int
    starts_at: int

    def seed_of(self, campaign: str) -> int:
        """This function will give the seed of a campaign's outcomes: each campaign is another firmware."""
        return lots.mix(self.seed ^ zlib.crc32(campaign.encode()))


@dataclass(slots=True)
class HandedOver:
    """Hubs of one instruction: what becomes of them, which strand reports it, and which were recalled in time."""

    instruction: csp.Instruction
    positions: Positions
    outcome: Outcomes
    strand: int
    recalled: NDArray[np.bool_]


class Account:
    """One network's hubs, what was asked of them, and the reports to come."""

    def __init__(self, *, network: Network, world: World, population: Population, standing: Standing) -> None:
        """This function will begin at the start of day 0, before anything was asked."""
        self.handed_over: list[HandedOver] = []
        self.timeline = Timeline()
        self.instant = world.starts_at
        self._network, self._world = network, world
        self.population, self._standing = population, standing
        self._mine = population.of_network(network)
        self._features = population.features.take(self._mine)
        self._next_day = 0

    @property
    def share_repeated(self) -> float:
        """The share of reports that are sent twice."""
        return self._world.scenario.messages.duplicated

    def find(self, device_ids: list[str]) -> Found:
        """This function will find this network's hubs (see `Population.find`)."""
        return self.population.find(device_ids, network=self._network)

    def day_due(self, instant: int) -> int | None:
        """This function will give the next day that has begun by an instant and whose silences are not drawn."""
        begins_at = self._world.starts_at + self._next_day * DAY
        return self._next_day if begins_at <= instant else None

    def instruct(self, instruction: csp.Instruction, *, found: Found) -> csp.Receipt:
        """This function will work out what becomes of hubs and line their reports up."""
        positions, unknown = found
        version = self.population.number_of(instruction.firmware_version)
        at = instants.to_instant(instruction.instructed_at)
        hubs = self.population.features.take(positions)
        seed, scenario = self._world.seed_of(instruction.campaign), self._world.scenario
        outcome = model.outcomes(
            scenario=scenario,
            seed=seed,
            hubs=hubs,
            attempt=instruction.attempt,
            instructed_at=at,
            before=self._standing.before(positions, version=version, at=at),
        )
        self._standing.take_in(positions, version=version, outcome=outcome, at=at)
        reports = model.reports_of(
            scenario=scenario, seed=seed, hubs=hubs, attempt=instruction.attempt, outcome=outcome
        )
        strand = self._add_outcomes(reports, positions=positions, instruction=instruction, version=version)
        untouched = np.zeros(len(positions), np.bool_)
        # The Device IDs are in the positions; keeping the texts would cost most of the memory.
        kept = msgspec.structs.replace(instruction, device_ids=[])
        self.handed_over.append(HandedOver(kept, positions, outcome, strand, untouched))
        return csp.Receipt(accepted=len(positions), unknown_device_ids=unknown)

    def recall(self, recall: csp.Recall, *, instant: int) -> csp.RecallReceipt:
        """This function will stop what has not reached a hub by an instant.

        Hubs that hold the image and have not yet acted on it are counted as unrecallable.
        """
        recalled, unrecallable = 0, 0
        for handed in self.handed_over:
            if handed.instruction.campaign != recall.campaign:
                continue
            outcome = handed.outcome
            arrival = np.minimum(outcome.delivered_at, outcome.not_reached_at)
            stopped = (arrival != NEVER) & (arrival > instant) & ~handed.recalled
            answered_at = np.minimum(outcome.activated_at, outcome.failed_at)
            unrecallable += int(np.sum((outcome.delivered_at <= instant) & (answered_at > instant)))
            recalled += int(stopped.sum())
            if stopped.any():
                self._stop(handed, stopped=stopped, instant=instant)
        return csp.RecallReceipt(recalled=recalled, unrecallable=unrecallable)

    def read(self, read: csp.Read, *, found: Found) -> csp.Receipt:
        """This function will line up the answers of hubs that are asked for their version."""
        positions, unknown = found
        at = instants.to_instant(read.read_at)
        reports = model.read_backs(
            scenario=self._world.scenario,
            seed=self._world.seed_of(read.campaign),
            hubs=self.population.features.take(positions),
            turn=zlib.crc32(read.read_id.encode()),
            read_at=at,
            before=self._standing.before(positions, version=-1, at=at),
        )
        version = self._standing.running(positions[reports.hub], at=reports.happened_at)
        self.timeline.add(reports, positions=positions, version=version, campaign=read.campaign)
        return csp.Receipt(accepted=len(positions), unknown_device_ids=unknown)

    def run_on(self, device_ids: list[str], *, firmware_version: str, at: int) -> int:
        """This function will have those hubs of this network run a version from an instant on, and give their number."""
        positions, _ = self.find(device_ids)
        self._standing.run_from(positions, version=self.population.number_of(firmware_version), at=at)
        return len(positions)

    def take_out(self, position: int, *, instant: int) -> None:
        """This function will have a hub that was taken out of its home do and tell nothing from an instant on."""
        hub = np.array([position])
        for handed in self.handed_over:
            if position in handed.positions:
                # The strand before an instruction's own holds its silences.
                for strand in (handed.strand - 1, handed.strand):
                    self.timeline.cut(strand, positions=hub, after=instant)
                handed.outcome.forget(handed.positions == position, after=instant)
        self._standing.end(position, at=instant)

    def begin_day(self, day: int) -> None:
        """This function will draw a day's silences."""
        scenario, seed = self._world.scenario, self._world.seed
        drawn = model.background(
            scenario=scenario, seed=seed, hubs=self._features, day=day, starts_at=self._world.starts_at
        )
        news = self._standing.fall_silent(self._mine, silences=drawn)
        reports = model.silence_reports(
            scenario=scenario, seed=seed, hubs=self._features, silences=news, day=day
        )
        self.timeline.add(reports, positions=self._mine)
        self._next_day = day + 1

    def take(self, *, limit: int) -> Taken | None:
        """This function will take the reports that are due, or give None.

        That a hub was heard is left out when a defect had silenced it for good by then.
        """
        taken = self.timeline.take(until=self.instant, limit=limit)
        if not taken.cursors:
            return None
        gone = self._standing.is_gone(taken.position, at=taken.happened_at)
        return taken.where(~(gone & (taken.kind == _HEARD)))

    def _add_outcomes(
        self, reports: Reports, *, positions: Positions, instruction: csp.Instruction, version: int
    ) -> int:
        confirms = reports.kind == _ACTIVATED
        # The network as a whole, not the campaign, notices that a hub is silent.
        noticed = reports.kind == _SILENT
        silences = reports.where(noticed)
        self.timeline.add(silences, positions=positions)
        told = reports.where(~noticed)
        return self.timeline.add(
            told,
            positions=positions,
            version=np.where(confirms[~noticed], version, -1).astype(np.int32),
            campaign=instruction.campaign,
            attempt=instruction.attempt,
        )

    def _stop(self, handed: HandedOver, *, stopped: NDArray[np.bool_], instant: int) -> None:
        positions = handed.positions[stopped]
        # The strand before an instruction's own holds its silences.
        for strand in (handed.strand - 1, handed.strand):
            self.timeline.cut(strand, positions=positions, after=instant)
        outcome = handed.outcome.where(stopped)
        self._standing.undo(positions, outcome=outcome)
        handed.recalled |= stopped
        count = len(positions)
        moments = np.full(count, instant)
        reports = Reports(
            np.arange(count), np.full(count, _RECALLED, np.int8), moments, moments + _RECALL_TAKES
        )
        self.timeline.add(
            reports,
            positions=positions,
            campaign=handed.instruction.campaign,
            attempt=handed.instruction.attempt,
        )
