from datetime import timedelta

import pytest

from safelaunch.domain.registrations import SINCE_EVER
from safelaunch.store.models import Device, HubFeedback, Registration
from tests.doors.portal import scene
from tests.doors.portal.conftest import shown

ADDRESS = f"/hubs/{scene.HUB}/"


@pytest.mark.parametrize(
    "written",
    [
        "00-DB-12-34-56-78-90-A2",
        "00-db-12-34-56-78-90-a2",
        "  00db1234567890A2 ",
        "00:db:12:34:56:78:90:a2",
    ],
)
def test_the_search_takes_a_device_id_as_people_write_it(country, sign_in, written):
    response = sign_in("Ada", "operator").get("/hubs/", {"device_id": written})
    assert response.headers["Location"] == ADDRESS


def test_a_hub_of_an_address_in_lower_case_is_the_same_hub(country, sign_in):
    assert sign_in("Ada", "operator").get(ADDRESS.lower()).status_code == 200


def test_what_is_no_device_id_is_quoted_back_with_the_form_expected(country, sign_in):
    response = sign_in("Ada", "operator").get("/hubs/", {"device_id": "leeds"})
    assert response.status_code == 422
    assert "is not a Device ID" in shown(response)
    assert 'value="leeds"' in shown(response)


def test_the_page_tells_the_hub_its_devices_and_what_happened(country, sign_in):
    page = shown(sign_in("Ada", "operator").get(ADDRESS))
    assert f"Activated: it runs {scene.VERSION}." in page
    for word in (
        "Toshiba SKU1",
        "ESME",
        "GSME",
        "PPMID",
        "HCALCS",
        "1012345678901",
        "Alert N64",
        "Taken over",
    ):
        assert word in page
    assert page.index("Alert N64") < page.index("Delivered") < page.index("Attempt 1, chunk")


def test_a_supplier_sees_its_hub_without_the_name_or_the_mpxn_of_the_other_supplier(country, sign_in):
    page = shown(sign_in("Cara", "supplier", "Beacon Energy").get(ADDRESS))
    assert "Beacon Energy" in page
    assert "1012345678901" in page
    assert "another Supplier" in page
    assert "Tidewater" not in page
    assert "7654321009" not in page


def test_what_suppliers_found_stands_there_for_the_dcc_and_for_whoever_said_it(country, sign_in):
    operator = sign_in("Ada", "operator")
    assert "What Suppliers found" not in shown(operator.get(ADDRESS))
    HubFeedback.objects.create(
        campaign_id=country.campaign_id,
        party_id=country.beacon,
        device_id=scene.HUB,
        finding="METER_SILENT",
        words="<b>Since noon</b>",
        given_at=scene.AT,
    )
    page = shown(operator.get(ADDRESS))
    assert "Meter silent" in page
    assert "&lt;b&gt;Since noon" in page
    assert "Meter silent" in shown(sign_in("Cara", "supplier", "Beacon Energy").get(ADDRESS))
    assert "Meter silent" not in shown(sign_in("Tina", "supplier", "Tidewater Gas").get(ADDRESS))


def test_the_gas_supplier_sees_it_too(country, sign_in):
    page = shown(sign_in("Tess", "supplier", "Tidewater Gas").get(ADDRESS))
    assert "7654321009" in page
    assert "1012345678901" not in page


def test_another_suppliers_hub_is_answered_as_one_that_does_not_exist(country, sign_in):
    client = sign_in("Cara", "supplier", "Beacon Energy")
    theirs = client.get(f"/hubs/{scene.OTHER_HUB}/")
    nobodys = client.get("/hubs/00-00-00-00-00-00-00-01/")
    assert theirs.status_code == nobodys.status_code == 404
    assert shown(theirs).replace(str(scene.OTHER_HUB), "") == shown(nobodys).replace(
        "00-00-00-00-00-00-00-01", ""
    )
    searched = client.get("/hubs/", {"device_id": str(scene.OTHER_HUB)})
    assert searched.status_code == 404


def test_a_hub_nothing_has_happened_to_says_so(country, sign_in):
    page = shown(sign_in("Ada", "operator").get(f"/hubs/{scene.UNTOUCHED_HUB}/"))
    assert "Nothing has happened to this hub yet" in page
    assert "37 % of the way round" in page


def test_a_suspended_device_is_explained_on_the_page_of_its_hub(country, sign_in):
    Device.objects.filter(device_type="ESME").update(smi_status="SUSPENDED", status_before="COMMISSIONED")
    page = shown(sign_in("Ada", "operator").get(ADDRESS))
    assert "Suspended, because the inventory was told so when the Device was entered." in page
    assert "It is restored to commissioned when an answer to 11.2 or 11.3 shows firmware" in page


def test_a_former_supplier_sees_its_own_time_and_nothing_of_the_home_as_it_is(country, sign_in):
    told = scene.AT - timedelta(days=400)
    for starts_at, party_id in ((SINCE_EVER, country.beacon), (told, country.larkspur)):
        Registration.objects.create(
            mpxn="1012345678901",
            role="IS",
            starts_at=starts_at,
            party_id=party_id,
            known_at=told,
            took_effect_at=told,
        )
    page = shown(sign_in("Cara", "supplier", "Beacon Energy").get(ADDRESS))
    assert "You have not been responsible for this hub since" in page
    assert "Nothing happened to this hub in that time." in page
    for hidden in ("Devices behind it", "1012345678901", "Toshiba", scene.VERSION, "Alert N64"):
        assert hidden not in page
    page = shown(sign_in("Lars", "supplier", "Larkspur Power").get(ADDRESS))
    assert "Alert N64" in page


def test_what_displays_show_of_an_earlier_occupier_is_told_with_what_would_mend_it(country, sign_in):
    operator = sign_in("Ada", "operator")
    assert "earlier occupier" not in shown(operator.get(ADDRESS))
    scene.change_tenancy()
    for client in (operator, sign_in("Tess", "supplier", "Tidewater Gas")):
        page = shown(client.get(ADDRESS))
        for word in ("Tenancy epoch 1", "Holds old data", "electricity", "No firmware on the CPL does it"):
            assert word in page
