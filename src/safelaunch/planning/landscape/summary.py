"""A comparison in plain words: one sentence for each thing a reader would ask first."""

from collections.abc import Iterator
from datetime import date

from safelaunch.planning.landscape.comparison import Amount, Comparison, Moved, OptionDates, When

_NEARLY = 2.0
"""Days within which two dates are called the same."""


def sentences(comparison: Comparison) -> tuple[str, ...]:
    """This function will say what a comparison found."""
    return (
        *(sentence for option in comparison.options for sentence in _option(option)),
        *_differences(comparison),
        *(sentence for moved in comparison.what_ifs for sentence in _moved(comparison, moved)),
        *_inputs(comparison),
    )


def _option(option: OptionDates) -> Iterator[str]:
    last = option.stages[-1]
    yield (
        f"Option {option.name} ({option.title}): stage {last.number} begins {_around(last.begins)} "
        f"and is complete {_around(last.complete)}."
    )
    late = [task for task in option.tasks if task.late_share]
    if late:
        worst = max(late, key=lambda task: task.late_share or 0.0)
        yield (
            f"Option {option.name}: {worst.title} misses its release in {worst.late_share or 0.0:.0%} of futures, "
            "more often than anything else."
        )
    titles = {task.name: task.title for task in option.tasks}
    if option.critical:
        named = "; ".join(titles[name] for name in option.critical)
        yield f"Option {option.name}: what most often decides the end is, in order: {named}."
    months = "; ".join(
        f"{region.region.title()} {region.months.p10:.1f} to {region.months.p90:.1f}"
        + (
            f" (stated {region.stated_months[0]:g} to {region.stated_months[1]:g})"
            if region.stated_months
            else ""
        )
        for region in option.regions
    )
    if months:
        yield f"Option {option.name}: months of mass roll-out: {months}."


def _differences(comparison: Comparison) -> Iterator[str]:
    last = comparison.options[0].stages[-1].number
    for one in comparison.differences:
        if one.number == last:
            yield (
                f"Against option {one.than}, option {one.option} begins stage {one.number} "
                f"{_later(one.begins_later_days)} and completes it {_later(one.complete_later_days)}."
            )


def _moved(comparison: Comparison, moved: Moved) -> Iterator[str]:
    stages = {stage.number: stage.title for stage in comparison.options[0].stages}
    moving, still = [], []
    for number, begins, complete in moved.stages:
        if max(abs(begins.p10), abs(begins.p90), abs(complete.p10), abs(complete.p90)) < 1:
            still.append(f"stage {number} ({stages[number]})")
        else:
            moving.append(f"stage {number} begins {_later(begins)} and is complete {_later(complete)}")
    yield (
        f"{moved.title}, option {moved.option}: "
        + ("; ".join(moving) if moving else "no stage moves")
        + (f". What does not move: {', '.join(still)}." if still else ".")
    )


def _inputs(comparison: Comparison) -> Iterator[str]:
    for region in dict.fromkeys(one.region for one in comparison.varied):
        each = [one for one in comparison.varied if one.region == region]
        most = max(each, key=lambda one: abs(one.months_at_high - one.months_at_low))
        yield (
            f"Mass roll-out in {region.title()} depends most on {most.what}: from {most.low:,.0f} to {most.high:,.0f} "
            f"{most.unit}, it takes {most.months_at_low:.1f} to {most.months_at_high:.1f} months."
        )


def _around(when: When) -> str:
    if (when.p90 - when.p10).days <= _NEARLY:
        return f"on {_day(when.p50)}"
    return f"around {_day(when.p50)} ({_day(when.p10)} to {_day(when.p90)})"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _later(days: Amount) -> str:
    middle = round(days.p50)
    if max(abs(days.p10), abs(days.p90)) <= _NEARLY:
        return "at the same time"
    low, high = round(days.p10), round(days.p90)
    if not middle:
        return f"at the same time in the middle of the futures ({low} to {high} days later)"
    word = "later" if middle > 0 else "earlier"
    spread = f" ({low} to {high})" if high - low > _NEARLY else ""
    return f"{abs(middle)} days {word}{spread}"
