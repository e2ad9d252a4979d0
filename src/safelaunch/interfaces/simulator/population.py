"""The hubs of the simulated networks: their features, and how each stands now.

Hubs that are installed in homes later have their places behind those of the estate; there is room for some thousands.
"""

import threading
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Conflict
from safelaunch.domain.smi import NETWORK_OF, Network
from safelaunch.planning.estate import Estate
from safelaunch.planning.network import NEVER, REGIONS, Before, HubFeatures, Outcomes, Silences

Positions = NDArray[np.int64]

ROOM = 4_096
"""How many hubs may be installed beside those of the estate. Arrays never grow: three networks write to them at once."""


class NoRoom(Conflict):
    """More hubs were installed than the simulated networks have places for."""


class Population:
    """Every hub of an estate by its position: what it is, and the versions it may run."""

    def __init__(self, *, estate: Estate, features: HubFeatures) -> None:
        """This function will keep the features of the whole estate; see `of_estate`."""
        self.features = _with_room(features)
        self._estate = estate
        networks = np.array([list(Network).index(NETWORK_OF[region]) for region in REGIONS], np.int8)
        self._network = networks[self.features.region]
        self._network[len(features.device_id) :] = -1
        self._hubs = len(features.device_id)
        self._installed: dict[int, int] = {}
        self._installing = threading.Lock()
        self.versions = [model.firmware_version for model in estate.models]
        """Firmware versions by number: first those of the models, then those that instructions name."""

    @classmethod
    def of_estate(cls, estate: Estate) -> Self:
        """This function will gather the features of every hub of an estate: about 14 octets a hub."""
        regions = np.array([REGIONS.index(share.region) for share in estate.regions], np.int8)
        blocks = [
            (block.device_id, regions[block.region], block.model, block.reach) for block in estate.blocks()
        ]
        device_id, region, model, reach = (np.concatenate(column) for column in zip(*blocks, strict=True))
        names = tuple(model.model for model in estate.models)
        return cls(estate=estate, features=HubFeatures(device_id, region, model, reach, names))

    def __len__(self) -> int:
        return self._hubs

    def of_network(self, network: Network) -> Positions:
        """This function will give the positions of a network's hubs."""
        return np.flatnonzero(self._network == list(Network).index(network))

    def find(self, device_ids: list[str], *, network: Network) -> tuple[Positions, list[str]]:
        """This function will give the positions of a network's hubs, each once, and the Device IDs it does not know.

        Raises:
            Invalid: a text is not a Device ID.
        """
        numbers = np.array([Eui64.parse(text).value for text in device_ids], np.uint64)
        found = self._estate.index_of(numbers)
        if self._installed:
            for place in np.flatnonzero(found < 0).tolist():
                found[place] = self._installed.get(int(numbers[place]), -1)
        known = found >= 0
        known[known] = self._network[found[known]] == list(Network).index(network)
        unknown = [device_ids[place] for place in np.flatnonzero(~known)]
        return np.unique(found[known]), unknown

    def install(self, device_id: Eui64, *, beside: int, model: str, firmware_version: str) -> int:
        """This function will give a new hub a place, in the region and with the reach of another, and say which.

        Args:
            device_id: of the hub; one that has a place keeps it.
            beside: the place of a hub of the same home.
            model: its name; one that the estate does not know fails as the other hub's model does.
            firmware_version: that it runs.

        Raises:
            NoRoom: there are too many.
        """
        with self._installing:
            if device_id.value in self._installed:
                return self._installed[device_id.value]
            self.require_room()
            place = self._hubs
            self.features.device_id[place] = device_id.value
            self.features.region[place] = self.features.region[beside]
            self.features.reach[place] = self.features.reach[beside]
            self.features.model[place] = self._model_of(model, firmware_version, otherwise=beside)
            self._network[place] = self._network[beside]
            self._installed[device_id.value] = place
            self._hubs += 1
            return place

    def neighbour(self, device_id: Eui64, *, network: Network) -> int:
        """This function will give the place of a hub of a network that one in a home of its own is to be like."""
        mine = self.of_network(network)
        return int(mine[device_id.value % len(mine)])

    def require_room(self) -> None:
        """This function will insist that another hub may be installed.

        Raises:
            NoRoom: there are too many.
        """
        if self._hubs == len(self.features.device_id):
            raise NoRoom(f"At most {ROOM:,} hubs can be installed in a simulated estate; begin another.")

    def _model_of(self, model: str, firmware_version: str, *, otherwise: int) -> int:
        named = [number for number, name in enumerate(self.features.models) if name == model]
        same = [number for number in named if self.versions[number] == firmware_version]
        return next(iter([*same, *named]), int(self.features.model[otherwise]))

    def number_of(self, version: str) -> int:
        """This function will give the number of a firmware version, a new one if it is new."""
        if version not in self.versions:
            self.versions.append(version)
        return self.versions.index(version)


