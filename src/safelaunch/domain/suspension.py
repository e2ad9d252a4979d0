"""Suspension: what suspends a Device, what brings it back, and who is told (MP105, `domain.md` 3.6, 9.2).

    1   Removing a CPL entry suspends every Device on that firmware; each remembers the status it held.
    2   An answer that shows firmware the CPL lists as Active restores that status. `judge` has the 17 rows of
        `domain.md` 9.2, by their numbers; the first that fits decides.
    3   Re-instating the CPL entry of a Suspended Device's firmware restores it too.
    4   Between its suspension and its return a Device is in one episode. N28 opens it and N29 closes it, once each,
        however many answers arrive.
    5   The version in an answer is evidence whatever became of the command: an 11.3 that failed because the Device
        had activated long ago tells the truth about the firmware (R-0105-7, R-0105-8).

What the source leaves open is decided so: a version that is not Active on the CPL never restores (row 3 for any kind of
answer); an error code in the first answer to 11.3 is judged like that of a retry (rows 10 to 13); an answer without a
version moves nothing (row 12 for every Device). Hubs are the DCC's: their firmware is known from their CSP, not from here.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum, StrEnum

from safelaunch.domain.alerts import AlertCode
from safelaunch.domain.machine import Machine, Move
from safelaunch.domain.refusals import Conflict
from safelaunch.domain.smi import DeviceType, SmiStatus, UserRole

SUSPENDABLE = (
    SmiStatus.PENDING,
    SmiStatus.WHITELISTED,
    SmiStatus.INSTALLED_NOT_COMMISSIONED,
    SmiStatus.COMMISSIONED,
)
"""The statuses that a suspension takes and remembers; the others have left service or are being recovered."""

RECEIVERS: dict[DeviceType, tuple[UserRole, ...]] = {
    DeviceType.ESME: (UserRole.IS, UserRole.ED),
    DeviceType.HCALCS: (UserRole.IS, UserRole.ED),
    DeviceType.GSME: (UserRole.GS, UserRole.GT),
    DeviceType.PPMID: (UserRole.IS, UserRole.GS),
    DeviceType.CHF: (UserRole.IS, UserRole.GS),
    DeviceType.GPF: (UserRole.IS, UserRole.GS),
}
"""Who receives N28 and N29 (R-0105-6; gas by analogy, U8). Displays and hubs have no MPxN, so no network operator."""


class Kind(StrEnum):
    """What an answer is an answer to."""

    READ = "READ"
    ACTIVATION = "ACTIVATION"
    ACTIVATION_RETRY = "ACTIVATION_RETRY"
    ACTIVATION_LOST = "ACTIVATION_LOST"
    FUTURE_DATED_DONE = "FUTURE_DATED_DONE"
    FUTURE_DATED_FAILED = "FUTURE_DATED_FAILED"


class Row(IntEnum):
    """The rows of `domain.md` 9.2, by number."""

    READ_NEW_VERSION = 1
    READ_SAME_VERSION = 2
    READ_UNLISTED_VERSION = 3
    READ_WHILE_IN_SERVICE = 4
    READ_FAILED = 5
    GPF_DIFFERS = 6
    GPF_AGREES = 7
    ACTIVATED_WHILE_SUSPENDED = 8
    ACTIVATED_IN_SERVICE = 9
    RETRY_WHILE_SUSPENDED = 10
    RETRY_IN_SERVICE = 11
    RETRY_WITHOUT_VERSION = 12
    ACTIVATION_FAILED = 13
    FUTURE_DATED_DONE = 14
    FUTURE_DATED_FAILED = 15
    ANSWER_LOST = 16
    NOT_LISTED = 17


class StatusEffect(StrEnum):
    """What becomes of the SMI status."""

    KEEP = "KEEP"
    RESTORE = "RESTORE"
    SUSPEND = "SUSPEND"


class Notice(StrEnum):
    """What the requester of a command is told besides DCC Alerts about the Device."""

    ACTIVATION_FAILED = "ACTIVATION_FAILED"
    COMMAND_FAILED = "COMMAND_FAILED"
    VERSION_MISMATCH = "VERSION_MISMATCH"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, or did not.

    Attributes:
        target: the Device that was asked; a GPF mirrors its GSME's version.
        version: the firmware version in the answer; None without one.
        is_success: whether the command itself succeeded (for 11.3 its response code 0).
    """

    kind: Kind
    target: DeviceType
    version: str | None
    is_success: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What the inventory knows: of the Device that was asked, or of the GSME when that was its GPF.

    Attributes:
        version: the firmware version in the inventory.
        is_active: whether the CPL lists the version of the answer as Active for this Device.
    """

    status: SmiStatus
    version: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer does to the inventory; `row` is None when nothing is said that 9.2 knows."""

    row: Row | None
    takes_version: bool
    status: StatusEffect
    alert: AlertCode | None
    notice: Notice | None
    reason: str


