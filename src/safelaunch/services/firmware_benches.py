"""The ground that the bench of firmware requests stands on: a Supplier, its meters, an image on the CPL; and the floor.

Everything runs in a scratch database and refuses any other (`store/scratch.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from safelaunch.domain.firmware_journeys import TargetState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.services import certificates
from safelaunch.store import scratch, transactions
from safelaunch.store.reads import firmware_benches as reads
from safelaunch.store.writes import firmware_benches as writes
from safelaunch.wire import copy_binary
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.ota_image import OtaImage

_ACTOR = Actor(name="Bench")


@dataclass(frozen=True, slots=True)
class Ground:
    """Who asks for which firmware, and the meters that may have it."""

    user_id: Eui64
    party_id: int
    device_model_id: int
    former_model_id: int
    manufacturer: str
    firmware_version: str
    meters: tuple[Eui64, ...]


def prepare(*, device_count: int) -> Ground:
    """This function will give a Supplier so many meters to upgrade, or as many as the estate has.

    Raises:
        NotScratch: the database in use is not a scratch database.
        NoBenchGround: the estate has no such Supplier, or no such firmware.
    """
    scratch.require()
    upgrade, supplier = reads.find_bench_upgrade(), reads.find_bench_supplier()
    with transactions.transaction():
        writes.create_request_floors()
        meters = writes.give_bench_meters(
            party_id=supplier.party_id, device_model_id=upgrade.former_model_id, device_count=device_count
        )
    return Ground(
        user_id=supplier.user_id,
        party_id=supplier.party_id,
        device_model_id=upgrade.device_model_id,
        former_model_id=upgrade.former_model_id,
        manufacturer=upgrade.manufacturer,
        firmware_version=upgrade.firmware_version,
        meters=tuple(meters),
    )


def vouch(*, ground: Ground, image: OtaImage, files: Sequence[bytes], at: datetime) -> None:
    """This function will list the image on the CPL and file the certificates of whoever sends it."""
    scratch.require()
    certificates.import_certificates(files=files, actor=_ACTOR, at=at)
    with transactions.transaction():
        writes.list_bench_image(
            device_model_id=ground.device_model_id, image_hash=image.manufacturer_image_hash
        )


def forget() -> None:
    """This function will forget the requests of the round before, and what the floor wrote."""
    scratch.require()
    with transactions.transaction():
        writes.forget_requests()
        writes.empty_bare_requests()


def floor_of_keeping(*, message: bytes, image: bytes, device_ids: DeviceIds) -> Callable[[], None]:
    """This function will give the floor: the same octets and rows into bare tables, in two transactions as they are."""
    numbers = device_ids.array()
    rows = copy_binary.rows(
        [
            np.ones(len(numbers), np.int64),
            numbers,
            numbers,
            b"ESME",
            TargetState.REQUESTED.value.encode(),
            np.zeros(len(numbers), np.int64),
        ],
        count=len(numbers),
    )

    def keep() -> None:
        with transactions.transaction():
            writes.copy_bare_octets(octets=[message])
        with transactions.transaction():
            writes.copy_bare_octets(octets=[image])
            writes.copy_bare_targets(rows=rows)

    return keep
