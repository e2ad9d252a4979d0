"""A Device's page, and the one search field that leads to hubs, Devices and homes."""

import pytest

from tests.doors.inventory_scene import MPAN, MPRN, VIEWERS, at_most, furnish
from tests.doors.portal.conftest import shown
from tests.services.suspension_scene import (
    ESME,
    GPF,
    GSME,
    HCALCS,
    HUB,
    LATEST,
    PPMID,
    make,
    model,
    reinstatement,
    removal,
)

pytestmark = pytest.mark.usefixtures("database")


def test_the_page_tells_what_it_is_why_it_is_suspended_what_to_do_and_what_happened():
    clients = furnish()
    make(removal("GSME"))
    with at_most(14):
        page = shown(clients["Bess"].get(f"/devices/{GSME}/"))
    for word in (
        "because CPL entry GSME ABCD/0001 hardware 1 00000001 was removed.",
        "The CPL lists no version that 00000001 may become (MP231)",
        f'href="/cpl/{model("GSME").pk}/"',
        f'href="/hubs/{HUB}/"',
        f'href="/devices/{ESME}/"',
        "Its firmware left the CPL",
        "Alert N28",
        "To Birch",
        "To Pipes",
        MPRN,
    ):
        assert word in page, word
    for hidden in (MPAN, "Alder"):
        assert hidden not in page
    make(reinstatement("GSME"), at=LATEST)
    page = shown(clients["Olivia"].get(f"/devices/{GSME}/"))
    assert "In service: commissioned since 1 January 2022." in page
    assert page.index("Alert N29") < page.index("Alert N28")
    assert "Its firmware was listed as Active again" in page


def test_every_device_of_the_home_has_a_page_and_the_hub_leads_to_each():
    alice = furnish()["Alice"]
    hub = shown(alice.get(f"/hubs/{HUB}/"))
    for device_id in (ESME, GSME, PPMID, HCALCS, GPF):
        assert f'href="/devices/{device_id}/"' in hub
        assert alice.get(f"/devices/{device_id}/").status_code == 200
    assert alice.get(f"/devices/{HUB}/").headers["Location"] == f"/hubs/{HUB}/"
    assert alice.get(f"/devices/{str(ESME).lower()}/").status_code == 200
    assert alice.get("/devices/leeds/").status_code == 422


SOUGHT = {
    str(HUB): (f"/hubs/{HUB}/", {"Alice", "Bess"}),
    str(ESME).replace("-", ""): (f"/devices/{ESME}/", {"Alice", "Bess"}),
    str(GPF).lower(): (f"/devices/{GPF}/", {"Alice", "Bess"}),
    f" {MPAN[:2]} {MPAN[2:]} ": (f"/hubs/{HUB}/", {"Alice"}),
    MPRN: (f"/hubs/{HUB}/", {"Bess"}),
    "00-00-00-00-00-00-00-01": ("", set()),
    "1": ("", set()),
}


def test_one_field_finds_everything_for_whom_it_concerns_and_nothing_for_others():
    clients = furnish()
    for asked, (address, seers) in SOUGHT.items():
        for name in VIEWERS:
            answer = clients[name].get("/hubs/", {"device_id": asked})
            if address and name in seers | {"Olivia", "Arthur", "Gail"}:
                assert answer.headers.get("Location") == address, (asked, name)
            else:
                assert answer.status_code == 404, (asked, name)
                assert 'role="alert"' in shown(answer)
    for address in (f"/devices/{ESME}/", f"/devices/{GPF}/", f"/hubs/{HUB}/"):
        page = clients["Cedric"].get(address)
        nobodys = clients["Cedric"].get(address.replace("12-34-56", "99-99-99"))
        assert page.status_code == nobodys.status_code == 404
        assert shown(page) == shown(nobodys).replace("99-99-99", "12-34-56")
