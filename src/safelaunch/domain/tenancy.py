"""Change of Tenancy: until when a home's displays show what was another's, and what would end that (SECMP0056).

1   An ESME (for electricity) and a GPF (for gas) keep a moment, and hide what was recorded before it. It is set by
    an SR 3.2 that the Device says it carried out, to the moment that the request names, and by a change of Supplier
    that the Device says it made, to when it made it. Certificates that go from one User ID of a Party to another
    change no Supplier, and a GSME's change counts for nothing: its GPF speaks for it in the home (R-0056-3, 4).
2   A later moment begins a new tenancy epoch of the premises. The same or an earlier one hides nothing more and
    begins none; so answers may come late, twice or in any order. Only a moment that lies ahead when the answer to a
    newer request comes is corrected by it, and no answer to an older request brings it back: nothing was to be
    cleared by it yet. The number of the epoch rises by one with each answer, or run of answers taken in together,
    that moves the latest moment of the premises on. It tells epochs apart and counts nothing else.
3   Displays, PPMIDs and IHDs, ask ESME and GPF once a day and clear what they hold from before the moment. The hub
    has to pass that on, the ESME to keep it and the display to ask: each from a GBCS version on, as its firmware is
    listed on the CPL (R-0056-5). A version that is not listed is not known to do it.
4   No message of GBCS or DUIS tells that a display has cleared, so this is never known, only derived. A display
    should have cleared a day after the latest of: the moment itself, the Device's word of it, and when all firmware
    that it takes was first seen to be there. What should have happened stays so, whatever the firmware does later.
5   Until then it holds old data, if something that it takes is known to be missing or the day is not over; if
    nothing is known to be missing and not all is known, nobody can know.
6   What would mend it is the way to firmware that does it, along the predecessors of the CPL (MP231). Where no
    such firmware is listed the Device would have to be replaced. An IHD is on no CPL and takes no firmware through
    the DCC (R-0105-11).
7   A display that was commissioned after the day of the moment never held anything of before it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from safelaunch.domain import calendar
from safelaunch.domain.firmware_requests import read_gbcs
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, SmiStatus

FIRST_GBCS: Mapping[DeviceType, tuple[int, int]] = {
    DeviceType.CHF: (4, 2),
    DeviceType.ESME: (4, 2),
    DeviceType.PPMID: (4, 2),
    DeviceType.IHD: (4, 2),
}
"""From which GBCS version each Device plays its part. The texts say 4.x, after 4.1 (`domain.md` 10.1, 11.4); that this
is the next one is INFERRED. A GPF is firmware of its hub."""

ASKS_EVERY = timedelta(days=1)
"""How often a display asks (assumption: the texts are silent)."""

LOOK_EVERY = timedelta(hours=6)
"""How often the firmware of homes with a display that holds old data is looked at."""

SOURCES = frozenset({DeviceType.ESME, DeviceType.GPF})
DISPLAYS = frozenset({DeviceType.PPMID, DeviceType.IHD})
GONE = frozenset({SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN, SmiStatus.PENDING, SmiStatus.WHITELISTED})
"""Statuses of a display that is not, or not yet, in the home."""


class Cause(StrEnum):
    """What set the moment."""

    RESTRICTION = "RESTRICTION"
    CHANGE_OF_SUPPLIER = "CHANGE_OF_SUPPLIER"


class DisplayStatus(StrEnum):
    """What is to be thought of a display and one fuel."""

    CLEARED = "CLEARED"
    HOLDS_OLD_DATA = "HOLDS_OLD_DATA"
    CANNOT_KNOW = "CANNOT_KNOW"


class Reason(StrEnum):
    """Why."""

    SHOULD_HAVE_CLEARED = "SHOULD_HAVE_CLEARED"
    TO_ASK = "TO_ASK"
    FIRMWARE = "FIRMWARE"
    FIRMWARE_UNKNOWN = "FIRMWARE_UNKNOWN"
    SOURCE_GONE = "SOURCE_GONE"


@dataclass(frozen=True, slots=True)
class Listed:
    """An Active CPL entry of a model: its version, its GBCS version, and the versions it may follow."""

    firmware_version: str
    gbcs_version: str
    predecessors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A Device that has a part in it, and the firmware it runs.

    Attributes:
        device_type: CHF for a GPF too.
        model: in words, such as `10B2/43310001`.
        gbcs_version: of its firmware; None when the CPL never listed it.
        listed: the Active entries of its model and hardware.
    """

    device_id: Eui64
    device_type: DeviceType
    model: str
    firmware_version: str
    gbcs_version: str | None
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class DisplayFacts:
    """A display and one fuel: who has a part, and since when what is known.

    Attributes:
        source_id: the ESME, or the GPF, that was told.
        source: None when that has left the home since.
        restricted_at: what was recorded before is the previous occupier's.
        told_at: when the Device said so.
        able_since: when all firmware that it takes was first seen to be there; None while it is not.
    """

    source_id: Eui64
    source_type: DeviceType
    hub: Part
    display: Part
    source: Part | None
    restricted_at: datetime
    told_at: datetime
    able_since: datetime | None

    @property
    def parts(self) -> tuple[Part, ...]:
        """This function will give who has a part in it, each once: a GPF's firmware is its hub's."""
        meters = (self.source,) if self.source is not None and self.source_type is not DeviceType.GPF else ()
        return (self.hub, *meters, self.display)


