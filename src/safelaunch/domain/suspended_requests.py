"""Which Service Requests may reach a Suspended Device (MP105, `domain.md` 9.1).

Rules in order, the first that fits decides:

    1   a Critical Service Request (Command Variants 4 to 7)          allowed
    2   11.1, Update Firmware                                         allowed
    3   6.23, Update Security Credentials (CoS)                       allowed
    4   2.2 with Command Variant 2, to a SMETS1 Device                allowed
    5   2.2 otherwise                                                 E5
    6   11.2, Read Firmware Version, since MP105                      allowed
    7   11.2 before MP105 (a switch)                                  E5
    8   11.4, Update PPMID Firmware                                   allowed
    9   what the DCC answers itself (Command Variant 8)               allowed; no Device is asked
    10  any other Non-Critical Service Request                        E5

The check is on the target Device: a Suspended hub suspends no meter behind it. That 11.4 is allowed is a decision of
this house; without it a Suspended PPMID could never be brought back.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from safelaunch.domain.refusals import Forbidden
from safelaunch.domain.smi import SmiStatus


class Generation(StrEnum):
    """SMETS1 Devices differ in what reaches them while Suspended, and in what their answers hold."""

    SMETS1 = "SMETS1"
    SMETS2 = "SMETS2"


_SMETS1 = re.compile(r"SMETS\s*(1\b|V?1\.)", re.IGNORECASE)


def generation_of(smets_chts_version: str | None) -> Generation:
    """This function will say of which generation a Device is, by the version on the CPL; SMETS2 where none is known.

    The first generation's specification is SMETS version 1 (`SMETS V1.58`, `domain.md` 3.2). Doubt refuses: a SMETS2 Device
    takes less while it is Suspended.
    """
    return Generation.SMETS1 if _SMETS1.match(smets_chts_version or "") else Generation.SMETS2


class Mode(StrEnum):
    """The rules before and after MP105 came into force (November 2021)."""

    BEFORE_MP105 = "BEFORE_MP105"
    MP105 = "MP105"


class AdmissionRule(StrEnum):
    """The rules of the table, and that it does not apply."""

    NOT_SUSPENDED = "NOT_SUSPENDED"
    CRITICAL = "CRITICAL"
    UPDATE_FIRMWARE = "UPDATE_FIRMWARE"
    CHANGE_OF_SUPPLIER = "CHANGE_OF_SUPPLIER"
    SMETS1_TOP_UP = "SMETS1_TOP_UP"
    TOP_UP = "TOP_UP"
    READ_FIRMWARE = "READ_FIRMWARE"
    READ_FIRMWARE_BEFORE = "READ_FIRMWARE_BEFORE"
    UPDATE_PPMID_FIRMWARE = "UPDATE_PPMID_FIRMWARE"
    ANSWERED_BY_DCC = "ANSWERED_BY_DCC"
    NON_CRITICAL = "NON_CRITICAL"


@dataclass(frozen=True, slots=True)
class Asked:
    """A Service Request as the rules see it: its SRV (`11.2`), its Command Variant, and what it is sent to."""

    srv: str
    command_variant: int
    generation: Generation


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a Service Request may go on; without it the answer is E5."""

    is_allowed: bool
    rule: AdmissionRule
    reason: str


class InvalidDeviceStatus(Forbidden):
    """E5, Failed Authorisation: Invalid Device Status."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table; None fits everything."""

    rule: AdmissionRule
    is_allowed: bool
    reason: str
    srv: str | None = None
    command_variants: frozenset[int] | None = None
    generation: Generation | None = None
    mode: Mode | None = None

    def fits(self, asked: Asked, *, mode: Mode) -> bool:
        """This function will say whether the line speaks of the Service Request."""
        return (
            self.srv in (None, asked.srv)
            and (self.command_variants is None or asked.command_variant in self.command_variants)
            and self.generation in (None, asked.generation)
            and self.mode in (None, mode)
        )


CRITICAL_VARIANTS = frozenset({4, 5, 6, 7})
"""Pre-Commands and Signed Pre-Commands; a Non-Critical Service Request has none (`domain.md` 4.4)."""

_R = AdmissionRule

TABLE: tuple[_Row, ...] = (
    _Row(
        _R.CRITICAL,
        is_allowed=True,
        command_variants=CRITICAL_VARIANTS,
        reason="A Critical Service Request may reach a Suspended Device.",
    ),
    _Row(
        _R.UPDATE_FIRMWARE,
        is_allowed=True,
        srv="11.1",
        reason="New firmware is what brings a Suspended Device back.",
    ),
    _Row(
        _R.CHANGE_OF_SUPPLIER,
        is_allowed=True,
        srv="6.23",
        reason="A Suspended Device may change its Supplier.",
    ),
    _Row(
        _R.SMETS1_TOP_UP,
        is_allowed=True,
        srv="2.2",
        command_variants=frozenset({2}),
        generation=Generation.SMETS1,
        reason="A top-up for local delivery may be asked for a Suspended SMETS1 Device.",
    ),
    _Row(
        _R.TOP_UP,
        is_allowed=False,
        srv="2.2",
        reason="A top-up may not reach a Suspended Device, but for local delivery to a SMETS1 Device.",
    ),
    _Row(
        _R.READ_FIRMWARE,
        is_allowed=True,
        srv="11.2",
        mode=Mode.MP105,
        reason="Since MP105 the firmware version of a Suspended Device may be read, so that it can be restored.",
    ),
    _Row(
        _R.READ_FIRMWARE_BEFORE,
        is_allowed=False,
        srv="11.2",
        mode=Mode.BEFORE_MP105,
        reason="Before MP105 the firmware version of a Suspended Device may not be read.",
    ),
    _Row(
        _R.UPDATE_PPMID_FIRMWARE,
        is_allowed=True,
        srv="11.4",
        reason="New firmware is what brings a Suspended PPMID back.",
    ),
    _Row(
        _R.ANSWERED_BY_DCC,
        is_allowed=True,
        command_variants=frozenset({8}),
        reason="The DCC answers this itself; no Device is asked, so none's status is checked.",
    ),
    _Row(
        _R.NON_CRITICAL,
        is_allowed=False,
        reason="A Non-Critical Service Request may not reach a Suspended Device. New firmware from the CPL restores it.",
    ),
)
"""MP105 as data; the last line fits everything."""

_NOT_SUSPENDED = Admission(
    is_allowed=True, rule=_R.NOT_SUSPENDED, reason="The Device is not Suspended, so this rule does not apply."
)


def admit(asked: Asked, *, smi_status: SmiStatus, mode: Mode = Mode.MP105) -> Admission:
    """This function will say whether a Service Request may reach a Device of this status (R-0105-2 to R-0105-4)."""
    if smi_status is not SmiStatus.SUSPENDED:
        return _NOT_SUSPENDED
    row = next(row for row in TABLE if row.fits(asked, mode=mode))
    return Admission(is_allowed=row.is_allowed, rule=row.rule, reason=row.reason)


def require(asked: Asked, *, smi_status: SmiStatus, mode: Mode = Mode.MP105) -> None:
    """This function will insist that a Service Request may reach a Device of this status.

    Raises:
        InvalidDeviceStatus: it may not; the door answers E5.
    """
    admission = admit(asked, smi_status=smi_status, mode=mode)
    if not admission.is_allowed:
        raise InvalidDeviceStatus(
            f"{asked.srv} was refused because the Device is Suspended. {admission.reason}"
        )
