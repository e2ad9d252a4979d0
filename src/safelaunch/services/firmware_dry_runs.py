"""Trying a firmware request out: what 11.1 or 11.4 would be answered now, Device by Device, and nothing is done.

The same judge speaks as for the request itself (`services/requests/firmware.py`), so a dry run and a request that follows
at once differ in nothing. Whatever changes between the two may change the answer.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain import srv as catalogue
from safelaunch.domain.firmware_advice import Advice, advise, advise_on_image
from safelaunch.domain.firmware_journeys import TargetState
from safelaunch.domain.firmware_requests import FIRMWARE, LIST_OF, Exclusion, ImageObjection, WarningList
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid, NotFound
from safelaunch.services.requests import firmware
from safelaunch.services.requests.firmware import Asking
from safelaunch.store import transactions
from safelaunch.store.reads import parties
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.requests.firmware import UpdateFirmware

MOST = 50_000
"""Devices of one request (`domain.md` 5.2)."""


class NoSuchUser(NotFound):
    """Nobody of the viewer's Party has this User ID, or it may not send the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A firmware request that is tried out.

    Attributes:
        user_id: who would send it.
        srv: 11.1, or 11.4 for displays.
        image: the OTA Upgrade Image.
        firmware_version: that the request would name.
        device_ids: that it would name.
        compares_image_version: whether this installation compares the version with that of the header.
        enforces_validity: whether certificates have to be in force.
    """

    user_id: Eui64
    srv: str
    image: bytes
    firmware_version: str
    device_ids: Collection[Eui64]
    compares_image_version: bool = True
    enforces_validity: bool = True


@dataclass(frozen=True, slots=True)
class Excluded:
    """Devices that would be excluded for one cause: in which of the five lists, how many, and what would change it."""

    exclusion: Exclusion
    warning_list: WarningList
    device_count: int
    advice: Advice


@dataclass(frozen=True, slots=True)
class Answered:
    """What the request would be answered.

    Attributes:
        code: the response code.
        objection: why the image would not be taken, if it would not; no Device is judged then.
        accepted: how many Devices would have the firmware.
        excluded: the others by cause.
        devices: each Device excluded, with the cause.
    """

    code: str
    objection: Advice | None
    accepted: int
    excluded: tuple[Excluded, ...]
    devices: tuple[tuple[Eui64, Exclusion], ...]


def dry_run(trial: Trial, /, *, viewer_party_id: int | None, at: datetime) -> Answered:
    """This function will say what a firmware request would be answered, without doing anything.

    Args:
        trial: the request.
        viewer_party_id: who wants to know; None for the DCC.
        at: when it would come.

    Raises:
        NoSuchUser: nobody has the User ID, or its roles may not send the request.
        Invalid: there is no Device, or there are more than a request may name.
    """
    asking = _asking(trial, viewer_party_id=viewer_party_id)
    if not 0 < len(trial.device_ids) <= MOST:
        raise Invalid(f"A request names 1 to {MOST:,} Devices; {len(trial.device_ids):,} were given.")
    body = UpdateFirmware(
        image=trial.image,
        firmware_version=trial.firmware_version,
        device_ids=DeviceIds.of(trial.device_ids),
    )
    with transactions.transaction():
        judged = firmware.judge(asking=asking, body=body, at=at)
    if isinstance(judged, ImageObjection):
        code = firmware.CODE_OF_OBJECTION[trial.srv][judged]
        return Answered(code.value, advise_on_image(judged), 0, (), ())
    devices = tuple(
        (device_id, exclusion)
        for device_id, exclusion in zip(judged.device_ids, judged.verdicts, strict=True)
        if exclusion is not None
    )
    counts = Counter(exclusion for _, exclusion in devices)
    return Answered(
        code=firmware.answer_of(judged, srv=trial.srv).code.value,
        objection=None,
        accepted=len(judged.verdicts) - len(devices),
        excluded=tuple(_excluded(one, counts[one]) for one in Exclusion if counts[one]),
        devices=devices,
    )


def _asking(trial: Trial, *, viewer_party_id: int | None) -> Asking:
    user, srv = parties.find_user(user_id=trial.user_id), catalogue.find(trial.srv)
    may_send = user is not None and trial.srv in firmware.CODE_OF_OBJECTION and bool(user.roles & srv.roles)
    if user is None or not may_send or viewer_party_id not in {None, user.party_id}:
        raise NoSuchUser(
            f"No User ID {trial.user_id} of yours may send {trial.srv}; a Supplier's may send {FIRMWARE} and 11.4, and "
            "only its Party or the DCC may try for it."
        )
    return Asking(
        user=user,
        srv=srv,
        compares_image_version=trial.compares_image_version,
        enforces_validity=trial.enforces_validity,
    )


def _excluded(exclusion: Exclusion, count: int) -> Excluded:
    advice = advise(
        state=TargetState.EXCLUDED, device_type=None, exclusion=exclusion, reason=None, due_at=None
    )
    return Excluded(exclusion, LIST_OF[exclusion], count, advice)
