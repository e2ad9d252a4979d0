"""Messages about hub campaigns: nominate, withdraw, bring forward, defer, stop, ask, report (8.1; R-0024-4, 7, 12, 13, 19).

A campaign that does not concern the User's Party is answered like one that does not exist. A stop is the same as at any
other door (`services/holds.py`), and so is what is read. Wishes are taken down with an outcome and a reason for every hub
(`services/wishes.py`), and nights are planned by them; a deferral holds at once (`services/deferrals.py`). Feedback is
taken down likewise (`services/feedback.py`).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from safelaunch.domain import campaign_wishes as rules
from safelaunch.domain.campaign_wishes import Closed, WishKind, WishOutcome
from safelaunch.domain.hub_feedback import REASONS, FeedbackOutcome, Finding
from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.people import Actor, Role
from safelaunch.services import deferrals, feedback, holds, wishes
from safelaunch.services.requests.received import CampaignAnswer, CampaignMessage
from safelaunch.services.wishes import TakenDown
from safelaunch.store.reads import campaign_wishes, progress
from safelaunch.store.reads.campaigns import CampaignFacts, NoSuchCampaign
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes.campaign_wishes import Judged, Wish
from safelaunch.store.writes.hub_feedback import Found, Giver
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.extension import messages
from safelaunch.wire.duis.extension.answers import (
    CampaignCode,
    CampaignContent,
    DeferralAnswer,
    FeedbackAnswer,
    NominationAnswer,
    Outcome,
    ResultGroup,
    Results,
    StopAnswer,
    Verdict,
)
from safelaunch.wire.duis.extension.messages import NominationMode

MOST_RESULTS = 50_000
"""The most hubs of an answer; as many as a request may name."""

TAKEN_DOWN = (
    "Taken down for the hubs named as Accepted. Nights are planned by it within what proof and the networks allow; AskResults "
    "tells when each went."
)
HELD = (
    "Taken down for the hubs named as Accepted; none of them is sent from now on until the hold ends. Governance decides on "
    "it; a refusal ends the hold."
)
_NOT_KNOWN = "There is no campaign of this reference among those that concern you."
_NONE_TAKEN = "None of the hubs named could be taken; each has its reason."


@transaction_required
def nominate(*, request: CampaignMessage, body: messages.NominatePilot, at: datetime) -> CampaignAnswer:
    """This function will answer an SL1.1: hubs join the Preferred Pilot List, or take its place."""
    slots: dict[Eui64, tuple[rules.Slot, ...]] = defaultdict(tuple)
    for wished in body.schedule.slots if body.schedule else ():
        slot = rules.Slot(wished.not_before, wished.not_after)
        for device_id in wished.device_ids:
            slots[device_id] += (slot,)
    campaign = _open(request, body.campaign, kind=WishKind.NOMINATE, at=at)
    if isinstance(campaign, CampaignAnswer):
        return campaign
    wish = _wish(request, campaign, WishKind.NOMINATE, at, replaces=body.mode is NominationMode.REPLACE)
    taken = wishes.take_down(
        wish, campaign=campaign, device_ids=body.device_ids, actor=_actor(request), slots=slots
    )
    return _told(taken, _nomination(campaign, taken), reason=TAKEN_DOWN)


@transaction_required
def withdraw(*, request: CampaignMessage, body: messages.WithdrawNomination, at: datetime) -> CampaignAnswer:
    """This function will answer an SL1.2: hubs leave the Preferred Pilot List, all of them when none is named."""
    campaign = _open(request, body.campaign, kind=WishKind.WITHDRAW, at=at)
    if isinstance(campaign, CampaignAnswer):
        return campaign
    device_ids: Iterable[Eui64] = body.device_ids or campaign_wishes.list_nominated(
        campaign_id=campaign.campaign_id, party_id=request.user.party_id
    )
    wish = _wish(request, campaign, WishKind.WITHDRAW, at)
    taken = wishes.take_down(wish, campaign=campaign, device_ids=device_ids, actor=_actor(request))
    if not taken.judged:
        return CampaignAnswer(CampaignCode.E903, reason="Your Preferred Pilot List is empty.")
    return _told(taken, _nomination(campaign, taken), reason=TAKEN_DOWN)


@transaction_required
def bring_forward(*, request: CampaignMessage, body: messages.BringForward, at: datetime) -> CampaignAnswer:
    """This function will answer an SL2: an earlier time is asked for some hubs (R-0024-19, R-0024-20)."""
    campaign = _open(request, body.campaign, kind=WishKind.BRING_FORWARD, at=at)
    if isinstance(campaign, CampaignAnswer):
        return campaign
    slot = rules.Slot(body.slot.not_before, body.slot.not_after)
    if not rules.is_within(wishes.window_of(campaign), slot, at=at):
        return _closed(Closed.TIME)
    hubs = list(body.slot.device_ids)
    wish = _wish(request, campaign, WishKind.BRING_FORWARD, at)
    taken = wishes.take_down(
        wish,
        campaign=campaign,
        device_ids=hubs,
        actor=_actor(request),
        slots=dict.fromkeys(hubs, (slot,)),
    )
    return _told(taken, _nomination(campaign, taken), reason=TAKEN_DOWN)


@transaction_required
def defer(*, request: CampaignMessage, body: messages.Defer, at: datetime) -> CampaignAnswer:
    """This function will answer an SL3: a deferral is taken down with its grounds, under a reference (R-0024-12)."""
    campaign = _open(request, body.campaign, kind=WishKind.DEFER, at=at)
    if isinstance(campaign, CampaignAnswer):
        return campaign
    wish = _wish(
        request,
        campaign,
        WishKind.DEFER,
        at,
        grounds=body.grounds,
        duty=body.duty,
        until=body.until,
        evidence_count=len(body.evidence),
    )
    try:
        made = deferrals.make(
            wish,
            campaign=campaign,
            device_ids=list(body.device_ids),
            files=[(file.name, file.media_type, file.content) for file in body.evidence],
            actor=_actor(request),
        )
    except wishes.NotTaken as refusal:
        return _closed(refusal.closed)
    content = DeferralAnswer(
        campaign=campaign.reference,
        reference=f"D{made.number}",
        held_until=made.held_until if made.taken.taken else None,
        outcomes=_outcomes(made.taken),
    )
    return _told(made.taken, content, reason=HELD)


@transaction_required
def stop(*, request: CampaignMessage, body: messages.EmergencyStop, at: datetime) -> CampaignAnswer:
    """This function will answer an SL4: the campaign stops, as it does at every other door (R-0024-13)."""
    party_id = request.user.party_id
    if progress.find_campaign_view(party_id=party_id, reference=body.campaign) is None:
        return CampaignAnswer(CampaignCode.E901, reason=_NOT_KNOWN)
    try:
        receipt = holds.stop(reference=body.campaign, because=body.reason, actor=_actor(request), at=at)
    except holds.NotRunning as problem:
        return CampaignAnswer(CampaignCode.E902, reason=str(problem))
    seen = progress.find_campaign_view(party_id=party_id, reference=body.campaign)
    content = StopAnswer(
        campaign=receipt.reference,
        epoch=receipt.epoch,
        stopped_at=receipt.stopped_at,
        was_stopped=receipt.was_held,
        hubs_in_flight=None if seen is None else seen.in_flight,
    )
    return CampaignAnswer(CampaignCode.I0, content)


@transaction_required
def ask_results(*, request: CampaignMessage, body: messages.AskResults, at: datetime) -> CampaignAnswer:
    """This function will answer an SL5: how it stands with the hubs named, or with all of the asker's (R-0024-7)."""
    party_id = request.user.party_id
    seen = progress.find_campaign_view(party_id=party_id, reference=body.campaign)
    if seen is None:
        return CampaignAnswer(CampaignCode.E901, reason=_NOT_KNOWN)
    if body.device_ids is None:
        found = campaign_wishes.list_own_results(
            campaign_id=seen.campaign_id, party_id=party_id, since=body.since, limit=MOST_RESULTS + 1
        )
    else:
        found = campaign_wishes.list_named_results(
            campaign_id=seen.campaign_id,
            party_id=party_id,
            device_ids=dict.fromkeys(body.device_ids),
            since=body.since,
        )
    groups: dict[tuple[str, date | None], list[Eui64]] = defaultdict(list)
    for one in found[:MOST_RESULTS]:
        groups[one.state, one.night].append(one.device_id)
    content = Results(
        campaign=seen.reference,
        state=seen.state,
        as_of=at,
        groups=tuple(
            ResultGroup(state=state, night=night, device_ids=DeviceIds.of(hubs))
            for (state, night), hubs in sorted(groups.items(), key=_by_night)
        ),
    )
    if len(found) > MOST_RESULTS:
        reason = f"These are {MOST_RESULTS:,} of your hubs; name the others, or ask since a later time."
        return CampaignAnswer(CampaignCode.W901, content, reason)
    return CampaignAnswer(CampaignCode.I0, content)


