"""Messages for hub campaigns: same envelope, same signatures, own namespace, own schema."""

from datetime import UTC, date, datetime, timedelta

import pytest

from safelaunch.domain.identifiers import Eui64
from safelaunch.domain.refusals import Invalid
from safelaunch.domain.smi import UserRole
from safelaunch.wire.duis import envelope
from safelaunch.wire.duis.device_ids import DeviceIds
from safelaunch.wire.duis.dialects import Dialect, dialect_of
from safelaunch.wire.duis.elements import MalformedBody
from safelaunch.wire.duis.envelope import MalformedEnvelope, read_request
from safelaunch.wire.duis.extension import (
    ForeignCampaignBody,
    eligible_roles,
    read_body,
    read_reply,
    reply_to,
    write_reply,
    write_request,
)
from safelaunch.wire.duis.extension.answers import (
    CONTENTS,
    MEANINGS,
    CampaignCode,
    DeferralAnswer,
    FeedbackAnswer,
    NominationAnswer,
    Outcome,
    ResultGroup,
    Results,
    StopAnswer,
    Verdict,
)
from safelaunch.wire.duis.extension.messages import (
    REQUESTS,
    AskResults,
    BringForward,
    Defer,
    EmergencyStop,
    Evidence,
    FoundWord,
    GiveFeedback,
    HubFinding,
    NominatePilot,
    NominationMode,
    PilotSchedule,
    Slot,
    WithdrawNomination,
)
from safelaunch.wire.duis.extension.own_schema import campaign_schema, schema_octets
from safelaunch.wire.duis.identifiers import RequestId
from safelaunch.wire.duis.opening import ForeignSender, Trust, open_request, open_response
from safelaunch.wire.duis.schema import SchemaViolation, load
from safelaunch.wire.duis.signature import UntrustedSignature, sign
from safelaunch.wire.duis.xml import GATEWAY, parse
from tests import pki
from tests.unit.wire.duis.messages import REQUEST, SHARED, needs_shared, signed

HUBS = DeviceIds.of([Eui64.parse("00-DB-12-34-56-78-90-A2"), Eui64.parse("00-DB-12-34-56-78-90-B2")])
NIGHT = datetime(2026, 3, 2, 1, tzinfo=UTC)
SLOT = Slot(not_before=NIGHT, not_after=NIGHT + timedelta(hours=4), device_ids=HUBS)
ASKED = RequestId(pki.SUPPLIER, pki.DSP, 1_772_359_200_001)
BODIES = {
    "SL1.1": NominatePilot(
        campaign="CH-2026-1",
        mode=NominationMode.REPLACE,
        device_ids=HUBS,
        schedule=PilotSchedule(slots=(SLOT,)),
    ),
    "SL1.2": WithdrawNomination(campaign="CH-2026-1"),
    "SL2": BringForward(campaign="CH-2026-1", slot=SLOT),
    "SL3": Defer(
        campaign="CH-2026-1",
        device_ids=HUBS,
        grounds="Half-hourly data would no longer be sent.",
        duty="Settlement",
        until=date(2026, 4, 1),
        evidence=(Evidence(name="report.pdf", media_type="application/pdf", content=b"%PDF"),),
    ),
    "SL4": EmergencyStop(campaign="CH-2026-1", reason="Meters do not answer.", device_ids=HUBS),
    "SL5": AskResults(campaign="CH-2026-1"),
    "SL6": GiveFeedback(
        campaign="CH-2026-1",
        findings=(
            HubFinding(found=FoundWord.WORKS, device_ids=HUBS),
            HubFinding(found=FoundWord.OTHER, words="The display flickers.", device_ids=HUBS),
        ),
    ),
}
ANSWERS = {
    "SL1.1": NominationAnswer(
        campaign="CH-2026-1",
        closes_at=NIGHT,
        outcomes=(Outcome(verdict=Verdict.REFUSED, reason="Not a hub of yours.", device_ids=HUBS),),
    ),
    "SL3": DeferralAnswer(campaign="CH-2026-1", reference="D-7", held_until=date(2026, 4, 1)),
    "SL4": StopAnswer(campaign="CH-2026-1", epoch=3, stopped_at=NIGHT, was_stopped=False, hubs_in_flight=12),
    "SL5": Results(
        campaign="CH-2026-1",
        state="PILOT",
        as_of=NIGHT,
        groups=(ResultGroup(state="ACTIVATED", night=date(2026, 3, 1), device_ids=HUBS),),
    ),
    "SL6": FeedbackAnswer(
        campaign="CH-2026-1",
        outcomes=(Outcome(verdict=Verdict.ACCEPTED, reason="Taken down.", device_ids=HUBS),),
    ),
}
TRUST = Trust(pki.trusted().find)


