"""Who is responsible for a Device at an instant, and what follows from it (`domain.md` 2.3, Q3, Q4, Q5).

1   A registration makes one Party responsible for one supply point in one User Role, from an instant until another
    (half-open); two registrations of one role never overlap.
2   The Responsible Suppliers of a hub are those of the smart meters behind it: of each ESME (IS) and GSME (GS).
3   Responsibility is looked up at the instant something is carried out, never at the instant it was asked for (Q4):
    what a losing Supplier asked for and what is still to be done lapses with its registration.
4   The losing Supplier may do everything until the instant of change and nothing from it on. It still sees what
    happened while it was responsible.
5   The gaining Supplier may do and see nothing before the instant of change; from it on it sees the Device's whole
    technical history and is told of campaigns with what remains of their windows.
6   An activation is told to whoever is responsible at that instant, and to the Party that nominated the hub (Q4).
7   A Party decides once, however many User IDs it holds; what it is told goes to each of them (Q5).
8   With two Suppliers on one hub either may nominate it; a deferral by either blocks; of two dates the later holds
    unless it lies past the deadline of the DCC (Q3).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from safelaunch.domain.refusals import Forbidden, Invalid
from safelaunch.domain.smi import UserRole


class Overlapping(Invalid):
    """Two Parties would be responsible for one supply point in one role at once."""


class NotResponsible(Forbidden):
    """The Party is not, or no longer, or not yet responsible for the Device."""


@dataclass(frozen=True, slots=True)
class Registration:
    """One Party responsible for one supply point in one role, from `starts_at` until just before `ends_at`."""

    mpxn: str
    role: UserRole
    party_id: int
    starts_at: datetime
    ends_at: datetime | None = None

    def holds(self, at: datetime, /) -> bool:
        """This function will say whether the registration is in force at an instant."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class Standing(StrEnum):
    """How a Party stands to a supply point at an instant."""

    RESPONSIBLE = "RESPONSIBLE"
    GAINING = "GAINING"
    FORMER = "FORMER"
    STRANGER = "STRANGER"


class Access(StrEnum):
    """What a Party may want of a Device."""

    SEE = "SEE"
    SEND = "SEND"
    NOMINATE = "NOMINATE"
    DEFER = "DEFER"
    BE_TOLD = "BE_TOLD"


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a Party may, and why or why not."""

    is_allowed: bool
    standing: Standing
    reason: str


_REASONS: dict[Standing, str] = {
    Standing.RESPONSIBLE: "It is responsible at this instant.",
    Standing.GAINING: "It becomes responsible later; until then the Device is another Party's.",
    Standing.FORMER: "Its responsibility has ended; it sees only what happened while it lasted.",
    Standing.STRANGER: "It was never responsible for this Device.",
}


def check(registrations: Iterable[Registration], /) -> tuple[Registration, ...]:
    """This function will put registrations in order of time and insist that each makes sense beside the others.

    Raises:
        Invalid: one ends before it starts.
        Overlapping: two of one supply point and role hold at one instant.
    """
    ordered = sorted(registrations, key=lambda one: (one.mpxn, one.role, one.starts_at))
    for one in ordered:
        if one.ends_at is not None and one.ends_at <= one.starts_at:
            raise Invalid(
                f"The registration of {one.mpxn} ends before it starts; an end lies after its start."
            )
    for first, second in pairwise(ordered):
        is_same = (first.mpxn, first.role) == (second.mpxn, second.role)
        if is_same and (first.ends_at is None or first.ends_at > second.starts_at):
            raise Overlapping(
                f"{first.mpxn} would have two Parties as {first.role.value} from {second.starts_at:%d %b %Y %H:%M}; "
                "end the first registration there."
            )
    return tuple(ordered)


def responsible(registrations: Iterable[Registration], /, *, role: UserRole, at: datetime) -> int | None:
    """This function will give the Party responsible in a role at an instant, or None when there is none."""
    return next((one.party_id for one in registrations if one.role is role and one.holds(at)), None)


def responsible_suppliers(registrations: Iterable[Registration], /, *, at: datetime) -> frozenset[int]:
    """This function will give the Responsible Suppliers of a hub from the registrations of the meters behind it."""
    suppliers = (UserRole.IS, UserRole.GS)
    return frozenset(one.party_id for one in registrations if one.role in suppliers and one.holds(at))


def standing_of(registrations: Collection[Registration], /, *, party_id: int, at: datetime) -> Standing:
    """This function will say how a Party stands to a supply point, or to a hub by its meters', at an instant."""
    own = [one for one in registrations if one.party_id == party_id]
    if any(one.holds(at) for one in own):
        return Standing.RESPONSIBLE
    if any(one.ends_at is not None and one.ends_at <= at for one in own):
        return Standing.FORMER
    return Standing.GAINING if own else Standing.STRANGER


