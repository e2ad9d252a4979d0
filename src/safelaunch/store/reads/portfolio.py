"""How many hubs a viewer has, by model, version, region and status: read from the roll-up, whatever the fleet's size."""

from dataclasses import dataclass

from safelaunch.store import sql


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """Hubs that share a Device Model, region and status."""

    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    region: str
    smi_status: str
    hub_count: int


@dataclass(frozen=True, slots=True)
class Supplier:
    """A Supplier to choose from."""

    party_id: int
    name: str


@dataclass(frozen=True, slots=True)
class _Region:
    name: str


def list_portfolio_rows(
    *, party_id: int | None, region: str | None = None, smi_status: str | None = None
) -> list[PortfolioRow]:
    """This function will list a viewer's hubs, all of them or those of a region or status."""
    return sql.fetch_all(
        "list_portfolio_rows", PortfolioRow, party_id=party_id, region=region, smi_status=smi_status
    )


def list_portfolio_suppliers() -> list[Supplier]:
    """This function will list Suppliers by name."""
    return sql.fetch_all("list_portfolio_suppliers", Supplier)


def list_portfolio_regions() -> list[str]:
    """This function will list the names of regions."""
    return [region.name for region in sql.fetch_all("list_portfolio_regions", _Region)]
