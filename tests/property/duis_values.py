"""Random values for any dataclass of parts: by the element's name where it has a form of its own, by type elsewhere."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.wire.duis import elements
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.elements import ANY, Empty, Opaque, Wrapped
from safelaunch.wire.duis.identifiers import MAX_COUNTER, RequestId
from safelaunch.wire.duis.leaves import Leaf
from safelaunch.wire.duis.requests.inventory import HUB_STATUSES, OTHER_STATUSES
from safelaunch.wire.duis.xml import GATEWAY

EUIS = st.builds(Eui64, st.integers(0, 2**64 - 1))
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
    | st.sampled_from(" \t\r\n<>&'\""),
    max_size=15,
)
MPXNS = st.text("0123456789", min_size=1, max_size=13)
MPANS = st.text("0123456789", min_size=13, max_size=13)
REFERENCES = st.sampled_from(["4.2", "4.6", "4.10", "14.1"])
VARIANTS = st.sampled_from(["A", "BD", "CDEF"])
VERSIONS = st.text("0123456789ABCDEF", min_size=1, max_size=8)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive

BY_ELEMENT: Mapping[str, st.SearchStrategy[Any]] = {
    "FirmwareHash": st.binary(min_size=32, max_size=32),
    "UPRN": st.integers(1, 10**12 - 1),
    "PostCode": st.text("ABC 123", min_size=6, max_size=8),
    "UpdateDeviceStatusExceptCH": st.sampled_from(OTHER_STATUSES),
    "UpdateDeviceStatusCH": st.sampled_from(HUB_STATUSES),
    "ESMEVariant": VARIANTS,
    "FirmwareVersion": VERSIONS,
    "DeviceFirmwareVersion": VERSIONS,
    "FirmwareVersionSMI": VERSIONS,
    "FirmwareVersionDevice": VERSIONS,
    "InstructionNumber": st.integers(0, 65535),
    "TotalCommandInstructions": st.integers(0, 65535),
    "ECoSErrorCode": st.text("ABC123", min_size=3, max_size=3),
    "SMETSCHTSVersion": TEXTS.filter(bool),
    "MPxN": MPXNS,
    "ImportMPxN": MPXNS,
    "SecondaryImportMPAN": MPANS,
    "ExportMPAN": MPANS,
    "UTRN": st.text("0123456789", min_size=20, max_size=20),
    "DSPScheduledServiceReference": REFERENCES,
    "DSPScheduledServiceReferenceVariant": st.sampled_from(["4.2", "4.6.1", "4.10", "14.1"]),
    "DSPScheduleID": st.integers(0, 10**12),
    "JoinTimePeriod": st.integers(1, 3600),
    "InstallCode": st.binary(min_size=6, max_size=16),
    "TolerancePeriod": st.integers(0, 86_400),
}
OPAQUE: Mapping[str, str] = {
    "DSPReadActivePowerImport": "",
    "DSPReadLoadLimitData": "",
    "RecoveryCompleteACBCredentials": "<sr:SupplierCertificateType>KeyAgreement</sr:SupplierCertificateType>",
    ANY: "",
}
"""What stands in elements that are carried as they come; those that are not here are not drawn."""

BY_TYPE: Mapping[type, st.SearchStrategy[Any]] = {
    Eui64: EUIS,
    RequestId: st.builds(RequestId, EUIS, EUIS, st.integers(0, MAX_COUNTER)),
    DeviceIds: st.lists(EUIS, min_size=1, max_size=5).map(DeviceIds.of),
    datetime: MOMENTS,
    date: st.dates(),
    time: st.times().map(lambda at: at.replace(tzinfo=UTC)),
    bool: st.booleans(),
    bytes: st.binary(max_size=40),
    int: st.integers(0, 2**31),
    str: TEXTS,
}


def values(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a dataclass of parts that its own rules allow."""
    return _drafts(kind).map(lambda given: _made(kind, given)).filter(lambda value: value is not None)


def _made(kind: type[Any], given: dict[str, Any]) -> Any:
    try:
        return kind(**given)
    except Invalid:
        return None


@st.composite
def _drafts(draw: st.DrawFn, kind: type[Any]) -> dict[str, Any]:
    parts = elements._parts(kind)
    kept = set(parts)
    if hasattr(kind, "__post_init__"):
        # Most such rules ask for one of several, so all but one of those is left out.
        spare = [name for name, each in parts.items() if each.least == 0]
        kept -= set(spare) - {draw(st.sampled_from(spare))}
    return {name: draw(_strategy(kind, name, each)) for name, each in parts.items() if name in kept}


def _strategy(kind: type[Any], name: str, each: elements.Part) -> st.SearchStrategy[Any]:
    if each.is_flag:
        return st.just(value=True) if hasattr(kind, "__post_init__") else st.booleans()
    hints = _hints(kind)
    one = st.one_of(
        [
            _one(element, form, hints[name])
            for element, form in each.forms.items()
            if form is not Opaque or element in OPAQUE
        ]
    )
    if each.is_many:
        return st.lists(one, min_size=each.least, max_size=min(each.most, 3)).map(tuple)
    if each.least == 0 and not hasattr(kind, "__post_init__"):
        return st.none() | one
    return one


def _one(element: str, form: Any, hint: Any) -> st.SearchStrategy[Any]:
    if isinstance(form, Wrapped):
        return st.one_of([_one(name, inner, hint) for name, inner in form.forms.items()])
    if form is Opaque:
        name = "Unheard" if element == ANY else element
        return st.just(
            Opaque(name, f'<sr:{name} xmlns:sr="{GATEWAY}">{OPAQUE[element]}</sr:{name}>'.encode())
        )
    if form is Empty:
        return st.just(Empty())
    if not isinstance(form, Leaf):
        return values(form)
    if element in BY_ELEMENT:
        return BY_ELEMENT[element]
    kind = form.kind or hint
    return st.sampled_from(kind) if issubclass(kind, StrEnum) else BY_TYPE[kind]


def _hints(kind: type[Any]) -> dict[str, Any]:
    """The bare types of a dataclass's fields: no None, no tuple, no union."""
    bare = {}
    for name, hint in elements.get_type_hints(kind).items():
        inside = [each for each in getattr(hint, "__args__", (hint,)) if each not in (type(None), ...)]
        bare[name] = inside[0]
    return bare
