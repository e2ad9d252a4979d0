import csv
import io
import re

from safelaunch.store.models import DeviceModel, PortfolioCount
from tests.doors.portal.conftest import shown


def rows_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_the_dcc_sees_all_and_may_choose_a_supplier(country, sign_in):
    client = sign_in("Ada", "operator")
    whole = sum(int(row["hubs"]) for row in rows_of(client.get("/portfolio.csv")))
    beacon = sum(int(row["hubs"]) for row in rows_of(client.get(f"/portfolio.csv?supplier={country.beacon}")))
    assert whole == sum(PortfolioCount.objects.values_list("hub_count", flat=True))
    assert beacon == round(whole * 0.55, -1) or abs(beacon - whole * 0.55) < 100
    page = shown(client.get(f"/portfolio/?supplier={country.beacon}"))
    assert f"{beacon:,}" in page
    assert "Beacon Energy</option>" in page


def test_a_supplier_sees_its_own_whatever_it_asks_for(country, sign_in):
    client = sign_in("Lara", "supplier", "Larkspur Power")
    own = client.get("/portfolio.csv").content
    assert client.get(f"/portfolio.csv?supplier={country.beacon}").content == own
    page = shown(client.get(f"/portfolio/?supplier={country.beacon}"))
    assert "Beacon" not in page
    assert "Larkspur Power" in page


def test_the_download_holds_exactly_what_the_page_shows(country, sign_in):
    client = sign_in("Ada", "operator")
    query = "?region=4G+North&status=SUSPENDED"
    rows = rows_of(client.get(f"/portfolio.csv{query}"))
    assert {row["region"] for row in rows} == {"4G North"}
    assert {row["status"] for row in rows} == {"SUSPENDED"}
    page = shown(client.get(f"/portfolio/{query}"))
    listed = re.findall(r'data-label="Hubs">([\d,]+)</td><td><svg', page)
    assert [row["hubs"] for row in rows] == [count.replace(",", "") for count in listed]
    assert "/portfolio.csv?region=4G+North&amp;status=SUSPENDED" in page


def test_the_download_is_harmless_to_spreadsheets(country, sign_in):
    DeviceModel.objects.filter(model="SKU1").update(manufacturer="=HYPERLINK(1)")
    rows = rows_of(sign_in("Ada", "operator").get("/portfolio.csv"))
    assert "'=HYPERLINK(1)" in {row["manufacturer"] for row in rows}
    assert not any(row["manufacturer"].startswith("=") for row in rows)


def test_campaign_states_of_the_hubs_come_from_the_roll_up(country, sign_in):
    page = shown(sign_in("Cara", "supplier", "Beacon Energy").get("/portfolio/"))
    assert "In campaigns" in page
    assert "CH-2026-07" in page
    assert "198,000" in page


def test_a_supplier_that_does_not_exist_is_not_found(country, sign_in):
    client = sign_in("Ada", "operator")
    assert client.get("/portfolio/?supplier=999").status_code == 404
    assert client.get("/portfolio/?supplier=nonsense").status_code == 200


def test_what_matches_nothing_says_what_to_do(country, sign_in):
    page = shown(sign_in("Ada", "operator").get("/portfolio/?region=Atlantis"))
    assert "clear it to see all" in page
