"""A comparison as an iCalendar file (RFC 5545): releases, and each option's stages at their 50th percentile."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from safelaunch.planning.landscape.comparison import Comparison, OptionDates
from safelaunch.services.landscapes import ReleaseDay

_OCTETS = 75


def write(comparison: Comparison, *, releases: Sequence[ReleaseDay]) -> str:
    """This function will write releases and stages as whole-day events; the ranges stand in the descriptions."""
    # The stamp is the file's day, so that the same landscape gives the same calendar.
    stamp = f"{datetime.combine(comparison.today, time(), UTC):%Y%m%dT%H%M%SZ}"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Safelaunch//Landscape//EN"]
    for release in releases:
        versions = ", ".join(f"{name} {version}" for name, version in release.versions.items())
        lines += _event(
            f"release-{release.name}",
            stamp,
            release.day,
            f"{release.title} SEC Release",
            f"Brings {versions or 'no document'}.",
        )
    for option in comparison.options:
        for name, day, title, words in _stages(option):
            lines += _event(name, stamp, day, title, words)
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _folded(line))


def _stages(option: OptionDates) -> Iterator[tuple[str, date, str, str]]:
    for stage in option.stages:
        for word, when in (("begins", stage.begins), ("complete", stage.complete)):
            yield (
                f"option-{option.name}-stage-{stage.number}-{word}",
                when.p50,
                f"Option {option.name}, stage {stage.number} {word}: {stage.title}",
                f"10th to 90th percentile: {when.p10:%d %b %Y} to {when.p90:%d %b %Y}.",
            )


def _event(name: str, stamp: str, day: date, title: str, words: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{name}@landscape.safelaunch",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(title)}",
        f"DESCRIPTION:{_escaped(words)}",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Break a line where it would exceed 75 octets, never within a character; continued lines begin with a blank."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > _OCTETS:
            yield piece
            piece = " "
        piece += character
    yield piece
