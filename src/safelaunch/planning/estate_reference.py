"""The reference records of an invented estate: Parties, Users, Device Models and regions, read from its figures.

The figures are `data/gb_estate.toml`, a source beside each. Numbers count from 0 in the order of each tuple, and the
arrays of `planning/estate.py` hold these numbers. Suppliers come first, in order of size, so that a Supplier's
number is also its row in every table of shares.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import NETWORK_OF, CplStatus, DeviceType, Network, PartyKind, Region, UserRole

_ROLE_OF_FUEL = {"E": UserRole.IS, "G": UserRole.GS}


@dataclass(frozen=True, slots=True)
class Party:
    """A SEC Party."""

    number: int
    name: str
    kind: PartyKind


@dataclass(frozen=True, slots=True)
class User:
    """One role of one User ID; a User ID with several roles has several of these."""

    user_id: Eui64
    party: int
    role: UserRole
    duis_version: str


@dataclass(frozen=True, slots=True)
class Model:
    """A Device Model: an entry of the Central Products List (`domain.md` 3.4)."""

    number: int
    device_type: DeviceType
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    smets_chts_version: str
    gbcs_version: str
    image_hash: bytes
    predecessors: tuple[str, ...]
    cpl_status: CplStatus


@dataclass(frozen=True, slots=True)
class RegionShare:
    """A CSP region under its DUIS name, with its share of the hubs (0..1)."""

    number: int
    region: Region
    name: str
    network: Network
    share: float


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything of an estate that is not a hub, and the shares from which hubs are drawn."""

    parties: tuple[Party, ...]
    users: tuple[User, ...]
    models: tuple[Model, ...]
    regions: tuple[RegionShare, ...]
    dsp_id: Eui64
    target_of: tuple[int, ...]
    """For each model, the number of the hub model its release leads to; -1 for all but hubs in the field."""
    prefixes: tuple[int, ...]
    """For each model, the first three octets of its Device IDs."""
    weights: tuple[float, ...]
    """For each model of a meter or display, how common it is; 0 for hubs."""
    hub_shares: tuple[tuple[float, ...], ...]
    """For each region, the share of every model among its hubs."""
    sizes: dict[UserRole, tuple[float, ...]]
    """For IS and GS, every Supplier's share of that fuel."""
    electricity_network: dict[int, int]
    """The Party that runs each distributor id."""
    gas_network: tuple[int, ...]
    """For each region, the Party that transports its gas."""
    figures: dict[str, Any]

    def numbers_of(self, device_type: DeviceType) -> list[int]:
        """This function will list the numbers of all models of one Device type."""
        return [model.number for model in self.models if model.device_type is device_type]


def read_reference() -> Reference:
    """This function will read the reference records and shares of the GB-like estate from the package."""
    text = resources.files("safelaunch.planning").joinpath("data/gb_estate.toml").read_text("utf-8")
    figures = tomllib.loads(text)
    suppliers, networks = figures["suppliers"]["parties"], figures["networks"]["parties"]
    regions = _regions(figures)
    models, prefixes = _models(figures)
    first_network = len(suppliers)
    return Reference(
        parties=_parties(figures),
        users=tuple(_users(figures)),
        models=models,
        regions=regions,
        dsp_id=Eui64.parse(figures["others"]["dcc"]["dsp_id"]),
        target_of=_targets(figures, models),
        prefixes=prefixes,
        weights=_weights(figures, models),
        hub_shares=_hub_shares(figures, models=models, regions=regions),
        sizes=_sizes(figures),
        electricity_network={
            distributor: first_network + at
            for at, network in enumerate(networks)
            for distributor in network["distributors"]
        },
        gas_network=tuple(
            next(first_network + at for at, one in enumerate(networks) if region.network in one["gas"])
            for region in regions
        ),
        figures=figures,
    )


def _regions(figures: dict[str, Any]) -> tuple[RegionShare, ...]:
    return tuple(
        RegionShare(
            number=number,
            region=Region(row["region"]),
            name=row["name"],
            network=NETWORK_OF[Region(row["region"])],
            share=row["share"],
        )
        for number, row in enumerate(figures["regions"]["shares"])
    )


def _parties(figures: dict[str, Any]) -> tuple[Party, ...]:
    named = [(row["name"], PartyKind.SUPPLIER) for row in figures["suppliers"]["parties"]]
    named += [(row["name"], PartyKind.NETWORK_OPERATOR) for row in figures["networks"]["parties"]]
    named += [(figures["others"]["dcc"]["name"], PartyKind.DCC)]
    named += [(figures["others"]["other_user"]["name"], PartyKind.OTHER)]
    return tuple(Party(number=number, name=name, kind=kind) for number, (name, kind) in enumerate(named))


def _users(figures: dict[str, Any]) -> Iterator[User]:
    """List every role of every User ID; a Party with two User IDs has its gas role on the second."""
    prefix = figures["suppliers"]["user_id_prefix"]
    suppliers, networks = figures["suppliers"]["parties"], figures["networks"]["parties"]
    for party, row in enumerate(suppliers):
        for at, fuel in enumerate(row["fuels"]):
            made_up = f"{prefix}-{party + 1:02X}-{at if row['user_ids'] > 1 else 0:02X}-00"
            user_id = Eui64.parse(row.get("user_id", made_up))
            yield User(user_id=user_id, party=party, role=_ROLE_OF_FUEL[fuel], duis_version=row["duis"])
    for party, row in enumerate(networks, start=len(suppliers)):
        user_id = Eui64.parse(row.get("user_id", f"{prefix}-{party + 1:02X}-00-00"))
        if row["distributors"]:
            yield User(user_id=user_id, party=party, role=UserRole.ED, duis_version=row["duis"])
        if row["gas"]:
            yield User(user_id=user_id, party=party, role=UserRole.GT, duis_version=row["duis"])
    other = figures["others"]["other_user"]
    yield User(
        user_id=Eui64.parse(other["user_id"]),
        party=len(suppliers) + len(networks) + 1,
        role=UserRole.OU,
        duis_version=other["duis"],
    )


