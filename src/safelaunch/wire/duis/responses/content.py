"""What a Service Response may hold beside its Service Reference (`domain.md` 3.3, 4.3, 5.2, 13.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeAlias

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.elements import ANY, Opaque, at_most_one_of, many, optional, part
from safelaunch.wire.duis.leaves import (
    DATE,
    EUI,
    FIRMWARE_VERSION,
    MANUFACTURER,
    MODEL,
    MPAN,
    MPXN,
    OCTETS,
    REFERENCE,
    SCHEDULE_ID,
    SMETS_CHTS_VERSION,
    coded,
    device_ids,
    number,
    of_kind,
    text,
    word,
)
from safelaunch.wire.duis.requests.devices import CreateSchedule
from safelaunch.wire.duis.requests.inventory import DEVICE_TYPE, ESME_VARIANT, UPRN, PropertyFilter
from safelaunch.wire.smi_rows import STATUS_WORDS

MAX_DEVICES = 17
"""The most Devices of one answer to an 8.2: a hub's log holds 16, and the hub itself."""

_ANY_LENGTH = text(most=1000)
_CPL_STATUS = coded({status: status.value.title() for status in CplStatus})
_LIST = device_ids()


class CspRegion(StrEnum):
    """`CSPRegion`."""

    NORTH = "North"
    CENTRAL = "Central"
    SOUTH = "South"
    NORTH_4G = "4G North"
    CENTRAL_4G = "4G Central"
    SOUTH_4G = "4G South"
    UNKNOWN = "Unknown"
    SMETS1 = "SMETS1"


class Connectivity(StrEnum):
    """`Connectivity`, since DUIS 5.4."""

    CELLULAR = "Cellular"
    VIRTUAL = "Virtual"


