"""Nights: the pilot in steps, growth by proof, capacity never passed, every eligible hub in its turn exactly once."""

from collections import Counter

import pytest

from safelaunch.domain import lots
from safelaunch.domain.campaigns import CampaignRules, Phase
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.services import follow_up, tranches
from safelaunch.store.models import (
    Campaign,
    CampaignRegion,
    Chunk,
    CommunicationsHub,
    CplEntry,
    CspRegion,
    HubUpgrade,
    PilotHub,
    Tranche,
)
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.reads import tranches as tranche_reads
from tests import estate_factory as factory
from tests.estate_factory import evening, night

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def estate(database):
    factory.load_estate()


def planned_per_region(day):
    """Hubs that a night's chunks hold, whether new or tried again."""
    return Counter(
        {
            region: sum(
                Chunk.objects.filter(tranche__night=night(day), region_id=region).values_list(
                    "hub_count", flat=True
                )
            )
            for region in CspRegion.objects.values_list("region_id", flat=True)
        }
    )


def run_to_the_end(campaign, *, nights):
    """Plan and hand over night after night until every region has had its turn."""
    for day in range(nights):
        factory.send_night(campaign, day)
        regions = tranche_reads.list_campaign_regions(campaign_id=campaign.campaign_id)
        if all(region.is_exhausted for region in regions):
            return day + 1
    raise AssertionError("The order of turns has not ended.")


def test_the_pilot_goes_in_steps_of_its_list():
    campaign = factory.piloting()
    factory.set_capacity(1_000)
    sizes = []
    for day in range(8):
        factory.send_night(campaign, day)
        sizes.append(len(factory.upgrades(campaign)))
    steps = [round(share * campaign.pilot_size) for share in (0.05, 0.25, 1.0)]
    assert sizes == [steps[0]] * 3 + [steps[1]] * 3 + [steps[2]] * 2
    listed = set(PilotHub.objects.values_list("device_id", flat=True))
    assert {upgrade.device_id for upgrade in factory.upgrades(campaign)} == listed


def test_a_pilot_hub_that_is_not_eligible_any_more_is_left_out_and_keeps_nobody_waiting():
    campaign = factory.piloting()
    factory.set_capacity(1_000)
    gone = PilotHub.objects.order_by("place").first().device_id
    CommunicationsHub.objects.filter(device_id=gone).update(smi_status="DECOMMISSIONED")
    for day in range(7):
        factory.send_night(campaign, day)
    assert len(factory.upgrades(campaign)) == campaign.pilot_size - 1
    assert not HubUpgrade.objects.filter(device_id=gone).exists()


def test_exposure_grows_with_proof_alone():
    campaign = factory.rolling_out(rules=CampaignRules(pilot_share=0.000_001, growth_floor=3, growth=4.0))
    factory.set_capacity(1_000)
    first = factory.send_night(campaign, 0)
    assert len(first.hubs) == 3
    assert factory.send_night(campaign, 1).hubs == []
    for hub in first.hubs[:2]:
        factory.Reporter(network=factory.network_of(campaign, hub)).report(
            [hub], EventKind.ACTIVATED, at=evening(1)
        )
    assert factory.send_night(campaign, 6).hubs == [], "known, but not soaked"
    assert len(factory.send_night(campaign, 8).hubs) == 3 + 4 * 2 - 3


def test_planning_a_night_twice_changes_nothing():
    campaign = factory.rolling_out()
    first = factory.plan(campaign, 0)
    rows = [(row.device_id, row.chunk_id) for row in factory.upgrades(campaign)]
    factory.forget_jobs()
    assert first > 0
    assert factory.plan(campaign, 0) == 0
    assert [(row.device_id, row.chunk_id) for row in factory.upgrades(campaign)] == rows
    # What waits is dispatched again all the same: a job may have been lost with its worker.
    loads = [job["chunk_ids"] for job in factory.waiting_jobs("DISPATCH")]
    assert sorted(chunk_id for load in loads for chunk_id in load) == sorted({row[1] for row in rows})


def test_a_held_or_unpublished_campaign_plans_nothing():
    campaign = factory.published()
    assert factory.plan(campaign, 0) == 0
    assert Tranche.objects.count() == 0