_ACTIVATIONS = frozenset(Kind) - {Kind.READ, Kind.ACTIVATION_LOST}
_READABLE = frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.PPMID, DeviceType.HCALCS})
_ACTIVATED_BY_USERS = frozenset({DeviceType.ESME, DeviceType.GSME, DeviceType.HCALCS})
_TYPE_2 = frozenset({DeviceType.IHD, DeviceType.CAD})


def judge(answer: Answer, *, known: Known) -> Verdict:
    """This function will say what an answer does to the inventory, by the table of `domain.md` 9.2."""
    if answer.target in _TYPE_2:
        return _nothing(Row.NOT_LISTED, "An IHD or CAD is not on the CPL and has no status to change.")
    if answer.kind is Kind.ACTIVATION_LOST:
        return _nothing(
            Row.ANSWER_LOST,
            "No answer came in time: silence changes nothing, and the requester is told.",
            notice=Notice.COMMAND_FAILED,
        )
    if answer.kind is Kind.READ and answer.target is DeviceType.GPF:
        return _judge_gpf(answer, known)
    if answer.kind is Kind.READ and answer.target in _READABLE:
        return _judge_read(answer, known)
    if answer.kind in _ACTIVATIONS and answer.target in _ACTIVATED_BY_USERS:
        return _judge_activation(answer, known)
    return _nothing(None, "The firmware of this Device is not known from such an answer.")


def _nothing(row: Row | None, reason: str, *, notice: Notice | None = None) -> Verdict:
    return Verdict(
        row=row, takes_version=False, status=StatusEffect.KEEP, alert=None, notice=notice, reason=reason
    )


def _takes(row: Row, reason: str, *, status: StatusEffect = StatusEffect.KEEP) -> Verdict:
    alert = {StatusEffect.RESTORE: AlertCode.N29, StatusEffect.SUSPEND: AlertCode.N28}.get(status)
    return Verdict(row=row, takes_version=True, status=status, alert=alert, notice=None, reason=reason)


def _judge_gpf(answer: Answer, known: Known) -> Verdict:
    if answer.version is None:
        return _nothing(Row.READ_FAILED, "The answer holds no version.")
    if answer.version == known.version:
        return _nothing(Row.GPF_AGREES, "The GPF mirrors the version that the inventory has of the GSME.")
    verdict = _nothing(
        Row.GPF_DIFFERS,
        "The GPF mirrors another version of the GSME than the inventory has. Only the GSME itself can change it.",
    )
    return replace(verdict, alert=AlertCode.N52)


def _judge_read(answer: Answer, known: Known) -> Verdict:
    if answer.version is None:
        return _nothing(Row.READ_FAILED, "The answer holds no version.")
    is_suspended = known.status is SmiStatus.SUSPENDED
    if answer.version == known.version:
        row = Row.READ_SAME_VERSION if is_suspended else None
        return _nothing(row, "The Device runs the version that the inventory has.")
    if is_suspended:
        return _new_version(Row.READ_NEW_VERSION, known)
    if known.is_active or known.status not in SUSPENDABLE:
        return _takes(Row.READ_WHILE_IN_SERVICE, "The Device runs another version than the inventory had.")
    return _takes(
        Row.READ_WHILE_IN_SERVICE,
        "The Device runs a version that the CPL does not list as Active, so it is Suspended.",
        status=StatusEffect.SUSPEND,
    )


def _new_version(row: Row, known: Known) -> Verdict:
    """A Suspended Device shows other firmware: only what the CPL lists as Active brings it back."""
    if known.is_active:
        return _takes(
            row,
            "The Device runs firmware that the CPL lists as Active, so it has its status back.",
            status=StatusEffect.RESTORE,
        )
    verdict = _takes(
        Row.READ_UNLISTED_VERSION,
        "The Device runs other firmware, but none that the CPL lists as Active, so it stays Suspended.",
    )
    return replace(verdict, notice=Notice.VERSION_MISMATCH)


def _judge_activation(answer: Answer, known: Known) -> Verdict:
    if answer.version is None:
        return _nothing(Row.RETRY_WITHOUT_VERSION, "The answer holds no version, so it proves nothing.")
    if answer.kind is Kind.FUTURE_DATED_FAILED:
        return _nothing(
            Row.FUTURE_DATED_FAILED,
            "The activation that was due has failed.",
            notice=Notice.ACTIVATION_FAILED,
        )
    if answer.kind is Kind.FUTURE_DATED_DONE:
        done = _judge_activation(replace(answer, kind=Kind.ACTIVATION, is_success=True), known)
        return replace(done, row=Row.FUTURE_DATED_DONE)
    if answer.version == known.version:
        return _same_version(answer, known)
    return _other_version(answer, known)


