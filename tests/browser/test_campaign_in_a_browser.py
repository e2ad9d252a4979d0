"""People at their browsers: sign in, watch, stop, resume by two, and see no more than their own."""

import re

import pytest
from playwright.sync_api import expect

CAMPAIGN = "/campaigns/CH-DEMO-1/"
PAGES = ("/", "/campaigns/", CAMPAIGN, f"{CAMPAIGN}tranches/", "/portfolio/", "/hubs/")


def go(page, path):
    address = re.match(r"https?://[^/]+", page.url)
    page.goto(f"{address.group()}{path}")


def press_stop(page, because=""):
    page.get_by_label("Reason").fill(because)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(held(page)).to_be_visible()


def held(page):
    return page.get_by_role("heading", name=re.compile("Held since"))


def test_counters_move_without_a_reload(sign_in):
    page = sign_in("Olivia Operator")
    go(page, CAMPAIGN)
    page.evaluate("window.neverReloaded = true")
    before = page.locator("#live").inner_text()
    expect(page.locator("#live")).not_to_have_text(before, timeout=60_000)
    assert page.evaluate("window.neverReloaded") is True


def test_one_person_stops_at_once_and_two_resume(sign_in):
    olivia, arthur = sign_in("Olivia Operator"), sign_in("Arthur Approver")
    go(olivia, CAMPAIGN)
    press_stop(olivia, "Homes in Leeds report silence.")
    expect(olivia.get_by_text("Homes in Leeds report silence.")).to_be_visible()
    olivia.get_by_label("Why it is safe to resume").fill("The network was down.")
    olivia.get_by_role("button", name="Propose to resume").click()
    expect(olivia.get_by_text("A second person, an approver, has to agree.")).to_be_visible()
    expect(olivia.get_by_role("button", name="Approve and resume")).to_have_count(0)
    go(arthur, CAMPAIGN)
    arthur.get_by_role("button", name="Approve and resume").click()
    expect(held(arthur)).to_have_count(0)


def test_a_stop_needs_no_script(sign_in, running):
    page = sign_in("Olivia Operator", java_script_enabled=False)
    go(page, CAMPAIGN)
    press_stop(page)
    assert running.value("SELECT held_at IS NOT NULL FROM campaign") is True


def test_a_supplier_sees_its_own_homes_and_takes_them_home_as_a_file(sign_in, running):
    page = sign_in("Sam of Alder Energy")
    go(page, "/portfolio/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("CSV")).click()
    lines = waiting.value.path().read_text().splitlines()
    assert len(lines) > 1
    owned = running.value(
        "SELECT sum(hub_count) FROM portfolio_count JOIN party ON party_id IN (import_party_id, gas_party_id) "
        "WHERE name = 'Alder Energy'"
    )
    assert 0 < owned < running.value("SELECT count(*) FROM communications_hub")
    assert f"{owned:,}" in page.locator("main").inner_text()


def test_a_link_opens_once(sign_in, running, open_browser):
    sign_in("Olivia Operator")
    (link,) = [line.split()[-1] for line in running.says().splitlines() if line.strip().startswith("Olivia")]
    page = open_browser(java_script_enabled=False)
    page.goto(link)
    page.get_by_role("button", name="Sign in to Safelaunch").click()
    expect(page.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_telephone_and_a_wall(sign_in, scheme):
    page = sign_in("Arthur Approver", color_scheme=scheme)
    for width in (320, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        for path in PAGES:
            go(page, path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} at {width}"
            expect(page.get_by_role("main")).to_be_visible()
