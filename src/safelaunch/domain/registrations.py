"""Registration data: what a stated registration does beside those that are known (`domain.md` 2.3, 5.1; Q4).

A supply point that never changed hands has no registration of its own: its meter's Supplier in the inventory has been
responsible as far back as anybody knows, and stays so. A registration says from when another Party is; it runs until the
next one of the supply point and User Role begins, so two never overlap.

1   One file says one thing of one instant: of two rows about the same supply point, role and instant the first counts.
2   The supply point is that of a meter in the inventory: of an ESME for IS, of a GSME for GS.
3   What has taken effect is not rewritten: a row that begins before, or with, what took effect last is refused, unless
    it says the same.
4   What is to come may be stated anew; the last word counts, and naming the present Party calls a change off.
5   A row that names whoever is responsible at its instant anyway changes nothing.
6   A registration whose instant has passed takes effect as soon as it is known, for the time since its instant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from safelaunch.domain.smi import DeviceType, UserRole

SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The beginning of a registration that was there before anything was known of it."""

METER_OF: Mapping[UserRole, DeviceType] = {UserRole.IS: DeviceType.ESME, UserRole.GS: DeviceType.GSME}
"""Whose supply point a Supplier registers for, by its User Role."""


class Finding(StrEnum):
    """What a stated registration does, or why it is refused."""

    NEW = "NEW"
    RESTATED = "RESTATED"
    UNCHANGED = "UNCHANGED"
    TWICE = "TWICE"
    NO_SUCH_POINT = "NO_SUCH_POINT"
    SETTLED = "SETTLED"


KEPT = frozenset({Finding.NEW, Finding.RESTATED})
REFUSED = frozenset({Finding.TWICE, Finding.NO_SUCH_POINT, Finding.SETTLED})


@dataclass(frozen=True, slots=True)
class Stated:
    """A registration as a file states it; `party_id` is None where nobody is to be responsible."""

    line: int
    mpxn: str
    role: UserRole
    party_id: int | None
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the supply point of a stated registration.

    Attributes:
        line: of the stated registration.
        is_point: whether a meter in the inventory has the supply point.
        settled_from: the instant of what took effect last; None when nothing ever did.
        is_stated: whether a registration at the very instant is known.
        stated_party_id: its Party.
        held_since: the instant of the one before it; None for the meter's in the inventory.
        held_by: its Party.
    """

    line: int
    is_point: bool
    settled_from: datetime | None
    is_stated: bool
    stated_party_id: int | None
    held_since: datetime | None
    held_by: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A stated registration with what it does, and whom it takes the supply point from."""

    stated: Stated
    finding: Finding
    losing: int | None = None
    first_line: int | None = None


def judge_all(stated: Iterable[Stated], known: Mapping[int, Known], /) -> list[Judged]:
    """This function will say of each stated registration what it does; `known` is by line. They come in order of lines."""
    judged: list[Judged] = []
    before: Stated | None = None
    for one in sorted(stated, key=lambda one: (one.mpxn, one.role, one.starts_at, one.line)):
        if before is not None and (before.mpxn, before.role) != (one.mpxn, one.role):
            before = None
        result = _judge(one, known[one.line], before=before)
        if result.finding not in REFUSED:
            before = one
        judged.append(result)
    return sorted(judged, key=lambda one: one.stated.line)


def _judge(one: Stated, known: Known, *, before: Stated | None) -> Judged:
    if before is not None and before.starts_at == one.starts_at:
        return Judged(one, Finding.TWICE, first_line=before.line)
    if not known.is_point:
        return Judged(one, Finding.NO_SUCH_POINT)
    if known.settled_from is not None and one.starts_at <= known.settled_from:
        says_the_same = known.is_stated and one.party_id == known.stated_party_id
        return Judged(one, Finding.UNCHANGED if says_the_same else Finding.SETTLED)
    losing = known.held_by
    if before is not None and (known.held_since is None or before.starts_at >= known.held_since):
        losing = before.party_id
    if known.is_stated:
        is_same = one.party_id == known.stated_party_id
        return Judged(one, Finding.UNCHANGED if is_same else Finding.RESTATED, losing=losing)
    return Judged(one, Finding.UNCHANGED if one.party_id == losing else Finding.NEW, losing=losing)


@dataclass(frozen=True, slots=True)
class Pair:
    """The Responsible Suppliers of a hub; None for nobody."""

    import_party_id: int | None
    gas_party_id: int | None

    @property
    def parties(self) -> frozenset[int]:
        """This function will give the Parties of the pair; one that supplies both fuels is one (Q5)."""
        return frozenset(one for one in (self.import_party_id, self.gas_party_id) if one is not None)


def before_handover(pair: Pair, /, *, losing: Mapping[UserRole, int | None]) -> Pair:
    """This function will give a hub's pair as it was before the registrations of some roles changed hands.

    Args:
        pair: as it is after that.
        losing: by role, who was responsible; roles that did not change hands are left out.
    """
    return Pair(
        import_party_id=losing.get(UserRole.IS, pair.import_party_id),
        gas_party_id=losing.get(UserRole.GS, pair.gas_party_id),
    )
