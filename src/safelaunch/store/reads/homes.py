"""A home: one Communications Hub and everything behind it."""

from dataclasses import dataclass
from datetime import date

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import Network
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class HomeDevice:
    """A Device of a home with what the CPL says of its Device Model, as stored codes."""

    device_id: Eui64
    device_type: str
    smi_status: str
    manufacturer: str
    model: str
    firmware_version: str
    smets_chts_version: str | None
    gbcs_version: str | None
    cpl_status: str | None
    commissioned_on: date | None
    mpxn: str | None
    region: str | None


def find_home_of_mpxn(*, mpxn: str) -> Eui64 | None:
    """This function will give the hub of the home that an MPAN or MPRN belongs to, or nothing."""
    hub: Eui64 | None = sql.fetch_value("find_home_of_mpxn", mpxn=mpxn)
    return hub


def find_network(*, hub_device_id: Eui64) -> Network | None:
    """This function will give the network that carries a home, or nothing when there is no such hub."""
    name: str | None = sql.fetch_value("find_network", hub_device_id=hub_device_id)
    return None if name is None else Network(name)


def list_home_devices(*, hub_device_id: Eui64) -> list[HomeDevice]:
    """This function will list the Devices of a home: the hub, its GPF, then the others."""
    return sql.fetch_all("list_home_devices", HomeDevice, hub_device_id=hub_device_id)
