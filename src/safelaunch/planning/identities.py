"""Device IDs, MPANs and MPRNs of an invented estate: invertible arithmetic in place of a stored list.

A Device ID is its manufacturer's three octets and a 40-bit serial number. The serial holds the hub's index,
scrambled by a one-to-one rule, and what the Device is; so an ID leads back to its hub without a table. The rule
differs by seed, and some manufacturers' octets start above 0x7F: such an ID does not fit a signed 64-bit number.
An MPAN is a distributor's two digits, ten digits, and the check digit that every MPAN carries.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import lots

MAX_HUBS = 1 << 30
"""The largest estate: about 37 times the hubs of Great Britain."""

_INDEX_BITS = 37
_KIND_BITS = 3
_SERIAL_BITS = _INDEX_BITS + _KIND_BITS
_INDEX_MASK = np.uint64((1 << _INDEX_BITS) - 1)
_FOLD = np.uint64(19)
_FACTORS = (0x0B4E0EF37, 0x1C3A90C65)
_UNDO = tuple(pow(factor, -1, 1 << _INDEX_BITS) for factor in _FACTORS)

_CORE_SPACE = 10**10
_CORE_FACTOR = 7_368_787
_MPRN_SPACE = 9 * 10**9
_MPRN_FACTOR = 5_915_587
_MPAN_PRIMES = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)


class Kind(IntEnum):
    """What a Device is, as the last three bits of its serial number; the order of the RTDS premises is kept."""

    ESME = 0
    GSME = 1
    CHF = 2
    GPF = 3
    PPMID = 4
    HCALCS = 5


class Key(NamedTuple):
    """The numbers by which one seed's identities differ from another's."""

    offset: int
    core: int
    mprn: int


def key_of(seed: int) -> Key:
    """This function will derive the key of a seed's identities."""
    first, second, third = (lots.mix(lots.mix(seed) ^ salt) for salt in (101, 102, 103))
    return Key(offset=first & int(_INDEX_MASK), core=second % _CORE_SPACE, mprn=third % _MPRN_SPACE)


def scramble(indexes: NDArray[np.int64], *, key: Key) -> NDArray[np.uint64]:
    """This function will map indexes (0..2**37-1) one to one onto 37-bit numbers."""
    mixed = indexes.astype(np.uint64) ^ np.uint64(key.offset)
    for factor in _FACTORS:
        mixed *= np.uint64(factor)
        mixed &= _INDEX_MASK
        # Folding by 19 of 37 bits is its own inverse.
        mixed ^= mixed >> _FOLD
    return mixed


def unscramble(numbers: NDArray[np.uint64], *, key: Key) -> NDArray[np.int64]:
    """This function will undo `scramble`."""
    mixed = numbers & _INDEX_MASK
    for factor in reversed(_UNDO):
        mixed ^= mixed >> _FOLD
        mixed *= np.uint64(factor)
        mixed &= _INDEX_MASK
    return (mixed ^ np.uint64(key.offset)).astype(np.int64)


def device_ids(
    scrambled: NDArray[np.uint64], *, prefixes: NDArray[np.uint64], kind: Kind
) -> NDArray[np.uint64]:
    """This function will write Device IDs from `scramble`'s numbers and manufacturers' prefixes (24 bits each)."""
    ids = prefixes << np.uint64(_SERIAL_BITS)
    ids |= scrambled << np.uint64(_KIND_BITS)
    ids |= np.uint64(kind)
    return ids


def indexes_in(ids: NDArray[np.uint64], *, key: Key) -> NDArray[np.int64]:
    """This function will read the index that each Device ID would hold, whoever made the Device ID.

    The caller proves it by writing the Device ID again.
    """
    return unscramble(ids >> np.uint64(_KIND_BITS), key=key)


def _partial_sums(primes: tuple[int, ...]) -> NDArray[np.int64]:
    """Weigh every group of three digits once, so that a whole MPAN costs four look-ups."""
    groups = np.arange(1000)
    weights = (groups // 100, groups // 10 % 10, groups % 10)
    return np.asarray(sum(digit * prime for digit, prime in zip(weights, primes, strict=True)), np.int64)


_SUMS = tuple(_partial_sums(_MPAN_PRIMES[at : at + 3]) for at in range(0, 12, 3))


def mpans(indexes: NDArray[np.int64], *, distributors: NDArray[np.integer], key: Key) -> NDArray[np.int64]:
    """This function will write 13-digit MPANs: distributor id (10..23), ten digits, check digit.

    The check digit is the sum of the twelve digits weighted by the primes 3, 5, 7, 13 ... 43, modulo 11, modulo 10.
    """
    core = (indexes * _CORE_FACTOR + key.core) % _CORE_SPACE
    core += distributors.astype(np.int64) * _CORE_SPACE
    weighted = np.zeros(len(indexes), np.int64)
    rest = core
    for sums in reversed(_SUMS):
        shorter = rest // 1000
        weighted += sums.take(rest - shorter * 1000)
        rest = shorter
    return core * 10 + weighted % 11 % 10


def mprns(indexes: NDArray[np.int64], *, key: Key) -> NDArray[np.int64]:
    """This function will write 10-digit MPRNs, no two alike."""
    return (indexes * _MPRN_FACTOR + key.mprn) % _MPRN_SPACE + 10**9
