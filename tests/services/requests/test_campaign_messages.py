"""Messages about hub campaigns go the way of every request, and are answered in their own language."""

import pytest

from safelaunch.domain.srv import WebService
from safelaunch.services import requests
from safelaunch.services.requests.answering import campaign_code
from safelaunch.services.requests.received import CampaignAnswer, CampaignMessage
from safelaunch.store.models import PartyUser, ServiceRequest
from safelaunch.wire.duis import extension
from safelaunch.wire.duis.dialects import Dialect
from safelaunch.wire.duis.extension.answers import CampaignCode
from safelaunch.wire.duis.extension.messages import AskResults
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.responses.codes import ResponseCode
from tests import pki
from tests.services.requests.scene import accept, ask
from tests.unit.wire.duis.messages import signed

pytestmark = pytest.mark.usefixtures("premises")


def results(counter=1_000, *, target=pki.DSP, change=lambda body: body):
    body = extension.write_request(
        AskResults(campaign="C1"), request_id=RequestId(pki.SUPPLIER, target, counter)
    )
    return signed(change(body))


def test_a_message_that_nobody_handles_yet_is_told_so_in_its_own_language(monkeypatch):
    monkeypatch.setattr(requests, "CAMPAIGN_HANDLERS", {})
    response = ask(results())
    reply = extension.read_reply(response)
    assert (response.dialect, reply.code) == (Dialect.CAMPAIGNS, CampaignCode.E904)
    assert reply.message.variant == "SL5"
    assert "does not serve" in reply.message.reason
    assert (ServiceRequest.objects.get().state, ServiceRequest.objects.get().response_code) == (
        "REFUSED",
        "E904",
    )


def test_a_handler_is_given_the_message_and_whoever_says_it(monkeypatch):
    given = []

    def handle(*, request, body, at):
        given.append((request, body))
        return CampaignAnswer(CampaignCode.E901, reason="There is no campaign C1.")

    monkeypatch.setattr(requests, "CAMPAIGN_HANDLERS", {"SL5": handle})
    reply = extension.read_reply(ask(results()))
    assert (reply.code, reply.message.reason) == (CampaignCode.E901, "There is no campaign C1.")
    ((request, body),) = given
    assert isinstance(request, CampaignMessage)
    assert (request.user.party_name, request.dsp_id, body) == (
        "Alder Energy",
        pki.DSP,
        AskResults(campaign="C1"),
    )


def test_a_repeat_is_refused_like_any_other():
    ask(results())
    assert ask(results()).response_code == "E65"
    assert ServiceRequest.objects.count() == 1


def test_a_message_is_the_dccs_to_answer_and_comes_to_its_web_service():
    assert ask(results(1), service=WebService.SEND_COMMAND).response_code == "E12"
    assert ask(results(2, target=pki.SUPPLIER)).response_code == "E12"


def test_only_suppliers_say_anything():
    PartyUser.objects.filter(user_id=pki.SUPPLIER, role="GS").delete()
    PartyUser.objects.filter(user_id=pki.SUPPLIER).update(role="ED")
    assert ask(results()).response_code == "E2"


def test_a_body_of_another_variant_is_refused():
    taken = accept(results(change=lambda body: body.replace(b"SL5", b"SL4")))
    assert isinstance(taken, requests.Declined)
    assert taken.code == CampaignCode.E12


@pytest.mark.parametrize("code", ResponseCode)
def test_every_code_of_duis_can_be_said_here(code):
    assert isinstance(campaign_code(code), CampaignCode)
