"""Counter-based chance: a draw depends on a seed, a Device ID, a turn and a stream, and on nothing else.

The generator is SplitMix64 (`planning/draws.py`), here with fractions of 53 bits because what is asked is often
rare. Hubs may be asked about in any order and in any grouping, on any machine, and a restarted simulator finds the
same world again.
"""

import math
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import lots
from safelaunch.planning.draws import mix


class Stream(IntEnum):
    """The questions chance is asked; a number is never given to another question."""

    REACH = 1
    DELIVERY = 2
    DELIVERY_SIDE = 3
    ACTIVATION = 4
    ACTIVATION_TIME = 5
    CONFIRMATION = 6
    DEFECT = 7
    DEFECT_TIME = 8
    FAULT = 9
    LATENESS = 10
    LATENESS_LONG = 11
    SILENCE = 12
    SILENCE_TIME = 13
    SILENCE_LENGTH = 14
    MAST = 15
    OUTAGE = 16
    OUTAGE_END = 17
    READ = 18
    READ_TIME = 19
    WHERE_REGION = 20
    WHERE_MODEL = 21
    REPEAT = 22
    REPEAT_PLACE = 23
    COMMAND_TIME = 24
    WAKE_TIME = 25
    ANSWER_TIME = 26
    ANSWER_LOST = 27
    ANSWER_LATE = 28
    ANSWER_LATENESS = 29
    DEVICE_ACTIVATION = 30
    DEVICE_ACTIVATION_TIME = 31
    READ_FAILED = 32
    IMAGE_REACH = 33
    IMAGE_DELIVERY = 34
    IMAGE_DELIVERY_SIDE = 35
    HAN_OUTCOME = 36
    HAN_TIME = 37
    HARDWARE = 38
    DAMAGE = 39
    DISPLAY_OFF = 40
    DISPLAY_OFF_TIME = 41
    IMAGE_KEPT = 42
    MESSAGE_LATE = 43
    MESSAGE_LATENESS = 44
    MESSAGE_TWICE = 45


class Draws:
    """The draws of one turn (an attempt, a day, a read) for an array of Device IDs."""

    def __init__(self, *, seed: int, device_ids: NDArray[np.uint64], turn: int) -> None:
        """This function will prepare the draws; every stream asked later is independent of the others."""
        self._key = lots.mix(lots.mix(seed) ^ lots.mix(turn))
        self._mixed = mix(device_ids)

    def uniform(self, stream: Stream) -> NDArray[np.float64]:
        """This function will draw evenly from [0, 1): shape of the Device IDs."""
        return (self._drawn(stream) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, stream: Stream, rate: float) -> NDArray[np.int64]:
        """This function will give the places where `uniform` is below a rate in 0..1: quicker where few are."""
        return np.flatnonzero(self._drawn(stream) >> np.uint64(11) < np.uint64(math.ceil(rate * 2**53)))

    def _drawn(self, stream: Stream) -> NDArray[np.uint64]:
        return mix(self._mixed ^ np.uint64(lots.mix(self._key + stream)))

    def normal(self, stream: Stream) -> NDArray[np.float64]:
        """This function will draw from the standard normal law, by the method of Box and Muller.

        It takes the stream and the one numbered after it.
        """
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(stream)))
        drawn: NDArray[np.float64] = radius * np.cos(2.0 * np.pi * self.uniform(Stream(stream + 1)))
        return drawn

    def span(self, stream: Stream, bounds: tuple[float, float], *, unit: int) -> NDArray[np.int64]:
        """This function will draw whole milliseconds evenly between two bounds, given in units of `unit` ms."""
        low, high = bounds
        return ((low + (high - low) * self.uniform(stream)) * unit).astype(np.int64)


class OneDraw:
    """The draws of one turn for one Device: the numbers that `Draws` gives for it, in a fraction of the time."""

    def __init__(self, *, seed: int, device_id: int, turn: int) -> None:
        """This function will prepare the draws."""
        self._key = lots.mix(lots.mix(seed) ^ lots.mix(turn))
        self._device = lots.mix(device_id)

    def uniform(self, stream: Stream) -> float:
        """This function will draw evenly from [0, 1)."""
        return (lots.mix(self._device ^ lots.mix(self._key + stream)) >> 11) * 2.0**-53

    def span(self, stream: Stream, bounds: tuple[float, float], *, unit: int) -> int:
        """This function will draw whole milliseconds evenly between two bounds, given in units of `unit` ms."""
        low, high = bounds
        return int((low + (high - low) * self.uniform(stream)) * unit)
