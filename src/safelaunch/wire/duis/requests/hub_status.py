"""Bodies of the Communications Hub status updates 8.14.1 to 8.14.4 (`domain.md` 5.6)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.duis.elements import optional, part
from safelaunch.wire.duis.leaves import BOOLEAN, EUI, MOMENT, MPXN, text, word

_USER_REFERENCE = text(most=25)
_INCIDENT = text(most=15)
_REMARK = text(most=200)


class InstallType(StrEnum):
    """`CHFInstallType`."""

    NEW = "New CHF Install"
    REPLACEMENT = "Replacement CHF Install"
    NO_SM_WAN = "CHF Install - no SM WAN"


class Location(StrEnum):
    """`CHFLocation`."""

    OUTSIDE = "Outside Premises"
    EXTERNAL_WALL = "Indoors on external wall"
    DEEP_INDOORS = "Deep indoors"
    BASEMENT = "Basement or Cellar"


class PremiseType(StrEnum):
    """`PremiseType`."""

    DETACHED = "Detached / Semi Detached"
    TERRACED = "Terraced"
    LOW_RISE = "Low Rise Apartment (MDU <= 5 floors)"
    HIGH_RISE = "High Rise Apartment (MDU > 5 floors)"


class FaultReturnType(StrEnum):
    """`CHFFaultReturnType`."""

    BEFORE_INSTALLATION = "Fault identified prior to installation"
    AFTER_INSTALLATION = "Fault identified post installation"


class ConnectionMethod(StrEnum):
    """`CHFConnectionMethod`."""

    HOT_SHOE = "Hot-shoe"
    CRADLE = "Cradle"
    ESME = "ESME"


class FaultReason(StrEnum):
    """`CHFFaultReason`."""

    DAMAGED_CASE = "Damaged case"
    DAMAGED_CONNECTOR = "Damaged Connector"
    INTERFERENCE = "Illegal interference or missing seals"
    ENVIRONMENT = "Environmental conditions exceeded"
    SM_WAN = "SM WAN Fault"
    SM_HAN = "SMHAN Interface Fault"
    LED = "LED Fault"
    AERIAL = "Aerial fault"
    MANUFACTURE = "Manufacturing defect"


class NoFaultReturnType(StrEnum):
    """`CHFNoFaultReturnType`; the third is a real scenario of dual-band homes."""

    GENERAL = "No Fault Return (general)"
    OPT_OUT = "No Fault Return (non-dom opt out)"
    HAN_VARIANT = "No Fault Return (dual supplier HAN variant replacement)"
    WAN_VARIANT = "No Fault Return (SM WAN variant replacement requested by DCC)"
    LOST_OR_STOLEN = "Lost or Stolen Hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallSuccess:
    """8.14.1: a hub was installed and reached the SM WAN."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    install_type: Annotated[InstallType, part("CHFInstallType", word(InstallType))]
    installed_at: Annotated[datetime | None, optional("InstallDateTime", MOMENT)] = None
    user_reference: Annotated[str | None, optional("UserRefID", _USER_REFERENCE)] = None
    mpxn: Annotated[str, part("MPxN", MPXN)]
    gis_data: Annotated[str | None, optional("GISData", text(most=25))] = None
    has_aerial: Annotated[bool, part("AerialInstall", BOOLEAN)]
    location: Annotated[Location, part("CHFLocation", word(Location))]
    remark: Annotated[str | None, optional("AdditionalInformation", _REMARK)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallNoSmWan:
    """8.14.2: a hub was installed and did not reach the SM WAN."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    install_type: Annotated[InstallType, part("CHFInstallType", word(InstallType))]
    installed_at: Annotated[datetime | None, optional("InstallDateTime", MOMENT)] = None
    user_reference: Annotated[str | None, optional("UserRefID", _USER_REFERENCE)] = None
    mpxn: Annotated[str, part("MPxN", MPXN)]
    gis_data: Annotated[str | None, optional("GISData", text(most=25))] = None
    has_aerial: Annotated[bool, part("AerialInstall", BOOLEAN)]
    location: Annotated[Location, part("CHFLocation", word(Location))]
    premise_type: Annotated[PremiseType, part("PremiseType", word(PremiseType))]
    has_metal_obstruction_check: Annotated[bool, part("MetalObstructionCheck", BOOLEAN)]
    has_connectivity_obstruction_check: Annotated[bool, part("ConnectivityObstructionCheck", BOOLEAN)]
    has_shared_obstruction_check: Annotated[bool, part("SharedObstructionCheck", BOOLEAN)]
    remark: Annotated[str | None, optional("AdditionalInformation", _REMARK)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultReturn:
    """8.14.3: a faulty hub comes back."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    return_type: Annotated[FaultReturnType, part("CHFFaultReturnType", word(FaultReturnType))]
    user_reference_at: Annotated[datetime | None, optional("UserRefDateTime", MOMENT)] = None
    user_reference: Annotated[str | None, optional("UserRefID", _USER_REFERENCE)] = None
    other_device_id: Annotated[Eui64, part("OtherDeviceID", EUI)]
    incident_reference: Annotated[str | None, optional("IncidentReference", _INCIDENT)] = None
    connection_method: Annotated[ConnectionMethod, part("CHFConnectionMethod", word(ConnectionMethod))]
    fault_reason: Annotated[FaultReason, part("CHFFaultReason", word(FaultReason))]
    remark: Annotated[str | None, optional("AdditionalInformation", _REMARK)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFaultReturn:
    """8.14.4: a hub without a fault comes back, or is lost."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    return_type: Annotated[NoFaultReturnType, part("CHFNoFaultReturnType", word(NoFaultReturnType))]
    user_reference_at: Annotated[datetime | None, optional("UserRefDateTime", MOMENT)] = None
    user_reference: Annotated[str | None, optional("UserRefID", _USER_REFERENCE)] = None
    incident_reference: Annotated[str | None, optional("IncidentReference", _INCIDENT)] = None
    remark: Annotated[str | None, optional("AdditionalInformation", _REMARK)] = None
