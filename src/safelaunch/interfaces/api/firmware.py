"""Firmware for Devices as JSON: trying a request out before it is sent."""

import base64
import binascii

from django.conf import settings
from django.http import HttpRequest
from ninja import Field, Router, Schema

from safelaunch.domain.firmware_requests import FIRMWARE
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.interfaces.api.campaigns import viewer_of
from safelaunch.services import firmware_dry_runs
from safelaunch.services.firmware_dry_runs import MOST, Answered, Trial
from safelaunch.store.reads import clock

router = Router(tags=["firmware"])


class Tried(Schema):
    """The request to try: who would send it, by which SRV, the OTA Upgrade Image in base64, its version, and the Devices."""

    user_id: str
    srv: str = FIRMWARE
    firmware_version: str
    image: str
    device_ids: list[str] = Field(min_length=1, max_length=MOST)


class Objection(Schema):
    """Why the image would not be taken, and what the next step is."""

    why: str
    next_step: str


class Excluded(Schema):
    """Devices that would be excluded for one cause, in which of the five lists of a warning, and what would change it."""

    exclusion: str
    warning_list: str
    device_count: int
    why: str
    next_step: str


class ExcludedDevice(Schema):
    """One Device that would be excluded."""

    device_id: str
    exclusion: str


class Outcome(Schema):
    """What the request would be answered: its response code, and what becomes of each Device."""

    code: str
    objection: Objection | None
    accepted: int
    excluded: list[Excluded]
    devices: list[ExcludedDevice]


@router.post("/firmware/dry-runs", response=Outcome, summary="What a firmware request would be answered")
def dry_run(request: HttpRequest, tried: Tried) -> Outcome:
    """Judge an image and its Devices as 11.1 or 11.4 would, without doing anything."""
    try:
        image = base64.b64decode(tried.image, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(
            "The image is not base64; send the octets of the OTA Upgrade Image in base64."
        ) from error
    trial = Trial(
        user_id=Eui64.parse(tried.user_id),
        srv=tried.srv,
        image=image,
        firmware_version=tried.firmware_version,
        device_ids=[Eui64.parse(text) for text in tried.device_ids],
        compares_image_version="versions" not in settings.DUIS_FORGIVES,
        enforces_validity="dates" not in settings.DUIS_FORGIVES,
    )
    viewer_party_id = viewer_of(request).party_id
    return _outcome(firmware_dry_runs.dry_run(trial, viewer_party_id=viewer_party_id, at=clock.now()))


def _outcome(answered: Answered) -> Outcome:
    objection = answered.objection
    return Outcome(
        code=answered.code,
        objection=None if objection is None else Objection(why=objection.why, next_step=objection.next_step),
        accepted=answered.accepted,
        excluded=[
            Excluded(
                exclusion=one.exclusion,
                warning_list=one.warning_list,
                device_count=one.device_count,
                why=one.advice.why,
                next_step=one.advice.next_step,
            )
            for one in answered.excluded
        ],
        devices=[
            ExcludedDevice(device_id=str(device_id), exclusion=exclusion)
            for device_id, exclusion in answered.devices
        ],
    )
