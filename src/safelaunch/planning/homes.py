"""Single homes of an estate, for whoever asks for them one by one.

A home costs as much to make as a thousand do, so homes are made in pieces, and the latest pieces are remembered. What a
home is does not depend on that (`planning/estate.py`).
"""

from dataclasses import fields
from functools import lru_cache

from safelaunch.planning.estate import Block, Estate, device_ids_of

_PIECE = 256
_REMEMBERED = 512
_COLUMNS = tuple(field.name for field in fields(Block) if field.name != "start")


class Homes:
    """The homes of an estate, one at a time."""

    def __init__(self, estate: Estate) -> None:
        """This function will begin with none made."""
        self._estate = estate
        self._piece = lru_cache(maxsize=_REMEMBERED)(self._made)

    def at(self, index: int) -> Block:
        """This function will give the home of one hub.

        Raises:
            Invalid: the estate has no such hub.
        """
        piece = self._piece(index // _PIECE)
        place = slice(index - piece.start, index - piece.start + 1)
        return Block(start=index, **{name: getattr(piece, name)[place] for name in _COLUMNS})

    def of(self, device_id: int) -> int:
        """This function will find the index of the hub that a Device is, or stands behind; -1 is no Device of the estate."""
        for index in self._estate.possible_homes(device_id):
            if device_id in device_ids_of(self.at(index)):
                return index
        return -1

    def _made(self, number: int) -> Block:
        start = number * _PIECE
        return self._estate.block(start, min(start + _PIECE, self._estate.hubs))
