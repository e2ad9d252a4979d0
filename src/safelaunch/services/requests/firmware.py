"""Firmware for Devices: 11.1, Update Firmware, and 11.4, Update PPMID Firmware (`domain.md` 5.2, 5.3, 8.3).

The answer is synchronous: I0, a warning that names the Devices excluded, or an error. What was judged is recorded with
the answer, Device by Device; those that are to have the firmware set out on their journeys (`firmware_journeys`). The
number of statements does not grow with the list; each other Supplier who is told (N59) costs a few.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from safelaunch.domain import firmware_requests as rules
from safelaunch.domain.firmware_requests import (
    AlikeDevices,
    Asked,
    Exclusion,
    Image,
    ImageObjection,
    Listed,
    Outcome,
    WarningList,
)
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, UserRole
from safelaunch.domain.srv import Srv
from safelaunch.services import alerts, firmware_distribution
from safelaunch.services.requests.received import ServiceRequest
from safelaunch.store.reads import certificates
from safelaunch.store.reads import firmware as reads
from safelaunch.store.reads.parties import UserFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import firmware as writes
from safelaunch.store.writes.firmware import NewFirmwareRequest
from safelaunch.wire import ota_image, smki
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.requests.firmware import UpdateFirmware
from safelaunch.wire.duis.responses import Answer
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import DccAlert
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import FirmwareWarning, PpmidFirmwareWarning
from safelaunch.wire.duis.responses.firmware_alerts import FirmwareUpgradeRequested
from safelaunch.wire.ota_image import ImageKind, OtaImage, UnfitImage, UntrustedImageSignature, WrongTrailer

_FIRMWARE, _PPMID = rules.FIRMWARE, rules.PPMID_FIRMWARE

CODE_OF_OBJECTION: Mapping[str, Mapping[ImageObjection, ResponseCode]] = {
    _FIRMWARE: {
        ImageObjection.UNREADABLE: ResponseCode.E110101,
        ImageObjection.OTHER_VERSION: ResponseCode.E110101,
        ImageObjection.NO_SIGNATURE: ResponseCode.E110105,
        ImageObjection.NOT_LISTED: ResponseCode.E110102,
        ImageObjection.OTHER_HASH: ResponseCode.E110102,
        ImageObjection.FOREIGN_SIGNATURE: ResponseCode.E110105,
    },
    _PPMID: {
        ImageObjection.UNREADABLE: ResponseCode.E110401,
        ImageObjection.OTHER_VERSION: ResponseCode.E110401,
        ImageObjection.NO_SIGNATURE: ResponseCode.E110405,
        ImageObjection.NOT_LISTED: ResponseCode.E110402,
        ImageObjection.OTHER_HASH: ResponseCode.E110402,
        ImageObjection.FOREIGN_SIGNATURE: ResponseCode.E110405,
    },
}
"""The response code of each objection to an image, by SRV (`domain.md` 4.7, the map of defaults)."""

CODE_OF_OUTCOME: Mapping[str, Mapping[Outcome, ResponseCode]] = {
    _FIRMWARE: {
        Outcome.ALL: ResponseCode.I0,
        Outcome.SOME: ResponseCode.W110101,
        Outcome.NONE: ResponseCode.E110103,
        Outcome.NONE_COMPATIBLE: ResponseCode.E110106,
    },
    _PPMID: {
        Outcome.ALL: ResponseCode.I0,
        Outcome.SOME: ResponseCode.W110401,
        Outcome.NONE: ResponseCode.E110403,
        Outcome.NONE_COMPATIBLE: ResponseCode.E110403,
    },
}
"""The response code of what the Devices come to, by SRV."""

_WARNING: Mapping[str, type[FirmwareWarning]] = {_FIRMWARE: FirmwareWarning, _PPMID: PpmidFirmwareWarning}
_KIND = {_FIRMWARE: ImageKind.SIGNED, _PPMID: ImageKind.UNSIGNED}
_SUPPLIER_SIGNING = 0x02
"""The SMKI role of a supplier's Digital Signing key (`domain.md` 8.1)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What firmware for Devices comes to: the image, each Device once, Devices alike, and a verdict for each Device."""

    described: Image
    device_ids: DeviceIds
    kinds: Sequence[AlikeDevices]
    verdicts: Sequence[Exclusion | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks for firmware by which SRV, and what this installation insists on."""

    user: UserFacts
    srv: Srv
    compares_image_version: bool
    enforces_validity: bool


@transaction_required
def judge(*, asking: Asking, body: UpdateFirmware, at: datetime) -> Judged | ImageObjection:
    """This function will judge an image, and then each Device that is to have it; nothing is recorded."""
    image = _opened(body.image, srv=asking.srv.code)
    if isinstance(image, ImageObjection):
        return image
    described = _described(image)
    listed = _listed(image, described=described, asking=asking, body=body, at=at)
    if isinstance(listed, ImageObjection):
        return listed
    device_ids = _different(body.device_ids)
    writes.find_firmware_devices(device_ids=device_ids)
    kinds = reads.list_firmware_facts()
    asked = _asked(asking, described=described, listed=listed)
    return Judged(described, device_ids, kinds, rules.judge_all(asked, kinds=kinds, count=len(device_ids)))


@transaction_required
def update_firmware(*, request: ServiceRequest, body: UpdateFirmware, at: datetime) -> Answer:
    """This function will take firmware for the Devices of an 11.1 or 11.4 that may have it, and name the others."""
    asking = Asking(
        user=request.user,
        srv=request.srv,
        compares_image_version=request.compares_image_version,
        enforces_validity=request.enforces_validity,
    )
    # One at a time, so that no two take the same Device.
    writes.lock_firmware_requests()
    judged = judge(asking=asking, body=body, at=at)
    if isinstance(judged, ImageObjection):
        return Answer(CODE_OF_OBJECTION[request.srv.code][judged])
    _record(request, body=body, judged=judged, at=at)
    accepted = [kind for kind in judged.kinds if judged.verdicts[kind.places[0]] is None]
    _tell_others(request, body=body, device_ids=judged.device_ids, accepted=accepted, at=at)
    if accepted:
        firmware_distribution.set_out_soon()
    return answer_of(judged, srv=request.srv.code)


def _different(device_ids: DeviceIds) -> DeviceIds:
    """Name each Device once, where it stood first."""
    numbers = device_ids.array()
    first = np.unique(numbers, return_index=True)[1]
    return device_ids if len(first) == len(numbers) else DeviceIds(numbers[np.sort(first)].tobytes())


def _opened(octets: bytes, *, srv: str) -> OtaImage | ImageObjection:
    try:
        return ota_image.read(octets, kind=_KIND[srv])
    except WrongTrailer:
        return ImageObjection.NO_SIGNATURE
    except UnfitImage:
        return ImageObjection.UNREADABLE


def _listed(
    image: OtaImage, *, described: Image, asking: Asking, body: UpdateFirmware, at: datetime
) -> tuple[Listed, ...] | ImageObjection:
    """Judge what can be judged of a whole image, in order, and give the entries of the CPL that list it."""
    objection = rules.judge_header(
        described,
        firmware_version=body.firmware_version,
        is_version_compared=asking.compares_image_version,
    )
    if objection is not None:
        return objection
    listed = rules.judge_listing(
        described,
        srv=asking.srv.code,
        firmware_version=body.firmware_version,
        entries=reads.list_listed(firmware_version=body.firmware_version),
    )
    if isinstance(listed, ImageObjection) or image.trailer is None:
        return listed
    return listed if _is_signed(image, asking=asking, at=at) else ImageObjection.FOREIGN_SIGNATURE


def _described(image: OtaImage) -> Image:
    hardware = image.header.hardware_versions
    return Image(
        manufacturer_code=image.header.manufacturer_code,
        version=image.header.version_text,
        manufacturer_image_hash=image.manufacturer_image_hash,
        hardware=None if hardware is None else (hardware.lowest, hardware.highest),
    )


def _is_signed(image: OtaImage, *, asking: Asking, at: datetime) -> bool:
    """Whether a Digital Signing key of the originator signed the image; a renewed one does not end the old one's time."""
    for filed in certificates.list_all(eui=asking.user.user_id):
        is_in_force = not asking.enforces_validity or filed.valid_from <= at <= filed.valid_until
        if filed.role != _SUPPLIER_SIGNING or filed.revoked_at is not None or not is_in_force:
            continue
        certificate = smki.read_certificate(filed.der)
        if not certificate.may_sign:
            continue
        try:
            ota_image.verify(image, key=certificate.public_key)
        except UntrustedImageSignature:
            continue
        return True
    return False


def _asked(asking: Asking, *, described: Image, listed: tuple[Listed, ...]) -> Asked:
    return Asked(
        srv=asking.srv.code,
        party_id=asking.user.party_id,
        roles=asking.user.roles & asking.srv.roles,
        hardware=described.hardware,
        listed=listed,
    )


def _record(request: ServiceRequest, *, body: UpdateFirmware, judged: Judged, at: datetime) -> None:
    digest = writes.add_firmware_image(
        octets=body.image, manufacturer_image_hash=judged.described.manufacturer_image_hash, at=at
    )
    new = NewFirmwareRequest(
        service_request_id=request.service_request_id,
        image_digest=digest,
        srv=request.srv.code,
        firmware_version=body.firmware_version,
        party_id=request.user.party_id,
        user_id=request.user.user_id,
    )
    writes.add_firmware_request(new, verdicts=judged.verdicts, at=at)


def _tell_others(
    request: ServiceRequest,
    *,
    body: UpdateFirmware,
    device_ids: DeviceIds,
    accepted: Iterable[AlikeDevices],
    at: datetime,
) -> None:
    """Tell each home's other Supplier of firmware for Devices that both share: N59, for each type of Device."""
    shared: dict[tuple[DeviceType, int, UserRole], list[int]] = {}
    for kind in accepted:
        if kind.device_type not in rules.SHARED_TYPES:
            continue
        parties = ((kind.import_party_id, UserRole.IS), (kind.gas_party_id, UserRole.GS))
        for party_id, role in parties:
            if party_id is not None and party_id != request.user.party_id:
                shared.setdefault((DeviceType(kind.device_type), party_id, role), []).extend(kind.places)
    if not shared:
        return
    numbers = device_ids.array()
    for (device_type, user_id), places in _by_user(shared).items():
        told = FirmwareUpgradeRequested(
            device_type=device_type,
            firmware_version=body.firmware_version,
            device_ids=DeviceIds(numbers[sorted(places)].tobytes()),
        )
        alerts.raise_alert(
            alert=DccAlert(code=DccAlertCode.N59, body=told),
            user_ids=[user_id],
            dsp_id=request.dsp_id,
            at=at,
        )


def _by_user(
    shared: Mapping[tuple[DeviceType, int, UserRole], Iterable[int]],
) -> dict[tuple[DeviceType, Eui64], set[int]]:
    """Gather Devices by the User ID that is told; one that supplies both fuels of a home is told once."""
    users = reads.list_supplier_users(party_ids={party_id for _, party_id, _ in shared})
    told: dict[tuple[DeviceType, Eui64], set[int]] = {}
    for (device_type, party_id, role), places in shared.items():
        for user in users:
            if (user.party_id, user.role) == (party_id, role):
                told.setdefault((device_type, user.user_id), set()).update(places)
    return told


def answer_of(judged: Judged, *, srv: str) -> Answer:
    """This function will write what is answered to a request whose image is taken: I0, or what names those excluded."""
    verdicts = judged.verdicts
    outcome = rules.sum_up(verdicts)
    code = CODE_OF_OUTCOME[srv][outcome]
    if outcome is not Outcome.SOME:
        return Answer(code)
    numbers = judged.device_ids.array()
    lists = {name: DeviceIds(numbers[places].tobytes()) for name, places in rules.by_list(verdicts).items()}
    warning = _WARNING[srv](
        invalid=lists.get(WarningList.INVALID),
        not_commissioned=lists.get(WarningList.NOT_COMMISSIONED),
        not_applicable=lists.get(WarningList.NOT_APPLICABLE),
        other_in_progress=lists.get(WarningList.OTHER_IN_PROGRESS),
        invalid_gbcs_version=lists.get(WarningList.INVALID_GBCS_VERSION),
    )
    return Answer(code, warning)
