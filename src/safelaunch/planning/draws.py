"""Counter-based random numbers: a draw depends on a seed, a stream and an index, and on nothing else.

So any block of an estate may be made alone, in any order and on any machine, and is the same every time. One
SplitMix64 step (the one of `domain/lots.py`, over whole arrays) gives four words of 16 bits, and a word picks
from a table of equally likely slots: shares are exact to one part in 65,536, and a pick is one look-up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import lots

WORD_BITS = 16
"""How many bits a word has; `words` gives four of them for each index."""

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """This function will scramble 64-bit numbers exactly as `domain.lots.mix` scrambles one."""
    mixed = values + _GAMMA
    mixed ^= mixed >> np.uint64(30)
    mixed *= _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


def lots_of(device_ids: NDArray[np.uint64]) -> NDArray[np.int64]:
    """This function will give the lot of every Device ID, as `domain.lots.lot_of` does (`gates.md` 5.2)."""
    return (mix(device_ids) >> np.uint64(33)).astype(np.int64)


def stream_key(*, seed: int, stream: int) -> int:
    """This function will give the 64-bit key of one stream of draws under one seed."""
    return lots.mix(lots.mix(seed) ^ stream)


def words(indexes: NDArray[np.int64], *, key: int) -> NDArray[np.uint16]:
    """This function will draw four independent 16-bit words for every index: shape (4, len(indexes))."""
    mixed = mix(indexes.astype(np.uint64) * _GAMMA + np.uint64(key))
    return np.ascontiguousarray(mixed.astype("<u8", copy=False).view("<u2").reshape(-1, 4).T)


def is_below(word: NDArray[np.uint16], *, share: float) -> NDArray[np.bool_]:
    """This function will be true for the given share (0..1) of words."""
    return word < round(share * (1 << WORD_BITS))


@dataclass(frozen=True, slots=True)
class Table:
    """Outcomes laid out in equally likely slots: one row for each case the shares depend on."""

    slots: NDArray[np.int16]
    bits: int

    def pick(self, word: NDArray[np.uint16], *, row: NDArray[np.integer] | None = None) -> NDArray[np.int16]:
        """This function will pick an outcome for every word, from the row given for it or from the only row."""
        slot = (word >> np.uint16(WORD_BITS - self.bits)).astype(np.int32)
        if row is not None:
            slot += row.astype(np.int32) << self.bits
        return self.slots.take(slot)


def table(outcomes: Sequence[int], rows: Sequence[Sequence[float]], *, bits: int = WORD_BITS) -> Table:
    """This function will lay out a table of 2**bits slots a row.

    Args:
        outcomes: what may be picked, in the order of the shares; each within -32768..32767.
        rows: for each case, the weight of every outcome; weights need not sum to one.
        bits: the fineness; a positive weight always receives at least one slot.
    """
    laid = [np.repeat(np.asarray(outcomes, np.int16), _slot_counts(weights, 1 << bits)) for weights in rows]
    return Table(slots=np.concatenate(laid), bits=bits)


def _slot_counts(weights: Sequence[float], size: int) -> list[int]:
    """Share out the slots by largest remainder; what the smallest are topped up with, the largest gives."""
    total = sum(weights)
    exact = [weight * size / total for weight in weights]
    counts = [max(int(share), int(weight > 0)) for share, weight in zip(exact, weights, strict=True)]
    by_remainder = sorted(range(len(exact)), key=lambda at: (counts[at] - exact[at], at))
    for at in by_remainder[: max(size - sum(counts), 0)]:
        counts[at] += 1
    counts[counts.index(max(counts))] += size - sum(counts)
    return counts
