"""The products list and its proposals in the portal: found, previewed, agreed to by two people, without JavaScript."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from safelaunch.store import transactions
from safelaunch.store.models import CplEntry, CplProposal, Device
from safelaunch.store.writes import cpl as writes
from tests.doors.inventory_scene import VIEWERS, at_most, furnish
from tests.doors.portal.conftest import shown
from tests.services.suspension_scene import ESME, HUB, NEW, OLD, PPMID, enter, model, state_of

pytestmark = pytest.mark.usefixtures("database")
PROPOSALS = "/cpl/proposals/"


def hidden_of(page: str) -> dict[str, str]:
    """What a preview's form would send back."""
    form = page[page.index('id="propose"') :]
    found = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', form)
    return {name: value.replace("&quot;", '"') for name, value in found if name != "csrfmiddlewaretoken"}


def test_the_list_is_searched_filtered_paged_and_taken_away_as_it_stands():
    clients = furnish()
    alice = clients["Alice"]
    with at_most(6):
        page = shown(alice.get("/cpl/"))
    assert page.count('data-label="Device Model"') == 15
    assert "15 entries." in page
    page = shown(alice.get("/cpl/", {"type": "ESME", "search": NEW, "status": "ACTIVE"}))
    assert page.count('data-label="Device Model"') == 1
    assert 'value="00000002"' in page
    assert "cpl.csv?type=ESME&amp;status=ACTIVE&amp;search=00000002" in page
    sheet = alice.get("/cpl.csv", {"type": "ESME", "search": NEW}).content.decode().splitlines()
    assert sheet[1:] == [f"ESME,ABCD,0001,1,{NEW},SMETS V5.1,4.2,,,Active,2026-11-02"]
    assert "No entry is of this kind" in shown(alice.get("/cpl/", {"search": "nothing such"}))
    assert alice.get("/cpl/", {"type": "TOASTER", "status": "x", "after": "y"}).status_code == 200
    assert alice.get("/cpl/", {"search": "\0"}).status_code == 422
    for place in range(40):
        enter("PPMID", f"9{place:07}")
    page = shown(alice.get("/cpl/"))
    following = re.search(r'href="([^"]+)" rel="next"', page)[1].replace("&amp;", "&")
    rest = shown(alice.get(following))
    assert page.count('data-label="Device Model"') + rest.count('data-label="Device Model"') == 55
    assert "First page" in rest
    CplEntry.objects.all().delete()
    assert "The DCC enters Device Models." in shown(alice.get("/cpl/"))


def test_removing_an_entry_is_seen_first_then_proposed_and_applied_by_a_second_person():
    clients = furnish()
    olivia, arthur, alice = (clients[name] for name in ("Olivia", "Arthur", "Alice"))
    entry = f"/cpl/{model('PPMID').pk}/"
    assert "Count them" in shown(olivia.get(entry))
    with at_most(10):
        page = shown(olivia.get(entry, {"devices": "yes"}))
    assert "Alder" in page
    assert "Birch" in page
    page = shown(olivia.post(f"{entry}preview/", {"status": "Withdrawn"}))
    assert "This suspends 1 Device of 2 Suppliers." in page
    assert not CplProposal.objects.exists()
    said = hidden_of(page)
    assert said == {"status": "Withdrawn"}
    again = olivia.post(f"{entry}propose/", {**said, "because": " "})
    assert again.status_code == 422
    assert "Say in 1 to 2,000 characters why" in shown(again)
    made = olivia.post(f"{entry}propose/", {**said, "because": "Recalled <b>"})
    assert made.headers["Location"] == f"{PROPOSALS}1/"
    page = shown(olivia.get(f"{PROPOSALS}1/"))
    assert "Recalled &lt;b&gt;" in page
    assert "You proposed it; a second person, an approver, has to agree." in page
    assert "Approve and apply it" not in page
    assert "Nothing waits for you." in shown(olivia.get("/"))
    refused = olivia.post(f"{PROPOSALS}1/approve/")
    assert (refused.status_code, 'role="alert"' in shown(refused)) == (403, True)
    home = shown(arthur.get("/"))
    assert "Olivia proposes it. It suspends 1 Device; it needs your decision." in home
    assert f'href="{PROPOSALS}1/"' in home
    assert '<span class="badge">1<' in home
    assert "That is what was proposed." in shown(arthur.get(f"{PROPOSALS}1/", {"recount": "yes"}))
    assert arthur.post(f"{PROPOSALS}1/approve/").headers["Location"] == f"{PROPOSALS}1/"
    assert state_of(PPMID)[0] == "SUSPENDED"
    with at_most(10):
        page = shown(arthur.get(f"{PROPOSALS}1/"))
    assert "Done: 1 Device suspended, 0 restored." in page
    assert "How far the suspension has been told" in page
    assert "Nothing waits for you." in shown(arthur.get("/"))
    assert arthur.post(f"{PROPOSALS}1/decline/").status_code == 409
    assert "Proposal 1" in shown(olivia.get(entry))
    page = shown(alice.get(entry, {"devices": "yes"}))
    assert "Of your homes" in page
    for hidden in ("Proposal 1", "Arthur", "Birch", "Remove it"):
        assert hidden not in page


