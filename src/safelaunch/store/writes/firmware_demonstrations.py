"""What a demonstration of Device firmware needs of a generated estate; no other installation has a use for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType
from safelaunch.store import sql
from safelaunch.store.arrays import Integers, Texts
from safelaunch.store.transactions import transaction_required


@dataclass(frozen=True, slots=True)
class ChosenDevice:
    """A Device that may have newer firmware: which model it comes to, and who is responsible for its home."""

    device_id: Eui64
    device_type: str
    to_model_id: int
    import_party_id: int | None
    gas_party_id: int | None
    party_id: int


@dataclass(frozen=True, slots=True)
class _HubRow:
    device_id: Eui64


@transaction_required
def choose_demonstration_devices(
    *, party_ids: list[int], counts: Mapping[DeviceType, int]
) -> list[ChosenDevice]:
    """This function will choose Devices of Parties that newer firmware is listed for, up to a number of each type."""
    return sql.fetch_all(
        "choose_demonstration_devices",
        ChosenDevice,
        party_ids=party_ids,
        device_types=Texts(counts),
        counts=Integers(counts.values()),
    )


@transaction_required
def modernise_hubs(*, share: float, firmware_version: str) -> list[Eui64]:
    """This function will have a share of all hubs run a release, and give those that did not before."""
    rows = sql.fetch_all("modernise_hubs", _HubRow, share=share, firmware_version=firmware_version)
    return [row.device_id for row in rows]