def _with_room(features: HubFeatures) -> HubFeatures:
    return replace(
        features,
        device_id=np.pad(features.device_id, (0, ROOM)),
        region=np.pad(features.region, (0, ROOM)),
        model=np.pad(features.model, (0, ROOM)),
        reach=np.pad(features.reach, (0, ROOM)),
    )


class Standing:
    """How every hub stands: silent from when until when, and which version it runs from when on."""

    def __init__(self, population: Population) -> None:
        """This function will begin with hubs that are heard and run what the estate says."""
        hubs = len(population.features.device_id)
        self.silent_from = np.full(hubs, NEVER)
        self.silent_until = np.full(hubs, NEVER)
        self._version_before = population.features.model.astype(np.int32)
        self._version = np.full(hubs, -1, np.int32)
        self._runs_from = np.full(hubs, NEVER)

    def before(self, positions: Positions, *, version: int, at: int) -> Before:
        """This function will give what the model asks: silences, and whether the version runs already."""
        activated = (self._version[positions] == version) & (self._runs_from[positions] <= at)
        return Before(self.silent_from[positions], self.silent_until[positions], activated)

    def running(self, positions: Positions, *, at: NDArray[np.int64]) -> NDArray[np.int32]:
        """This function will give the version each hub runs at a moment of its own."""
        newer = self._runs_from[positions] <= at
        return np.where(newer, self._version[positions], self._version_before[positions])

    def take_in(self, positions: Positions, *, version: int, outcome: Outcomes, at: int) -> None:
        """This function will remember what an instruction does to hubs."""
        hit = outcome.activated_at != NEVER
        hubs, runs_from = positions[hit], outcome.activated_at[hit]
        same = self._version[hubs] == version
        self._version_before[hubs] = np.where(
            same, self._version_before[hubs], self.running(hubs, at=np.full(len(hubs), at))
        )
        self._runs_from[hubs] = np.where(same, np.minimum(self._runs_from[hubs], runs_from), runs_from)
        self._version[hubs] = version
        harmed = positions[outcome.harmed]
        self.silent_from[harmed] = outcome.quiet_at[outcome.harmed]
        self.silent_until[harmed] = NEVER

    def run_from(self, positions: Positions, *, version: int, at: int) -> None:
        """This function will have hubs run a version from an instant on."""
        self._version_before[positions] = self.running(positions, at=np.full(len(positions), at))
        self._version[positions] = version
        self._runs_from[positions] = at

    def undo(self, positions: Positions, *, outcome: Outcomes) -> None:
        """This function will forget what an instruction would have done to hubs that were recalled in time."""
        mine = self._runs_from[positions] == outcome.activated_at
        self._runs_from[positions[mine]] = NEVER
        self._version[positions[mine]] = -1
        quiet = outcome.harmed & (self.silent_from[positions] == outcome.quiet_at)
        self.silent_from[positions[quiet]] = NEVER

    def begin(self, position: int, *, version: int) -> None:
        """This function will have a hub that was installed run a version, by its number."""
        self._version_before[position] = version

    def end(self, position: int, *, at: int) -> None:
        """This function will have a hub be heard no more, from an instant on: it was taken out of its home."""
        if not self.silent_from[position] <= at < self.silent_until[position]:
            self.silent_from[position] = at
        self.silent_until[position] = NEVER
        if self._runs_from[position] > at:
            self._runs_from[position], self._version[position] = NEVER, -1

    def fall_silent(self, positions: Positions, *, silences: Silences) -> Silences:
        """This function will apply a day's silences and give those that are news.

        A hub that is silent already, or that a defect has quietened or will, keeps the silence it has.
        """
        hubs = positions[silences.hub]
        overlap = (self.silent_from[hubs] <= silences.until) & (silences.since < self.silent_until[hubs])
        doomed = (self.silent_from[hubs] != NEVER) & (self.silent_until[hubs] == NEVER)
        taken = overlap | doomed
        news = Silences(silences.hub[~taken], silences.since[~taken], silences.until[~taken])
        self.silent_from[hubs[~taken]] = news.since
        self.silent_until[hubs[~taken]] = news.until
        return news

    def is_gone(self, positions: Positions, *, at: NDArray[np.int64]) -> NDArray[np.bool_]:
        """This function will flag hubs that a defect has silenced for good by a moment of their own."""
        gone: NDArray[np.bool_] = (self.silent_until[positions] == NEVER) & (
            self.silent_from[positions] <= at
        )
        return gone
