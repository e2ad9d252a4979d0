"""Hubs with turns of their own in a night: kept back while they may not go, and ahead of the order of lots when they may.

A building block of planning and dispatch, not a use case itself: it runs in the transaction of its caller. The rules are
`domain/own_turns.py`. A campaign without such hubs, on a night on which nothing is planned for homes, asks two questions.
"""

from datetime import date, datetime

from safelaunch.domain import calendar
from safelaunch.domain.campaigns import Phase
from safelaunch.store.reads import own_turns as reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.reads.own_turns import TurnsAsked
from safelaunch.store.reads.tranches import CampaignRegionFacts
from safelaunch.store.transactions import transaction_required
from safelaunch.store.writes import own_turns as writes
from safelaunch.store.writes.tranches import Night


@transaction_required
def begin_night(campaign: CampaignFacts, /, *, night: date, at: datetime) -> bool:
    """This function will keep back hubs whose homes are busy tonight, and say whether any hub has a turn of its own."""
    campaign_id, until = campaign.campaign_id, calendar.end_of_night(night)
    if not reads.may_be_kept(campaign_id=campaign_id, at=at, until=until):
        return False
    writes.release_conflicts(campaign_id=campaign_id, lot_offset=campaign.lot_offset, at=at)
    writes.note_conflicts(campaign_id=campaign_id, at=at, until=until)
    return reads.has_own_turns(campaign_id=campaign_id)


@transaction_required
def take(
    campaign: CampaignFacts,
    /,
    *,
    region: CampaignRegionFacts,
    night: Night,
    models: list[int],
    hub_count: int,
) -> int:
    """This function will give hubs of a region that may go tonight their own turn, `hub_count` at most."""
    if not night.has_own_turns or hub_count <= 0:
        return 0
    asked = TurnsAsked(
        campaign_id=campaign.campaign_id,
        region_id=region.region_id,
        from_model_ids=models,
        lot_offset=campaign.lot_offset,
        place=region.place,
        is_pilot=campaign.phase is Phase.PILOT,
    )
    until = calendar.end_of_night(
        calendar.night_open(night.planned_at) or calendar.london_date(night.planned_at)
    )
    turns = reads.list_own_turns(asked, until=until, hub_count=hub_count)
    return writes.take_own_turns(night=night, turns=turns)


@transaction_required
def keep_back(*, campaign_id: int, chunk_ids: list[int], at: datetime) -> int:
    """This function will take hubs that may not go out of chunks about to be handed over, and give their number.

    It is the last look before the last hop: a deferral or a plan for the home that came since the night was planned counts.
    """
    until = calendar.end_of_night(calendar.night_open(at) or calendar.london_date(at))
    if not reads.may_be_kept(campaign_id=campaign_id, at=at, until=until):
        return 0
    writes.note_conflicts_of_chunks(campaign_id=campaign_id, chunk_ids=chunk_ids, at=at, until=until)
    return writes.take_back_kept_hubs(campaign_id=campaign_id, chunk_ids=chunk_ids, at=at)
