"""Answering the longest list that a Supplier may send, and finding the hubs of a night whose homes are busy."""

from collections.abc import Callable, Iterator

from safelaunch.interfaces.cli.benches import plan
from safelaunch.interfaces.cli.benches.measuring import Load, Result, by_turns, median, seconds
from safelaunch.services import benches, choice_benches

LIST_GOAL, CALENDAR_GOAL = 12.0, 5.0
ROUNDS = 5


def measure_lists(hubs: int) -> Iterator[Result]:
    """This function will answer a list hub by hub, against a bare INSERT of as many rows."""
    benches.draft(reference="BENCH-LISTS", hubs=hubs)
    benches.publish(reference="BENCH-LISTS")
    actor, listed = choice_benches.longest_list()
    yield _result(
        "lists",
        figure=lambda: choice_benches.answer_list(reference="BENCH-LISTS", actor=actor, device_ids=listed),
        rows=len(listed),
        goal=LIST_GOAL,
        what=f"answer a list of {len(listed):,} hubs, each with its outcome",
    )


def measure_calendar(hubs: int) -> Iterator[Result]:
    """This function will find the busy homes of a night and keep their hubs back, against a bare INSERT of as many rows."""
    campaign_id = plan.begin(reference="BENCH-CALENDAR", hubs=hubs)
    busy = choice_benches.make_homes_busy(share=plan.SHARE, hubs=hubs)
    yield _result(
        "calendar",
        figure=lambda: choice_benches.look_conflicts_up(campaign_id=campaign_id),
        rows=busy,
        goal=CALENDAR_GOAL,
        what=f"find {busy:,} busy homes on the night and keep their hubs back",
    )


def _result(name: str, *, figure: Callable[[], object], rows: int, goal: float, what: str) -> Result:
    load = Load()
    figures, floors = by_turns(
        lambda: seconds(figure),
        lambda: seconds(lambda: benches.append_bare_hubs(hub_count=rows)),
        rounds=ROUNDS,
    )
    cost, floor = median(figures), median(floors)
    return Result(
        name=name,
        figure=cost,
        unit="s",
        floor=floor,
        floor_unit="s",
        ratio=round(cost / floor, 2),
        goal_ratio=goal,
        rounds=ROUNDS,
        ext=load.ext(),
        what=what,
        floor_what="INSERT ... SELECT of as many bare rows",
    )
