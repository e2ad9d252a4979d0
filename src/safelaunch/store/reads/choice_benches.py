"""What the benches of choice and calendar read of the scratch database."""

from dataclasses import dataclass

from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class SupplierHub:
    """A hub, and the Supplier whose it is."""

    device_id: Eui64
    party_id: int


def list_hubs_of_a_supplier(*, limit: int) -> list[SupplierHub]:
    """This function will list hubs of the Supplier that has most."""
    return sql.fetch_all("list_hubs_of_a_supplier", SupplierHub, limit=limit)
