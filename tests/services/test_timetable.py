"""What is due when, chasing what was not answered, and finishing only when every hub is accounted for."""

from collections import Counter
from datetime import timedelta

import pytest

from safelaunch.domain.campaigns import Phase
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import Network
from safelaunch.services import campaigns, follow_up, timetable
from safelaunch.store import transactions
from safelaunch.store.models import (
    CampaignTarget,
    Chunk,
    CommunicationsHub,
    HubUpgrade,
    RecordEntry,
)
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.reads import clock
from safelaunch.store.writes import estates
from tests import estate_factory as factory
from tests.estate_factory import RecordingGateway, Reporter, evening, morning, night, operator

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def estate(database):
    factory.load_estate()
    factory.set_capacity(1_000)


def jobs():
    return Counter(job["job"] for job in factory.waiting_jobs())


# Looking


def test_the_pilot_starts_when_its_notice_has_passed_and_not_before():
    campaign = factory.published()
    factory.forget_jobs()
    timetable.look(at=campaign.pilot_starts_at - timedelta(seconds=1))
    assert reads.get(reference="C1").phase is Phase.NOTIFIED
    assert jobs() == {}
    timetable.look(at=evening(0))
    started = reads.get(reference="C1")
    assert (started.phase, started.phase_since) == (Phase.PILOT, campaign.pilot_starts_at)
    assert jobs() == {"REVIEW": 1, "PLAN_TONIGHT": 1}


def test_looking_again_defers_nothing_twice():
    factory.piloting()
    before = jobs()
    for _ in range(3):
        assert timetable.look(at=evening(0, hour=21)) == 1
    assert jobs() == before
    assert RecordEntry.objects.filter(act="START_PILOT").count() == 1


def test_after_the_work_is_done_a_look_asks_for_nothing_until_the_next_day_and_night():
    campaign = factory.piloting()
    factory.plan(campaign, 0)
    timetable.review(campaign_id=campaign.campaign_id, at=evening(0))
    factory.forget_jobs()
    timetable.look(at=evening(0, hour=22))
    assert jobs() == {}
    timetable.look(at=morning(1))
    assert jobs() == {"REVIEW": 1}
    timetable.look(at=evening(1))
    assert jobs() == {"REVIEW": 1, "PLAN_TONIGHT": 1}
    assert factory.waiting_jobs("PLAN_TONIGHT")[0]["night"] == night(1).isoformat()


def test_a_held_campaign_is_reviewed_and_not_planned():
    factory.piloting()
    campaigns.stop_now(reference="C1", because="Look.", actor=operator(), at=evening(0))
    factory.forget_jobs()
    timetable.look(at=evening(1))
    assert jobs() == {"REVIEW": 1}


def test_a_campaign_held_before_its_pilot_does_not_start():
    factory.published()
    campaigns.stop_now(reference="C1", because="Look.", actor=operator(), at=factory.PUBLISHED_AT)
    factory.forget_jobs()
    timetable.look(at=evening(2))
    assert reads.get(reference="C1").phase is Phase.NOTIFIED
    assert jobs() == {}


def test_ended_campaigns_are_not_looked_at():
    factory.piloting()
    campaigns.abandon(reference="C1", because="Over.", actor=operator(), at=evening(0))
    assert timetable.look(at=evening(1)) == 0


def test_the_stepped_clock_never_goes_back():
    with pytest.raises(clock.ClockNotSet):
        clock.now()
    timetable.step_clock(to=evening(1))
    timetable.step_clock(to=evening(0))
    assert clock.now() == evening(1)


# Chasing


@pytest.fixture
def sent():
    campaign = factory.rolling_out()
    factory.set_capacity(20)
    hubs = factory.send_night(campaign, 0).hubs
    factory.forget_jobs()
    return campaign, hubs


def states():
    return Counter(HubUpgrade.objects.values_list("state", flat=True))


def chase(campaign, at):
    return follow_up.chase(campaign_id=campaign.campaign_id, at=at)


