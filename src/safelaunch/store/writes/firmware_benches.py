"""The ground and the floors of the bench of firmware requests; only ever in a scratch database."""

from collections.abc import Sequence
from dataclasses import dataclass

from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.transactions import transaction_required
from safelaunch.wire import copy_binary


@dataclass(frozen=True, slots=True)
class _Meter:
    device_id: Eui64


@transaction_required
def list_bench_image(*, device_model_id: int, image_hash: bytes) -> None:
    """This function will list an image on the CPL for a Device Model."""
    sql.execute("list_bench_image", device_model_id=device_model_id, image_hash=image_hash)


@transaction_required
def give_bench_meters(*, party_id: int, device_model_id: int, device_count: int) -> list[Eui64]:
    """This function will give a Supplier as many meters of one model, all over the country, and name them."""
    meters = sql.fetch_all(
        "give_bench_meters",
        _Meter,
        party_id=party_id,
        device_model_id=device_model_id,
        device_count=device_count,
    )
    return [meter.device_id for meter in meters]


@transaction_required
def forget_requests() -> None:
    """This function will forget every request and whatever came of it."""
    sql.execute("forget_requests")


@transaction_required
def create_request_floors() -> None:
    """This function will make the bare tables that the floor is written to."""
    for name in ("create_bare_octets", "create_bare_targets"):
        sql.execute(name)


@transaction_required
def copy_bare_octets(*, octets: Sequence[bytes]) -> None:
    """This function will copy a message and its image into a bare table, a row each."""
    rows = (block for one in octets for block in copy_binary.row([one]))
    sql.copy_octets("copy_bare_octets", copy_binary.framed(rows))


@transaction_required
def copy_bare_targets(*, rows: bytes) -> None:
    """This function will copy the Devices of a request, already in COPY's binary form, into a bare table."""
    sql.copy_octets("copy_bare_targets", copy_binary.framed([rows]))


@transaction_required
def empty_bare_requests() -> None:
    """This function will make room for the next round."""
    sql.execute("empty_bare_requests")
