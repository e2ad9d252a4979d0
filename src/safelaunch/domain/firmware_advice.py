"""Why the firmware of a Device stands where it does, and what would bring it on: one sentence each, for any reader.

What a Device waits for decides: an exclusion has a cause that its Supplier or the DCC can remove; a failure has a reason;
everything else is on its way, and the leg says who has the next word (`domain.md` 5.2, 10.3, 10.4).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.firmware_journeys import RETRYABLE, Reason, TargetState
from safelaunch.domain.firmware_requests import Exclusion, ImageObjection
from safelaunch.domain.smi import DeviceType


@dataclass(frozen=True, slots=True)
class Advice:
    """Where firmware stands, in words: why, and the next step with whoever has to take it."""

    why: str
    next_step: str


_EXCLUDED: Mapping[Exclusion, Advice] = {
    Exclusion.UNKNOWN: Advice("The inventory has no such Device.", "Supplier: check the Device ID."),
    Exclusion.WRONG_TYPE: Advice(
        "The request is not for Devices of this type.",
        "Supplier: use 11.1 for ESMEs, GSMEs and HCALCSs, 11.4 for PPMIDs.",
    ),
    Exclusion.NOT_RESPONSIBLE: Advice(
        "Another Supplier is responsible for the Device.", "Nobody: its own Supplier may update it."
    ),
    Exclusion.STATUS: Advice(
        "The Device is neither Commissioned nor Suspended.", "Supplier: commission it, then ask again."
    ),
    Exclusion.OTHER_MODEL: Advice(
        "The CPL lists the image for other Device Models.", "Supplier: send the image of this model."
    ),
    Exclusion.HARDWARE: Advice(
        "The image is for other hardware versions.", "Supplier: send the image for this hardware."
    ),
    Exclusion.PATHWAY: Advice(
        "The version that the Device runs is none that the image may follow.",
        "Supplier: bring the Device to a version that the CPL lists as a predecessor first.",
    ),
    Exclusion.IN_PROGRESS: Advice(
        "The Device had another firmware request that was not done.",
        "Supplier: wait until that one is done, or take it back, then ask again.",
    ),
    Exclusion.HUB_GBCS: Advice(
        "The hub's firmware is older than GBCS 4.1 and hands no images to PPMIDs and HCALCSs.",
        "Supplier: have it wait for the hub campaign (safelaunch devices firmware wait); it then goes by itself.",
    ),
}

_FAILED: Mapping[Reason, Advice] = {
    Reason.NOT_REACHED: Advice(
        "The network could not reach the hub.", "Supplier: check that the hub has power and signal."
    ),
    Reason.NO_REPORT: Advice(
        "The network did not say in seven days what became of the image.", "DCC: ask the CSP."
    ),
    Reason.NOT_CARRIED: Advice(
        "The network does not know the Device behind this hub.",
        "DCC: compare the inventory with the CSP's, then the Supplier asks again.",
    ),
    Reason.IMAGE_DISCARDED: Advice(
        "The hub discarded the image before it handed it on.", "Nobody, as long as it is sent again."
    ),
    Reason.HARDWARE_MISMATCH: Advice(
        "The Device has other hardware than the image is for, whatever the inventory says.",
        "Supplier: correct the inventory, then send the image for this hardware.",
    ),
    Reason.TRANSFER_FAILURE: Advice(
        "The transfer over the HAN failed.", "Supplier: if it goes on, check the Device's place on the HAN."
    ),
    Reason.DAMAGED_IMAGE: Advice(
        "The Device computed another hash of what it received.", "Nobody, as long as it is sent again."
    ),
    Reason.UNDELIVERED: Advice(
        "The activation could not be delivered to the Device.", "Supplier: send the 11.3 again."
    ),
    Reason.NO_IMAGE_HELD: Advice(
        "The Device holds no image to activate.", "Supplier: send the image again, then activate it."
    ),
    Reason.HASH_MISMATCH: Advice(
        "The 11.3 named another hash than that of the image the Device holds.",
        "Supplier: send an 11.3 with the Manufacturer Image hash of this request.",
    ),
    Reason.ACTIVATION_FAILURE: Advice(
        "The Device could not start the new firmware and runs the old.",
        "Supplier: send the 11.3 again, or the image to a display; if it fails again, ask the manufacturer.",
    ),
    Reason.OTHER_VERSION: Advice(
        "The Device was asked, and runs another version.", "Supplier: send the 11.3 again."
    ),
    Reason.NO_ANSWER: Advice(
        "Nobody knows whether the Device activated the image: no answer came.",
        "DCC: reads the Device back by itself; Supplier: an 11.2 tells sooner.",
    ),
    Reason.LEFT_THE_HUB: Advice(
        "The Device did not fetch the image in 14 days, and the hub no longer keeps it.",
        "Supplier: see that the Device has power and is on the HAN, then ask again.",
    ),
    Reason.NOT_ACTIVATED: Advice(
        "Nobody activated the image for 60 days.", "Supplier: activate it with an 11.3, or send a newer one."
    ),
    Reason.TAKEN_BACK: Advice("The request was taken back before the image left.", "Nobody."),
    Reason.HUB_REPLACED: Advice(
        "The hub was replaced, and the image was at the old one or on its way there.",
        "Nobody, as long as it is sent again.",
    ),
    Reason.LEFT_SERVICE: Advice("The Device left service before it ran the firmware.", "Nobody."),
}

_UNDER_WAY: Mapping[TargetState, Advice] = {
    TargetState.REQUESTED: Advice(
        "The image waits to be handed to the network: for a permit of its region, or a hub that is being upgraded.",
        "DCC: nothing, it goes by itself.",
    ),
    TargetState.WAITING_FOR_HUB: Advice(
        "The home's hub runs firmware older than GBCS 4.1.",
        "DCC: upgrade the hub; the image then goes by itself.",
    ),
    TargetState.SENT_TO_CSP: Advice(
        "The network is bringing the image to the hub.", "CSP: reports within days."
    ),
    TargetState.AT_HUB: Advice(
        "The hub has the image, and the Device has not fetched it.",
        "Nobody: gas meters take days, a display has to be switched on. An old hub never tells more.",
    ),
    TargetState.HAN_TRANSFERRED: Advice(
        "The Device has the image.", "Device: verifies it. Supplier: an 11.3 may be sent all the same."
    ),
    TargetState.VERIFIED: Advice("The Device holds a sound image.", "Supplier: activate it with an 11.3."),
    TargetState.ACTIVATION_SENT: Advice("The 11.3 is on its way.", "Device: answers."),
    TargetState.ACTIVATION_SCHEDULED: Advice(
        "The Device will activate the image at the time it was given.", "Device: keeps its promise."
    ),
    TargetState.ACTIVATED: Advice("The Device runs the firmware.", "Nobody."),
}

_OF_DISPLAYS: Mapping[TargetState, Advice] = {
    TargetState.HAN_TRANSFERRED: Advice(
        "The display has the image.", "Device: activates it by itself, and says so (N39)."
    ),
    TargetState.UNKNOWN: Advice(
        "The display has the image, and did not say whether it runs it.", "Supplier: ask it with an 11.2."
    ),
}


_OBJECTED: Mapping[ImageObjection, Advice] = {
    ImageObjection.UNREADABLE: Advice(
        "The image cannot be read as an OTA Upgrade Image.", "Supplier: send the whole image, header and all."
    ),
    ImageObjection.OTHER_VERSION: Advice(
        "The image's header states another firmware version.", "Supplier: name the version of the header."
    ),
    ImageObjection.NO_SIGNATURE: Advice(
        "The image of an 11.1 ends with a Supplier's signature, and this one does not.",
        "Supplier: sign the image; one for a display goes by 11.4, unsigned.",
    ),
    ImageObjection.NOT_LISTED: Advice(
        "The CPL lists no such version of this manufacturer as Active.",
        "Manufacturer: have the CPL list it first.",
    ),
    ImageObjection.OTHER_HASH: Advice(
        "The CPL lists the version with another hash.", "Supplier: send the image that was assured."
    ),
    ImageObjection.FOREIGN_SIGNATURE: Advice(
        "The image is not signed by the User who asks.",
        "Supplier: sign it with a Digital Signing key whose certificate is filed here.",
    ),
}


def advise_on_image(objection: ImageObjection, /) -> Advice:
    """This function will say why an image is not taken, and what the next step is."""
    return _OBJECTED[objection]


def advise(
    *,
    state: TargetState,
    device_type: DeviceType | None,
    exclusion: Exclusion | None,
    reason: Reason | None,
    due_at: datetime | None,
) -> Advice:
    """This function will say why firmware stands where it does, and what the next step is.

    Args:
        state: of the Device.
        device_type: None where the inventory has no such Device.
        exclusion: why it was excluded, if it was.
        reason: of the failure that it stands at, if it failed.
        due_at: when it is sent again, for a failure that may pass.
    """
    if state is TargetState.EXCLUDED and exclusion is not None:
        return _EXCLUDED[exclusion]
    if device_type is DeviceType.PPMID and state in _OF_DISPLAYS:
        return _OF_DISPLAYS[state]
    if state in _UNDER_WAY:
        return _UNDER_WAY[state]
    advice = _FAILED[reason or Reason.NO_ANSWER]
    if state in RETRYABLE and due_at is not None:
        return Advice(advice.why, f"DCC: sends the image again on {due_at:%d %b %Y at %H:%M}.")
    if state in RETRYABLE:
        return Advice(advice.why, f"{_given_up(advice.next_step)} Then ask again: it is not sent again.")
    return advice


def _given_up(next_step: str) -> str:
    return (
        next_step if not next_step.startswith("Nobody") else "Supplier: find out what is wrong in the home."
    )