def test_every_eligible_hub_has_its_turn_once_in_the_order_of_lots_round_the_end():
    campaign = factory.rolling_out()
    factory.set_capacity(17)
    turns: dict[int, list[int]] = {}
    for day in range(40):
        factory.send_night(campaign, day)
        tonight = Tranche.objects.filter(night=night(day)).values_list("tranche_id", flat=True)
        hubs = CommunicationsHub.objects.in_bulk(
            [row.device_id for row in factory.upgrades(campaign, tranche_id__in=list(tonight))]
        )
        for region in {hub.region_id for hub in hubs.values()}:
            places = sorted(
                lots.place(lot=hub.lot, offset=campaign.lot_offset)
                for hub in hubs.values()
                if hub.region_id == region
            )
            turns.setdefault(region, []).extend(places)
    for places in turns.values():
        assert places == sorted(places), "nobody goes before their turn"
        assert len(set(places)) > 1
    assert {row.device_id for row in factory.upgrades(campaign)} == {
        hub.device_id for hub in factory.eligible_hubs(campaign)
    }
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_hubs_that_share_a_lot_neither_pass_the_capacity_nor_lose_their_turn():
    """2 ** 31 lots for twenty million hubs: some share one."""
    campaign = factory.rolling_out()
    factory.set_capacity(3)
    for region in CspRegion.objects.values_list("region_id", flat=True):
        CommunicationsHub.objects.filter(region_id=region).update(lot=5 + region)
    for day in range(70):
        factory.send_night(campaign, day)
        assert max(planned_per_region(day).values()) <= 3
    assert {row.device_id for row in factory.upgrades(campaign)} == {
        hub.device_id for hub in factory.eligible_hubs(campaign)
    }


def test_a_hub_that_becomes_eligible_after_its_turn_goes_in_a_second_pass():
    late = CommunicationsHub.objects.filter(smi_status="COMMISSIONED").order_by("lot")[10]
    CommunicationsHub.objects.filter(device_id=late.device_id).update(smi_status="INSTALLED_NOT_COMMISSIONED")
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    assert late.device_id not in {hub.device_id for hub in factory.eligible_hubs(campaign)}
    nights = run_to_the_end(campaign, nights=5)
    CommunicationsHub.objects.filter(device_id=late.device_id).update(smi_status="COMMISSIONED")
    assert late.device_id in {hub.device_id for hub in factory.eligible_hubs(campaign)}
    assert not follow_up.settle(campaign_id=campaign.campaign_id, at=evening(nights))
    gateway = factory.send_night(campaign, nights)
    assert gateway.hubs == [str(late.device_id)]
    assert factory.send_night(campaign, nights + 1).hubs == []


def test_a_region_that_had_no_eligible_hub_at_the_start_gets_its_turns_when_it_has_one():
    region = CspRegion.objects.get(code="SOUTH_4G")
    hubs = CommunicationsHub.objects.filter(region_id=region.region_id, smi_status="COMMISSIONED")
    late = list(hubs.values_list("device_id", flat=True))
    assert late
    hubs.update(smi_status="INSTALLED_NOT_COMMISSIONED")
    with_them = {"smi_status": "COMMISSIONED"}
    recount()
    campaign = factory.rolling_out()
    CommunicationsHub.objects.filter(device_id__in=late).update(**with_them)
    recount()
    factory.set_capacity(1_000)
    for day in range(len(late)):
        factory.send_night(campaign, day)
    due = {hub.device_id for hub in factory.eligible_hubs(campaign)}
    assert due & set(late)
    assert {row.device_id for row in factory.upgrades(campaign)} == due


def recount():
    from safelaunch.store import transactions
    from safelaunch.store.writes import estates

    with transactions.transaction():
        estates.count_portfolio()