@transaction_required
def give_feedback(*, request: CampaignMessage, body: messages.GiveFeedback, at: datetime) -> CampaignAnswer:
    """This function will answer an SL6: what was found of hubs since they were upgraded is taken down (R-0024-7, Q6)."""
    seen = progress.find_campaign_view(party_id=request.user.party_id, reference=body.campaign)
    if seen is None:
        return CampaignAnswer(CampaignCode.E901, reason=_NOT_KNOWN)
    found = [
        Found(device_id, Finding[one.found.name], one.words)
        for one in body.findings
        for device_id in one.device_ids
    ]
    giver = Giver(
        campaign_id=seen.campaign_id,
        party_id=request.user.party_id,
        service_request_id=request.service_request_id,
        given_at=at,
    )
    outcomes = feedback.take_down(giver=giver, found=found, actor=_actor(request))
    groups: dict[FeedbackOutcome, list[Eui64]] = defaultdict(list)
    for device_id, outcome in outcomes.items():
        groups[outcome].append(device_id)
    content = FeedbackAnswer(
        campaign=seen.reference,
        outcomes=tuple(
            Outcome(
                verdict=_verdict(is_accepted=outcome is FeedbackOutcome.TAKEN_DOWN),
                reason=REASONS[outcome],
                device_ids=DeviceIds.of(hubs),
            )
            for outcome, hubs in sorted(groups.items())
        ),
    )
    if FeedbackOutcome.TAKEN_DOWN not in groups:
        return CampaignAnswer(CampaignCode.E903, content, _NONE_TAKEN)
    return CampaignAnswer(CampaignCode.I0 if len(groups) == 1 else CampaignCode.W901, content)


