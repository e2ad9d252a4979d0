"""Firmware for Devices by Service Request, 11.1 and 11.4: which image is taken, and which Devices may have it.

An image is judged in this order, and the first objection refuses the whole request (`domain.md` 8.3, 4.7):

1. It can be read: length, file identifier, header, total size; its header states the firmware version of the request.
2. 11.1 only: it ends with a supplier's signature.
3. The CPL lists the firmware version as Active, of a type of Device that the request is for and of the manufacturer in
   the image's header, and with the hash of this Manufacturer Image.
4. 11.1 only: the signature is that of the supplier who asks.

Then each Device is judged, and the first objection excludes it and no other (8.3 item 6, 5.2):

1. It is in the inventory, of a type that the request is for (11.1: ESME, GSME, HCALCS; 11.4: PPMID), and the supplier
   who asks is responsible for it.
2. It is Commissioned or Suspended (MP105, R-0105-3).
3. The CPL lists the image for its manufacturer, model and hardware; its hardware version lies in the image's range; the
   version it runs is one that the image may follow (MP231). Where the inventory states no hardware version, the hub
   compares it: it refuses an image for other hardware.
4. It has no firmware request that is not done.
5. PPMID and HCALCS only: the network of its hub passes such images on (stage 2 of SECMP0007), and the hub's firmware is
   of GBCS 4.1 or later (10.2). A hub whose GBCS version is not known is held to be older.

Warnings name the Devices excluded in five lists. What a person reads later is finer: the objection itself.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from safelaunch.domain.admission import Target, is_responsible
from safelaunch.domain.smi import DeviceType, Network, SmiStatus, UserRole

FIRMWARE, PPMID_FIRMWARE = "11.1", "11.4"

TARGET_TYPES: Mapping[str, frozenset[DeviceType]] = {
    FIRMWARE: frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.HCALCS}),
    PPMID_FIRMWARE: frozenset({DeviceType.PPMID}),
}
"""Which Devices each SRV brings firmware to (`domain.md` 5.2, 5.3)."""

SHARED_TYPES = frozenset({DeviceType.PPMID, DeviceType.HCALCS})
"""Devices that serve the whole home: gated by premises, and the home's other Supplier is told (N59)."""

CSP_STAGE: Mapping[Network, int] = {Network.NORTH: 4, Network.CENTRAL: 4, Network.SOUTH: 4}
"""How far SECMP0007 has come in each network; all of them completed stage 4 in 2022 (`domain.md` 10.1)."""

PASSING_STAGE = 2
"""The stage from which a network passes images for PPMIDs and HCALCSs to a hub."""

PASSING_GBCS = (4, 1)
"""The GBCS version from which a hub hands such images on (`domain.md` 10.2)."""

_TAKING = frozenset({SmiStatus.COMMISSIONED, SmiStatus.SUSPENDED})
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{4}")
_GBCS = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?:\.[0-9]{1,3})*")


class ImageObjection(StrEnum):
    """Why an image is not taken, in the order of the checks."""

    UNREADABLE = "UNREADABLE"
    OTHER_VERSION = "OTHER_VERSION"
    NO_SIGNATURE = "NO_SIGNATURE"
    NOT_LISTED = "NOT_LISTED"
    OTHER_HASH = "OTHER_HASH"
    FOREIGN_SIGNATURE = "FOREIGN_SIGNATURE"


class Exclusion(StrEnum):
    """Why a Device does not have the firmware, in the order of the checks."""

    UNKNOWN = "UNKNOWN"
    WRONG_TYPE = "WRONG_TYPE"
    NOT_RESPONSIBLE = "NOT_RESPONSIBLE"
    STATUS = "STATUS"
    OTHER_MODEL = "OTHER_MODEL"
    HARDWARE = "HARDWARE"
    PATHWAY = "PATHWAY"
    IN_PROGRESS = "IN_PROGRESS"
    HUB_GBCS = "HUB_GBCS"


class WarningList(StrEnum):
    """The five lists of a warning, in the order of the schema (`domain.md` 5.2)."""

    INVALID = "INVALID"
    NOT_COMMISSIONED = "NOT_COMMISSIONED"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    OTHER_IN_PROGRESS = "OTHER_IN_PROGRESS"
    INVALID_GBCS_VERSION = "INVALID_GBCS_VERSION"