def test_a_hub_is_unknown_after_72_hours_and_not_before(sent):
    campaign, hubs = sent
    assert chase(campaign, evening(3) - timedelta(minutes=1)) == 0
    assert states() == {"INSTRUCTED": len(hubs)}
    assert chase(campaign, evening(4)) == len(hubs)
    assert states() == {"UNKNOWN": len(hubs)}
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_a_hub_that_was_delivered_and_said_no_more_is_unknown_too(sent):
    campaign, hubs = sent
    Reporter().report(hubs[:3], EventKind.DELIVERED, at=evening(1))
    Reporter(number=50, batch=50).report(hubs[3:6], EventKind.ACTIVATED, at=evening(1))
    chase(campaign, evening(4))
    assert states() == {"UNKNOWN": len(hubs) - 3, "ACTIVATED": 3}


def test_unknown_hubs_are_asked_through_their_own_network(sent):
    campaign, hubs = sent
    chase(campaign, evening(4))
    asked = {}
    for message in factory.waiting_jobs("READ_BACK"):
        for device_id in message["device_ids"]:
            asked[device_id] = message["network"]
    assert asked == {hub: factory.network_of(campaign, hub).value for hub in hubs}


def test_an_unknown_hub_is_asked_once_a_day_and_fourteen_times_in_all(sent):
    campaign, hubs = sent
    asked = []
    for day in range(4, 22):
        asked.append(chase(campaign, morning(day)))
        assert chase(campaign, evening(day)) == 0, "the same day"
    assert asked == [len(hubs)] * 14 + [0] * 4
    assert set(HubUpgrade.objects.values_list("read_count", flat=True)) == {14}


def test_a_read_back_asks_what_the_job_says(sent):
    campaign, hubs = sent
    gateway = RecordingGateway()
    follow_up.read_back(
        campaign_id=campaign.campaign_id,
        network=Network.SOUTH.value,
        read_id="C1-1",
        device_ids=hubs[:2],
        gateway=gateway,
        at=evening(4),
    )
    (read,) = gateway.reads
    assert (read.campaign, read.read_id, read.device_ids) == ("C1", "C1-1", hubs[:2])


def test_an_ended_campaign_chases_nobody(sent):
    campaign, hubs = sent
    campaigns.abandon(reference="C1", because="Over.", actor=operator(), at=evening(1))
    assert chase(campaign, evening(9)) == 0
    assert states() == {"INSTRUCTED": len(hubs)}


def test_a_review_that_is_tried_again_asks_nobody_twice(sent):
    campaign, hubs = sent
    for _ in range(2):
        timetable.review(campaign_id=campaign.campaign_id, at=morning(4))
    assert set(HubUpgrade.objects.values_list("read_count", flat=True)) == {1}
    assert sum(len(job["device_ids"]) for job in factory.waiting_jobs("READ_BACK")) == len(hubs)
    assert reads.get(reference="C1").last_reviewed_on == night(4)


# Settling


def settle(campaign, day):
    return follow_up.settle(campaign_id=campaign.campaign_id, at=morning(day))


def test_a_chunk_closes_when_none_of_its_hubs_waits_for_anything(sent):
    campaign, hubs = sent
    one = HubUpgrade.objects.get(device_id=hubs[0]).chunk_id
    of_it = [str(row.device_id) for row in HubUpgrade.objects.filter(chunk_id=one)]
    Reporter().report(of_it[1:], EventKind.ACTIVATED, at=evening(1))
    settle(campaign, 2)
    assert Chunk.objects.get(chunk_id=one).state == "HANDED_OVER"
    Reporter(number=90, batch=90).report(of_it[:1], EventKind.ACTIVATED, at=evening(1))
    settle(campaign, 2)
    assert Chunk.objects.get(chunk_id=one).state == "CLOSED"
    assert set(Chunk.objects.exclude(chunk_id=one).values_list("state", flat=True)) == {"HANDED_OVER"}


@pytest.fixture
def all_sent():
    """A campaign whose every eligible hub has had its turn."""
    campaign = factory.rolling_out()
    hubs = [hub for day in range(2) for hub in factory.send_night(campaign, day).hubs]
    assert len(hubs) == campaign.eligible_count
    return campaign, hubs


