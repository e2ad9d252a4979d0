"""Bodies of the requests that a home is put together with: 8.11, 8.12.1, 8.12.2 and 8.1.1 (`domain.md` 5.6)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from safelaunch.domain.identifiers import Eui64
from safelaunch.wire.duis.elements import optional, part
from safelaunch.wire.duis.leaves import EUI, MOMENT, MPAN, MPXN, hexadecimal, number, word
from safelaunch.wire.duis.requests.firmware import FutureDatable

_INSTALL_CODE = hexadecimal(least=6, most=16)


class LogRequest(StrEnum):
    """What an 8.11 asks of a hub's log."""

    ADD = "Add"
    REMOVE = "Remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningDevice:
    """How a Device joins, and its meter points."""

    join_seconds: Annotated[int, part("JoinTimePeriod", number(least=1, most=3600))]
    install_code: Annotated[bytes, part("InstallCode", _INSTALL_CODE)] = field(repr=False)
    import_mpxn: Annotated[str | None, optional("ImportMPxN", MPXN)] = None
    secondary_import_mpan: Annotated[str | None, optional("SecondaryImportMPAN", MPAN)] = None
    export_mpan: Annotated[str | None, optional("ExportMPAN", MPAN)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateHanDeviceLog(FutureDatable):
    """8.11: a Device is taken into the log of a hub, or out of it."""

    device_id: Annotated[Eui64, part("DeviceID", EUI)]
    asks: Annotated[LogRequest, part("RequestType", word(LogRequest))]
    joining: Annotated[JoiningDevice | None, optional("AddDeviceToCHFWhitelist", JoiningDevice)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreHanDeviceLog:
    """8.12.1: a hub takes over the log of the one before it."""

    old_hub_id: Annotated[Eui64, part("OldCHFID", EUI)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreGpfDeviceLog:
    """8.12.2: a GPF takes over the log of the one before it."""

    old_gpf_id: Annotated[Eui64, part("OldGPFID", EUI)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionDevice:
    """8.1.1: a meter's clock is set to a time that holds for so many seconds."""

    current_at: Annotated[datetime, part("CurrentDateTime", MOMENT)]
    tolerance_seconds: Annotated[int, part("TolerancePeriod", number(most=86_400))]
