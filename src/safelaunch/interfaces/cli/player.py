"""The director beside a running installation: `up --demo` plays at a pace that people can follow, and never ends.

It plays the demonstration's campaign, then any other that somebody has published, and waits while all are held or
ended. A process that dies is the watch's business; a turn it interrupts is played again.
"""

import time
from contextlib import suppress
from dataclasses import replace
from threading import Event, Thread

from django.db import Error, connection

from safelaunch.domain.campaigns import HELD, Phase
from safelaunch.domain.refusals import Problem
from safelaunch.interfaces.cli.demo import board
from safelaunch.interfaces.cli.director import TURNS_AFTER_HOLD, Director
from safelaunch.interfaces.cli.terminal import say
from safelaunch.store.reads import campaigns

_IDLE_SECONDS = 0.5
_JOIN_SECONDS = 10.0


class Halted(Exception):
    """The player was told to stop in the middle of a turn."""


class Player(Thread):
    """Plays turns in a thread of its own until it is halted."""

    def __init__(self, director: Director, *, pace: float) -> None:
        """This function will keep what to play; `pace` is the least number of seconds from turn to turn."""
        super().__init__(name="director", daemon=True)
        self._told = Event()
        self._director = replace(director, check_processes=self._check)
        self._pace = pace
        self._turns_held = 0

    def halt(self) -> None:
        """This function will tell the player to stop at the next step of its turn."""
        self._told.set()

    def rest(self) -> None:
        """This function will wait until the player has stopped."""
        self.join(_JOIN_SECONDS)

    def run(self) -> None:
        """This function will play until halted; what stops a turn for good is said, and tried again later."""
        while not self._told.is_set():
            try:
                self._play_open_campaign()
            except Halted:
                break
            except (Problem, Error) as problem:
                say(f"The demonstration waits: {str(problem).strip()}")
                connection.close()
                self._told.wait(max(self._pace, 5.0))
        connection.close()

    def _play_open_campaign(self) -> None:
        reference = self._find_campaign()
        if reference is None:
            self._told.wait(_IDLE_SECONDS)
            return
        self._director.reference = reference
        with board() as show:
            while not self._told.is_set():
                begun = time.monotonic()
                turn = self._director.take_turn()
                # A board that cannot be drawn because the database is away is drawn at the next turn.
                with suppress(Error):
                    show(turn)
                if turn.campaign.phase in (Phase.COMPLETE, Phase.ABANDONED):
                    break
                self._turns_held = self._turns_held + 1 if turn.campaign.is_held else 0
                if self._turns_held == TURNS_AFTER_HOLD:
                    break
                self._told.wait(max(0.0, self._pace - (time.monotonic() - begun)))
        self._say_how_it_stands(reference)

    def _find_campaign(self) -> str | None:
        open_campaigns = campaigns.list_open()
        running = [campaign for campaign in open_campaigns if not campaign.is_held]
        if running:
            self._turns_held = 0
            return running[0].reference
        # A held campaign is played a few days longer, until what is in flight is accounted for.
        return open_campaigns[0].reference if open_campaigns and self._turns_held < TURNS_AFTER_HOLD else None

    def _say_how_it_stands(self, reference: str) -> None:
        if self._told.is_set():
            return
        state = campaigns.get(reference=reference).state
        if state == HELD:
            say(f"Campaign {reference} is held. It goes on when two people resume it.")
        else:
            say(f"Campaign {reference} is {state.lower()}. The portal stays; Ctrl-C stops everything.")

    def _check(self) -> None:
        if self._told.is_set():
            raise Halted
