"""What drives the three networks: the clock, the postmen, and the account the simulator gives of itself."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import numpy as np

from safelaunch.domain.refusals import Conflict, Invalid, Unreachable
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.account import HandedOver
from safelaunch.interfaces.simulator.carrier import Carrier
from safelaunch.interfaces.simulator.device_machine import HeldImage
from safelaunch.interfaces.simulator.installing import BroughtDevice
from safelaunch.interfaces.simulator.logs import say
from safelaunch.interfaces.simulator.postman import Postman
from safelaunch.interfaces.simulator.records import HubsToRun
from safelaunch.interfaces.simulator.settings import Clock
from safelaunch.wire import csp

_PUMP_SECONDS = 0.2
_PATIENCE = 60.0


class Advance(csp.Message, frozen=True, kw_only=True):
    """Let the stepped clock run until this moment."""

    until: datetime


class ImagesToHold(csp.Message, frozen=True, kw_only=True):
    """Put these images into Devices at this moment, as a distribution would."""

    at: csp.Moment
    images: list[HeldImage]


class DevicesToBring(csp.Message, frozen=True, kw_only=True):
    """Bring these Devices into homes, as their installers would."""

    devices: list[BroughtDevice]


class Machinery:
    """Three networks under one clock."""

    def __init__(self, *, carriers: list[Carrier], postmen: list[Postman], clock: Clock) -> None:
        """This function will keep the networks with their postmen, in the same order."""
        self.carriers = carriers
        self._postmen = postmen
        self._clock = clock
        self._turn = threading.Lock()

    def start(self) -> None:
        """This function will start one pump thread per network when time passes by itself."""
        if self._clock is Clock.STEPPED:
            return
        for carrier, postman in zip(self.carriers, self._postmen, strict=True):
            name = f"pump-{carrier.network.value.lower()}"
            threading.Thread(target=_pump, args=(carrier, postman), name=name, daemon=True).start()

    def advance(self, asked: Advance) -> dict[str, Any]:
        """This function will let time pass and send all that falls due, in time order per network, before it answers.

        Raises:
            Conflict: the clock is not stepped.
            Invalid: the moment has no time zone.
            Unreachable: the DCC does not take the events; they wait, and the next advance sends them.
        """
        if self._clock is not Clock.STEPPED:
            raise Conflict(
                "Time passes by itself here; start the simulator with a stepped clock to advance it."
            )
        if asked.until.tzinfo is None:
            raise Invalid(f"{asked.until.isoformat()} has no time zone; write the moment in UTC, with a Z.")
        with self._turn:
            until = instants.to_instant(asked.until)
            events = self._step(until)
            upcoming = [at for carrier in self.carriers if (at := carrier.next_event_at) is not None]
            return {
                "events": events,
                "next_event_at": instants.to_datetime(min(upcoming)) if upcoming else None,
            }

    def hold(self, asked: ImagesToHold) -> dict[str, Any]:
        """This function will put images into Devices, and list the Device IDs that no network knows.

        Raises:
            Invalid: a Device ID or a hash is malformed.
        """
        unknown = {held.device_id for held in asked.images}
        for held in asked.images:
            held.check()
        for carrier in self.carriers:
            mine = [held for held in asked.images if carrier.devices.find(held.device_id) is not None]
            unknown -= {held.device_id for held in mine}
            if mine:
                carrier.hold(mine, at=asked.at)
        return {"unknown_device_ids": sorted(unknown)}

    def bring(self, asked: DevicesToBring) -> dict[str, Any]:
        """This function will bring Devices into homes, and list those of hubs that no network knows.

        Raises:
            Invalid: a Device ID is malformed.
        """
        unknown = {one.device_id for one in asked.devices}
        for one in asked.devices:
            one.check()
        for carrier in self.carriers:
            mine = [one for one in asked.devices if carrier.devices.find(one.hub_device_id) is not None]
            unknown -= {one.device_id for one in mine}
            if mine:
                carrier.bring(mine)
        return {"unknown_device_ids": sorted(unknown)}

    def truth(self, campaign: str) -> dict[str, Any]:
        """This function will count hubs of a campaign by what has become of them by now, each hub once.

        `harmed` counts hubs that the image has reached and that a defect has silenced or will silence.
        """
        counts: dict[str, int] = {}
        for carrier in self.carriers:
            with carrier.lock:
                instant = self._instant_of(carrier)
                handed = [one for one in carrier.account.handed_over if one.instruction.campaign == campaign]
                for name, count in _count(handed, instant=instant).items():
                    counts[name] = counts.get(name, 0) + count
        return {"campaign": campaign, **counts}

    def firmware(self) -> dict[str, Any]:
        """This function will give what was said of images for Devices, and what each of these Devices runs."""
        told: list[list[str]] = []
        versions: dict[str, str] = {}
        for carrier in self.carriers:
            with carrier.lock:
                told += [
                    [code, str(device_id), outcome] for code, device_id, outcome in carrier.devices.ledger
                ]
                versions |= carrier.devices.images.versions()
        return {"told": told, "versions": versions}

    def run_on_hubs(self, asked: HubsToRun) -> dict[str, Any]:
        """This function will have hubs run a firmware version, as a campaign before or beside this one would leave them.

        Raises:
            Invalid: a Device ID is malformed.
        """
        return {"hubs": sum(carrier.run_on_hubs(asked) for carrier in self.carriers)}

    def log(self) -> dict[str, Any]:
        """This function will list every instruction received, in the order in which it was."""
        entries = [entry for carrier in self.carriers for entry in carrier.log]
        return {"instructions": sorted(entries, key=lambda entry: entry.received_at)}

    def health(self) -> dict[str, Any]:
        """This function will say where the clock stands, what waits, and which batches are parked and why."""
        networks = {}
        for carrier in self.carriers:
            with carrier.lock:
                networks[carrier.network.value] = {
                    "waiting": len(carrier.outbox),
                    "parked": [
                        {"batch": batch, "sentence": sentence} for batch, sentence in carrier.parked.items()
                    ],
                    "epochs": dict(carrier.epochs),
                }
        at = instants.to_datetime(max(self._instant_of(carrier) for carrier in self.carriers))
        is_well = not any(network["parked"] for network in networks.values())
        return {
            "status": "OK" if is_well else "DEGRADED",
            "clock": self._clock,
            "at": at,
            "networks": networks,
        }

    def _instant_of(self, carrier: Carrier) -> int:
        if self._clock is Clock.STEPPED:
            return carrier.account.instant
        return max(carrier.account.instant, instants.to_instant(instants.now()))

    def _step(self, until: int) -> int:
        # Networks do not know of each other: each reports the whole stretch in its own order, all at the same time.
        def report(carrier: Carrier, postman: Postman) -> int:
            carrier.move_clock(until, remembered=True)
            return _send_due(carrier, postman)

        with ThreadPoolExecutor(len(self.carriers)) as pool:
            return sum(pool.map(report, self.carriers, self._postmen))


def _send_due(carrier: Carrier, postman: Postman) -> int:
    events = 0
    while True:
        drained = carrier.drain()
        events += drained or 0
        if not postman.deliver(patience=_PATIENCE):
            raise Unreachable(
                f"The DCC does not take the events of CSP {carrier.network.value.title()}; they wait here, "
                "and advancing again sends them."
            )
        if drained is None:
            return events


def _pump(carrier: Carrier, postman: Postman) -> None:
    pause = threading.Event()
    while True:
        try:
            carrier.move_clock(instants.to_instant(instants.now()), remembered=False)
            while carrier.drain() is not None or carrier.outbox:
                postman.deliver(patience=_PATIENCE)
        except Exception as error:  # noqa: BLE001 - a pump that dies in silence would look like a quiet network
            say("bug", network=carrier.network, error=repr(error))
        pause.wait(_PUMP_SECONDS)


def _count(handed: list[HandedOver], *, instant: int) -> dict[str, int]:
    """Count the hubs of instructions, each once, by what has happened by an instant."""
    masks = {
        "instructed": [np.ones(len(one.positions), np.bool_) for one in handed],
        "reached": [(one.outcome.delivered_at <= instant) & ~one.recalled for one in handed],
        "activated": [(one.outcome.activated_at <= instant) & ~one.recalled for one in handed],
        "failed": [(one.outcome.failed_at <= instant) & ~one.recalled for one in handed],
        "recalled": [one.recalled for one in handed],
        "harmed": [
            one.outcome.harmed & (one.outcome.delivered_at <= instant) & ~one.recalled for one in handed
        ],
    }
    return {name: _distinct(handed, marks) for name, marks in masks.items()}


def _distinct(handed: list[HandedOver], marks: list[np.ndarray[tuple[int], np.dtype[np.bool_]]]) -> int:
    chosen = [one.positions[mark] for one, mark in zip(handed, marks, strict=True)]
    return len(np.unique(np.concatenate(chosen))) if chosen else 0
