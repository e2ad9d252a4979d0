"""State machines as data: one table says which event moves which state where.

The table is the only truth. SQL receives `sources(event)` as its `ANY(...)`, the CHECK constraint lists the
states, the documentation draws `mermaid()`, and a house test proves that the three agree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from safelaunch.domain.refusals import Conflict

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Move(Generic[State, Event]):
    """One row of the table: `event` takes any of `sources` to `target`."""

    event: Event
    sources: tuple[State, ...]
    target: State


class NoSuchMove(Conflict):
    """The event does not apply to the state."""


class Machine(Generic[State, Event]):
    """A finite state machine; every event has exactly one target."""

    def __init__(self, *, name: str, initial: State, moves: Iterable[Move[State, Event]]) -> None:
        """This function will build the machine and refuse a table that names an event twice."""
        self.name = name
        self.initial = initial
        self.moves = tuple(moves)
        self._by_event = {move.event: move for move in self.moves}
        if len(self._by_event) != len(self.moves):
            raise ValueError(f"{name}: an event stands in two moves")

    def may(self, state: State, event: Event) -> bool:
        """This function will say whether the event applies to the state."""
        return state in self._by_event[event].sources

    def next(self, state: State, event: Event) -> State:
        """This function will give the state after the event.

        Raises:
            NoSuchMove: the event does not apply to the state.
        """
        if not self.may(state, event):
            sources = ", ".join(source.value for source in self._by_event[event].sources)
            raise NoSuchMove(
                f"{self.name}: {event.value} does not apply in state {state.value}; it applies in {sources}."
            )
        return self._by_event[event].target

    def sources(self, event: Event) -> list[str]:
        """This function will list the states the event applies to, as stored codes."""
        return [source.value for source in self._by_event[event].sources]

    def target(self, event: Event) -> State:
        """This function will give the state the event leads to."""
        return self._by_event[event].target

    def mermaid(self) -> str:
        """This function will draw the machine as a Mermaid state diagram, in the order of the table."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial.value}"]
        lines += [
            f"    {source.value} --> {move.target.value}: {move.event.value}"
            for move in self.moves
            for source in move.sources
        ]
        return "\n".join(lines) + "\n"
