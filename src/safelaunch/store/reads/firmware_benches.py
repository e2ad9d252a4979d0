"""What the bench of firmware requests reads of the scratch database."""

from dataclasses import dataclass

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.store import sql


class NoBenchGround(NotFound):
    """The estate has nobody who could ask, or nothing to ask for."""


@dataclass(frozen=True, slots=True)
class BenchUpgrade:
    """A firmware version of meters, and the model that may have it; keys of Device Models."""

    device_model_id: int
    manufacturer: str
    firmware_version: str
    former_model_id: int


@dataclass(frozen=True, slots=True)
class BenchSupplier:
    """Who asks."""

    user_id: Eui64
    party_id: int


def find_bench_upgrade() -> BenchUpgrade:
    """This function will give the first firmware of meters on the CPL that follows another.

    Raises:
        NoBenchGround: there is none.
    """
    found = sql.fetch_one("find_bench_upgrade", BenchUpgrade)
    if found is None:
        raise NoBenchGround("The CPL of this estate has no firmware that meters could be upgraded to.")
    return found


def find_bench_supplier() -> BenchSupplier:
    """This function will give the first User ID of an import Supplier.

    Raises:
        NoBenchGround: there is none.
    """
    found = sql.fetch_one("find_bench_supplier", BenchSupplier)
    if found is None:
        raise NoBenchGround("This estate has no import Supplier with a User ID.")
    return found
