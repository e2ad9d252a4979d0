"""Bodies of the requests 3.2, 6.23 and 2.2 to Devices, and of the schedules 5.1 to 5.3 (`domain.md` 5.6)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.duis.elements import Opaque, many, one_of, optional, part, require_one
from safelaunch.wire.duis.leaves import (
    BOOLEAN,
    DATE,
    EUI,
    MOMENT,
    MPXN,
    OCTETS,
    REFERENCE,
    SCHEDULE_ID,
    TIME,
    number,
    text,
    word,
)
from safelaunch.wire.duis.requests.firmware import FutureDatable

_FLOOR = number(most=2**63 - 1)
_TASKS = (
    "RetrieveImportDailyReadLog",
    "RetrieveExportDailyReadLog",
    "ReadActiveImportProfileData",
    "ReadReactiveImportProfileData",
    "ReadExportProfileData",
    "ReadNetworkData",
    "ReadMaximumDemandImportRegisters",
    "ReadMaximumDemandExportRegisters",
    "ReadPrepaymentDailyReadLog",
    "ReadLoadLimitData",
    "ReadActivePowerImport",
    "RetrieveDailyConsumptionLog",
    "RecordNetworkDataGAS",
    "ReadInstantaneousExportRegisters",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictAccessForChangeOfTenancy(FutureDatable):
    """3.2: hide what was recorded before this time from the next tenant."""

    restricted_at: Annotated[datetime, part("RestrictionDateTime", MOMENT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierCertificates:
    """The certificates of the gaining supplier, in DER."""

    digital_signing: Annotated[bytes, part("DigitalSigningCertificate", OCTETS)]
    key_agreement: Annotated[bytes | None, optional("KeyAgreementCertificate", OCTETS)] = None
    key_agreement_top_up: Annotated[bytes | None, optional("KeyAgreementTopUpCertificate", OCTETS)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificationPath:
    """The certificates between a Device's root and the supplier's, in DER."""

    certificates: Annotated[tuple[bytes, ...], many("Certificate", OCTETS, most=3)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSecurityCredentialsCos(FutureDatable):
    """6.23: a Device changes supplier."""

    floor: Annotated[int, part("SupplierFloorSeqNumber", _FLOOR)]
    top_up_floor: Annotated[int | None, optional("SupplierPrepaymentTopUpFloorSeqNumber", _FLOOR)] = None
    certificates: Annotated[
        SupplierCertificates, part("SupplierReplacementCertificates", SupplierCertificates)
    ]
    path: Annotated[CertificationPath, part("CertificationPathCertificates", CertificationPath)]
    applies_time_checks: Annotated[bool, part("ApplyTimeBasedCPVChecks", BOOLEAN)]
    import_mpxn: Annotated[str, part("ImportMPxN", MPXN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpDevice:
    """2.2: credit for a prepayment meter."""

    utrn: Annotated[str, part("UTRN", text(least=20, most=20, form="[0-9]{20}"))]


class ScheduleFrequency(StrEnum):
    """`ScheduleFrequency`."""

    DAILY = "Daily"
    WEEKLY = "Weekly"
    MONTHLY = "Monthly"
    QUARTERLY = "Quarterly"
    HALF_YEARLY = "Half-Yearly"
    YEARLY = "Yearly"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSchedule:
    """5.1: read a Device again and again; what exactly is read is carried on as it came."""

    frequency: Annotated[ScheduleFrequency, part("ScheduleFrequency", word(ScheduleFrequency))]
    start_date: Annotated[date, part("ScheduleStartDate", DATE)]
    end_date: Annotated[date | None, optional("ScheduleEndDate", DATE)] = None
    start_time: Annotated[time | None, optional("ScheduleExecutionStartTime", TIME)] = None
    credential: Annotated[bytes | None, optional("KAPublicSecurityCredential", OCTETS)] = None
    scheduled_reference: Annotated[str, part("DSPScheduledServiceReference", REFERENCE)]
    scheduled_srv: Annotated[str, part("DSPScheduledServiceReferenceVariant", REFERENCE)]
    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    task: Annotated[Opaque, one_of({f"DSP{name}": Opaque for name in _TASKS})]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSchedule:
    """5.2: one schedule, or all of a Device."""

    schedule_id: Annotated[int | None, optional("DSPScheduleID", SCHEDULE_ID)] = None
    device_id: Annotated[Eui64 | None, optional("DeviceID", EUI)] = None

    def __post_init__(self) -> None:
        """This function will insist on exactly one of the two."""
        require_one(self, "schedule_id", "device_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteSchedule(ReadSchedule):
    """5.3: away with one schedule, or with all of a Device."""
