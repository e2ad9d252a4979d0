"""Charts as SVG, drawn on the server; every one stands beside a table with the same numbers.

Colours come from the style sheet by class, so light, dark and print each have their own. Axes start at zero, series
are labelled where they end, unknown is hatched. Coordinates are CSS pixels of the drawing's own view box.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from safelaunch.store.reads.progress import NightCounts

BAR_UNITS = 1000
"""The length of a bar in its own view box; the style sheet stretches it."""

WIDTH, LEFT, RIGHT = 960, 64, 144
TOP_PANEL = (34, 224)
LOW_PANEL = (276, 344)
HEIGHT = 376
MOST_POINTS = 120
"""A long campaign is drawn every second night, every third and so on, so that the drawing stays light."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a stacked bar: its tone, its word, and how many hubs."""

    tone: str
    word: str
    count: int


def count_bar(count: int, most: int) -> SafeString:
    """This function will draw a bar for a count in a table, as long as its share of the largest count."""
    length = max(2, round(BAR_UNITS * count / most)) if count and most else 0
    return format_html(
        '<svg class="bar" viewBox="0 0 {0} 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="t-track" width="{0}" height="8"/><rect class="t-accent" width="{1}" height="8"/></svg>',
        str(BAR_UNITS),
        str(length),
    )


def share_bar(parts: Sequence[Part], *, total: int, label: str) -> SafeString:
    """This function will draw parts of a total as one stacked bar; what is left of the total is the track."""
    whole = max(total, sum(part.count for part in parts))
    drawn = [part for part in parts if part.count]
    ends = list(accumulate(_length(part.count, whole) for part in drawn))
    starts = [0, *ends[:-1]] if ends else []
    rects = format_html_join(
        "",
        '<rect class="t-{}" x="{}" width="{}" height="10"/>',
        (
            (part.tone, str(start), str(end - start))
            for part, start, end in zip(drawn, starts, ends, strict=True)
        ),
    )
    said = ", ".join(f"{part.word.lower()} {part.count:,}" for part in drawn) or "none yet"
    return format_html(
        '<svg class="bar" viewBox="0 0 {0} 10" preserveAspectRatio="none" role="img" aria-label="{1}">'
        '<title>{1}</title><rect class="t-track" width="{0}" height="10"/>{2}</svg>',
        str(BAR_UNITS),
        f"{label}: {said}, of {whole:,}",
        rects,
    )


def _length(count: int, whole: int) -> int:
    # A part that is there is seen, however small.
    return max(4, round(BAR_UNITS * count / whole))


def exposure(nights: Sequence[NightCounts]) -> SafeString:
    """This function will draw the exposure curve: hubs sent and activated, and below it failed and unknown, summed."""
    if not nights:
        return SafeString("")
    step = -(-len(nights) // MOST_POINTS)
    days = [night.night for night in nights][::-1][::step][::-1]
    sums = {
        # The sums are thinned, never the counts under them, and the last night always stays.
        name: list(accumulate(getattr(night, name) for night in nights))[::-1][::step][::-1]
        for name in ("sent", "activated", "failed", "unknown")
    }
    scale = _TimeScale(first=nights[0].night - timedelta(days=1), last=days[-1])
    bodies = (
        _panel(
            scale, days, TOP_PANEL, "Hubs, summed", [("sent", sums["sent"]), ("activated", sums["activated"])]
        ),
        _panel(
            scale,
            days,
            LOW_PANEL,
            "Of these, failed and unknown",
            [("failed", sums["failed"]), ("unknown", sums["unknown"])],
        ),
        scale.axis(),
    )
    summary = (
        f"By the night of {days[-1]:%d %B %Y}: {sums['sent'][-1]:,} hubs sent, {sums['activated'][-1]:,} activated, "
        f"{sums['failed'][-1]:,} failed, {sums['unknown'][-1]:,} unknown."
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="exposure-title exposure-desc">'
        '<title id="exposure-title">Exposure by night</title><desc id="exposure-desc">{}</desc>'
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2.5" height="6"/></pattern></defs>'
        "{}</svg>",
        str(WIDTH),
        str(HEIGHT),
        summary,
        format_html_join("", "{}", ((body,) for body in bodies)),
    )


@dataclass(frozen=True, slots=True)
class _TimeScale:
    """Nights across: the first lies at the left edge of the plot, the last at its right edge."""

    first: date
    last: date

    def x(self, day: date) -> float:
        """This function will place a night."""
        span = (self.last - self.first).days
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - self.first).days / span

    def axis(self) -> SafeString:
        """This function will draw at most eight dates along the bottom."""
        span = (self.last - self.first).days
        step = next((each for each in (1, 2, 7, 14, 28, 56, 112) if span <= 8 * each), 224)
        days = [self.first + timedelta(days=ahead) for ahead in range(1, span + 1, step)]
        return format_html_join(
            "",
            '<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>',
            ((f"{self.x(day):.1f}", str(HEIGHT - 10), f"{day.day} {day:%b}") for day in days),
        )


