"""Bodies of the inventory requests 8.2, 8.3, 8.4 and 12.2 (`domain.md` 3.2, 5.6)."""

from dataclasses import dataclass
from typing import Annotated

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.smi import DeviceType, SmiStatus
from safelaunch.wire.duis.elements import flag, optional, part, require_one
from safelaunch.wire.duis.leaves import (
    EUI,
    FIRMWARE_VERSION,
    MANUFACTURER,
    MODEL,
    MPAN,
    MPXN,
    SMETS_CHTS_VERSION,
    coded,
    number,
    text,
    word,
)
from safelaunch.wire.smi_rows import STATUS_WORDS

DEVICE_TYPE = word(DeviceType)
UPRN = number(least=1, most=10**12 - 1)
ESME_VARIANT = text(
    most=4,
    form="A|B|C|AD|BD|CD|ADE|BDE|CDE|ADF|BDF|CDF|ADEF|BDEF|CDEF|ADG|ADEG|AF|BF|CF|AEF|BEF|CEF|AG|AEG",
)

HUB_STATUSES = (SmiStatus.COMMISSIONED, SmiStatus.WITHDRAWN, SmiStatus.INSTALLED_NOT_COMMISSIONED)
OTHER_STATUSES = (SmiStatus.PENDING, SmiStatus.INSTALLED_NOT_COMMISSIONED)
_HUB_STATUS = coded({status: STATUS_WORDS[status] for status in HUB_STATUSES})
_OTHER_STATUS = coded({status: STATUS_WORDS[status] for status in OTHER_STATUSES})


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyFilter:
    """A home by its address."""

    post_code: Annotated[str, part("PostCode", text(least=6, most=8))]
    address_identifier: Annotated[str, part("AddressIdentifier", text(most=30))]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInventory:
    """8.2: the Devices of one home, told by exactly one of four things."""

    uprn: Annotated[int | None, optional("UPRN", UPRN)] = None
    device_id: Annotated[Eui64 | None, optional("DeviceID", EUI)] = None
    mpxn: Annotated[str | None, optional("MPxN", MPXN)] = None
    property_filter: Annotated[PropertyFilter | None, optional("PropertyFilter", PropertyFilter)] = None

    def __post_init__(self) -> None:
        """This function will insist on exactly one of the four."""
        require_one(self, "uprn", "device_id", "mpxn", "property_filter")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecommissionDevice:
    """8.3: a Device leaves its home for good."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDeviceDetails:
    """What an 8.4 says of a Device anew; what is None stays as it is."""

    manufacturer: Annotated[str | None, optional("DeviceManufacturer", MANUFACTURER)] = None
    model: Annotated[str | None, optional("DeviceModel", MODEL)] = None
    smets_chts_version: Annotated[str | None, optional("SMETSCHTSVersion", SMETS_CHTS_VERSION)] = None
    firmware_version: Annotated[str | None, optional("FirmwareVersion", FIRMWARE_VERSION)] = None
    esme_variant: Annotated[str | None, optional("ESMEVariant", ESME_VARIANT)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMpxn:
    """Which MPAN or MPRN an 8.4 gives to a meter: exactly one of three."""

    import_mpxn: Annotated[str | None, optional("ImportMPxN", MPXN)] = None
    secondary_import_mpan: Annotated[str | None, optional("SecondaryImportMPAN", MPAN)] = None
    export_mpan: Annotated[str | None, optional("ExportMPAN", MPAN)] = None

    def __post_init__(self) -> None:
        """This function will insist on exactly one of the three."""
        require_one(self, "import_mpxn", "secondary_import_mpan", "export_mpan")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateInventory:
    """8.4: one change to one Device of the inventory."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    status: Annotated[SmiStatus | None, optional("UpdateDeviceStatusExceptCH", _OTHER_STATUS)] = None
    hub_status: Annotated[SmiStatus | None, optional("UpdateDeviceStatusCH", _HUB_STATUS)] = None
    details: Annotated[UpdateDeviceDetails | None, optional("UpdateDeviceDetails", UpdateDeviceDetails)] = (
        None
    )
    deletes: Annotated[bool, flag("DeleteDevice")] = False
    mpxn: Annotated[UpdateMpxn | None, optional("UpdateMPxN", UpdateMpxn)] = None

    def __post_init__(self) -> None:
        """This function will insist on exactly one change."""
        require_one(self, "status", "hub_status", "details", "deletes", "mpxn")


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePrenotification:
    """12.2: a Device that is about to be installed."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    manufacturer: Annotated[str, part("DeviceManufacturer", MANUFACTURER)]
    model: Annotated[str, part("DeviceModel", MODEL)]
    device_type: Annotated[DeviceType, part("DeviceType", DEVICE_TYPE)]
    smets_chts_version: Annotated[str | None, optional("SMETSCHTSVersion", SMETS_CHTS_VERSION)] = None
    firmware_version: Annotated[str | None, optional("FirmwareVersion", FIRMWARE_VERSION)] = None
    esme_variant: Annotated[str | None, optional("ESMEVariant", ESME_VARIANT)] = None
    gpf_device_id: Annotated[Eui64 | None, optional("AssociatedGPFDeviceID", EUI)] = None
