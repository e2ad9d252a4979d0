"""Saying a message in an older DUIS version (`domain.md` 4.8).

The rules:
- An alert whose code or body the User's version does not have becomes N999, which names it.
- A response whose code the version does not have becomes N999 likewise; it needs the request it answers.
- An element that is optional and newer is left out: without it the message is the older version's whole message.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from safelaunch.domain.refusals import Invalid
from safelaunch.wire.duis.elements import Opaque
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses.alert_codes import DccAlertCode
from safelaunch.wire.duis.responses.alerts import (
    AlertVersionMismatch,
    ChangeOfSupplier,
    DccAlert,
    ResponseVersionMismatch,
    VersionMismatch,
)
from safelaunch.wire.duis.responses.codes import ResponseCode
from safelaunch.wire.duis.responses.content import CspRegion, DspInventory, InventoryDevice, ServiceResponse

T = TypeVar("T")

VERSIONS = ("5.0", "5.1", "5.2", "5.3", "5.4")
"""The versions of DUIS that Safelaunch speaks, oldest first."""

LATEST = VERSIONS[-1]

_5_3_REGIONS = (CspRegion.NORTH_4G, CspRegion.CENTRAL_4G, CspRegion.SOUTH_4G)

ALERTS_SINCE: Mapping[DccAlertCode, str] = {
    DccAlertCode.N63: "5.1",
    DccAlertCode.N64: "5.1",
    DccAlertCode.N65: "5.1",
}
"""The first version of each alert that is newer than 5.0."""

CODES_SINCE: Mapping[ResponseCode, str] = {
    **dict.fromkeys([ResponseCode(f"E{number}") for number in range(65, 72)], "5.1"),
    ResponseCode.E062305: "5.1",
    ResponseCode.E062306: "5.1",
    ResponseCode.E050111: "5.3",
    ResponseCode.E050112: "5.3",
    ResponseCode.E110106: "5.3",
    ResponseCode.E120103: "5.3",
    ResponseCode.E081406: "5.4",
}
"""The first version of each response code that is newer than 5.0."""

FIELDS_SINCE: Mapping[type[Any], Mapping[str, str]] = {
    InventoryDevice: {"connectivity": "5.4"},
    ChangeOfSupplier: {"ecos_error_code": "5.3"},
}
"""The first version of each optional element that is newer than 5.0, by dataclass and field."""


def require_version(version: str) -> None:
    """This function will insist on a version of DUIS that Safelaunch speaks.

    Raises:
        Invalid: it is another.
    """
    if version not in VERSIONS:
        raise Invalid(f"DUIS {version[:20]} is not spoken here; {', '.join(VERSIONS)} are.")


def fit_alert(alert: DccAlert, *, version: str, request_id: RequestId | None) -> DccAlert:
    """This function will give the alert as a version can say it: itself, less of it, or N999 in its place.

    Args:
        alert: the alert as the latest version has it.
        version: the User's version.
        request_id: the request that it belongs to, if any.
    """
    if not _is_newer(ALERTS_SINCE.get(alert.code), than=version):
        return replace(alert, body=_without_newer(alert.body, version=version))
    mismatch = AlertVersionMismatch(
        alert_code=alert.code.value,
        device_id=None if isinstance(alert.body, Opaque) else getattr(alert.body, "device_id", None),
        request_id=request_id,
    )
    return DccAlert(code=DccAlertCode.N999, body=VersionMismatch(what=mismatch, user_version=version))


def fit_response(
    response: ServiceResponse, *, code: ResponseCode, version: str, request_id: RequestId | None
) -> ServiceResponse | DccAlert:
    """This function will give the response as a version can say it: itself, less of it, or N999 in its place.

    Args:
        response: the response as the latest version has it.
        code: its response code.
        version: the User's version, which is taken for that of the request.
        request_id: the request that it answers.

    Raises:
        Invalid: the version does not have the code, and there is no request to name instead.
    """
    if not _is_newer(CODES_SINCE.get(code), than=version):
        return replace(response, content=_without_newer(response.content, version=version))
    if request_id is None:
        raise Invalid(
            f"{code} does not exist in DUIS {version}, and the response answers no request to name."
        )
    mismatch = ResponseVersionMismatch(
        request_id=request_id,
        service_reference=response.service_reference,
        srv=response.srv,
        request_version=version,
    )
    return DccAlert(code=DccAlertCode.N999, body=VersionMismatch(what=mismatch, user_version=version))


def _without_newer(value: T, *, version: str) -> T:
    if isinstance(value, DspInventory):
        devices = tuple(_fitted_device(device, version=version) for device in value.devices)
        return replace(value, devices=devices)
    return _stripped(value, version=version)


def _fitted_device(device: InventoryDevice, *, version: str) -> InventoryDevice:
    if device.region in _5_3_REGIONS and _is_newer("5.3", than=version):
        device = replace(device, region=None)
    return _stripped(device, version=version)


def _stripped(value: T, *, version: str) -> T:
    since = FIELDS_SINCE.get(type(value), {})
    newer = {name: None for name, first in since.items() if _is_newer(first, than=version)}
    return replace(value, **newer) if newer else value  # type: ignore[type-var]  # only dataclasses are in the table


def _is_newer(first: str | None, *, than: str) -> bool:
    return first is not None and VERSIONS.index(first) > VERSIONS.index(than)
