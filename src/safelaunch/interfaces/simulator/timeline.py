"""What a network will report and when: strands of reports, merged in the order in which they are sent.

A strand is made by one cause (an instruction, a recall, a read, a day's silences) and is sorted. How far each strand
has been sent is one number, its cursor; so a journal need only keep cursors to find the same place again.
"""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.planning.network import Reports

NO_VERSION = -1


@dataclass(slots=True)
class Strand:
    """The reports of one cause; `position` is a hub's place in the population, `version` its number or -1."""

    position: NDArray[np.int64]
    kind: NDArray[np.int8]
    version: NDArray[np.int32]
    happened_at: NDArray[np.int64]
    due_at: NDArray[np.int64]
    campaign: str | None = None
    attempt: int | None = None
    cursor: int = 0

    @property
    def next_due(self) -> int | None:
        """When the next report leaves, or None when all have left."""
        return int(self.due_at[self.cursor]) if self.cursor < len(self.due_at) else None


@dataclass(frozen=True, slots=True)
class Taken:
    """Reports that are due, in the order in which they are sent; `strand` says whose each one is."""

    strand: NDArray[np.int64]
    position: NDArray[np.int64]
    kind: NDArray[np.int8]
    version: NDArray[np.int32]
    happened_at: NDArray[np.int64]
    cursors: list[tuple[int, int]]

    def where(self, kept: NDArray[np.bool_]) -> "Taken":
        """This function will give the reports that are kept; the cursors stay."""
        return Taken(
            self.strand[kept],
            self.position[kept],
            self.kind[kept],
            self.version[kept],
            self.happened_at[kept],
            self.cursors,
        )


class Timeline:
    """All strands of one network."""

    def __init__(self) -> None:
        """This function will begin with no strand."""
        self.strands: list[Strand] = []
        self._queue: list[tuple[int, int]] = []

    def add(
        self,
        reports: Reports,
        *,
        positions: NDArray[np.int64],
        version: NDArray[np.int32] | None = None,
        campaign: str | None = None,
        attempt: int | None = None,
    ) -> int:
        """This function will add a strand and give its number; `positions` are those of the hubs asked about."""
        if version is None:
            version = np.full(len(reports.hub), NO_VERSION, np.int32)
        self.strands.append(
            Strand(
                position=positions[reports.hub],
                kind=reports.kind,
                version=version,
                happened_at=reports.happened_at,
                due_at=reports.due_at,
                campaign=campaign,
                attempt=attempt,
            )
        )
        number = len(self.strands) - 1
        self._enqueue(number)
        return number

    @property
    def next_due(self) -> int | None:
        """When the next report of any strand leaves, or None."""
        self._drop_outdated()
        return self._queue[0][0] if self._queue else None

    def cut(self, number: int, *, positions: NDArray[np.int64], after: int) -> None:
        """This function will take out the unsent reports of hubs about what would happen after a moment."""
        strand = self.strands[number]
        kept = ~np.isin(strand.position, positions) | (strand.happened_at <= after)
        kept[: strand.cursor] = True
        for column in ("position", "kind", "version", "happened_at", "due_at"):
            setattr(strand, column, getattr(strand, column)[kept])
        self._enqueue(number)

    def take(self, *, until: int, limit: int) -> Taken:
        """This function will take what is due, the earliest first, and move the cursors.

        About `limit` reports are taken at most; those due at the same millisecond as the last are taken with it.
        """
        due = self._due_strands(until)
        spans = {number: self._due_count(number, until) for number in due}
        if sum(spans.values()) > limit:
            moments = np.concatenate([self._unsent(number)[: spans[number]] for number in due])
            until = int(np.partition(moments, limit - 1)[limit - 1])
            spans = {number: self._due_count(number, until) for number in due}
        taken = self._gather({number: count for number, count in spans.items() if count})
        for number, cursor in taken.cursors:
            self.strands[number].cursor = cursor
        for number in due:
            self._enqueue(number)
        return taken

    def restore(self, cursors: list[tuple[int, int]]) -> None:
        """This function will set cursors that were journalled."""
        for number, cursor in cursors:
            self.strands[number].cursor = cursor
            self._enqueue(number)

    def _gather(self, spans: dict[int, int]) -> Taken:
        if not spans:
            nothing = np.zeros(0, np.int64)
            return Taken(nothing, nothing, nothing.astype(np.int8), nothing.astype(np.int32), nothing, [])
        strands = {number: self.strands[number] for number in spans}
        ranges = {n: slice(strand.cursor, strand.cursor + spans[n]) for n, strand in strands.items()}
        due_at = np.concatenate([strand.due_at[ranges[n]] for n, strand in strands.items()])
        order = np.argsort(due_at, kind="stable")
        return Taken(
            strand=np.repeat(list(spans), list(spans.values()))[order],
            position=np.concatenate([strand.position[ranges[n]] for n, strand in strands.items()])[order],
            kind=np.concatenate([strand.kind[ranges[n]] for n, strand in strands.items()])[order],
            version=np.concatenate([strand.version[ranges[n]] for n, strand in strands.items()])[order],
            happened_at=np.concatenate([strand.happened_at[ranges[n]] for n, strand in strands.items()])[
                order
            ],
            cursors=[(number, ranges[number].stop) for number in spans],
        )

    def _enqueue(self, number: int) -> None:
        due = self.strands[number].next_due
        if due is not None:
            heapq.heappush(self._queue, (due, number))

    def _drop_outdated(self) -> None:
        """Forget queue entries that a cut or a cursor has overtaken."""
        while self._queue and self.strands[self._queue[0][1]].next_due != self._queue[0][0]:
            heapq.heappop(self._queue)

    def _due_strands(self, until: int) -> list[int]:
        found = set()
        while self._queue and self._queue[0][0] <= until:
            _, number = heapq.heappop(self._queue)
            found.add(number)
        return sorted(found)

    def _unsent(self, number: int) -> NDArray[np.int64]:
        strand = self.strands[number]
        return strand.due_at[strand.cursor :]

    def _due_count(self, number: int, until: int) -> int:
        return int(np.searchsorted(self._unsent(number), until, side="right"))
