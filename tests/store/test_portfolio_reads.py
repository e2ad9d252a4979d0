"""Roll-ups add up, and a Party's view of them holds that Party's hubs and no others."""

import pytest

from safelaunch.store.models import PortfolioCount, SupplierCount, TrancheCount
from safelaunch.store.reads import explanations, portfolio, progress
from tests.doors.portal import scene
from tests.doors.portal.scene import Scene


@pytest.fixture
def country(database: None) -> Scene:
    return scene.build(nights=12)


def total(rows) -> int:
    return sum(row.hub_count for row in rows)


def test_the_whole_portfolio_is_the_sum_of_the_roll_up(country):
    assert total(portfolio.list_portfolio_rows(party_id=None)) == total(PortfolioCount.objects.all())


def test_a_partys_portfolio_counts_a_dual_fuel_hub_once(country):
    ours = [
        row
        for row in PortfolioCount.objects.all()
        if country.beacon in (row.import_party_id, row.gas_party_id)
    ]
    assert total(portfolio.list_portfolio_rows(party_id=country.beacon)) == total(ours)


def test_the_parts_of_a_portfolio_add_up_to_it(country):
    whole = portfolio.list_portfolio_rows(party_id=country.tidewater)
    parts = [
        portfolio.list_portfolio_rows(party_id=country.tidewater, region=region)
        for region in portfolio.list_portfolio_regions()
    ]
    assert total(whole) == sum(total(part) for part in parts)
    suspended = portfolio.list_portfolio_rows(party_id=country.tidewater, smi_status="SUSPENDED")
    assert total(suspended) == total(row for row in whole if row.smi_status == "SUSPENDED")


def test_a_party_without_hubs_has_an_empty_portfolio(country):
    assert portfolio.list_portfolio_rows(party_id=9_999) == []


def test_a_campaigns_counters_are_the_sum_of_its_regions(country):
    for party_id in (None, country.beacon, country.larkspur, country.tidewater):
        view = progress.find_campaign_view(party_id=party_id, reference=scene.REFERENCE)
        regions = progress.list_region_progress(campaign_id=view.campaign_id, party_id=party_id)
        for name in ("planned", "in_flight", "activated", "failed", "unknown"):
            assert getattr(view, name) == sum(getattr(region, name) for region in regions)
        assert view.unreachable + view.recalled + view.withdrawn == sum(each.came_back for each in regions)


def test_the_counters_of_the_dcc_hold_every_hub_of_the_roll_up(country):
    view = progress.find_campaign_view(party_id=None, reference=scene.REFERENCE)
    assert view.planned + view.sent + view.withdrawn == total(SupplierCount.objects.all())


def test_nights_and_tranches_tell_the_same(country):
    nights = progress.list_nights(campaign_id=country.campaign_id)
    tranches = progress.list_tranche_rows(campaign_id=country.campaign_id, limit=1_000)
    assert [night.night for night in nights] == sorted({tranche.night for tranche in tranches})
    for name in ("activated", "failed", "unknown"):
        assert sum(getattr(night, name) for night in nights) == sum(getattr(each, name) for each in tranches)
    assert total(tranches) == total(TrancheCount.objects.all())


def test_a_supplier_is_told_nothing_that_is_not_its_own(country):
    view = progress.find_campaign_view(party_id=country.larkspur, reference=scene.REFERENCE)
    assert view.pilot_size is None
    assert view.eligible_count == round(400_000 * 0.9 * 0.3)
    assert progress.find_campaign_view(party_id=4, reference=scene.REFERENCE) is None


def test_a_supplier_that_came_to_homes_by_change_of_supplier_sees_the_campaign(country):
    SupplierCount.objects.create(
        campaign_id=country.campaign_id,
        import_party_id=4,
        gas_party_id=0,
        region_id=1,
        state="ACTIVATED",
        hub_count=7,
    )
    view = progress.find_campaign_view(party_id=4, reference=scene.REFERENCE)
    assert (view.activated, view.eligible_count) == (7, 7)


def test_kept_reports_are_counted_up_to_a_limit(country):
    assert sum(kept.event_count for kept in progress.list_kept_events()) == 2
    assert sum(kept.event_count for kept in progress.list_kept_events(limit=1)) == 1


def test_only_what_is_planned_and_not_sent_goes_next(country):
    planned = progress.list_planned_regions(party_id=None)
    assert total(planned) == total(SupplierCount.objects.filter(state="PLANNED"))
    assert {row.region for row in planned} == set(scene.REGIONS)


def test_a_hubs_happenings_come_newest_first_and_name_no_other_supplier(country):
    found = explanations.list_hub_happenings(device_id=scene.HUB, party_id=country.beacon)
    assert [each.happened_at for each in found] == sorted((each.happened_at for each in found), reverse=True)
    assert [each.detail for each in found if each.what == "N64"].count("To another Supplier") == 1
    assert len(explanations.list_hub_happenings(device_id=scene.HUB, party_id=None, limit=2)) == 2