LIST_OF: Mapping[Exclusion, WarningList] = {
    Exclusion.UNKNOWN: WarningList.INVALID,
    Exclusion.WRONG_TYPE: WarningList.INVALID,
    Exclusion.NOT_RESPONSIBLE: WarningList.INVALID,
    Exclusion.STATUS: WarningList.NOT_COMMISSIONED,
    Exclusion.OTHER_MODEL: WarningList.NOT_APPLICABLE,
    Exclusion.HARDWARE: WarningList.NOT_APPLICABLE,
    Exclusion.PATHWAY: WarningList.NOT_APPLICABLE,
    Exclusion.IN_PROGRESS: WarningList.OTHER_IN_PROGRESS,
    Exclusion.HUB_GBCS: WarningList.INVALID_GBCS_VERSION,
}
"""Which list each exclusion is named in."""

INCOMPATIBLE = frozenset({Exclusion.HARDWARE, Exclusion.HUB_GBCS})
"""Exclusions by hardware and GBCS capability, which have a code of their own when they exclude all (E110106)."""


class Outcome(StrEnum):
    """What a request as a whole comes to, once its image is taken."""

    ALL = "ALL"
    SOME = "SOME"
    NONE = "NONE"
    NONE_COMPATIBLE = "NONE_COMPATIBLE"


