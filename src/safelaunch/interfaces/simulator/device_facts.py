"""What a simulated Device is before anybody commands it: its type, its firmware, its hub, and whom it obeys."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, Network, SmiStatus, UserRole
from safelaunch.planning.estate import STATUSES, Block, Estate, device_ids_of
from safelaunch.planning.estate_reference import Model
from safelaunch.planning.homes import Homes

_ANSWERING = frozenset(
    STATUSES.index(status) for status in (SmiStatus.COMMISSIONED, SmiStatus.SUSPENDED) if status in STATUSES
)
_ELECTRICITY = frozenset({DeviceType.ESME, DeviceType.HCALCS, DeviceType.PPMID, DeviceType.CHF})
_GAS = frozenset({DeviceType.GSME, DeviceType.GPF, DeviceType.PPMID, DeviceType.CHF})
_HUB = frozenset({DeviceType.CHF, DeviceType.GPF})


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One Device of the estate.

    `suppliers` are the User IDs it obeys, the one that hears its alerts first; `mirrors` is the Device whose version it
    tells in place of its own, as a gas proxy does (`domain.md` 9.2, 6).
    """

    device_id: Eui64
    device_type: DeviceType
    hub_id: Eui64
    hub_position: int
    network: Network
    firmware_version: str
    suppliers: tuple[Eui64, ...]
    is_commissioned: bool
    mirrors: Eui64 | None

    @property
    def is_hub(self) -> bool:
        """Whether the Device is a function of the Communications Hub, and runs its firmware."""
        return self.device_type in _HUB


@dataclass(frozen=True, slots=True)
class InstalledHub:
    """A hub that came into a home later: its two Device IDs, its place among the hubs, its network, model and firmware."""

    device_id: Eui64
    gpf_device_id: Eui64
    position: int
    network: Network
    model: str
    firmware_version: str


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """A Device that was brought into a home later: the home's place, and what it is."""

    home: int
    network: Network
    device_type: DeviceType
    model: str
    firmware_version: str
    suppliers: tuple[Eui64, ...]


