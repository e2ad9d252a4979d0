"""Holding a campaign: the one step that every stop goes through, by a person at any door or by a rule.

A building block of use cases, not one itself: it runs in the transaction of its caller.
"""

from dataclasses import dataclass
from datetime import datetime

from safelaunch.domain.campaigns import OPEN
from safelaunch.domain.people import Actor, Role
from safelaunch.domain.refusals import Conflict
from safelaunch.services.jobs import Job
from safelaunch.store import jobs
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import campaigns as writes
from safelaunch.store.writes import record

SENDER_PATIENCE_MS = 400
"""How long a stop waits for instructions on the wire; what hangs longer is fenced by its epoch at the last hop."""


class NotRunning(Conflict):
    """The campaign is in no state for this."""


@dataclass(frozen=True, slots=True)
class StopReceipt:
    """What a stop did: the epoch that now holds, and when it took effect."""

    reference: str
    epoch: int
    stopped_at: datetime
    was_held: bool


@transaction_required
def stop(*, reference: str, because: str, actor: Actor, at: datetime) -> StopReceipt:
    """This function will stop a campaign for whoever was found entitled to, at whichever door (R-0024-13).

    Raises:
        NoSuchCampaign; NotRunning when the campaign has not begun or has ended.
    """
    campaign = reads.lock(campaign_id=reads.get(reference=reference).campaign_id)
    if campaign.phase not in OPEN:
        raise NotRunning(
            f"Campaign {reference} is {campaign.phase.value}; only a published campaign can be stopped."
        )
    epoch = hold(campaign=campaign, because=because or "No reason given.", actor=actor, at=at)
    return StopReceipt(reference=reference, epoch=epoch, stopped_at=at, was_held=campaign.is_held)


def hold(*, campaign: CampaignFacts, because: str, actor: Actor, at: datetime) -> int:
    """This function will hold a campaign whose row is locked, once nobody sends for it, and give the new epoch.

    A hold by a Supplier opens a Severity 1 incident (R-0024-13).
    """
    writes.wait_for_senders(campaign_id=campaign.campaign_id, milliseconds=SENDER_PATIENCE_MS)
    epoch = writes.hold(
        campaign_id=campaign.campaign_id,
        because=because,
        by=actor.name,
        party_id=actor.party_id,
        is_sev1=actor.role is Role.SUPPLIER,
        at=at,
    )
    record.append(
        act="STOP",
        actor=actor.name,
        at=at,
        cause=because,
        campaign_id=campaign.campaign_id,
        detail={"epoch": epoch, "phase": campaign.phase.value},
    )
    jobs.defer(Job.RECALL, campaign_id=campaign.campaign_id, epoch=epoch)
    return epoch
