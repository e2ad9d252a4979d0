"""The hubs of an estate that a release may upgrade, as arrays: about 9 octets a hub, so that 20 million fit.

Eligible are hubs in use that run a predecessor of their target (`domain/eligibility.py`); an estate has no Suspended hub
that was not COMMISSIONED. The order in which they take their turn is that of their lots, as in production.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import lots
from safelaunch.domain.smi import DeviceType, Region, SmiStatus
from safelaunch.planning.estate import REACH_CLASSES, STATUSES, Block, Estate, Outline
from safelaunch.planning.evidence.strata import Combinations
from safelaunch.planning.lanes import side_by_side

Hubs = NDArray[np.int32]

_DEVICES = (DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID)
_IN_USE = np.isin(np.array(STATUSES), (SmiStatus.COMMISSIONED, SmiStatus.SUSPENDED))


@dataclass(frozen=True, slots=True)
class Fleet:
    """Eligible hubs, one array element each, in the order of their turns.

    Attributes:
        combination: the place of the hub's combination.
        prepay: whether the premises prepay.
        combinations: what hubs differ in.
        regions: the region behind each number of `combinations.region`.
    """

    combination: Hubs
    prepay: NDArray[np.bool_]
    combinations: Combinations
    regions: tuple[Region, ...]

    def __len__(self) -> int:
        return len(self.combination)


class Gathering:
    """A fleet that is being put together, block by block."""

    def __init__(self, estate: Estate, *, reference: str = "TWIN") -> None:
        """This function will prepare to gather the eligible hubs of an estate for the campaign `reference`."""
        self._estate = estate
        self._offset = lots.offset_of(reference)
        models = estate.models
        targets = sorted({target for target in estate.target_of if target >= 0})
        self._targets = targets
        self._hub_model = np.full(len(models) + 1, -1, np.int32)
        for number, target in enumerate(estate.target_of):
            if target >= 0 and models[number].firmware_version in models[target].predecessors:
                self._hub_model[number] = targets.index(target)
        self._device_numbers = [estate.reference.numbers_of(kind) for kind in _DEVICES]
        self._local = np.zeros(len(models) + 1, np.int32)
        for numbers in self._device_numbers:
            self._local[numbers] = np.arange(1, len(numbers) + 1)
        self._sizes = (
            len(estate.regions),
            len(targets),
            len(REACH_CLASSES),
            *(len(numbers) + 1 for numbers in self._device_numbers),
        )
        self._keys: list[Hubs] = []
        self._prepay: list[NDArray[np.bool_]] = []
        self._places: list[NDArray[np.uint32]] = []

    def load(self, *, size: int = 500_000) -> Iterator[int]:
        """This function will gather the whole estate, some blocks at a time, yielding the hubs looked at so far."""
        starts = range(0, self._estate.hubs, size)
        lanes = 2
        for at in range(0, len(starts), lanes):
            works = [
                partial(self._estate.outline, start, min(start + size, self._estate.hubs))
                for start in starts[at : at + lanes]
            ]
            for outline in side_by_side(works):
                self.add(outline)
                yield outline.start + len(outline)

    def add(self, block: Block | Outline) -> None:
        """This function will keep the eligible hubs of a block."""
        hub_model = self._hub_model[block.model]
        eligible = np.flatnonzero(_IN_USE[block.status] & (hub_model >= 0))
        columns: list[NDArray[np.int32]] = [
            block.region[eligible].astype(np.int32),
            hub_model[eligible],
            block.reach[eligible].astype(np.int32),
        ]
        columns += [
            self._local[model[eligible]] for model in (block.esme_model, block.gsme_model, block.ppmid_model)
        ]
        key = np.zeros(len(eligible), np.int32)
        for column, size in zip(columns, self._sizes, strict=True):
            key = (key * size + column).astype(np.int32)
        self._keys.append(key)
        self._prepay.append(block.prepay[eligible])
        self._places.append(((block.lot[eligible] - self._offset) % lots.LOTS).astype(np.uint32))

    def finish(self) -> Fleet:
        """This function will put the hubs in the order of their turns and number their combinations."""
        places = np.concatenate(self._places).astype(np.uint64)
        self._places.clear()
        # A pair in one number sorts several times as fast as an order of places.
        places <<= np.uint64(32)
        places |= np.arange(len(places), dtype=np.uint64)
        places.sort()
        order = places.astype(np.uint32)
        del places
        key = np.concatenate(self._keys)[order]
        self._keys.clear()
        prepay = np.concatenate(self._prepay)[order]
        self._prepay.clear()
        size = int(np.prod(self._sizes))
        counted = np.bincount(key, minlength=size)
        present = np.flatnonzero(counted)
        number = np.zeros(size, np.int32)
        number[present] = np.arange(len(present))
        combination = number[key]
        del key
        prepaying = np.bincount(combination[prepay], minlength=len(present))
        return Fleet(
            combination=combination,
            prepay=prepay,
            combinations=self._combinations(present, hubs=counted[present], prepay=prepaying),
            regions=tuple(one.region for one in self._estate.regions),
        )

    def _combinations(
        self, keys: NDArray[np.int64], *, hubs: NDArray[np.int64], prepay: NDArray[np.int64]
    ) -> Combinations:
        region, hub_model, reach, *devices = (
            column.astype(np.int16) for column in np.unravel_index(keys, self._sizes)
        )
        numbers = [
            np.array([-1, *known], np.int16)[column]
            for known, column in zip(self._device_numbers, devices, strict=True)
        ]
        models = self._estate.models
        return Combinations(
            region=region,
            hub_model=hub_model,
            reach=reach,
            esme=numbers[0],
            gsme=numbers[1],
            ppmid=numbers[2],
            hubs=hubs.astype(np.int64),
            prepay=prepay.astype(np.int64),
            regions=tuple(one.region.value for one in self._estate.regions),
            hub_models=tuple(models[target].model for target in self._targets),
            devices=tuple(f"{model.model} {model.firmware_version}" for model in models),
        )


def gather(estate: Estate) -> Fleet:
    """This function will gather the eligible hubs of a whole estate."""
    gathering = Gathering(estate)
    for _ in gathering.load():
        pass
    return gathering.finish()
