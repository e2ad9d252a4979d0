"""A transport chunk: the hubs handed to a network together.

A chunk is SENDING from the moment its hubs are committed as instructed until the network's receipt is recorded, so
a worker killed in between leaves a chunk that is sent again under the same name; the network knows it by that name.
"""

from enum import StrEnum

from safelaunch.domain.machine import Machine, Move


class ChunkState(StrEnum):
    """Where a chunk stands."""

    PLANNED = "PLANNED"
    SENDING = "SENDING"
    HANDED_OVER = "HANDED_OVER"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class ChunkEvent(StrEnum):
    """What can happen to a chunk."""

    SEND = "SEND"
    ACCEPT = "ACCEPT"
    CLOSE = "CLOSE"
    WITHDRAW = "WITHDRAW"


S, E = ChunkState, ChunkEvent

CHUNK: Machine[ChunkState, ChunkEvent] = Machine(
    name="Chunk",
    initial=S.PLANNED,
    moves=(
        Move(E.SEND, (S.PLANNED, S.SENDING), S.SENDING),
        Move(E.ACCEPT, (S.SENDING,), S.HANDED_OVER),
        Move(E.CLOSE, (S.SENDING, S.HANDED_OVER), S.CLOSED),
        Move(E.WITHDRAW, (S.PLANNED,), S.WITHDRAWN),
    ),
)
