"""Nights: compile the pilot, plan tonight's tranche, hand chunks to the networks (architecture 2.6 B).

Planning is one transaction for a campaign; a night is planned once. Dispatch goes parcel by parcel: it takes the right
to send, commits the hubs as instructed, and only then calls the network, so that a worker killed anywhere
leaves either a planned chunk or one that is sent again under the same name.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby

from safelaunch.domain import calendar, lots
from safelaunch.domain.campaigns import RUNNING, Phase
from safelaunch.domain.hub_upgrades import HubState
from safelaunch.domain.own_turns import is_quiet
from safelaunch.domain.refusals import Problem, Unreachable
from safelaunch.domain.smi import CplStatus, Network
from safelaunch.domain.tranches import Exposure, RegionRoom, TrancheOrder, Withheld, compose
from safelaunch.gateways.csp import CspGateway, EpochOvertaken
from safelaunch.services import own_turns
from safelaunch.services.jobs import Job
from safelaunch.store import jobs, transactions
from safelaunch.store.reads import campaigns
from safelaunch.store.reads import pilot as pilot_reads
from safelaunch.store.reads import tranches as reads
from safelaunch.store.reads.campaigns import CampaignFacts
from safelaunch.store.reads.tranches import CampaignRegionFacts, WaitingChunk
from safelaunch.store.writes import campaigns as campaign_writes
from safelaunch.store.writes import chunks, pilot, record
from safelaunch.store.writes import tranches as writes
from safelaunch.store.writes.chunks import SendingChunk
from safelaunch.store.writes.tranches import CHUNK_SIZE, Night
from safelaunch.wire import csp

CHUNKS_IN_A_PARCEL = 20
"""The most chunks that one job hands over; a job that is tried again sends only those that were not accepted."""

RETRY_AFTER = timedelta(hours=12)
"""A hub that was not reached rests at least this long: one attempt a night (Q16)."""


def compile_pilot(*, campaign_id: int, at: datetime) -> int:
    """This function will propose the Default Pilot List of a published campaign, once, and give its size (Q8)."""
    with transactions.transaction():
        campaign = campaigns.lock(campaign_id=campaign_id)
        if campaign.pilot_size or campaign.phase is not Phase.NOTIFIED:
            return campaign.pilot_size
        size = pilot.compile_pilot_list(
            campaign_id=campaign_id,
            share=campaign.rules.pilot_share,
            cap=campaign.rules.pilot_cap_per_model,
            lot_offset=campaign.lot_offset,
        )
        campaign_writes.note_pilot_size(campaign_id=campaign_id, pilot_size=size)
        record.append(
            act="PROPOSE_PILOT",
            actor="Safelaunch",
            at=at,
            cause="Default Pilot List",
            campaign_id=campaign_id,
            detail={"hubs": size, "lot_offset": campaign.lot_offset},
        )
    return size


def plan_tonight(*, campaign_id: int, night: date, at: datetime) -> int:
    """This function will plan a campaign's night once, and give the number of hubs that go first tonight.

    Hubs that wait for another attempt go before new ones; both share what each region's network can carry. Whatever
    is planned and not handed over yet is dispatched, tonight's chunks and any that a stop left behind. Campaigns share
    the networks, so one plans at a time.
    """
    with transactions.transaction():
        campaign = campaigns.lock(campaign_id=campaign_id)
        if campaign.phase not in RUNNING or campaign.is_held:
            return 0
        planned = 0
        if campaign.last_planned_night != night:
            writes.lock_nights()
            planned = _plan(campaign, night=night, at=at)
            campaign_writes.note_planned(campaign_id=campaign_id, night=night)
            writes.renew_statistics()
        parcels = _share_out(reads.list_waiting_chunks(campaign_id=campaign_id, at=at))
        jobs.defer_many(
            Job.DISPATCH,
            arguments=[{"campaign_id": campaign_id, "chunk_ids": parcel} for parcel in parcels],
        )
    return planned


def _share_out(waiting: list[WaitingChunk]) -> list[list[int]]:
    """Parcels of chunks: few chunks of few hubs go together, and none holds more hubs than one chunk may.

    A stop that is decided meanwhile waits for the parcels under way, and networks and workers go in parallel.
    """
    parcels: list[list[int]] = []
    for _, chunks_of_network in groupby(waiting, key=lambda chunk: chunk.network):
        room = 0
        for chunk in chunks_of_network:
            if chunk.hub_count > room or len(parcels[-1]) == CHUNKS_IN_A_PARCEL:
                parcels.append([])
                room = CHUNK_SIZE
            parcels[-1].append(chunk.chunk_id)
            room -= chunk.hub_count
    return parcels


def _plan(campaign: CampaignFacts, *, night: date, at: datetime) -> int:
    has_own_turns = own_turns.begin_night(campaign, night=night, at=at)
    regions = reads.list_campaign_regions(campaign_id=campaign.campaign_id)
    nights: dict[int, Night] = {}
    room: dict[int, RegionRoom] = {}
    remaining = _remaining(campaign, regions, night=night)
    committed = reads.count_committed(night=night)
    for region in regions:
        opened = writes.open_tranche(
            campaign_id=campaign.campaign_id,
            region_id=region.region_id,
            night=night,
            phase=campaign.phase,
            planned_at=at,
        )
        nights[region.region_id] = replace(opened, has_own_turns=has_own_turns)
        capacity = max(0, region.nightly_capacity - committed.get(region.region_id, 0))
        retried = writes.plan_retries(
            night=nights[region.region_id], before=at - RETRY_AFTER, hub_count=capacity
        )
        room[region.region_id] = RegionRoom(
            remaining=remaining.get(region.region_id, 0), capacity=capacity - retried
        )
    order = compose(
        phase=campaign.phase,
        rules=campaign.rules,
        exposure=_exposure(campaign, night=night),
        day_of_phase=(night - calendar.london_date(campaign.phase_since)).days,
        regions=room,
    )
    planned = _select(campaign, order, nights, regions) if isinstance(order, TrancheOrder) else 0
    record.append(
        act="PLAN_NIGHT",
        actor="Safelaunch",
        at=at,
        cause=order.reason if isinstance(order, Withheld) else f"Tranche of {planned} hubs",
        campaign_id=campaign.campaign_id,
        detail={"night": night.isoformat(), "hubs": planned},
    )
    return planned


def _exposure(campaign: CampaignFacts, *, night: date) -> Exposure:
    soaked_by = night - timedelta(days=campaign.rules.soak_days)
    return Exposure(
        sent=sum(reads.count_sent(campaign_id=campaign.campaign_id).values()),
        proven=reads.count_proven(campaign_id=campaign.campaign_id, soaked_by=soaked_by),
        eligible=campaign.eligible_count,
        pilot_size=campaign.pilot_size,
    )


def _remaining(
    campaign: CampaignFacts, regions: list[CampaignRegionFacts], *, night: date
) -> Mapping[int, int]:
    if campaign.phase is Phase.PILOT:
        return pilot_reads.count_pilot_waiting(
            campaign_id=campaign.campaign_id, until=calendar.end_of_night(night)
        )
    sent = reads.count_sent(campaign_id=campaign.campaign_id)
    # Counts of eligible hubs age: a region is only done when its order of turns is, so at least one is left till then.
    return {
        region.region_id: 0
        if region.is_exhausted
        else max(1, region.eligible_count - sent.get(region.region_id, 0))
        for region in regions
    }


def _select(
    campaign: CampaignFacts,
    order: TrancheOrder,
    nights: Mapping[int, Night],
    regions: list[CampaignRegionFacts],
) -> int:
    models = [
        target.from_model_id
        for target in campaigns.list_targets(campaign_id=campaign.campaign_id)
        if target.cpl_status == CplStatus.ACTIVE
    ]
    order, early = _take_own_turns(campaign, order, nights, regions, models)
    if campaign.phase is Phase.PILOT:
        return early + sum(
            writes.select_pilot_hubs(night=nights[region], from_model_ids=models, hub_count=count).hub_count
            for region, count in order.counts.items()
        )
    places = {region.region_id: region.place for region in regions}
    return early + sum(
        _select_by_lot(campaign, night=nights[region], models=models, start=places[region], hub_count=count)
        for region, count in order.counts.items()
    )


def _take_own_turns(
    campaign: CampaignFacts,
    order: TrancheOrder,
    nights: Mapping[int, Night],
    regions: list[CampaignRegionFacts],
    models: list[int],
) -> tuple[TrancheOrder, int]:
    """Hubs with turns of their own go first; gives what is left of the order, and how many they were."""
    facts = {region.region_id: region for region in regions}
    taken = {
        region_id: own_turns.take(
            campaign,
            region=facts[region_id],
            night=nights[region_id],
            models=models,
            hub_count=hub_count,
        )
        for region_id, hub_count in order.counts.items()
    }
    left = {region_id: count - taken[region_id] for region_id, count in order.counts.items()}
    return TrancheOrder({region_id: count for region_id, count in left.items() if count}), sum(taken.values())


def _select_by_lot(
    campaign: CampaignFacts, *, night: Night, models: list[int], start: int, hub_count: int
) -> int:
    """Take the next hubs from a region's place on; a region whose lots run out has had every turn."""
    taken, place = 0, start
    is_second_pass = start >= lots.LOTS
    for stretch in lots.lots_from(start=start % lots.LOTS, offset=campaign.lot_offset):
        selected = writes.select_hubs_by_lot(
            night=night,
            from_model_ids=models,
            lots=stretch,
            hub_count=hub_count - taken,
            is_second_pass=is_second_pass,
        )
        taken += selected.hub_count
        if taken >= hub_count and selected.last_lot is not None:
            # Not one further: others may share the last lot.
            place = lots.place(lot=selected.last_lot, offset=campaign.lot_offset)
            break
    else:
        place = lots.LOTS
    # A second pass over all lots finds the hubs that became eligible after their turn.
    reached = place + lots.LOTS if is_second_pass and place < lots.LOTS else place
    writes.advance_region(
        campaign_id=campaign.campaign_id,
        region_id=night.region_id,
        place=reached,
        is_exhausted=place >= lots.LOTS,
    )
    return taken


