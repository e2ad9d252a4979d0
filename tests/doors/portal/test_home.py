import pytest

from safelaunch.store.models import Campaign, CspEvent, Person
from tests.doors.portal import scene
from tests.doors.portal.conftest import shown


def test_an_empty_house_says_how_to_begin(sign_in):
    from safelaunch.store import transactions
    from safelaunch.store.writes import clock

    with transactions.transaction():
        clock.set_stepped_clock(shows=scene.AT)
    page = shown(sign_in("Ada", "operator").get("/"))
    assert "safelaunch campaign create" in page
    assert "Nothing waits for you" in page
    assert "No hub is planned" in page


def test_home_shows_each_campaign_on_one_line_with_its_light_and_next_date(country, sign_in):
    page = shown(sign_in("Ada", "operator").get("/"))
    assert "CH-2026-07" in page
    assert "Mass roll-out" in page
    assert "On course" in page
    assert "Wed 31 Mar 2027" in page
    assert "of 360,000" in page


def test_home_counts_the_hubs_that_go_tonight_by_region(country, sign_in):
    page = shown(sign_in("Ada", "operator").get("/"))
    assert "Night" in page or "night" in page
    assert "4G Central" in page
    assert "Thu 3 Dec 2026" in page


def test_home_counts_reports_kept_aside_for_the_dcc_alone(country, sign_in):
    assert CspEvent.objects.filter(effect__in=["UNKNOWN_HUB", "NOT_INSTRUCTED"]).count() == 2
    assert "Device ID not in the inventory" in shown(sign_in("Ada", "operator").get("/"))
    assert "Reports kept aside" not in shown(sign_in("Cara", "supplier", "Beacon Energy").get("/"))


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("operator", "Two people can resume it once the cause is understood."),
        ("approver", "Two people can resume it once the cause is understood."),
        ("supplier", "This campaign is held. No hub is being sent."),
    ],
)
def test_a_held_campaign_is_what_needs_me(country, sign_in, role, sentence):
    Campaign.objects.update(held_at=scene.AT, held_because="Trouble", held_by="Ada")
    party = "Beacon Energy" if role == "supplier" else None
    page = shown(sign_in("Ada", role, party).get("/"))
    assert sentence in page
    assert '<span class="badge">1' in page


def test_a_proposed_resume_waits_for_the_second_person(country, sign_in):
    ada, ben = sign_in("Ada", "operator"), sign_in("Ben", "approver")
    Campaign.objects.update(
        held_at=scene.AT,
        held_because="Trouble",
        resume_proposed_by=Person.objects.get(name="Ada"),
        resume_reason="Mended",
    )
    assert "a second person has to approve" in shown(ada.get("/"))
    assert "Ada proposes to resume this held campaign; it needs your approval." in shown(ben.get("/"))


def test_a_proposed_gate_waits_for_the_approver(database, sign_in):
    scene.build(nights=8, phase="PILOT")
    ada, ben = sign_in("Ada", "operator"), sign_in("Ben", "approver")
    campaign = Campaign.objects.get()
    campaign.gatedecision_set.create(
        phase="PILOT",
        verdict="PASS",
        decision="PROCEED",
        reasons=[],
        evidence={},
        evidence_digest="0" * 64,
        person=Person.objects.get(name="Ada"),
        note="",
        decided_at=scene.AT,
    )
    assert "Nothing waits for you" in shown(ada.get("/"))
    assert "Ada proposes to open the gate; it needs your decision." in shown(ben.get("/"))


def test_a_supplier_without_homes_in_any_campaign_sees_none(country, sign_in):
    page = shown(sign_in("Zed", "supplier", "Zephyr Supply").get("/"))
    assert "CH-2026-07" not in page
    assert "No campaign concerns your homes yet" in page
