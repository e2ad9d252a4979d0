"""What waits for a person, ordered by clock. A need points at the place where it can be answered."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import GATE_AFTER, Phase
from safelaunch.domain.cpl import ProposalState
from safelaunch.domain.deferrals import UNDECIDED, DeferralState
from safelaunch.domain.people import Role
from safelaunch.services import cpl_changes
from safelaunch.services.people import Viewer
from safelaunch.store.reads import clock, deferrals
from safelaunch.store.reads.cpl import ProposalLine
from safelaunch.store.reads.progress import CampaignView

PROPOSALS_SHOWN = 20
"""Proposals that are looked through for those that wait for the viewer, the newest."""

_DECIDERS = (Role.OPERATOR, Role.APPROVER)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that waits for the viewer: `tone` is a status of the style sheet, `address` where it can be answered."""

    tone: str
    title: str
    sentence: str
    since: datetime
    address: str


def needs_of(viewer: Viewer, campaigns: list[CampaignView]) -> list[Need]:
    """This function will list what waits for a viewer, the longest waiting first."""
    found = [need for campaign in campaigns for need in _needs(viewer, campaign)]
    return sorted([*found, *_proposals(viewer), *_deferrals(viewer)], key=lambda need: need.since)


def _proposals(viewer: Viewer) -> list[Need]:
    """Changes of the CPL that wait for this viewer as the second person."""
    if viewer.actor.role is not Role.APPROVER:
        return []
    waiting = cpl_changes.list_proposals(
        viewer_party_id=viewer.party_id, state=ProposalState.PROPOSED, limit=PROPOSALS_SHOWN
    )
    return [_of_proposal(one) for one in waiting if one.proposed_by_id != viewer.person.person_id]


def _deferrals(viewer: Viewer) -> list[Need]:
    """Deferrals that wait for this viewer: to be decided, or refused and open to appeal."""
    role, person_id = viewer.actor.role, viewer.person.person_id
    is_supplier = role is Role.SUPPLIER
    states = [DeferralState.REFUSED] if is_supplier else [*UNDECIDED]
    found = deferrals.list_deferrals(
        party_id=viewer.party_id, states=[state.value for state in states], limit=PROPOSALS_SHOWN
    )
    return [
        Need(
            tone="failed" if is_supplier else "waiting",
            title=f"Deferral {one.name}, {one.reference}",
            sentence="It was refused; you may appeal to the Panel."
            if is_supplier
            else f"{one.supplier} defers {one.hub_count:,} hubs; it is to be decided by {one.decision_due_at:%d %B %Y}.",
            since=one.decided_at or one.asked_at,
            address=reverse("deferral", args=[one.number]),
        )
        for one in found
        if (
            one.held_until >= calendar.london_date(clock.now())
            if is_supplier
            else one.proposed_by_id != person_id
        )
    ]


def _of_proposal(one: ProposalLine) -> Need:
    counts = (("suspends", one.suspended), ("restores", one.restored))
    effects = [f"{verb} {count:,} Device{'s' * (count != 1)}" for verb, count in counts if count]
    does = f"It {' and '.join(effects)}" if effects else "It touches no Device"
    return Need(
        tone="held" if one.suspended else "progress",
        title=f"Change of the CPL {one.cpl_proposal_id}: {one.source}",
        sentence=f"{one.proposed_by} proposes it. {does}; it needs your decision.",
        since=one.proposed_at,
        address=reverse("cpl_proposal", args=[one.cpl_proposal_id]),
    )


def _needs(viewer: Viewer, campaign: CampaignView) -> list[Need]:
    role = viewer.actor.role
    if role is Role.SUPPLIER:
        return _supplier_needs(campaign)
    if role not in _DECIDERS:
        return []
    needs = []
    if campaign.is_held and campaign.held_at is not None:
        sentence = _resume_sentence(viewer, campaign)
        needs.append(_need("held", campaign, sentence, campaign.held_at, "hold"))
    elif Phase(campaign.phase) in GATE_AFTER and _gate_waits_for(viewer, campaign):
        sentence = f"{campaign.gate_proposed_by} proposes to open the gate; it needs your decision."
        needs.append(_need("progress", campaign, sentence, campaign.phase_since, "gate"))
    return needs


def _supplier_needs(campaign: CampaignView) -> list[Need]:
    if not campaign.is_held or campaign.held_at is None:
        return []
    return [_need("held", campaign, "This campaign is held. No hub is being sent.", campaign.held_at, "hold")]


def _resume_sentence(viewer: Viewer, campaign: CampaignView) -> str:
    if campaign.resume_proposed_by_id is None:
        return "This campaign is held. Two people can resume it once the cause is understood."
    if campaign.resume_proposed_by_id == viewer.person.person_id:
        return "This campaign is held. You proposed to resume it; a second person has to approve."
    if viewer.actor.role is Role.APPROVER:
        return f"{campaign.resume_proposed_by} proposes to resume this held campaign; it needs your approval."
    return f"{campaign.resume_proposed_by} proposes to resume this held campaign; an approver has to agree."


def _gate_waits_for(viewer: Viewer, campaign: CampaignView) -> bool:
    proposer = campaign.gate_proposed_by_id
    return proposer is not None and proposer != viewer.person.person_id and viewer.actor.role is Role.APPROVER


def _need(tone: str, campaign: CampaignView, sentence: str, since: datetime, anchor: str) -> Need:
    address = f"{reverse('campaign', args=[campaign.reference])}#{anchor}"
    return Need(tone, f"{campaign.reference}, {campaign.title}", sentence, since, address)
