"""A campaign in the twin, day by day, and what came of it (`gates.md` 2, `design.md` 7).

A day: the night's hubs are instructed; images arrive; firmware activates or fails; what is going to happen happens;
what is known by the evening is handed to the policy. Harm is counted by what is true, not by what is known.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.endpoints import ENDPOINTS
from safelaunch.domain.lights import EvidenceRules, Unit
from safelaunch.domain.tranches import share_out
from safelaunch.planning.evidence.counts import EndpointDay, Part, activation_day, distinct
from safelaunch.planning.evidence.exposure import Exposure
from safelaunch.planning.lanes import ahead
from safelaunch.planning.twin.dispatch import Queue
from safelaunch.planning.twin.fleet import Fleet, Hubs
from safelaunch.planning.twin.policies import News, Orders, Policy
from safelaunch.planning.twin.world import HAN, PREPAY, WAN, Arrivals, World, alike

CAPACITY = 0.01
"""The share of the fleet that the networks carry in a night."""

KEPT_OF_A_HUB = (
    np.int32,
    np.int32,
    np.int16,
    np.int8,
    np.int8,
    np.uint8,
    np.bool_,
    np.bool_,
    np.bool_,
    np.bool_,
)
"""What a campaign keeps of a hub besides the fleet's own: place and combination in line, day of activation, attempts,
arm, rest, and whether it waits, has erred, was harmed, is gone."""

_ATTEMPTS = 3
_FATES = 4
"""Of a hub that is instructed: reached or not, and working or not."""

_ERRORS = (WAN, HAN, PREPAY)
_NOBODY = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a campaign.

    Attributes:
        harmed: hubs that the firmware harmed, those whose harm is still to show included.
        exposed: hubs that ran the firmware.
        days: the day on which the last hub arrived.
        nights: the nights that were played.
        detected_on: the day of the first stop or quarantine, or None.
        is_stopped: whether everything was stopped.
        quarantined: units quarantined, with their days.
        finish: by region, the day of the last arrival; None where hubs were left.
    """

    harmed: int
    exposed: int
    days: int
    nights: int
    detected_on: int | None
    is_stopped: bool
    quarantined: tuple[tuple[int, Unit], ...]
    finish: dict[str, int | None]


