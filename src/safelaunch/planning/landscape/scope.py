"""What goes into which release: modifications, the document versions they need, and when they have to be decided.

A modification has to be decided its lead of whole months before the day of its first release (`domain.md` 11.6: MP105,
for November 2022, by 3 February 2022).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from safelaunch.planning.landscape.model import Landscape, Modification

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ReleasePart:
    """What a modification changes in a release: documents with the versions the release brings."""

    release: str
    day: date
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """A modification, its parts, and the last day on which it may be decided."""

    name: str
    title: str
    parts: tuple[ReleasePart, ...]
    decide_by: date | None
    note: str


def scopes(landscape: Landscape) -> tuple[Scope, ...]:
    """This function will give every modification's parts and the day by which it has to be decided."""
    return tuple(_scope(landscape, modification) for modification in landscape.modifications)


def _scope(landscape: Landscape, modification: Modification) -> Scope:
    releases = {release.name: release for release in landscape.releases}
    parts = []
    for part in modification.parts:
        release = releases[part.release]
        versions = tuple(f"{name} {release.versions[name]}" for name in part.documents)
        parts.append(ReleasePart(release.title, release.day, versions))
    first = min((part.day for part in parts), default=None)
    return Scope(
        name=modification.name,
        title=modification.title,
        parts=tuple(parts),
        decide_by=months_before(first, modification.lead_months) if first else None,
        note=modification.note,
    )


def months_before(day: date, months: int, /) -> date:
    """This function will give the same day some months earlier, or the last day of a month that is shorter."""
    years, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