class FutureDatedAlertCode(StrEnum):
    """Whether a future dated command was carried out."""

    SUCCEEDED = "8F66"
    FAILED = "8F67"


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDevice:
    """One Device of the inventory, in the order of `domain.md` 3.3; Type 2 Devices have no status."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    device_type: Annotated[DeviceType, part("DeviceType", DEVICE_TYPE)]
    status: Annotated[SmiStatus | None, optional("DeviceStatus", coded(STATUS_WORDS))] = None
    manufacturer: Annotated[str, part("DeviceManufacturer", MANUFACTURER)]
    model: Annotated[str, part("DeviceModel", MODEL)]
    smets_chts_version: Annotated[str | None, optional("SMETSCHTSVersion", SMETS_CHTS_VERSION)] = None
    firmware_version: Annotated[str | None, optional("DeviceFirmwareVersion", FIRMWARE_VERSION)] = None
    firmware_version_status: Annotated[
        CplStatus | None, optional("DeviceFirmwareVersionStatus", _CPL_STATUS)
    ] = None
    cpl_status: Annotated[CplStatus | None, optional("CPLStatus", _CPL_STATUS)] = None
    commissioned_on: Annotated[date | None, optional("DateCommissioned", DATE)] = None
    import_mpxn: Annotated[str | None, optional("ImportMPxN", MPXN)] = None
    secondary_import_mpan: Annotated[str | None, optional("SecondaryImportMPAN", MPAN)] = None
    export_mpan: Annotated[str | None, optional("ExportMPAN", MPAN)] = None
    esme_variant: Annotated[str | None, optional("ESMEVariant", ESME_VARIANT)] = None
    uprn: Annotated[int | None, optional("UPRN", UPRN)] = None
    property_filter: Annotated[PropertyFilter | None, optional("PropertyFilter", PropertyFilter)] = None
    region: Annotated[CspRegion | None, optional("CSPRegion", word(CspRegion))] = None
    gbcs_version: Annotated[str | None, optional("DeviceGBCSVersion", _ANY_LENGTH)] = None
    han_variant: Annotated[str | None, optional("HANVariant", _ANY_LENGTH)] = None
    smets1_provider: Annotated[str | None, optional("S1SP", _ANY_LENGTH)] = None
    connectivity: Annotated[Connectivity | None, optional("Connectivity", word(Connectivity))] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DspInventory:
    """The answer to an 8.2: the Devices of one home."""

    devices: Annotated[tuple[InventoryDevice, ...], many("Device", InventoryDevice, most=MAX_DEVICES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareWarning:
    """The Devices of an 11.1 that will not have the firmware, by reason, in the schema's order.

    Attributes:
        invalid: not known, not the sender's, or of another type.
        not_commissioned: of a status in which no firmware is taken; Suspended is not one (MP105).
        not_applicable: of a model, hardware or version that the image is not for.
        other_in_progress: with a request that is not done.
        invalid_gbcs_version: behind a hub whose GBCS version cannot carry it.
    """

    invalid: Annotated[DeviceIds | None, optional("InvalidDeviceIDList", _LIST)] = None
    not_commissioned: Annotated[DeviceIds | None, optional("NotCommissionedDeviceIDList", _LIST)] = None
    not_applicable: Annotated[DeviceIds | None, optional("NotApplicableFirmwareDeviceIDList", _LIST)] = None
    other_in_progress: Annotated[DeviceIds | None, optional("OtherRequestInProgressList", _LIST)] = None
    invalid_gbcs_version: Annotated[DeviceIds | None, optional("InvalidGBCSVersionList", _LIST)] = None

    @property
    def device_count(self) -> int:
        """This function will count the Devices of all lists."""
        lists = (getattr(self, each.name) for each in fields(self))
        return sum(len(each) for each in lists if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PpmidFirmwareWarning(FirmwareWarning):
    """The same for an 11.4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureDatedDeviceAlert:
    """What became of a future dated command, as the Device told it in its own message."""

    alert_code: Annotated[FutureDatedAlertCode, part("FutureDatedAlertCode", word(FutureDatedAlertCode))]
    gbcs_payload: Annotated[bytes, part("GBCSPayload", OCTETS)]
    instruction_number: Annotated[int, part("InstructionNumber", number(most=65535))] = 1
    instruction_count: Annotated[int, part("TotalCommandInstructions", number(most=65535))] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PreCommand:
    """The command that the User is to sign."""

    gbcs_version: Annotated[str, part("GBCSVersion", _ANY_LENGTH)]
    gbcs_payload: Annotated[bytes, part("GBCSPayload", OCTETS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCommand:
    """The command that the User delivers to the Device in person."""

    gbcs_payload: Annotated[bytes, part("GBCSPayload", OCTETS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledMessage:
    """What a schedule of the DSP brought back."""

    gbcs_payload: Annotated[bytes, part("GBCSPayload", OCTETS)]
    schedule_id: Annotated[int, part("DSPScheduleID", SCHEDULE_ID)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchedule:
    """A schedule as it was created, and its number."""

    schedule_id: Annotated[int, part("DSPScheduleID", SCHEDULE_ID)]
    details: Annotated[CreateSchedule, part("DSPScheduleDetails", CreateSchedule)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulesRead:
    """The answer to a 5.2."""

    schedules: Annotated[tuple[StoredSchedule, ...], many("DSPSchedules", StoredSchedule, most=99)]


@dataclass(frozen=True, slots=True)
class GbcsPayload:
    """A Device's answer, in its own GBCS message."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class ScheduleId:
    """The answer to a 5.1: the number of the new schedule."""

    number: int


Content: TypeAlias = (
    DspInventory
    | SchedulesRead
    | ScheduledMessage
    | ScheduleId
    | FirmwareWarning
    | PpmidFirmwareWarning
    | FutureDatedDeviceAlert
    | GbcsPayload
    | LocalCommand
    | PreCommand
    | Opaque
)

CONTENTS: Mapping[str, Any] = {
    "DSPInventory": DspInventory,
    "DSPSchedulesRead": SchedulesRead,
    "DSPScheduledMessage": ScheduledMessage,
    "DSPScheduleID": of_kind(ScheduleId, SCHEDULE_ID, value="number"),
    "DSPUpdateFirmwareWarning": FirmwareWarning,
    "DSPUpdatePPMIDFirmwareWarning": PpmidFirmwareWarning,
    "FutureDatedDeviceAlertMessage": FutureDatedDeviceAlert,
    "GBCSPayload": of_kind(GbcsPayload, OCTETS, value="octets"),
    "LocalCommand": LocalCommand,
    "PreCommand": PreCommand,
    ANY: Opaque,
}
"""The elements of a Service Response; those that Safelaunch never sends are carried as they come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceResponse:
    """`ResponseMessage`: the answer to a request, told by its Service Reference Variant."""

    service_reference: Annotated[str, part("ServiceReference", REFERENCE)]
    srv: Annotated[str, part("ServiceReferenceVariant", REFERENCE)]
    content: Annotated[Content | None, at_most_one_of(CONTENTS)] = None
