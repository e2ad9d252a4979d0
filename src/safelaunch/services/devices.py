"""One Device of a home, and homes by their meter points: what a viewer may see of them, for every door.

Who may see a Device is who may see its home (`services/explanations.py`); one that was pre-notified (12.2) and is in no
home yet is seen by whoever announced it, and by the DCC. A meter point leads to its home for whoever is,
or was, responsible for that very meter point, and for the DCC; nobody learns from it that a home exists.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from safelaunch.domain.device_standing import (
    StandingFacts,
    explain_former_device,
    explain_standing,
    next_steps,
)
from safelaunch.domain.explanations import Explanation
from safelaunch.domain.identifiers import Eui64, read_mpxn
from safelaunch.domain.inventory_requests import HUB_TYPES, UNFINISHED
from safelaunch.domain.refusals import Conflict, NotFound
from safelaunch.domain.responsibility import Standing, standing_of
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus
from safelaunch.services.explanations import (
    HISTORY_LIMIT,
    HISTORY_READ,
    NoSuchHub,
    Seen,
    explain_held,
    own_time,
    see_home,
)
from safelaunch.store.reads import cpl, homes, suspensions
from safelaunch.store.reads import explanations as reads
from safelaunch.store.reads.cpl import UpgradePath
from safelaunch.store.reads.explanations import DeviceFacts, DeviceView, Happening
from safelaunch.store.reads.han_logs import find_log_update
from safelaunch.store.reads.homes import HomeDevice
from safelaunch.store.reads.inventory_requests import find_announced, find_model_on_cpl, find_status_since
from safelaunch.wire.duis.responses.content import MAX_DEVICES

_NOWHERE = Eui64(0)
"""No hub's Device ID."""


class NoSuchDevice(NotFound):
    """No Device has this Device ID, or none that this person may see."""


class NoSuchHome(NotFound):
    """No home has this meter point, or none that this person may see."""


class TooManyDevices(Conflict):
    """A home has more Devices than an answer may hold."""


@dataclass(frozen=True, slots=True)
class DeviceExplained:
    """A Device as a viewer may see it; of a former home neither its facts nor its neighbours are there.

    Attributes:
        hub_device_id: its hub; None while it is in no home.
        device: what it is; None for a former Supplier.
        paths: what the CPL lets it become, the latest first.
        next_steps: what its Responsible Supplier may do (sentences).
        others: the other Devices behind its hub.
        happenings: what happened to it, newest first; of a GPF, what happened to its hub.
    """

    device_id: Eui64
    hub_device_id: Eui64 | None
    is_former: bool
    device: DeviceFacts | None
    explanation: Explanation
    paths: tuple[UpgradePath, ...]
    next_steps: tuple[str, ...]
    others: tuple[DeviceView, ...]
    happenings: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """The Devices of a home as 8.2 gives them, with no meter point but the viewer's own."""

    hub_device_id: Eui64
    devices: tuple[HomeDevice, ...]


def explain_device(*, device_id: Eui64, viewer_party_id: int | None, at: datetime) -> DeviceExplained:
    """This function will say what a Device is, how it stands and why, what happened to it and what may be done next.

    Raises:
        NoSuchDevice: there is none, or it never was of the viewer's homes; the sentence does not tell which.
    """
    device = reads.get_device(device_id=device_id, party_id=viewer_party_id)
    if device is None:
        return _explain_announced(device_id, viewer_party_id)
    seen = _see(device, viewer_party_id, at=at)
    happenings = _history(device, seen, viewer_party_id, at=at)
    if seen.ended_at is not None:
        return DeviceExplained(
            device_id=device_id,
            hub_device_id=device.hub_device_id,
            is_former=True,
            device=None,
            explanation=explain_former_device(ended_at=seen.ended_at),
            paths=(),
            next_steps=(),
            others=(),
            happenings=happenings,
        )
    paths = _paths(device)
    facts = _standing(device, paths, viewer_party_id)
    others = reads.list_hub_devices(device_id=seen.hub.device_id, party_id=viewer_party_id)
    return DeviceExplained(
        device_id=device_id,
        hub_device_id=device.hub_device_id,
        is_former=False,
        device=device,
        explanation=_explain(device, facts, hub_device_id=seen.hub.device_id),
        paths=paths,
        next_steps=next_steps(facts),
        others=tuple(other for other in others if other.device_id != device_id),
        happenings=happenings,
    )


