"""The API answers as the portal does: same people, same scope, same refusals."""

import pytest
from django.test import Client

from safelaunch.store.models import Campaign
from tests.doors.portal import scene
from tests.doors.portal.conftest import country, sign_in  # noqa: F401 - fixtures

CAMPAIGN = f"/api/v1/campaigns/{scene.REFERENCE}"


def test_nobody_is_let_in_without_signing_in(database):
    answer = Client(SERVER_NAME="localhost").get("/api/v1/campaigns")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert "sign-in link" in answer.json()["detail"]


def test_an_operator_sees_every_campaign_with_all_its_hubs(country, sign_in):  # noqa: F811
    (campaign,) = sign_in("Ada", "operator").get("/api/v1/campaigns").json()
    assert campaign["reference"] == scene.REFERENCE
    assert campaign["state"] == "MASS_ROLL_OUT"
    assert campaign["eligible"] == 360_000
    assert campaign["activated"] > 0


def test_a_supplier_sees_its_own_counts_only(country, sign_in):  # noqa: F811
    everything = sign_in("Ada", "operator").get(CAMPAIGN).json()
    own = sign_in("Cara", "supplier", "Beacon Energy").get(CAMPAIGN).json()
    assert 0 < own["activated"] < everything["activated"]


def test_a_supplier_without_hubs_in_it_cannot_tell_a_campaign_from_none(country, sign_in):  # noqa: F811
    client = sign_in("Zoe", "supplier", "Zephyr Supply")
    real, none = client.get(CAMPAIGN), client.get("/api/v1/campaigns/CH-NONE")
    assert real.status_code == none.status_code == 404
    assert real.json()["title"] == none.json()["title"]
    assert client.post(f"{CAMPAIGN}/stop", {}, content_type="application/json").status_code == 404


def test_a_supplier_stops_a_campaign_with_one_call(country, sign_in):  # noqa: F811
    before = Campaign.objects.get(reference=scene.REFERENCE)
    client = sign_in("Cara", "supplier", "Beacon Energy")
    answer = client.post(f"{CAMPAIGN}/stop", {"because": "Meters lost."}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["epoch"] == before.epoch + 1
    after = Campaign.objects.get(reference=scene.REFERENCE)
    assert (after.held_because, after.is_sev1_open) == ("Meters lost.", True)


def test_a_stop_without_the_form_token_is_refused_for_a_browser(country, sign_in):  # noqa: F811
    client = sign_in("Cara", "supplier", "Beacon Energy")
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    strict.cookies = client.cookies
    answer = strict.post(f"{CAMPAIGN}/stop", {"because": "no"}, content_type="application/json")
    assert answer.status_code == 403
    assert Campaign.objects.get(reference=scene.REFERENCE).held_because is None


def test_governance_may_not_stop_and_is_told_who_may(country, sign_in):  # noqa: F811
    answer = sign_in("Gail", "governance").post(f"{CAMPAIGN}/stop", {}, content_type="application/json")
    assert answer.status_code == 403
    assert "supplier" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "word"), [('{"because": 4}', "because"), ("{", "body"), ('{"because": null}', "because")]
)
def test_a_stop_that_is_not_understood_is_explained_and_changes_nothing(country, sign_in, body, word):  # noqa: F811
    client = sign_in("Ada", "operator")
    answer = client.post(f"{CAMPAIGN}/stop", body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert word in answer.content.decode()
    assert Campaign.objects.get(reference=scene.REFERENCE).held_at is None


def test_a_hub_is_explained_as_on_its_page(country, sign_in):  # noqa: F811
    why = sign_in("Ada", "operator").get(f"/api/v1/hubs/{scene.HUB}/why").json()
    assert why["headline"]
    assert why["reasons"]


def test_a_malformed_device_id_gets_a_sentence(country, sign_in):  # noqa: F811
    answer = sign_in("Ada", "operator").get("/api/v1/hubs/00-DB-12/why")
    assert answer.status_code == 422
    assert "eight pairs" in answer.json()["detail"]


def test_the_api_describes_itself(database):
    document = Client(SERVER_NAME="localhost").get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert f"{CAMPAIGN.replace(scene.REFERENCE, '{reference}')}/stop" in document["paths"]
