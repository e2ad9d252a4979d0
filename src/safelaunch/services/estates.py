"""Generating the inventory: a GB-like estate of any size, loaded whole or not at all (`design.md` 7)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np

from safelaunch.domain.refusals import Conflict
from safelaunch.planning import estate
from safelaunch.planning.estate import Block, Estate
from safelaunch.store import transactions
from safelaunch.store.reads import inventory as reads
from safelaunch.store.writes import estates as writes
from safelaunch.wire import copy_binary

BLOCK = 50_000
"""Hubs made and sent at a time."""

NIGHTS_OF_MASS_ROLL_OUT = 10
"""A demonstration estate is carried in about this many full nights; `domain.md` 12.1 has real rates."""


class InventoryNotEmpty(Conflict):
    """An estate is only generated into an empty inventory."""


def generate(*, hubs: int, seed: int, at: datetime) -> Iterator[int]:
    """This function will load a generated estate, yielding the number of hubs loaded so far.

    Everything happens in one transaction: whoever stops half-way leaves the inventory empty.

    Raises:
        Invalid: the number of hubs or the seed is out of range.
        InventoryNotEmpty: hubs or Parties are there already.
    """
    described = estate.describe(hubs=hubs, seed=seed)
    with transactions.transaction():
        if not reads.is_inventory_empty():
            raise InventoryNotEmpty(
                "The inventory holds hubs or Parties already. Generate into an empty database: choose another "
                "SAFELAUNCH_DATA, or import the difference with safelaunch smi import."
            )
        writes.add_reference(
            reference=described.reference,
            nightly_capacity={
                region.number: max(1, round(hubs * region.share / NIGHTS_OF_MASS_ROLL_OUT))
                for region in described.regions
            },
            at=at,
        )
        writes.drop_keys()
        devices = 0
        for block in described.blocks(size=BLOCK):
            writes.copy_hubs(blocks=_hub_rows(block))
            device_blocks = list(_device_rows(block))
            writes.copy_devices(blocks=(octets for octets, _ in device_blocks))
            devices += sum(count for _, count in device_blocks)
            yield block.start + len(block)
        writes.build_keys()
        writes.analyze()
        writes.count_portfolio()
        writes.note_load(source="generated", seed=seed, hub_count=hubs, device_count=devices, at=at)


def _hub_rows(block: Block) -> Iterator[bytes]:
    """Rows of equal shape go together: by status, and by whether there is a date and a gas Supplier."""
    dated = ~np.isnat(block.commissioned_day)
    has_gas = block.gas_party >= 0
    for status in np.unique(block.status):
        for is_dated in (True, False):
            for with_gas in (True, False):
                at = np.flatnonzero((block.status == status) & (dated == is_dated) & (has_gas == with_gas))
                if len(at):
                    yield copy_binary.rows(
                        [
                            block.device_id[at],
                            block.gpf_device_id[at],
                            block.lot[at].astype(np.int32),
                            block.model[at].astype(np.int32) + 1,
                            block.commissioned_day[at] if is_dated else None,
                            block.region[at] + np.int16(1),
                            block.import_party[at] + np.int16(1),
                            block.gas_party[at] + np.int16(1) if with_gas else None,
                            estate.STATUSES[status].value.encode(),
                        ],
                        count=len(at),
                    )


_KINDS = ("ESME", "GSME", "PPMID", "HCALCS")


def _device_rows(block: Block) -> Iterator[tuple[bytes, int]]:
    dated = ~np.isnat(block.commissioned_day)
    for kind in _KINDS:
        model = getattr(block, f"{kind.lower()}_model")
        for status in np.unique(block.status):
            for is_dated in (True, False):
                at = np.flatnonzero((model >= 0) & (block.status == status) & (dated == is_dated))
                if len(at):
                    columns = _device_columns(block, kind=kind, model=model, at=at, is_dated=is_dated)
                    columns.insert(7, estate.STATUSES[status].value.encode())
                    yield copy_binary.rows(columns, count=len(at)), len(at)


def _device_columns(
    block: Block, *, kind: str, model: Any, at: Any, is_dated: bool
) -> list[copy_binary.Column]:
    """A gas meter follows the gas Supplier and network, everything else those of electricity (`domain.md` 2.3)."""
    is_gas = kind == "GSME"
    mpxn: copy_binary.Column = None
    if kind == "ESME":
        mpxn = copy_binary.digits(block.mpan[at], width=13)
    elif is_gas:
        mpxn = copy_binary.digits(block.mprn[at], width=10)
    return [
        block.device_id[at],
        getattr(block, f"{kind.lower()}_id")[at],
        model[at].astype(np.int32) + 1,
        block.commissioned_day[at] if is_dated else None,
        (block.gas_party if is_gas else block.import_party)[at] + np.int16(1),
        (block.gas_network_party if is_gas else block.network_party)[at] + np.int16(1),
        kind.encode(),
        mpxn,
    ]


def eligible_version(described: Estate) -> str:
    """This function will give the firmware version that the estate's hub models can be upgraded to."""
    target = next(number for number in described.target_of if number >= 0)
    return described.models[target].firmware_version