def written(variant: str = "SL4") -> bytes:
    return write_request(BODIES[variant], request_id=ASKED)


def test_every_variant_is_tried_here():
    assert set(BODIES) == set(REQUESTS)
    assert {type(each).__name__ for each in ANSWERS.values()} == set(CONTENTS)


@pytest.mark.parametrize("variant", BODIES)
def test_a_request_is_signed_opened_and_read(variant):
    opened = open_request(signed(written(variant)), trust=TRUST, at=pki.DURING)
    request = opened.envelope
    assert request.dialect is Dialect.CAMPAIGNS
    assert (request.command_variant, request.service_reference_variant) == (8, variant)
    assert read_body(parse(request.body_xml), variant=variant) == BODIES[variant]


@pytest.mark.parametrize("variant", ANSWERS)
def test_an_answer_is_signed_opened_and_read(variant):
    request = read_request(parse(written(variant)))
    reply = reply_to(request, code=CampaignCode.I0, at=NIGHT, content=ANSWERS[variant], reason="As asked.")
    dsp = pki.dsp()
    body = sign(write_reply(reply), key=dsp.key, certificate=dsp.certificate)
    opened = open_response(body, trust=TRUST, at=pki.DURING)
    assert read_reply(opened.envelope) == reply
    assert reply.request_id == ASKED


def test_a_nomination_of_fifty_thousand_hubs_is_opened():
    body = NominatePilot(campaign="C", mode=NominationMode.ADD, device_ids=DeviceIds(bytes(8 * 50_000)))
    opened = open_request(signed(write_request(body, request_id=ASKED)), trust=TRUST, at=pki.DURING)
    assert len(read_body(parse(opened.envelope.body_xml), variant="SL1.1").device_ids) == 50_000


