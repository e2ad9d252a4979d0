from datetime import timedelta

import pytest
from django.test import Client

from safelaunch.services import people
from safelaunch.store.models import SignInLink
from tests.doors.portal import scene
from tests.doors.portal.conftest import shown

pytestmark = pytest.mark.usefixtures("country")


def browser(**options) -> Client:
    return Client(SERVER_NAME="localhost", **options)


@pytest.mark.parametrize(
    "address",
    ["/", "/campaigns/", "/campaigns/CH-2026-07/", "/portfolio/", "/portfolio.csv", f"/hubs/{scene.HUB}/"],
)
def test_signed_out_people_are_sent_to_the_page_that_says_how_to_get_a_link(address):
    response = browser().get(address, follow=True)
    assert response.redirect_chain[0][0].startswith("/sign-in/")
    assert "safelaunch user link NAME" in shown(response)
    assert "CH-2026-07" not in shown(response)


def test_a_polling_page_whose_session_ended_goes_to_the_sign_in_page():
    response = browser().get("/campaigns/CH-2026-07/live/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == "/sign-in/"
    assert response.content == b""


def test_a_preview_of_the_link_uses_nothing_up():
    token = people.bootstrap(name="Ada", at=scene.AT) if not people.list_people() else None
    scene.person(name="Ben", role="operator")
    token = token or people.issue_link(name="Ben", at=scene.AT)
    for _ in range(3):
        response = browser().get(f"/sign-in/{token}/")
        assert 'method="post"' in shown(response)
    assert browser().head(f"/sign-in/{token}/").status_code == 200
    assert SignInLink.objects.get().used_at is None
    assert browser().post(f"/sign-in/{token}/").status_code == 302
    assert SignInLink.objects.get().used_at == scene.AT


def test_a_used_link_is_refused_on_the_page_that_says_how_to_get_another(sign_in):
    sign_in("Ada", "operator")
    token = people.issue_link(name="Ada", at=scene.AT)
    browser().post(f"/sign-in/{token}/")
    again = browser().post(f"/sign-in/{token}/")
    assert again.status_code == 403
    assert "used already" in shown(again)
    assert "How to get a link" in shown(again)


def test_an_expired_link_is_refused(sign_in):
    sign_in("Ada", "operator")
    token = people.issue_link(name="Ada", at=scene.AT - timedelta(hours=2))
    assert "expired" in shown(browser().post(f"/sign-in/{token}/"))


def test_signing_in_begins_a_new_session_and_goes_where_the_person_wanted(sign_in):
    sign_in("Ada", "operator")
    client = browser()
    client.get("/portfolio/", follow=True)
    before = client.cookies["sessionid"].value
    response = client.post(f"/sign-in/{people.issue_link(name='Ada', at=scene.AT)}/")
    assert response.headers["Location"] == "/portfolio/"
    assert client.cookies["sessionid"].value != before


def test_nobody_is_sent_to_a_foreign_address_after_signing_in(sign_in):
    sign_in("Ada", "operator")
    client = browser()
    client.get("/sign-in/?next=https://example.org/")
    response = client.post(f"/sign-in/{people.issue_link(name='Ada', at=scene.AT)}/")
    assert response.headers["Location"] == "/"


def test_the_page_of_a_link_tells_no_other_page_its_address(sign_in):
    sign_in("Ada", "operator")
    response = browser().get(f"/sign-in/{people.issue_link(name='Ada', at=scene.AT)}/")
    assert response.headers["Referrer-Policy"] == "strict-origin", (
        "no address, but the origin forms are checked by"
    )


def test_signing_out_ends_the_session(sign_in):
    client = sign_in("Ada", "operator")
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/").status_code == 302


def test_a_form_from_elsewhere_is_refused(sign_in):
    client = sign_in("Ada", "operator")
    strict = browser(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/campaigns/CH-2026-07/stop/").status_code == 403
    assert "Held since" not in shown(client.get("/campaigns/CH-2026-07/"))


def test_every_page_carries_a_policy_that_allows_this_server_alone(sign_in):
    client = sign_in("Ada", "operator")
    for address in ("/", "/campaigns/CH-2026-07/", "/sign-in/", "/nowhere", f"/hubs/{scene.HUB}/"):
        response = client.get(address)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "no-store" in response.headers["Cache-Control"]