def test_a_campaign_is_complete_when_every_hub_has_activated(all_sent):
    campaign, hubs = all_sent
    Reporter().report(hubs[1:], EventKind.ACTIVATED, at=evening(2))
    assert not settle(campaign, 3)
    Reporter(number=9_000, batch=90).report(hubs[:1], EventKind.ACTIVATED, at=evening(2))
    assert settle(campaign, 3)
    assert reads.get(reference="C1").phase is Phase.COMPLETE
    assert not CampaignTarget.objects.filter(is_open=True).exists()
    assert not settle(campaign, 4)
    assert RecordEntry.objects.filter(act="COMPLETE").count() == 1


def test_a_hub_that_failed_waits_for_its_attempts_and_is_then_accounted_for(all_sent):
    campaign, hubs = all_sent
    Reporter().report(hubs[1:], EventKind.ACTIVATED, at=evening(2))
    Reporter(number=9_000, batch=90).report(hubs[:1], EventKind.ACTIVATION_FAILED, at=evening(2))
    assert not settle(campaign, 3)
    HubUpgrade.objects.filter(device_id=hubs[0]).update(attempt=14)
    assert settle(campaign, 3)


def test_a_hub_that_is_decommissioned_is_not_tried_again_but_withdrawn(all_sent):
    campaign, hubs = all_sent
    Reporter().report(hubs[1:], EventKind.ACTIVATED, at=evening(2))
    Reporter(number=9_000, batch=90).report(hubs[:1], EventKind.ACTIVATION_FAILED, at=evening(2))
    CommunicationsHub.objects.filter(device_id=hubs[0]).update(smi_status="DECOMMISSIONED")
    assert settle(campaign, 3)
    assert HubUpgrade.objects.get(device_id=hubs[0]).state == "WITHDRAWN"
    assert factory.roll_ups() == factory.recounted_roll_ups()


def test_a_hub_that_never_says_what_became_of_it_is_asked_to_the_end_and_then_reported(all_sent):
    campaign, hubs = all_sent
    Reporter().report(hubs[1:], EventKind.ACTIVATED, at=evening(2))
    completed = []
    for day in range(5, 22):
        chase(campaign, morning(day))
        completed.append(settle(campaign, day))
    assert completed.index(True) == 13
    assert HubUpgrade.objects.get(device_id=hubs[0]).state == "UNKNOWN"


def test_a_held_campaign_is_not_completed(all_sent):
    campaign, hubs = all_sent
    Reporter().report(hubs, EventKind.ACTIVATED, at=evening(2))
    campaigns.stop_now(reference="C1", because="Wait.", actor=operator(), at=evening(2))
    assert not settle(campaign, 3)


def test_a_campaign_does_not_end_over_a_hub_that_is_due_a_turn_whatever_else_left_the_fleet(all_sent):
    """A hub that failed and was then decommissioned must not hide another that became eligible."""
    campaign, hubs = all_sent
    Reporter().report(hubs[1:], EventKind.ACTIVATED, at=evening(2))
    Reporter(number=9_000, batch=90).report(hubs[:1], EventKind.ACTIVATION_FAILED, at=evening(2))
    HubUpgrade.objects.filter(device_id=hubs[0]).update(attempt=14)
    CommunicationsHub.objects.filter(device_id=hubs[0]).update(smi_status="DECOMMISSIONED")
    old = reads.list_targets(campaign_id=campaign.campaign_id)[0].from_model_id
    late = CommunicationsHub.objects.filter(device_model_id=old).exclude(smi_status="COMMISSIONED")
    device_id = late.exclude(device_id=hubs[0]).first().device_id
    CommunicationsHub.objects.filter(device_id=device_id).update(smi_status="COMMISSIONED")
    with transactions.transaction():
        estates.count_portfolio()
    assert not settle(campaign, 3)
    assert factory.send_night(campaign, 3).hubs == [str(device_id)]


def test_nothing_settles_before_mass_roll_out():
    campaign = factory.piloting()
    factory.send_night(campaign, 0)
    assert not settle(campaign, 1)
