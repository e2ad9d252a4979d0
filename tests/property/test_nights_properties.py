"""On random small fleets SQL chooses what the rules choose, and no night carries more than it can."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelaunch.domain.campaigns import CampaignRules, Phase
from safelaunch.domain.eligibility import Eligibility, HubFacts, judge
from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.smi import CplStatus, SmiStatus
from safelaunch.domain.suspension import is_in_use
from safelaunch.domain.tranches import Exposure, ceiling
from safelaunch.store.models import (
    Campaign,
    CampaignRegion,
    Chunk,
    CommunicationsHub,
    CplEntry,
    CspRegion,
    DeviceModel,
    HubUpgrade,
)
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.reads import tranches as tranche_reads
from tests import estate_factory as factory
from tests.conftest import empty
from tests.estate_factory import Reporter, evening, night

pytestmark = pytest.mark.usefixtures("database")
FLEET = 150
on_the_database = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def fresh_roll_out(**changes):
    empty()
    factory.load_estate(hubs=FLEET)
    return factory.rolling_out(**changes)


@on_the_database
@given(st.randoms(use_true_random=False))
def test_the_selection_takes_exactly_the_hubs_that_the_rules_find_eligible(database, random):
    campaign = fresh_roll_out()
    models = list(DeviceModel.objects.filter(device_type="CHF"))
    targets = {
        target.from_model_id: target.to_model_id
        for target in reads.list_targets(campaign_id=campaign.campaign_id)
    }
    for to_model in set(targets.values()):
        status = random.choice([CplStatus.ACTIVE, CplStatus.ACTIVE, CplStatus.WITHDRAWN])
        CplEntry.objects.filter(device_model_id=to_model).update(status=status)
    cpl = dict(CplEntry.objects.values_list("device_model_id", "status"))
    for hub in CommunicationsHub.objects.all():
        hub.device_model_id = random.choice(models).device_model_id
        hub.smi_status = random.choice([SmiStatus.COMMISSIONED, random.choice(list(SmiStatus))])
        if hub.smi_status is SmiStatus.SUSPENDED:
            hub.status_before = random.choice([None, SmiStatus.COMMISSIONED, SmiStatus.PENDING])
            hub.commissioned_on = random.choice([None, hub.commissioned_on])
        hub.lot = random.choice([hub.lot, random.randrange(4)])
        hub.save()
    versions = {model.device_model_id: model.firmware_version for model in models}
    expected = set()
    for hub in CommunicationsHub.objects.all():
        to_model = targets.get(hub.device_model_id)
        facts = HubFacts(
            firmware_version=versions[hub.device_model_id],
            smi_status=SmiStatus(hub.smi_status),
            is_in_use=is_in_use(
                SmiStatus(hub.smi_status),
                remembered=SmiStatus(hub.status_before) if hub.status_before else None,
                commissioned_on=hub.commissioned_on,
            ),
            is_target_model=to_model is not None,
            target_cpl_status=CplStatus(cpl[to_model]) if to_model else None,
        )
        if judge(facts, firmware_version=campaign.firmware_version) is Eligibility.ELIGIBLE:
            expected.add(hub.device_id)
    factory.set_capacity(random.randint(5, FLEET))
    Campaign.objects.update(eligible_count=FLEET)
    CampaignRegion.objects.update(eligible_count=FLEET)
    for day in range(40):
        factory.send_night(campaign, day)
        regions = tranche_reads.list_campaign_regions(campaign_id=campaign.campaign_id)
        if all(region.is_exhausted for region in regions):
            break
    assert {row.device_id for row in HubUpgrade.objects.all()} == expected
    assert tranche_reads.is_anyone_left_behind(campaign_id=campaign.campaign_id) is False


@on_the_database
@given(
    capacities=st.lists(st.integers(0, 9), min_size=6, max_size=6),
    growth=st.sampled_from([0.0, 1.25, 4.0, 1_000.0]),
    floor=st.integers(1, 40),
    random=st.randoms(use_true_random=False),
)
def test_no_night_passes_a_regions_capacity_or_the_exposure_that_proof_allows(
    database, capacities, growth, floor, random
):
    rules = CampaignRules(growth=growth, growth_floor=floor, soak_days=1, pilot_share=0.000_001)
    campaign = fresh_roll_out(rules=rules)
    limit = dict(zip(CspRegion.objects.values_list("region_id", flat=True), capacities, strict=True))
    for region, capacity in limit.items():
        CspRegion.objects.filter(region_id=region).update(nightly_capacity=capacity)
    reporter = Reporter()
    for day in range(5):
        proven = tranche_reads.count_proven(campaign_id=campaign.campaign_id, soaked_by=night(day - 1))
        factory.plan(campaign, day)
        tonight = Counter()
        for chunk in Chunk.objects.filter(tranche__night=night(day)):
            tonight[chunk.region_id] += chunk.hub_count
        assert all(tonight[region] <= limit[region] for region in limit)
        sent = HubUpgrade.objects.count()
        exposure = Exposure(sent=0, proven=proven, eligible=campaign.eligible_count, pilot_size=0)
        allowed = ceiling(phase=Phase.MASS_ROLL_OUT, rules=rules, exposure=exposure, day_of_phase=day)
        assert sent <= allowed
        gateway = factory.RecordingGateway()
        factory.dispatch_all(campaign, gateway, at=evening(day))
        for hub in gateway.hubs:
            kind = random.choice([EventKind.ACTIVATED, EventKind.NOT_REACHED, EventKind.ACTIVATION_FAILED])
            attempt = HubUpgrade.objects.get(device_id=hub).attempt
            reporter.report([hub], kind, at=evening(day, hour=21), attempt=attempt)
        assert factory.roll_ups() == factory.recounted_roll_ups()
    assert factory.portfolio() == factory.recount_portfolio()