@dataclass(frozen=True, slots=True)
class Mend:
    """What would bring a Device to firmware that plays its part.

    Attributes:
        device_type: CHF for a GPF too.
        model, firmware_version: what it is and runs; empty when it has left the home.
        versions: in turn, the last one does it; empty when no listed firmware does.
        words: the same, as a sentence.
    """

    device_id: Eui64
    device_type: DeviceType
    model: str
    firmware_version: str
    versions: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of a display and one fuel; `clears_by` is when it should have cleared, if it will by itself."""

    status: DisplayStatus
    reason: Reason
    words: str
    mends: tuple[Mend, ...] = ()
    clears_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A moment that an ESME or GPF keeps, by the command of which number."""

    moment: datetime
    number: int


def takes_its_place(kept: Kept, /, *, told: Kept, told_at: datetime, at: datetime) -> bool:
    """This function will say whether a moment that a Device tells of takes the place of the one that is known (rule 2).

    Args:
        kept: what is known.
        told: what the Device tells of.
        told_at: when it did.
        at: now; the store's statement `keep_moments` says the same.
    """
    is_newer = told.number > kept.number
    if told.moment > kept.moment:
        return is_newer or told.moment <= at
    return told.moment < kept.moment and is_newer and kept.moment > told_at


def plays_its_part(device_type: DeviceType, /, *, gbcs_version: str | None) -> bool | None:
    """This function will say whether a Device's firmware does what a Change of Tenancy takes; None if nobody can know.

    Args:
        device_type: of a hub (CHF), an ESME or a display.
        gbcs_version: of its firmware; None when the CPL never listed it.
    """
    said = read_gbcs(gbcs_version)
    return None if said is None else said >= FIRST_GBCS[device_type]


def list_able(gbcs_versions: Iterable[str], /) -> list[tuple[DeviceType, str]]:
    """This function will list which of some GBCS versions make Devices of which type play their part."""
    known = sorted(set(gbcs_versions))
    return [(kind, one) for kind in FIRST_GBCS for one in known if plays_its_part(kind, gbcs_version=one)]


def clears_by(*, able_since: datetime, told_at: datetime, restricted_at: datetime) -> datetime:
    """This function will give when a display should have cleared at the latest (rule 4)."""
    return max(able_since, told_at, restricted_at) + ASKS_EVERY


def judge(facts: DisplayFacts, /, *, at: datetime) -> Verdict:
    """This function will say what is to be thought of a display and one fuel (rules 4 to 6)."""
    if facts.able_since is not None:
        due = clears_by(able_since=facts.able_since, told_at=facts.told_at, restricted_at=facts.restricted_at)
        if due <= at:
            return _cleared(due)
    if facts.source is None:
        return _source_gone(facts)
    able = [(part, plays_its_part(part.device_type, gbcs_version=part.gbcs_version)) for part in facts.parts]
    if missing := [part for part, is_able in able if is_able is False]:
        return Verdict(
            DisplayStatus.HOLDS_OLD_DATA,
            Reason.FIRMWARE,
            " ".join(_misses(part) for part in missing),
            tuple(mend(part) for part in missing),
        )
    if unknown := [part for part, is_able in able if is_able is None]:
        words = " ".join(_is_unknown(part) for part in unknown)
        mends = tuple(mend(part) for part in unknown)
        return Verdict(DisplayStatus.CANNOT_KNOW, Reason.FIRMWARE_UNKNOWN, words, mends)
    return _to_ask(facts, at=at)


def _cleared(due: datetime) -> Verdict:
    words = (
        f"It should have cleared by {_moment(due)}, by the firmware of this home and a question a day. "
        "Nothing tells the DCC that it has."
    )
    return Verdict(DisplayStatus.CLEARED, Reason.SHOULD_HAVE_CLEARED, words, clears_by=due)


