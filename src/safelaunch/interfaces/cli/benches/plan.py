"""Publishing a campaign, and planning a night of a fifth of the fleet."""

from collections.abc import Iterator
from itertools import count

from safelaunch.interfaces.cli.benches.measuring import Load, Result, by_turns, median, seconds
from safelaunch.services import benches

PUBLISH_GOAL, PLAN_GOAL = 10.0, 5.0
ROUNDS = 5
SHARE = 0.2


def measure_publish(hubs: int) -> Iterator[Result]:
    """This function will publish campaigns over the whole fleet, against counting the fleet once."""
    numbers, load = count(1), Load()
    references: list[str] = []

    def prepare() -> None:
        if references:
            benches.abandon(reference=references[-1])
        references.append(f"BENCH-PUBLISH-{next(numbers)}")
        benches.draft(reference=references[-1], hubs=hubs)

    figures, floors = by_turns(
        lambda: seconds(lambda: benches.publish(reference=references[-1])),
        lambda: seconds(benches.count_hubs),
        rounds=ROUNDS,
        prepare=prepare,
    )
    benches.abandon(reference=references[-1])
    figure, floor = median(figures), median(floors)
    yield Result(
        name="publish",
        figure=figure,
        unit="s",
        floor=floor,
        floor_unit="s",
        ratio=round(figure / floor, 2),
        goal_ratio=PUBLISH_GOAL,
        rounds=ROUNDS,
        ext=load.ext(),
        what=f"publish a campaign over {hubs:,} hubs",
        floor_what="count(*) of the hubs",
    )


def measure(hubs: int) -> Iterator[Result]:
    """This function will measure publishing, then plan one night again and again, against a bare INSERT of its hubs."""
    yield from measure_publish(hubs)
    campaign_id, load = begin(reference="BENCH-PLAN", hubs=hubs), Load()
    planned: list[int] = []
    figures, floors = by_turns(
        lambda: seconds(lambda: planned.append(benches.plan_night(campaign_id=campaign_id))),
        lambda: seconds(lambda: benches.append_bare_hubs(hub_count=planned[-1])),
        rounds=ROUNDS,
        prepare=benches.take_night_back,
    )
    figure, floor = median(figures), median(floors)
    yield Result(
        name="plan",
        figure=figure,
        unit="s",
        floor=floor,
        floor_unit="s",
        ratio=round(figure / floor, 2),
        goal_ratio=PLAN_GOAL,
        rounds=ROUNDS,
        ext=load.ext(),
        what=f"plan a night of {planned[-1]:,} hubs",
        floor_what="INSERT ... SELECT of as many bare rows",
    )


def begin(*, reference: str, hubs: int) -> int:
    """This function will set a campaign up in mass roll-out, wide enough for a fifth of the fleet in a night."""
    benches.draft(reference=reference, hubs=hubs)
    benches.publish(reference=reference)
    return benches.begin_mass_roll_out(reference=reference, share=SHARE)
