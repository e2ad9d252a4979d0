"""How many hubs go tonight, and where (design 3.1, R-0024-10; `gates.md` 5.8).

    Pilot         the pilot list in steps: 5 % on day 0, 25 % from day 3, all from day 6
    Safe Launch   grows with proof, up to its share of the eligible hubs
    Mass          grows with proof, up to what each region's network can carry in a night

Proof: a hub counts once its state is known and it has soaked. At most floor + growth x proven hubs may have been
sent, so the harm of a bad version is bounded by what was needed to see it, whatever the size of the fleet.
Nights are shared between regions in proportion to what is left in each, within each region's capacity.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from safelaunch.domain.campaigns import CampaignRules, Phase


@dataclass(frozen=True, slots=True)
class Exposure:
    """What has been sent and proven so far in a campaign (hubs)."""

    sent: int
    proven: int
    eligible: int
    pilot_size: int


@dataclass(frozen=True, slots=True)
class RegionRoom:
    """What a region could take tonight: hubs left to send, and the network's capacity after retries."""

    remaining: int
    capacity: int


@dataclass(frozen=True, slots=True)
class TrancheOrder:
    """How many hubs of each region go tonight."""

    counts: Mapping[int, int]

    @property
    def total(self) -> int:
        """This function will give the number of hubs in the order."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing goes tonight, and why."""

    reason: str


def ceiling(*, phase: Phase, rules: CampaignRules, exposure: Exposure, day_of_phase: int) -> int:
    """This function will give the most hubs that may have been sent by the end of tonight."""
    if phase is Phase.PILOT:
        share = max((step for day, step in rules.pilot_steps if day <= day_of_phase), default=0.0)
        return round(share * exposure.pilot_size)
    grown = rules.growth_floor + int(rules.growth * exposure.proven)
    return min(grown, _safe_launch_ends(rules, exposure)) if phase is Phase.SAFE_LAUNCH else grown


def _safe_launch_ends(rules: CampaignRules, exposure: Exposure) -> int:
    return exposure.pilot_size + max(1, round(rules.safe_launch_share * exposure.eligible))


def left_in_phase(*, phase: Phase, rules: CampaignRules, exposure: Exposure, remaining: int) -> int:
    """This function will count the hubs of a phase that have not had their turn.

    `remaining` are the eligible hubs without a turn: of the pilot list in the pilot, of the fleet later.
    """
    if phase is Phase.SAFE_LAUNCH:
        return max(0, min(remaining, _safe_launch_ends(rules, exposure) - exposure.sent))
    return remaining


def compose(
    *,
    phase: Phase,
    rules: CampaignRules,
    exposure: Exposure,
    day_of_phase: int,
    regions: Mapping[int, RegionRoom],
) -> TrancheOrder | Withheld:
    """This function will compose tonight's tranche, region by region, or say why nothing goes."""
    allowed = ceiling(phase=phase, rules=rules, exposure=exposure, day_of_phase=day_of_phase) - exposure.sent
    if allowed <= 0:
        return Withheld("Waiting for proof: more hubs have to be known and soaked before exposure may grow.")
    if not any(room.remaining for room in regions.values()):
        return Withheld("Every eligible hub has had its turn.")
    counts = share_out(
        allowed, {region: min(room.remaining, room.capacity) for region, room in regions.items()}
    )
    if not any(counts.values()):
        return Withheld("No region has capacity left tonight.")
    return TrancheOrder({region: count for region, count in counts.items() if count})


def share_out(total: int, limits: Mapping[int, int]) -> dict[int, int]:
    """This function will share a total in proportion to the limits, never above one, losing nothing to rounding."""
    whole = sum(limits.values())
    if total >= whole:
        return dict(limits)
    shares = {key: total * limit // whole for key, limit in limits.items()}
    by_remainder = sorted(limits, key=lambda key: (-(total * limits[key] % whole), key))
    for key in by_remainder[: total - sum(shares.values())]:
        shares[key] += 1
    return shares
