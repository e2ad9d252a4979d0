"""Campaigns: created and published within the rules, stopped by one person at once, resumed by two."""

from datetime import timedelta

import pytest

from safelaunch.domain import lots
from safelaunch.domain.campaigns import (
    DateInThePast,
    DatesOutOfOrder,
    NoticeTooShort,
    Phase,
    Priority,
    Severity,
)
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.machine import NoSuchMove
from safelaunch.domain.people import RULE, Actor, Role, SamePerson
from safelaunch.domain.refusals import Forbidden, Invalid
from safelaunch.services import campaigns, timetable, tranches
from safelaunch.store.models import (
    CampaignRegion,
    CampaignTarget,
    Chunk,
    CommunicationsHub,
    CplEntry,
    CspRegion,
    HubUpgrade,
    Party,
    PilotHub,
    RecordEntry,
    SupplierNotice,
)
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.reads.campaigns import NoSuchCampaign
from safelaunch.store.writes.campaigns import ModelsClaimed, ReferenceTaken
from tests import estate_factory as factory
from tests.estate_factory import PILOT_STARTS_ON, PUBLISHED_AT, operator

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def estate(database):
    factory.load_estate()


@pytest.fixture
def approver():
    return factory.make_person("Ada", Role.APPROVER)


@pytest.fixture
def proposer():
    return factory.make_person("Peter", Role.OPERATOR)


@pytest.fixture
def supplier():
    return factory.make_person("Sam", Role.SUPPLIER, party=Party.objects.get(party_id=1).name)


# Creating


def test_a_draft_takes_every_hub_model_that_the_cpl_lets_become_the_version():
    campaign = factory.draft()
    assert (campaign.phase, campaign.epoch, campaign.eligible_count) == (Phase.DRAFT, 1, 0)
    targets = reads.list_targets(campaign_id=campaign.campaign_id)
    assert targets
    for target in targets:
        entry = CplEntry.objects.get(device_model_id=target.to_model_id)
        assert target.from_version in entry.predecessors
        assert target.from_model_id != target.to_model_id
    assert [entry.act for entry in RecordEntry.objects.all()] == ["CREATE"]


def test_hub_models_named_narrow_the_release():
    everything = factory.draft()
    name = reads.list_hub_models()[0]
    narrow = factory.draft("C2", hub_models=[name])
    targets = reads.list_targets(campaign_id=narrow.campaign_id)
    assert {f"{target.manufacturer}/{target.model}" for target in targets} == {name}
    assert len(targets) < len(reads.list_targets(campaign_id=everything.campaign_id))


def test_a_hub_model_that_nobody_has_is_refused_with_those_there_are():
    with pytest.raises(campaigns.UnknownHubModel, match=r"^10A1/0000: no such hub model. .*10A1/4E420001"):
        factory.draft(hub_models=["10A1/4E420001", "10A1/0000"])


def test_a_version_that_nothing_may_become_is_refused():
    with pytest.raises(campaigns.NothingToUpgrade, match="No hub model can become firmware 0F0F0F0F"):
        factory.draft(firmware_version="0F0F0F0F")


@pytest.mark.parametrize(
    ("dates", "refusal"),
    [
        ({"pilot_starts_on": PUBLISHED_AT.date()}, DateInThePast),
        ({"deploy_by": PILOT_STARTS_ON}, DatesOutOfOrder),
        ({"activate_by": PILOT_STARTS_ON + timedelta(days=239)}, DatesOutOfOrder),
    ],
)
def test_dates_have_to_lie_ahead_and_in_order(dates, refusal):
    with pytest.raises(refusal):
        factory.draft(**dates)


def test_a_reference_is_given_once():
    factory.draft("C1")
    with pytest.raises(ReferenceTaken, match="'C1' exists already"):
        factory.draft("C1")


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SUPPLIER, Role.GOVERNANCE, None])
def test_only_operators_prepare_campaigns(role):
    with pytest.raises(Forbidden):
        campaigns.create(
            reference="C1",
            release=factory.make_release(),
            hub_models=[],
            actor=Actor(name="Nobody", role=role),
            at=PUBLISHED_AT,
        )


# Publishing


