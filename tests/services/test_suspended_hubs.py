"""Hubs whose firmware left the CPL are upgraded like any other, and come back by it (R-0105-5)."""

import pytest

from safelaunch.domain.hub_upgrades import EventKind
from safelaunch.domain.people import Role
from safelaunch.domain.smi import DeviceType
from safelaunch.services import cpl, cpl_changes
from safelaunch.store.models import CommunicationsHub, DccAlert, DeviceModel, SuspensionEpisode
from safelaunch.store.reads import campaigns as reads
from safelaunch.store.reads import progress
from tests import estate_factory as factory
from tests.estate_factory import Reporter, evening

pytestmark = pytest.mark.usefixtures("database")


def remove(device_model_id: int, *, at) -> None:
    """Take a hub's Device Model off the CPL, by two people."""
    found = DeviceModel.objects.get(device_model_id=device_model_id)
    change = cpl.removal_of(
        cpl.ModelName(
            device_type=DeviceType.CHF,
            manufacturer=found.manufacturer,
            model=found.model,
            firmware_version=found.firmware_version,
            hardware_version=found.hardware_version,
        )
    )
    proposal = cpl_changes.propose(
        change, because="Drops its mesh", actor=factory.make_person("Una", Role.OPERATOR), at=at
    )
    second = factory.make_person("Ada", Role.APPROVER)
    cpl_changes.approve(cpl_proposal_id=proposal.cpl_proposal_id, actor=second, at=at)


def test_a_removal_in_the_middle_of_a_roll_out_takes_no_hub_out_of_it_and_the_upgrade_restores_each():
    factory.load_estate()
    campaign = factory.rolling_out()
    factory.set_capacity(20)
    factory.send_night(campaign, 0)
    [worst, *_] = sorted(
        {target.from_model_id for target in reads.list_targets(campaign_id=campaign.campaign_id)},
        key=lambda model: -CommunicationsHub.objects.filter(device_model_id=model).count(),
    )
    due = {hub.device_id for hub in factory.eligible_hubs(campaign)}
    served = set(
        CommunicationsHub.objects.filter(device_model_id=worst, is_in_use=True).values_list(
            "device_id", flat=True
        )
    )
    idle = CommunicationsHub.objects.filter(device_model_id=worst, is_in_use=False)
    before = dict(idle.values_list("device_id", "smi_status"))
    remove(worst, at=evening(0))

    assert set(
        CommunicationsHub.objects.filter(device_id__in=served).values_list("smi_status", "is_in_use")
    ) == {("SUSPENDED", True)}
    assert {hub.device_id for hub in factory.eligible_hubs(campaign)} == due
    assert factory.portfolio() == factory.recount_portfolio()
    regions = progress.list_region_progress(campaign_id=campaign.campaign_id, party_id=None)
    assert sum(region.eligible_count for region in regions) == len(due)

    factory.set_capacity(1_000)
    for day in range(1, 4):
        factory.send_night(campaign, day)
    assert {row.device_id for row in factory.upgrades(campaign)} == due
    Reporter().report(sorted(due), EventKind.ACTIVATED, at=evening(5))

    back = CommunicationsHub.objects.filter(device_id__in=served)
    assert set(back.values_list("smi_status", "status_before")) == {("COMMISSIONED", None)}
    told = list(DccAlert.objects.filter(code="N29").values_list("device_id", "user_id"))
    assert len(told) == len(set(told))
    assert {device_id for device_id, _ in told} >= served
    episodes = SuspensionEpisode.objects.filter(ended_because="NEW_FIRMWARE", device_id__in=served)
    assert episodes.count() == len(served)
    # What no campaign reaches stays as it is, and what never served a home is not restored by another's upgrade.
    assert set(
        CommunicationsHub.objects.filter(device_id__in=before).values_list("device_id", "is_in_use")
    ) == {(device_id, False) for device_id in before}
    assert factory.portfolio() == factory.recount_portfolio()
    assert factory.roll_ups() == factory.recounted_roll_ups()
