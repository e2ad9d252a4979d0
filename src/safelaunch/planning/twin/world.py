"""What befalls the hubs of a fleet, by scenario and seed (`gates.md` 2, 2.1).

1. Every day a few hubs, upgraded or not, fall silent, lose their HAN, wait for a top-up or miss half-hours. Rates
   differ by meter model, region and hub; what happens on a day depends on the seed and the day, not on the policy.
2. An instruction reaches a hub or not, by its reach; it takes a lognormal time. A hub that is reached activates the
   image or fails to. Some confirmations are lost, and most of these are recovered by a read three days later.
3. Defects strike hubs that activated, as the scenario has it, for the same hubs whatever the policy.
4. Outages cut hubs off behind masts that fail, old and new alike.

Draws are made for the few hubs to which something may happen, not for all: a day costs what happens on it.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import lots
from safelaunch.domain.endpoints import ENDPOINTS, EndpointName
from safelaunch.planning import lanes
from safelaunch.planning.chance import Draws, Stream
from safelaunch.planning.draws import mix
from safelaunch.planning.scenarios import CARRIAGE_OF, CellOf, Defect, Effect, Outage, Scenario, Where
from safelaunch.planning.twin.fleet import Fleet, Hubs

Flags = NDArray[np.bool_]

WAN, HAN, PREPAY, HALF_HOURS = (
    [one.name for one in ENDPOINTS].index(name)
    for name in (EndpointName.WAN, EndpointName.HAN, EndpointName.PREPAY, EndpointName.HALF_HOURS)
)
_ENDPOINT_OF = {
    Effect.SILENT: WAN,
    Effect.HAN_LOSS: HAN,
    Effect.PREPAY_DELAY: PREPAY,
    Effect.MISSING_HALF_HOURS: HALF_HOURS,
}
_FOR_GOOD = (Effect.SILENT, Effect.HAN_LOSS)
_FRAILTIES = 8
_MASTS = 1_000
_READ_AFTER_DAYS = 3
_Z95 = NormalDist().inv_cdf(0.95)
_WARM_UP = 28
_NOBODY = np.empty(0, np.int32)
_BOUND = 2.0
_PIECE = 32_768
"""Hubs that are drawn for at a time, so that their draws stay in a processor's cache."""
_LARGE = 2_000_000
"""Hubs from which a day's draws take long enough to be made ahead."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What becomes of an instruction: arrays over the hubs it was given to.

    `reached` and `worked` are what happened; `after` is in how many days it happens (or is given up); `known_after`
    in how many days the outcome is known, or -1 for never.
    """

    reached: Flags
    worked: Flags
    after: NDArray[np.int16]
    known_after: NDArray[np.int16]


@dataclass(slots=True)
class _Fault:
    """A defect in this world: whom it can hit, and the hubs that have it."""

    defect: Defect
    place: int
    members: Flags
    carriers: list[Hubs] = field(default_factory=list)


