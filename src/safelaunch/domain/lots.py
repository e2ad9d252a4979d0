"""Lots: the random order in which hubs take their turn (`gates.md` 5.2, R-0024-10).

Every hub holds a lot, a 31-bit number drawn once from its Device ID. A campaign adds its own recorded offset, so
each campaign has another, reproducible order, and every hub's turn can be explained without a stored row:
"your place is 0.37 of the way round, the region has reached 0.21". Unrelated to Supplier, age or place.
"""

from safelaunch.domain.identifiers import Eui64

LOTS = 1 << 31
"""How many lots there are; a lot is in 0..LOTS-1."""

_MASK = (1 << 64) - 1


def mix(value: int) -> int:
    """This function will scramble a 64-bit number (the SplitMix64 finaliser), the same on every machine."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def lot_of(device_id: Eui64) -> int:
    """This function will give a hub's lot."""
    return mix(device_id.value) >> 33


def place(*, lot: int, offset: int) -> int:
    """This function will give a lot's place in a campaign's order: 0 goes first."""
    return (lot - offset) % LOTS


def offset_of(reference: str) -> int:
    """This function will draw a campaign's offset from its reference, the same for ever."""
    drawn = 0
    for octet in reference.encode():
        drawn = mix(drawn ^ octet)
    return drawn % LOTS


def lots_from(*, start: int, offset: int) -> list[range]:
    """This function will give the lots from a place on, in order of turns: one stretch, or two around the end."""
    first = (offset + start) % LOTS
    end = offset % LOTS
    if start >= LOTS:
        return []
    if first < end:
        return [range(first, end)]
    return [range(first, LOTS), range(end)] if end else [range(first, LOTS)]
