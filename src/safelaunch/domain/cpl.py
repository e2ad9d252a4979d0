"""The Central Products List: what a change to it is, what it does to Devices, and how two people make it.

    1   An entry that stops being Active suspends every Device on its Device Model (MP105, `domain.md` 3.6).
    2   An entry that becomes Active restores the Devices that are Suspended on its Device Model.
    3   Anything else that an entry says (hashes, versions, predecessors: MP231) touches no Device.
    4   A change is proposed with its consequences by one person and approved by another (design 2.1). At the approval
        the consequences are counted again: if they moved, nothing is applied.
    5   While the inventory is empty nobody is there to be protected, and a list is entered at once.

A hub counts as one Device: CHF and GPF are suspended and restored together (`domain.md` 3.5).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from safelaunch.domain.machine import Machine, Move
from safelaunch.domain.refusals import Conflict
from safelaunch.domain.smi import CplStatus


class EntryAct(StrEnum):
    """What happens to an entry."""

    ADD = "ADD"
    CHANGE = "CHANGE"
    REMOVE = "REMOVE"
    REINSTATE = "REINSTATE"


class DeviceEffect(StrEnum):
    """What a change of an entry does to the Devices on its Device Model."""

    SUSPEND = "SUSPEND"
    RESTORE = "RESTORE"


class ProposalState(StrEnum):
    """Where a proposed change stands."""

    PROPOSED = "PROPOSED"
    APPLIED = "APPLIED"
    DECLINED = "DECLINED"


class ProposalEvent(StrEnum):
    """What the second person does."""

    APPROVE = "APPROVE"
    DECLINE = "DECLINE"


PROPOSAL: Machine[ProposalState, ProposalEvent] = Machine(
    name="CPL proposal",
    initial=ProposalState.PROPOSED,
    moves=(
        Move(ProposalEvent.APPROVE, (ProposalState.PROPOSED,), ProposalState.APPLIED),
        Move(ProposalEvent.DECLINE, (ProposalState.PROPOSED,), ProposalState.DECLINED),
    ),
)


class ConsequencesMoved(Conflict):
    """What a change would do is not what it would have done when it was proposed."""


@dataclass(frozen=True, slots=True, order=True)
class EntryChange:
    """One entry that a change touches, in words, with its status before (empty for a new one) and after."""

    entry: str
    act: EntryAct
    status_before: str
    status_after: str


@dataclass(frozen=True, slots=True, order=True)
class Touched:
    """How many Devices of one entry share an effect and the Suppliers responsible for them (names, in order)."""

    entry: str
    effect: DeviceEffect
    suppliers: tuple[str, ...]
    device_count: int


@dataclass(frozen=True, slots=True)
class SupplierTotal:
    """What a change does to one Supplier's Devices; a Device of two Suppliers counts for both."""

    supplier: str
    suspended: int
    restored: int


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change would do, to entries and to Devices."""

    changes: tuple[EntryChange, ...]
    touched: tuple[Touched, ...]

    @property
    def suspended(self) -> int:
        """This function will count the Devices that the change suspends."""
        return sum(one.device_count for one in self.touched if one.effect is DeviceEffect.SUSPEND)

    @property
    def restored(self) -> int:
        """This function will count the Devices that the change restores."""
        return sum(one.device_count for one in self.touched if one.effect is DeviceEffect.RESTORE)

    def by_supplier(self) -> list[SupplierTotal]:
        """This function will sum up by Supplier, the most concerned first."""
        counts: Counter[tuple[str, DeviceEffect]] = Counter()
        for one in self.touched:
            for supplier in one.suppliers:
                counts[supplier, one.effect] += one.device_count
        totals = [
            SupplierTotal(
                supplier=supplier,
                suspended=counts[supplier, DeviceEffect.SUSPEND],
                restored=counts[supplier, DeviceEffect.RESTORE],
            )
            for supplier in {supplier for supplier, _ in counts}
        ]
        return sorted(totals, key=lambda total: (-total.suspended, -total.restored, total.supplier))

    def as_json(self) -> dict[str, Any]:
        """This function will give the whole as JSON, with its totals and its sentence."""
        return {
            "suspended": self.suspended,
            "restored": self.restored,
            "sentence": self.sentence(),
            "digest": self.digest(),
            "suppliers": [asdict(total) for total in self.by_supplier()],
            **asdict(self),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], /) -> Self:
        """This function will read what was kept of consequences: their changes and whom they touch."""
        return cls(
            changes=tuple(
                EntryChange(**{**change, "act": EntryAct(change["act"])}) for change in kept["changes"]
            ),
            touched=tuple(
                Touched(
                    entry=one["entry"],
                    effect=DeviceEffect(one["effect"]),
                    suppliers=tuple(one["suppliers"]),
                    device_count=one["device_count"],
                )
                for one in kept["touched"]
            ),
        )

    def digest(self) -> str:
        """This function will give what the two people agree on, as SHA-256; equal digests mean equal consequences."""
        content = {
            "changes": [asdict(change) for change in sorted(self.changes)],
            "touched": [asdict(one) for one in sorted(self.touched)],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def sentence(self) -> str:
        """This function will say what the change would do, such as `This suspends 5 Devices of 1 Supplier`."""
        parts = []
        totals = self.by_supplier()
        if self.suspended:
            concerned = sum(1 for total in totals if total.suspended)
            parts.append(f"suspends {_devices(self.suspended)} of {_suppliers(concerned)}")
        if self.restored:
            concerned = sum(1 for total in totals if total.restored)
            parts.append(f"restores {_devices(self.restored)} of {_suppliers(concerned)}")
        if parts:
            return f"This {' and '.join(parts)}."
        return "This suspends and restores no Device."


def _devices(count: int) -> str:
    return "1 Device" if count == 1 else f"{count:,} Devices"


def _suppliers(count: int) -> str:
    return "1 Supplier" if count == 1 else f"{count:,} Suppliers"


def act_of(before: CplStatus | None, after: CplStatus, /) -> EntryAct:
    """This function will name what happens to an entry whose status goes from `before` (None: not listed) to `after`."""
    if before is None:
        return EntryAct.ADD
    if before is CplStatus.ACTIVE and after is not CplStatus.ACTIVE:
        return EntryAct.REMOVE
    if before is not CplStatus.ACTIVE and after is CplStatus.ACTIVE:
        return EntryAct.REINSTATE
    return EntryAct.CHANGE


def effect_of(before: CplStatus | None, after: CplStatus, /) -> DeviceEffect | None:
    """This function will say what a change of status does to the Devices on the Device Model.

    A Device Model that is listed for the first time and not as Active suspends its Devices too: whoever lists it so
    says that it may not be used.
    """
    if after is CplStatus.ACTIVE:
        return DeviceEffect.RESTORE if before is not CplStatus.ACTIVE else None
    return DeviceEffect.SUSPEND if before in (None, CplStatus.ACTIVE) else None


def require_unmoved(*, proposed_digest: str, now: Consequences) -> None:
    """This function will insist that a change still does what its proposer saw.

    Raises:
        ConsequencesMoved: it does something else by now.
    """
    if now.digest() != proposed_digest:
        raise ConsequencesMoved(
            f"The consequences have changed since this was proposed, so nothing was applied. Now: {now.sentence()} "
            "Propose it again to go on from what is true now."
        )


def merge(touched: Iterable[Touched], /) -> tuple[Touched, ...]:
    """This function will add up what several counts say of the same Devices, in one order whatever theirs was."""
    counts: Counter[tuple[str, DeviceEffect, tuple[str, ...]]] = Counter()
    for one in touched:
        counts[one.entry, one.effect, one.suppliers] += one.device_count
    return tuple(
        Touched(entry=entry, effect=effect, suppliers=suppliers, device_count=count)
        for (entry, effect, suppliers), count in sorted(counts.items())
        if count
    )