def test_a_file_is_previewed_carried_over_and_proposed():
    olivia = furnish()["Olivia"]
    sheet = olivia.get("/cpl.csv", {"type": "CHF", "search": OLD}).content.decode()

    def send(text):
        return olivia.post(PROPOSALS, {"file": SimpleUploadedFile("new, list.csv", text.encode())})

    assert "nothing to propose" in shown(send(sheet))
    page = shown(send(sheet.replace("Active", "Expired")))
    assert "This suspends 1 Device of 2 Suppliers." in page
    assert not CplProposal.objects.exists()
    said = {**hidden_of(page), "propose": "yes"}
    assert said["source"] == "new, list.csv"
    assert olivia.post(PROPOSALS, {**said, "because": ""}).status_code == 422
    assert olivia.post(PROPOSALS, {**said, "because": "New list"}).headers["Location"] == f"{PROPOSALS}1/"
    assert "Put aside" in shown(olivia.post(f"{PROPOSALS}1/decline/", follow=True))
    assert state_of(HUB)[0] == "COMMISSIONED"
    faulty = send(sheet.replace("Active", "Gone") + sheet.splitlines()[1])
    assert faulty.status_code == 422
    assert "One of Active, Cancelled, Expired, Withdrawn is expected." in shown(faulty)
    assert 'data-label="Column">status' in shown(faulty)
    assert "Choose a file" in shown(olivia.post(PROPOSALS))
    assert send("").status_code == 422
    assert "new, list.csv" in shown(olivia.get(PROPOSALS))


def test_one_entry_is_changed_and_a_wrong_word_is_kept_and_explained():
    olivia = furnish()["Olivia"]
    entry = f"/cpl/{model('ESME').pk}/"
    wrong = olivia.post(f"{entry}preview/", {"status": "Active", "gbcs_version": "4.9", "image_hash": "zz"})
    assert wrong.status_code == 422
    assert "Image hash cannot be &#x27;zz&#x27;." in shown(wrong)
    assert 'value="zz"' in shown(wrong)
    assert 'value="4.9"' in shown(wrong)
    page = shown(olivia.post(f"{entry}preview/", {"status": "Active", "predecessors": " 0a  0b "}))
    assert "This suspends and restores no Device." in page
    olivia.post(f"{entry}propose/", {**hidden_of(page), "because": "MP231"})
    assert CplProposal.objects.get().rows[0]["predecessors"] == ["0a", "0b"]
    assert olivia.post("/cpl/99999/preview/", {"status": "Withdrawn"}).status_code == 404


def test_a_proposal_that_is_being_applied_says_so_and_one_that_moved_says_why_not():
    clients = furnish()
    olivia, arthur = clients["Olivia"], clients["Arthur"]
    said = {"status": "Withdrawn", "because": "Recalled"}
    olivia.post(f"/cpl/{model('ESME').pk}/propose/", said)
    with transactions.transaction():
        writes.hold_proposal(cpl_proposal_id=1)
        page = shown(arthur.get(f"{PROPOSALS}1/"))
    assert "Being applied" in page
    assert "Approve and apply it" not in page
    Device.objects.filter(device_id=ESME).update(smi_status="DECOMMISSIONED")
    assert "That is not what was proposed" in shown(arthur.get(f"{PROPOSALS}1/", {"recount": "1"}))
    refused = arthur.post(f"{PROPOSALS}1/approve/")
    assert (refused.status_code, "consequences have changed" in shown(refused)) == (409, True)
    assert CplProposal.objects.get().state == "PROPOSED"


READERS = {
    "/cpl/": set(VIEWERS),
    "/cpl.csv": set(VIEWERS),
    "/cpl/1/": set(VIEWERS),
    PROPOSALS: {"Olivia", "Arthur", "Gail"},
    f"{PROPOSALS}1/": {"Olivia", "Arthur", "Gail"},
}
WRITERS = {
    "/cpl/1/preview/": {"Olivia", "Arthur"},
    "/cpl/1/propose/": {"Olivia", "Arthur"},
    PROPOSALS: {"Olivia", "Arthur"},
    f"{PROPOSALS}1/approve/": {"Arthur"},
}


def test_pages_and_acts_are_theirs_alone_to_whom_they_belong():
    clients = furnish()
    said = {"status": "Withdrawn", "because": "Recalled"}
    clients["Olivia"].post(f"/cpl/{model('ESME').pk}/propose/", said)
    for address, readers in READERS.items():
        for name, client in clients.items():
            answer = client.get(address)
            assert answer.status_code == (200 if name in readers else 404), (address, name)
            if name not in readers:
                assert "Recalled" not in shown(answer)
            assert ("Remove it" in shown(answer)) == (address == "/cpl/1/" and name in {"Olivia", "Arthur"})
    for address, writers in WRITERS.items():
        for name in set(VIEWERS) - writers:
            table = clients["Olivia"].get("/cpl.csv").content.decode().replace("4.2", "4.3")
            answer = clients[name].post(address, {**said, "table": table, "source": "x.csv"})
            assert answer.status_code in {403, 404}, (address, name)
    assert CplProposal.objects.count() == 1
    assert CplProposal.objects.get().state == "PROPOSED"
