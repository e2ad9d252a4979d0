"""Displays that may show an earlier occupier's data, as JSON: whose homes, page by page, with what would mend it."""

import pytest

from tests.doors.portal import scene
from tests.doors.portal.conftest import country, sign_in  # noqa: F401 - fixtures

pytestmark = pytest.mark.usefixtures("country")
HOME = f"/api/v1/hubs/{scene.HUB}/tenancy"


def test_a_caller_reads_its_own_homes_page_by_page(sign_in):  # noqa: F811
    client = sign_in("Cara", "supplier", "Beacon Energy")
    assert client.get("/api/v1/tenancy").json() == {"displays": [], "next": None}
    scene.change_tenancy()
    first = client.get("/api/v1/tenancy", {"limit": 1}).json()
    (display,) = first["displays"]
    assert (display["hub"], display["fuel"], display["status"]) == (
        str(scene.HUB),
        "electricity",
        "HOLDS_OLD_DATA",
    )
    assert [mend["device_type"] for mend in display["mends"]] == ["CHF"]
    assert client.get("/api/v1/tenancy", {"limit": 1, "after": first["next"]}).json()["displays"] == []
    assert client.get(HOME).json() == [display]
    for words in ({"after": "leeds"}, {"after": "1:2:3"}, {"limit": 0}, {"limit": 501}):
        assert client.get("/api/v1/tenancy", words).status_code == 422
    other = sign_in("Larry", "supplier", "Larkspur Power")
    assert other.get("/api/v1/tenancy").json()["displays"] == []
    assert other.get(HOME).status_code == 404
