"""The displays of simulated homes: what a PPMID still shows of who lived there before (R-0056-1 to 3).

1. An ESME and a GPF keep the moment before which they hide everything: the one they were told last, or that of their
   change of Supplier.
2. Once there is such a moment in a home, its display asks ESME and GPF once a day, at a time of day of its own.
3. It learns of a moment that has come, and clears what it holds from before it, when its own firmware, the hub's and the
   ESME's do their part (`domain/tenancy.py`, rule 3). Otherwise it shows what it showed, and asks again the next day.
4. Nobody outside the home hears of it: GBCS has no message that says so. What is known here is for tests.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.domain.tenancy import plays_its_part
from safelaunch.interfaces.simulator.device_facts import DeviceFacts, Register
from safelaunch.planning.network import DAY


@dataclass(slots=True)
class _Home:
    """A home with a moment: which Device keeps which, and what each display has learned of them; instants."""

    kept: dict[Eui64, int] = field(default_factory=dict)
    learned: dict[tuple[Eui64, Eui64], int] = field(default_factory=dict)
    is_asking: bool = False


class Displays:
    """The displays of one network's homes; nothing is kept of homes without a moment."""

    def __init__(self, *, register: Register, seed: int, runs: Callable[[Eui64, int], str | None]) -> None:
        """This function will begin with homes whose occupiers never changed.

        Args:
            register: of the estate.
            seed: of the world, which draws the displays' times of day.
            runs: the firmware version that a Device runs at an instant.
        """
        self._register, self._seed, self._runs = register, seed, runs
        self._homes: dict[int, _Home] = {}

    def keep(self, facts: DeviceFacts, *, moment: int, at: int) -> int | None:
        """This function will have an ESME or GPF keep a moment, and give when the home's display asks, if it does not already.

        Args:
            facts: the Device.
            moment: before which it hides everything.
            at: now.
        """
        home = self._homes.setdefault(facts.hub_position, _Home())
        home.kept[facts.device_id] = moment
        display = self._register.list_home(facts.hub_position).get(DeviceType.PPMID)
        if display is None or home.is_asking:
            return None
        home.is_asking = True
        return self._asks_after(display, at)

    def ask(self, hub_position: int, *, at: int) -> int | None:
        """This function will have a home's display ask, and give when it does so again; never, once it knows all there is."""
        home, devices = self._homes[hub_position], self._register.list_home(hub_position)
        display, hub = devices[DeviceType.PPMID], devices[DeviceType.CHF]
        for source, moment in home.kept.items():
            meters = [source] if source == devices.get(DeviceType.ESME) else []
            if moment <= at and all(self._does_its_part(one, at) for one in (hub, display, *meters)):
                home.learned[display, source] = moment
        home.is_asking = any(home.learned.get((display, one)) != kept for one, kept in home.kept.items())
        return self._asks_after(display, at) if home.is_asking else None

    def has_cleared(self, display: Eui64, *, source: Eui64) -> bool:
        """This function will say whether a display shows nothing from before the moment that an ESME or GPF keeps."""
        facts = self._register.find(source)
        home = None if facts is None else self._homes.get(facts.hub_position)
        if home is None or source not in home.kept:
            return True
        return home.learned.get((display, source)) == home.kept[source]

    def _asks_after(self, display: Eui64, at: int) -> int:
        time_of_day = zlib.crc32(f"{self._seed}/{display}".encode()) % DAY
        return at + 1 + (time_of_day - at - 1) % DAY

    def _does_its_part(self, device_id: Eui64, at: int) -> bool:
        facts, version = self._register.find(device_id), self._runs(device_id, at)
        if facts is None or version is None:
            return False
        gbcs = self._register.gbcs_version(facts, firmware_version=version)
        return bool(plays_its_part(facts.device_type, gbcs_version=gbcs))
