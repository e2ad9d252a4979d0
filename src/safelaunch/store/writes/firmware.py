"""Recording firmware requests: their Devices looked up once, their images kept once, what was judged written in a set."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from safelaunch.domain.firmware_journeys import TargetState
from safelaunch.domain.firmware_requests import Exclusion
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.arrays import Eui64s, Integers, Texts
from safelaunch.store.models import FirmwareImage, FirmwareRequest
from safelaunch.store.transactions import transaction_required
from safelaunch.wire import copy_binary
from safelaunch.wire.duis.device_ids import DeviceIds


@transaction_required
def lock_firmware_requests() -> None:
    """This function will wait until no other firmware request is being judged, and hold the next one off."""
    sql.fetch_value("lock_firmware_requests")


@transaction_required
def find_firmware_devices(*, device_ids: DeviceIds) -> None:
    """This function will look the Devices of a request up and keep what is found until the transaction ends.

    Each may be named once.
    """
    create_firmware_known()
    numbers = device_ids.array()
    # In the order of their keys the look-ups, and the rows recorded later, go from page to neighbouring page.
    places = np.argsort(numbers)
    sql.execute("find_firmware_devices", places=Integers(places), device_ids=Eui64s(numbers[places]))


def create_firmware_known() -> None:
    """This function will make the table that holds the Devices of a request."""
    sql.execute("create_firmware_known")


@transaction_required
def add_firmware_image(*, octets: bytes, manufacturer_image_hash: bytes, at: datetime) -> bytes:
    """This function will keep an image, once however often it comes, and give the digest it is kept under.

    The lock of `lock_firmware_requests` has to be held: then nobody else brings the same image in between.
    """
    digest = hashlib.sha256(octets).digest()
    if not FirmwareImage.objects.filter(pk=digest).exists():
        copy_firmware_image([digest, manufacturer_image_hash, octets, copy_binary.moment(at)])
    return digest


def copy_firmware_image(fields: Sequence[bytes]) -> None:
    """This function will take an image in; COPY sends it in blocks, without a copy of the whole."""
    sql.copy_octets("copy_firmware_image", copy_binary.framed(copy_binary.row(fields)))


@dataclass(frozen=True, slots=True)
class NewFirmwareRequest:
    """A firmware request to record: who asked for what, with which image."""

    service_request_id: int
    image_digest: bytes
    srv: str
    firmware_version: str
    party_id: int
    user_id: Eui64


@transaction_required
def add_firmware_request(
    request: NewFirmwareRequest, /, *, verdicts: Sequence[Exclusion | None], at: datetime
) -> None:
    """This function will record a firmware request with what was judged of the Devices found, by their places."""
    FirmwareRequest.objects.create(
        service_request_id=request.service_request_id,
        image_id=request.image_digest,
        srv=request.srv,
        firmware_version=request.firmware_version,
        party_id=request.party_id,
        user_id=request.user_id,
        requested_at=at,
        target_count=len(verdicts),
        excluded_count=sum(verdict is not None for verdict in verdicts),
    )
    add_firmware_targets(service_request_id=request.service_request_id, verdicts=verdicts, at=at)


def add_firmware_targets(
    *, service_request_id: int, verdicts: Sequence[Exclusion | None], at: datetime
) -> None:
    """This function will record what was judged of the Devices found, by their places."""
    excluded = [(place, verdict.value) for place, verdict in enumerate(verdicts) if verdict is not None]
    sql.execute(
        "add_firmware_targets",
        service_request_id=service_request_id,
        places=Integers(place for place, _ in excluded),
        exclusions=Texts(exclusion for _, exclusion in excluded),
        requested=TargetState.REQUESTED.value,
        excluded=TargetState.EXCLUDED.value,
        at=at,
    )
