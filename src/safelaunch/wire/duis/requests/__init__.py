"""Bodies of Service Requests as frozen values, read strictly and written (`domain.md` 5).

    firmware    11.1, 11.2, 11.3, 11.4, the Signed Pre-Command
    inventory   8.2, 8.3, 8.4, 12.2
    hub_status  8.14.1 to 8.14.4
    devices     3.2, 6.23, 2.2, and the schedules 5.1 to 5.3
    han         8.11, 8.12.1, 8.12.2, 8.1.1

1.1.1, 1.2.1 and 1.6 are `PassedOn`: their execution time is all that the calendar of conflicts needs. Every other body
of DUIS is `Unserved`; of both kinds only the official schema, where it is configured, judges the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from safelaunch.domain.refusals import Invalid
from safelaunch.domain.srv import SIGNED_PRE_COMMAND, Service, Srv, catalogue
from safelaunch.wire.duis import elements
from safelaunch.wire.duis.elements import MalformedBody
from safelaunch.wire.duis.leaves import MOMENT
from safelaunch.wire.duis.requests.devices import (
    CreateSchedule,
    DeleteSchedule,
    ReadSchedule,
    RestrictAccessForChangeOfTenancy,
    TopUpDevice,
    UpdateSecurityCredentialsCos,
)
from safelaunch.wire.duis.requests.firmware import (
    CANCELLATION,
    ActivateFirmware,
    ReadFirmwareVersion,
    SignedPreCommand,
    UpdateFirmware,
    UpdatePpmidFirmware,
)
from safelaunch.wire.duis.requests.han import (
    CommissionDevice,
    RestoreGpfDeviceLog,
    RestoreHanDeviceLog,
    UpdateHanDeviceLog,
)
from safelaunch.wire.duis.requests.hub_status import (
    FaultReturn,
    InstallNoSmWan,
    InstallSuccess,
    NoFaultReturn,
)
from safelaunch.wire.duis.requests.inventory import (
    DecommissionDevice,
    DevicePrenotification,
    ReadInventory,
    UpdateInventory,
)
from safelaunch.wire.duis.xml import GATEWAY, Element, is_gateway_element, local_name, text_of


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A body that is noted for the calendar of conflicts: its name, and when it is to be executed."""

    name: str
    execution_at: datetime | None = None

    @property
    def cancels(self) -> bool:
        """This function will say whether this takes back an earlier request of its kind."""
        return self.execution_at == CANCELLATION


@dataclass(frozen=True, slots=True)
class Unserved:
    """A legal body that Safelaunch does not serve."""

    name: str


RequestBody: TypeAlias = (
    UpdateFirmware
    | UpdatePpmidFirmware
    | ReadFirmwareVersion
    | ActivateFirmware
    | SignedPreCommand
    | ReadInventory
    | DecommissionDevice
    | UpdateInventory
    | DevicePrenotification
    | InstallSuccess
    | InstallNoSmWan
    | FaultReturn
    | NoFaultReturn
    | RestrictAccessForChangeOfTenancy
    | UpdateSecurityCredentialsCos
    | TopUpDevice
    | CreateSchedule
    | ReadSchedule
    | DeleteSchedule
    | UpdateHanDeviceLog
    | RestoreHanDeviceLog
    | RestoreGpfDeviceLog
    | CommissionDevice
    | PassedOn
    | Unserved
)

BODIES: Mapping[str, type[Any]] = {
    "UpdateFirmware": UpdateFirmware,
    "UpdatePPMIDFirmware": UpdatePpmidFirmware,
    "ReadFirmwareVersion": ReadFirmwareVersion,
    "ActivateFirmware": ActivateFirmware,
    SIGNED_PRE_COMMAND: SignedPreCommand,
    "ReadInventory": ReadInventory,
    "DecommissionDevice": DecommissionDevice,
    "UpdateInventory": UpdateInventory,
    "DevicePrenotification": DevicePrenotification,
    "CHFInstallSuccessSMWAN": InstallSuccess,
    "CHFInstallSuccessNoSMWAN": InstallNoSmWan,
    "CHFFaultReturn": FaultReturn,
    "CHFNoFaultReturn": NoFaultReturn,
    "RestrictAccessForChangeOfTenancy": RestrictAccessForChangeOfTenancy,
    "UpdateSecurityCredentialsCoS": UpdateSecurityCredentialsCos,
    "TopUpDevice": TopUpDevice,
    "CreateSchedule": CreateSchedule,
    "ReadSchedule": ReadSchedule,
    "DeleteSchedule": DeleteSchedule,
    "UpdateHANDeviceLog": UpdateHanDeviceLog,
    "RestoreHANDeviceLog": RestoreHanDeviceLog,
    "RestoreGPFDeviceLog": RestoreGpfDeviceLog,
    "CommissionDeviceSynchroniseClock": CommissionDevice,
}
"""The dataclass of each body element that is read whole."""

_NAMES = {kind: name for name, kind in BODIES.items()}
_EXECUTION = f"{{{GATEWAY}}}ExecutionDateTime"


class ForeignBody(Invalid):
    """The body is an element of DUIS, and not that of its Service Reference Variant."""


def read_body(element: Element, *, srv: Srv) -> RequestBody:
    """This function will read the body element of a request.

    Args:
        element: the one child of `Request/Body`, as `parse(request.body_xml)` gives it.
        srv: the Service Reference Variant that the header names.

    Raises:
        ForeignBody: the element is neither that of the SRV nor a Signed Pre-Command.
        MalformedBody: the element has another form than DUIS 5.4 gives it; the sentence names the place.
    """
    name = local_name(element)
    if not is_gateway_element(element) or name not in (srv.body, SIGNED_PRE_COMMAND):
        raise ForeignBody(f"The body is {name[:80]}; {srv.code} ({srv.name}) has {srv.body}.")
    if name in BODIES:
        body: RequestBody = elements.read(BODIES[name], element)
        return body
    return PassedOn(name, _execution(element)) if srv.service is Service.PASSED_ON else Unserved(name)


def write_body(body: RequestBody) -> bytes:
    """This function will write the body element of a request, ready for `envelope.Request.body_xml`.

    Raises:
        Invalid: a value would not read back as it is, or the body is one that is only noted, not read whole.
    """
    return elements.write(body, name=body_name(body))


def body_name(body: RequestBody) -> str:
    """This function will name the element of a body.

    Raises:
        Invalid: the body is one that is only noted, not read whole.
    """
    try:
        return _NAMES[type(body)]
    except KeyError:
        raise Invalid(
            f"{type(body).__name__} cannot be written: only a note was taken of what it held."
        ) from None


def srv_of(body: RequestBody) -> Srv:
    """This function will give the SRV that a body belongs to, for whoever writes a request.

    Raises:
        Invalid: the body belongs to none alone, as a Signed Pre-Command does, or is one that is only noted.
    """
    name = body_name(body)
    for srv in catalogue().values():
        if srv.body == name:
            return srv
    raise Invalid(f"{name} belongs to every critical Service Reference Variant; name the one that is meant.")


def _execution(element: Element) -> datetime | None:
    if not len(element) or element[0].tag != _EXECUTION:
        return None
    try:
        return MOMENT.read(text_of(element[0], refusal=MalformedBody))
    except Invalid as error:
        raise MalformedBody(f"{local_name(element)} cannot be read: {error}") from error
