"""A simulated CSP network: what becomes of hubs that are instructed, read, or left alone (`gates.md` 2, 2.1).

1. A hub is reached by an attempt, or not, by its reach class; reaching it takes a lognormal time (`domain.md` 10.5).
2. A hub that is reached activates the image or reports failure. Some of these confirmations are lost for good.
3. A defect of the firmware hits hubs that activated it: they go silent after a delay and stay silent. What a network
   cannot show (losses on the HAN, faults of single meters, daily chances) does not happen here: see `cannot_show`.
4. Any hub, upgraded or not, may fall silent for some days and be heard again; outages do this to many at once.
5. A silent hub answers nothing. A silence is reported once it has lasted 48 h.
6. A hub that already runs the firmware and is instructed again says so at once.

Every draw depends on the seed, the Device ID, the attempt or day, and the question asked, and on nothing else
(`planning/chance.py`): results do not depend on the order or grouping of hubs. Times are int64 milliseconds since
1970 in UTC; `NEVER` stands for what does not happen. Arrays run over the hubs given, unless said otherwise.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain import lots
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import Region
from safelaunch.planning.chance import Draws, Stream
from safelaunch.planning.draws import mix
from safelaunch.planning.scenarios import CARRIAGE_OF, Defect, Effect, Scenario, Span, Where

Times = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = np.iinfo(np.int64).max
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

KINDS = tuple(EventKind)
"""Reports carry a kind as its place in this tuple."""

REGIONS = tuple(Region)
"""Hubs carry a region as its place in this tuple."""

_CODE = {kind: code for code, kind in enumerate(KINDS)}
_Z95 = 1.6448536269514722
_MASTS = 1_000


@dataclass(frozen=True, slots=True)
class HubFeatures:
    """The hubs a question is about: one array entry each.

    `region` is a place in `REGIONS`, `model` a place in `models` (names of hub models), `reach` 0 good to 2 poor.
    """

    device_id: NDArray[np.uint64]
    region: NDArray[np.int8]
    model: NDArray[np.int16]
    reach: NDArray[np.int8]
    models: tuple[str, ...] = ()

    def take(self, positions: NDArray[np.int64]) -> "HubFeatures":
        """This function will give the features of the hubs at these positions."""
        return HubFeatures(
            device_id=self.device_id[positions],
            region=self.region[positions],
            model=self.model[positions],
            reach=self.reach[positions],
            models=self.models,
        )


@dataclass(frozen=True, slots=True)
class Before:
    """How hubs stand when a question reaches them: their silence, if any, and whether the firmware runs already."""

    silent_from: Times
    silent_until: Times
    activated: Flags

    @classmethod
    def untouched(cls, hubs: int) -> "Before":
        """This function will give the state of hubs that are not silent and have not been upgraded."""
        return cls(np.full(hubs, NEVER), np.full(hubs, NEVER), np.zeros(hubs, np.bool_))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What an attempt does to each hub. `lost` marks confirmations that are never reported; `harmed` defects."""

    not_reached_at: Times
    delivered_at: Times
    activated_at: Times
    failed_at: Times
    quiet_at: Times
    lost: Flags
    harmed: Flags

    def where(self, kept: Flags) -> "Outcomes":
        """This function will give the outcomes of the hubs that are flagged."""
        return Outcomes(
            not_reached_at=self.not_reached_at[kept],
            delivered_at=self.delivered_at[kept],
            activated_at=self.activated_at[kept],
            failed_at=self.failed_at[kept],
            quiet_at=self.quiet_at[kept],
            lost=self.lost[kept],
            harmed=self.harmed[kept],
        )

    def forget(self, hubs: Flags, *, after: int) -> None:
        """This function will have nothing happen any more to the hubs that are flagged, after an instant."""
        for times in (
            self.not_reached_at,
            self.delivered_at,
            self.activated_at,
            self.failed_at,
            self.quiet_at,
        ):
            times[hubs & (times > after)] = NEVER
        self.harmed[hubs & (self.quiet_at == NEVER)] = False


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports in the order in which they are sent: `hub` is a place among the hubs given, `kind` in `KINDS`."""

    hub: NDArray[np.int64]
    kind: NDArray[np.int8]
    happened_at: Times
    due_at: Times

    def where(self, kept: Flags) -> "Reports":
        """This function will give the reports that are flagged, in their order."""
        return Reports(self.hub[kept], self.kind[kept], self.happened_at[kept], self.due_at[kept])


@dataclass(frozen=True, slots=True)
class Silences:
    """Hubs that fall silent: `hub` is a place among the hubs given; they are silent from `since` until `until`."""

    hub: NDArray[np.int64]
    since: Times
    until: Times


def outcomes(
    *, scenario: Scenario, seed: int, hubs: HubFeatures, attempt: int, instructed_at: int, before: Before
) -> Outcomes:
    """This function will say what an instruction does to each hub (rules 1, 2, 3, 5 and 6)."""
    draws = Draws(seed=seed, device_ids=hubs.device_id, turn=attempt)
    timing, rates = scenario.timing, scenario.rates
    unreached = draws.uniform(Stream.REACH) < np.asarray(rates.not_reached)[hubs.reach]
    arrival = instructed_at + _delivery_times(scenario, hubs=hubs, draws=draws)
    silent = (before.silent_from <= arrival) & (arrival < before.silent_until)
    arrival = np.where(silent, before.silent_until, arrival)
    give_up_at = instructed_at + round(timing.give_up_hours * HOUR)
    again = before.activated & ~(
        (before.silent_from <= instructed_at) & (instructed_at < before.silent_until)
    )
    unreached = (unreached | (arrival > give_up_at)) & ~again

    delivered_at = np.where(unreached | again, NEVER, arrival)
    acted_at = arrival + draws.span(Stream.ACTIVATION_TIME, timing.activation_minutes, unit=MINUTE)
    acted_at = np.where(again, instructed_at + MINUTE, acted_at)
    failed = (draws.uniform(Stream.ACTIVATION) < rates.activation_failed) & ~before.activated & ~unreached
    activated_at = np.where(unreached | failed, NEVER, acted_at)
    fresh = (activated_at != NEVER) & ~before.activated
    quiet_at = _defects_strike(scenario, seed=seed, hubs=hubs, activated_at=activated_at, fresh=fresh)
    lost = draws.uniform(Stream.CONFIRMATION) < scenario.messages.confirmations_lost
    return Outcomes(
        not_reached_at=np.where(unreached, give_up_at, NEVER),
        delivered_at=delivered_at,
        activated_at=activated_at,
        failed_at=np.where(failed, acted_at, NEVER),
        quiet_at=quiet_at,
        lost=lost & ~again & ~unreached,
        harmed=quiet_at != NEVER,
    )


def reports_of(
    *, scenario: Scenario, seed: int, hubs: HubFeatures, attempt: int, outcome: Outcomes
) -> Reports:
    """This function will flatten outcomes into reports, late and out of order as the scenario has it.

    A lost confirmation is absent. SILENT stands 48 h after a defect quietened the hub.
    """
    confirmed = ~outcome.lost
    noticed_at = np.where(outcome.harmed, outcome.quiet_at, 0) + round(
        scenario.timing.silence_seen_hours * HOUR
    )
    parts = [
        (EventKind.NOT_REACHED, outcome.not_reached_at),
        (EventKind.DELIVERED, outcome.delivered_at),
        (EventKind.ACTIVATED, np.where(confirmed, outcome.activated_at, NEVER)),
        (EventKind.ACTIVATION_FAILED, np.where(confirmed, outcome.failed_at, NEVER)),
        (EventKind.SILENT, np.where(outcome.harmed, noticed_at, NEVER)),
    ]
    return _flatten(parts, scenario=scenario, seed=seed, hubs=hubs, turn=attempt)


def background(*, scenario: Scenario, seed: int, hubs: HubFeatures, day: int, starts_at: int) -> Silences:
    """This function will say which hubs fall silent on a day of their own accord or in an outage (rule 4).

    Args:
        scenario: the world.
        seed: the seed of the world.
        hubs: hubs of any version; who is asked about changes nothing for the others.
        day: 0 is the 24 hours from `starts_at`.
        starts_at: the beginning of day 0.
    """
    draws = Draws(seed=seed, device_ids=hubs.device_id, turn=day)
    seen, begins_at = round(scenario.timing.silence_seen_hours * HOUR), starts_at + day * DAY
    struck = np.flatnonzero(draws.uniform(Stream.SILENCE) < scenario.rates.silent_per_week / 7)
    few = Draws(seed=seed, device_ids=hubs.device_id[struck], turn=day)
    since = begins_at + (few.uniform(Stream.SILENCE_TIME) * DAY).astype(np.int64)
    longer = -np.log1p(-few.uniform(Stream.SILENCE_LENGTH)) * scenario.timing.silence_mean_hours * HOUR
    parts = [Silences(struck, since, since + seen + longer.astype(np.int64))]
    parts += _outages(scenario, seed=seed, hubs=hubs, day=day, begins_at=begins_at)
    found = Silences(
        hub=np.concatenate([part.hub for part in parts]),
        since=np.concatenate([part.since for part in parts]),
        until=np.concatenate([part.until for part in parts]),
    )
    # A hub struck twice on one day is silent once, from the earlier moment.
    order = np.lexsort((found.since, found.hub))
    _, first = np.unique(found.hub[order], return_index=True)
    kept = order[first]
    return Silences(found.hub[kept], found.since[kept], found.until[kept])


def silence_reports(
    *, scenario: Scenario, seed: int, hubs: HubFeatures, silences: Silences, day: int
) -> Reports:
    """This function will give the SILENT and HEARD reports of silences; one shorter than 48 h is never noticed."""
    noticed_at = silences.since + round(scenario.timing.silence_seen_hours * HOUR)
    noticed = noticed_at <= silences.until
    parts = [
        (EventKind.SILENT, np.where(noticed, noticed_at, NEVER)),
        (EventKind.HEARD, np.where(noticed, silences.until, NEVER)),
    ]
    reports = _flatten(parts, scenario=scenario, seed=seed, hubs=hubs.take(silences.hub), turn=day)
    return Reports(silences.hub[reports.hub], reports.kind, reports.happened_at, reports.due_at)


def read_backs(
    *, scenario: Scenario, seed: int, hubs: HubFeatures, turn: int, read_at: int, before: Before
) -> Reports:
    """This function will give the VERSION_READ reports of a read; `turn` is any number that names the read.

    A silent hub does not answer, and not every other hub does (rule 5, `gates.md` 2: 85 %).
    """
    draws = Draws(seed=seed, device_ids=hubs.device_id, turn=turn)
    answered_at = read_at + draws.span(Stream.READ_TIME, scenario.timing.read_answer_minutes, unit=MINUTE)
    silent = (before.silent_from <= answered_at) & (answered_at < before.silent_until)
    answered = (draws.uniform(Stream.READ) < scenario.messages.reads_answered) & ~silent
    parts = [(EventKind.VERSION_READ, np.where(answered, answered_at, NEVER))]
    return _flatten(parts, scenario=scenario, seed=seed, hubs=hubs, turn=turn)


def cannot_show(scenario: Scenario) -> str:
    """This function will say what of a scenario a simulated network cannot show, in words; empty if nothing."""
    hidden = [defect.effect.value for defect in scenario.defects if not _is_shown(defect)]
    if not hidden:
        return ""
    return (
        f"The simulated networks show hubs that fall silent once, by region and hub model; the scenario "
        f"{scenario.name} also needs {', '.join(hidden)} by cell, premises or day. Rehearse it instead."
    )


def _is_shown(defect: Defect) -> bool:
    where = defect.where
    by_network = where.cell is None and not where.prepay and "*" not in where.hub_models
    return defect.effect is Effect.SILENT and not defect.daily and not defect.from_day and by_network


def is_meant(where: Where, *, seed: int, hubs: HubFeatures) -> Flags:
    """This function will flag the hubs a `where` means, drawing one region and one hub model by the seed."""
    meant = np.ones(len(hubs.device_id), np.bool_)
    if where.regions:
        region = where.regions[lots.mix(seed ^ Stream.WHERE_REGION) % len(where.regions)]
        meant &= hubs.region == REGIONS.index(region)
    if where.hub_models:
        name = where.hub_models[lots.mix(seed ^ Stream.WHERE_MODEL) % len(where.hub_models)]
        meant &= np.isin(hubs.model, [at for at, model in enumerate(hubs.models) if model == name])
    return meant


def _delivery_times(scenario: Scenario, *, hubs: HubFeatures, draws: Draws) -> Times:
    laws = [scenario.delivery[CARRIAGE_OF[region]] for region in REGIONS]
    median = np.array([law.median_hours for law in laws])[hubs.region]
    sigma = np.array([math.log(law.p95_hours / law.median_hours) / _Z95 for law in laws])[hubs.region]
    hours = median * np.exp(sigma * draws.normal(Stream.DELIVERY))
    return (hours * HOUR).astype(np.int64)


def _defects_strike(
    scenario: Scenario, *, seed: int, hubs: HubFeatures, activated_at: Times, fresh: Flags
) -> Times:
    """Give the moment each hub goes quiet; a hub is open to a defect or not for good, whatever the attempt."""
    quiet_at = np.full(len(hubs.device_id), NEVER)
    for place, defect in enumerate(scenario.defects):
        if not _is_shown(defect):
            continue
        draws = Draws(seed=seed, device_ids=hubs.device_id, turn=place)
        open_to_it = draws.uniform(Stream.DEFECT) < defect.prevalence
        struck = fresh & open_to_it & is_meant(defect.where, seed=seed, hubs=hubs)
        # The confirmation itself still leaves the hub: quiet begins at least a minute after activation.
        delay = np.maximum(draws.span(Stream.DEFECT_TIME, defect.delay_days, unit=DAY), MINUTE)
        at = np.where(struck, np.where(struck, activated_at, 0) + delay, NEVER)
        quiet_at = np.minimum(quiet_at, at)
    return quiet_at


def _outages(scenario: Scenario, *, seed: int, hubs: HubFeatures, day: int, begins_at: int) -> list[Silences]:
    found = []
    for place, outage in enumerate(scenario.outages):
        if int(_drawn(outage.start_days, seed=seed, salt=2 * place)) != day:
            continue
        lasting = round(_drawn(outage.lasting_days, seed=seed, salt=2 * place + 1) * DAY)
        masts = mix(hubs.device_id ^ np.uint64(Stream.MAST)) % np.uint64(_MASTS)
        down = Draws(seed=seed, device_ids=masts, turn=place).uniform(Stream.MAST) < outage.masts
        draws = Draws(seed=seed, device_ids=hubs.device_id, turn=place)
        cut_off = down & (draws.uniform(Stream.OUTAGE) < outage.hubs)
        hub = np.flatnonzero(cut_off & is_meant(outage.where, seed=seed, hubs=hubs))
        since = np.full(len(hub), begins_at)
        back = Draws(seed=seed, device_ids=hubs.device_id[hub], turn=place).span(
            Stream.OUTAGE_END, (0, 6), unit=HOUR
        )
        found.append(Silences(hub, since, since + lasting + back))
    return found


def _drawn(span: Span, *, seed: int, salt: int) -> float:
    low, high = span
    return low + (high - low) * (lots.mix(lots.mix(seed ^ Stream.OUTAGE) + salt) / 2**64)


def _flatten(
    parts: list[tuple[EventKind, Times]], *, scenario: Scenario, seed: int, hubs: HubFeatures, turn: int
) -> Reports:
    """Turn one array of moments per kind into reports sorted by the moment they are sent."""
    happens = [np.flatnonzero(moments != NEVER) for _, moments in parts]
    hub = np.concatenate(happens)
    happened_at = np.concatenate([moments[at] for (_, moments), at in zip(parts, happens, strict=True)])
    kind = np.repeat(np.array([_CODE[kind] for kind, _ in parts], np.int8), [len(at) for at in happens])
    due_at = happened_at + _lateness(
        scenario, seed=seed, device_ids=hubs.device_id[hub], kind=kind, turn=turn
    )
    order = np.lexsort((kind, hubs.device_id[hub], due_at))
    return Reports(hub[order], kind[order], happened_at[order], due_at[order])


def _lateness(
    scenario: Scenario, *, seed: int, device_ids: NDArray[np.uint64], kind: NDArray[np.int8], turn: int
) -> Times:
    messages = scenario.messages
    draws = Draws(seed=seed, device_ids=mix(device_ids + kind.astype(np.uint64)), turn=turn)
    fault = draws.uniform(Stream.FAULT)
    late = fault < messages.late
    reordered = ~late & (fault < messages.late + messages.reordered)
    lateness = draws.span(Stream.LATENESS, (1, 30), unit=SECOND)
    lateness += np.where(late, draws.span(Stream.LATENESS_LONG, messages.late_hours, unit=HOUR), 0)
    return lateness + np.where(
        reordered, draws.span(Stream.LATENESS_LONG, messages.reordered_minutes, unit=MINUTE), 0
    )
