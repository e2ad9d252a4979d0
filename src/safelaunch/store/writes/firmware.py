"""Recording firmware requests: their Devices staged by COPY, their images kept once, what was judged written in a set."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from safelaunch.domain.firmware_requests import Exclusion, TargetState
from safelaunch.domain.identifiers import Eui64
from safelaunch.store import sql
from safelaunch.store.arrays import Texts
from safelaunch.store.models import FirmwareRequest
from safelaunch.store.transactions import transaction_required
from safelaunch.wire import copy_binary
from safelaunch.wire.duis.device_ids import DeviceIds


@transaction_required
def lock_firmware_requests() -> None:
    """This function will wait until no other firmware request is being judged, and hold the next one off."""
    sql.fetch_value("lock_firmware_requests")


@transaction_required
def stage_firmware_devices(*, device_ids: DeviceIds) -> None:
    """This function will stage the Devices of a request until the transaction ends; each may stand there once."""
    numbers = device_ids.array()
    places = np.arange(len(numbers), dtype=np.int32)
    create_firmware_stage()
    copy_firmware_stage(copy_binary.rows([places, numbers], count=len(numbers)))
    analyze_firmware_stage()


def create_firmware_stage() -> None:
    """This function will make the table that Devices are staged in."""
    sql.execute("create_firmware_stage")


def copy_firmware_stage(rows: bytes) -> None:
    """This function will take staged rows in, in PostgreSQL's binary form."""
    sql.copy_octets("copy_firmware_stage", [copy_binary.HEADER, rows, copy_binary.TRAILER])


def analyze_firmware_stage() -> None:
    """This function will tell the planner how many Devices are staged."""
    sql.execute("analyze_firmware_stage")


@transaction_required
def add_firmware_image(*, octets: bytes, manufacturer_image_hash: bytes, at: datetime) -> bytes:
    """This function will keep an image, once however often it comes, and give the digest it is kept under."""
    digest = hashlib.sha256(octets).digest()
    sql.execute(
        "add_firmware_image",
        digest=digest,
        manufacturer_image_hash=manufacturer_image_hash,
        octets=octets,
        at=at,
    )
    return digest


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
    """This function will record a firmware request with what was judged of the Devices staged, in their order."""
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
    """This function will record what was judged of the Devices staged, in their order."""
    sql.execute(
        "add_firmware_targets",
        service_request_id=service_request_id,
        exclusions=Texts(verdict or "" for verdict in verdicts),
        requested=TargetState.REQUESTED.value,
        excluded=TargetState.EXCLUDED.value,
        at=at,
    )
