"""The Smart Metering Inventory: device types, statuses, roles, regions (`domain.md` 2 and 3.1)."""

from enum import StrEnum


class DeviceType(StrEnum):
    """DUIS 5.4 `DeviceType`."""

    ESME = "ESME"
    GSME = "GSME"
    GPF = "GPF"
    CHF = "CHF"
    HCALCS = "HCALCS"
    PPMID = "PPMID"
    IHD = "IHD"
    CAD = "CAD"


class SmiStatus(StrEnum):
    """DUIS 5.4 `DeviceStatus`, as stored codes."""

    PENDING = "PENDING"
    WHITELISTED = "WHITELISTED"
    INSTALLED_NOT_COMMISSIONED = "INSTALLED_NOT_COMMISSIONED"
    COMMISSIONED = "COMMISSIONED"
    DECOMMISSIONED = "DECOMMISSIONED"
    WITHDRAWN = "WITHDRAWN"
    SUSPENDED = "SUSPENDED"
    RECOVERY = "RECOVERY"
    RECOVERED = "RECOVERED"


class CplStatus(StrEnum):
    """DUIS 5.4 `CPLStatus`."""

    ACTIVE = "ACTIVE"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class PartyKind(StrEnum):
    """What a SEC Party does, as far as firmware is concerned."""

    SUPPLIER = "SUPPLIER"
    NETWORK_OPERATOR = "NETWORK_OPERATOR"
    OTHER = "OTHER"
    DCC = "DCC"


class UserRole(StrEnum):
    """DUIS User Roles (`domain.md` 2.1)."""

    IS = "IS"
    GS = "GS"
    ES = "ES"
    ED = "ED"
    GT = "GT"
    RSA = "RSA"
    OU = "OU"


class Network(StrEnum):
    """The Communications Service Provider that carries a region's traffic."""

    NORTH = "NORTH"
    CENTRAL = "CENTRAL"
    SOUTH = "SOUTH"


class Region(StrEnum):
    """DUIS 5.4 `CSPRegion` values that hold SMETS2 hubs."""

    NORTH = "NORTH"
    CENTRAL = "CENTRAL"
    SOUTH = "SOUTH"
    NORTH_4G = "NORTH_4G"
    CENTRAL_4G = "CENTRAL_4G"
    SOUTH_4G = "SOUTH_4G"


NETWORK_OF: dict[Region, Network] = {
    Region.NORTH: Network.NORTH,
    Region.CENTRAL: Network.CENTRAL,
    Region.SOUTH: Network.SOUTH,
    Region.NORTH_4G: Network.NORTH,
    Region.CENTRAL_4G: Network.CENTRAL,
    Region.SOUTH_4G: Network.SOUTH,
}
