"""A day of one endpoint as grouped counts: all that the engine is ever told (`gates.md` 5.3, 5.6).

Rows stand for combinations of attributes (`strata.py`), not for hubs. A part is one endpoint's day, complete; the
endpoints do not wait for one another. Each part carries the sums its source counted, so that a part that lost,
gained or repeated rows on its way is seen to be unreadable, and is never taken for a quiet day.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.refusals import Unreadable

Counts = NDArray[np.int64]
Numbers = NDArray[np.int32]

CHANGES = ((1, -1), (-1, 0), (0, -1))
"""By how much a hub of each group of `Moves` changes the treated and the controls."""


class BadEvidence(Unreadable):
    """A part of the evidence that cannot be what its source sent; the sentence says which and why."""


class Group(NamedTuple):
    """Hubs that do the same, one row each: their combinations, and whether they prepay."""

    combination: Numbers
    prepay: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Moves:
    """Hubs that changed arms on one day: what a day's parts have in common, told once for all endpoints.

    Attributes:
        day: days since the campaign's first.
        joined: controls that were upgraded.
        left: upgraded hubs that left both arms.
        spared: controls that left both arms.
    """

    day: int
    joined: Group
    left: Group
    spared: Group

    def __len__(self) -> int:
        return sum(len(group.combination) for group in self.groups)

    @property
    def groups(self) -> tuple[Group, Group, Group]:
        """This function will give the groups in order."""
        return self.joined, self.left, self.spared

    def check(self, *, combinations: int) -> None:
        """This function will insist that every hub has a combination that exists, and is known to prepay or not.

        Raises:
            BadEvidence: one has not.
        """
        what = f"The hubs that changed arms on day {self.day}"
        for combination, prepay in self.groups:
            if len(combination) != len(prepay):
                raise BadEvidence(f"{what} have columns of different lengths; ask for the day again.")
            _check_places(combination, combinations=combinations, what=what)


@dataclass(frozen=True, slots=True)
class EndpointDay:
    """What happened to one endpoint on one day: rows by combination, each of which may have several.

    Attributes:
        day: days since the campaign's first, by when things happened.
        endpoint: the place in `ENDPOINTS`.
        combination: shape (rows,), the place in the layout's combinations.
        treated_change, control_change: hubs at risk that joined (or left, negative) each arm before the day's events.
        treated_events, control_events: hubs at risk to which the endpoint happened, in each arm.
        sums: the four columns' sums as their source counted them.
        moves: hubs that changed arms besides, all of them at risk as far as the columns do not take them back.
    """

    day: int
    endpoint: int
    combination: Numbers
    treated_change: Numbers
    control_change: Numbers
    treated_events: Numbers
    control_events: Numbers
    sums: tuple[int, int, int, int]
    moves: Moves | None = None

    def check(self, *, combinations: int) -> None:
        """This function will insist that a part is whole.

        Raises:
            BadEvidence: lengths differ, a combination does not exist, events are negative, or a sum is not that of
                the rows.
        """
        columns = self._columns()
        what = f"The counts of endpoint {self.endpoint} for day {self.day}"
        if any(len(column) != len(self.combination) for column in columns):
            raise BadEvidence(f"{what} have columns of different lengths; ask for the day again.")
        _check_places(self.combination, combinations=combinations, what=what)
        if any(column.min(initial=0) < 0 for column in columns[2:]):
            raise BadEvidence(f"{what} hold a negative number of events; ask for the day again.")
        if tuple(int(column.sum()) for column in columns) != self.sums:
            raise BadEvidence(f"{what} do not add up to what was sent; ask for the day again.")

    def digest(self) -> str:
        """This function will give the SHA-256 of the part, by which a repeated part is recognised."""
        return _digest(self)

    def whole(self) -> "EndpointDay":
        """This function will count the moves in: the same day with one row per combination that changed."""
        rows, values = [self.combination], [np.stack(self._columns()).astype(np.int64)]
        prepay_only = ENDPOINTS[self.endpoint].prepay_only
        for group, change in zip(self.moves.groups if self.moves else (), CHANGES, strict=False):
            moved = group.combination[group.prepay] if prepay_only else group.combination
            rows.append(moved)
            values.append(np.outer((*change, 0, 0), np.ones(len(moved), np.int64)))
        return endpoint_day(
            day=self.day,
            endpoint=self.endpoint,
            combination=np.concatenate(rows),
            values=np.concatenate(values, axis=1),
        )

    def _columns(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        return self.treated_change, self.control_change, self.treated_events, self.control_events


@dataclass(frozen=True, slots=True)
class ActivationDay:
    """Activations that became known on one day, one row per combination; unknown ones are in no row.

    Attributes:
        day: days since the campaign's first.
        combination: shape (rows,).
        succeeded, failed: hubs whose activation became known to have worked, or not.
        sums: the two columns' sums as their source counted them.
    """

    day: int
    combination: Numbers
    succeeded: Numbers
    failed: Numbers
    sums: tuple[int, int]

    def check(self, *, combinations: int) -> None:
        """This function will insist that a part is whole, as `EndpointDay.check` does."""
        columns = (self.succeeded, self.failed)
        what = f"The activations of day {self.day}"
        if any(len(column) != len(self.combination) for column in columns):
            raise BadEvidence(f"{what} have columns of different lengths; ask for the day again.")
        _check_places(self.combination, combinations=combinations, what=what)
        if tuple(int(column.sum()) for column in columns) != self.sums or any(
            column.min(initial=0) < 0 for column in columns
        ):
            raise BadEvidence(f"{what} do not add up to what was sent; ask for the day again.")

    def digest(self) -> str:
        """This function will give the SHA-256 of the part."""
        return _digest(self)


Part = EndpointDay | ActivationDay


@dataclass(frozen=True, slots=True)
class Kept:
    """A part put away until it may have to be folded again, each column in the narrowest type that holds it.

    Attributes:
        kind: of the part.
        day, endpoint: of the part; -1 for activations.
        columns: the part's columns in order, the combinations as steps from one to the next.
        sums: of the part.
        moves: of the part, which it shares with the day's other parts.
    """

    kind: type[EndpointDay] | type[ActivationDay]
    day: int
    endpoint: int
    columns: tuple[NDArray[np.signedinteger], ...]
    sums: tuple[int, ...]
    moves: Moves | None = None

    def part(self) -> Part:
        """This function will give the part as it was, to the bit."""
        steps, *columns = (column.astype(np.int32) for column in self.columns)
        combination = np.cumsum(steps, dtype=np.int32)
        if self.kind is ActivationDay:
            succeeded, failed = columns
            return ActivationDay(self.day, combination, succeeded, failed, (self.sums[0], self.sums[1]))
        treated, control, treated_events, control_events = columns
        return EndpointDay(
            day=self.day,
            endpoint=self.endpoint,
            combination=combination,
            treated_change=treated,
            control_change=control,
            treated_events=treated_events,
            control_events=control_events,
            sums=(self.sums[0], self.sums[1], self.sums[2], self.sums[3]),
            moves=self.moves,
        )


def keep(part: Part) -> Kept:
    """This function will put a part away; a national campaign has gigabytes of them."""
    steps = np.diff(part.combination, prepend=np.int32(0))
    if isinstance(part, ActivationDay):
        known = tuple(map(_narrow, (steps, part.succeeded, part.failed)))
        return Kept(ActivationDay, part.day, -1, known, part.sums)
    changes = (part.treated_change, part.control_change, part.treated_events, part.control_events)
    columns = tuple(map(_narrow, (steps, *changes)))
    return Kept(EndpointDay, part.day, part.endpoint, columns, part.sums, part.moves)


def _narrow(column: NDArray[np.int32]) -> NDArray[np.signedinteger]:
    least, most = int(column.min(initial=0)), int(column.max(initial=0))
    fitting = (
        kind for kind in (np.int8, np.int16) if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max
    )
    return column.astype(next(fitting, np.int32))


def group(*, combination: Numbers, values: Counts) -> tuple[Numbers, Counts]:
    """This function will add up rows of equal combination: values of shape (columns, rows) to (columns, groups)."""
    if not len(combination):
        return combination, values
    order = np.argsort(combination, kind="stable")
    ordered = combination[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[starts], np.add.reduceat(values[:, order], starts, axis=1)


def endpoint_day(*, day: int, endpoint: int, combination: Numbers, values: Counts) -> EndpointDay:
    """This function will make a part from rows that need not be grouped: values of shape (4, rows)."""
    grouped, summed = group(combination=combination, values=values)
    return _of_rows(day=day, endpoint=endpoint, combination=grouped, values=summed)


def _of_rows(*, day: int, endpoint: int, combination: Numbers, values: Counts) -> EndpointDay:
    """Make a part from one row per combination; rows of zeros are left out."""
    totals = values.sum(axis=1).tolist()
    some = np.flatnonzero(values.any(axis=0))
    treated, control, treated_events, control_events = values[:, some].astype(np.int32)
    return EndpointDay(
        day=day,
        endpoint=endpoint,
        combination=combination[some],
        treated_change=treated,
        control_change=control,
        treated_events=treated_events,
        control_events=control_events,
        sums=(totals[0], totals[1], totals[2], totals[3]),
    )


def activation_day(*, day: int, succeeded: Numbers, failed: Numbers) -> ActivationDay:
    """This function will make a part from the combinations of hubs whose activation became known."""
    pairs = np.concatenate((succeeded << 1, failed << 1 | 1))
    pairs.sort()
    combination, is_failed = pairs >> 1, pairs & 1
    starts = _starts(combination)
    rows = np.diff(starts, append=len(pairs)).astype(np.int32)
    not_worked = np.add.reduceat(is_failed, starts, dtype=np.int32) if len(pairs) else rows
    return ActivationDay(
        day, combination[starts], rows - not_worked, not_worked, sums=(len(succeeded), len(failed))
    )


def distinct(numbers: Numbers) -> Numbers:
    """This function will give numbers in order, each once: by sorting, which is quicker than hashing."""
    ordered = np.sort(numbers)
    found: Numbers = (
        ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered
    )
    return found


def _starts(ordered: Numbers) -> NDArray[np.int64]:
    """Give where runs of equal numbers begin."""
    return np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))


def _check_places(combination: Numbers, *, combinations: int, what: str) -> None:
    if len(combination) and not 0 <= int(combination.min()) <= int(combination.max()) < combinations:
        raise BadEvidence(f"{what} name a combination that the frozen strata do not have.")


def _digest(part: Part) -> str:
    hashed = hashlib.sha256()
    for value in _values(part):
        hashed.update(value.tobytes() if isinstance(value, np.ndarray) else str(value).encode())
        hashed.update(b"|")
    return hashed.hexdigest()


def _values(part: Part) -> Iterator[Any]:
    """Give what a part consists of, in order; moves that are not there are not mentioned."""
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, Moves):
            yield from (column for group in value.groups for column in group)
        elif value is not None:
            yield value
