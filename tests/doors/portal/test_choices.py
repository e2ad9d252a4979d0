"""Choosing, deferring and the calendar in the portal and by REST: the same people, scope and refusals."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from safelaunch.services import people, timetable
from safelaunch.store.models import OwnTurn, Party, PlannedEvent
from safelaunch.store.reads import campaigns
from tests import estate_factory as factory
from tests.doors.portal.conftest import shown

ALDER = 1
AT = factory.PUBLISHED_AT


@pytest.fixture
def clients(database):
    """A Supplier, another one, an approver and governance, in a campaign whose list is open."""
    factory.load_estate()
    timetable.step_clock(to=AT)
    factory.published()
    found = {}
    rival = Party.objects.exclude(name="Alder Energy").filter(kind="SUPPLIER").first().name
    roles = {
        "Sam": ("SUPPLIER", "Alder Energy"),
        "Rival": ("SUPPLIER", rival),
        "Arthur": ("APPROVER", None),
        "Gail": ("GOVERNANCE", None),
    }
    for name, (role, party) in roles.items():
        people.create_person(name=name, role=role, party_name=party, at=AT)
        found[name] = Client(SERVER_NAME="localhost")
        token = people.issue_link(name=name, at=AT)
        assert found[name].post(f"/sign-in/{token}/").status_code == 302
    return found


def own_hubs(count=3):
    hubs = factory.eligible_hubs(campaigns.get(reference="C1"))
    return sorted(
        str(hub.device_id)
        for hub in hubs
        if hub.import_party_id == ALDER and hub.gas_party_id in {None, ALDER}
    )[:count]


def test_a_deferral_is_asked_for_seen_in_the_queue_and_decided_by_two(clients):
    sam, gail, arthur = clients["Sam"], clients["Gail"], clients["Arthur"]
    given = {
        "campaign": "C1",
        "hubs": "\n".join(own_hubs()),
        "grounds": "<b>It breaks.</b>",
        "until": "2026-03-20",
    }
    bad = sam.post("/deferrals/", {**given, "hubs": "nonsense"})
    assert (bad.status_code, "&lt;b&gt;It breaks." in shown(bad)) == (422, True), "what was typed is kept"
    assert sam.post("/deferrals/", {**given, "until": "soon"}).status_code == 422
    nothing = sam.post("/deferrals/", {**given, "hubs": "00-DB-00-00-00-00-00-01"})
    assert (nothing.status_code, "no Communications Hub that you" in shown(nothing)) == (422, True)
    done = sam.post("/deferrals/", {**given, "evidence": SimpleUploadedFile("r.html", b"<script>1</script>")})
    assert done.status_code == 302
    address = done["Location"]
    page = shown(sam.get(address))
    assert "3 hubs of C1" in page
    assert "<b>It breaks." not in page
    file = sam.get(re.search(r'href="(/deferrals/\d+/files/\d+/)"', page)[1])
    assert (file.content, file["Content-Type"]) == (b"<script>1</script>", "application/octet-stream")
    assert "attachment" in file["Content-Disposition"]
    assert clients["Rival"].get(address).status_code == 404
    assert "It breaks" not in shown(clients["Rival"].get("/deferrals/"))
    assert "it is to be decided by" in shown(gail.get("/"))
    assert sam.post(f"{address}propose/", {"decision": "ACCEPT", "reason": "Mine."}).status_code == 403
    assert gail.post(f"{address}propose/", {"decision": "", "reason": "?"}).status_code == 422
    assert gail.post(f"{address}propose/", {"decision": "REFUSE", "reason": "No duty."}).status_code == 302
    assert gail.post(f"{address}agree/").status_code == 403
    assert "You are the second person" in shown(arthur.get(address))
    assert arthur.post(f"{address}agree/").status_code == 302
    assert not OwnTurn.objects.filter(not_before__gt=AT).exists()
    assert "you may appeal" in shown(sam.get("/"))
    assert sam.post(f"{address}appeal/", {"why": "Look again."}).status_code == 302
    assert "Direction of the Panel" in shown(gail.get(address))
    assert sam.post(f"{address}withdraw/").status_code == 302
    assert "Withdrawn" in shown(sam.get("/deferrals/"))
    assert [client.get("/deferrals/").status_code for client in clients.values()] == [200] * 4


def test_a_list_is_pasted_every_hub_is_answered_and_its_standing_shown(clients):
    sam, hubs = clients["Sam"], own_hubs()
    given = {"act": "add", "hubs": ", ".join([*hubs, "00-DB-00-00-00-00-00-01"])}
    page = shown(sam.post("/campaigns/C1/choice/", given))
    assert "3 hubs taken down" in page
    assert "no Communications Hub that you are responsible for" in page
    slot = {"not_before": "2026-03-30T20:00", "not_after": "2026-03-30T22:00"}
    assert "1 hub taken down" in shown(
        sam.post("/campaigns/C1/choice/", {"act": "forward", "hubs": hubs[0], **slot})
    )
    assert sam.post("/campaigns/C1/choice/", {"act": "forward", "hubs": hubs[0]}).status_code == 422
    assert sam.post("/campaigns/C1/choice/", {"act": "dance", "hubs": hubs[0]}).status_code == 422
    file = SimpleUploadedFile("list.csv", "\n".join(hubs[:1]).encode())
    assert "1 hub taken down" in shown(sam.post("/campaigns/C1/choice/", {"act": "replace", "file": file}))
    assert hubs[0] in shown(sam.get("/campaigns/C1/choice/"))
    assert clients["Gail"].get("/campaigns/C1/choice/").status_code == 403
    assert sam.get("/campaigns/C9/choice/").status_code == 404
    assert "/campaigns/C1/choice/" in shown(sam.get("/campaigns/C1/"))


def test_the_calendar_takes_plans_and_its_feed_needs_no_session_and_shows_no_other_homes(clients):
    sam = clients["Sam"]
    head = "device_id,kind,planned_from,planned_until,note"
    rows = [f"{own_hubs()[0]},VISIT,2026-03-04T09:00:00Z,2026-03-04T10:00:00Z,", "x,VISIT,1,2,"]
    file = SimpleUploadedFile("plans.csv", "\n".join([head, *rows]).encode())
    page = shown(sam.post("/calendar/", {"file": file}))
    assert "1 plan taken, 1 row rejected" in page
    assert PlannedEvent.objects.count() == 1
    assert sam.post("/calendar/").status_code == 422
    address = re.search(r'href="http://localhost(/calendar/[^"]+\.ics)"', page)[1]
    feed = Client(SERVER_NAME="localhost").get(address)
    assert feed["Content-Type"].startswith("text/calendar")
    assert b"A visit in 1 homes" in feed.content
    assert Client(SERVER_NAME="localhost").get(address.replace(".ics", "x.ics")).status_code == 404
    other = shown(clients["Rival"].get("/calendar/"))
    assert "A visit in" not in other
    assert "A visit in 1 homes" in shown(clients["Gail"].get("/calendar/"))
    assert (
        clients["Gail"].post("/calendar/", {"file": SimpleUploadedFile("p.csv", head.encode())}).status_code
        == 403
    )


def test_rest_does_what_the_portal_does(clients):
    sam, gail, arthur, hubs = clients["Sam"], clients["Gail"], clients["Arthur"], own_hubs()

    def post(client, path, body):
        return client.post(f"/api/v1/{path}", body, content_type="application/json")

    wished = post(sam, "campaigns/C1/nominations", {"device_ids": [*hubs, "00-DB-00-00-00-00-00-01"]})
    assert (wished.status_code, wished.json()["taken"], len(wished.json()["hubs"])) == (200, 3, 4)
    slot = {"not_before": "2026-03-30T20:00:00+01:00", "not_after": "2026-03-30T22:00:00+01:00"}
    assert post(sam, "campaigns/C1/forward", {"device_ids": hubs[:1], **slot}).json()["taken"] == 1
    assert post(sam, "campaigns/C1/forward", {"device_ids": hubs[:1]}).status_code == 422
    page = sam.get("/api/v1/campaigns/C1/wishes?limit=2").json()
    assert [one["standing"] for one in page["hubs"]] == ["WAITING", "WAITING"]
    assert len(sam.get(f"/api/v1/campaigns/C1/wishes?after={page['next']}").json()["hubs"]) == 1
    assert post(sam, "campaigns/C1/nominations/withdraw", {}).json()["taken"] == 3
    body = {
        "device_ids": hubs,
        "grounds": "It breaks.",
        "evidence": [{"name": "a.txt", "content": "SXQgYnJlYWtzLg=="}],
    }
    assert (
        post(sam, "campaigns/C1/deferrals", {**body, "evidence": [{"name": "a", "content": "?"}]}).status_code
        == 422
    )
    made = post(sam, "campaigns/C1/deferrals", body)
    assert (made.status_code, made.json()["outcomes"]["taken"]) == (201, 3)
    path = f"deferrals/{made.json()['number']}"
    one = gail.get(f"/api/v1/{path}").json()
    assert (one["state"], one["clock"], one["files"][0]["octets"]) == ("REQUESTED", "RUNNING", 10)
    assert sam.get(f"/api/v1/{path}/files/{one['files'][0]['number']}").content == b"It breaks."
    assert len(sam.get(f"/api/v1/{path}/hubs").json()) == 3
    assert clients["Rival"].get(f"/api/v1/{path}").status_code == 404
    assert clients["Rival"].get("/api/v1/deferrals").json()["deferrals"] == []
    assert post(gail, f"{path}/propose", {"decision": "REFUSE", "reason": "No duty."}).status_code == 200
    assert post(arthur, f"{path}/agree", {}).json()["state"] == "REFUSED"
    assert post(sam, f"{path}/appeal", {"why": "Look again."}).json()["state"] == "APPEALED"
    assert post(sam, f"{path}/withdraw", {}).json()["state"] == "WITHDRAWN"
    assert sam.get("/api/v1/deferrals?state=WITHDRAWN").json()["deferrals"][0]["campaign"] == "C1"
    head = "device_id,kind,planned_from,planned_until,note"
    row = f"{hubs[0]},VISIT,2026-03-04T09:00:00Z,2026-03-04T10:00:00Z,"
    file = SimpleUploadedFile("plans.csv", f"{head}\n{row}\n".encode())
    assert sam.post("/api/v1/calendar/plans", {"file": file}).json()["taken"] == 1
    assert sam.get("/api/v1/calendar").json()["planned"][0]["kind"] == "VISIT"