def test_publishing_counts_what_a_recount_of_the_fleet_counts_and_writes_no_row_for_a_hub():
    campaign = factory.published()
    hubs = factory.eligible_hubs(campaign)
    assert campaign.eligible_count == len(hubs) > 0
    by_region = dict.fromkeys(CspRegion.objects.values_list("region_id", flat=True), 0)
    for hub in hubs:
        by_region[hub.region_id] += 1
    assert dict(CampaignRegion.objects.values_list("region_id", "eligible_count")) == by_region
    assert HubUpgrade.objects.count() == 0


def test_each_supplier_is_told_its_own_number_and_a_dual_fuel_home_once():
    campaign = factory.published()
    expected: dict[int, int] = {}
    for hub in factory.eligible_hubs(campaign):
        for party_id in {hub.import_party_id, hub.gas_party_id} - {None}:
            expected[party_id] = expected.get(party_id, 0) + 1
    assert dict(SupplierNotice.objects.values_list("party_id", "hub_count")) == expected


def test_publishing_takes_the_same_statements_whatever_the_number_of_hubs():
    def statements(reference, hub_models):
        factory.draft(reference, hub_models=hub_models)
        with factory.counting_statements() as statements_run:
            campaigns.publish(reference=reference, actor=operator(), at=PUBLISHED_AT)
        return len(statements_run)

    few = statements("C1", ["10A1/4E420001"])
    campaigns.abandon(reference="C1", because="Only counted.", actor=operator(), at=PUBLISHED_AT)
    assert statements("C2", []) == few


def test_a_notice_too_short_is_refused_with_the_earliest_date():
    factory.draft(pilot_starts_on=PILOT_STARTS_ON - timedelta(days=3))
    with pytest.raises(NoticeTooShort, match=r"the earliest date is 30 March 2026"):
        factory.publish()
    assert reads.get(reference="C1").phase is Phase.DRAFT


def test_an_emergency_has_seven_days_of_notice():
    urgent = {"severity": Severity.CRITICAL, "priority": Priority.IMMEDIATE}
    factory.draft(pilot_starts_on=PUBLISHED_AT.date() + timedelta(days=7), **urgent)
    assert factory.publish().phase is Phase.NOTIFIED


def test_suppliers_are_told_no_later_than_the_cpl():
    factory.draft(pilot_starts_on=PILOT_STARTS_ON + timedelta(days=7))
    with pytest.raises(
        campaigns.NoticeAfterCpl, match="came onto the CPL on 02 March 2026, before this notice"
    ):
        campaigns.publish(reference="C1", actor=operator(), at=PUBLISHED_AT + timedelta(days=1))


def test_a_target_that_left_the_cpl_keeps_a_draft_a_draft():
    campaign = factory.draft()
    target = reads.list_targets(campaign_id=campaign.campaign_id)[0]
    CplEntry.objects.filter(device_model_id=target.to_model_id).update(status="WITHDRAWN")
    with pytest.raises(campaigns.NotOnCpl, match="is WITHDRAWN on the CPL"):
        factory.publish()
    assert reads.get(reference="C1").phase is Phase.DRAFT


def test_one_open_campaign_holds_a_hub_model():
    factory.published("C1")
    factory.draft("C2")
    with pytest.raises(ModelsClaimed, match="Campaign C1 is upgrading some of the same hub models"):
        factory.publish("C2")
    assert SupplierNotice.objects.filter(campaign_id=reads.get(reference="C2").campaign_id).count() == 0


def test_publishing_twice_is_refused():
    factory.published()
    with pytest.raises(NoSuchMove):
        factory.publish()


def test_a_campaign_that_nobody_made_is_refused_with_the_latest_there_are():
    factory.draft("C1")
    with pytest.raises(NoSuchCampaign, match=r"no campaign 'C9'. The latest are C1"):
        campaigns.publish(reference="C9", actor=operator(), at=PUBLISHED_AT)


def test_the_list_of_the_pilot_is_compiled_once():
    campaign = factory.published()
    again = tranches.compile_pilot(campaign_id=campaign.campaign_id, at=PUBLISHED_AT)
    assert again == campaign.pilot_size > 0
    assert RecordEntry.objects.filter(act="PROPOSE_PILOT").count() == 1


