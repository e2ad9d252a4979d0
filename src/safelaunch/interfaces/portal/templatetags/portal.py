"""Times in the United Kingdom's words, chips, and bars."""

from datetime import UTC, date, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from safelaunch.domain import calendar
from safelaunch.interfaces.portal import charts, marks

register = template.Library()

register.simple_tag(marks.chip, name="chip")
register.simple_tag(marks.icon, name="icon")
register.filter("word", marks.word_of)
register.filter("tone", marks.tone_of)
register.filter("meaning", marks.meaning_of)
register.simple_tag(charts.count_bar, name="count_bar")


@register.filter
def uk_time(at: datetime | None) -> SafeString | str:
    """This function will show a moment in UK time, with UTC in the title."""
    if at is None:
        return "—"
    local = at.astimezone(calendar.LONDON)
    return _time(at, f"{local:%a} {local.day} {local:%b %Y}, {local:%H:%M}")


@register.filter
def uk_clock(at: datetime) -> SafeString:
    """This function will show the time of day in UK time, with UTC in the title."""
    return _time(at, f"{at.astimezone(calendar.LONDON):%H:%M:%S}")


@register.filter
def uk_date(day: date | datetime | None) -> str:
    """This function will show a date with its weekday; of a moment, the date in the United Kingdom."""
    if day is None:
        return "—"
    if isinstance(day, datetime):
        day = calendar.london_date(day)
    return f"{day:%a} {day.day} {day:%b %Y}"


@register.filter
def share_of(count: int, total: int) -> str:
    """This function will show a count as a share of a total: `12.3 %`, or `—` of nothing."""
    if not total:
        return "—"
    share = 100 * count / total
    if 0 < share < 0.1:  # noqa: PLR2004 - below what one decimal shows
        return "< 0.1 %"
    return f"{share:.1f} %"


def _time(at: datetime, text: str) -> SafeString:
    utc = at.astimezone(UTC)
    title = f"{utc:%H:%M:%S} UTC, {utc.day} {utc:%B %Y}"
    return format_html('<time datetime="{}" title="{}">{}</time>', f"{utc:%Y-%m-%dT%H:%M:%SZ}", title, text)
