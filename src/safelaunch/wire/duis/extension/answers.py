"""What the DCC answers about a Communications Hub campaign.

Every Device ID that a Supplier named is answered with an outcome and a reason, in groups of the same. Results are in
groups too, because a message for 50,000 hubs may not have an element for each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.dialects import GRAMMARS, Dialect
from safelaunch.wire.duis.elements import at_most_one_of, many, optional, part
from safelaunch.wire.duis.extension.messages import CAMPAIGN_REFERENCE
from safelaunch.wire.duis.leaves import BOOLEAN, DATE, MOMENT, device_ids, number, text, word

MAX_GROUPS = 500
_REASON = text(least=1, most=1000)
_STATE = text(least=1, most=40, form="[A-Z_]+")
_COUNT = number(most=10**9)
_LIST = device_ids()
_REFERENCE = text(least=1, most=8, form=GRAMMARS[Dialect.CAMPAIGNS].reference.pattern)


class CampaignCode(StrEnum):
    """Response codes of this message set; those that DUIS has too mean the same here."""

    I0 = "I0"
    W901 = "W901"
    E2 = "E2"
    E4 = "E4"
    E12 = "E12"
    E17 = "E17"
    E65 = "E65"
    E100 = "E100"
    E901 = "E901"
    E902 = "E902"
    E903 = "E903"
    E904 = "E904"


MEANINGS: Mapping[CampaignCode, str] = {
    CampaignCode.I0: "done, for all hubs named",
    CampaignCode.W901: "done for some of the hubs; each of the others has its reason",
    CampaignCode.E2: "the User Role may not send this request",
    CampaignCode.E4: "the User is not responsible for any hub of the campaign",
    CampaignCode.E12: "Command Variant, web service and request do not fit together",
    CampaignCode.E17: "the time asked for is not one that is allowed",
    CampaignCode.E65: "the signature, certificate or sender is not accepted",
    CampaignCode.E100: "the message is not the XML that is asked for",
    CampaignCode.E901: "there is no such campaign, or none that concerns the User",
    CampaignCode.E902: "the campaign is in no phase for this, or the window has closed",
    CampaignCode.E903: "none of the hubs named could be taken",
    CampaignCode.E904: "not available yet",
}
"""What the codes mean."""


class Verdict(StrEnum):
    """What became of a hub that was named."""

    ACCEPTED = "Accepted"
    REFUSED = "Refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Hubs with the same answer for the same reason."""

    verdict: Annotated[Verdict, part("Verdict", word(Verdict))]
    reason: Annotated[str, part("Reason", _REASON)]
    device_ids: Annotated[DeviceIds, part("DeviceIDList", _LIST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NominationAnswer:
    """To SL1.1, SL1.2 and SL2: what became of each hub, and until when the list may be changed."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    closes_at: Annotated[datetime | None, optional("ListClosesAt", MOMENT)] = None
    outcomes: Annotated[tuple[Outcome, ...], many("Outcome", Outcome, least=0, most=MAX_GROUPS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferralAnswer:
    """To SL3: the hold stands at once; governance decides under this reference."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    reference: Annotated[str, part("DeferralReference", CAMPAIGN_REFERENCE)]
    held_until: Annotated[date | None, optional("HeldUntil", DATE)] = None
    outcomes: Annotated[tuple[Outcome, ...], many("Outcome", Outcome, least=0, most=MAX_GROUPS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAnswer:
    """To SL4: the campaign is stopped.

    Attributes:
        epoch: what every hop now asks for; instructions of an earlier epoch are refused.
        was_stopped: whether it had been stopped before.
        hubs_in_flight: handed over to a network and being recalled.
    """

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    epoch: Annotated[int, part("Epoch", _COUNT)]
    stopped_at: Annotated[datetime, part("StoppedAt", MOMENT)]
    was_stopped: Annotated[bool, part("WasStopped", BOOLEAN)]
    hubs_in_flight: Annotated[int | None, optional("HubsInFlight", _COUNT)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultGroup:
    """Hubs in the same state, of the same night if they had one."""

    state: Annotated[str, part("State", _STATE)]
    night: Annotated[date | None, optional("Night", DATE)] = None
    device_ids: Annotated[DeviceIds, part("DeviceIDList", _LIST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """To SL5: the campaign's state, and that of the hubs asked for."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    state: Annotated[str, part("CampaignState", _STATE)]
    as_of: Annotated[datetime, part("AsOf", MOMENT)]
    groups: Annotated[tuple[ResultGroup, ...], many("Group", ResultGroup, least=0, most=MAX_GROUPS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackAnswer:
    """To SL6: what became of the feedback on each hub."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    outcomes: Annotated[tuple[Outcome, ...], many("Outcome", Outcome, least=0, most=MAX_GROUPS)] = ()


CampaignContent: TypeAlias = NominationAnswer | DeferralAnswer | StopAnswer | Results | FeedbackAnswer

CONTENTS: Mapping[str, type[Any]] = {
    kind.__name__: kind for kind in (NominationAnswer, DeferralAnswer, StopAnswer, Results, FeedbackAnswer)
}
"""What an answer may hold; the element has the name of the class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResponse:
    """`ResponseMessage` of this message set: what was asked, why not if not, and what came of it."""

    service_reference: Annotated[str, part("ServiceReference", _REFERENCE)]
    variant: Annotated[str, part("ServiceReferenceVariant", _REFERENCE)]
    reason: Annotated[str | None, optional("Reason", _REASON)] = None
    content: Annotated[CampaignContent | None, at_most_one_of(CONTENTS)] = None
