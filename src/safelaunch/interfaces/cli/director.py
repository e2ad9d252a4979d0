"""The director of a demonstration: it turns the stepped clock and plays the two people a campaign needs.

Services, jobs and gateway are those of production. At every turn of the day (07:00 and 18:00) the director lets the
networks report what has happened by then, sets the clock, looks at what is due as a worker does by the wall's clock, and
waits until the workers have nothing left to do that is due by now. Each step may be repeated, so a process that is killed half-way only
costs time.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import httpx
from django.db import Error, connection

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import GATE_AFTER, Phase
from safelaunch.domain.gates import Decision, Verdict
from safelaunch.domain.people import Actor
from safelaunch.domain.refusals import Refused, Unreachable
from safelaunch.services import gates, installation, timetable
from safelaunch.services.jobs import REAL_TIME
from safelaunch.store.reads import campaigns, clock, jobs
from safelaunch.store.reads.campaigns import CampaignFacts

T = TypeVar("T")

PATIENCE_SECONDS = 120.0
_FIRST_PAUSE_SECONDS = 0.004
_LONGEST_PAUSE_SECONDS = 0.01
_ENDED = {Phase.COMPLETE, Phase.ABANDONED}
TURNS_AFTER_HOLD = 12
"""Turns played after a hold, so that recalled and in-flight hubs are accounted for (six days)."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a turn ended with."""

    at: datetime
    campaign: CampaignFacts


@dataclass
class Director:
    """Plays one campaign against the simulator at `simulator_url`."""

    reference: str
    simulator_url: str
    proposer: Actor
    approver: Actor
    check_processes: Callable[[], None]
    networks: httpx.Client = field(
        default_factory=lambda: httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False)
    )

    def play(self, *, most_turns: int) -> Iterator[Turn]:
        """This function will play turn after turn until the campaign has ended or stays held.

        Raises:
            Unreachable: a process or the database stays away for too long.
        """
        after_hold = 0
        for _ in range(most_turns):
            turn = self.take_turn()
            yield turn
            if turn.campaign.phase in _ENDED:
                return
            after_hold = after_hold + 1 if turn.campaign.is_held else 0
            if after_hold >= TURNS_AFTER_HOLD:
                return

    def take_turn(self) -> Turn:
        """This function will play one turn, trying again while a process or the database is away.

        Raises:
            Unreachable: one stays away for too long.
        """
        return self._tried(self._turn)

    def pass_to(self, at: datetime, /) -> None:
        """This function will let everybody live until a moment: networks report, clocks move, workers do what is due.

        Raises:
            Unreachable: a process or the database stays away for too long.
        """
        # Commands that were asked for go out before their time is up, as they would where time is not stepped.
        self._tried(self._wait_until_idle)
        self._tried(lambda: self._let_networks_report(at))
        # What was said before is judged before the clock moves on, likewise.
        self._tried(self._wait_until_idle)
        self._tried(lambda: self._look(at))
        self._tried(self._wait_until_idle)

    def _look(self, at: datetime) -> None:
        timetable.step_clock(to=at)
        timetable.look(at=at)

    def _turn(self) -> Turn:
        campaign = campaigns.get(reference=self.reference)
        at = self._next(campaign)
        self._let_networks_report(at)
        timetable.step_clock(to=at)
        timetable.look(at=at)
        self._wait_until_idle()
        if calendar.night_open(at) is None:
            self._decide(at)
        return Turn(at=at, campaign=campaigns.get(reference=self.reference))

    def _next(self, campaign: CampaignFacts) -> datetime:
        at = calendar.next_turn(clock.now())
        if campaign.phase is Phase.NOTIFIED and campaign.pilot_starts_at:
            return max(at, campaign.pilot_starts_at)
        return at

    def _let_networks_report(self, at: datetime) -> None:
        answer = self.networks.post(f"{self.simulator_url}/simulator/advance", json={"until": at.isoformat()})
        answer.raise_for_status()

    def _wait_until_idle(self) -> None:
        deadline, pause = time.monotonic() + PATIENCE_SECONDS, _FIRST_PAUSE_SECONDS
        while jobs.is_job_waiting(but=REAL_TIME):
            self.check_processes()
            if time.monotonic() > deadline:
                raise Unreachable("The worker does not get through its jobs; look at its log.")
            time.sleep(pause)
            pause = min(1.5 * pause, _LONGEST_PAUSE_SECONDS)

    def _decide(self, at: datetime) -> None:
        """Two people look at the gate each morning and let the campaign on when it says PASS."""
        campaign = campaigns.get(reference=self.reference)
        if campaign.phase not in GATE_AFTER or campaign.is_held:
            return
        for person in (self.proposer, self.approver):
            # Whoever sits at the portal may stop, or decide, between two looks: then there is nothing left to do here.
            with suppress(Refused):
                if not self._let_on(person, at=at):
                    return

    def _let_on(self, person: Actor, *, at: datetime) -> bool:
        seen = gates.review(reference=self.reference, at=at)
        if not seen.has_gate or seen.assessment.verdict is not Verdict.PASS:
            return False
        gates.decide(
            reference=self.reference,
            decision=Decision.PROCEED,
            evidence_digest=seen.evidence.digest(),
            note="",
            actor=person,
            at=at,
        )
        return True

    def _tried(self, step: Callable[[], T]) -> T:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return step()
            except Refused:
                raise
            except (httpx.HTTPError, Error, Unreachable):
                self.check_processes()
                if time.monotonic() > deadline:
                    raise
                connection.close()
                time.sleep(0.2)
                # A server that was killed may refuse to start while the last of its processes lives.
                with suppress(Refused, Error):
                    installation.ensure_database()
