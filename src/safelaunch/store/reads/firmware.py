"""Firmware requests of Suppliers as values, and what the rules need to know of their Devices."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.firmware_requests import AlikeDevices, Listed
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import CplStatus, DeviceType, UserRole
from safelaunch.store import sql
from safelaunch.store.models import CplEntry, FirmwareImage


class NoSuchFirmwareRequest(NotFound):
    """There is no such firmware request."""


def list_listed(*, firmware_version: str) -> list[Listed]:
    """This function will list the Active entries of the CPL for a firmware version, in either case of its letters."""
    entries = CplEntry.objects.filter(
        status=CplStatus.ACTIVE, device_model__firmware_version__iexact=firmware_version
    ).select_related("device_model")
    return [
        Listed(
            device_type=DeviceType(entry.device_model.device_type),
            manufacturer=entry.device_model.manufacturer,
            model=entry.device_model.model,
            hardware_version=entry.device_model.hardware_version,
            firmware_version=entry.device_model.firmware_version,
            image_hash=bytes(entry.image_hash or b""),
            predecessors=frozenset(entry.predecessors),
        )
        for entry in entries
    ]


def list_firmware_facts() -> list[AlikeDevices]:
    """This function will give what is known of the Devices found, those together of which the same is known."""
    return sql.fetch_all("list_firmware_facts", AlikeDevices)


@dataclass(frozen=True, slots=True)
class SupplierUser:
    """A User ID of a Party in one User Role."""

    user_id: Eui64
    party_id: int
    role: str


def list_supplier_users(*, party_ids: Collection[int]) -> list[SupplierUser]:
    """This function will list the User IDs of Parties in the User Roles IS and GS."""
    return sql.fetch_all(
        "list_supplier_users", SupplierUser, party_ids=list(party_ids), roles=[UserRole.IS, UserRole.GS]
    )


@dataclass(frozen=True, slots=True)
class FirmwareRequestFacts:
    """An 11.1 or 11.4 whose image was taken."""

    service_request_id: int
    srv: str
    firmware_version: str
    party_id: int
    user_id: Eui64
    requested_at: datetime
    target_count: int
    excluded_count: int
    image_digest: bytes
    manufacturer_image_hash: bytes


def get_firmware_request(*, service_request_id: int) -> FirmwareRequestFacts:
    """This function will give a firmware request.

    Raises:
        NoSuchFirmwareRequest: there is none of this number.
    """
    found = sql.fetch_one("get_firmware_request", FirmwareRequestFacts, service_request_id=service_request_id)
    if found is None:
        raise NoSuchFirmwareRequest(
            f"Service Request {service_request_id} is no firmware request whose image was taken."
        )
    return found


@dataclass(frozen=True, slots=True)
class FirmwareTargetFacts:
    """A Device of a firmware request and where its journey stands, as stored codes.

    Attributes:
        exclusion: why it did not have the firmware when it was judged; it may wait for its hub since.
        reason: of the failure that it stands at.
        attempt: which sending it is at, from 1.
        due_at: when the clock of its leg runs out, or it is sent again.
    """

    device_id: Eui64
    hub_device_id: Eui64 | None
    device_type: str | None
    state: str
    exclusion: str | None
    reason: str | None
    attempt: int
    state_changed_at: datetime
    due_at: datetime | None


def list_firmware_targets(
    *, service_request_id: int, after: Eui64 | None = None, limit: int = 1000
) -> list[FirmwareTargetFacts]:
    """This function will list Devices of a firmware request by Device ID, a page at a time.

    Args:
        service_request_id: of the request.
        after: the last Device ID of the page before; None for the first page.
        limit: the most Devices of a page.
    """
    return sql.fetch_all(
        "list_firmware_targets",
        FirmwareTargetFacts,
        service_request_id=service_request_id,
        after=after,
        limit=limit,
    )


def find_image(*, digest: bytes) -> bytes | None:
    """This function will give the octets of an image by their SHA-256, or nothing when it was never taken."""
    octets = FirmwareImage.objects.filter(pk=digest).values_list("octets", flat=True).first()
    return None if octets is None else bytes(octets)
