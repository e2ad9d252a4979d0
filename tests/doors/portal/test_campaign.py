import re

import pytest

from safelaunch.store.models import Campaign, Party, Tranche, TrancheCount
from tests.doors.portal import scene
from tests.doors.portal.conftest import shown

ADDRESS = "/campaigns/CH-2026-07/"


def figures(page: str) -> dict[str, int]:
    """The counters of a page by their word."""
    found = re.findall(r"</svg>([A-Za-z ]+)</dt><dd>([\d,]+)</dd>", page)
    return {word: int(count.replace(",", "")) for word, count in found}


def test_the_page_shows_the_release_its_counters_and_its_regions(country, sign_in):
    page = shown(sign_in("Ada", "operator").get(ADDRESS))
    assert "Network recovery after a power cut" in page
    assert scene.VERSION in page
    assert figures(page)["Activated"] > 10_000
    assert "as of <time" in page
    assert 'title="21:04:09 UTC, 3 December 2026"' in page
    for region in scene.REGIONS:
        assert region in page


def test_the_page_draws_the_exposure_curve_with_its_table_behind_it(country, sign_in):
    page = shown(sign_in("Ada", "operator").get(ADDRESS))
    assert '<svg class="chart"' in page
    assert "The same as a table (20 nights)" in page
    chart = page[page.index('<svg class="chart"') : page.index("</svg>", page.index('<svg class="chart"'))]
    assert len(chart) < 20_000
    assert "<title" in chart
    assert "<desc" in chart


def test_the_live_part_is_the_counters_alone_and_asks_again(country, sign_in):
    response = sign_in("Ada", "operator").get(f"{ADDRESS}live/", headers={"HX-Request": "true"})
    fragment = shown(response)
    assert fragment.strip().startswith('<div id="live"')
    assert 'hx-trigger="every 2s"' in fragment
    assert "<html" not in fragment


def test_a_campaign_that_is_over_asks_no_more(country, sign_in):
    Campaign.objects.update(phase="COMPLETE")
    page = shown(sign_in("Ada", "operator").get(ADDRESS))
    assert "every 2s" not in page
    assert "stop-button" not in page


@pytest.mark.parametrize(
    ("role", "party"), [("operator", None), ("approver", None), ("supplier", "Beacon Energy")]
)
def test_one_press_stops_without_a_question_or_a_reason(country, sign_in, role, party):
    client = sign_in("Ada", role, party)
    assert "stop-button" in shown(client.get(ADDRESS))
    response = client.post(f"{ADDRESS}stop/", follow=True)
    page = shown(response)
    assert "Held since" in page
    assert "Epoch 2 holds" in page
    assert "hubs are still in flight" in page
    assert Campaign.objects.get().held_at == scene.AT


def test_governance_may_look_and_not_stop(country, sign_in):
    client = sign_in("Gwen", "governance")
    assert "stop-button" not in shown(client.get(ADDRESS))
    refused = client.post(f"{ADDRESS}stop/")
    assert refused.status_code == 403
    assert "may not stop a campaign" in shown(refused)
    assert Campaign.objects.get().held_at is None


def test_resuming_takes_two_people(country, sign_in):
    ada, ben = sign_in("Ada", "operator"), sign_in("Ben", "approver")
    ada.post(f"{ADDRESS}stop/", {"because": "Hubs fall silent in Leeds"})
    empty = ada.post(f"{ADDRESS}resume/propose/", {"reason": " "})
    assert empty.status_code == 422
    assert "needs a reason" in shown(empty)
    ada.post(f"{ADDRESS}resume/propose/", {"reason": "A loose cable, mended"})
    page = shown(ben.get(ADDRESS))
    assert "Hubs fall silent in Leeds" in page
    assert "A loose cable, mended" in page
    assert "Approve and resume" in page
    assert "Approve and resume" not in shown(ada.get(ADDRESS))
    assert ada.post(f"{ADDRESS}resume/approve/").status_code == 403
    assert Campaign.objects.get().held_at is not None
    ben.post(f"{ADDRESS}resume/approve/")
    assert Campaign.objects.get().held_at is None


def test_an_approver_does_not_approve_their_own_proposal(country, sign_in):
    ben = sign_in("Ben", "approver")
    ben.post(f"{ADDRESS}stop/")
    ben.post(f"{ADDRESS}resume/propose/", {"reason": "Mended"})
    refused = ben.post(f"{ADDRESS}resume/approve/")
    assert refused.status_code == 403
    assert "a second person has to approve" in shown(refused)


def test_a_gate_lists_its_criteria_with_reasons_and_offers_no_way_past_doubt(database, sign_in):
    scene.build(nights=8, phase="PILOT")
    client = sign_in("Ben", "approver")
    page = shown(client.get(ADDRESS))
    assert "Gate after" in page
    assert "Doubt holds." in page
    assert "open the gate</button>" not in page
    digest = re.search(r'name="evidence_digest" value="([0-9a-f]{64})"', page).group(1)
    forced = client.post(f"{ADDRESS}gate/", {"decision": "PROCEED", "evidence_digest": digest, "note": "go"})
    assert forced.status_code == 409
    assert "The gate says INSUFFICIENT" in shown(forced)
    assert ">go</textarea>" in shown(forced)


