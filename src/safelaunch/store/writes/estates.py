"""Loading a generated estate: reference rows by the ORM, fleets by binary COPY into bare tables."""

from collections.abc import Iterable
from datetime import datetime

from safelaunch.planning.estate_reference import Reference
from safelaunch.store import sql
from safelaunch.store.models import CplEntry, CspRegion, DeviceModel, Party, PartyUser, SmiLoad
from safelaunch.store.transactions import transaction_required
from safelaunch.wire import copy_binary


@transaction_required
def add_reference(*, reference: Reference, nightly_capacity: dict[int, int], at: datetime) -> None:
    """This function will add the Parties, User IDs, regions, Device Models and CPL of an estate.

    A thing numbered n in the estate has the key n + 1 here; 0 stands for none in the roll-ups. `nightly_capacity` is
    hubs per night by region number.
    """
    Party.objects.bulk_create(
        Party(party_id=party.number + 1, name=party.name, kind=party.kind) for party in reference.parties
    )
    PartyUser.objects.bulk_create(
        PartyUser(
            user_id=user.user_id, role=user.role, party_id=user.party + 1, duis_version=user.duis_version
        )
        for user in reference.users
    )
    CspRegion.objects.bulk_create(
        CspRegion(
            region_id=region.number + 1,
            code=region.region,
            name=region.name,
            network=region.network,
            nightly_capacity=nightly_capacity[region.number],
        )
        for region in reference.regions
    )
    DeviceModel.objects.bulk_create(
        DeviceModel(
            device_model_id=model.number + 1,
            device_type=model.device_type,
            manufacturer=model.manufacturer,
            model=model.model,
            hardware_version=model.hardware_version,
            firmware_version=model.firmware_version,
        )
        for model in reference.models
    )
    CplEntry.objects.bulk_create(
        CplEntry(
            device_model_id=model.number + 1,
            status=model.cpl_status,
            smets_chts_version=model.smets_chts_version,
            gbcs_version=model.gbcs_version,
            image_hash=model.image_hash,
            predecessors=list(model.predecessors),
            added_at=at,
        )
        for model in reference.models
    )
    follow_keys()


def follow_keys() -> None:
    """This function will move the sequences past the keys that were given by hand."""
    for table, column in (
        ("party", "party_id"),
        ("csp_region", "region_id"),
        ("device_model", "device_model_id"),
    ):
        sql.follow_sequence(table=table, column=column)


@transaction_required
def drop_keys() -> None:
    """This function will drop the keys of the fleet tables until the load is done; a rollback brings them back."""
    for name in (
        "drop_hub_keys",
        "drop_hub_turns",
        "drop_hub_gpfs",
        "drop_device_keys",
        "drop_device_ids",
        "drop_device_mpxns",
    ):
        sql.execute(name)


@transaction_required
def build_keys() -> None:
    """This function will build the keys of the fleet tables."""
    for name in (
        "build_hub_keys",
        "build_hub_turns",
        "build_hub_gpfs",
        "build_device_keys",
        "build_device_ids",
        "build_device_mpxns",
    ):
        sql.execute(name)


@transaction_required
def copy_hubs(*, blocks: Iterable[bytes]) -> None:
    """This function will load hubs from blocks of binary rows."""
    sql.copy_octets("copy_hubs", copy_binary.framed(blocks))


@transaction_required
def copy_devices(*, blocks: Iterable[bytes]) -> None:
    """This function will load Devices from blocks of binary rows."""
    sql.copy_octets("copy_devices", copy_binary.framed(blocks))


@transaction_required
def count_portfolio() -> int:
    """This function will count the portfolio roll-up anew from the fleet, and give the number of its cells."""
    sql.execute("empty_portfolio_counts")
    return sql.execute("count_portfolio")


@transaction_required
def analyze() -> None:
    """This function will let the planner know what was loaded."""
    sql.execute("analyze_hubs")
    sql.execute("analyze_devices")


@transaction_required
def note_load(
    *, source: str, seed: int | None, hub_count: int, device_count: int, reject_count: int = 0, at: datetime
) -> None:
    """This function will note a load of the inventory."""
    SmiLoad.objects.create(
        source=source,
        seed=seed,
        hub_count=hub_count,
        device_count=device_count,
        reject_count=reject_count,
        loaded_at=at,
    )
