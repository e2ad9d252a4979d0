"""What Users may say of the inventory: 8.3, 8.4, 12.2 and 8.14.1 to 8.14.4 (`domain.md` 3.6, 4.7, 5.6).

The texts name the requests and their fields, and not what refuses them; these are the rules of the house.

1. A Device is pre-notified (12.2) once, as PENDING. What the CPL lists has to be ACTIVE there in that version; IHDs and
   CADs are Type 2 and on no list. A hub names its GPF, and nothing else does.
2. A status is told (8.4) of a Device whose commissioning is not complete; of a hub also that it is commissioned, or that
   it is withdrawn and comes back. Nobody lifts a suspension by telling a status: that is MP105's (`domain.md` 9).
3. Details are told (8.4) of a Device that is not commissioned yet, or that is Type 2: once commissioned, a version
   changes on the Device's own evidence alone (11.2, 11.3).
4. What is PENDING may be deleted (8.4), a hub when nothing is behind it.
5. An MPAN belongs to an ESME or HCALCS, an MPRN to a GSME, and one meter point to one meter of its type.
6. A hub that was installed and reached the SM WAN (8.14.1) is COMMISSIONED; one that did not (8.14.2) is installed and
   not commissioned. Whoever says what is known already is told yes, and changes nothing. One that was only announced
   enters the fleet when it is on the SM WAN in a home that the inventory knows, or in a new one whose MPAN says where it is,
   and waits with a warning otherwise; as a replacement it takes that home over, and the hub before it is DECOMMISSIONED. One whose firmware left the CPL since it
   was announced enters SUSPENDED.
7. A hub that comes back (8.14.3, 8.14.4) is DECOMMISSIONED when nothing is behind it. While a home hangs on it, its return
   is noted with a warning: the Devices are taken off it first (8.3, 8.12.1).
8. A Device of a home is DECOMMISSIONED (8.3) whatever its status, a Suspended one too: it leaves service, and its suspension
   is over without a return. A hub, named by its CHF, only when nothing in service is behind it. One that was only announced
   has never been in service, and is deleted instead (4). Saying it again is told yes, and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus

HUB_TYPES = frozenset({DeviceType.CHF, DeviceType.GPF})
TYPE_2 = frozenset({DeviceType.IHD, DeviceType.CAD})
_ELECTRICITY = frozenset({DeviceType.ESME, DeviceType.HCALCS})
_MPAN_LENGTH = 13
_MPRN_LENGTH = 10


class Fault(StrEnum):
    """Why a change of the inventory is refused."""

    UNKNOWN_DEVICE = "UNKNOWN_DEVICE"
    NOT_RESPONSIBLE = "NOT_RESPONSIBLE"
    SUSPENDED = "SUSPENDED"
    WRONG_DEVICE_TYPE = "WRONG_DEVICE_TYPE"
    NO_SUCH_MOVE = "NO_SUCH_MOVE"
    NOTHING_SAID = "NOTHING_SAID"
    COMMISSIONED = "COMMISSIONED"
    NOT_ON_CPL = "NOT_ON_CPL"
    OTHER_SPECIFICATION = "OTHER_SPECIFICATION"
    VARIANT_OF_NO_ESME = "VARIANT_OF_NO_ESME"
    NOT_PENDING = "NOT_PENDING"
    DEVICES_BEHIND = "DEVICES_BEHIND"
    WRONG_METER_POINT = "WRONG_METER_POINT"
    METER_POINT_TAKEN = "METER_POINT_TAKEN"
    METER_POINT_NOT_KEPT = "METER_POINT_NOT_KEPT"
    KNOWN_ALREADY = "KNOWN_ALREADY"
    WRONG_GPF = "WRONG_GPF"
    WRONG_OCCASION = "WRONG_OCCASION"


class ChangeKind(StrEnum):
    """What was changed, or only noted, in the inventory."""

    PRENOTIFIED = "PRENOTIFIED"
    STATUS = "STATUS"
    DETAILS = "DETAILS"
    MPXN = "MPXN"
    DELETED = "DELETED"
    NOTED = "NOTED"


@dataclass(frozen=True, slots=True)
class Standing:
    """A Device as it stands; `devices_behind` counts those behind a hub, its GPF aside."""

    device_type: DeviceType
    smi_status: SmiStatus
    devices_behind: int = 0

    @property
    def is_hub(self) -> bool:
        """This function will say whether this is a Communications Hub, by either of its Device IDs."""
        return self.device_type in HUB_TYPES


@dataclass(frozen=True, slots=True)
class Details:
    """What a Device would be: `cpl_status` and `listed_specification` are what the CPL says of it, None for nothing."""

    device_type: DeviceType
    firmware_version: str | None
    specification: str | None = None
    esme_variant: str | None = None
    cpl_status: CplStatus | None = None
    listed_specification: str | None = None


_S = SmiStatus
OUT_OF_SERVICE = frozenset({_S.DECOMMISSIONED, _S.WITHDRAWN})
"""What is behind a hub and keeps it in its home no longer."""

UNFINISHED = frozenset({_S.PENDING, _S.WHITELISTED, _S.INSTALLED_NOT_COMMISSIONED})
"""What is on its way into service."""
_TOLD_OF_HUBS: Mapping[SmiStatus, frozenset[SmiStatus]] = {
    _S.INSTALLED_NOT_COMMISSIONED: UNFINISHED,
    _S.COMMISSIONED: UNFINISHED | {_S.WITHDRAWN},
    _S.WITHDRAWN: frozenset({_S.COMMISSIONED}),
}
_TOLD_OF_OTHERS: Mapping[SmiStatus, frozenset[SmiStatus]] = {
    _S.PENDING: UNFINISHED | {_S.DECOMMISSIONED},
    _S.INSTALLED_NOT_COMMISSIONED: UNFINISHED,
}


def judge_status(standing: Standing, /, *, to: SmiStatus, is_for_hubs: bool) -> Fault | None:
    """This function will say what speaks against telling a Device's status (rule 2), or nothing.

    Args:
        standing: the Device.
        to: the status told.
        is_for_hubs: whether it was told in the field for hubs.
    """
    if is_for_hubs is not standing.is_hub:
        return Fault.WRONG_DEVICE_TYPE
    if standing.smi_status is SmiStatus.SUSPENDED:
        return Fault.SUSPENDED
    told = _TOLD_OF_HUBS if is_for_hubs else _TOLD_OF_OTHERS
    return None if standing.smi_status in told.get(to, frozenset()) else Fault.NO_SUCH_MOVE


def judge_details(standing: Standing, /, *, details: Details, says_anything: bool) -> Fault | None:
    """This function will say what speaks against telling a Device's details (rule 3), or nothing.

    Args:
        standing: the Device.
        details: what it would be.
        says_anything: whether any field was there at all.
    """
    if not says_anything:
        return Fault.NOTHING_SAID
    if standing.smi_status not in UNFINISHED and standing.device_type not in TYPE_2:
        return Fault.SUSPENDED if standing.smi_status is SmiStatus.SUSPENDED else Fault.COMMISSIONED
    return judge_model(details)


def judge_model(details: Details, /) -> Fault | None:
    """This function will say what speaks against a Device being what it is said to be (rule 1), or nothing."""
    if details.esme_variant is not None and details.device_type is not DeviceType.ESME:
        return Fault.VARIANT_OF_NO_ESME
    if details.device_type in TYPE_2:
        return None
    if details.firmware_version is None or details.cpl_status is not CplStatus.ACTIVE:
        return Fault.NOT_ON_CPL
    if details.specification is not None and details.specification != details.listed_specification:
        return Fault.OTHER_SPECIFICATION
    return None


def judge_deletion(standing: Standing, /) -> Fault | None:
    """This function will say what speaks against deleting a Device (rule 4), or nothing."""
    if standing.smi_status is not SmiStatus.PENDING:
        return Fault.NOT_PENDING
    return Fault.DEVICES_BEHIND if standing.devices_behind else None


def judge_meter_point(standing: Standing, /, *, mpxn: str, is_taken: bool) -> Fault | None:
    """This function will say what speaks against giving a meter point to a Device (rule 5), or nothing.

    Args:
        standing: the Device.
        mpxn: the MPAN or MPRN.
        is_taken: whether another Device of its type has it.
    """
    if standing.device_type in _ELECTRICITY:
        fits = len(mpxn) == _MPAN_LENGTH
    else:
        fits = standing.device_type is DeviceType.GSME and len(mpxn) <= _MPRN_LENGTH
    if not fits or not (mpxn.isascii() and mpxn.isdecimal()):
        return Fault.WRONG_METER_POINT
    # A home's HCALCS has the MPAN of its ESME.
    return Fault.METER_POINT_TAKEN if is_taken and standing.device_type is not DeviceType.HCALCS else None


def judge_prenotification(
    details: Details, /, *, is_known: bool, names_gpf: bool, is_gpf_known: bool
) -> Fault | None:
    """This function will say what speaks against pre-notifying a Device (rule 1), or nothing.

    Args:
        details: what the Device is said to be.
        is_known: whether its Device ID stands in the inventory already.
        names_gpf: whether a GPF is named with it.
        is_gpf_known: whether that GPF's Device ID stands in the inventory already.
    """
    if is_known:
        return Fault.KNOWN_ALREADY
    # A GPF of its own is known by its hub, and comes with it.
    if names_gpf is not (details.device_type is DeviceType.CHF) or is_gpf_known:
        return Fault.WRONG_GPF
    return judge_model(details)


@dataclass(frozen=True, slots=True)
class HubNews:
    """What news of a hub comes to: the status it has from now on, and whether there is something to warn of."""

    smi_status: SmiStatus
    is_warned_of: bool = False


def judge_installation(standing: Standing, /, *, reached_wan: bool, is_place_known: bool) -> HubNews | Fault:
    """This function will say what an installed hub has become (rule 6), or what speaks against it.

    Args:
        standing: the hub.
        reached_wan: whether it reached the SM WAN.
        is_place_known: whether the inventory knows the meter point where it was installed.
    """
    if standing.device_type is not DeviceType.CHF:
        return Fault.WRONG_DEVICE_TYPE
    status = standing.smi_status
    if status in {SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN}:
        return Fault.NO_SUCH_MOVE
    becomes = SmiStatus.COMMISSIONED if reached_wan else SmiStatus.INSTALLED_NOT_COMMISSIONED
    if status in UNFINISHED:
        return HubNews(becomes, is_warned_of=not is_place_known)
    # A hub that has been on the SM WAN stays what it is, whatever an installer saw.
    return HubNews(status, is_warned_of=not is_place_known or not reached_wan)


def judge_return(standing: Standing, /, *, was_installed: bool | None) -> HubNews | Fault:
    """This function will say what a hub that comes back has become (rule 7), or what speaks against it.

    Args:
        standing: the hub.
        was_installed: whether its return is said to follow its installation; None where nothing is said of that.
    """
    if standing.device_type is not DeviceType.CHF:
        return Fault.WRONG_DEVICE_TYPE
    if standing.smi_status is SmiStatus.DECOMMISSIONED:
        return HubNews(standing.smi_status)
    is_in_stock = standing.smi_status in {SmiStatus.PENDING, SmiStatus.WHITELISTED}
    if was_installed is not None and was_installed is is_in_stock:
        return Fault.WRONG_OCCASION
    if standing.devices_behind or standing.smi_status is SmiStatus.SUSPENDED:
        return HubNews(standing.smi_status, is_warned_of=True)
    return HubNews(SmiStatus.DECOMMISSIONED)


def judge_decommissioning(standing: Standing, /, *, is_announced: bool) -> bool | Fault:
    """This function will say whether decommissioning a Device changes anything (rule 8), or what speaks against it.

    Args:
        standing: the Device; behind a hub count those in service.
        is_announced: whether it was only announced.
    """
    if is_announced:
        return Fault.NO_SUCH_MOVE
    if standing.device_type is DeviceType.GPF:
        return Fault.WRONG_DEVICE_TYPE
    if standing.smi_status is SmiStatus.DECOMMISSIONED:
        return False
    return Fault.DEVICES_BEHIND if standing.devices_behind else True