@dataclass(frozen=True, slots=True)
class Located:
    """What a Device ID names; `is_in_home` is false for a Device that was only announced."""

    device_type: DeviceType
    is_in_home: bool


def locate_device(*, device_id: Eui64, viewer_party_id: int | None, at: datetime) -> Located:
    """This function will say what a Device ID names, to whoever may see it.

    Raises:
        NoSuchDevice: nothing, or nothing that the viewer may see.
    """
    device = reads.get_device(device_id=device_id, party_id=viewer_party_id)
    if device is None:
        facts = _announced(device_id, viewer_party_id)
        return Located(DeviceType(facts.device_type), is_in_home=False)
    _see(device, viewer_party_id, at=at)
    return Located(DeviceType(device.device_type), is_in_home=True)


def locate_home(*, mpxn: str, viewer_party_id: int | None, at: datetime) -> Eui64:
    """This function will give the hub of the home that a meter point belongs to.

    Raises:
        Invalid: it is neither an MPAN nor an MPRN.
        NoSuchHome: there is none, or none that is or was the viewer's.
    """
    return _home_of(mpxn, viewer_party_id, at=at).hub.device_id


def list_home(*, mpxn: str, viewer_party_id: int | None, at: datetime) -> Home:
    """This function will list the Devices of the home that a meter point belongs to, 17 at most.

    Raises:
        Invalid: it is neither an MPAN nor an MPRN.
        NoSuchHome: there is none, or none that is the viewer's at this instant.
        TooManyDevices: there are more than one answer may hold (E080202).
    """
    seen = _home_of(mpxn, viewer_party_id, at=at)
    if seen.ended_at is not None:
        raise _no_home(mpxn)
    devices = homes.list_home_devices(hub_device_id=seen.hub.device_id)
    if len(devices) > MAX_DEVICES:
        raise TooManyDevices(
            f"The home of {mpxn} has {len(devices):,} Devices, and an answer holds at most {MAX_DEVICES} (E080202); "
            "ask for each by its Device ID."
        )
    own = {one.mpxn for one in seen.registrations if one.party_id == viewer_party_id and one.holds(at)}
    return Home(
        hub_device_id=seen.hub.device_id,
        devices=tuple(
            device if viewer_party_id is None or device.mpxn in own else replace(device, mpxn=None)
            for device in devices
        ),
    )


def _see(device: DeviceFacts, viewer_party_id: int | None, *, at: datetime) -> Seen:
    if device.hub_device_id is None:
        raise _no_device(device.device_id)
    try:
        return see_home(hub_device_id=device.hub_device_id, viewer_party_id=viewer_party_id, at=at)
    except NoSuchHub:
        raise _no_device(device.device_id) from None


def _no_device(device_id: Eui64) -> NoSuchDevice:
    return NoSuchDevice(
        f"There is no Device {device_id} among the homes you may see. "
        "Check the Device ID, or ask the Supplier responsible for the home."
    )


def _announced(device_id: Eui64, viewer_party_id: int | None) -> DeviceFacts:
    """Give a Device that waits for a home, a hub or its GPF too, to who announced it."""
    found = find_announced(device_id=device_id)
    if found is None or viewer_party_id not in (None, found.party_id):
        raise _no_device(device_id)
    kind = DeviceType.GPF if device_id == found.gpf_device_id else found.device_type
    listed = find_model_on_cpl(
        device_type=found.device_type,
        manufacturer=found.manufacturer,
        model=found.model,
        firmware_version=found.firmware_version or "",
        hardware_version=None,
    )
    return DeviceFacts(
        device_id=device_id,
        device_type=kind,
        hub_device_id=None,
        device_model_id=listed.device_model_id if listed else None,
        manufacturer=found.manufacturer,
        model=found.model,
        hardware_version="",
        firmware_version=found.firmware_version or "",
        smets_chts_version=found.smets_chts_version,
        gbcs_version=None,
        cpl_status=listed.cpl_status if listed else None,
        smi_status=found.smi_status,
        status_before=None,
        commissioned_on=None,
        region=None,
        party_id=found.party_id,
        mpxn=found.mpxn,
        supplier=None,
        network_operator=None,
    )