# Stopping and resuming


def test_a_supplier_stops_alone_and_opens_a_severity_1_incident(supplier):
    factory.piloting()
    factory.forget_jobs()
    receipt = campaigns.stop_now(
        reference="C1", because="Meters fall silent.", actor=supplier, at=factory.evening(0)
    )
    campaign = reads.get(reference="C1")
    assert (receipt.epoch, receipt.was_held) == (2, False)
    assert (campaign.state, campaign.epoch, campaign.is_sev1_open) == ("HELD", 2, True)
    assert (campaign.held_by, campaign.held_because) == ("Sam", "Meters fall silent.")
    assert factory.waiting_jobs() == [{"job": "RECALL", "campaign_id": campaign.campaign_id, "epoch": 2}]


def test_a_stop_by_the_operator_opens_no_incident_and_needs_no_reason():
    factory.published()
    campaigns.stop_now(reference="C1", because="", actor=operator(), at=PUBLISHED_AT)
    campaign = reads.get(reference="C1")
    assert (campaign.is_sev1_open, campaign.held_because) == (False, "No reason given.")


def test_stopping_again_keeps_the_first_reason_and_raises_the_fence(supplier):
    factory.piloting()
    campaigns.stop_now(reference="C1", because="First.", actor=operator(), at=factory.evening(0))
    receipt = campaigns.stop_now(reference="C1", because="Second.", actor=supplier, at=factory.evening(1))
    campaign = reads.get(reference="C1")
    assert (receipt.epoch, receipt.was_held) == (3, True)
    assert (campaign.held_because, campaign.held_at) == ("First.", factory.evening(0))
    assert campaign.is_sev1_open
    assert RecordEntry.objects.filter(act="STOP").count() == 2


def test_a_draft_cannot_be_stopped():
    factory.draft()
    with pytest.raises(campaigns.NotRunning, match="Campaign C1 is DRAFT; only a published campaign"):
        campaigns.stop_now(reference="C1", because="Why not.", actor=operator(), at=PUBLISHED_AT)


def test_governance_may_not_stop():
    factory.published()
    with pytest.raises(Forbidden):
        campaigns.stop_now(
            reference="C1", because="", actor=Actor("Gwen", role=Role.GOVERNANCE), at=PUBLISHED_AT
        )


def hold(by):
    factory.piloting()
    campaigns.stop_now(reference="C1", because="Look into it.", actor=by, at=factory.evening(0))


def propose(actor, reason="Cause found and fixed."):
    return campaigns.propose_resume(reference="C1", reason=reason, actor=actor, at=factory.evening(1))


def approve(actor):
    return campaigns.approve_resume(reference="C1", actor=actor, at=factory.evening(1))


def test_two_people_resume_where_the_campaign_was(proposer, approver, supplier):
    hold(supplier)
    assert propose(proposer).is_held
    campaign = approve(approver)
    assert (campaign.state, campaign.phase, campaign.epoch) == ("PILOT", Phase.PILOT, 2)
    assert not campaign.is_sev1_open
    assert campaign.resume_proposed_by_id is None
    last = RecordEntry.objects.latest("record_entry_id")
    assert (last.act, last.actor, last.cause) == ("RESUME", "Ada", "Cause found and fixed.")


def test_nobody_approves_what_they_proposed(approver):
    hold(operator())
    propose(approver)
    with pytest.raises(SamePerson):
        approve(approver)
    assert reads.get(reference="C1").is_held


def test_a_resume_that_nobody_proposed_cannot_be_approved(approver):
    hold(operator())
    with pytest.raises(campaigns.NotRunning, match="Nobody has proposed to resume campaign C1"):
        approve(approver)


def test_a_new_stop_takes_a_proposal_back(proposer, approver):
    hold(operator())
    propose(proposer)
    campaigns.stop_now(reference="C1", because="Still bad.", actor=operator(), at=factory.evening(1))
    with pytest.raises(campaigns.NotRunning, match="Nobody has proposed"):
        approve(approver)