class World:
    """One possible world of a scenario."""

    def __init__(self, *, scenario: Scenario, fleet: Fleet, seed: int) -> None:
        """This function will draw what is drawn once: spreads, guilty places, outages."""
        self.scenario, self.fleet, self.seed = scenario, fleet, seed
        chance = np.random.default_rng((seed, 0))
        self._factors = _factors(scenario, fleet, chance)
        quantiles = [NormalDist().inv_cdf((at + 0.5) / _FRAILTIES) for at in range(_FRAILTIES)]
        frailty = np.exp(scenario.spread.hubs * np.array(quantiles))
        self._frailty = frailty / frailty.mean()
        self._region = fleet.combinations.region.astype(np.int8)
        self._reach = fleet.combinations.reach.astype(np.int8)
        self._prepaying = np.flatnonzero(fleet.prepay).astype(np.int32)
        self.faults = [
            _Fault(defect, place, meant(defect.where, fleet=fleet, seed=seed))
            for place, defect in enumerate(scenario.defects)
        ]
        self._outages = [
            (int(_drawn(outage.start_days, seed, 2 * place)), outage)
            for place, outage in enumerate(scenario.outages)
        ]
        self._ahead: dict[int, Future[list[tuple[int, Hubs]]]] = {}
        self._due: dict[int, list[tuple[int, Hubs]]] = defaultdict(list)
        self.harmed = np.zeros(len(fleet), np.bool_)
        self._gone = np.zeros(len(fleet), np.bool_)

    def rates(self) -> tuple[float, ...]:
        """This function will give each endpoint's chance per hub and day."""
        rates = self.scenario.rates
        return (
            rates.silent_per_week / 7,
            rates.han_lost_per_week / 7,
            rates.prepay_delayed_per_day,
            rates.half_hours_missing_per_day,
        )

    def history(self) -> NDArray[np.float64]:
        """This function will give the rates of the weeks before the campaign: shape (days, endpoints, regions)."""
        combinations = self.fleet.combinations
        regions = len(combinations.regions)
        found = np.zeros((_WARM_UP, len(ENDPOINTS), regions))
        for endpoint, described in enumerate(ENDPOINTS):
            counted = combinations.prepay if described.prepay_only else combinations.hubs
            at_risk = np.maximum(np.bincount(combinations.region, weights=counted, minlength=regions), 1)
            for day in range(_WARM_UP):
                hubs = self._ordinary(endpoint, day=day - _WARM_UP)
                region = combinations.region[self.fleet.combination[hubs]]
                found[day, endpoint] = np.bincount(region, minlength=regions) / at_risk
        return found

    def happenings(self, day: int) -> list[tuple[int, Hubs]]:
        """This function will give what happens on a day: endpoints, and the hubs to which it happens."""
        found = self._ordinary_ahead(day)
        found += [
            (WAN, self._cut_off(outage, place))
            for place, (start, outage) in enumerate(self._outages)
            if start == day
        ]
        found += self._due.pop(day, [])
        for fault in self.faults:
            found += self._strike_daily(fault, day)
        return found

    def _ordinary_ahead(self, day: int) -> list[tuple[int, Hubs]]:
        """Give a day's ordinary happenings; those of a large fleet's next day are drawn while this one goes on."""
        if len(self.fleet) < _LARGE:
            return self._ordinaries(day)
        known = self._ahead.pop(day, None)
        self._ahead = {day + 1: lanes.ahead(partial(self._ordinaries, day + 1))}
        return known.result() if known else self._ordinaries(day)

    def _ordinaries(self, day: int) -> list[tuple[int, Hubs]]:
        return [(endpoint, self._ordinary(endpoint, day=day)) for endpoint in range(len(ENDPOINTS))]

    def _ordinary(self, endpoint: int, *, day: int) -> Hubs:
        """Draw hubs evenly at the highest rate there is, and keep each by its own."""
        chance = np.random.default_rng((self.seed, 1 + day + _WARM_UP, endpoint))
        factors = self._factors[endpoint]
        most = float(factors.max(initial=0.0) * self._frailty.max())
        pool = self._prepaying if ENDPOINTS[endpoint].prepay_only else None
        size = len(self.fleet) if pool is None else len(pool)
        drawn = chance.integers(
            0, max(size, 1), chance.binomial(size, min(1.0, self.rates()[endpoint] * most))
        )
        hubs = drawn.astype(np.int32) if pool is None else pool[drawn]
        bounds = chance.random(len(hubs)) * most
        pieces = [slice(at, at + _PIECE) for at in range(0, len(hubs), _PIECE)]
        return np.concatenate(
            [_NOBODY, *(self._kept(hubs[piece], bounds[piece], factors) for piece in pieces)]
        )

    def _kept(self, hubs: Hubs, bounds: NDArray[np.float64], factors: NDArray[np.float64]) -> Hubs:
        """Keep the hubs of which the own rate is above a bound drawn for each."""
        frailty = self._frailty[_frailty_class(hubs)]
        # Most are turned down whatever their combination is, which is looked up for the others only.
        maybe = np.flatnonzero(bounds < frailty * factors.max(initial=0.0))
        hubs = hubs[maybe]
        kept: Hubs = hubs[bounds[maybe] < factors[self.fleet.combination[hubs]] * frailty[maybe]]
        return kept

    def _cut_off(self, outage: Outage, place: int) -> Hubs:
        hubs = np.flatnonzero(meant(outage.where, fleet=self.fleet, seed=self.seed)[self.fleet.combination])
        masts = mix(hubs.astype(np.uint64) ^ np.uint64(Stream.MAST)) % np.uint64(_MASTS)
        down = Draws(seed=self.seed, device_ids=masts, turn=place).uniform(Stream.MAST) < outage.masts
        behind = hubs[down]
        draws = Draws(seed=self.seed, device_ids=behind.astype(np.uint64), turn=place)
        return behind[draws.uniform(Stream.OUTAGE) < outage.hubs].astype(np.int32)

    def instruct(self, hubs: Hubs, *, attempt: int) -> Arrivals:
        """This function will say what an instruction of `hubs` leads to (rule 2)."""
        pieces = [
            self._instruct(hubs[at : at + _PIECE], attempt) for at in range(0, max(len(hubs), 1), _PIECE)
        ]
        return Arrivals(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))

    def _instruct(
        self, hubs: Hubs, attempt: int
    ) -> tuple[Flags, Flags, NDArray[np.int16], NDArray[np.int16]]:
        scenario, timing = self.scenario, self.scenario.timing
        draws = Draws(seed=self.seed, device_ids=hubs.astype(np.uint64), turn=attempt)
        combination = self.fleet.combination[hubs]
        laws = [scenario.delivery[CARRIAGE_OF[region]] for region in self.fleet.regions]
        region = self._region[combination]
        median = np.array([law.median_hours for law in laws])[region]
        sigma = np.array([math.log(law.p95_hours / law.median_hours) / _Z95 for law in laws])[region]
        hours = median * np.exp(sigma * draws.normal(Stream.DELIVERY))
        unlikely = np.array(scenario.rates.not_reached)[self._reach[combination]]
        reached = (draws.uniform(Stream.REACH) >= unlikely) & (hours <= timing.give_up_hours)
        worked = np.ones(len(hubs), np.bool_)
        worked[draws.below(Stream.ACTIVATION, scenario.rates.activation_failed)] = False
        after = (np.where(reached, hours, timing.give_up_hours) / 24).astype(np.int16)
        known_after = after.copy()
        lost = draws.below(Stream.CONFIRMATION, scenario.messages.confirmations_lost)
        reads = Draws(seed=self.seed, device_ids=hubs[lost].astype(np.uint64), turn=attempt)
        answers = reads.uniform(Stream.READ) < scenario.messages.reads_answered
        known_after[lost] = np.where(answers, after[lost] + _READ_AFTER_DAYS, -1)
        return reached, worked, after, known_after

    def activate(self, hubs: Hubs, *, day: int) -> None:
        """This function will let the defects strike hubs that activated on a day (rule 3)."""
        for fault in self.faults:
            defect = fault.defect
            open_to_it = hubs[fault.members[self.fleet.combination[hubs]]]
            if defect.where.prepay:
                open_to_it = open_to_it[self.fleet.prepay[open_to_it]]
            draws = Draws(seed=self.seed, device_ids=open_to_it.astype(np.uint64), turn=fault.place)
            has_it = draws.uniform(Stream.DEFECT) < defect.prevalence
            struck = open_to_it[has_it]
            if defect.daily:
                fault.carriers.append(struck)
                # A fault that comes and goes harms whoever has it; one that kills harms when it does.
                self.harmed[struck] |= defect.effect not in _FOR_GOOD
                continue
            low, high = defect.delay_days
            delay = (low + (high - low) * draws.uniform(Stream.DEFECT_TIME)[has_it]).astype(np.int64)
            when = np.maximum(day + delay, defect.from_day)
            self.harmed[struck] = True
            for each in np.unique(when).tolist():
                self._due[each].append((_ENDPOINT_OF[defect.effect], struck[when == each]))
            if defect.effect is Effect.SILENT:
                self._gone[struck] = True

    @property
    def silences(self) -> bool:
        """This function will be true where a defect silences hubs at all."""
        return any(fault.defect.effect is Effect.SILENT for fault in self.faults)

    def is_gone(self, hubs: Hubs) -> Flags:
        """This function will flag hubs that a defect silences: they answer no read."""
        return self._gone[hubs]

    def _strike_daily(self, fault: _Fault, day: int) -> list[tuple[int, Hubs]]:
        defect = fault.defect
        if not defect.daily or day < defect.from_day or not fault.carriers:
            return []
        carriers = np.concatenate(fault.carriers)
        chance = np.random.default_rng((self.seed, 1 + day + _WARM_UP, 100 + fault.place))
        hit = chance.random(len(carriers)) < defect.daily
        fault.carriers = [carriers[~hit]] if defect.effect in _FOR_GOOD else [carriers]
        self.harmed[carriers[hit]] = True
        return [(_ENDPOINT_OF[defect.effect], carriers[hit])]


