"""What benches read of the scratch database."""

from dataclasses import dataclass

from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class InstructedHub:
    """A hub that waits for its network's reports."""

    network: str
    device_id: Eui64


def count_every_hub() -> int:
    """This function will count the hubs of the inventory one by one: the floor of publishing."""
    return int(sql.fetch_value("count_every_hub"))


def list_instructed_hubs() -> list[InstructedHub]:
    """This function will list the hubs handed over, by network and in the order they were handed over."""
    return sql.fetch_all("list_instructed_hubs", InstructedHub)


def count_alerts_raised() -> int:
    """This function will count the DCC Alerts raised."""
    return int(sql.fetch_value("count_alerts_raised"))


def count_miscounted_cells() -> int:
    """This function will count the cells of the roll-up by tranche that differ from a recount; 0 is expected."""
    return int(sql.fetch_value("count_miscounted_cells"))
