"""DCC Alerts and Device Alerts (`domain.md` 7.1, 4.3).

Those that concern firmware have a module of their own, `firmware_alerts`; here are the other bodies and the messages. Of
quarantine, dual-band hubs and SMETS1 providers, which Safelaunch never raises, the body is carried as it comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import DeviceType
from safelaunch.wire.duis.elements import (
    ANY,
    Opaque,
    Wrapped,
    flag,
    many,
    one_of,
    optional,
    part,
    require_one,
)
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.leaves import (
    DATE,
    EUI,
    MOMENT,
    MPAN,
    MPXN,
    OCTETS,
    REQUEST_ID,
    SCHEDULE_ID,
    number,
    text,
    word,
)
from safelaunch.wire.duis.requests.inventory import DEVICE_TYPE, ESME_VARIANT
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.firmware_alerts import (
    ALERT_CODE,
    CspFirmwareDelivery,
    FirmwareDistributionFailure,
    FirmwareUpgradeRequested,
    FirmwareVersionMismatch,
    HubAlert,
    HubFirmwareActivation,
    PpmidAlert,
    Smets1HubFirmware,
)

_ANY_LENGTH = text(most=1000)
_COUNT = number(most=2**32 - 1)
_FLOOR = number(most=2**63 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerOutageEvent:
    """AD1: a hub lost its power."""

    device_id: Annotated[Eui64, part("CommsHubDeviceID", EUI)]
    started_at: Annotated[datetime, part("StartDateTime", MOMENT)]
    mpxn: Annotated[str, part("MPxN", MPXN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterMpxns:
    """The meter points of a meter."""

    import_mpxn: Annotated[str, part("ImportMPxN", MPXN)]
    secondary_import_mpan: Annotated[str | None, optional("SecondaryImportMPAN", MPAN)] = None
    export_mpan: Annotated[str | None, optional("ExportMPAN", MPAN)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterIdentity:
    """Which meter points a meter measures."""

    mpxns: Annotated[MeterMpxns, part("MeterMPxNs", MeterMpxns)]
    esme_variant: Annotated[str | None, optional("ESMEVariant", ESME_VARIANT)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociatedDevice:
    """A Device that goes with a meter."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    device_type: Annotated[DeviceType, part("DeviceType", DEVICE_TYPE)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterWithdrawal:
    """A meter is decommissioned or withdrawn, and what goes with it."""

    mpxns: Annotated[MeterMpxns, part("MeterDecommissionOrWithdrawal", MeterMpxns)]
    devices: Annotated[
        tuple[AssociatedDevice, ...], many("AssociatedType1Device", AssociatedDevice, least=0, most=7)
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatusChange:
    """What happened to a Device's status: exactly one thing."""

    meter_identity: Annotated[MeterIdentity | None, optional("MeterIdentity", MeterIdentity)] = None
    withdrawal: Annotated[
        MeterWithdrawal | None, optional("MeterDecommissioningOrWithdrawal", MeterWithdrawal)
    ] = None
    is_removed: Annotated[bool, flag("DeviceRemovedFromInventory")] = False
    is_hub_decommissioned: Annotated[bool, flag("CHFDecommissioning")] = False
    is_suspended: Annotated[bool, flag("DeviceSuspended")] = False
    is_restored: Annotated[bool, flag("DeviceRestored")] = False
    broker_recovery: Annotated[Opaque | None, optional("RecoveryCompleteACBCredentials", Opaque)] = None
    is_recovered: Annotated[bool, flag("RecoveryComplete")] = False

    def __post_init__(self) -> None:
        """This function will insist on exactly one change."""
        require_one(self, *self.__slots__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatusChangeEvent:
    """N28, N29 and others: a Device has another status in the inventory."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    change: Annotated[DeviceStatusChange, part("DeviceStatusChange", DeviceStatusChange)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRemoval:
    """A schedule of the DSP was taken away."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    schedule_id: Annotated[int, part("DSPScheduleID", SCHEDULE_ID)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFailure:
    """A command was not delivered or not answered."""

    request_id: Annotated[RequestId, part("CommandRequestID", REQUEST_ID)]
    schedule_id: Annotated[int | None, optional("DSPScheduleID", SCHEDULE_ID)] = None
    device_id: Annotated[Eui64, part("DeviceID", EUI)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HanDeviceLogResult:
    """N24 and N25: what became of an 8.11."""

    request_id: Annotated[RequestId, part("UpdateHANDeviceLogServiceRequestID", REQUEST_ID)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChangeOfSupplier:
    """The Device that a losing supplier lost."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    device_type: Annotated[DeviceType, part("DeviceType", DEVICE_TYPE)]
    mpxns: Annotated[MeterMpxns, part("MPxNs", MeterMpxns)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOfSupplier:
    """N26 to the gaining supplier, N27 to the losing one."""

    request_id: Annotated[RequestId | None, optional("ChangeOfSupplierServiceRequestID", REQUEST_ID)] = None
    ecos_error_code: Annotated[str | None, optional("ECoSErrorCode", text(least=3, most=3))] = None
    device: Annotated[
        DeviceChangeOfSupplier | None, optional("DeviceChangeOfSupplier", DeviceChangeOfSupplier)
    ] = None

    def __post_init__(self) -> None:
        """This function will insist on a request or a Device, and on a request for an error code."""
        require_one(self, "request_id", "device")
        if self.device is not None and self.ecos_error_code is not None:
            raise Invalid("An ECoS error code belongs to a request; a Device that was lost has none.")


class RemotePartyRole(StrEnum):
    """`RemotePartyRole`: which of its parties a Device was given other certificates of."""

    ACB = "ACB"
    NETWORK_OPERATOR = "NetworkOperator"
    RECOVERY = "Recovery"
    ROOT = "Root"
    SUPPLIER = "Supplier"
    TRANS_COS = "TransCoS"
    LOAD_CONTROLLER = "LoadController"


class CertificateType(StrEnum):
    """What a certificate is for."""

    DIGITAL_SIGNING = "DigitalSigning"
    KEY_AGREEMENT = "KeyAgreement"
    KEY_AGREEMENT_TOP_UP = "KeyAgreementTopUp"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterFloors:
    """Below which a Device takes no counters of its new party."""

    floor: Annotated[int, part("RemotePartyFloorSeqNumber", _FLOOR)]
    top_up_floor: Annotated[int | None, optional("RemotePartyPrepaymentTopUpFloorSeqNumber", _FLOOR)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCertificate:
    """A certificate by its SHA-1."""

    certificate_type: Annotated[CertificateType, part("CertificateType", word(CertificateType))]
    sha1: Annotated[bytes, part("CertificateHash", OCTETS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityCredentialsUpdated:
    """N42: a Device was given other certificates."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    role: Annotated[RemotePartyRole, part("RemotePartyRole", word(RemotePartyRole))]
    floors: Annotated[CounterFloors | None, optional("RemotePartySeqNumberChange", CounterFloors)] = None
    certificates: Annotated[tuple[NewCertificate, ...], many("Certificates", NewCertificate, most=3)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubIds:
    """The two functions of a hub that was exchanged, before and after."""

    old_hub_id: Annotated[Eui64, part("OldCHFDeviceID", EUI)]
    new_hub_id: Annotated[Eui64, part("NewCHFDeviceID", EUI)]
    old_gpf_id: Annotated[Eui64, part("OldGPFDeviceID", EUI)]
    new_gpf_id: Annotated[Eui64, part("NewGPFDeviceID", EUI)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLogRestored:
    """N30 and N31: the log of an exchanged hub was restored."""

    restored_on: Annotated[date, part("RestoredDate", DATE)]
    hub_log: Annotated[HubIds | None, optional("CHFDeviceLog", HubIds)] = None
    gpf_log: Annotated[HubIds | None, optional("GPFDeviceLog", HubIds)] = None

    def __post_init__(self) -> None:
        """This function will insist on one of the two logs."""
        require_one(self, "hub_log", "gpf_log")


@dataclass(frozen=True, slots=True, kw_only=True)
class PpmidRemoval:
    """N43: a PPMID was removed from a home."""

    device_id: Annotated[Eui64, part("PPMIDDeviceID", EUI)]
    hub_id: Annotated[Eui64, part("CHFDeviceID", EUI)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadControlChange:
    """N58: the load control of a home has another configuration."""

    device_id: Annotated[Eui64, part("ESMEDeviceID", EUI)]
    esme_variant: Annotated[str | None, optional("ESMEVariant", ESME_VARIANT)] = None
    gbcs_version: Annotated[str | None, optional("DeviceGBCSVersion", _ANY_LENGTH)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EcosAlert:
    """N63: an alert of the Enduring Change of Supplier service."""

    alert_id: Annotated[RequestId, part("AlertID", REQUEST_ID)]
    request_id: Annotated[RequestId | None, optional("RequestID", REQUEST_ID)] = None
    alert_code: Annotated[str, part("ECoSAlertCode", _ANY_LENGTH)]
    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    remark: Annotated[str | None, optional("AdditionalInformation", _ANY_LENGTH)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertVersionMismatch:
    """The alert that a User's version cannot say."""

    alert_code: Annotated[str, part("DCCAlertCode", _ANY_LENGTH)]
    device_id: Annotated[Eui64 | None, optional("DeviceID", EUI)] = None
    request_id: Annotated[RequestId | None, optional("RequestID", REQUEST_ID)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseVersionMismatch:
    """The response that a User's version cannot say."""

    request_id: Annotated[RequestId, part("RequestID", REQUEST_ID)]
    service_reference: Annotated[str, part("ServiceReference", _ANY_LENGTH)]
    srv: Annotated[str, part("ServiceReferenceVariant", _ANY_LENGTH)]
    request_version: Annotated[str, part("ServiceRequestDUISVersion", _ANY_LENGTH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMismatch:
    """N999: something that the User's DUIS version has no words for."""

    what: Annotated[
        AlertVersionMismatch | ResponseVersionMismatch,
        one_of(
            {
                "DCCAlertVersionMismatch": AlertVersionMismatch,
                "ServiceResponseVersionMismatch": ResponseVersionMismatch,
            }
        ),
    ]
    user_version: Annotated[str, part("ServiceUserDUISVersion", _ANY_LENGTH)]


AlertBody: TypeAlias = (
    PowerOutageEvent
    | DeviceStatusChangeEvent
    | ScheduleRemoval
    | CommandFailure
    | FirmwareDistributionFailure
    | HanDeviceLogResult
    | ChangeOfSupplier
    | SecurityCredentialsUpdated
    | DeviceLogRestored
    | PpmidAlert
    | PpmidRemoval
    | FirmwareVersionMismatch
    | Smets1HubFirmware
    | LoadControlChange
    | FirmwareUpgradeRequested
    | CspFirmwareDelivery
    | HubAlert
    | EcosAlert
    | HubFirmwareActivation
    | VersionMismatch
    | Opaque
)

ALERT_BODIES: Mapping[str, Any] = {
    "PowerOutageEvent": PowerOutageEvent,
    "DeviceStatusChangeEvent": DeviceStatusChangeEvent,
    "DSPScheduleRemoval": ScheduleRemoval,
    "CommandFailure": CommandFailure,
    "FirmwareDistributionFailure": FirmwareDistributionFailure,
    "UpdateHANDeviceLogResult": HanDeviceLogResult,
    "ChangeOfSupplier": ChangeOfSupplier,
    "SecurityCredentialsUpdated": SecurityCredentialsUpdated,
    "DeviceLogRestored": DeviceLogRestored,
    "PPMIDAlert": PpmidAlert,
    "PPMIDRemoval": PpmidRemoval,
    "FirmwareVersionMismatch": FirmwareVersionMismatch,
    "SMETS1CHFirmwareNotification": Smets1HubFirmware,
    "ALCSHCALCSConfigurationChange": LoadControlChange,
    "FirmwareUpgradeRequested": FirmwareUpgradeRequested,
    "CSPFirmwareDeliveryStatus": CspFirmwareDelivery,
    "CommsHubAlert": HubAlert,
    "ECoSAlert": EcosAlert,
    "CommsHubFirmwareActivation": HubFirmwareActivation,
    "DUISVersionMismatch": VersionMismatch,
    ANY: Opaque,
}
"""The bodies of DCC Alerts by their elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DccAlert:
    """`DCCAlertMessage`: what the DCC has to tell."""

    code: Annotated[DccAlertCode, part("DCCAlertCode", word(DccAlertCode))]
    throttle_sequence: Annotated[int | None, optional("ThrottledAlertSequenceId", _COUNT)] = None
    throttled_count: Annotated[int | None, optional("ThrottledAlertCount", _COUNT)] = None
    body: Annotated[AlertBody, part("DCCAlert", Wrapped(ALERT_BODIES))]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAlert:
    """`DeviceAlertMessage`: what a Device has to tell, in its own GBCS message."""

    code: Annotated[bytes, part("AlertCode", ALERT_CODE)]
    throttle_sequence: Annotated[int | None, optional("ThrottledAlertSequenceId", _COUNT)] = None
    throttled_count: Annotated[int | None, optional("ThrottledAlertCount", _COUNT)] = None
    gbcs_payload: Annotated[bytes, part("GBCSPayload", OCTETS)]