def test_a_resume_needs_a_reason_a_role_and_a_held_campaign(proposer, approver, supplier):
    hold(operator())
    with pytest.raises(Invalid, match="needs a reason"):
        propose(proposer, reason="   ")
    with pytest.raises(Forbidden):
        propose(supplier)
    with pytest.raises(Forbidden):
        approve(proposer)
    propose(proposer)
    approve(approver)
    with pytest.raises(campaigns.NotRunning, match="Campaign C1 is PILOT; only a held campaign"):
        propose(proposer)


def test_a_rule_cannot_resume():
    hold(operator())
    with pytest.raises(Forbidden):
        propose(RULE)
    with pytest.raises(Invalid, match="Only a person"):
        propose(operator())


# Abandoning


def test_abandoning_withdraws_what_is_planned_and_lets_another_campaign_have_the_models():
    campaign = factory.piloting()
    factory.plan(campaign, 3)
    planned = len(factory.upgrades(campaign, state="PLANNED"))
    campaigns.abandon(reference="C1", because="Wrong image.", actor=operator(), at=factory.evening(3))
    assert reads.get(reference="C1").phase is Phase.ABANDONED
    assert len(factory.upgrades(campaign, state="WITHDRAWN")) == planned > 0
    assert factory.roll_ups() == factory.recounted_roll_ups()
    assert not CampaignTarget.objects.filter(is_open=True).exists()
    later = factory.draft("C2")
    factory.publish("C2")
    assert reads.get(reference="C2").phase is Phase.NOTIFIED
    assert CampaignTarget.objects.filter(is_open=True).values_list("campaign_id").distinct().get() == (
        later.campaign_id,
    )


def test_nothing_of_an_abandoned_campaign_is_sent_and_what_is_out_may_still_answer():
    campaign = factory.piloting()
    sent = factory.send_night(campaign, 0)
    factory.plan(campaign, 3)
    campaigns.abandon(reference="C1", because="Wrong image.", actor=operator(), at=factory.evening(3))
    gateway = factory.RecordingGateway()
    tranches.dispatch(
        campaign_id=campaign.campaign_id,
        chunk_ids=list(campaign_chunks(campaign)),
        gateway=gateway,
        at=factory.evening(3),
    )
    assert gateway.instructions == []
    timetable.look(at=factory.evening(4))
    assert factory.plan(campaign, 4) == 0
    factory.Reporter().report(sent.hubs, EventKind.ACTIVATED, at=factory.evening(4))
    assert {upgrade.state for upgrade in factory.upgrades(campaign, device_id__in=sent.hubs)} == {"ACTIVATED"}


def campaign_chunks(campaign):
    return list(Chunk.objects.filter(campaign_id=campaign.campaign_id).values_list("chunk_id", flat=True))


def test_a_draft_is_abandoned_without_a_hold_and_an_ended_campaign_not_again():
    factory.draft()
    ended = campaigns.abandon(reference="C1", because="Not wanted.", actor=operator(), at=PUBLISHED_AT)
    assert (ended.phase, ended.is_held) == (Phase.ABANDONED, False)
    with pytest.raises(NoSuchMove):
        campaigns.abandon(reference="C1", because="Again.", actor=operator(), at=PUBLISHED_AT)


def test_abandoning_needs_a_reason():
    factory.draft()
    with pytest.raises(Invalid, match="Suppliers will read it"):
        campaigns.abandon(reference="C1", because=" ", actor=operator(), at=PUBLISHED_AT)


# The pilot list


def test_the_pilot_takes_the_first_in_the_campaigns_own_order_of_every_model_and_region():
    """Two campaigns do not try the same homes first: their offsets differ, and so do their pilots."""
    first = factory.published("C1")
    listed = set(PilotHub.objects.filter(campaign_id=first.campaign_id).values_list("device_id", flat=True))
    strata: dict[tuple[int, int], list[CommunicationsHub]] = {}
    for hub in factory.eligible_hubs(first):
        strata.setdefault((hub.device_model_id, hub.region_id), []).append(hub)
    for hubs in strata.values():
        hubs.sort(key=lambda hub: lots.place(lot=hub.lot, offset=first.lot_offset))
        assert hubs[0].device_id in listed