def _to_ask(facts: DisplayFacts, *, at: datetime) -> Verdict:
    due = clears_by(
        able_since=facts.able_since or at, told_at=facts.told_at, restricted_at=facts.restricted_at
    )
    words = f"All firmware that it takes is there. The display asks once a day, so it should clear by {_moment(due)}."
    return Verdict(DisplayStatus.HOLDS_OLD_DATA, Reason.TO_ASK, words, clears_by=due)


def _source_gone(facts: DisplayFacts) -> Verdict:
    kind, number = facts.source_type, facts.source_id
    words = f"The {kind} {number} was told and has left the home. The one in its place knows nothing of it."
    resend = f"Send SR 3.2 with the same moment to the home's {kind}."
    told_again = Mend(number, kind, "", "", (), resend)
    return Verdict(DisplayStatus.HOLDS_OLD_DATA, Reason.SOURCE_GONE, words, (told_again,))


def _misses(part: Part) -> str:
    wanted = ".".join(str(number) for number in FIRST_GBCS[part.device_type])
    runs = f"{part.firmware_version} of GBCS {part.gbcs_version}"
    return f"{_name(part)} runs {runs}; it takes GBCS {wanted} to {_PART[part.device_type]}."


def _is_unknown(part: Part) -> str:
    does = f"to {_PART[part.device_type]}"
    return f"{_name(part)} runs {part.firmware_version}, which was never on the CPL; nobody can know whether it is able {does}."


def mend(part: Part, /) -> Mend:
    """This function will say what would bring a Device to firmware that plays its part (rule 6)."""
    kind = part.device_type
    if kind is DeviceType.IHD:
        words = "No firmware reaches an IHD through the DCC: the occupier may reset it, or it is replaced."
        return Mend(part.device_id, kind, part.model, part.firmware_version, (), words)
    way = find_way(part)
    if way:
        steps = ", then ".join(way)
        words = f"Upgrade {_the(part)} to {steps}, {_BY[kind]}."
    elif any(plays_its_part(kind, gbcs_version=one.gbcs_version) for one in part.listed):
        versions = ", ".join(_doing(part))
        words = f"The CPL lists {versions} for {_the(part)}, and no way there from {part.firmware_version}."
    else:
        words = f"No firmware on the CPL does it for {part.model}; {_the(part)} would have to be replaced."
    return Mend(part.device_id, kind, part.model, part.firmware_version, way, words)


def find_way(part: Part, /) -> tuple[str, ...]:
    """This function will give the shortest way along predecessors to a listed version that does it, the newest of such.

    It is empty when there is none.
    """
    doing = _doing(part)
    ways: dict[str, tuple[str, ...]] = {part.firmware_version: ()}
    edge: Collection[str] = (part.firmware_version,)
    while edge:
        found = [version for version in doing if version in edge and ways[version]]
        if found:
            return ways[max(found)]
        step: dict[str, tuple[str, ...]] = {}
        for one in sorted(part.listed, key=lambda entry: entry.firmware_version):
            before = [version for version in edge if version in one.predecessors]
            if before and one.firmware_version not in ways:
                step[one.firmware_version] = (*ways[max(before)], one.firmware_version)
        ways |= step
        edge = step
    return ()


def _doing(part: Part) -> list[str]:
    kind = part.device_type
    return sorted(
        one.firmware_version for one in part.listed if plays_its_part(kind, gbcs_version=one.gbcs_version)
    )


_PART: Mapping[DeviceType, str] = {
    DeviceType.CHF: "pass a Change of Tenancy on",
    DeviceType.ESME: "keep a Change of Tenancy for displays",
    DeviceType.PPMID: "ask for a Change of Tenancy",
    DeviceType.IHD: "ask for a Change of Tenancy",
}
_BY: Mapping[DeviceType, str] = {
    DeviceType.CHF: "by a campaign",
    DeviceType.ESME: "by 11.1 and 11.3",
    DeviceType.PPMID: "by 11.4",
}


def _the(part: Part) -> str:
    return "the hub" if part.device_type is DeviceType.CHF else f"the {part.device_type} {part.device_id}"


def _name(part: Part) -> str:
    return (
        f"The hub ({part.model})"
        if part.device_type is DeviceType.CHF
        else f"The {part.device_type} ({part.model})"
    )


def _moment(at: datetime) -> str:
    local = at.astimezone(calendar.LONDON)
    return f"{local.day} {local:%B %Y at %H:%M}"