@dataclass(frozen=True, slots=True)
class Image:
    """What the rules look at of an image that can be read.

    Attributes:
        manufacturer_code: 16 bits, as in the header.
        version: the file version of the header, eight hexadecimal digits.
        manufacturer_image_hash: SHA-256 of the Manufacturer Image.
        hardware: the lowest and the highest hardware version, both included; None when the header has no range.
    """

    manufacturer_code: int
    version: str
    manufacturer_image_hash: bytes
    hardware: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An Active entry of the CPL; an empty hash is one that was never stated, and fits no image."""

    device_type: DeviceType
    manufacturer: str
    model: str
    hardware_version: str
    firmware_version: str
    image_hash: bytes
    predecessors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A firmware request as its Devices are judged by it.

    Attributes:
        srv: 11.1 or 11.4.
        party_id: the Party of the User who asks.
        roles: the User Roles of that User which may send the SRV.
        hardware: the image's range of hardware versions, if it has one.
        listed: the entries that list the image, at least one.
    """

    srv: str
    party_id: int
    roles: frozenset[UserRole]
    hardware: tuple[int, int] | None
    listed: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known of a Device; all texts are as stored, and None where the inventory has no such Device."""

    device_type: str | None = None
    smi_status: str | None = None
    import_party_id: int | None = None
    gas_party_id: int | None = None
    manufacturer: str | None = None
    model: str | None = None
    hardware_version: str | None = None
    firmware_version: str | None = None
    hub_gbcs_version: str | None = None
    network: str | None = None
    is_in_progress: bool = False


@dataclass(frozen=True, slots=True)
class AlikeDevices(DeviceFacts):
    """Devices of which the same is known, by their places in the request, counted from 0."""

    places: Sequence[int] = ()


def judge_header(image: Image, *, firmware_version: str, is_version_compared: bool) -> ImageObjection | None:
    """This function will say whether the header states the version that the request does (`domain.md` 8.2).

    Args:
        image: the image.
        firmware_version: of the request.
        is_version_compared: whether it matters; the Reference Test Data states another version.
    """
    if is_version_compared and image.version != firmware_version.upper():
        return ImageObjection.OTHER_VERSION
    return None


def judge_listing(
    image: Image, *, srv: str, firmware_version: str, entries: Iterable[Listed]
) -> tuple[Listed, ...] | ImageObjection:
    """This function will give the entries that list an image, or say why none does (`domain.md` 8.3 item 4).

    Args:
        image: the image.
        srv: 11.1 or 11.4.
        firmware_version: of the request.
        entries: Active entries of the CPL.
    """
    of_version = [
        entry
        for entry in entries
        if entry.device_type in TARGET_TYPES[srv]
        and entry.firmware_version.upper() == firmware_version.upper()
        and _number(entry.manufacturer) in {None, image.manufacturer_code}
    ]
    if not of_version:
        return ImageObjection.NOT_LISTED
    listed = tuple(entry for entry in of_version if entry.image_hash == image.manufacturer_image_hash)
    return listed or ImageObjection.OTHER_HASH


def judge_all(asked: Asked, *, kinds: Iterable[AlikeDevices], count: int) -> list[Exclusion | None]:
    """This function will judge Devices, each kind once: why each place is excluded, or None where it has the firmware.

    Args:
        asked: the request.
        kinds: what is known of the Devices; every place belongs to one kind.
        count: of the Devices.
    """
    verdicts: list[Exclusion | None] = [Exclusion.UNKNOWN] * count
    for kind in kinds:
        verdict = judge(asked, facts=kind)
        for place in kind.places:
            verdicts[place] = verdict
    return verdicts


def judge(asked: Asked, *, facts: DeviceFacts) -> Exclusion | None:
    """This function will give the first objection to bringing the firmware to a Device, or nothing."""
    if facts.device_type is None or facts.smi_status is None:
        return Exclusion.UNKNOWN
    device_type, status = DeviceType(facts.device_type), SmiStatus(facts.smi_status)
    for check in _CHECKS:
        exclusion = check(asked, facts, device_type, status)
        if exclusion is not None:
            return exclusion
    return None


def _rightly_named(
    asked: Asked, facts: DeviceFacts, device_type: DeviceType, status: SmiStatus
) -> Exclusion | None:
    if device_type not in TARGET_TYPES[asked.srv]:
        return Exclusion.WRONG_TYPE
    target = Target(
        device_type=device_type,
        smi_status=status,
        import_party_id=facts.import_party_id,
        gas_party_id=facts.gas_party_id,
        electricity_network_party_id=None,
        gas_network_party_id=None,
    )
    is_theirs = is_responsible(target, party_id=asked.party_id, roles=asked.roles)
    return None if is_theirs else Exclusion.NOT_RESPONSIBLE


def _status(
    _asked: Asked, _facts: DeviceFacts, _device_type: DeviceType, status: SmiStatus
) -> Exclusion | None:
    return None if status in _TAKING else Exclusion.STATUS


def _applicable(
    asked: Asked, facts: DeviceFacts, device_type: DeviceType, _status: SmiStatus
) -> Exclusion | None:
    of_model = [
        entry
        for entry in asked.listed
        if (entry.device_type, entry.manufacturer, entry.model)
        == (device_type, facts.manufacturer, facts.model)
    ]
    if not of_model:
        return Exclusion.OTHER_MODEL
    of_hardware = [entry for entry in of_model if entry.hardware_version == facts.hardware_version]
    if not of_hardware or not _is_within(facts.hardware_version or "", asked.hardware):
        return Exclusion.HARDWARE
    if not any(facts.firmware_version in entry.predecessors for entry in of_hardware):
        return Exclusion.PATHWAY
    return None


def _free(_asked: Asked, facts: DeviceFacts, device_type: DeviceType, _status: SmiStatus) -> Exclusion | None:
    if facts.is_in_progress:
        return Exclusion.IN_PROGRESS
    is_gated = device_type in SHARED_TYPES
    if is_gated and not passes_on(facts.hub_gbcs_version, network=facts.network):
        return Exclusion.HUB_GBCS
    return None


_CHECKS: tuple[Callable[[Asked, DeviceFacts, DeviceType, SmiStatus], Exclusion | None], ...] = (
    _rightly_named,
    _status,
    _applicable,
    _free,
)


def _is_within(hardware_version: str, hardware: tuple[int, int] | None) -> bool:
    number = _number(hardware_version)
    if hardware is None or not hardware_version:
        return True
    return number is not None and hardware[0] <= number <= hardware[1]


def _number(text: str) -> int | None:
    return int(text, 16) if _HEXADECIMAL.fullmatch(text) else None


def passes_on(gbcs_version: str | None, *, network: str | None) -> bool:
    """This function will say whether a home's hub takes images for its PPMIDs and HCALCSs (`domain.md` 10.2).

    Args:
        gbcs_version: of the hub's firmware, such as `4.1`; None when the CPL never listed it.
        network: the network of the hub; None when it is unknown.
    """
    said = read_gbcs(gbcs_version)
    if said is None or network is None or CSP_STAGE[Network(network)] < PASSING_STAGE:
        return False
    return said >= PASSING_GBCS


def read_gbcs(gbcs_version: str | None) -> tuple[int, int] | None:
    """This function will read a GBCS version such as `4.1`, of which later parts do not count; nothing if it is none."""
    said = _GBCS.fullmatch(gbcs_version or "")
    return None if said is None else (int(said[1]), int(said[2]))


def sum_up(verdicts: Collection[Exclusion | None]) -> Outcome:
    """This function will say what a request comes to, from what was judged of its Devices (`domain.md` 4.7).

    Args:
        verdicts: one for each Device; there is at least one.
    """
    if None in verdicts:
        return Outcome.SOME if any(verdict is not None for verdict in verdicts) else Outcome.ALL
    return Outcome.NONE_COMPATIBLE if set(verdicts) <= INCOMPATIBLE else Outcome.NONE


def by_list(verdicts: Sequence[Exclusion | None]) -> dict[WarningList, list[int]]:
    """This function will give the places of the Devices excluded, by the list that names them, in their order."""
    places: dict[WarningList, list[int]] = {}
    for place, verdict in enumerate(verdicts):
        if verdict is not None:
            places.setdefault(LIST_OF[verdict], []).append(place)
    return places
