"""Which Devices belong to a home: the log of its Communications Hub, as Users have it changed (8.11, 8.12, 8.1.1; `domain.md` 3.6).

The texts name the steps and their alerts, and not what refuses them; these are the rules of the house.

1. What 12.2 announced is PENDING and in no home. An Add (8.11) asks the hub to take it into its log and to let it join for a
   while. When the hub has taken it, it is WHITELISTED and of that home; when the hub tells that it has joined, it is
   INSTALLED_NOT_COMMISSIONED and the User is told (N24). When the time is over and neither was heard, N25 says that nobody
   knows; what is heard later counts all the same, and N24 follows.
2. A meter is COMMISSIONED when it has taken the time from its Supplier (8.1.1). A PPMID or HCALCS has no such command in the
   test data, and Join Service (8.7) is not served here; it is COMMISSIONED when it has joined, and Type 2 Devices likewise.
3. A Remove (8.11) takes a Device out of the log, and so out of the home: it is PENDING again, in no home, and may join
   another; a suspension is over without a return. One that left service (8.3) stays in the history of its home.
4. An import Supplier has ESME and HCALCS, a gas Supplier the GSME, each of them PPMIDs and Type 2 Devices, and Other Users
   Type 2 Devices alone; to a home that has no Supplier of its fuel yet a Supplier may bring its meter. Whoever may be added has to be named with what it is to join with, and has firmware that the CPL lists
   as Active, unless it is of Type 2. A log holds 16 Devices, the GPF among them.
5. The Device of a home is in no other. One that is PENDING is in no log, wherever the inventory has it.
6. The log of a hub that is no more is given to the one that stands in its place (8.12.1), and that of its GPF likewise (8.12.2),
   from what the old hub told of it last. What was behind the old hub is behind the new one then, if 8.14.1 has not said so
   before; the Suppliers are told (N30, N31).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from safelaunch.domain.inventory_requests import HUB_TYPES, OUT_OF_SERVICE, TYPE_2, UNFINISHED
from safelaunch.domain.machine import Machine, Move
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus, UserRole

LOG_SIZE = 16
"""Entries of a hub's log; its GPF has one of them (`domain.md` 3.3)."""

PATIENCE = timedelta(minutes=5)
"""How long after the join time a hub's word is waited for; reports mostly take seconds."""


class LogKind(StrEnum):
    """What is asked of a hub's log, or of its GPF's."""

    ADD = "ADD"
    REMOVE = "REMOVE"
    RESTORE_HUB = "RESTORE_HUB"
    RESTORE_GPF = "RESTORE_GPF"


class LogState(StrEnum):
    """Where a change of a hub's log stands."""

    ASKED = "ASKED"
    LOGGED = "LOGGED"
    DONE = "DONE"
    REFUSED = "REFUSED"
    DOUBTFUL = "DOUBTFUL"
    TAKEN_BACK = "TAKEN_BACK"


class LogEvent(StrEnum):
    """What happens to a change of a hub's log."""

    LOG = "LOG"
    FINISH = "FINISH"
    REFUSE = "REFUSE"
    DOUBT = "DOUBT"
    TAKE_BACK = "TAKE_BACK"


# Whatever is heard after the doubt counts, and ends it.
MACHINE: Machine[LogState, LogEvent] = Machine(
    name="HAN log update",
    initial=LogState.ASKED,
    moves=[
        Move(LogEvent.LOG, (LogState.ASKED,), LogState.LOGGED),
        Move(LogEvent.FINISH, (LogState.ASKED, LogState.LOGGED, LogState.DOUBTFUL), LogState.DONE),
        Move(LogEvent.REFUSE, (LogState.ASKED, LogState.DOUBTFUL), LogState.REFUSED),
        Move(LogEvent.DOUBT, (LogState.ASKED, LogState.LOGGED), LogState.DOUBTFUL),
        Move(LogEvent.TAKE_BACK, (LogState.ASKED,), LogState.TAKEN_BACK),
    ],
)
"""The life of a change of a hub's log, from the request to what the hub told of it."""

HEARD = (LogState.ASKED, LogState.LOGGED, LogState.DOUBTFUL)
"""States in which a hub's word on the matter still counts."""


class LogFault(StrEnum):
    """Why a change of a hub's log is refused."""

    INCOMPLETE = "INCOMPLETE"
    UNKNOWN_DEVICE = "UNKNOWN_DEVICE"
    WRONG_STATUS = "WRONG_STATUS"
    OTHER_HOME = "OTHER_HOME"
    LOG_FULL = "LOG_FULL"
    WRONG_DEVICE_TYPE = "WRONG_DEVICE_TYPE"
    NOT_THEIRS = "NOT_THEIRS"
    WRONG_METER_POINT = "WRONG_METER_POINT"
    METER_POINT_TAKEN = "METER_POINT_TAKEN"
    NOT_ON_CPL = "NOT_ON_CPL"
    NO_SUCH_HUB = "NO_SUCH_HUB"
    NO_BACKUP = "NO_BACKUP"
    SAME_HUB = "SAME_HUB"