@dataclass(slots=True)
class _Agenda:
    """What is due on later days."""

    arriving: dict[int, list[Hubs]] = field(default_factory=lambda: defaultdict(list))
    failing: dict[int, list[Hubs]] = field(default_factory=lambda: defaultdict(list))
    given_up: dict[int, list[Hubs]] = field(default_factory=lambda: defaultdict(list))
    known_good: dict[int, list[Hubs]] = field(default_factory=lambda: defaultdict(list))
    known_bad: dict[int, list[Hubs]] = field(default_factory=lambda: defaultdict(list))
    proven: dict[int, list[Hubs]] = field(default_factory=lambda: defaultdict(list))
    disproven: dict[int, list[Hubs]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[int, list[Part]] = field(default_factory=lambda: defaultdict(list))
    seen: dict[int, list[tuple[int, Hubs]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, what: dict[int, list[Hubs]], day: int) -> Hubs:
        found = what.pop(day, [])
        return np.concatenate(found) if found else _NOBODY


class Campaign:
    """A campaign under way in one world."""

    def __init__(
        self,
        *,
        fleet: Fleet,
        world: World,
        policy: Policy,
        rules: EvidenceRules,
        capacity: float = CAPACITY,
    ) -> None:
        """This function will prepare a campaign in which nothing has been sent."""
        self.fleet, self.world, self.policy, self.rules = fleet, world, policy, rules
        self.exposure = Exposure(combination=fleet.combination, prepay=fleet.prepay, window=rules.window_days)
        self._queue = Queue(combination=fleet.combination, region=fleet.combinations.region)
        self._agenda = _Agenda()
        self._attempts = np.zeros(len(fleet), np.int8)
        self._activated_on = np.full(len(fleet), -1, np.int16)
        self._is_error = np.zeros(len(fleet), np.bool_)
        self._region = fleet.combinations.region.astype(np.int32)
        hubs = np.bincount(self._region, weights=fleet.combinations.hubs, minlength=len(fleet.regions))
        self._capacity = np.ceil(capacity * hubs).astype(np.int64)
        self._in_flight = 0
        self._reading = ahead(lambda: None)
        self.stopped_on: int | None = None
        self.last_arrival = np.full(len(fleet.regions), -1, np.int64)

    def run(self, *, horizon: int = 400) -> Result:
        """This function will let days pass until every hub has had its turn, everything has stopped, or `horizon`."""
        day = 0
        for day in range(horizon):
            sent = self._send(day)
            self._pass(day, sent)
            if not self._in_flight and (self.stopped_on is not None or not len(self._queue)):
                break
            if self._is_stuck():
                break
        self._reading.result()
        return self._result(nights=day + 1)

    def _is_stuck(self) -> bool:
        """Only quarantined hubs are left: they wait for people, not for days."""
        if self._in_flight or not self.policy.quarantined:
            return False
        open_to = self.policy.open_to()
        return open_to is not None and not self._queue.waiting_of(open_to)

    def _send(self, day: int) -> Hubs:
        if self.stopped_on is not None:
            return _NOBODY
        orders = self.policy.orders(day)
        if orders.stop:
            self.stopped_on = day
            return _NOBODY
        everywhere = np.ones(len(self.fleet.combinations), np.bool_)
        open_to = everywhere if orders.open_to is None else orders.open_to
        named = self._take_named(orders, open_to)
        taken = self._queue.take(most=self._shares(orders.most, day), rooms=orders.rooms, open_to=open_to)
        hubs = np.concatenate((named, taken))
        self._instruct(hubs, day)
        return hubs

    def _shares(self, most: int, day: int) -> dict[int, int]:
        """Share a night out between regions, as production does, and let each come first in its turn."""
        waiting = self._queue.waiting_in()
        shares = share_out(
            most, {one: min(count, int(self._capacity[one])) for one, count in waiting.items()}
        )
        first = day % len(shares)
        regions = [*shares]
        return {one: shares[one] for one in (*regions[first:], *regions[:first])}

    def _take_named(self, orders: Orders, open_to: NDArray[np.bool_]) -> Hubs:
        if orders.named is None or not len(orders.named):
            return _NOBODY
        due = orders.named[open_to[self.fleet.combination[orders.named]]]
        due = due[self._queue.are_waiting(due)]
        self._queue.withdraw(due)
        return due

    def _instruct(self, hubs: Hubs, day: int) -> None:
        tried = self._attempts[hubs]
        for attempt in np.flatnonzero(np.bincount(tried)).tolist():
            some = hubs[tried == attempt]
            self._note(some, self.world.instruct(some, attempt=attempt), day)
        self._attempts[hubs] = tried + 1
        self._in_flight += len(hubs)

    def _note(self, hubs: Hubs, arrivals: Arrivals, day: int) -> None:
        """Note what is to come of an instruction, by the days on which it comes."""
        agenda, soak = self._agenda, self.rules.soak_days
        fates = arrivals.after * np.int16(_FATES) + arrivals.reached * np.int16(2) + arrivals.worked
        for fate, places in alike(fates):
            on, some = day + fate // _FATES, hubs[places]
            if not fate & 2:
                agenda.given_up[on].append(some)
                continue
            reached, told, soaked = (
                (agenda.arriving, agenda.known_good, agenda.proven)
                if fate & 1
                else (agenda.failing, agenda.known_bad, agenda.disproven)
            )
            reached[on].append(some)
            for after, known in alike(arrivals.known_after[places]):
                if after >= 0:
                    told[day + after].append(some[known])
                    soaked[max(day + after, on + soak)].append(some[known])

    def _pass(self, day: int, sent: Hubs) -> None:
        agenda = self._agenda
        arrived, failed = agenda.take(agenda.arriving, day), agenda.take(agenda.failing, day)
        given_up = agenda.take(agenda.given_up, day)
        known_good = self._answering(agenda.take(agenda.known_good, day), day)
        known_bad = agenda.take(agenda.known_bad, day)
        proven = self._answering(agenda.take(agenda.proven, day), day)
        self._in_flight -= len(arrived) + len(failed) + len(given_up)
        # Nobody knows yet which of them failed: until then all count as upgraded.
        if self.policy.reads_evidence:
            self.exposure.join(np.concatenate((arrived, failed)))
            self.exposure.leave(known_bad)
        self._activated_on[arrived] = day
        reached = np.bincount(
            self._region[self.fleet.combination[arrived]], minlength=len(self.fleet.regions)
        )
        self.last_arrival[reached > 0] = day
        self.world.activate(arrived, day=day)
        again = given_up[self._attempts[given_up] < _ATTEMPTS]
        self._queue.put_back(again)
        self._happen(day)
        agenda.parts[day].append(
            activation_day(
                day=day,
                succeeded=self.fleet.combination[known_good],
                failed=self.fleet.combination[known_bad],
            )
        )
        seen = agenda.seen.pop(day, [])
        self._reading.result()
        self.policy.learn(
            News(
                day=day,
                parts=agenda.parts.pop(day),
                sent=sent,
                not_reached=given_up,
                succeeded=known_good,
                proven=proven,
                settled=np.concatenate((proven, agenda.take(agenda.disproven, day))),
                errors=self._errors(day, seen, known_bad),
                happened=[_joined([hubs for at, hubs in seen if at == k]) for k in range(len(ENDPOINTS))],
                waiting=len(self._queue),
            )
        )
        # Tomorrow's evidence is complete tonight for all endpoints that are seen a day late: it is read meanwhile.
        self._reading = ahead(partial(self.policy.read, agenda.parts.pop(day + 1, [])))

    def _answering(self, hubs: Hubs, day: int) -> Hubs:
        """Leave out hubs that a defect silenced before they were read: their outcome stays unknown."""
        if not self.world.silences:
            return hubs
        answering: Hubs = hubs[~self.world.is_gone(hubs) | (self._activated_on[hubs] == day)]
        return answering

    def _happen(self, day: int) -> None:
        happened = self.world.happenings(day)
        for endpoint, described in enumerate(ENDPOINTS):
            hubs = _joined([some for at, some in happened if at == endpoint])
            if self.policy.reads_evidence:
                self.exposure.record(endpoint, hubs)
            else:
                self._agenda.seen[day + described.seen_after_days].append((endpoint, hubs))
        if not self.policy.reads_evidence:
            return
        parts: list[EndpointDay] = self.exposure.end_day()
        for part in parts:
            self._agenda.parts[day + ENDPOINTS[part.endpoint].seen_after_days].append(part)

    def _errors(self, day: int, seen: list[tuple[int, Hubs]], known_bad: Hubs) -> Hubs:
        """Give upgraded hubs with a first error: failed activations, losses and delays within the window."""
        if self.policy.reads_evidence:
            return _NOBODY
        struck = _joined([hubs for endpoint, hubs in seen if endpoint in _ERRORS])
        since = self._activated_on[struck]
        treated = struck[(since >= 0) & (day - since < self.rules.window_days)]
        new = distinct(np.concatenate((treated, known_bad)))
        first: Hubs = new[~self._is_error[new]]
        self._is_error[first] = True
        return first

    def _result(self, *, nights: int) -> Result:
        quarantined = tuple(self.policy.quarantined)
        days = [day for day, _ in quarantined]
        if self.stopped_on is not None:
            days.append(self.stopped_on)
        left = self.stopped_on is not None or len(self._queue) > 0
        return Result(
            harmed=int(self.world.harmed.sum()),
            exposed=int((self._activated_on >= 0).sum()),
            days=int(self.last_arrival.max()),
            nights=nights,
            detected_on=min(days, default=None),
            is_stopped=self.stopped_on is not None,
            quarantined=quarantined,
            finish={
                region.value: int(self.last_arrival[at]) if not left and self.last_arrival[at] >= 0 else None
                for at, region in enumerate(self.fleet.regions)
            },
        )


def _joined(parts: list[Hubs]) -> Hubs:
    return np.concatenate(parts) if parts else _NOBODY