def alike(values: NDArray[np.integer]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """This function will give each value from -1 up to some thousands that there is, and its places in order."""
    # Numbers of 16 bits are sorted in linear time.
    order = np.argsort(values.astype(np.int16, copy=False), kind="stable")
    counts = np.bincount(values + np.int16(1))
    ends = np.cumsum(counts)
    for one in np.flatnonzero(counts).tolist():
        yield one - 1, order[ends[one] - counts[one] : ends[one]]


def meant(where: Where, *, fleet: Fleet, seed: int) -> Flags:
    """This function will flag the combinations a `where` means: shape (combinations,), drawn by the seed."""
    combinations = fleet.combinations
    found = np.ones(len(combinations), np.bool_)
    if where.regions:
        region = where.regions[lots.mix(seed ^ Stream.WHERE_REGION) % len(where.regions)]
        found &= combinations.region == fleet.regions.index(region)
    if where.hub_models:
        names = combinations.hub_models if "*" in where.hub_models else where.hub_models
        name = names[lots.mix(seed ^ Stream.WHERE_MODEL) % len(names)]
        found &= np.isin(
            combinations.hub_model, [at for at, one in enumerate(combinations.hub_models) if one == name]
        )
    if where.cell is not None:
        found &= _cell(where, fleet=fleet, seed=seed)
    return found


def _cell(where: Where, *, fleet: Fleet, seed: int) -> Flags:
    """Draw a cell among those of the right share; if there is none, take the one whose share is nearest."""
    combinations = fleet.combinations
    device = {
        CellOf.ESME: combinations.esme,
        CellOf.GSME: combinations.gsme,
        CellOf.PPMID: combinations.ppmid,
    }[where.cell or CellOf.ESME]
    key = combinations.hub_model.astype(np.int64) * 10_000 + device
    cells, place = np.unique(key, return_inverse=True)
    shares = np.bincount(place, weights=combinations.hubs) / combinations.hubs.sum()
    shares[np.bincount(place, weights=device < 0) > 0] = math.inf
    low, high = where.share
    fitting = np.flatnonzero((shares >= low) & (shares <= high))
    if not len(fitting):
        fitting = np.array([int(np.argmin(np.abs(shares - (low + high) / 2)))])
    chosen = cells[fitting[lots.mix(seed ^ lots.mix(Stream.WHERE_MODEL)) % len(fitting)]]
    members: Flags = key == chosen
    return members


def _factors(scenario: Scenario, fleet: Fleet, chance: np.random.Generator) -> NDArray[np.float64]:
    """Draw how much likelier each endpoint is in each combination; the fleet's mean is 1."""
    combinations, spread = fleet.combinations, scenario.spread
    found = np.ones((len(ENDPOINTS), len(combinations)))
    for endpoint in range(len(ENDPOINTS)):
        logs = _bounded(chance, len(combinations.regions), spread.regions)[combinations.region]
        for device in (combinations.esme, combinations.gsme, combinations.ppmid):
            each = _bounded(chance, len(combinations.devices) + 1, spread.meter_models / math.sqrt(3))
            logs = logs + each[device + 1]
        likelier = np.exp(logs)
        found[endpoint] = likelier / np.average(likelier, weights=combinations.hubs)
    return found


def _bounded(chance: np.random.Generator, size: int, sigma: float) -> NDArray[np.float64]:
    return sigma * np.clip(chance.standard_normal(size), -_BOUND, _BOUND)


def _frailty_class(hubs: Hubs) -> NDArray[np.int64]:
    return (mix(hubs.astype(np.uint64)) >> np.uint64(61)).astype(np.intp)


def _drawn(span: tuple[float, float], seed: int, salt: int) -> float:
    low, high = span
    return low + (high - low) * (lots.mix(lots.mix(seed ^ Stream.OUTAGE) + salt) / 2**64)
