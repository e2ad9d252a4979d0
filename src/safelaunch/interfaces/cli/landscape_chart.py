"""A comparison as one SVG: each option's stages with their ranges, releases as lines, and features over time.

A bar runs from the median beginning to the median completion; the thin line at either end is the range from the
10th to the 90th percentile. The file stands alone: no style sheet, no script, readable in black and white.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from textwrap import shorten

from safelaunch.planning.landscape.comparison import Comparison, OptionDates, When
from safelaunch.planning.landscape.features import Availability
from safelaunch.services.landscapes import ReleaseDay

_WIDTH, _LEFT, _RIGHT = 1080, 300, 40
_TOP, _ROW, _PANEL = 64, 26, 130
_TITLE_WIDTH = 40
"""Characters of a title that fit beside the bars."""
_SHADES = ("#1d4f91", "#b4530a", "#2f7d4f", "#6b4e9b")
_DASHES = ("", "7 4", "2 3", "10 3 2 3")
_STYLE = (
    "text{font:13px sans-serif;fill:#1f2933}.quiet{fill:#52606d;font-size:12px}.head{font-weight:bold}"
    ".rule{stroke:#cbd2d9}.release{stroke:#52606d;stroke-dasharray:3 3}"
)


class _Scale:
    """Days to places across the drawing."""

    def __init__(self, *, first: date, last: date) -> None:
        self.first = first
        self.last = last
        self._days = max((last - first).days, 1)

    def at(self, day: date) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (day - self.first).days / self._days, 1)


def draw(comparison: Comparison, *, releases: Sequence[ReleaseDay]) -> str:
    """This function will draw a comparison as an SVG document."""
    last = max(stage.complete.p90 for option in comparison.options for stage in option.stages)
    scale = _Scale(first=comparison.today, last=last)
    body: list[str] = []
    top = _TOP
    for at, option in enumerate(comparison.options):
        body += _option(option, scale, top, _SHADES[at % len(_SHADES)])
        top += _ROW * (len(option.stages) + 1) + 12
    stages_end = top
    gradual = [feature for feature in comparison.options[0].features if feature.on_hubs]
    for feature in gradual:
        body += _feature(comparison, feature.name, scale, top + 24)
        top += _PANEL + 40
    height = top + 40
    described = (
        f"Stages of {len(comparison.options)} options with the 10th to 90th percentile of their dates, and the share "
        "of premises that have each feature, from the dates given by the same command as a table."
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        'aria-labelledby="title desc">'
        f'<title id="title">{escape(comparison.title)}</title><desc id="desc">{escape(described)}</desc>'
        f'<style>{_STYLE}</style><rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
        + "".join([*_axis(scale, releases, stages_end, height), *body])
        + "</svg>\n"
    )


def _axis(scale: _Scale, releases: Sequence[ReleaseDay], stages_end: int, height: int) -> Iterator[str]:
    year, month = scale.first.year, (scale.first.month - 1) // 6 * 6 + 1
    while True:
        month += 6
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
        day = date(year, month, 1)
        if day > scale.last:
            break
        x = scale.at(day)
        yield f'<line class="rule" x1="{x}" x2="{x}" y1="{_TOP - 12}" y2="{height - 30}"/>'
        yield f'<text class="quiet" x="{x}" y="{height - 12}" text-anchor="middle">{day:%b %Y}</text>'
    for at, release in enumerate(releases):
        if release.day <= scale.last:
            x = scale.at(release.day)
            yield f'<line class="release" x1="{x}" x2="{x}" y1="{_TOP - 12}" y2="{stages_end}"/>'
            yield (
                f'<text class="quiet" x="{x}" y="{18 + 16 * (at % 2)}" text-anchor="middle">'
                f"{escape(release.title)}</text>"
            )


def _option(option: OptionDates, scale: _Scale, top: int, shade: str) -> Iterator[str]:
    yield f'<text class="head" x="12" y="{top + 17}">{escape(f"Option {option.name}: {option.title}")}</text>'
    for at, stage in enumerate(option.stages, start=1):
        y = top + _ROW * at
        begins, ends = scale.at(stage.begins.p50), scale.at(stage.complete.p50)
        yield f'<text x="24" y="{y + 17}">{escape(f"{stage.number}  {_short(stage.title)}")}</text>'
        yield (
            f'<rect x="{begins}" y="{y + 5}" width="{max(3.0, ends - begins):.1f}" height="14" fill="{shade}">'
            f"<title>{escape(_said(stage.begins, stage.complete))}</title></rect>"
        )
        for when in (stage.begins, stage.complete):
            yield (
                f'<line x1="{scale.at(when.p10)}" x2="{scale.at(when.p90)}" y1="{y + 12}" y2="{y + 12}" '
                'stroke="#1f2933" stroke-width="2"/>'
            )


def _feature(comparison: Comparison, name: str, scale: _Scale, top: int) -> Iterator[str]:
    found = [(option, _named(option, name)) for option in comparison.options]
    yield f'<text class="head" x="12" y="{top}">{escape(found[0][1].title)}: share of premises</text>'
    for share in (0.0, 0.5, 1.0):
        y = top + 8 + _PANEL * (1 - share)
        yield f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="quiet" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{share:.0%}</text>'
    for at, (option, feature) in enumerate(found):
        shade, dash = _SHADES[at % len(_SHADES)], _DASHES[at % len(_DASHES)]
        low, middle, high = (
            [
                (scale.at(day), top + 8 + _PANEL * (1 - share))
                for day, share in zip(feature.days, line, strict=True)
                if day <= scale.last
            ]
            for line in (feature.p10, feature.p50, feature.p90)
        )
        band = _points([*high, *reversed(low)])
        yield f'<polygon points="{band}" fill="{shade}" fill-opacity="0.15"/>'
        yield (
            f'<polyline points="{_points(middle)}" fill="none" stroke="{shade}" stroke-width="2" '
            f'stroke-dasharray="{dash}"/>'
        )
        yield (
            f'<line x1="24" x2="60" y1="{top + 26 + 20 * at}" y2="{top + 26 + 20 * at}" stroke="{shade}" '
            f'stroke-width="2" stroke-dasharray="{dash}"/>'
            f'<text class="quiet" x="68" y="{top + 30 + 20 * at}">Option {escape(option.name)}</text>'
        )


def _named(option: OptionDates, name: str) -> Availability:
    return next(feature for feature in option.features if feature.name == name)


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _short(title: str) -> str:
    return shorten(title, width=_TITLE_WIDTH, placeholder=" ...")


def _said(begins: When, complete: When) -> str:
    return f"{begins.p50:%d %b %Y} to {complete.p50:%d %b %Y}"
