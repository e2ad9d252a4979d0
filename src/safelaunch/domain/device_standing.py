"""How a Device behind a hub stands, in words, and what its Responsible Supplier may do next (MP105, SECMP0007, MP231).

1   A Device in service whose firmware the CPL lists as Active needs nothing; a later version that the CPL lets it
    become (MP231) may be sent.
2   ESME and GSME, and HCALCS, are sent firmware by 11.1 and activate it by 11.3; a PPMID is sent it by 11.4 and
    activates it of itself. PPMID and HCALCS need a hub with GBCS 4.1 or later (`domain.md` 10.2, 10.4).
3   A Suspended Device may still be sent 11.1, 11.2, 11.3 and 11.4 (`domain.md` 9.1). Other firmware that the CPL
    lists as Active brings it back, whether it was activated now (11.3) or runs already and is read (11.2).
4   A GPF is its hub: the DCC upgrades both. Reading it changes nothing (N52). IHDs and CADs are Type 2: their
    firmware is on no list.
5   What is not commissioned yet is brought into a home first (8.11), then commissioned (8.1.1; `domain/han_log.py`); what
    its hub was asked about it, and until when its word is waited for, is said too. What has left service needs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from safelaunch.domain.explanations import Explanation, say_time
from safelaunch.domain.han_log import LogKind, LogState
from safelaunch.domain.inventory_requests import HUB_TYPES, TYPE_2, UNFINISHED
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus

GONE = frozenset({SmiStatus.DECOMMISSIONED, SmiStatus.WITHDRAWN})
_AWAITS = {
    SmiStatus.PENDING: "A hub that takes it into its log (8.11).",
    SmiStatus.WHITELISTED: "Its hub telling that it has joined.",
    SmiStatus.INSTALLED_NOT_COMMISSIONED: "Its taking the time from its Supplier (8.1.1).",
}
_ACTIVATES_ITSELF = DeviceType.PPMID
_NEEDS_NEW_HUB = frozenset({DeviceType.PPMID, DeviceType.HCALCS})


@dataclass(frozen=True, slots=True)
class LogMatter:
    """What a hub was asked of its log about a Device, how that stands, and when the hub's word is missing."""

    kind: LogKind
    state: LogState
    due_at: datetime


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """A Device as the inventory and the CPL know it.

    Attributes:
        cpl_status: what the CPL says of its firmware, None when it does not list it.
        versions: what the CPL lists as Active and lets it become, the latest first.
        is_own: whether whoever asks may send it Service Requests.
        status_since: since when it has its status, if Users or its hub brought it there.
        matter: what its hub was asked about it and has not settled.
    """

    device_type: DeviceType
    smi_status: SmiStatus
    firmware_version: str
    cpl_status: CplStatus | None
    commissioned_on: date | None
    versions: Sequence[str]
    is_own: bool
    status_since: datetime | None = None
    matter: LogMatter | None = None


def explain_standing(facts: StandingFacts, /) -> Explanation:
    """This function will say how a Device that is not Suspended stands, why, and what would change it."""
    word = facts.smi_status.value.replace("_", " ").lower()
    since = (
        f" since {facts.commissioned_on.day} {facts.commissioned_on:%B %Y}" if facts.commissioned_on else ""
    )
    if facts.device_type in TYPE_2:
        return Explanation(
            "Type 2: the inventory keeps no status of it.",
            ("IHDs and CADs are on no Central Products List, so none of them is ever Suspended (MP105).",),
            "Nothing; it leaves with its home.",
        )
    if facts.smi_status is SmiStatus.COMMISSIONED:
        return Explanation(
            f"In service: commissioned{since}.",
            (_of_the_list(facts),),
            "Its CPL entry being removed, or an answer that shows firmware which the CPL does not list as Active.",
        )
    if facts.smi_status in UNFINISHED:
        began = f" since {say_time(facts.status_since)}" if facts.status_since else ""
        return Explanation(
            f"Not in service yet: {word}{began}.",
            (*_of_the_log(facts.matter), _of_the_list(facts)),
            _AWAITS[facts.smi_status],
        )
    if facts.smi_status in GONE:
        return Explanation(
            f"Out of service: {word}.",
            ("No Service Request reaches it.",),
            "Nothing, unless it is entered anew.",
        )
    if facts.smi_status is SmiStatus.SUSPENDED:
        return Explanation(
            "Suspended.",
            (_of_the_list(facts),),
            "Firmware that the CPL lists as Active, seen by 11.2 or 11.3.",
        )
    return Explanation(
        f"Being recovered: {word}.",
        ("Its security credentials are, or were, replaced (SMKI recovery).",),
        "The end of the recovery.",
    )


