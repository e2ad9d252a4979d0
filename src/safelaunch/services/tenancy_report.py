"""The report of displays that may show an earlier occupier's data: a flat line for one display and one fuel, for every door."""

from collections.abc import Iterable, Iterator
from typing import Any

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.services.tenancy import DisplayTenancy
from safelaunch.store.reads.tenancy import START, Place
from safelaunch.wire.csv_rows import write_lines

COLUMNS = (
    *("hub", "display", "display_type", "display_model", "fuel", "epoch", "restricted_at", "cause"),
    *("status", "reason", "because", "upgrades", "what_would_mend_it", "clears_by"),
)
_IDS = 3


def as_object(one: DisplayTenancy, /) -> dict[str, Any]:
    """This function will give a display and one fuel as one flat object; upgrades are `TYPE Device-ID version > version`."""
    verdict = one.verdict
    upgrades = [
        f"{mend.device_type} {mend.device_id} {' > '.join(mend.versions)}"
        for mend in verdict.mends
        if mend.versions
    ]
    values = (
        *(str(one.hub_device_id), str(one.display_id), one.display_type, one.display_model, one.fuel),
        *(one.epoch, one.restricted_at.isoformat(), one.cause, verdict.status.value, verdict.reason.value),
        *(verdict.words, upgrades, " ".join(mend.words for mend in verdict.mends)),
        None if verdict.clears_by is None else verdict.clears_by.isoformat(),
    )
    return dict(zip(COLUMNS, values, strict=True))


def write_csv(found: Iterable[DisplayTenancy], /) -> Iterator[str]:
    """This function will write displays as CSV, a line at a time, the heading first."""
    return write_lines(COLUMNS, map(_cells, found))


def write_place(place: Place, /) -> str:
    """This function will write a place in the list, for whoever asks for what follows it."""
    return f"{place.hub_device_id}:{place.device_id}:{place.source_device_id}"


def read_place(text: str, /) -> Place:
    """This function will read a place in the list; nothing said is the beginning.

    Raises:
        Invalid: it is no place.
    """
    if not text:
        return START
    parts = text.split(":")
    if len(parts) != _IDS:
        raise Invalid(f"{text[:80]!r} is no place in the list; give what stood in `next` of the page before.")
    return Place(*(Eui64.parse(part) for part in parts))


def _cells(one: DisplayTenancy) -> list[Any]:
    return ["; ".join(cell) if isinstance(cell, list) else cell for cell in as_object(one).values()]