def _explain_announced(device_id: Eui64, viewer_party_id: int | None) -> DeviceExplained:
    device = _announced(device_id, viewer_party_id)
    facts = _standing(device, (), viewer_party_id)
    happenings = reads.list_device_happenings(
        device_id=device_id, party_id=viewer_party_id, limit=HISTORY_LIMIT
    )
    return DeviceExplained(
        device_id=device_id,
        hub_device_id=None,
        is_former=False,
        device=device,
        explanation=explain_standing(facts),
        paths=(),
        next_steps=next_steps(facts),
        others=(),
        happenings=tuple(happenings),
    )


def _home_of(mpxn: str, viewer_party_id: int | None, *, at: datetime) -> Seen:
    hub_device_id = homes.find_home_of_mpxn(mpxn=read_mpxn(mpxn))
    try:
        # Where there is no home, nowhere is looked at, so that the two refusals take the same time.
        seen = see_home(hub_device_id=hub_device_id or _NOWHERE, viewer_party_id=viewer_party_id, at=at)
    except NoSuchHub:
        raise _no_home(mpxn) from None
    if viewer_party_id is not None:
        of_point = [one for one in seen.registrations if one.mpxn == mpxn]
        if standing_of(of_point, party_id=viewer_party_id, at=at) not in (
            Standing.RESPONSIBLE,
            Standing.FORMER,
        ):
            raise _no_home(mpxn)
    return seen


def _no_home(mpxn: str) -> NoSuchHome:
    return NoSuchHome(
        f"There is no home with the meter point {mpxn} among those you may see. Check the MPAN or MPRN, or ask the "
        "Supplier registered for it."
    )


def _history(
    device: DeviceFacts, seen: Seen, viewer_party_id: int | None, *, at: datetime
) -> tuple[Happening, ...]:
    is_hub = device.device_type in HUB_TYPES
    list_happenings = reads.list_hub_happenings if is_hub else reads.list_device_happenings
    found = list_happenings(
        device_id=seen.hub.device_id if is_hub else device.device_id,
        party_id=viewer_party_id,
        limit=HISTORY_READ,
    )
    return tuple(own_time(found, seen=seen, viewer_party_id=viewer_party_id, at=at))


def _paths(device: DeviceFacts) -> tuple[UpgradePath, ...]:
    if device.device_model_id is None:
        return ()
    return tuple(cpl.list_upgrade_paths(device_model_id=device.device_model_id))


def _standing(
    device: DeviceFacts, paths: tuple[UpgradePath, ...], viewer_party_id: int | None
) -> StandingFacts:
    # A display is the concern of both Suppliers of its home.
    is_own = viewer_party_id in (None, device.party_id) or device.device_type == DeviceType.PPMID
    is_on_its_way = SmiStatus(device.smi_status) in UNFINISHED
    return StandingFacts(
        device_type=DeviceType(device.device_type),
        smi_status=SmiStatus(device.smi_status),
        firmware_version=device.firmware_version,
        cpl_status=CplStatus(device.cpl_status) if device.cpl_status else None,
        commissioned_on=device.commissioned_on,
        versions=[path.firmware_version for path in paths],
        is_own=is_own,
        status_since=find_status_since(device_id=device.device_id) if is_on_its_way else None,
        matter=find_log_update(device_id=device.device_id),
    )


def _explain(device: DeviceFacts, facts: StandingFacts, *, hub_device_id: Eui64) -> Explanation:
    if facts.smi_status is not SmiStatus.SUSPENDED:
        return explain_standing(facts)
    named = hub_device_id if facts.device_type in HUB_TYPES else device.device_id
    held = suspensions.list_home_suspensions(hub_device_id=hub_device_id)
    # One that was restored between the two reads is explained as the first of them found it.
    return next((explain_held(one) for one in held if one.device_id == named), explain_standing(facts))