def _verdict(*, is_accepted: bool) -> Verdict:
    return Verdict.ACCEPTED if is_accepted else Verdict.REFUSED


def _by_night(group: tuple[tuple[str, date | None], list[Eui64]]) -> tuple[date, str]:
    (state, night), _ = group
    return night or date.max, state


def _open(
    request: CampaignMessage, reference: str, *, kind: WishKind, at: datetime
) -> CampaignFacts | CampaignAnswer:
    """Find and lock a campaign that takes wishes of a kind, or say why it takes none."""
    try:
        return wishes.open_for(reference=reference, party_id=request.user.party_id, kind=kind, at=at)
    except NoSuchCampaign:
        return CampaignAnswer(CampaignCode.E901, reason=_NOT_KNOWN)
    except wishes.NotTaken as refusal:
        return _closed(refusal.closed)


def _closed(closed: Closed) -> CampaignAnswer:
    code = CampaignCode.E17 if closed is Closed.TIME else CampaignCode.E902
    return CampaignAnswer(code, reason=rules.CLOSED_WORDS[closed])


def _actor(request: CampaignMessage) -> Actor:
    return Actor(name=request.user.party_name, role=Role.SUPPLIER, party_id=request.user.party_id)


def _wish(
    request: CampaignMessage, campaign: CampaignFacts, kind: WishKind, at: datetime, **said: object
) -> Wish:
    return Wish(
        campaign_id=campaign.campaign_id,
        party_id=request.user.party_id,
        kind=kind,
        asked_at=at,
        service_request_id=request.service_request_id,
        **said,  # type: ignore[arg-type]  # the callers name fields of Wish
    )


def _nomination(campaign: CampaignFacts, taken: TakenDown) -> NominationAnswer:
    return NominationAnswer(
        campaign=campaign.reference, closes_at=campaign.list_closes_at, outcomes=_outcomes(taken)
    )


def _outcomes(taken: TakenDown) -> tuple[Outcome, ...]:
    by_outcome: dict[WishOutcome, list[Judged]] = defaultdict(list)
    for one in taken.judged:
        by_outcome[one.outcome].append(one)
    return tuple(
        Outcome(
            verdict=_verdict(is_accepted=outcome is WishOutcome.TAKEN_DOWN),
            reason=rules.WORDS[outcome],
            device_ids=DeviceIds.of(one.device_id for one in judged),
        )
        for outcome, judged in sorted(by_outcome.items())
    )


def _told(taken: TakenDown, content: CampaignContent, *, reason: str) -> CampaignAnswer:
    if not taken.taken:
        return CampaignAnswer(CampaignCode.E903, content, _NONE_TAKEN)
    code = CampaignCode.I0 if taken.taken == len(taken.judged) else CampaignCode.W901
    return CampaignAnswer(code, content, reason)
