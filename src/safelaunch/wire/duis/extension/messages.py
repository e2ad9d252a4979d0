"""What Suppliers say about a Communications Hub campaign (SECMP0024: R-0024-4, 7, 11, 12, 13, 19, 20, 24; Q6).

    SL1.1  NominatePilot        a Preferred Pilot List, and a Preferred Pilot Schedule if the dates matter
    SL1.2  WithdrawNomination   some of it back, or all of it
    SL2    BringForward         an earlier night or hour for these hubs
    SL3    Defer                not these hubs for now, on these grounds
    SL4    EmergencyStop        nothing more leaves, at once
    SL5    AskResults           how it stands with these hubs, or with all of mine
    SL6    GiveFeedback         what was found of these hubs since they were upgraded

All are Command Variant 8 on the Non-Device web service. Which campaigns exist, whose the hubs are and what is still open
are rules of a service; here is the form alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.duis.device_ids import MAX_DEVICE_IDS, DeviceIds
from safelaunch.wire.duis.elements import many, optional, part
from safelaunch.wire.duis.leaves import DATE, MOMENT, base64_octets, device_ids, text, word

MAX_SLOTS = 100
MAX_EVIDENCE = 5
MAX_FINDINGS = 100
MAX_EVIDENCE_OCTETS = 1_000_000

CAMPAIGN_REFERENCE = text(least=1, most=100)
DEVICE_IDS = device_ids(most=MAX_DEVICE_IDS)
_WORDS = text(least=1, most=4000)
_REMARK = text(least=1, most=1000)
_NAME = text(least=1, most=120)
_EVIDENCE = base64_octets(most=MAX_EVIDENCE_OCTETS)


class NominationMode(StrEnum):
    """Whether a nomination adds to what was nominated before, or takes its place."""

    ADD = "Add"
    REPLACE = "Replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When these hubs are to be upgraded: from one moment until before another, within the DCC's window (R-0024-20)."""

    not_before: Annotated[datetime, part("NotBefore", MOMENT)]
    not_after: Annotated[datetime, part("NotAfter", MOMENT)]
    device_ids: Annotated[DeviceIds, part("DeviceIDList", DEVICE_IDS)]

    def __post_init__(self) -> None:
        """This function will refuse a slot that ends before it begins."""
        if self.not_after <= self.not_before:
            raise Invalid(
                f"A slot ends at {self.not_after:%d %B %Y %H:%M} and begins at {self.not_before:%d %B %Y %H:%M}; it has "
                "to end after it begins."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotSchedule:
    """A Preferred Pilot Schedule."""

    slots: Annotated[tuple[Slot, ...], many("Slot", Slot, most=MAX_SLOTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NominatePilot:
    """SL1.1: the hubs that a Supplier wants to go first."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    mode: Annotated[NominationMode, part("Mode", word(NominationMode))]
    device_ids: Annotated[DeviceIds, part("PreferredPilotList", DEVICE_IDS)]
    schedule: Annotated[PilotSchedule | None, optional("PreferredPilotSchedule", PilotSchedule)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawNomination:
    """SL1.2: what was nominated, back again; all of it when no hubs are named."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    device_ids: Annotated[DeviceIds | None, optional("DeviceIDList", DEVICE_IDS)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BringForward:
    """SL2: an earlier time for these hubs (R-0024-19, R-0024-20)."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    slot: Annotated[Slot, part("Slot", Slot)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file that speaks for a deferral."""

    name: Annotated[str, part("FileName", _NAME)]
    media_type: Annotated[str, part("MediaType", _NAME)]
    content: Annotated[bytes, part("Content", _EVIDENCE)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defer:
    """SL3: not these hubs for now (R-0024-12).

    Attributes:
        grounds: which material vulnerability, and why it matters.
        duty: the regulatory duty at risk.
        until: the last day that the hold is asked for; None for as long as the rules allow.
    """

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    device_ids: Annotated[DeviceIds, part("DeviceIDList", DEVICE_IDS)]
    grounds: Annotated[str, part("Grounds", _WORDS)]
    duty: Annotated[str | None, optional("DutyAtRisk", _WORDS)] = None
    until: Annotated[date | None, optional("Until", DATE)] = None
    evidence: Annotated[tuple[Evidence, ...], many("Evidence", Evidence, least=0, most=MAX_EVIDENCE)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyStop:
    """SL4: stop the campaign at once (R-0024-13); the hubs named are examples of the harm."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    reason: Annotated[str, part("Reason", _WORDS)]
    device_ids: Annotated[DeviceIds | None, optional("DeviceIDList", DEVICE_IDS)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskResults:
    """SL5: how it stands with these hubs, or with all of the asker's (R-0024-7)."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    since: Annotated[datetime | None, optional("Since", MOMENT)] = None
    device_ids: Annotated[DeviceIds | None, optional("DeviceIDList", DEVICE_IDS)] = None


class FoundWord(StrEnum):
    """What was found of a hub."""

    WORKS = "Works"
    DOES_NOT_INTEROPERATE = "DoesNotInteroperate"
    METER_SILENT = "MeterSilent"
    HALF_HOURLY_DATA_MISSING = "HalfHourlyDataMissing"
    TOP_UP_FAILED = "TopUpFailed"
    OTHER = "Other"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFinding:
    """The same finding about some hubs; one that is none of the usual is told in words."""

    found: Annotated[FoundWord, part("Found", word(FoundWord))]
    words: Annotated[str | None, optional("Words", _REMARK)] = None
    device_ids: Annotated[DeviceIds, part("DeviceIDList", DEVICE_IDS)]

    def __post_init__(self) -> None:
        """This function will refuse another finding without words."""
        if self.found is FoundWord.OTHER and not (self.words or "").strip():
            raise Invalid("What is found beside the usual is told in Words; none were given.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveFeedback:
    """SL6: what a Supplier found of hubs since they were upgraded (R-0024-7, Q6)."""

    campaign: Annotated[str, part("CampaignReference", CAMPAIGN_REFERENCE)]
    findings: Annotated[tuple[HubFinding, ...], many("HubFinding", HubFinding, most=MAX_FINDINGS)]


CampaignRequest: TypeAlias = (
    NominatePilot | WithdrawNomination | BringForward | Defer | EmergencyStop | AskResults | GiveFeedback
)

REQUESTS: Mapping[str, type[Any]] = {
    "SL1.1": NominatePilot,
    "SL1.2": WithdrawNomination,
    "SL2": BringForward,
    "SL3": Defer,
    "SL4": EmergencyStop,
    "SL5": AskResults,
    "SL6": GiveFeedback,
}
"""The request of each variant; the element has the name of the class."""
