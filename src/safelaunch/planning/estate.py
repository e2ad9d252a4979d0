"""A GB-like estate of any size, made on demand: who holds which hub, meters and displays, and where.

Nothing is stored. A hub's facts are drawn from (seed, index), so a block of hubs is the same whoever asks, in
whatever order and sizes; and its Device ID leads back to its index. The shares are those of
`data/gb_estate.toml`. The last hub of every estate is the one of the RTDS test estate, with its published Device
IDs, supplied by the first two Suppliers (`domain.md` 3.5), so that outside tools find a home they know.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType, SmiStatus
from safelaunch.planning import draws, identities
from safelaunch.planning.estate_reference import Model, Party, Reference, RegionShare, User, read_reference
from safelaunch.planning.estate_tables import REACH_CLASSES, STATUSES, Tables, lay_out
from safelaunch.planning.identities import Kind

__all__ = ["REACH_CLASSES", "STATUSES", "Block", "Estate", "Outline", "describe", "device_ids_of"]

_PIECE = 1 << 15
"""Blocks are made in pieces that fit a processor's cache; it changes their speed, never their content."""

_COMMISSIONED = np.int8(STATUSES.index(SmiStatus.COMMISSIONED))
_SUSPENDED = np.int8(STATUSES.index(SmiStatus.SUSPENDED))
_NOT_YET = tuple(
    STATUSES.index(SmiStatus(one)) for one in ("PENDING", "WHITELISTED", "INSTALLED_NOT_COMMISSIONED")
)


@dataclass(frozen=True, slots=True)
class Block:
    """The hubs `start` to `stop` - 1, one array element each; numbers count in the estate's reference tuples.

    Absent things are -1 as a number and 0 as an identifier. Meters and displays share their hub's status and date.
    """

    start: int
    device_id: NDArray[np.uint64]
    gpf_device_id: NDArray[np.uint64]
    lot: NDArray[np.int64]
    region: NDArray[np.int16]
    model: NDArray[np.int16]
    status: NDArray[np.int8]
    import_party: NDArray[np.int16]
    gas_party: NDArray[np.int16]
    network_party: NDArray[np.int16]
    gas_network_party: NDArray[np.int16]
    esme_model: NDArray[np.int16]
    gsme_model: NDArray[np.int16]
    ppmid_model: NDArray[np.int16]
    hcalcs_model: NDArray[np.int16]
    esme_id: NDArray[np.uint64]
    gsme_id: NDArray[np.uint64]
    ppmid_id: NDArray[np.uint64]
    hcalcs_id: NDArray[np.uint64]
    mpan: NDArray[np.int64]
    mprn: NDArray[np.int64]
    prepay: NDArray[np.bool_]
    reach: NDArray[np.int8]
    commissioned_day: NDArray[np.datetime64]

    def __len__(self) -> int:
        return len(self.device_id)


@dataclass(frozen=True, slots=True)
class Outline:
    """As much of a block as a fleet is made of: no identities but the lots, and made in half the time."""

    start: int
    lot: NDArray[np.int64]
    region: NDArray[np.int16]
    model: NDArray[np.int16]
    status: NDArray[np.int8]
    esme_model: NDArray[np.int16]
    gsme_model: NDArray[np.int16]
    ppmid_model: NDArray[np.int16]
    prepay: NDArray[np.bool_]
    reach: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.lot)


_ARRAYS = tuple(field.name for field in fields(Block) if field.name != "start")
_OUTLINED = tuple(field.name for field in fields(Outline) if field.name != "start")