def test_retries_go_before_new_hubs_and_share_the_capacity_with_them():
    campaign = factory.rolling_out()
    factory.set_capacity(6)
    first = factory.send_night(campaign, 0)
    factory.Reporter().report(first.hubs, EventKind.NOT_REACHED, at=evening(0, hour=22))
    factory.plan(campaign, 1)
    again = {str(row.device_id) for row in factory.upgrades(campaign, attempt=2)}
    assert again == set(first.hubs)
    assert planned_per_region(1) == Counter(
        {
            region: min(6, CampaignRegion.objects.get(region_id=region).eligible_count)
            for region in planned_per_region(1)
        }
    )
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_a_hub_rests_before_it_is_tried_again():
    campaign = factory.rolling_out()
    factory.set_capacity(2)
    first = factory.send_night(campaign, 0)
    factory.Reporter().report(first.hubs, EventKind.NOT_REACHED, at=evening(1, hour=19))
    factory.plan(campaign, 1)
    assert factory.upgrades(campaign, attempt=2) == []


def test_a_hub_is_tried_fourteen_times_and_no_more():
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    factory.send_night(campaign, 0)
    HubUpgrade.objects.update(state="UNREACHABLE", attempt=13, state_since=evening(0))
    factory.plan(campaign, 1)
    assert {row.attempt for row in factory.upgrades(campaign)} == {14}
    HubUpgrade.objects.update(state="UNREACHABLE", state_since=evening(1))
    factory.plan(campaign, 2)
    assert {(row.attempt, row.state) for row in factory.upgrades(campaign)} == {(14, "UNREACHABLE")}


def test_what_waits_from_an_earlier_night_counts_against_the_capacity():
    campaign = factory.rolling_out()
    factory.set_capacity(5)
    factory.plan(campaign, 0)
    assert factory.plan(campaign, 1) == 0
    factory.dispatch_all(campaign, factory.RecordingGateway(), at=evening(1))
    assert factory.plan(campaign, 2) > 0


def test_two_campaigns_share_what_a_network_can_carry():
    factory.set_capacity(4)
    first_model, *other_models = reads.list_hub_models()
    one = factory.rolling_out("C1", hub_models=[first_model])
    other = factory.rolling_out("C2", hub_models=other_models)
    factory.send_night(one, 1)
    alone = planned_per_region(1)
    factory.send_night(other, 1)
    together = planned_per_region(1)
    assert max(alone.values()) == max(together.values()) == 4
    assert sum(together.values()) > sum(alone.values())


def targets(campaign):
    return reads.list_targets(campaign_id=campaign.campaign_id)


def test_a_target_that_leaves_the_cpl_is_planned_no_more():
    campaign = factory.rolling_out()
    factory.set_capacity(1_000)
    off = targets(campaign)[0].to_model_id
    CplEntry.objects.filter(device_model_id=off).update(status="WITHDRAWN")
    factory.send_night(campaign, 0)
    barred = {target.from_model_id for target in targets(campaign) if target.to_model_id == off}
    tried = {row.from_model_id for row in factory.upgrades(campaign)}
    assert tried
    assert not tried & barred


def test_a_hub_of_the_pilot_is_not_selected_again():
    campaign = factory.piloting()
    factory.set_capacity(1_000)
    for day in (0, 3, 6):
        factory.send_night(campaign, day)
    before = {row.device_id: row.chunk_id for row in factory.upgrades(campaign)}
    Campaign.objects.update(
        phase=Phase.MASS_ROLL_OUT, rules={**Campaign.objects.get().rules, "growth_floor": 1_000_000}
    )
    factory.send_night(campaign, 7)
    after = {row.device_id: row.chunk_id for row in factory.upgrades(campaign)}
    assert len(after) == campaign.eligible_count
    assert {hub: after[hub] for hub in before} == before


def test_planning_takes_the_same_statements_whatever_the_number_of_hubs():
    def statements(day, capacity):
        factory.set_capacity(capacity)
        with factory.counting_statements() as statements_run:
            factory.plan(campaign, day)
        factory.dispatch_all(campaign, factory.RecordingGateway(), at=evening(day))
        return len(statements_run)

    campaign = factory.rolling_out()
    few = statements(0, 1)
    assert statements(1, 30) <= few + 2 * CspRegion.objects.count(), "two more for a region that comes round"


def test_a_chunk_that_is_not_there_is_not_sent():
    gateway = factory.RecordingGateway()
    assert tranches.dispatch(campaign_id=99, chunk_ids=[99], gateway=gateway, at=evening(0)) == 0
    assert gateway.instructions == []
