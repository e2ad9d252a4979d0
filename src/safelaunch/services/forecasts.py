"""Forecast the finish of a running campaign, ask what if, and score the method (`design.md` 7, 8.4).

Nothing is kept yet: a forecast is made when it is asked for, from the nights the campaign has had.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import RUNNING, Phase
from safelaunch.domain.refusals import Conflict
from safelaunch.planning.forecast import nights, practice
from safelaunch.planning.forecast.nights import Finish, Proof, Track, WhatIf
from safelaunch.planning.forecast.practice import Score, Tried
from safelaunch.store.reads import campaigns, progress, tranches
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.reads.progress import TrancheRow

_MOST_TRANCHES = 20_000


class NothingToForecast(Conflict):
    """The campaign is not being rolled out, so its finish depends on people and not on nights."""


@dataclass(frozen=True, slots=True)
class FinishDays:
    """The night on which a region's last hub has had its turn; None is beyond the horizon."""

    p10: date | None
    p50: date | None
    p90: date | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """A campaign's forecast.

    Attributes:
        reference, phase: of the campaign.
        from_night: the first night that is forecast.
        nights_seen: nights it was made from.
        finish: by region, and "all".
    """

    reference: str
    phase: str
    from_night: date
    nights_seen: int
    finish: Mapping[str, FinishDays]


def forecast(
    *, reference: str, at: datetime, capacity: float = 1.0, closed: Sequence[date] = (), seed: int = 1
) -> Forecast:
    """This function will forecast a campaign's finish, region by region.

    Args:
        reference: of the campaign.
        at: now.
        capacity: what if every network carried this many times what it does?
        closed: what if nothing went on these nights?
        seed: of the luck.

    Raises:
        NotFound: there is no such campaign.
        NothingToForecast: it is not in Safe Launch or mass roll-out.
    """
    campaign = campaigns.get(reference=reference)
    if campaign.phase not in (Phase.SAFE_LAUNCH, Phase.MASS_ROLL_OUT):
        raise NothingToForecast(
            f"Campaign {reference} is in {campaign.phase.value}; a forecast is made in Safe Launch and mass roll-out, "
            f"out of {', '.join(phase.value for phase in RUNNING)}."
        )
    today = calendar.london_date(at)
    from_night = today + timedelta(days=1) if campaign.last_planned_night == today else today
    tracks, seen = _tracks(campaign, until=from_night)
    found = nights.forecast(
        tracks,
        proof=_proof(campaign, from_night=from_night),
        what_if=WhatIf(capacity, frozenset((night - from_night).days for night in closed)),
        seed=seed,
    )
    return Forecast(
        reference=reference,
        phase=campaign.phase.value,
        from_night=from_night,
        nights_seen=seen,
        finish={name: _days(finish, from_night) for name, finish in found.items()},
    )


def calibrate(*, count: int, seed: int, into: list[Tried]) -> Iterator[int]:
    """This function will try forecasts on simulated campaigns, yielding how many are done."""
    for tried in practice.practise(campaigns=count, seed=seed):
        into.append(tried)
        yield len(into)


def score(tried: list[Tried]) -> Score:
    """This function will score forecasts that were tried."""
    return practice.score(tried)


def _tracks(campaign: CampaignFacts, *, until: date) -> tuple[list[Track], int]:
    rows = progress.list_tranche_rows(campaign_id=campaign.campaign_id, limit=_MOST_TRANCHES)
    regions = tranches.list_campaign_regions(campaign_id=campaign.campaign_id)
    sent = tranches.count_sent(campaign_id=campaign.campaign_id)
    # What the pilot and Safe Launch sent says nothing of what the networks carry.
    mass = [row for row in rows if row.phase == Phase.MASS_ROLL_OUT.value and row.night < until]
    first = min((row.night for row in mass), default=until)
    seen = (until - first).days
    tracks = []
    for region in regions:
        own = [row for row in mass if row.region == region.name]
        remaining = 0 if region.is_exhausted else region.eligible_count - sent.get(region.region_id, 0)
        tracks.append(
            Track(
                name=region.name,
                remaining=max(0, remaining),
                capacity=region.nightly_capacity,
                parts=_parts(own, first=first, nights=seen, capacity=region.nightly_capacity),
                comes_back=_comes_back([row for row in rows if row.region == region.name]),
            )
        )
    return tracks, seen


def _parts(rows: Sequence[TrancheRow], *, first: date, nights: int, capacity: int) -> tuple[float, ...]:
    counted = [0] * nights
    for row in rows:
        counted[(row.night - first).days] += row.hub_count
    return tuple(min(1.0, count / capacity) if capacity else 0.0 for count in counted)


def _comes_back(rows: Sequence[TrancheRow]) -> float:
    hubs = sum(row.hub_count for row in rows)
    return sum(row.came_back for row in rows) / hubs if hubs else 0.0


def _proof(campaign: CampaignFacts, *, from_night: date) -> Proof:
    rules = campaign.rules
    sent = sum(tranches.count_sent(campaign_id=campaign.campaign_id).values())
    proven = [
        tranches.count_proven(
            campaign_id=campaign.campaign_id, soaked_by=from_night - timedelta(days=rules.soak_days - ahead)
        )
        for ahead in range(rules.soak_days + 1)
    ]
    pending = tuple(max(0, later - before) for before, later in pairwise(proven))
    return Proof(sent, proven[0], pending, rules.growth_floor, rules.growth)


def _days(finish: Finish, first: date) -> FinishDays:
    # A region that has nothing left was done the night before.
    p10, p50, p90 = (
        None if night is None else first + timedelta(days=night - 1)
        for night in (finish.p10, finish.p50, finish.p90)
    )
    return FinishDays(p10, p50, p90)
