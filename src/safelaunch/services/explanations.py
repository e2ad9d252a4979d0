"""Why a hub is, or is not, being upgraded, and why a Device is Suspended: the one answer of every door (design 2.6).

Who may see a hub is the rule of `domain/responsibility.py`, from the registrations of the meters behind it: whoever is
responsible at this instant sees all, whoever was sees what happened meanwhile, nobody else learns that there is one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain import calendar, own_turns
from safelaunch.domain.campaigns import OPEN, Phase
from safelaunch.domain.eligibility import HubFacts
from safelaunch.domain.explanations import (
    CampaignStanding,
    Explanation,
    Story,
    SuspensionFacts,
    UpgradeFacts,
    explain,
    explain_former,
    explain_suspension,
)
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.own_turns import OwnTurn, TurnCause
from safelaunch.domain.planned_events import PlannedKind
from safelaunch.domain.refusals import NotFound
from safelaunch.domain.responsibility import (
    Registration,
    Standing,
    last_held_until,
    may_see_happening,
    standing_of,
)
from safelaunch.domain.smi import CplStatus, DeviceType, SmiStatus
from safelaunch.domain.suspension import SuspensionCause
from safelaunch.store.reads import explanations as reads
from safelaunch.store.reads import own_turns as turn_reads
from safelaunch.store.reads import registrations, suspensions
from safelaunch.store.reads.explanations import DeviceView, Happening, HubStanding, HubView
from safelaunch.store.reads.suspensions import HeldDevice

HISTORY_LIMIT = 100
"""Happenings shown of a hub."""

HISTORY_READ = 1_000
"""Happenings read of a hub to find those that a former Supplier may see."""


class NoSuchHub(NotFound):
    """No hub has this Device ID, or none that this person may see."""


def explain_hub(*, device_id: Eui64, viewer_party_id: int | None, at: datetime) -> Explanation:
    """This function will say why a hub is, or is not, being upgraded.

    Raises:
        NoSuchHub: there is none, or it is not of the viewer's homes; the sentence does not tell which.
    """
    seen = see_home(hub_device_id=device_id, viewer_party_id=viewer_party_id, at=at)
    return _explain(seen, viewer_party_id, at=at)


@dataclass(frozen=True, slots=True)
class SuspendedDevice:
    """A Device of a home that is Suspended, and why."""

    device_id: Eui64
    device_type: str
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class HomeExplained:
    """A hub as a viewer may see it: why it is or is not being upgraded, what is behind it, and what happened.

    A former Supplier is told that its time is over and what happened in it, and nothing of how the home is now.
    """

    hub: HubView
    upgrade: Explanation
    is_former: bool
    suspensions: list[SuspendedDevice]
    devices: list[DeviceView]
    happenings: list[Happening]


def explain_home(*, device_id: Eui64, viewer_party_id: int | None, at: datetime) -> HomeExplained:
    """This function will explain a hub's upgrade and every suspension in its home, and list what happened to it.

    Raises:
        NoSuchHub: there is none, or it never was of the viewer's homes; the sentence does not tell which.
    """
    seen = see_home(hub_device_id=device_id, viewer_party_id=viewer_party_id, at=at)
    upgrade = _explain(seen, viewer_party_id, at=at)
    if seen.ended_at is not None:
        history = _history(seen, viewer_party_id, at=at)
        return HomeExplained(
            hub=seen.hub, upgrade=upgrade, is_former=True, suspensions=[], devices=[], happenings=history
        )
    return HomeExplained(
        hub=seen.hub,
        upgrade=upgrade,
        is_former=False,
        suspensions=[
            SuspendedDevice(
                device_id=held.device_id,
                device_type=held.device_type,
                explanation=explain_held(held),
            )
            for held in suspensions.list_home_suspensions(hub_device_id=device_id)
        ],
        devices=reads.list_hub_devices(device_id=device_id, party_id=viewer_party_id),
        happenings=reads.list_hub_happenings(
            device_id=device_id, party_id=viewer_party_id, limit=HISTORY_LIMIT
        ),
    )


def explain_held(held: HeldDevice, /) -> Explanation:
    """This function will say why a Device that is held is Suspended, and what restores it."""
    hardware = f" hardware {held.hardware_version}" if held.hardware_version else ""
    return explain_suspension(
        SuspensionFacts(
            entry=f"{held.device_type} {held.manufacturer}/{held.model}{hardware} {held.firmware_version}",
            cause=SuspensionCause(held.cause) if held.cause else None,
            since=held.suspended_at,
            status_before=SmiStatus(held.status_before) if held.status_before else None,
            commissioned_on=held.commissioned_on,
            is_hub=held.device_type == DeviceType.CHF,
        )
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """A hub that a viewer may see; `ended_at` is when its responsibility ended, if that is over.

    The registrations are empty for a viewer who sees every home.
    """

    hub: HubView
    registrations: Collection[Registration] = ()
    ended_at: datetime | None = None


def see_home(*, hub_device_id: Eui64, viewer_party_id: int | None, at: datetime) -> Seen:
    """This function will let a viewer see a home, or not: the one place that says whose homes are whose.

    Raises:
        NoSuchHub: there is none, or it never was of the viewer's homes; the sentence does not tell which.
    """
    hub = reads.get_hub(device_id=hub_device_id, party_id=viewer_party_id)
    if hub is not None:
        if viewer_party_id is None:
            return Seen(hub)
        held = registrations.list_home_registrations(hub_device_id=hub_device_id)
        standing = standing_of(held, party_id=viewer_party_id, at=at)
        if standing is Standing.RESPONSIBLE:
            return Seen(hub, held)
        ended_at = last_held_until(held, party_id=viewer_party_id, at=at)
        if standing is Standing.FORMER and ended_at is not None and not _came_later(hub, than=ended_at):
            return Seen(hub, held, ended_at)
    raise NoSuchHub(
        f"There is no Communications Hub {hub_device_id} among the homes you may see. "
        "Check the Device ID, or ask the Supplier responsible for the home."
    )


def _came_later(hub: HubView, *, than: datetime) -> bool:
    # A hub that replaced another came to the home after its former Supplier had left: it never was that one's (Q15).
    return hub.commissioned_on is not None and hub.commissioned_on > calendar.london_date(than)


def _explain(seen: Seen, viewer_party_id: int | None, *, at: datetime) -> Explanation:
    if seen.ended_at is not None:
        return explain_former(ended_at=seen.ended_at)
    standing = reads.get_hub_standing(device_id=seen.hub.device_id, party_id=viewer_party_id)
    kept = None
    if standing is not None and _is_waiting(seen.hub, standing):
        turns = _own_turns(standing.reference, seen.hub.device_id, viewer_party_id)
        kept = own_turns.explain(turns, at=at)
    return kept or explain(_story(seen.hub, standing), at=at)


def _is_waiting(hub: HubView, standing: HubStanding) -> bool:
    """Whether a hub that may be upgraded waits for it in a campaign that goes on: then its own turn is what matters."""
    is_sent = standing.state not in {None, HubState.PLANNED, HubState.RECALLED}
    is_eligible = (
        hub.is_in_use and standing.is_target_model and standing.target_cpl_status == CplStatus.ACTIVE
    )
    return is_eligible and not is_sent and not standing.is_held and standing.phase in OPEN


def _own_turns(reference: str, device_id: Eui64, viewer_party_id: int | None) -> list[OwnTurn]:
    found = turn_reads.list_turns_of_hub(reference=reference, device_id=device_id, party_id=viewer_party_id)
    return [
        OwnTurn(
            cause=TurnCause(one.cause),
            not_before=one.not_before,
            because=own_turns.because(
                TurnCause(one.cause),
                kind=PlannedKind(one.planned_kind) if one.planned_kind else None,
                asked_at=one.asked_at,
                state=one.deferral_state,
            ),
            is_own=one.is_own,
        )
        for one in found
    ]


def _history(seen: Seen, viewer_party_id: int | None, *, at: datetime) -> list[Happening]:
    """List what happened while a former Supplier was responsible."""
    found = reads.list_hub_happenings(
        device_id=seen.hub.device_id, party_id=viewer_party_id, limit=HISTORY_READ
    )
    return own_time(found, seen=seen, viewer_party_id=viewer_party_id, at=at)


def own_time(
    found: Iterable[Happening], /, *, seen: Seen, viewer_party_id: int | None, at: datetime
) -> list[Happening]:
    """This function will keep of what happened what a viewer may see: a former Supplier, its own time (Q4)."""
    if seen.ended_at is None:
        return list(found)[:HISTORY_LIMIT]
    return [
        one
        for one in found
        if viewer_party_id is not None
        and may_see_happening(
            seen.registrations, party_id=viewer_party_id, happened_at=one.happened_at, at=at
        )
    ][:HISTORY_LIMIT]


def _story(hub: HubView, standing: HubStanding | None) -> Story:
    facts = HubFacts(
        firmware_version=hub.firmware_version,
        smi_status=SmiStatus(hub.smi_status),
        is_in_use=hub.is_in_use,
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
