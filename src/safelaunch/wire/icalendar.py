"""An iCalendar feed (RFC 5545): whole days and periods, in UTC, folded at 75 octets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

_FOLD = 75


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a calendar: a whole day (dates, the end exclusive) or a period; `uid` stays when it changes."""

    uid: str
    title: str
    begins: date | datetime
    ends: date | datetime
    words: str = ""


def write(entries: Iterable[Entry], /, *, name: str, at: datetime) -> str:
    """This function will write a calendar as its text."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Safelaunch//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_escaped(name)}")
    for entry in entries:
        lines += _event(entry, at=at)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(entry: Entry, *, at: datetime) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_escaped(entry.uid)}@safelaunch",
        f"DTSTAMP:{_moment(at)}",
        f"DTSTART{_time(entry.begins)}",
        f"DTEND{_time(entry.ends)}",
        f"SUMMARY:{_escaped(entry.title)}",
    ]
    if entry.words:
        lines.append(f"DESCRIPTION:{_escaped(entry.words)}")
    return [*lines, "END:VEVENT"]


def _time(at: date | datetime) -> str:
    return f":{_moment(at)}" if isinstance(at, datetime) else f";VALUE=DATE:{at:%Y%m%d}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> Iterator[str]:
    # A line that goes on begins with a blank; no character is cut in two.
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > _FOLD:
            yield part
            part, size = " ", 1
        part, size = part + sign, size + octets
    yield part