def _other_version(answer: Answer, known: Known) -> Verdict:
    is_suspended = known.status is SmiStatus.SUSPENDED
    is_first = answer.kind is Kind.ACTIVATION and answer.is_success
    if is_suspended:
        return _new_version(Row.ACTIVATED_WHILE_SUSPENDED if is_first else Row.RETRY_WHILE_SUSPENDED, known)
    if is_first:
        return _takes(Row.ACTIVATED_IN_SERVICE, "The Device activated the version.")
    return _takes(
        Row.RETRY_IN_SERVICE, "The Device runs another version than the inventory had, whatever the code."
    )


def _same_version(answer: Answer, known: Known) -> Verdict:
    if not answer.is_success:
        return _nothing(
            Row.ACTIVATION_FAILED,
            "The Device did not activate and runs the version that the inventory has.",
            notice=Notice.ACTIVATION_FAILED,
        )
    if known.status is not SmiStatus.SUSPENDED:
        return _takes(Row.ACTIVATED_IN_SERVICE, "The inventory has the version already.")
    if known.is_active:
        return _new_version(Row.ACTIVATED_WHILE_SUSPENDED, known)
    return _nothing(Row.READ_SAME_VERSION, "The Device runs the version it was Suspended with.")


class EpisodeState(StrEnum):
    """Where an episode of suspension stands."""

    SUSPENDED = "SUSPENDED"
    RESTORED = "RESTORED"
    ENDED = "ENDED"


class EpisodeEvent(StrEnum):
    """What closes an episode: evidence or the CPL restores, leaving service ends it without a return."""

    RESTORE = "RESTORE"
    LEAVE_SERVICE = "LEAVE_SERVICE"


class SuspensionCause(StrEnum):
    """What suspended a Device: its CPL entry went, or an answer showed firmware that the CPL does not list."""

    CPL_REMOVED = "CPL_REMOVED"
    UNLISTED_FIRMWARE = "UNLISTED_FIRMWARE"


class EndCause(StrEnum):
    """What ended an episode."""

    NEW_FIRMWARE = "NEW_FIRMWARE"
    CPL_REINSTATED = "CPL_REINSTATED"
    LEFT_SERVICE = "LEFT_SERVICE"


EPISODE: Machine[EpisodeState, EpisodeEvent] = Machine(
    name="Suspension episode",
    initial=EpisodeState.SUSPENDED,
    moves=(
        Move(EpisodeEvent.RESTORE, (EpisodeState.SUSPENDED,), EpisodeState.RESTORED),
        Move(EpisodeEvent.LEAVE_SERVICE, (EpisodeState.SUSPENDED,), EpisodeState.ENDED),
    ),
)


class NotSuspendable(Conflict):
    """The Device is in a status that no suspension takes."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One suspension of one Device: it remembers what it restores."""

    state: EpisodeState
    status_before: SmiStatus
    suspended_at: datetime
    ended_at: datetime | None = None

    @property
    def smi_status(self) -> SmiStatus | None:
        """This function will give the status the Device has by this episode; None once it has left service."""
        if self.state is EpisodeState.SUSPENDED:
            return SmiStatus.SUSPENDED
        return self.status_before if self.state is EpisodeState.RESTORED else None


def suspend(status: SmiStatus, *, at: datetime) -> tuple[Episode, AlertCode]:
    """This function will open an episode, with the alert that says so.

    Raises:
        NotSuspendable: the Device is Suspended already, out of service or being recovered.
    """
    if status not in SUSPENDABLE:
        raise NotSuspendable(
            f"A Device that is {status.value.replace('_', ' ').lower()} cannot be suspended; "
            "only one that waits for service or is in service can."
        )
    return Episode(state=EPISODE.initial, status_before=status, suspended_at=at), AlertCode.N28


def close(episode: Episode, event: EpisodeEvent, /, *, at: datetime) -> tuple[Episode, AlertCode | None]:
    """This function will close an episode, with N29 if the Device is back; a closed one stays as it is, silently.

    That no second answer raises a second N29 rests on this: only the move out of SUSPENDED gives an alert.
    """
    if not EPISODE.may(episode.state, event):
        return episode, None
    closed = replace(episode, state=EPISODE.next(episode.state, event), ended_at=at)
    return closed, AlertCode.N29 if event is EpisodeEvent.RESTORE else None


def status_to_restore(remembered: SmiStatus | None, *, commissioned_on: date | None) -> SmiStatus:
    """This function will give the status that ends a suspension.

    A Device that came into the inventory Suspended remembers nothing; its date of commissioning then tells.
    """
    if remembered is not None:
        return remembered
    return SmiStatus.COMMISSIONED if commissioned_on is not None else SmiStatus.INSTALLED_NOT_COMMISSIONED


def is_in_use(status: SmiStatus, *, remembered: SmiStatus | None, commissioned_on: date | None) -> bool:
    """This function will say whether a Device serves its home: COMMISSIONED, or SUSPENDED and COMMISSIONED when restored.

    The inventory keeps the answer for every hub as a generated column (`store/models/hubs.py`).
    """
    if status is SmiStatus.SUSPENDED:
        status = status_to_restore(remembered, commissioned_on=commissioned_on)
    return status is SmiStatus.COMMISSIONED