def test_our_own_schema_always_speaks_before_the_signature():
    wrong = written().replace(b"<sl:Reason>", b"<sl:Cause>").replace(b"</sl:Reason>", b"</sl:Cause>")
    with pytest.raises(SchemaViolation, match=r"safelaunch-1\.xsd in line 1"):
        open_request(wrong, trust=TRUST, at=pki.DURING)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">SL4<", b">11.1<"),
        (b">8<", b">1<"),
        (b'schemaVersion="1.0"', b'schemaVersion="5.4"'),
        (b"sl:EmergencyStop", b"sl:Stop"),
        (b"<sl:Reason>Meters do not answer.</sl:Reason>", b"<sl:Reason></sl:Reason>"),
        (b",00-DB", b", 00-DB"),
        (b"</sl:Body>", b"</sl:Body><sl:Body/>"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_by_it(old, new):
    assert old in written()
    with pytest.raises(SchemaViolation):
        campaign_schema().check(parse(written().replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (b"<sl:Header>", b'<sr:Header xmlns:sr="urn:other">', MalformedEnvelope),
        (b"SL4</sl:ServiceReference>", b"11.1</sl:ServiceReference>", MalformedEnvelope),
        (b"<sl:EmergencyStop>", f'<sr:EmergencyStop xmlns:sr="{GATEWAY}">'.encode(), MalformedEnvelope),
    ],
)
def test_the_two_languages_do_not_mix(old, new, refusal):
    ends = {b"<sl:Header>": (b"</sl:Header>", b"</sr:Header>")}
    end = ends.get(old, (b"</sl:EmergencyStop>", b"</sr:EmergencyStop>"))
    text = written().replace(old, new)
    if old.startswith(b"<"):
        text = text.replace(*end)
    with pytest.raises(refusal):
        read_request(parse(text))


def test_a_duis_request_may_not_carry_a_campaign_body():
    inside = written().partition(b"<sl:Body>")[2].partition(b"</sl:Body>")[0]
    body = inside.replace(
        b"<sl:EmergencyStop>", f'<sl:EmergencyStop xmlns:sl="{Dialect.CAMPAIGNS}">'.encode()
    )
    with pytest.raises(MalformedEnvelope, match="is not an element of DUIS"):
        read_request(parse(REQUEST.replace(b"<sr:ReadFirmwareVersion/>", body)))


def test_a_campaign_request_of_another_party_is_refused():
    other = RequestId(pki.DSP, pki.SUPPLIER, 1)
    with pytest.raises(ForeignSender):
        open_request(signed(write_request(BODIES["SL4"], request_id=other)), trust=TRUST, at=pki.DURING)
    changed = signed(written()).replace(b"do not answer", b"do not speak")
    with pytest.raises(UntrustedSignature):
        open_request(changed, trust=TRUST, at=pki.DURING)


def test_an_unknown_namespace_is_read_as_duis_and_refused_as_such():
    root = parse(written().replace(b"campaigns:1", b"campaigns:2"))
    assert dialect_of(root) is Dialect.DUIS
    with pytest.raises(MalformedEnvelope, match="a DUIS Request is expected"):
        read_request(root)


def test_a_body_belongs_to_its_variant():
    element = parse(read_request(parse(written())).body_xml)
    with pytest.raises(ForeignCampaignBody, match="The body is EmergencyStop; SL3 has Defer"):
        read_body(element, variant="SL3")
    with pytest.raises(Invalid, match="none of the variants SL1"):
        read_body(element, variant="SL9")
    element.remove(element[0])
    with pytest.raises(MalformedBody, match="where CampaignReference is expected"):
        read_body(element, variant="SL4")


def test_a_slot_ends_after_it_begins():
    with pytest.raises(Invalid, match="has to end after it begins"):
        Slot(not_before=NIGHT, not_after=NIGHT, device_ids=HUBS)
    text = written("SL2").replace(b"05:00:00Z", b"00:30:00Z")
    with pytest.raises(MalformedBody, match="has to end after it begins"):
        read_body(parse(read_request(parse(text)).body_xml), variant="SL2")


def test_what_is_found_beside_the_usual_is_told_in_words():
    for words in (None, " "):
        with pytest.raises(Invalid, match="told in Words"):
            HubFinding(found=FoundWord.OTHER, words=words, device_ids=HUBS)
    text = written("SL6").replace(b"<sl:Words>The display flickers.</sl:Words>", b"")
    with pytest.raises(MalformedBody, match="told in Words"):
        read_body(parse(read_request(parse(text)).body_xml), variant="SL6")


def test_an_answer_of_another_form_is_refused():
    reply = write_reply(reply_to(read_request(parse(written())), code=CampaignCode.E902, at=NIGHT))
    with pytest.raises(MalformedBody, match="E20 is not a response code of this message set"):
        read_reply(envelope.read_response(parse(reply.replace(b">E902<", b">E20<"))))


def test_suppliers_speak_and_export_suppliers_may_ask():
    assert eligible_roles("SL4") == {UserRole.IS, UserRole.GS}
    assert eligible_roles("SL5") == {UserRole.IS, UserRole.GS, UserRole.ES}
    with pytest.raises(Invalid):
        eligible_roles("11.1")


def test_every_code_has_its_meaning_and_stands_in_the_schema():
    assert set(MEANINGS) == set(CampaignCode)
    published = schema_octets().decode()
    for word in (*CampaignCode, *REQUESTS, *Verdict, *NominationMode, *FoundWord):
        assert f'value="{word}"' in published


def test_the_schema_judges_lists_of_fifty_thousand_and_no_more():
    def request(count: int) -> bytes:
        body = NominatePilot(campaign="C", mode=NominationMode.ADD, device_ids=HUBS)
        ids = str(DeviceIds(bytes(8 * count))).encode()
        return write_request(body, request_id=ASKED).replace(str(HUBS).encode(), ids)

    campaign_schema().check(parse(request(50_000)))
    with pytest.raises(SchemaViolation, match="maxLength"):
        campaign_schema().check(parse(request(50_001)))


@needs_shared
def test_the_official_schema_is_not_asked_about_our_messages():
    trust = Trust(pki.trusted().find, schema=load(SHARED / "xsd"))
    assert open_request(signed(written()), trust=trust, at=pki.DURING).envelope.dialect is Dialect.CAMPAIGNS
    assert open_request(signed(REQUEST), trust=trust, at=pki.DURING).envelope.dialect is Dialect.DUIS