@dataclass(frozen=True, slots=True)
class Estate:
    """An estate of `hubs` hubs: its reference records, and its hubs a block at a time."""

    hubs: int
    seed: int
    reference: Reference
    _tables: Tables
    _key: identities.Key
    _streams: tuple[int, ...]

    @property
    def parties(self) -> tuple[Party, ...]:
        """This function will give the Parties; a Party's number is its place."""
        return self.reference.parties

    @property
    def users(self) -> tuple[User, ...]:
        """This function will give the roles of every User ID."""
        return self.reference.users

    @property
    def models(self) -> tuple[Model, ...]:
        """This function will give the Device Models; a model's number is its place."""
        return self.reference.models

    @property
    def regions(self) -> tuple[RegionShare, ...]:
        """This function will give the CSP regions; a region's number is its place."""
        return self.reference.regions

    @property
    def dsp_id(self) -> Eui64:
        """This function will give the DSP's own identifier, to which Non-Device requests are addressed."""
        return self.reference.dsp_id

    @property
    def target_of(self) -> tuple[int, ...]:
        """This function will give, for each model, the number of the hub model its release leads to, or -1."""
        return self.reference.target_of

    def block(self, start: int, stop: int) -> Block:
        """This function will make the hubs `start` to `stop` - 1.

        Raises:
            Invalid: the bounds do not lie within the estate.
        """
        if not 0 <= start <= stop <= self.hubs:
            raise Invalid(
                f"Hubs {start:,} to {stop:,} were asked for; this estate's bounds lie between 0 and {self.hubs:,}."
            )
        return Block(start=start, **self._columns(start, stop, _ARRAYS, self._compose))

    def outline(self, start: int, stop: int) -> Outline:
        """This function will make what a fleet needs to know of the hubs `start` to `stop` - 1."""
        return Outline(start=start, **self._columns(start, stop, _OUTLINED, self._outlined))

    def _columns(
        self,
        start: int,
        stop: int,
        names: tuple[str, ...],
        compose: Callable[[NDArray[np.int64]], dict[str, NDArray[Any]]],
    ) -> dict[str, NDArray[Any]]:
        columns = {name: np.empty(stop - start, _DTYPES[name]) for name in names}
        for begin in range(start, stop, _PIECE):
            indexes = np.arange(begin, min(begin + _PIECE, stop), dtype=np.int64)
            composed = compose(indexes)
            for name in names:
                columns[name][begin - start : begin - start + len(indexes)] = composed[name]
        if stop == self.hubs and stop > start:
            last = self._rtds_hub()
            for name in names:
                columns[name][-1] = last[name]
        return columns

    def blocks(self, *, size: int = 100_000) -> Iterator[Block]:
        """This function will make the whole estate in order, at most `size` hubs at a time."""
        for start in range(0, self.hubs, size):
            yield self.block(start, min(start + size, self.hubs))

    def index_of(self, device_ids: NDArray[np.uint64]) -> NDArray[np.int64]:
        """This function will find the index of every hub (CHF) Device ID; -1 is not a hub of this estate."""
        found = identities.indexes_in(device_ids, key=self._key)
        # The last hub has its published Device ID, so the one arithmetic would give it belongs to nobody.
        possible = (device_ids & np.uint64(7) == np.uint64(Kind.CHF)) & (found < self.hubs - 1)
        at = np.flatnonzero(possible)
        _, hub, _ = self._placed(found[at])
        theirs = device_ids[at] >> np.uint64(40) == self._tables.prefixes.take(hub)
        indexes = np.full(len(device_ids), -1, np.int64)
        indexes[at[theirs]] = found[at[theirs]]
        indexes[device_ids == np.uint64(_rtds_id(self.reference, Kind.CHF))] = self.hubs - 1
        return indexes

    def possible_homes(self, device_id: int) -> list[int]:
        """This function will give the indexes of the only hubs that a Device may be, or stand behind (`planning/homes.py`)."""
        found = int(identities.indexes_in(np.array([device_id], np.uint64), key=self._key)[0])
        return [index for index in dict.fromkeys((found, self.hubs - 1)) if 0 <= index < self.hubs]

    def _placed(
        self, indexes: NDArray[np.int64]
    ) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.uint16]]:
        """Draw region and hub model, and hand on the stream's other two words."""
        word = draws.words(indexes, key=self._streams[0])
        region = self._tables.region.pick(word[0])
        return region, self._tables.hub.pick(word[1], row=region), word[2:]

    def _outlined(self, indexes: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Compose what does not depend on identities, and the lot."""
        tables = self._tables
        second, third = (draws.words(indexes, key=key) for key in self._streams[1:3])
        region, hub, supply = self._placed(indexes)
        import_party = tables.import_party.pick(supply[0])
        gas_party = tables.gas_party.pick(supply[1], row=import_party)
        scrambled = identities.scramble(indexes, key=self._key)
        hub_id = identities.device_ids(scrambled, prefixes=tables.prefixes.take(hub), kind=Kind.CHF)
        return {
            "lot": draws.lots_of(hub_id),
            "region": region,
            **self._premises(second, third, (hub, import_party, gas_party), region),
        }

    def _premises(
        self,
        second: NDArray[np.uint16],
        third: NDArray[np.uint16],
        held: tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]],
        region: NDArray[np.int16],
    ) -> dict[str, NDArray[Any]]:
        """Draw status, models, prepayment and reach; `held` is the hub's model, its import and its gas Party."""
        tables, (hub, import_party, gas_party) = self._tables, held
        status = tables.status.pick(second[0]).astype(np.int8)
        status[tables.removed.take(hub) & (status == _COMMISSIONED)] = _SUSPENDED
        gas_row = np.maximum(gas_party, 0)
        return {
            "model": hub,
            "status": status,
            "esme_model": tables.esme.pick(second[2], row=import_party),
            "gsme_model": np.where(gas_party >= 0, tables.gsme.pick(second[3], row=gas_row), -1),
            "ppmid_model": tables.ppmid.pick(third[0], row=import_party),
            "prepay": draws.is_below(third[2], share=self.reference.figures["premises"]["prepay"]),
            "reach": tables.reach.pick(third[3], row=region),
        }

    def _compose(self, indexes: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        tables = self._tables
        second, third, fourth = (draws.words(indexes, key=key) for key in self._streams[1:])
        region, hub, supply = self._placed(indexes)
        import_party = tables.import_party.pick(supply[0])
        gas_party = tables.gas_party.pick(supply[1], row=import_party)
        has_gas = gas_party >= 0
        distributor = tables.distributor.pick(second[1], row=region)
        premises = self._premises(second, third, (hub, import_party, gas_party), region)
        day = tables.day.pick(fourth[0], row=region).astype("datetime64[D]")
        day[np.isin(premises["status"], _NOT_YET)] = np.datetime64("NaT")
        models = {name: premises[name] for name in ("model", "esme_model", "gsme_model", "ppmid_model")}
        models["hcalcs_model"] = tables.hcalcs.pick(third[1])
        return {
            **premises,
            **models,
            **self._identified(indexes, models),
            "region": region,
            "import_party": import_party,
            "gas_party": gas_party,
            "network_party": tables.network.take(distributor),
            "gas_network_party": np.where(has_gas, tables.gas_network.take(region), -1),
            "mpan": identities.mpans(indexes, distributors=distributor, key=self._key),
            "mprn": np.where(has_gas, identities.mprns(indexes, key=self._key), 0),
            "commissioned_day": day,
        }

    def _identified(
        self, indexes: NDArray[np.int64], models: dict[str, NDArray[np.int16]]
    ) -> dict[str, NDArray[Any]]:
        """Give every Device its ID, and the hub its lot; an absent Device's ID is 0."""
        scrambled = identities.scramble(indexes, key=self._key)

        def ids(kind: Kind, model: NDArray[np.int16]) -> NDArray[np.uint64]:
            prefixes = self._tables.prefixes.take(model)
            return identities.device_ids(scrambled, prefixes=prefixes, kind=kind)

        hub = ids(Kind.CHF, models["model"])
        found = {"device_id": hub, "gpf_device_id": hub ^ np.uint64(Kind.CHF ^ Kind.GPF)}
        found["esme_id"] = ids(Kind.ESME, models["esme_model"])
        for kind in (Kind.GSME, Kind.PPMID, Kind.HCALCS):
            model = models[f"{kind.name.lower()}_model"]
            found[f"{kind.name.lower()}_id"] = ids(kind, model) * (model >= 0)
        return {**found, "lot": draws.lots_of(hub)}

    def _rtds_hub(self) -> dict[str, Any]:
        """Give the facts of the last hub: the RTDS premises, on the commonest hub of its region."""
        figures, reference = self.reference.figures["rtds"], self.reference
        region = next(one.number for one in reference.regions if one.region == figures["region"])
        shares = reference.hub_shares[region]
        distributor = np.array([figures["distributor"]])
        last = np.array([self.hubs - 1])
        hub_id = np.array([_rtds_id(reference, Kind.CHF)], np.uint64)
        return {
            **{
                f"{kind.name.lower()}_id": _rtds_id(reference, kind)
                for kind in Kind
                if kind.name in _PREMISES
            },
            **{f"{name.lower()}_model": reference.numbers_of(name)[0] for name in _PREMISES},
            "device_id": hub_id[0],
            "gpf_device_id": _rtds_id(reference, Kind.GPF),
            "lot": draws.lots_of(hub_id)[0],
            "region": region,
            "model": shares.index(max(shares)),
            "status": _COMMISSIONED,
            "import_party": 0,
            "gas_party": 1,
            "network_party": reference.electricity_network[figures["distributor"]],
            "gas_network_party": reference.gas_network[region],
            "mpan": identities.mpans(last, distributors=distributor, key=self._key)[0],
            "mprn": identities.mprns(last, key=self._key)[0],
            "prepay": False,
            "reach": 0,
            "commissioned_day": np.datetime64(figures["commissioned_on"]),
        }


_PREMISES = (DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID, DeviceType.HCALCS)

_DTYPES: dict[str, Any] = {
    **dict.fromkeys(_ARRAYS, np.int16),
    **dict.fromkeys((name for name in _ARRAYS if name.endswith("_id")), np.uint64),
    **dict.fromkeys(("lot", "mpan", "mprn"), np.int64),
    **dict.fromkeys(("status", "reach"), np.int8),
    "prepay": np.bool_,
    "commissioned_day": "datetime64[D]",
}


def device_ids_of(home: Block) -> dict[int, DeviceType]:
    """This function will give the Device IDs of one hub, of its gas proxy and of what stands behind it, with their types."""
    columns = {DeviceType.CHF: home.device_id, DeviceType.GPF: home.gpf_device_id}
    columns |= {kind: getattr(home, f"{kind.value.lower()}_id") for kind in _PREMISES}
    return {int(ids[0]): kind for kind, ids in columns.items() if ids[0]}


def describe(*, hubs: int, seed: int) -> Estate:
    """This function will describe an estate: reference records and shares, no hubs yet (`design.md` 7).

    Args:
        hubs: how many hubs, 1 to 2**30; the last is the one of the RTDS premises.
        seed: which of the possible estates; the same seed and size are the same estate, on every machine.

    Raises:
        Invalid: the number of hubs or the seed is out of bounds.
    """
    if not 1 <= hubs <= identities.MAX_HUBS:
        raise Invalid(f"An estate of {hubs:,} hubs was asked for; 1 to {identities.MAX_HUBS:,} can be made.")
    if not 0 <= seed < 1 << 64:
        raise Invalid(f"The seed {seed} was given; a seed is a whole number from 0 to 2**64 - 1.")
    reference = read_reference()
    return Estate(
        hubs=hubs,
        seed=seed,
        reference=reference,
        _tables=lay_out(reference, seed=seed),
        _key=identities.key_of(seed),
        _streams=tuple(draws.stream_key(seed=seed, stream=stream) for stream in range(4)),
    )


def _rtds_id(reference: Reference, kind: Kind) -> int:
    return Eui64.parse(reference.figures["rtds"][kind.name]).value
