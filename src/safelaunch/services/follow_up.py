"""Chasing what was not answered, and finishing (design 2.2, Q16).

Each day: hubs past their time become UNKNOWN and are asked for the version they run; chunks that wait for nothing
are closed; a campaign whose every hub is accounted for is complete.
"""

from datetime import datetime

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import OPEN, CampaignEvent, Phase
from safelaunch.domain.hub_upgrades import ANSWER_DUE
from safelaunch.domain.smi import Network
from safelaunch.gateways.csp import CspGateway
from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import campaigns, tranches
from safelaunch.store.writes import campaigns as campaign_writes
from safelaunch.store.writes import chunks, record
from safelaunch.store.writes import tranches as tranche_writes
from safelaunch.wire import csp

READS_A_DAY = 100_000
"""Read-backs sent in a day for a campaign."""

READ_SIZE = 1_000
"""Hubs asked in one message."""


def chase(*, campaign_id: int, at: datetime) -> int:
    """This function will mark overdue hubs unknown, have unknown ones read back, and give the number to be read.

    Once a day: the day is noted with the read-backs, so that a review that is tried again asks nobody twice.
    """
    today = calendar.london_date(at)
    with transactions.transaction():
        campaign = campaigns.lock(campaign_id=campaign_id)
        if campaign.phase not in OPEN or campaign.last_reviewed_on == today:
            return 0
        campaign_writes.note_reviewed(campaign_id=campaign_id, on=today)
        chunks.mark_overdue_hubs(campaign_id=campaign_id, before=at - ANSWER_DUE, at=at)
        asked = chunks.take_read_backs(campaign_id=campaign_id, hub_count=READS_A_DAY)
        messages = [
            {
                "campaign_id": campaign_id,
                "network": network.value,
                "read_id": f"{campaign.reference}-{at:%Y%m%d%H%M}-{network.value}-{start}",
                "device_ids": [str(hub) for hub in hubs[start : start + READ_SIZE]],
            }
            for network, hubs in asked.items()
            for start in range(0, len(hubs), READ_SIZE)
        ]
        jobs.defer_many(Job.READ_BACK, arguments=messages)
    return sum(len(hubs) for hubs in asked.values())


def read_back(
    *, campaign_id: int, network: str, read_id: str, device_ids: list[str], gateway: CspGateway, at: datetime
) -> None:
    """This function will ask hubs, through their network, for the version they run; answers come as events.

    Raises:
        Unreachable: the network did not answer; the job is tried again.
    """
    transactions.forbid()
    campaign = campaigns.get_by_id(campaign_id=campaign_id)
    gateway.read(
        network=Network(network),
        read=csp.Read(read_id=read_id, campaign=campaign.reference, read_at=at, device_ids=device_ids),
        at=at,
    )


def settle(*, campaign_id: int, at: datetime) -> bool:
    """This function will close chunks that wait for nothing, complete the campaign when none is left, and say if it did."""
    with transactions.transaction():
        campaign = campaigns.lock(campaign_id=campaign_id)
        chunks.withdraw_unfit_hubs(campaign_id=campaign_id, at=at)
        chunks.close_chunks(campaign_id=campaign_id)
        if campaign.phase is not Phase.MASS_ROLL_OUT or campaign.is_held:
            return False
        regions = tranches.list_campaign_regions(campaign_id=campaign_id)
        if not all(region.is_exhausted for region in regions):
            return False
        is_open = tranches.count_open_chunks(campaign_id=campaign_id) > 0
        # The roll-up says cheaply whether to ask the fleet itself, which has the last word before completion.
        is_asked = not is_open or tranches.count_left_behind(campaign_id=campaign_id) > 0
        if is_asked and tranches.is_anyone_left_behind(campaign_id=campaign_id):
            tranche_writes.reopen_regions(campaign_id=campaign_id)
            return False
        if is_open:
            return False
        campaign_writes.move(campaign_id=campaign_id, phase=campaign.phase, event=CampaignEvent.FINISH, at=at)
        record.append(
            act="COMPLETE",
            actor="Safelaunch",
            at=at,
            cause="Every hub is accounted for",
            campaign_id=campaign_id,
        )
    return True