def _panel(
    scale: _TimeScale,
    days: Sequence[date],
    span: tuple[int, int],
    heading: str,
    series: Sequence[tuple[str, list[int]]],
) -> SafeString:
    top, bottom = span
    most = nice_ceiling(max(1, *(values[-1] for _, values in series)))
    lines = [_area(scale, days, values, name=name, span=span, most=most) for name, values in series]
    return format_html(
        '<text class="heading" x="0" y="{}">{}</text>{}{}{}',
        str(top - 18),
        heading,
        _grid(span, most),
        format_html_join("", "{}", ((line,) for line in lines)),
        _labels(series, span=(top, bottom), most=most),
    )


def _grid(span: tuple[int, int], most: int) -> SafeString:
    top, bottom = span
    parts = 4 if bottom - top > 100 and most >= 4 else 1  # noqa: PLR2004 - a low panel has room for two lines only
    values = [most * part // parts for part in range(parts + 1)]
    return format_html_join(
        "",
        '<path class="grid" d="M{0} {1}H{2}"/><text class="tick" x="{3}" y="{4}" text-anchor="end">{5}</text>',
        (
            (str(LEFT), f"{_y(value, span, most):.1f}", str(WIDTH - RIGHT), str(LEFT - 8),
             f"{_y(value, span, most) + 4:.1f}", f"{value:,}")
            for value in values
        ),
    )  # fmt: skip


def _area(
    scale: _TimeScale, days: Sequence[date], values: list[int], *, name: str, span: tuple[int, int], most: int
) -> SafeString:
    bottom = span[1]
    points = [(float(LEFT), float(bottom))]
    points += [(scale.x(day), _y(value, span, most)) for day, value in zip(days, values, strict=True)]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return format_html(
        '<path class="area-{0}" d="M{1}L{2} {3}Z"/><path class="line-{0}" d="M{1}"/>',
        name,
        line,
        f"{points[-1][0]:.1f}",
        str(bottom),
    )


def _labels(series: Sequence[tuple[str, list[int]]], *, span: tuple[int, int], most: int) -> SafeString:
    wanted = [_y(values[-1], span, most) for _, values in series]
    # Two labels need 18 px between them; the larger series keeps the upper place.
    if abs(wanted[0] - wanted[1]) < 18:  # noqa: PLR2004 - the pixels of the sentence above
        middle = sum(wanted) / 2
        upper_first = series[0][1][-1] >= series[1][1][-1]
        wanted = [middle - 9, middle + 9] if upper_first else [middle + 9, middle - 9]
    return format_html_join(
        "",
        '<text class="label label-{}" x="{}" y="{}">{} {}</text>',
        (
            (name, str(WIDTH - RIGHT + 10), f"{y + 5:.1f}", name.capitalize(), f"{values[-1]:,}")
            for (name, values), y in zip(series, wanted, strict=True)
        ),
    )


def _y(value: int, span: tuple[int, int], most: int) -> float:
    top, bottom = span
    return bottom - (bottom - top) * value / most


def nice_ceiling(value: int) -> int:
    """This function will round a count up to one that divides well: 1, 2, 4, 6, 8 or 10 times a power of ten."""
    power = 1
    while power * 10 <= value:
        power *= 10
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value)
