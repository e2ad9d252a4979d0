"""Which hubs a campaign may upgrade, and why not the others.

Rules in order, the first refusal wins:

    1  the hub is in the inventory
    2  its Device Model is one the release upgrades (manufacturer, model, hardware, and a version from which the
       release may be installed: MP231)
    3  the target Device Model is ACTIVE on the CPL
    4  the hub is in use: COMMISSIONED, or SUSPENDED from it (`domain/suspension.py`). Removing its firmware from the CPL is
       no reason to keep a hub on that firmware: an upgrade is what brings it back (R-0105-5)

The same rules stand in SQL for whole fleets (`store/sql/tranches.sql`); a property test holds them together.
"""

from dataclasses import dataclass
from enum import StrEnum

from safelaunch.domain.smi import CplStatus, SmiStatus


class Eligibility(StrEnum):
    """The outcome for one hub."""

    ELIGIBLE = "ELIGIBLE"
    NOT_IN_INVENTORY = "NOT_IN_INVENTORY"
    ALREADY_ON_VERSION = "ALREADY_ON_VERSION"
    MODEL_NOT_IN_RELEASE = "MODEL_NOT_IN_RELEASE"
    TARGET_NOT_ON_CPL = "TARGET_NOT_ON_CPL"
    NOT_COMMISSIONED = "NOT_COMMISSIONED"


@dataclass(frozen=True, slots=True)
class HubFacts:
    """What the rules need to know of one hub in one campaign; `smi_status` is None for one that the inventory lacks."""

    firmware_version: str | None
    smi_status: SmiStatus | None
    is_in_use: bool
    is_target_model: bool
    target_cpl_status: CplStatus | None


def judge(facts: HubFacts, *, firmware_version: str) -> Eligibility:
    """This function will say whether a hub may be upgraded to `firmware_version`, or the first reason why not."""
    if facts.smi_status is None:
        return Eligibility.NOT_IN_INVENTORY
    if not facts.is_target_model:
        if facts.firmware_version == firmware_version:
            return Eligibility.ALREADY_ON_VERSION
        return Eligibility.MODEL_NOT_IN_RELEASE
    if facts.target_cpl_status is not CplStatus.ACTIVE:
        return Eligibility.TARGET_NOT_ON_CPL
    if not facts.is_in_use:
        return Eligibility.NOT_COMMISSIONED
    return Eligibility.ELIGIBLE