def may(
    registrations: Collection[Registration], /, *, party_id: int, access: Access, at: datetime
) -> Permission:
    """This function will say whether a Party may have `access` when it is carried out at `at` (Q4).

    Every access is the Responsible Party's alone; that a former one sees its own time is `may_see_happening`.
    """
    standing = standing_of(registrations, party_id=party_id, at=at)
    return Permission(
        is_allowed=standing is Standing.RESPONSIBLE,
        standing=standing,
        reason=f"{access.value.replace('_', ' ').capitalize()}: {_REASONS[standing]}",
    )


def require(
    registrations: Collection[Registration], /, *, party_id: int, access: Access, at: datetime
) -> None:
    """This function will insist that a Party may.

    Raises:
        NotResponsible: it may not; the sentence says how it stands.
    """
    permission = may(registrations, party_id=party_id, access=access, at=at)
    if not permission.is_allowed:
        raise NotResponsible(f"The Party may not do this to the Device. {permission.reason}")


def may_see_happening(
    registrations: Collection[Registration], /, *, party_id: int, happened_at: datetime, at: datetime
) -> bool:
    """This function will say whether a Party that looks at `at` sees what happened to a Device at `happened_at`."""
    if happened_at > at:
        return False
    standing = standing_of(registrations, party_id=party_id, at=at)
    if standing is Standing.RESPONSIBLE:
        return True
    return any(one.party_id == party_id and one.holds(happened_at) for one in registrations)


def last_held_until(
    registrations: Iterable[Registration], /, *, party_id: int, at: datetime
) -> datetime | None:
    """This function will give the instant at which a Party was last responsible no more, or None when it never was."""
    ended = [one.ends_at for one in registrations if one.party_id == party_id and one.ends_at is not None]
    return max((instant for instant in ended if instant <= at), default=None)


def remaining_window(*, deploy_by: datetime, at: datetime) -> timedelta:
    """This function will give how long a gaining Supplier still has to answer a campaign; never below nothing (Q4)."""
    return max(timedelta(), deploy_by - at)


def activation_receivers(*, responsible_now: Iterable[int], nominated_by: int | None) -> frozenset[int]:
    """This function will give the Parties that are told of an activation: the responsible, and the nominating (Q4)."""
    return frozenset(responsible_now) | (frozenset() if nominated_by is None else {nominated_by})


@dataclass(frozen=True, slots=True)
class Nomination:
    """A Supplier's wish to have a hub upgraded in a night."""

    party_id: int
    night: date


@dataclass(frozen=True, slots=True)
class Deferral:
    """A Supplier's wish to have a hub left alone until a date."""

    party_id: int
    until: date


@dataclass(frozen=True, slots=True)
class Settled:
    """The first night a hub may be upgraded in, why, and whose wishes lapsed."""

    night: date
    reason: str
    lapsed: frozenset[int]


def settle(
    nominations: Sequence[Nomination],
    deferrals: Sequence[Deferral],
    /,
    *,
    responsible_now: Collection[int],
    planned: date,
    deadline: date,
) -> Settled:
    """This function will settle when a hub is upgraded, from the wishes of those responsible now (Q3, Q4, Q11).

    Args:
        nominations: at most one of each Party counts, its latest in the sequence.
        deferrals: likewise.
        responsible_now: the hub's Responsible Suppliers at the instant this is carried out.
        planned: the night the DCC plans without anybody's wish.
        deadline: the last night of the DCC; no wish goes past it.
    """
    nights = {one.party_id: one.night for one in nominations if one.party_id in responsible_now}
    holds = {one.party_id: one.until for one in deferrals if one.party_id in responsible_now}
    asked = {one.party_id for one in nominations} | {one.party_id for one in deferrals}
    lapsed = frozenset(asked - set(responsible_now))
    in_time = [night for night in nights.values() if night <= deadline]
    night = max(in_time, default=min(planned, deadline))
    reason = (
        "A Responsible Supplier nominated it." if in_time else "Nobody's nomination stands; the DCC plans it."
    )
    if len(set(in_time)) > 1:
        reason = "Both Responsible Suppliers nominated it; the later night holds."
    blocked_until = max(holds.values(), default=night)
    if blocked_until > night:
        night = min(blocked_until, deadline)
        reason = (
            "A Responsible Supplier deferred it."
            if blocked_until <= deadline
            else "A Responsible Supplier deferred it past the deadline, which holds."
        )
    return Settled(night=night, reason=reason, lapsed=lapsed)