def dispatch(*, campaign_id: int, chunk_ids: list[int], gateway: CspGateway, at: datetime) -> int:
    """This function will hand a parcel of chunks to their networks, and give the number of hubs handed over.

    Nothing is sent when the campaign is held or has ended, or in the first hours of a month, no chunk that was accepted
    before, and no hub that may not go yet (`services/own_turns.py`). The right to send
    is held from before the campaign is read until the last chunk is answered, so a stop that has committed is never
    overtaken (design 3.1). A chunk that is refused holds up no other.

    Raises:
        Unreachable: a network did not answer; the job is tried again for the chunks it has not accepted.
        Refused: a network says no to a chunk, and why.
    """
    accepted: dict[int, int] = {}
    problems: list[Problem] = []
    if is_quiet(at):
        return 0
    with campaign_writes.sending(campaign_id=campaign_id):
        with transactions.transaction():
            chunks.share_campaign(campaign_id=campaign_id)
            own_turns.keep_back(campaign_id=campaign_id, chunk_ids=chunk_ids, at=at)
            begun = chunks.begin_sending(campaign_id=campaign_id, chunk_ids=chunk_ids, at=at)
        # A chunk that is sent again leaves out the hubs that have answered meanwhile.
        hubs = reads.list_hubs_of_chunks(
            chunk_ids=[chunk.chunk_id for chunk in begun], states=[HubState.INSTRUCTED.value]
        )
        for chunk in begun:
            # A stop waits a moment for what is on its way, not for the rest of a parcel behind a slow network.
            if (accepted or problems) and not reads.may_still_send(
                campaign_id=campaign_id, epoch=chunk.epoch
            ):
                break
            device_ids = hubs.get(chunk.chunk_id, [])
            try:
                _instruct(chunk, device_ids=device_ids, gateway=gateway, at=at)
            except EpochOvertaken:
                # The last hop knows of a stop that this worker does not: it is right, and the chunk stays as it is.
                continue
            except Problem as problem:
                problems.append(problem)
            else:
                accepted[chunk.chunk_id] = len(device_ids)
    if accepted:
        with transactions.transaction():
            chunks.accept_chunks(chunk_ids=list(accepted), at=at)
    if problems:
        # A network that did not answer is worth another try, whatever another said.
        raise next((one for one in problems if isinstance(one, Unreachable)), problems[0])
    return sum(accepted.values())


