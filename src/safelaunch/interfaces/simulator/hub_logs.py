"""The homes of one simulated network as their hubs see them: who may join, who has joined, whose clock is set.

1. A Device stands in a home because it is of the estate, or because somebody brought it there; that it stands there does
   not mean that it has joined.
2. A hub that is told to take a Device into its log (CCS01) lets it join for a while. One that stands in the home joins after
   a few seconds; of any other nothing is heard. The hub tells what its log holds when that has changed (CS14, 8F12).
3. A Device that is taken out of the log (CCS02) is heard no more, until it joins again.
4. A hub that is given another's log (CCS03) has it; the home's Devices speak through it. A GPF likewise (GCS59).
5. A meter takes the time it is given (ECS70, GCS28) when the true time lies in the interval that goes with it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.interfaces.simulator import instants
from safelaunch.interfaces.simulator.device_facts import Register
from safelaunch.interfaces.simulator.device_machine import Device
from safelaunch.planning.network import SECOND
from safelaunch.wire.gbcs.catalogue import GbcsMessage, MessageCode, Payload
from safelaunch.wire.gbcs.clocks import (
    ClockStatus,
    Ecs70Command,
    Ecs70Response,
    Gcs28Command,
    Gcs28Response,
)
from safelaunch.wire.gbcs.device_log import (
    MAX_ENTRIES,
    Ccs01Command,
    Ccs01Response,
    Ccs02Command,
    Ccs02Response,
    Ccs03Command,
    Ccs03Response,
    HubLogAlert,
    LogBackup,
    LoggedDevice,
)
from safelaunch.wire.gbcs.gpf_log import Gcs59Command, Gcs59Response
from safelaunch.wire.gbcs.times import DlmsTime

_JOINS_AFTER = 8 * SECOND
_LOW_24_BITS = 0xFFFFFF
_UNDEFINED, _FAILURE = 4, 1
_NOT_SET = (0, 0, 0, 1, 250)
"""What an ESME says that did not take the time, as in the vector."""
_HUB = frozenset({DeviceType.CHF, DeviceType.GPF})

Alert = Callable[[Device, MessageCode, Eui64, Callable[[int], Payload], int], None]
"""How a hub raises an alert: itself, its code, to whom, the payload under its counter, and when."""


@dataclass(slots=True)
class _Log:
    """The log of a home's hub: with the hashed key of each Device that has joined, and who may."""

    joined: dict[Eui64, bytes]
    allowed: set[Eui64] = field(default_factory=set)


class HubLogs:
    """The logs of one network's hubs; nothing is kept of homes that nobody has changed."""

    def __init__(
        self, *, register: Register, enter: Callable[[int, Callable[[int], None]], None], alert: Alert
    ) -> None:
        """This function will begin with homes as the estate has them.

        Args:
            register: of the estate.
            enter: has something happen at an instant.
            alert: has a hub raise an alert.
        """
        self._register, self._enter, self._alert = register, enter, alert
        self._logs: dict[int, _Log] = {}

    def obey(self, device: Device, command: GbcsMessage, at: int) -> Payload | None:
        """This function will have a Device do what concerns its home, and give its answer; nothing if that is something else."""
        match command.payload:
            case Ccs01Command() as asked:
                return self._let_join(device, asked, command.header.originator_id, at)
            case Ccs02Command() as asked:
                return self._let_go(device, asked, command.header.originator_id, at)
            case Ccs03Command() as asked:
                self._register.take_over(device.facts.device_id)
                self._log_of(device).joined = {one.device_id: one.hashed_key for one in asked.log.devices}
                self._tell(device, command.header.originator_id, at)
                return Ccs03Response(asked.invoke_id)
            case Gcs59Command() as asked:
                return Gcs59Response(tuple((entry, 0) for entry in asked.entries))
            case Ecs70Command() | Gcs28Command() as asked:
                return _take_time(asked, instants.second(at))
        return None

    def _let_join(self, hub: Device, asked: Ccs01Command, broker: Eui64, at: int) -> Payload:
        log = self._log_of(hub)
        is_new = asked.device_id not in log.joined and asked.device_id not in log.allowed
        if is_new and len(log.joined) + len(log.allowed) >= MAX_ENTRIES - 1:
            return Ccs01Response(asked.invoke_id, (_FAILURE, 0, 0))
        log.allowed.add(asked.device_id)
        if asked.join_seconds * SECOND >= _JOINS_AFTER:
            self._enter(at + _JOINS_AFTER, lambda later: self._join(hub, asked.device_id, broker, later))
        return Ccs01Response(asked.invoke_id)

    def _join(self, hub: Device, device_id: Eui64, broker: Eui64, at: int) -> None:
        log, found = self._log_of(hub), self._register.find(device_id)
        stands_there = found is not None and found.hub_position == hub.facts.hub_position
        if device_id in log.allowed and stands_there:
            log.allowed.discard(device_id)
            log.joined[device_id] = _hashed_key(device_id)
            self._register.join(device_id)
            self._tell(hub, broker, at)

    def _let_go(self, hub: Device, asked: Ccs02Command, broker: Eui64, at: int) -> Payload:
        log = self._log_of(hub)
        if asked.device_id in log.allowed:
            log.allowed.discard(asked.device_id)
        elif log.joined.pop(asked.device_id, None) is None:
            return Ccs02Response(asked.invoke_id, (_UNDEFINED,))
        else:
            self._register.part(asked.device_id)
            self._tell(hub, broker, at)
        return Ccs02Response(asked.invoke_id)

    def _log_of(self, device: Device) -> _Log:
        place = device.facts.hub_position
        if place not in self._logs:
            there = self._register.list_home(place)
            joined = [one for kind, one in there.items() if kind not in _HUB]
            self._logs[place] = _Log({one: _hashed_key(one) for one in joined})
        return self._logs[place]

    def _tell(self, hub: Device, broker: Eui64, at: int) -> None:
        now = DlmsTime.at_moment(instants.second(at))
        entries = tuple(LoggedDevice(*one) for one in self._log_of(hub).joined.items())
        backup = LogBackup(_pan(hub.facts.hub_position), entries[:MAX_ENTRIES])
        self._alert(
            hub,
            MessageCode.CS14_HUB_LOG_ALERT,
            broker,
            lambda counter: HubLogAlert(counter & _LOW_24_BITS, now, now, backup),
            at,
        )


def _take_time(asked: Ecs70Command | Gcs28Command, now: datetime) -> Payload:
    if isinstance(asked, Gcs28Command):
        is_set = asked.at <= now <= asked.until
        return Gcs28Response(now, ClockStatus.RELIABLE if is_set else ClockStatus.UNRELIABLE)
    begins, ends = asked.at.moment, asked.until.moment
    if begins is None or ends is None or not begins <= now <= ends:
        return Ecs70Response(asked.invoke_id, None, None, _NOT_SET)
    return Ecs70Response(asked.invoke_id, DlmsTime.at_moment(now))


def _hashed_key(device_id: Eui64) -> bytes:
    """Stand for a link key: outside a home nobody can do anything with one but give it to the next hub."""
    return hashlib.sha256(f"link key/{device_id}".encode()).digest()[:16]


def _pan(hub_position: int) -> bytes:
    return hashlib.sha256(f"extended PAN/{hub_position}".encode()).digest()[:8]