def _models(figures: dict[str, Any]) -> tuple[tuple[Model, ...], tuple[int, ...]]:
    """List every entry of the CPL, hubs first, and the first octets of its Device IDs."""
    octets = figures["manufacturers"]["prefixes"]
    models = tuple(
        _model(number, row)
        for number, row in enumerate((*_hub_entries(figures["hubs"]), *_device_entries(figures["devices"])))
    )
    return models, tuple(int(octets[model.manufacturer].replace("-", ""), 16) for model in models)


def _hub_entries(hubs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in hubs["models"]:
        base = {"type": "CHF", **{name: row[name] for name in ("manufacturer", "model", "hardware")}}
        earlier: tuple[str, ...] = ()
        for firmware in row["firmware"]:
            removed = firmware in row.get("removed", ())
            yield {**base, **hubs["field"], "firmware": firmware, "from": earlier, "removed": removed}
            earlier = (*earlier, firmware)
        yield {**base, **hubs["target"], **row["target"], "removed": False}


def _device_entries(devices: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in devices["models"]:
        newest = row["firmware"][-1]
        for at, firmware in enumerate(row["firmware"]):
            gbcs = row.get("newest_gbcs_version") if firmware == newest else None
            yield {
                **row,
                "firmware": firmware,
                "gbcs_version": gbcs or row["gbcs_version"],
                "from": tuple(row["firmware"][:at]),
                "removed": False,
            }


def _model(number: int, row: dict[str, Any]) -> Model:
    key = "|".join(row[part] for part in ("type", "manufacturer", "model", "hardware", "firmware"))
    return Model(
        number=number,
        device_type=DeviceType(row["type"]),
        manufacturer=row["manufacturer"],
        model=row["model"],
        hardware_version=row["hardware"],
        firmware_version=row["firmware"],
        smets_chts_version=row["smets_chts_version"],
        gbcs_version=row["gbcs_version"],
        # An invented estate has no images; the hash of the entry's own name stands in, the same every time.
        image_hash=hashlib.sha256(key.encode()).digest(),
        predecessors=tuple(row["from"]),
        cpl_status=CplStatus.WITHDRAWN if row["removed"] else CplStatus.ACTIVE,
    )


def _targets(figures: dict[str, Any], models: tuple[Model, ...]) -> tuple[int, ...]:
    """Lead every hub model in the field to the entry of the same hardware that runs nowhere yet."""
    targets = {
        (model.manufacturer, model.model, model.hardware_version): model.number
        for row in figures["hubs"]["models"]
        for model in models
        if (model.manufacturer, model.model) == (row["manufacturer"], row["model"])
        and model.firmware_version == row["target"]["firmware"]
    }
    return tuple(
        -1 if target == model.number else target
        for model in models
        for target in [targets.get((model.manufacturer, model.model, model.hardware_version), -1)]
    )


def _weights(figures: dict[str, Any], models: tuple[Model, ...]) -> tuple[float, ...]:
    """Weigh meters and displays: the n-th model of its type 1/n, and each newer firmware twice the one before."""
    weights = [0.0 for model in models if model.device_type is DeviceType.CHF]
    ranks: dict[str, int] = {}
    for row in figures["devices"]["models"]:
        ranks[row["type"]] = rank = ranks.get(row["type"], 0) + 1
        versions = len(row["firmware"])
        weights += [(1 << at) / ((1 << versions) - 1) / rank for at in range(versions)]
    return tuple(weights)


def _hub_shares(
    figures: dict[str, Any], *, models: tuple[Model, ...], regions: tuple[RegionShare, ...]
) -> tuple[tuple[float, ...], ...]:
    rows = {(row["manufacturer"], row["model"]): row for row in figures["hubs"]["models"]}

    def share(region: Region, model: Model) -> float:
        row = rows.get((model.manufacturer, model.model))
        if row is None:
            return 0.0
        return float(row["regions"].get(region, 0.0) * row["firmware"].get(model.firmware_version, 0.0))

    return tuple(tuple(share(region.region, model) for model in models) for region in regions)


def _sizes(figures: dict[str, Any]) -> dict[UserRole, tuple[float, ...]]:
    """Size the Suppliers by Zipf's law, the large and the small ones each within their common share."""
    suppliers = figures["suppliers"]
    large = suppliers["large"]
    zipf = [(rank + 1) ** -suppliers["zipf"] for rank in range(len(suppliers["parties"]))]
    within = (
        suppliers["large_share"] / sum(zipf[:large]),
        (1 - suppliers["large_share"]) / sum(zipf[large:]),
    )
    sizes = [weight * within[rank >= large] for rank, weight in enumerate(zipf)]
    return {
        role: tuple(
            size if fuel in row["fuels"] else 0.0
            for size, row in zip(sizes, suppliers["parties"], strict=True)
        )
        for fuel, role in _ROLE_OF_FUEL.items()
    }
