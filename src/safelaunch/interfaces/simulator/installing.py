"""Hubs that are installed in homes of a simulated network, new homes among them, and Devices that are brought there."""

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, Network
from safelaunch.interfaces.simulator.device_facts import BroughtIn, InstalledHub, Register
from safelaunch.interfaces.simulator.population import Population, Standing
from safelaunch.wire import csp


class BroughtDevice(csp.Message, frozen=True, kw_only=True):
    """A Device that was brought into the home of a hub; `suppliers` are the User IDs whose certificates it came with."""

    device_id: str
    device_type: DeviceType
    model: str
    firmware_version: str
    suppliers: list[str]
    hub_device_id: str

    def check(self) -> None:
        """This function will refuse Device IDs that are none.

        Raises:
            Invalid: one is not.
        """
        for text in (self.device_id, self.hub_device_id, *self.suppliers):
            Eui64.parse(text)


def install(
    installation: csp.Installation,
    *,
    network: Network,
    register: Register,
    population: Population,
    standing: Standing,
) -> int | None:
    """This function will have a hub stand in a home, and give the place of the one it replaces, if it does.

    One in a home that nobody is in yet is in all else like a hub that the network has already.

    Raises:
        NoRoom: too many were installed.
    """
    device_id, named = Eui64.parse(installation.device_id), installation.home_hub_device_id
    beside = None if named is None else register.find(Eui64.parse(named))
    like = population.neighbour(device_id, network=network) if beside is None else register.place_of(beside)
    hub = InstalledHub(
        device_id=device_id,
        gpf_device_id=Eui64.parse(installation.gpf_device_id),
        position=population.install(
            device_id,
            beside=like,
            model=installation.model,
            firmware_version=installation.firmware_version,
        ),
        network=network,
        model=installation.model,
        firmware_version=installation.firmware_version,
    )
    standing.begin(hub.position, version=population.number_of(hub.firmware_version))
    if beside is None:
        register.found(hub)
        return None
    register.install(hub, beside=beside, is_replacement=installation.is_replacement)
    return like if installation.is_replacement else None


def bring(devices: list[BroughtDevice], *, network: Network, register: Register) -> None:
    """This function will have Devices stand in homes of a network; those for homes of others are passed over."""
    for one in devices:
        hub = register.find(Eui64.parse(one.hub_device_id))
        if hub is not None and hub.network is network:
            brought = BroughtIn(
                home=hub.hub_position,
                network=network,
                device_type=one.device_type,
                model=one.model,
                firmware_version=one.firmware_version,
                suppliers=tuple(Eui64.parse(user_id) for user_id in one.suppliers),
            )
            register.bring(Eui64.parse(one.device_id), brought)