class Register:
    """Every Device of an estate by its Device ID; the latest that were asked about are remembered.

    A home is known by the place of the hub that it had at first, whatever hub it has now.
    """

    def __init__(self, estate: Estate) -> None:
        """This function will keep the estate and who holds which User ID."""
        self._estate, self._homes = estate, Homes(estate)
        self._users: dict[tuple[int, UserRole], Eui64] = {
            (user.party, user.role): user.user_id for user in reversed(estate.users)
        }
        self._gbcs = {
            (
                model.device_type,
                model.model,
                model.hardware_version,
                model.firmware_version,
            ): model.gbcs_version
            for model in estate.models
        }
        self._installed: dict[Eui64, tuple[int, InstalledHub]] = {}
        self._hub_of: dict[int, InstalledHub] = {}
        self._brought: dict[Eui64, BroughtIn] = {}
        self._taken_out: set[Eui64] = set()
        self.find = lru_cache(maxsize=65_536)(self._find)
        self.list_home = lru_cache(maxsize=1_024)(self._list_home)

    def _find(self, device_id: Eui64) -> DeviceFacts | None:
        """Find a Device, or nothing when the estate has none of that ID."""
        if (brought := self._brought.get(device_id)) is not None:
            return self._find_brought(device_id, brought)
        index, own = self._installed.get(device_id) or (self._homes.of(device_id.value), None)
        if index < 0:
            return None
        if own is not None and self._is_new(index):
            return self._find_founder(device_id, own, home=index)
        home = self._homes.at(index)
        if own is not None:
            device_type = DeviceType.CHF if device_id == own.device_id else DeviceType.GPF
        else:
            device_type = device_ids_of(home)[device_id.value]
        hub = own if device_type in _HUB else self._hub_of.get(index)
        gsme = int(home.gsme_id[0])
        region = self._estate.regions[int(home.region[0])]
        return DeviceFacts(
            device_id=device_id,
            device_type=device_type,
            hub_id=Eui64(int(home.device_id[0])) if hub is None else hub.device_id,
            hub_position=index,
            network=region.network,
            firmware_version=own.firmware_version if own else self._firmware_version(home, device_type),
            suppliers=self._suppliers(home, device_type),
            is_commissioned=device_id not in self._taken_out
            and (own is not None or int(home.status[0]) in _ANSWERING),
            mirrors=Eui64(gsme) if device_type is DeviceType.GPF and gsme else None,
        )

    def _list_home(self, hub_position: int) -> dict[DeviceType, Eui64]:
        """Give the Devices of a home, the hub's functions among them, by type."""
        devices: dict[DeviceType, Eui64] = {}
        if not self._is_new(hub_position):
            home = self._homes.at(hub_position)
            devices = {kind: Eui64(number) for number, kind in device_ids_of(home).items()}
        for device_id, brought in self._brought.items():
            if brought.home == hub_position and device_id not in self._taken_out:
                devices.setdefault(brought.device_type, device_id)
        if (hub := self._hub_of.get(hub_position)) is not None:
            devices |= {DeviceType.CHF: hub.device_id, DeviceType.GPF: hub.gpf_device_id}
        return devices

    def found(self, hub: InstalledHub) -> None:
        """This function will have a new hub stand in a home that nobody is in yet; its place among the hubs is the home's."""
        self._hub_of[hub.position] = hub
        self._installed |= dict.fromkeys((hub.device_id, hub.gpf_device_id), (hub.position, hub))
        self._forget()

    def take_over(self, device_id: Eui64) -> None:
        """This function will have the Devices of a home be heard through a hub that was installed there."""
        if device_id in self._installed:
            home, hub = self._installed[device_id]
            self._hub_of[home] = hub
            self._forget()

    def bring(self, device_id: Eui64, brought: BroughtIn) -> None:
        """This function will have a Device stand in a home; it has not joined its HAN."""
        self._brought[device_id] = brought
        self.part(device_id)

    def join(self, device_id: Eui64) -> None:
        """This function will have a Device that stands in a home be heard there."""
        self._taken_out.discard(device_id)
        self._forget()

    def part(self, device_id: Eui64) -> None:
        """This function will have a Device be heard no more, though it stands where it stood."""
        self._taken_out.add(device_id)
        self._forget()

    def install(self, hub: InstalledHub, *, beside: DeviceFacts, is_replacement: bool) -> None:
        """This function will have a new hub stand in a home, beside the one it has or in its place.

        Args:
            hub: the new one.
            beside: the hub that the home has.
            is_replacement: whether that one is taken out.
        """
        home = beside.hub_position
        if is_replacement:
            now = self._list_home(home)
            self._taken_out |= {now[kind] for kind in _HUB if kind in now}
            self._hub_of[home] = hub
        self._installed |= dict.fromkeys((hub.device_id, hub.gpf_device_id), (home, hub))
        self._forget()

    def _forget(self) -> None:
        self.find.cache_clear()
        self.list_home.cache_clear()

    def _is_new(self, home: int) -> bool:
        """Say whether a home is none of the estate's, but was founded by a hub that was installed later."""
        return home >= self._estate.hubs

    def _find_founder(self, device_id: Eui64, own: InstalledHub, *, home: int) -> DeviceFacts:
        is_proxy = device_id == own.gpf_device_id
        return DeviceFacts(
            device_id=device_id,
            device_type=DeviceType.GPF if is_proxy else DeviceType.CHF,
            hub_id=own.device_id,
            hub_position=home,
            network=own.network,
            firmware_version=own.firmware_version,
            suppliers=(),
            is_commissioned=device_id not in self._taken_out,
            mirrors=self._list_home(home).get(DeviceType.GSME) if is_proxy else None,
        )

    def _find_brought(self, device_id: Eui64, brought: BroughtIn) -> DeviceFacts:
        hub = self._hub_of.get(brought.home)
        if hub is None:
            first = self._homes.at(brought.home)
            hub_id = Eui64(int(first.device_id[0]))
        else:
            hub_id = hub.device_id
        return DeviceFacts(
            device_id=device_id,
            device_type=brought.device_type,
            hub_id=hub_id,
            hub_position=brought.home,
            network=brought.network,
            firmware_version=brought.firmware_version,
            suppliers=brought.suppliers,
            is_commissioned=device_id not in self._taken_out,
            mirrors=None,
        )

    def place_of(self, facts: DeviceFacts) -> int:
        """This function will give the place, among the hubs, of the one that a Device is or stands behind now."""
        now = self.find(facts.device_id) or facts
        _, hub = self._installed.get(now.hub_id, (None, None))
        return now.hub_position if hub is None else hub.position

    def gbcs_version(self, facts: DeviceFacts, *, firmware_version: str) -> str | None:
        """This function will give the GBCS version of firmware for a Device, or nothing when the estate has no such firmware."""
        kind = DeviceType.CHF if facts.is_hub else facts.device_type
        _, installed = self._installed.get(facts.device_id, (None, None))
        came = installed or self._brought.get(facts.device_id)
        if came is not None:
            named = (key for key in self._gbcs if key[:2] == (kind, came.model))
            return next((self._gbcs[key] for key in named if key[3] == firmware_version), None)
        home = self._homes.at(facts.hub_position)
        model = self._model(home, facts.device_type)
        return self._gbcs.get((kind, model.model, model.hardware_version, firmware_version))

    def _firmware_version(self, home: Block, device_type: DeviceType) -> str:
        return self._model(home, device_type).firmware_version

    def _model(self, home: Block, device_type: DeviceType) -> Model:
        column = "model" if device_type in _HUB else f"{device_type.value.lower()}_model"
        number: np.int16 = getattr(home, column)[0]
        return self._estate.models[int(number)]

    def _suppliers(self, home: Block, device_type: DeviceType) -> tuple[Eui64, ...]:
        wanted = []
        if device_type in _ELECTRICITY:
            wanted.append((int(home.import_party[0]), UserRole.IS))
        if device_type in _GAS:
            wanted.append((int(home.gas_party[0]), UserRole.GS))
        return tuple(dict.fromkeys(self._users[one] for one in wanted if one in self._users))
