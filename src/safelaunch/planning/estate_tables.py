"""The shares of an invented estate, laid out as tables from which its hubs' facts are picked.

Regions decide the hub model, the distributor, how readily a hub answers and when it was commissioned; the import
Supplier decides the gas Supplier; each Supplier has its own mix of meters and displays, which differs by seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus, UserRole
from safelaunch.planning import draws
from safelaunch.planning.estate_reference import Reference

STATUSES: tuple[SmiStatus, ...] = tuple(SmiStatus)
"""What `Tables.status` and `Block.status` count in."""

REACH_CLASSES = ("good", "fair", "poor")
"""What `Tables.reach` and `Block.reach` count in: how readily a hub answers."""

_MIX_BITS = 12
_SUPPLY_BITS = 14


@dataclass(frozen=True, slots=True)
class Tables:
    """The estate's shares, laid out for picking; outcomes are numbers in the reference's tuples, -1 is none."""

    region: draws.Table
    import_party: draws.Table
    gas_party: draws.Table
    hub: draws.Table
    status: draws.Table
    distributor: draws.Table
    esme: draws.Table
    gsme: draws.Table
    ppmid: draws.Table
    hcalcs: draws.Table
    reach: draws.Table
    day: draws.Table
    prefixes: NDArray[np.uint64]
    removed: NDArray[np.bool_]
    network: NDArray[np.int16]
    gas_network: NDArray[np.int16]


def lay_out(reference: Reference, *, seed: int) -> Tables:
    """This function will lay out the tables of an estate with this seed."""
    figures, models, regions = reference.figures, reference.models, reference.regions
    distributors = sorted(reference.electricity_network)
    network = np.zeros(max(distributors) + 1, np.int16)
    network[distributors] = [reference.electricity_network[distributor] for distributor in distributors]
    premises = figures["premises"]
    mix = _supplier_mixes(reference, seed=seed)
    hcalcs = reference.numbers_of(DeviceType.HCALCS)
    return Tables(
        region=draws.table(range(len(regions)), [[region.share for region in regions]]),
        import_party=draws.table(range(len(reference.sizes[UserRole.IS])), [reference.sizes[UserRole.IS]]),
        gas_party=_gas_parties(reference),
        hub=draws.table(range(len(models)), reference.hub_shares, bits=_MIX_BITS),
        status=draws.table(range(len(STATUSES)), [[figures["statuses"].get(one, 0) for one in STATUSES]]),
        distributor=draws.table(
            distributors,
            [
                [figures["distributors"][one.network].get(str(at), 0) for at in distributors]
                for one in regions
            ],
            bits=_MIX_BITS,
        ),
        esme=mix(DeviceType.ESME, 0),
        gsme=mix(DeviceType.GSME, 0),
        ppmid=mix(DeviceType.PPMID, premises["no_ppmid"]),
        hcalcs=draws.table(
            [-1, *hcalcs],
            [
                [
                    1 - premises["hcalcs"],
                    *_scaled([reference.weights[at] for at in hcalcs], premises["hcalcs"]),
                ]
            ],
        ),
        reach=draws.table(
            range(len(REACH_CLASSES)), [figures["reach"][one.network] for one in regions], bits=_MIX_BITS
        ),
        day=_days(reference),
        prefixes=np.array(reference.prefixes, np.uint64),
        removed=np.array([model.cpl_status is not CplStatus.ACTIVE for model in models]),
        network=network,
        gas_network=np.array(reference.gas_network, np.int16),
    )


def _scaled(weights: Sequence[float], total: float) -> list[float]:
    return [weight * total / sum(weights) for weight in weights]


def _supplier_mixes(reference: Reference, *, seed: int) -> Callable[[DeviceType, float], draws.Table]:
    """Give each Supplier its own mix of meters and displays: common models, but not the same ones everywhere."""
    suppliers = len(reference.sizes[UserRole.IS])
    key = draws.stream_key(seed=seed, stream=1000)
    chances = draws.words(np.arange(suppliers * len(reference.models)), key=key)[0].reshape(suppliers, -1)
    liking = chances / (1 << draws.WORD_BITS)
    # The cube leaves most models rare with a Supplier and a few dominant; products are exact on every machine.
    weights = np.array(reference.weights) * (0.02 + liking * liking * liking)

    def mix(device_type: DeviceType, none: float) -> draws.Table:
        numbers = reference.numbers_of(device_type)
        rows = [[none, *_scaled(row.tolist(), 1 - none)] for row in weights[:, numbers]]
        return draws.table([-1, *numbers], rows, bits=_MIX_BITS)

    return mix


def _gas_parties(reference: Reference) -> draws.Table:
    """Lay out the gas Supplier for each import Supplier: none, mostly the same, else another by size.

    Customers of electricity-only Suppliers always have two; the others fill up to the share of two Suppliers.
    """
    premises = reference.figures["premises"]
    imports, gas = reference.sizes[UserRole.IS], reference.sizes[UserRole.GS]
    only = sum(size for size, other in zip(imports, gas, strict=True) if not other) / sum(imports)
    another = (premises["two_suppliers"] - only) / (1 - only)
    rows = []
    for party, size in enumerate(gas):
        here = 1 - another if size else 0.0
        row = _scaled([0.0 if other == party else share for other, share in enumerate(gas)], 1 - here)
        row[party] = here
        rows.append([premises["no_gas"], *_scaled(row, 1 - premises["no_gas"])])
    return draws.table([-1, *range(len(gas))], rows, bits=_SUPPLY_BITS)


def _days(reference: Reference) -> draws.Table:
    """Lay out commissioning days, as days since 1970, evenly within each year."""
    figures = reference.figures["commissioning"]
    years = sorted(int(year) for year in figures["years"])
    first, last = np.datetime64(f"{years[0]}-01-01"), np.datetime64(f"{years[-1]}-12-31")
    days = np.arange(first, last + 1)
    year_of = days.astype("datetime64[Y]").astype(int) + 1970
    rows = []
    for region in reference.regions:
        shares = figures["years_4g" if region.region.endswith("4G") else "years"]
        rows.append([shares.get(str(year), 0) / (365 + (year % 4 == 0)) for year in year_of.tolist()])
    return draws.table(days.astype(int).tolist(), rows, bits=_SUPPLY_BITS)