_ANYBODYS = frozenset({DeviceType.PPMID}) | TYPE_2
_MAY_ADD: Mapping[UserRole, frozenset[DeviceType]] = {
    UserRole.IS: _ANYBODYS | {DeviceType.ESME, DeviceType.HCALCS},
    UserRole.GS: _ANYBODYS | {DeviceType.GSME},
    UserRole.OU: TYPE_2,
}
_METER_OF = {UserRole.IS: DeviceType.ESME, UserRole.GS: DeviceType.GSME}
_METERS = frozenset({DeviceType.ESME, DeviceType.GSME})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Device whose place is asked for.

    Attributes:
        is_behind_hub: whether the inventory has it behind the hub that is asked.
        is_behind_other: whether it has it behind another.
        cpl_status: what the CPL says of its firmware; None when it does not list it.
    """

    device_type: DeviceType
    smi_status: SmiStatus
    is_behind_hub: bool
    is_behind_other: bool
    cpl_status: CplStatus | None = None


def founding_types(vacant: frozenset[UserRole], /) -> frozenset[DeviceType]:
    """This function will give what a Supplier may bring to a home that has none of its fuel yet: the meter (rule 4)."""
    return frozenset(_METER_OF[role] for role in vacant & _METER_OF.keys())


def judge_addition(
    candidate: Candidate, /, *, roles: frozenset[UserRole], devices_logged: int
) -> LogFault | None:
    """This function will say what speaks against taking a Device into a hub's log (rules 4 and 5), or nothing.

    Args:
        candidate: the Device.
        roles: the User Roles in which it is asked.
        devices_logged: how many Devices the inventory has in the hub's log, the GPF aside.
    """
    if candidate.device_type in HUB_TYPES:
        return LogFault.WRONG_DEVICE_TYPE
    if not _is_theirs(candidate.device_type, roles=roles):
        return LogFault.NOT_THEIRS
    if candidate.is_behind_other and candidate.smi_status is not SmiStatus.PENDING:
        return LogFault.OTHER_HOME
    if candidate.smi_status not in UNFINISHED:
        return LogFault.WRONG_STATUS
    if candidate.device_type not in TYPE_2 and candidate.cpl_status is not CplStatus.ACTIVE:
        return LogFault.NOT_ON_CPL
    is_logged = candidate.is_behind_hub and candidate.smi_status is not SmiStatus.PENDING
    return LogFault.LOG_FULL if not is_logged and devices_logged >= LOG_SIZE - 1 else None


def judge_removal(candidate: Candidate, /, *, roles: frozenset[UserRole]) -> LogFault | None:
    """This function will say what speaks against taking a Device out of a hub's log (rules 3 to 5), or nothing."""
    if candidate.device_type in HUB_TYPES:
        return LogFault.WRONG_DEVICE_TYPE
    if not candidate.is_behind_hub:
        return LogFault.OTHER_HOME
    return None if _is_theirs(candidate.device_type, roles=roles) else LogFault.NOT_THEIRS


def judge_restoration(*, is_old_theirs: bool, is_same: bool, has_backup: bool) -> LogFault | None:
    """This function will say what speaks against giving a hub the log of another (rule 6), or nothing."""
    if not is_old_theirs:
        return LogFault.NO_SUCH_HUB
    if is_same:
        return LogFault.SAME_HUB
    return None if has_backup else LogFault.NO_BACKUP


def once_logged(smi_status: SmiStatus, /) -> SmiStatus:
    """This function will give the status of a Device that its hub has taken into the log (rule 1)."""
    return SmiStatus.WHITELISTED if smi_status is SmiStatus.PENDING else smi_status


def once_joined(smi_status: SmiStatus, /, *, device_type: DeviceType) -> SmiStatus:
    """This function will give the status of a Device that its hub says has joined (rules 1 and 2)."""
    if smi_status not in UNFINISHED:
        return smi_status
    return SmiStatus.INSTALLED_NOT_COMMISSIONED if device_type in _METERS else SmiStatus.COMMISSIONED


def once_commissioned(smi_status: SmiStatus, /) -> SmiStatus:
    """This function will give the status of a meter that has taken the time from its Supplier (rule 2)."""
    return SmiStatus.COMMISSIONED if smi_status in UNFINISHED else smi_status


def leaves_home(smi_status: SmiStatus, /) -> bool:
    """This function will say whether a Device that is out of the log is out of the home too (rule 3)."""
    return smi_status not in OUT_OF_SERVICE


def _is_theirs(device_type: DeviceType, *, roles: frozenset[UserRole]) -> bool:
    return any(device_type in _MAY_ADD.get(role, frozenset()) for role in roles)