def test_a_decision_on_figures_that_moved_is_refused(database, sign_in):
    scene.build(nights=8, phase="PILOT")
    refused = sign_in("Ben", "approver").post(
        f"{ADDRESS}gate/", {"decision": "HOLD", "evidence_digest": "0" * 64}
    )
    assert refused.status_code == 409
    assert "look at the new figures" in shown(refused)


def test_a_decision_that_is_neither_is_refused(database, sign_in):
    scene.build(nights=8, phase="PILOT")
    refused = sign_in("Ben", "approver").post(f"{ADDRESS}gate/", {"decision": "MAYBE"})
    assert refused.status_code == 422


def test_a_supplier_sees_its_own_hubs_and_nothing_of_others(country, sign_in):
    whole = figures(shown(sign_in("Ada", "operator").get(ADDRESS)))
    page = shown(sign_in("Lara", "supplier", "Larkspur Power").get(ADDRESS))
    own = figures(page)
    assert 0 < own["Activated"] < whole["Activated"] / 2
    for secret in ("Exposure by night", "Nightly tranches", "Fingerprint", "360,000", "Decisions so far"):
        assert secret not in page


def test_a_supplier_is_not_told_why_or_by_whom_another_one_stopped(country, sign_in):
    beacon = sign_in("Cara", "supplier", "Beacon Energy")
    larkspur = sign_in("Lara", "supplier", "Larkspur Power")
    beacon.post(f"{ADDRESS}stop/", {"because": "Our Leeds homes fall silent"})
    assert "Our Leeds homes" in shown(beacon.get(ADDRESS))
    told = shown(larkspur.get(ADDRESS))
    assert "Stopped by another Responsible Supplier" in told
    assert "Leeds" not in told
    assert "Cara" not in told


@pytest.mark.parametrize("path", ["", "live/", "tranches/"])
def test_a_campaign_that_concerns_none_of_a_suppliers_homes_does_not_exist_for_it(country, sign_in, path):
    client = sign_in("Zed", "supplier", "Zephyr Supply")
    theirs = client.get(f"{ADDRESS}{path}")
    assert theirs.status_code == 404
    nobodys = client.get(f"/campaigns/CH-0000-00/{path}")
    assert shown(theirs).replace("CH-2026-07", "X") == shown(nobodys).replace("CH-0000-00", "X")
    assert client.post(f"{ADDRESS}stop/").status_code == 404
    assert Campaign.objects.get().held_at is None


def test_a_supplier_may_not_page_through_everyones_tranches(country, sign_in):
    assert sign_in("Cara", "supplier", "Beacon Energy").get(f"{ADDRESS}tranches/").status_code == 404


def test_tranches_page_by_key_from_the_newest_to_the_oldest_without_gap_or_repeat(country, sign_in):
    client = sign_in("Ada", "operator")
    address, rows = f"{ADDRESS}tranches/", []
    while address:
        page = shown(client.get(address, headers={"HX-Request": "true"}))
        rows += re.findall(r'data-label="Night of">([^<]+)</th><td data-label="Region">([^<]+)<', page)
        following = re.search(r'href="([^"]+after=[^"]+)"', page)
        address = following.group(1) if following else None
    held = Tranche.objects.filter(
        tranche_id__in=TrancheCount.objects.filter(hub_count__gt=0).values("tranche_id")
    )
    assert len(rows) == len(set(rows)) == held.count() < 20 * 6, "a night without hubs is not shown"
    assert rows[0][0] == "Sat 28 Nov 2026"
    assert rows[-1][0] == "Mon 9 Nov 2026"


def test_a_broken_paging_key_shows_the_newest(country, sign_in):
    page = shown(sign_in("Ada", "operator").get(f"{ADDRESS}tranches/?after=nonsense"))
    assert "Sat 28 Nov 2026" in page
    assert "<html" in page


def test_what_a_person_wrote_is_shown_and_never_run(country, sign_in):
    client = sign_in("Ada", "operator")
    client.post(f"{ADDRESS}stop/", {"because": "<script>alert(1)</script>"})
    page = shown(client.get(ADDRESS))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_draft_is_for_the_dcc_alone(country, sign_in):
    Campaign.objects.update(phase="DRAFT", published_at=None)
    assert sign_in("Ada", "operator").get(ADDRESS).status_code == 200
    assert sign_in("Cara", "supplier", "Beacon Energy").get(ADDRESS).status_code == 404


@pytest.mark.parametrize("phase", ["DRAFT", "NOTIFIED", "PILOT", "SAFE_LAUNCH", "COMPLETE", "ABANDONED"])
def test_a_campaign_shows_in_every_phase(database, sign_in, phase):
    scene.build(nights=8, phase=phase)
    page = shown(sign_in("Ada", "operator").get(ADDRESS))
    assert page.count('<li class="now') + page.count('<li class="done') >= 1
    assert Party.objects.exists()