def _instruct(chunk: SendingChunk, *, device_ids: list[str], gateway: CspGateway, at: datetime) -> None:
    transactions.forbid()
    if not device_ids:
        return
    gateway.instruct(
        network=Network(chunk.network),
        instruction=csp.Instruction(
            instruction_id=f"{chunk.reference}-{chunk.chunk_id}-{chunk.epoch}",
            campaign=chunk.reference,
            epoch=chunk.epoch,
            attempt=chunk.attempt,
            firmware_version=chunk.firmware_version,
            image_hash="",
            instructed_at=at,
            device_ids=device_ids,
        ),
        at=at,
    )


def recall(*, campaign_id: int, epoch: int, gateway: CspGateway, at: datetime) -> int:
    """This function will tell every network of a campaign to stop, and give the number of hubs stopped in time.

    Raises:
        Unreachable: a network did not answer; the job is tried again for all, which is harmless.
    """
    transactions.forbid()
    campaign = campaigns.get_by_id(campaign_id=campaign_id)
    networks = {region.network for region in reads.list_campaign_regions(campaign_id=campaign_id)}
    order = csp.Recall(campaign=campaign.reference, epoch=epoch, recalled_at=at)
    recalled = 0
    for network in sorted(networks):
        try:
            recalled += gateway.recall(network=Network(network), recall=order, at=at).recalled
        except EpochOvertaken:
            continue
    return recalled
