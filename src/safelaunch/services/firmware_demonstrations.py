"""A demonstration of Device firmware: who updates what, images that the CPL lists, hubs that a campaign has upgraded.

Everything here only lays the ground, on an estate that was generated; what is demonstrated goes its ordinary way.
"""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from safelaunch.domain.calendar import london_date
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor
from safelaunch.domain.smi import CplStatus, DeviceType, UserRole
from safelaunch.services import cpl_changes
from safelaunch.services.cpl import Change
from safelaunch.store import transactions
from safelaunch.store.reads import cpl as cpl_reads
from safelaunch.store.reads import firmware as firmware_reads
from safelaunch.store.reads.cpl import CplFacts
from safelaunch.store.writes import estates
from safelaunch.store.writes import firmware_demonstrations as writes
from safelaunch.store.writes.firmware_demonstrations import ChosenDevice
from safelaunch.wire import ota_image
from safelaunch.wire.cpl_file import CplRow
from safelaunch.wire.ota_image import HardwareVersions, OtaHeader, OtaImage

SHARES: Mapping[DeviceType, float] = {
    DeviceType.ESME: 0.44,
    DeviceType.GSME: 0.36,
    DeviceType.PPMID: 0.19,
    DeviceType.HCALCS: 0.01,
}
"""The mix of a demonstration's Devices; load controllers are rare."""

IMAGE_OCTETS = 65_536
_ROLE_OF = {DeviceType.GSME: UserRole.GS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One request of a demonstration: one Supplier, one image, its Devices."""

    user_id: Eui64
    party_id: int
    device_type: DeviceType
    entry: CplFacts
    devices: tuple[ChosenDevice, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a demonstration updates, and the User IDs of its Suppliers by Party and User Role."""

    updates: tuple[Update, ...]
    users: Mapping[tuple[int, UserRole], Eui64]


def plan(*, party_ids: Sequence[int], devices: int) -> Plan:
    """This function will choose Devices of Suppliers, as many of each type as the mix has, and group them into requests."""
    counts = {kind: max(1, round(share * devices)) for kind, share in SHARES.items()}
    with transactions.transaction():
        chosen = writes.choose_demonstration_devices(party_ids=list(party_ids), counts=counts)
    users = {
        (user.party_id, UserRole(user.role)): user.user_id
        for user in reversed(firmware_reads.list_supplier_users(party_ids=party_ids))
    }
    entries = {entry.device_model_id: entry for entry in cpl_reads.list_cpl_entries()}
    groups: dict[tuple[int, int], list[ChosenDevice]] = defaultdict(list)
    for one in chosen:
        groups[one.party_id, one.to_model_id].append(one)
    updates = []
    for (party_id, model_id), members in groups.items():
        kind = DeviceType(members[0].device_type)
        updates.append(
            Update(
                user_id=users[party_id, _ROLE_OF.get(kind, UserRole.IS)],
                party_id=party_id,
                device_type=kind,
                entry=entries[model_id],
                devices=tuple(members),
            )
        )
    return Plan(tuple(updates), users)


def image_of(update: Update, /, *, key: EllipticCurvePrivateKey) -> OtaImage:
    """This function will make the image of an update; one for meters and load controllers is signed by its Supplier."""
    entry = update.entry
    software = random.Random(entry.device_model_id).randbytes(IMAGE_OCTETS)
    hardware = int(entry.hardware_version or "1", 16)
    return OtaImage(
        header=OtaHeader(
            manufacturer_code=int(entry.manufacturer, 16),
            image_type=0,
            file_version=int(entry.firmware_version, 16),
            stack_version=2,
            header_string=f"Demonstration {entry.device_type}".encode().ljust(32, b"\0"),
            hardware_versions=HardwareVersions(lowest=hardware, highest=hardware),
        ),
        manufacturer_image=software,
        trailer=None if update.device_type is DeviceType.PPMID else ota_image.sign(software, key=key),
    )


def list_images(
    *,
    images: Mapping[int, OtaImage],
    entries: Sequence[CplFacts],
    proposer: Actor,
    approver: Actor,
    at: datetime,
) -> None:
    """This function will have the CPL list the hashes of images, proposed by one person and approved by another.

    Args:
        images: by the number of the Device Model that each brings.
        entries: of those Device Models.
        proposer: who proposes.
        approver: who approves.
        at: when.
    """
    rows = tuple(
        replace(
            _row(entry, line=line), image_hash=images[entry.device_model_id].manufacturer_image_hash.hex()
        )
        for line, entry in enumerate(entries, start=1)
    )
    proposal = cpl_changes.propose(
        Change(source="demonstration images", rows=rows), because="Images of Suppliers", actor=proposer, at=at
    )
    cpl_changes.approve(cpl_proposal_id=proposal.cpl_proposal_id, actor=approver, at=at)


def _row(entry: CplFacts, *, line: int) -> CplRow:
    return CplRow(
        line=line,
        device_type=DeviceType(entry.device_type),
        manufacturer=entry.manufacturer,
        model=entry.model,
        hardware_version=entry.hardware_version,
        firmware_version=entry.firmware_version,
        smets_chts_version=entry.smets_chts_version,
        gbcs_version=entry.gbcs_version,
        image_hash=entry.image_hash,
        predecessors=tuple(entry.predecessors),
        status=CplStatus(entry.status),
        added_on=london_date(entry.added_at),
    )


def modernise_hubs(*, share: float, firmware_version: str) -> list[Eui64]:
    """This function will have a share of all hubs run a release in the inventory, and give those that did not before."""
    with transactions.transaction():
        changed = writes.modernise_hubs(share=share, firmware_version=firmware_version)
        estates.count_portfolio()
    return changed
