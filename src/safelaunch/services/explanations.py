"""Why a hub is, or is not, being upgraded, and why a Device is Suspended: the one answer of every door (design 2.6)."""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.eligibility import HubFacts
from safelaunch.domain.explanations import (
    CampaignStanding,
    Explanation,
    Story,
    SuspensionFacts,
    UpgradeFacts,
    explain,
    explain_suspension,
)
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus
from safelaunch.domain.suspension import SuspensionCause
from safelaunch.store.reads import explanations as reads
from safelaunch.store.reads import suspensions
from safelaunch.store.reads.explanations import HubStanding, HubView
from safelaunch.store.reads.suspensions import HeldDevice


class NoSuchHub(NotFound):
    """No hub has this Device ID, or none that this person may see."""


def explain_hub(*, device_id: Eui64, viewer_party_id: int | None, at: datetime) -> Explanation:
    """This function will say why a hub is, or is not, being upgraded.

    Raises:
        NoSuchHub: there is none, or it is not of the viewer's homes; the sentence does not tell which.
    """
    hub = _get_hub(device_id, viewer_party_id)
    standing = reads.get_hub_standing(device_id=device_id, party_id=viewer_party_id)
    return explain(_story(hub, standing), at=at)


@dataclass(frozen=True, slots=True)
class SuspendedDevice:
    """A Device of a home that is Suspended, and why."""

    device_id: Eui64
    device_type: str
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class HomeExplained:
    """A hub, why it is or is not being upgraded, and why Devices of its home are Suspended, the hub first."""

    hub: HubView
    upgrade: Explanation
    suspensions: list[SuspendedDevice]


def explain_home(*, device_id: Eui64, viewer_party_id: int | None, at: datetime) -> HomeExplained:
    """This function will explain a hub's upgrade and every suspension in its home.

    Raises:
        NoSuchHub: there is none, or it is not of the viewer's homes; the sentence does not tell which.
    """
    hub = _get_hub(device_id, viewer_party_id)
    standing = reads.get_hub_standing(device_id=device_id, party_id=viewer_party_id)
    return HomeExplained(
        hub=hub,
        upgrade=explain(_story(hub, standing), at=at),
        suspensions=[
            SuspendedDevice(
                device_id=held.device_id,
                device_type=held.device_type,
                explanation=explain_suspension(_suspension(held)),
            )
            for held in suspensions.list_home_suspensions(hub_device_id=device_id)
        ],
    )


def _suspension(held: HeldDevice) -> SuspensionFacts:
    hardware = f" hardware {held.hardware_version}" if held.hardware_version else ""
    return SuspensionFacts(
        entry=f"{held.device_type} {held.manufacturer}/{held.model}{hardware} {held.firmware_version}",
        cause=SuspensionCause(held.cause) if held.cause else None,
        since=held.suspended_at,
        status_before=SmiStatus(held.status_before) if held.status_before else None,
        commissioned_on=held.commissioned_on,
        is_hub=held.device_type == DeviceType.CHF,
    )


def _get_hub(device_id: Eui64, viewer_party_id: int | None) -> HubView:
    hub = reads.get_hub(device_id=device_id, party_id=viewer_party_id)
    if hub is None:
        raise NoSuchHub(
            f"There is no Communications Hub {device_id} among the homes you may see. "
            "Check the Device ID, or ask the Supplier responsible for the home."
        )
    return hub


def _story(hub: HubView, standing: HubStanding | None) -> Story:
    facts = HubFacts(
        firmware_version=hub.firmware_version,
        smi_status=SmiStatus(hub.smi_status),
        is_target_model=standing is not None and standing.is_target_model,
        target_cpl_status=CplStatus(standing.target_cpl_status)
        if standing and standing.target_cpl_status
        else None,
    )
    if standing is None:
        return Story(lot=hub.lot, hub=facts, campaign=None, upgrade=None)
    return Story(lot=hub.lot, hub=facts, campaign=_campaign(hub, standing), upgrade=_upgrade(standing))


def _campaign(hub: HubView, standing: HubStanding) -> CampaignStanding:
    return CampaignStanding(
        reference=standing.reference,
        firmware_version=standing.firmware_version,
        phase=Phase(standing.phase),
        rules=standing.campaign_rules,
        held_because=(standing.held_because or "") if standing.is_held else None,
        pilot_starts_at=standing.pilot_starts_at,
        lot_offset=standing.lot_offset,
        region_name=hub.region,
        region_place=standing.region_place,
        region_is_exhausted=standing.region_is_exhausted,
        pilot_place=standing.pilot_place,
        pilot_size=standing.pilot_size,
    )


def _upgrade(standing: HubStanding) -> UpgradeFacts | None:
    if standing.state is None or standing.state_since is None:
        return None
    return UpgradeFacts(
        state=HubState(standing.state),
        since=standing.state_since,
        attempt=standing.attempt or 1,
        read_count=standing.read_count or 0,
        night=standing.night,
        activated_at=standing.activated_at,
    )