def explain_former_device(*, ended_at: datetime) -> Explanation:
    """This function will say to a former Supplier of a home why it sees no more of a Device than its own time (Q4)."""
    return Explanation(
        f"You have not been responsible for this home since {say_time(ended_at)}.",
        ("You see what happened to the Device while you were; what has happened since is its Supplier's.",),
        "A registration that makes you responsible for one of the home's meters again.",
    )


def next_steps(facts: StandingFacts, /) -> tuple[str, ...]:
    """This function will say what the Responsible Supplier may do next with a Device (sentences, in order)."""
    if facts.device_type in TYPE_2:
        return ("Nothing: no Service Request updates an IHD or a CAD.",)
    if facts.device_type in HUB_TYPES:
        return (
            "Nothing: CHF and GPF share their firmware, and the DCC upgrades both in a campaign.",
            "SR 11.2 to the GPF mirrors the version of the GSME; if it differs, N52 says so and nothing is changed.",
        )
    if facts.smi_status in GONE:
        return ("Nothing: it has left service.",)
    if not facts.is_own:
        return (
            "Its Responsible Supplier may; Service Requests of others to it are refused.",
            *_upgrade(facts),
        )
    return _own_steps(facts)


def _own_steps(facts: StandingFacts) -> tuple[str, ...]:
    if facts.smi_status is SmiStatus.SUSPENDED:
        return (
            *_upgrade(facts),
            "If it may run other firmware already, read it with SR 11.2: a version that the CPL lists as Active brings it back.",
        )
    if facts.smi_status in UNFINISHED:
        return (_commission(facts), *_upgrade(facts))
    return _upgrade(facts) or (
        "Nothing is needed: the CPL lists no later version that it may become (MP231).",
    )


def _of_the_log(matter: LogMatter | None) -> tuple[str, ...]:
    if matter is None:
        return ()
    if matter.kind is LogKind.REMOVE:
        return (
            f"Its hub was asked to let it go; N25 says so if nothing is heard by {say_time(matter.due_at)}.",
        )
    if matter.state is LogState.DOUBTFUL:
        return (
            "Its hub was asked to let it join, and nothing was heard in time (N25); what is heard yet counts.",
        )
    done = "has taken it into its log" if matter.state is LogState.LOGGED else "was asked to let it join"
    return (
        f"Its hub {done}; N24 says so once it has joined, N25 if it has not by {say_time(matter.due_at)}.",
    )


def _commission(facts: StandingFacts) -> str:
    if facts.smi_status is SmiStatus.PENDING:
        return "Have a hub take it into its log, with SR 8.11 to the hub of its home."
    if facts.smi_status is SmiStatus.WHITELISTED:
        return "Have it join while its hub lets it; SR 8.11 once more opens the home again."
    return "Commission it with SR 8.1.1, which sets its clock."


def _of_the_list(facts: StandingFacts) -> str:
    version = facts.firmware_version or "unknown"
    if facts.cpl_status is CplStatus.ACTIVE:
        return f"Its firmware {version} is Active on the Central Products List."
    if facts.cpl_status is None:
        return f"The Central Products List does not list its firmware {version}."
    return f"The Central Products List has its firmware {version} as {facts.cpl_status.value.lower()}."


def _upgrade(facts: StandingFacts) -> tuple[str, ...]:
    if not facts.versions:
        if facts.smi_status is not SmiStatus.SUSPENDED:
            return ()
        version = facts.firmware_version or "its firmware"
        advice = "ask its manufacturer for one, or exchange the Device."
        return (f"The CPL lists no version that {version} may become (MP231): {advice}",)
    newest = facts.versions[0]
    hub = " Its hub needs GBCS 4.1 or later." if facts.device_type in _NEEDS_NEW_HUB else ""
    if facts.device_type is _ACTIVATES_ITSELF:
        return (f"Send it {newest} with SR 11.4; it activates it of itself, and N39 says so.{hub}",)
    return (f"Send it {newest} with SR 11.1, then activate it with SR 11.3.{hub}",)
